/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How calls lie in memory: for calls.c, calls_file.c and move.c alone. */
#ifndef EAR_CALLS_TABLE_H
#define EAR_CALLS_TABLE_H

#include "store/calls.h"

struct ear_calls {
    uint64_t next_id;
    size_t count;
    struct ear_call_record records[EAR_CALLS_MAX]; /* the oldest first */
};

/* Bytes of text up to the first that is not UTF-8 or a control character. */
size_t ear_calls_good_length(const char *text, size_t len);

/* Of an earlier version; none where there is no file. On failure error holds one sentence. */
EAR_CHECK int ear_calls_load_file(struct ear_calls **ret, struct ear_home *home, char *error,
                                  size_t error_bytes);
/* ear_calls_save inside of a transaction. */
EAR_CHECK int ear_calls_put(const struct ear_calls *calls, struct ear_store *store);

#endif
