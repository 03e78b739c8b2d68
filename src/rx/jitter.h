/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets that came, held in the order in which they were spoken until their turn. */
#ifndef EAR_JITTER_H
#define EAR_JITTER_H

#include "base/ear.h"

/* At 20 ms a packet that is 20 s of speech; at 60 ms it is a minute. */
#define EAR_JITTER_SLOTS 1024

struct ear_jitter_packet {
    int64_t index;
    int units; /* 0: the talker is silent from index on */
    bool spurt_start;
    int8_t noise_db; /* of the talker's room, with units == 0 */
    int source;      /* enum ear_play_source; not looked at here */
    int64_t arrival_us;
    size_t len;
    uint8_t bytes[EAR_PAYLOAD_MAX];
};

enum ear_jitter_due {
    EAR_JITTER_NOTHING, /* nothing has come that was spoken from here on */
    EAR_JITTER_PACKET,  /* the packet due is there */
    EAR_JITTER_LOST,    /* it is not, but later ones are */
    EAR_JITTER_PAUSE,   /* the talker was silent from here to the first packet held */
    EAR_JITTER_SILENCE  /* the talker falls silent here */
};

/* thread: media. After new nothing allocates. */
struct ear_jitter;
EAR_CHECK int ear_jitter_new(struct ear_jitter **ret);
void ear_jitter_free(struct ear_jitter *jitter);

/* Forgets all packets and where it was. */
void ear_jitter_clear(struct ear_jitter *jitter);

/* Returns 0; -EEXIST for one that is held, was played, or lies under one that was played;
 * -ESTALE for one whose turn has passed unplayed, but for a spurt's first 100 ms; -ERANGE when that
 * was more than 40 s ago, so that nobody knows; -ENOBUFS when all slots wait. */
int ear_jitter_put(struct ear_jitter *jitter, const struct ear_jitter_packet *packet);

enum ear_jitter_due ear_jitter_due(const struct ear_jitter *jitter);
/* The first held, or NULL. Valid until the next put, play or skip. */
const struct ear_jitter_packet *ear_jitter_first(const struct ear_jitter *jitter);
/* Index of the next unit to be played. Meaningless before the first play or skip. */
int64_t ear_jitter_next(const struct ear_jitter *jitter);
/* From the first packet's first unit to the last one's end, in units. */
int64_t ear_jitter_span(const struct ear_jitter *jitter);
/* Units in which the talker was silent, of what is held: the last pause only when it is over. */
int64_t ear_jitter_pauses(const struct ear_jitter *jitter);

/* The first packet has been taken: its end is next. */
void ear_jitter_play(struct ear_jitter *jitter);
/* Throws the first away, alone: what the talker said may begin where he was silent as well. Returns
 * how many packets of speech that were. */
int ear_jitter_drop(struct ear_jitter *jitter);
/* Goes on from index; returns how many packets of speech were thrown away on the way. */
int ear_jitter_skip(struct ear_jitter *jitter, int64_t index);

#endif
