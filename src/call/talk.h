/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The speech of one call: the way out (speak) and the way in (listen), and what either tells the
 * other. */
#ifndef EAR_TALK_H
#define EAR_TALK_H

#include "call/listen.h"
#include "call/speak.h"

struct ear_talk_config {
    struct ear_mic *mic;                                             /* borrowed */
    struct ear_speaker *speaker;                                     /* borrowed */
    struct ear_codec *codec;                                         /* borrowed */
    struct ear_codec *again;                                         /* see call/listen.h */
    bool always;                                                     /* send silence too */
    int budget_bps, known_bps;                                       /* see call/speak.h */
    void (*on_event)(void *ctx, const struct ear_play_event *event); /* may be NULL */
    void *ctx;
};

/* What the talk needs to know of the call around it. */
struct ear_talk_gate {
    bool muted;        /* the user's switch: silence goes out */
    bool speech_worth; /* false: speech is made but not sent, for nobody would hear it */
    bool kept;         /* speech waits in the journal until it is asked for: no live speech */
};

struct ear_talk_status {
    struct ear_play_stats play;
    int64_t journal_t0_us; /* when the first sample of journal index 0 was spoken */
    int64_t next_us;       /* when the next packet may leave, even if it is silent now */
    int64_t packets_sent;  /* of speech */
    int64_t silences_sent;
    int64_t repairs_sent; /* packets sent again */
    int64_t spoken_us;    /* speech sent */
    int64_t withheld_us;  /* speech not sent, because the line was gone */
    bool mic_gone, mic_dead, speaker_gone;
    float mic_level_db, heard_level_db;
    bool hears_me;                           /* the other side acknowledges what we say */
    double rtt_ms;                           /* 0: not known yet */
    double loss_there;                       /* share of our datagrams that the network lost */
    double playout_there_ms;                 /* their playout delay */
    int64_t catching_up_us;                  /* how far playout is behind after an outage */
    int64_t fetching_us, missed_us, lost_us; /* see ear_listen_status */
    bool plays_missed;
    struct ear_lost_speech lost[EAR_LISTEN_LOST];
    size_t lost_count;
    struct ear_line line;
    struct ear_ladder_say ladder;
    struct ear_plan plan;
};

struct ear_talk; /* thread: media; after new nothing allocates */

EAR_CHECK int ear_talk_new(struct ear_talk **ret, const struct ear_talk_config *config);
void ear_talk_free(struct ear_talk *talk);
/* A new call begins: journal zero. */
void ear_talk_start(struct ear_talk *talk, int64_t now_us);
/* The call is over: what was said is wiped, but for what was not heard there: see ear_speak_end. */
int64_t ear_talk_end(struct ear_talk *talk, struct ear_unheard *unheard);

/* The way out: takes what the microphone has and builds the next packet for the wire. Returns its
 * length, or 0 when nothing is to be sent now. Call until 0, and each time say what became of it.
 */
size_t ear_talk_tx_step(struct ear_talk *talk, int64_t now_us, const struct ear_talk_gate *gate,
                        uint8_t *out, size_t cap);
/* The packet built last left, or the network refused it: then it counts as never sent, and what it
 * held waits in the journal until it is asked for. */
void ear_talk_sent(struct ear_talk *talk, bool left, int64_t now_us);
/* All that left since this was told last, speech included: bytes on the wire. */
void ear_talk_all_sent(struct ear_talk *talk, int64_t bytes, int64_t now_us);
/* The way in: one speech packet as it came; -EBADMSG for nonsense. */
int ear_talk_take(struct ear_talk *talk, const uint8_t *data, size_t len, int64_t now_us);
/* ... and all frames that the loudspeaker wants by now. */
void ear_talk_rx_step(struct ear_talk *talk, int64_t now_us);
/* Some times a second: the ladder and the plan follow the line. */
void ear_talk_tend(struct ear_talk *talk, int64_t now_us);

/* What the ladder says of our side of the line; forced: the user holds that rung. */
struct ear_ladder_say ear_talk_ladder(const struct ear_talk *talk);
void ear_talk_force(struct ear_talk *talk, bool forced, enum ear_rung rung);
/* Nothing is passed over, however late it comes. */
void ear_talk_set_whole(struct ear_talk *talk, bool whole);
/* How long playout should wait for repairs, as the other side plans it, in ms; and what we plan for
 * them. */
void ear_talk_hold(struct ear_talk *talk, int hold_ms);
int ear_talk_hold_there(const struct ear_talk *talk);
/* How long both ends hold now as long as nothing was told, ms. */
int ear_talk_hold_unasked(const struct ear_talk *talk);
/* Whether our decoder makes good wideband of few bits, and whether theirs does: plans of this call
 * from then on go by it (port/codec.h: enhances_wideband). */
bool ear_talk_repairs_wideband(const struct ear_talk *talk);
void ear_talk_they_repair_wideband(struct ear_talk *talk, bool repair);
/* Live speech at once: see ear_listen_skip. */
void ear_talk_skip(struct ear_talk *talk);
/* See ear_listen_play_missed. */
void ear_talk_play_missed(struct ear_talk *talk, bool on);
/* Something should be said at once, so that the other side knows that the line is back. */
void ear_talk_hurry(struct ear_talk *talk);
/* What we send goes another way from now on: what was learnt of the line no longer holds. */
void ear_talk_move(struct ear_talk *talk, int64_t now_us);
/* When the next step is worth making. */
int64_t ear_talk_due_us(const struct ear_talk *talk, int64_t now_us);
void ear_talk_get_status(const struct ear_talk *talk, int64_t now_us, struct ear_talk_status *ret);

#endif
