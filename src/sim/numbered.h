/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A codec whose packets only carry their number: what came, came twice or never shows at once. */
#ifndef EAR_NUMBERED_H
#define EAR_NUMBERED_H

#include "port/codec.h"

/* Counts of the decoding side. */
struct ear_numbered_counts {
    int64_t encoded;  /* packets made */
    int64_t decoded;  /* packets heard */
    int64_t repeated; /* heard a second time, or after a later one */
    int64_t concealed_samples;
};

/* from and to are the codec of the talker and of the listener; both may be the same object. Packets
 * have the size that the format's rate gives, its cap at most. Free with free(). Returns 0,
 * -ENOMEM. */
EAR_CHECK int ear_numbered_new(struct ear_codec **ret);
void ear_numbered_get_counts(const struct ear_codec *codec, struct ear_numbered_counts *ret);

#endif
