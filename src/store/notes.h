/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes that the user writes about a call or a person. */
#ifndef EAR_NOTES_H
#define EAR_NOTES_H

#include "store/store.h"

/* UTF-8 without its final 0. */
#define EAR_NOTE_BYTES_MAX 65536

struct ear_note {
    int64_t id;        /* never again */
    uint32_t person;   /* number in ear_people; 0: about nobody known */
    uint64_t call;     /* id in ear_calls; 0: about none */
    int64_t begun_s;   /* seconds of UTC since 1970 */
    int64_t changed_s; /* the last time */
    size_t len;        /* of its text */
};

/* thread: the store's. A change is on the disk (one fsync) before the return, as a whole or not at
 * all. All return 0 or more, or -errno: -ENOKEY while the store is locked, -ENOENT, -EBADMSG for
 * one that was altered, -EILSEQ and -EMSGSIZE for a text that cannot be one. */

/* Made, with *id 0, or written anew: as often as the user's typing asks for. note: person, call and
 * changed_s; begun_s counts for a new one, and *id is set then. */
EAR_CHECK int ear_notes_write(struct ear_store *store, const struct ear_note *note,
                              const char *text, int64_t *id);
/* The note about a call: there is one at most. */
EAR_CHECK int ear_notes_of_call(struct ear_store *store, uint64_t call, struct ear_note *ret);
/* With its final 0. Returns its length, -ENOBUFS when cap is too small. */
EAR_CHECK int64_t ear_notes_read(struct ear_store *store, int64_t id, char *out, size_t cap);
/* Of a person, of everybody with 0; the newest first, before an id (0: from the newest). Returns
 * how many were put into out. */
EAR_CHECK int ear_notes_list(struct ear_store *store, uint32_t person, int64_t before,
                             struct ear_note *out, size_t cap);
/* The same of those that hold the words, capitals or not. */
EAR_CHECK int ear_notes_search(struct ear_store *store, uint32_t person, const char *words,
                               int64_t before, struct ear_note *out, size_t cap);
/* Gone from the database and its log. */
EAR_CHECK int ear_notes_delete(struct ear_store *store, int64_t id);
EAR_CHECK int ear_notes_forget_person(struct ear_store *store, uint32_t person);

#endif
