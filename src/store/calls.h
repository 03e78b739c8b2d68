/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of a profile's calls: who, when, how long, how it ended. */
#ifndef EAR_CALLS_H
#define EAR_CALLS_H

#include "store/name.h"
#include "store/store.h"

/* The newest are kept. */
#define EAR_CALLS_MAX 1000
/* UTF-8 with its final 0. */
#define EAR_CALL_CALLBACK_BYTES 41
#define EAR_CALL_PLACE_BYTES 121

/* Of gaps and of rungs, the first. */
#define EAR_CALL_WAYS_KEPT 32

enum ear_call_direction {
    EAR_CALL_OUT, /* we called */
    EAR_CALL_IN,
};

/* A time without the line, and a rung of the ladder from one time on; seconds since the talk began.
 */
struct ear_call_gap {
    uint32_t at_s, length_s;
};
struct ear_call_rung {
    uint32_t at_s;
    uint8_t rung; /* enum ear_rung (line/ladder.h) */
};

struct ear_call_record {
    uint64_t id;     /* given by add, never again; 0: none */
    uint32_t person; /* number in ear_people; 0: nobody known */
    char name[EAR_NAME_BYTES];
    int64_t begin_s; /* wall clock, seconds of UTC since 1970 */
    uint32_t talk_s;
    int64_t bytes; /* both directions, as they were paid for */
    uint16_t gaps; /* times without the line */
    uint32_t gap_s;
    uint8_t gaps_kept, rungs_kept; /* how many of these are filled */
    struct ear_call_gap gap[EAR_CALL_WAYS_KEPT];
    struct ear_call_rung rung[EAR_CALL_WAYS_KEPT];
    uint8_t direction;                      /* enum ear_call_direction */
    uint8_t ending;                         /* enum ear_ending (call/phase.h) */
    bool missed;                            /* rang here and was not answered */
    bool seen;                              /* the user knows of it */
    char callback[EAR_CALL_CALLBACK_BYTES]; /* where to telephone should the line fail for good */
    char place[EAR_CALL_PLACE_BYTES];       /* where the patient is */
};

/* thread: main or worker. All functions work in memory alone, except for load and save. */
struct ear_calls;

/* None yet. Returns 0, -ENOMEM. */
EAR_CHECK int ear_calls_new(struct ear_calls **ret);
/* Those of the profile; none at first use. On failure error holds one sentence. Returns 0, -ENOKEY
 * while it is locked, -EBADMSG when damaged, -errno. */
EAR_CHECK int ear_calls_load(struct ear_calls **ret, struct ear_store *store, char *error,
                             size_t error_bytes);
/* Returns 0, -ENOKEY, -errno; then the disk holds those of before. */
EAR_CHECK int ear_calls_save(const struct ear_calls *calls, struct ear_store *store, char *error,
                             size_t error_bytes);
/* Wipes; NULL is allowed. */
void ear_calls_free(struct ear_calls *calls);

/* Takes a copy and gives it the next id, which it returns; the record's own id is not looked at.
 * The oldest one goes where there are EAR_CALLS_MAX. Text that is cut off in mid-letter or holds
 * control characters is cut before it. */
uint64_t ear_calls_add(struct ear_calls *calls, const struct ear_call_record *record);
/* Replaces the record with the same id. Returns 0, -ENOENT. */
EAR_CHECK int ear_calls_update(struct ear_calls *calls, const struct ear_call_record *record);

size_t ear_calls_count(const struct ear_calls *calls);
/* at < count; 0 is the newest. Borrowed until the next change. */
const struct ear_call_record *ear_calls_at(const struct ear_calls *calls, size_t at);
/* NULL when there is none. */
const struct ear_call_record *ear_calls_with_id(const struct ear_calls *calls, uint64_t id);
/* Missed and not seen. */
size_t ear_calls_unseen(const struct ear_calls *calls);

/* Returns 0, -ENOENT. */
EAR_CHECK int ear_calls_mark_seen(struct ear_calls *calls, uint64_t id);
void ear_calls_mark_all_seen(struct ear_calls *calls);
/* Takes all calls with a person out; returns how many those were. */
size_t ear_calls_forget_person(struct ear_calls *calls, uint32_t person);

#endif
