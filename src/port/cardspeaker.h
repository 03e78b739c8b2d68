/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sound card's loudspeaker: frames of 10 ms of our clock go in, blocks at its rate come out. */
#ifndef EAR_CARDSPEAKER_H
#define EAR_CARDSPEAKER_H

#include "port/cardline.h"

struct ear_cardspeaker {
    struct ear_cardline line;
    _Atomic bool fed; /* something has been written: an empty ring counts from now on */
    /* media */
    double margin_us;  /* held in the ring above what callbacks take at once */
    int64_t gaps;      /* of counts->gaps, seen so far */
    int64_t raised_us; /* when the margin was last raised */
    int64_t calm_us;   /* since when there has been no gap */
};

/* As ear_cardline_init. thread: worker. */
EAR_CHECK int ear_cardspeaker_init(struct ear_cardspeaker *speaker, uint32_t card_hz,
                                   int64_t now_us, struct ear_cardline_counts *counts);
void ear_cardspeaker_fini(struct ear_cardspeaker *speaker);

/* Fills a block, with silence where there is no sound. thread: callback. */
EAR_RT void ear_cardspeaker_play(struct ear_cardspeaker *speaker,
                                 const struct ear_cardline_block *block);

/* As struct ear_speaker, but never -ENODEV. thread: media. */
int ear_cardspeaker_wants(struct ear_cardspeaker *speaker, int64_t now_us, int64_t *ret_heard_us);
void ear_cardspeaker_write(struct ear_cardspeaker *speaker, int64_t now_us,
                           const int16_t frame[static EAR_FRAME]);
int64_t ear_cardspeaker_due_us(const struct ear_cardspeaker *speaker, int64_t now_us);

#endif
