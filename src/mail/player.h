/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A voice message as sound: from any place on, up to twice as fast with the pitch kept. */
#ifndef EAR_PLAYER_H
#define EAR_PLAYER_H

#include "mail/voice.h"

/* thread: its owner; reads the disk. */
struct ear_player;

/* voice, source and codec (its decoder) are borrowed. Returns 0, -ENOMEM. */
EAR_CHECK int ear_player_new(struct ear_player **ret, const struct ear_voice *voice,
                             const struct ear_voice_source *source, struct ear_codec *codec);
void ear_player_free(struct ear_player *player);

/* 1 to 2; any time. */
void ear_player_set_speed(struct ear_player *player, double speed);
/* Goes on from there, at whole 20 ms. */
void ear_player_seek(struct ear_player *player, uint32_t ms);
/* What is heard next, as its talker's time. */
uint32_t ear_player_ms(const struct ear_player *player);
uint32_t ear_player_duration_ms(const struct ear_player *player);

/* The next 10 ms. Returns 1; 0 at the end, with silence; what the source says, with silence. */
EAR_CHECK int ear_player_take(struct ear_player *player, int16_t frame[static EAR_FRAME]);

#endif
