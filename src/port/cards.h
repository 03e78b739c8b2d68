/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PortAudio: which cards there are, and the streams to them. */
#ifndef EAR_CARDS_H
#define EAR_CARDS_H

#include "port/cardmic.h"
#include "port/cardspeaker.h"
#include "port/device.h"

/* PortAudio counts these for the whole process and is not made for two threads at once: whoever
 * uses these functions does so from one thread at a time. They silence stderr for as long as they
 * take: ALSA and JACK write there what no user can use. Returns 0, -ENOMEM, -EIO. */
EAR_CHECK int ear_cards_start(void);
void ear_cards_stop(void);

/* Valid from start to stop; cards are numbered from 0. */
int ear_cards_count(void);
void ear_cards_info(int card, struct ear_device_info *ret);

/* One stream to one card. */
struct ear_cards_stream;

struct ear_cards_config {
    int card;
    bool mic, speaker; /* one of them or both */
    double latency_s;  /* wished for, at least */
};

/* On failure *ret_why is PortAudio's reason. Returns 0, -EBUSY (another program has it), -ENOMEM,
 * -EIO. */
EAR_CHECK int ear_cards_open(struct ear_cards_stream **ret, const struct ear_cards_config *config,
                             const char **ret_why);
uint32_t ear_cards_rate_hz(const struct ear_cards_stream *stream);
/* Lets the callbacks run; mic and speaker (borrowed) as opened, else NULL. Returns 0, -EIO. */
EAR_CHECK int ear_cards_run(struct ear_cards_stream *stream, const struct ear_clock *clock,
                            struct ear_cardmic *mic, struct ear_cardspeaker *speaker);
/* PortAudio has not given it up. */
bool ear_cards_alive(const struct ear_cards_stream *stream);
/* When this returns, no callback runs. */
void ear_cards_close(struct ear_cards_stream *stream);

#endif
