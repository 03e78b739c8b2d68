/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways to one other end, direct and by relays, and which of them a call should take. */
#ifndef EAR_PATHS_H
#define EAR_PATHS_H

#include "port/datagrams.h"

/* Those of an invite, eight meetings, and where the other end was seen. */
#define EAR_PATHS_MAX 16
/* Places of the other end that nobody gave us: the last few. */
#define EAR_PATHS_SEEN 2
/* A measurement: so many rounds of questions ... */
#define EAR_PATHS_ROUNDS 20

struct ear_path {
    struct ear_address address;
    bool relayed;
    bool seen; /* not given */
    bool told; /* it has our newest call */
    /* ... and how long each answer took; 0: none yet. */
    int32_t rtt_us[EAR_PATHS_ROUNDS];
};

/* thread: media. Pure in time. */
struct ear_paths {
    struct ear_path at[EAR_PATHS_MAX];
    uint32_t count;
    uint32_t seen; /* where the next one seen goes */
    /* The measurement. */
    bool on;        /* the call is relayed and there is a direct path */
    bool seldom;    /* asks the direct ones alone, once */
    int rounds;     /* asked so far */
    uint16_t first; /* number of round 0 */
    int64_t round_us[EAR_PATHS_ROUNDS];
    int64_t due_us, wait_us;
    int falls; /* how often the call fell back to a relay */
};

void ear_paths_clear(struct ear_paths *paths);
/* Adds one that was given; those beyond EAR_PATHS_MAX are left out. */
void ear_paths_add(struct ear_paths *paths, const struct ear_address *address, bool relayed);
/* The other end was seen there. */
void ear_paths_see(struct ear_paths *paths, const struct ear_address *address, bool relayed);
/* NULL when it is none of them. */
struct ear_path *ear_paths_find(struct ear_paths *paths, const struct ear_address *address);

/* A call goes through a relay from now on: begins to look for a direct path, later the more often
 * one has failed. Asked again, it changes nothing. */
void ear_paths_relayed(struct ear_paths *paths, int64_t now_us);
/* It goes directly. */
void ear_paths_direct(struct ear_paths *paths);
/* Whether a round of questions is due now; counts as asked when true. Those paths are to be asked
 * that ear_paths_asks names. */
bool ear_paths_round(struct ear_paths *paths, int64_t now_us, uint16_t *ret_number);
bool ear_paths_asks(const struct ear_paths *paths, const struct ear_path *path,
                    const struct ear_address *current);
void ear_paths_answered(struct ear_paths *paths, const struct ear_address *from, uint16_t number,
                        int64_t now_us);
/* The direct path that has proved better than the current, relayed one; NULL: none has yet. */
const struct ear_path *ear_paths_better(const struct ear_paths *paths,
                                        const struct ear_address *current, int64_t now_us);

#endif
