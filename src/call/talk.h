/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The speech of one call: the way out in tx_step, the way in in rx_step. */
#ifndef EAR_TALK_H
#define EAR_TALK_H

#include "base/sound.h"
#include "port/codec.h"
#include "rx/play.h"
#include "wire/packet.h"

struct ear_talk_config {
    struct ear_mic *mic;                                             /* borrowed */
    struct ear_speaker *speaker;                                     /* borrowed */
    struct ear_codec *codec;                                         /* borrowed */
    bool always;                                                     /* send silence too */
    void (*on_event)(void *ctx, const struct ear_play_event *event); /* may be NULL */
    void *ctx;
};

/* What the talk needs to know of the call around it. */
struct ear_talk_gate {
    bool muted;        /* the user's switch: silence goes out */
    bool speech_worth; /* false: speech is made but not sent, for nobody would hear it */
};

struct ear_talk_status {
    struct ear_play_stats play;
    int64_t journal_t0_us; /* when the first sample of journal index 0 was spoken */
    int64_t packets_sent;  /* of speech */
    int64_t silences_sent;
    int64_t spoken_us;   /* speech sent */
    int64_t withheld_us; /* speech not sent, because the line was gone */
    bool mic_gone, mic_dead, speaker_gone;
    float mic_level_db, heard_level_db;
    bool hears_me;           /* the other side acknowledges what we say */
    double rtt_ms;           /* 0: not known yet */
    double loss_there;       /* share of our speech that the network lost, as the other side says */
    double playout_there_ms; /* their playout delay */
};

struct ear_talk; /* thread: media; after new nothing allocates */

EAR_CHECK int ear_talk_new(struct ear_talk **ret, const struct ear_talk_config *config);
void ear_talk_free(struct ear_talk *talk);
/* A new call begins: journal zero. */
void ear_talk_start(struct ear_talk *talk, int64_t now_us);
void ear_talk_set_format(struct ear_talk *talk, const struct ear_codec_format *format);

/* The way out: takes what the microphone has and builds the next packet for the wire. Returns its
 * length, or 0 when nothing is to be sent now. Call until 0. */
size_t ear_talk_tx_step(struct ear_talk *talk, int64_t now_us, const struct ear_talk_gate *gate,
                        uint8_t *out, size_t cap);
/* The way in: one speech packet as it came; -EBADMSG for nonsense. */
int ear_talk_take(struct ear_talk *talk, const uint8_t *data, size_t len, int64_t now_us);
/* ... and all frames that the loudspeaker wants by now. */
void ear_talk_rx_step(struct ear_talk *talk, int64_t now_us);

/* Something should be said at once, so that the other side knows that the line is back. */
void ear_talk_hurry(struct ear_talk *talk);
/* When the next step is worth making. */
int64_t ear_talk_due_us(const struct ear_talk *talk, int64_t now_us);
void ear_talk_get_status(const struct ear_talk *talk, int64_t now_us, struct ear_talk_status *ret);

#endif
