/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sound card's microphone: blocks at its rate come in, frames of 10 ms of our clock go out. */
#ifndef EAR_CARDMIC_H
#define EAR_CARDMIC_H

#include "port/cardline.h"

#define EAR_CARDMIC_PENDING 256

struct ear_cardmic {
    struct ear_cardline line;
    /* media */
    int16_t pending[EAR_CARDMIC_PENDING]; /* taken from the ring, not yet converted */
    size_t pending_at, pending_count;
    int16_t frame[EAR_FRAME];
    size_t filled;
};

/* As ear_cardline_init. thread: worker. */
EAR_CHECK int ear_cardmic_init(struct ear_cardmic *mic, uint32_t card_hz, int64_t now_us,
                               struct ear_cardline_counts *counts);
void ear_cardmic_fini(struct ear_cardmic *mic);

/* Takes a block. thread: callback. */
EAR_RT void ear_cardmic_hear(struct ear_cardmic *mic, const struct ear_cardline_block *block);

/* As struct ear_mic, but never -ENODEV. thread: media. */
int ear_cardmic_read(struct ear_cardmic *mic, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us);
int64_t ear_cardmic_due_us(const struct ear_cardmic *mic, int64_t now_us);

#endif
