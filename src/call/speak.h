/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way out of one call: from the microphone to datagrams of speech, whatever rides on them, and
 * the view of the line that they take. */
#ifndef EAR_SPEAK_H
#define EAR_SPEAK_H

#include "base/sound.h"
#include "call/unheard.h"
#include "line/ladder.h"
#include "line/plan.h"
#include "port/codec.h"
#include "wire/packet.h"

struct ear_speak_config {
    struct ear_mic *mic;     /* borrowed */
    struct ear_codec *codec; /* borrowed; only its encoder is used */
    bool always;             /* send silence too: hides who speaks when */
    int budget_bps;          /* wire rate that the user allows while speaking */
    int known_bps;           /* what the line is known to carry; 0: not known */
};

/* What the way out needs to know of the call around it. */
struct ear_speak_gate {
    bool muted;        /* the user's switch, or another's turn: silence goes out */
    bool speech_worth; /* false: speech is made but not sent, for nobody would hear it */
    bool kept;  /* it waits until it is asked for; carriers go on, and the line is measured */
    bool urges; /* something that rides should not wait for speech */
};

struct ear_speak_status {
    int64_t journal_t0_us; /* when the first sample of journal index 0 was spoken */
    int64_t next_us;       /* when the next packet may leave, even if it is silent now */
    int64_t packets_sent;  /* of speech */
    int64_t silences_sent; /* datagrams without speech of their own */
    int64_t repairs_sent;  /* packets sent again as asked */
    int64_t spoken_us;     /* speech sent */
    int64_t withheld_us;   /* speech not sent, because the line was gone */
    bool mic_gone, mic_dead;
    float mic_level_db;
    struct ear_line line;
    struct ear_ladder_say ladder;
    struct ear_plan plan;
};

struct ear_speak; /* thread: media; after new nothing allocates */

EAR_CHECK int ear_speak_new(struct ear_speak **ret, const struct ear_speak_config *config);
/* Wipes what was said. */
void ear_speak_free(struct ear_speak *speak);
/* A new call begins: journal zero. */
void ear_speak_start(struct ear_speak *speak, int64_t now_us);
/* The call is over: what was said and not heard there is kept (NULL: nowhere), of the rest nothing
 * stays in memory. Returns as ear_unheard_keep. */
int64_t ear_speak_end(struct ear_speak *speak, struct ear_unheard *unheard);

/* Takes what the microphone has. Returns whether a datagram is to be sent now, and then fills all
 * of *audio but what rides already (report, wants): its bytes are valid until the next call. Call
 * until false. */
bool ear_speak_step(struct ear_speak *speak, int64_t now_us, const struct ear_speak_gate *gate,
                    struct ear_audio *audio);
/* That datagram left with len bytes. */
void ear_speak_sent(struct ear_speak *speak, const struct ear_audio *audio, size_t len,
                    int64_t now_us);
/* It did not leave: the network refused it. What was said in it goes with the next. */
void ear_speak_stayed(struct ear_speak *speak, const struct ear_audio *audio, int64_t now_us);
/* All that left since this was told last, speech included: bytes on the wire. */
void ear_speak_all_sent(struct ear_speak *speak, int64_t bytes, int64_t now_us);
/* What came from the other side: its report and its wants; anything authentic at all. */
void ear_speak_told(struct ear_speak *speak, const struct ear_audio *audio, int64_t now_us);
void ear_speak_heard(struct ear_speak *speak, int64_t now_us);

/* Whether the listener's decoder repairs wideband (port/codec.h: enhances_wideband). */
void ear_speak_repairs_wideband(struct ear_speak *speak, bool repairs);
/* What the ladder is to know beside the line; to be called some times a second. */
void ear_speak_tend(struct ear_speak *speak, const struct ear_ladder_ask *ask, int64_t now_us);
/* What we send goes another way from now on. */
void ear_speak_move(struct ear_speak *speak, int64_t now_us);
/* Something should be said at once, so that the other side knows that the line is back. */
void ear_speak_hurry(struct ear_speak *speak);
int64_t ear_speak_due_us(const struct ear_speak *speak, int64_t now_us);
void ear_speak_get_status(const struct ear_speak *speak, struct ear_speak_status *ret);

#endif
