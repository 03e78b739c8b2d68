/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keeps the playout delay from moving to and fro: holds and stalls are remembered. */
#ifndef EAR_DEPTH_H
#define EAR_DEPTH_H

#include "rx/stretch.h"

/* thread: media. Pure in time. */
struct ear_depth {
    int64_t told_us; /* hold wanted now */
    int64_t held_us; /* hold in force: the most that was wanted lately */
    int64_t until_us;
    int64_t missing, missing_us; /* packets so far, and when they were more than before */
    double stalled_us;           /* silence of our making, fading */
    int64_t stalled_at_us;
    int64_t paused_us;  /* the talker's last pause */
    int64_t in_time_us; /* when playout was last as early as wanted */
    bool catches;       /* an outage is caught up, */
    bool hurries;       /* and pauses will not do for it */
    int64_t back_us;    /* when speech went on */
};

void ear_depth_init(struct ear_depth *depth);
/* Repairs need this much from now on. A change moves the delay, so less is believed only after a
 * while. */
void ear_depth_hold(struct ear_depth *depth, int64_t hold_us);
/* So many packets came late so far or not at all: while that grows a hold is of use. */
void ear_depth_missing(struct ear_depth *depth, int64_t packets, int64_t now_us);
/* Each frame. excess_us: by how much playout is later than wanted, outside of pauses. pauses_us:
 * of what has come and waits to be played. */
void ear_depth_step(struct ear_depth *depth, bool pause, int64_t excess_us, int64_t pauses_us,
                    int64_t now_us);
/* The hold in force. */
int64_t ear_depth_held_us(const struct ear_depth *depth);
/* Whether the delay is to be brought nearer to its target, which it exceeds by so much. */
bool ear_depth_moves(const struct ear_depth *depth, int64_t excess_us, int64_t now_us);
/* How playout may be brought forward now. */
enum ear_stretch_pace ear_depth_pace(const struct ear_depth *depth, int64_t now_us);

/* Speech that was waited for has come, after so long. */
void ear_depth_stall(struct ear_depth *depth, int64_t us, int64_t now_us);
/* How much speech to have before one goes on: where stalls follow one another a queue fills, and
 * one long stall is understood better than many short ones. */
int64_t ear_depth_gather_us(const struct ear_depth *depth, int64_t now_us);

#endif
