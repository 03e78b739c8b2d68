/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both directions of a sound card share: rings to its callback, its drift, its resampler. */
#ifndef EAR_CARDLINE_H
#define EAR_CARDLINE_H

#include <stdatomic.h>

#include "base/ring.h"
#include "port/drift.h"
#include "port/resampler.h"

/* Told to whoever asks; outlives the lines. Written by callback and media thread. */
struct ear_cardline_counts {
    _Atomic int64_t gaps;    /* callbacks that found no sound, or no room for it */
    _Atomic int32_t ppb;     /* rate error of the card, parts per 1000 million */
    _Atomic int32_t late_us; /* latency of card and ring */
    _Atomic int64_t breaks;  /* callbacks that said that the card itself ran dry or over */
};

/* One block of sound, interleaved, as a callback has it. */
struct ear_cardline_block {
    int16_t *sound; /* read from the microphone, or to be filled for the loudspeaker */
    int channels;
    size_t frames;
    int64_t now_us;
    int64_t latency_us; /* microphone: age of the newest frame; loudspeaker: delay of the oldest */
    bool broken;        /* the card ran dry or over before this block */
};

/* One callback's trace. Frames are counted since the stream began. */
struct ear_cardline_mark {
    int64_t frames;     /* heard with this block, or played before it */
    int64_t idle;       /* of these: not in the ring, because it was full or empty */
    int64_t time_us;    /* when the callback came */
    int32_t latency_us; /* as in the block */
    int32_t block;      /* frames of this callback */
    bool broken;        /* as in the block */
};

/* One direction of a stream, frames mono at the card's rate. A new stream gets new lines, so that
 * whoever opens it never touches what callback or media thread work on. */
struct ear_cardline {
    struct ear_cardline_counts *counts; /* borrowed */
    bool plays;                         /* a loudspeaker; else a microphone */
    struct ear_ring samples;            /* int16_t */
    struct ear_ring marks;

    /* callback */
    int64_t frames, idle;

    /* media */
    struct ear_drift drift;
    struct ear_resampler *resampler;
    struct ear_cardline_mark mark; /* newest; time_us 0: none yet */
    double latency_us;             /* of the marks, smoothed */
    int64_t moved;                 /* samples taken from or put into the ring */
    int64_t converted;             /* frames of 10 ms since origin_us */
    double origin_us;              /* card's time when that count began; NAN: to be set */
    int64_t origin_relocks, origin_idle;
    int burst,
        burst_most[2]; /* frames of callbacks that come at once; most of 5 s, of the 5 s before
                        */
    int64_t burst_us, burst_turn_us;

    /* between media thread and worker */
    _Atomic int64_t called_us; /* newest callback */
    _Atomic uint32_t true_hz;  /* the card lies about its rate: 0, or the true one */
    _Atomic(struct ear_resampler *) offered;
    _Atomic(struct ear_resampler *) retired;
};

/* thread: worker, before the stream starts. Returns 0, -EINVAL, -ENOMEM. */
EAR_CHECK int ear_cardline_init(struct ear_cardline *line, uint32_t card_hz, bool plays,
                                int64_t now_us, struct ear_cardline_counts *counts);
/* thread: worker, after callbacks and media thread have let go. */
void ear_cardline_fini(struct ear_cardline *line);
/* Gives the media thread a resampler for the card's true rate where it lies. thread: worker. */
void ear_cardline_tend(struct ear_cardline *line);

/* Tells the media thread of one callback whose frames counted up to `frames`. thread: callback,
 * with the ring already moved. */
EAR_RT void ear_cardline_tell(struct ear_cardline *line, const struct ear_cardline_block *block,
                              int64_t frames);

/* Takes in what the callbacks told; swaps the resampler if one is offered. thread: media. */
void ear_cardline_follow(struct ear_cardline *line);
/* One more frame of 10 ms came or went, up to this frame of the card: counts it, steers the
 * resampler by it, and returns the time at which the card was or will be there. thread: media. */
double ear_cardline_advance(struct ear_cardline *line, int64_t now_us, double card_frame);
/* The card's rate as far as it is known. thread: media. */
uint32_t ear_cardline_hz(const struct ear_cardline *line);
/* Frames that the card's callbacks may move at once. thread: media. */
int ear_cardline_burst(const struct ear_cardline *line);
/* When the next callback is expected, at least 1 ms from now. thread: media. */
int64_t ear_cardline_next_us(const struct ear_cardline *line, int64_t now_us);

#endif
