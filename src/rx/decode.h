/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets become sound; where none are, sound that nobody stumbles over. */
#ifndef EAR_DECODE_H
#define EAR_DECODE_H

#include "port/codec.h"
#include "rx/comfort.h"

/* thread: media. Nothing allocates. */
struct ear_decode {
    struct ear_codec *codec; /* borrowed */
    struct ear_comfort comfort;
    double gain;                 /* of the codec's sound now: 1 speech, 0 comfort noise alone */
    size_t made_up;              /* samples since the last packet */
    size_t spare;                /* concealment made but not yet used */
    int16_t made[2 * EAR_FRAME]; /* its end holds the spare samples */
};

void ear_decode_init(struct ear_decode *decode, struct ear_codec *codec);
/* Fills pcm with exactly `samples`, of which what the packet lacks is concealed. Returns 0;
 * -EBADMSG when the packet was garbage and all of it is concealment. */
int ear_decode_packet(struct ear_decode *decode, const uint8_t *packet, size_t len, int16_t *pcm,
                      size_t samples);
/* The same for a packet that came while its time was made up: its first `skip` samples stay
 * unheard, and pcm gets samples - skip. skip <= samples. */
int ear_decode_late(struct ear_decode *decode, const uint8_t *packet, size_t len, size_t skip,
                    int16_t *pcm, size_t samples);
/* Goes on for lost or late speech: fades from 60 ms, is comfort noise after 220 ms. */
void ear_decode_conceal(struct ear_decode *decode, int16_t *pcm, size_t samples);
/* The talker is silent: comfort noise within 20 ms. */
void ear_decode_rest(struct ear_decode *decode, int16_t *pcm, size_t samples);
/* Nothing of the last speech sounds any more. */
bool ear_decode_faded(const struct ear_decode *decode);

#endif
