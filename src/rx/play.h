/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listener's side whole: packets go in as they come, one frame comes out each 10 ms. */
#ifndef EAR_PLAY_H
#define EAR_PLAY_H

#include "port/codec.h"

/* Where the sound of a packet's time came from. */
enum ear_play_source {
    EAR_PLAY_PRIMARY,   /* the packet itself */
    EAR_PLAY_REPAIRED,  /* a copy of it, an XOR, or the packet sent again, in time */
    EAR_PLAY_CAUGHT_UP, /* sent again after an outage that playout waited for */
    EAR_PLAY_CONCEALED, /* nothing came: made up by the decoder */
    EAR_PLAY_SOURCES
};

/* A packet as it is handed in. */
struct ear_play_packet {
    int64_t index;    /* full, of its first 20 ms */
    bool spurt_start; /* what lies before is silence, not loss */
    enum ear_play_source source;
    const uint8_t *bytes; /* borrowed */
    size_t len;
};

/* One packet's fate, told when its last sample has left; or the fate of a gap, told when speech
 * goes on behind it. */
struct ear_play_event {
    int64_t index;      /* of its first 20 ms */
    int units;          /* its length, 20 ms each */
    int64_t arrival_us; /* of a packet that came (garbage counts as concealed); 0 for a gap */
    int64_t heard_us;   /* when its first sample leaves the loudspeaker */
    enum ear_play_source source;
    double scale; /* duration played / duration spoken */
};

struct ear_play_config {
    struct ear_codec *codec; /* borrowed; only its decoder is used */
    double price_ms;         /* ms of delay that one whole late packet share is worth; 0: usual */
    void (*on_event)(void *ctx, const struct ear_play_event *event); /* may be NULL */
    void *ctx;
    /* A packet came and is left unplayed: too old, or the user skips. May be NULL. */
    void (*on_passed)(void *ctx, int64_t index, int units, const uint8_t *bytes, size_t len);
    /* One came when its time had been made up: it is lost. May be NULL. */
    void (*on_late)(void *ctx, int64_t index, int units);
    void *passed_ctx; /* of these two */
};

/* Counters since new; durations in microseconds of sound. */
struct ear_play_stats {
    int64_t packets_received; /* new packets taken in */
    int64_t packets_duplicate;
    int64_t packets_discarded; /* arrived but never played: after its turn, or 15 s too late */
    int64_t packets_repaired;  /* played from a copy or sent again, in time or after an outage */
    int64_t packets_lost;      /* packets' worth of speech that was skipped over */
    int64_t spoken_us;         /* speech played from packets, in talker's time */
    int64_t repaired_us;       /* of that: came as a copy or was sent again ... */
    int64_t caught_up_us;      /* ... or was waited for after an outage */
    int64_t lost_us;           /* speech that was passed over, in talker's time */
    int64_t concealed_us;      /* made up for lost speech */
    int64_t stalled_us;        /* made up while waiting for late speech */
    int64_t scaled_us;         /* speech played with another duration than spoken */
    int64_t comfort_us;        /* comfort noise */
    double target_ms;          /* playout delay wanted over the least network delay */
    double delay_ms;           /* playout delay now over the least network delay */
    double queueing_ms;        /* newest packet's delay over the least of the last 10 s */
    double loss;               /* share of speech lost by the network over about 10 s */
    int64_t offset_us;         /* heard time minus journal time of the newest packet played */
    int64_t offset_median_us;  /* median of that over the call, to 5 ms */
};

/* thread: media. After new nothing allocates. */
struct ear_play;
EAR_CHECK int ear_play_new(struct ear_play **ret, const struct ear_play_config *config);
void ear_play_free(struct ear_play *play);
/* Forgets all that came and all counts: before another call. */
void ear_play_reset(struct ear_play *play);

/* Takes one packet of speech; one whose turn has passed unplayed teaches the delay and is dropped.
 * Only a packet that came by itself teaches: what repair takes is told by ear_play_hold. Returns 0;
 * -ESTALE for one whose turn has passed; -EEXIST for one already held or played;
 * -EBADMSG for one that no decoder takes; -ENOBUFS when thousands wait already. */
int ear_play_put(struct ear_play *play, const struct ear_play_packet *packet, int64_t arrival_us);
/* The talker is silent from `index` on, in a room of this noise. */
void ear_play_put_silence(struct ear_play *play, int64_t index, int8_t noise_db,
                          int64_t arrival_us);

/* Playout waits for this long behind the least delay of the network, so that what is missing can be
 * given back; more where arrivals scatter more. */
void ear_play_hold(struct ear_play *play, int64_t hold_us);
/* What was said at index is missing and on its way: nothing later is played before it. -1: nothing
 * is awaited. */
void ear_play_await(struct ear_play *play, int64_t index);
/* Leaves everything that waits for more than the usual delay unplayed, and goes on with the newest;
 * told as concealed. The user's wish, after an outage. */
void ear_play_skip(struct ear_play *play);

/* Makes the 10 ms that will be heard from heard_us on, out of what has come until now. Always fills
 * the frame. */
void ear_play_frame(struct ear_play *play, int64_t now_us, int64_t heard_us,
                    int16_t frame[static EAR_FRAME]);

/* Index of what is played next; -1 before anything was. */
int64_t ear_play_next(const struct ear_play *play);
/* Noise of the talker's room as told last, dBFS. */
int8_t ear_play_noise_db(const struct ear_play *play);
/* How far playout is behind where it aims to be; 0 when it is not. */
int64_t ear_play_behind_us(const struct ear_play *play);
/* How much later than the earliest packets may come so that it is worth waiting. */
int64_t ear_play_scatter_us(const struct ear_play *play);
/* Whether a talk spurt is being played (not comfort noise). */
bool ear_play_speaking(const struct ear_play *play);
/* Index that a packet arriving now would carry if nothing were late: what expands wire indices. */
int64_t ear_play_expected_index(const struct ear_play *play, int64_t now_us);
void ear_play_get_stats(const struct ear_play *play, struct ear_play_stats *ret);

#endif
