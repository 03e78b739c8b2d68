/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the arrivals tell: the least delay, how the others scatter, and which delay is worth it. */
#ifndef EAR_ARRIVALS_H
#define EAR_ARRIVALS_H

#include "base/ear.h"

/* The least value of the last window, kept as two half windows. */
struct ear_arrivals_least {
    int64_t half_us;
    int64_t since_us;
    int64_t now;
    int64_t before;
};

#define EAR_ARRIVALS_BUCKET_US (10 * EAR_US_PER_MS)
#define EAR_ARRIVALS_BUCKETS 400

/* Which share of the packets was how late; the last bucket holds all that is later. */
struct ear_arrivals_shares {
    float share[EAR_ARRIVALS_BUCKETS];
};

/* Delays are arrival minus journal time: they hold both clocks' offset, so only differences mean
 * anything. thread: media. */
struct ear_arrivals {
    double price_us;
    int packets;
    double speech_s;                  /* in them, as far as it is remembered */
    struct ear_arrivals_shares near;  /* over the recent least */
    struct ear_arrivals_shares far;   /* of the recent least over the least of a minute */
    struct ear_arrivals_least recent; /* what the scatter is measured against */
    struct ear_arrivals_least minute; /* the same for what comes back again and again */
    struct ear_arrivals_least most;   /* the greatest of a minute, as a negative least */
    struct ear_arrivals_least least;  /* what the network takes when it is idle */
    struct ear_arrivals_least any;    /* the same with signs of life other than speech */
    int64_t newest_us;
    int64_t journal_us;             /* of the newest packet */
    int64_t came_us, most_since_us; /* when it came, and when the greatest delay last grew */
    int64_t scatter_us;             /* delay wanted over the recent least */
    int64_t floor_us;               /* and over the least of a minute, at least */
};

/* price_ms: the delay that one whole share of late packets is worth; 0: usual. */
void ear_arrivals_init(struct ear_arrivals *arrivals, double price_ms);
/* One packet: came_us is when it came, taken_us the first frame that could play it. A packet that
 * starts a talk spurt may come as late as it likes (radios sleep in pauses): it stalls nobody, so
 * it teaches nothing about the scatter. */
void ear_arrivals_add(struct ear_arrivals *arrivals, int64_t journal_us, int64_t came_us,
                      int64_t taken_us, bool spurt_start);

/* Word from the talker that is no speech. */
void ear_arrivals_hear(struct ear_arrivals *arrivals, int64_t journal_us, int64_t came_us);

/* Journal time of what would come at now_us if it were not late; 0 before anything came. */
int64_t ear_arrivals_expect_us(const struct ear_arrivals *arrivals, int64_t now_us);
/* Some speech has come: what follows means something. */
bool ear_arrivals_known(const struct ear_arrivals *arrivals);
/* Playout delay to aim at, on the scale of taken_us - journal_us. */
int64_t ear_arrivals_target_us(const struct ear_arrivals *arrivals);
/* How much of it is for the scatter of the arrivals. */
int64_t ear_arrivals_scatter_us(const struct ear_arrivals *arrivals);
/* The least delay of the last 10 s, on the scale of came_us - journal_us. */
int64_t ear_arrivals_least_us(const struct ear_arrivals *arrivals);
/* The newest packet's delay over that. */
int64_t ear_arrivals_queueing_us(const struct ear_arrivals *arrivals);

#endif
