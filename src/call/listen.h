/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way in of one call: datagrams of speech to the loudspeaker, and what is missing is asked for.
 */
#ifndef EAR_LISTEN_H
#define EAR_LISTEN_H

#include "base/sound.h"
#include "line/line_report.h"
#include "port/codec.h"
#include "rx/gaps.h"
#include "rx/play.h"
#include "wire/packet.h"

struct ear_listen_config {
    struct ear_speaker *speaker; /* borrowed */
    struct ear_codec *codec;     /* borrowed; only its decoder is used */
    struct ear_codec *again;     /* borrowed: a decoder for what was missed; may be NULL */
    void (*on_event)(void *ctx, const struct ear_play_event *event); /* may be NULL */
    void *ctx;
};

/* Speech that could not be recovered: where in the talker's journal. The longest are listed, in
 * their order. */
#define EAR_LISTEN_LOST 16
struct ear_lost_speech {
    int64_t begin_us, duration_us;
};

struct ear_listen_status {
    struct ear_play_stats play;
    float level_db;
    bool speaker_gone;
    int64_t catching_up_us; /* how far playout is behind after an outage; 0: it is not */
    int64_t fetching_us;    /* missed after an outage, being fetched */
    int64_t missed_us;      /* of that fetched, and not heard yet */
    bool plays_missed;
    int64_t lost_us; /* that nobody will hear */
    struct ear_lost_speech lost[EAR_LISTEN_LOST];
    size_t lost_count;
};

struct ear_listen; /* thread: media; after new nothing allocates */

EAR_CHECK int ear_listen_new(struct ear_listen **ret, const struct ear_listen_config *config);
void ear_listen_free(struct ear_listen *listen);
/* A new call begins. */
void ear_listen_start(struct ear_listen *listen, int64_t now_us);

/* One datagram of speech; -EBADMSG for nonsense. rtt_us 0: not known. */
int ear_listen_take(struct ear_listen *listen, const struct ear_audio *audio, int64_t now_us);
/* All frames that the loudspeaker wants by now. rtt_us: how long an answer takes; 0: unknown. */
void ear_listen_step(struct ear_listen *listen, int64_t rtt_us, int64_t now_us);
/* When the loudspeaker wants more. */
int64_t ear_listen_due_us(const struct ear_listen *listen, int64_t now_us);

/* What should ride on a datagram that leaves now: report and wants. */
void ear_listen_ride(struct ear_listen *listen, int64_t rtt_us, int64_t now_us,
                     struct ear_audio *ret);
/* It left with these. */
void ear_listen_rode(struct ear_listen *listen, const struct ear_audio *audio, int64_t now_us);
/* It did not leave: what should have gone with it is due as before. */
void ear_listen_stayed(struct ear_listen *listen, int64_t now_us);
/* Something is to be asked that should not wait for the next packet of speech. */
bool ear_listen_urges(const struct ear_listen *listen, int64_t rtt_us, int64_t now_us);

/* See ear_play_hold. whole: nothing is passed over, however late it comes. */
void ear_listen_hold(struct ear_listen *listen, int64_t hold_us, bool whole);
/* The user wants live speech at once: what is caught up is fetched behind it. */
void ear_listen_skip(struct ear_listen *listen);
/* Plays what was missed and has been fetched, or stops that. */
void ear_listen_play_missed(struct ear_listen *listen, bool on);
/* The call is over: what is still being fetched is lost, what was fetched is wiped. */
void ear_listen_end(struct ear_listen *listen);
void ear_listen_get_status(const struct ear_listen *listen, struct ear_listen_status *ret);

#endif
