/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine of one end: owns the stages, the sessions and the call; steps on the media thread. */
#ifndef EAR_ENGINE_H
#define EAR_ENGINE_H

#include "base/clock.h"
#include "call/phase.h"
#include "call/signal.h"
#include "call/switchboard.h"
#include "call/talk.h"
#include "call/turns.h"
#include "line/line_verdict.h"
#include "line/outages.h"
#include "line/rate.h"
#include "line/rung_log.h"
#include "port/datagrams.h"
#include "store/guests.h"
#include "store/stamps.h"
#include "tx/send.h"
#include "wire/pipe.h"

struct ear_engine_config {
    const struct ear_clock *clock; /* borrowed, as all below */
    struct ear_datagrams net;
    struct ear_mic *mic;
    struct ear_speaker *speaker;
    struct ear_codec *codec;
    struct ear_codec *again;         /* a decoder for what was missed; NULL: it cannot be heard */
    const struct ear_guests *guests; /* copied: own keys, and everybody who may call or be called */
    struct ear_stamps stamps;        /* for our handshakes */
    struct ear_chance chance;        /* where fresh keys come from */
    const uint8_t *binding; /* EAR_SIGNAL_KEYS_BYTES, copied: said to whom we call; NULL: none */
    bool accept;            /* takes calls; otherwise the door is shut */
    /* Where people are met at relays: copied. Who accepts calls is at all meetings from the start,
     * others go there for a call. */
    const struct ear_meeting *meetings;
    size_t meeting_count;
    bool auto_answer;
    bool send_silence;   /* hides who speaks when, for twice the data */
    int wire_budget_bps; /* while speaking; see line/rate.h */
    int known_bps; /* what the line is known to carry; 0: not known, a call begins with 16 kbit/s */
    void (*on_play)(void *ctx, const struct ear_play_event *event); /* may be NULL; thread: media */
    void *ctx;
};

enum ear_command_kind {
    EAR_COMMAND_DIAL,
    EAR_COMMAND_ANSWER,
    EAR_COMMAND_HANG_UP,     /* also: decline, give up calling */
    EAR_COMMAND_MUTE,        /* on: the microphone is switched off */
    EAR_COMMAND_TEXT,        /* number, text: to the other side; only in a talk */
    EAR_COMMAND_TURN,        /* on: my turn; off: over. Heeded on the rung of turns */
    EAR_COMMAND_RUNG,        /* on: hold this rung from now on; off: as the line allows */
    EAR_COMMAND_PLAY_MISSED, /* on: what was fetched after an outage; off: stop, keep it */
    EAR_COMMAND_SKIP,        /* live speech at once: what is caught up is fetched behind it */
    EAR_COMMAND_KNOCK,       /* guest, address: is that person there? Only while there is no call */
    EAR_COMMAND_CHECK,       /* guest, address, on: how good is the line there? off: never mind */
};

struct ear_command {
    enum ear_command_kind kind;
    struct ear_address address; /* DIAL, KNOCK, CHECK; length 0: relays alone */
    struct ear_address others[EAR_SWITCHBOARD_OTHERS]; /* likewise, further; length 0: none */
    uint32_t guest;                                    /* likewise, number of the person */
    bool on;                                           /* MUTE, TURN, RUNG, PLAY_MISSED, CHECK */
    enum ear_rung rung;                                /* RUNG */
    uint16_t number;                   /* TEXT: the caller's own, told again by TEXT_SEEN */
    char text[EAR_TEXT_BYTES_MAX + 1]; /* TEXT: ended by 0; see ear_text_is_valid */
};

enum ear_event_kind {
    EAR_EVENT_PHASE,          /* phase, ending */
    EAR_EVENT_THEY_MUTED,     /* on */
    EAR_EVENT_THEIR_MIC_DEAD, /* on */
    EAR_EVENT_MIC_DEAD,       /* on: our microphone gives no sound */
    EAR_EVENT_MIC_GONE,       /* on: our microphone was pulled out */
    EAR_EVENT_MIC_ECHOES,     /* on: it hears our loudspeaker; a headset would help */
    EAR_EVENT_SPEAKER_GONE,   /* on */
    EAR_EVENT_TURNED_AWAY,    /* a second caller heard busy */
    EAR_EVENT_CALLED,         /* guest's handshake was accepted: keep stamp (ear_people_heard) */
    EAR_EVENT_KEYS,      /* guest says its Ed25519 key: check keys (ear_people_learn_sign_key) */
    EAR_EVENT_PINNED,    /* guest came by an invite and proved it: keep key (ear_people_pin) */
    EAR_EVENT_TEXT,      /* number, text: the other side writes; each one once, in order */
    EAR_EVENT_TEXT_SEEN, /* number: our text was handed to the user there */
    EAR_EVENT_RELAY,     /* on: it answers; relay, relay_state. Those that answer from the start are
                          * not told */
    EAR_EVENT_RELAYED,   /* on: the talk goes through a relay from now on */
    EAR_EVENT_THERE,   /* guest, on: KNOCK's answer; none when a call, a CHECK or another KNOCK came
                          first */
    EAR_EVENT_UNHEARD, /* guest, unheard_us: the call ends, and so much of what was said here never
                          came there: ear_engine_unheard has it */
    EAR_EVENT_SEEN_AT, /* guest, seen_at: a line to that person stands there, without a relay
                          (ear_people_reached) */
    EAR_EVENT_CHECKED, /* guest, check: CHECK's answer, one for each within EAR_LINKCHECK_US */
};

struct ear_event {
    enum ear_event_kind kind;
    enum ear_phase phase;
    enum ear_ending ending;
    bool on;
    uint32_t guest;                      /* PHASE of a call: with whom; CALLED, PINNED */
    uint64_t stamp;                      /* CALLED */
    uint8_t psk_id[EAR_PSK_ID_BYTES];    /* PINNED: the invite's ... */
    uint8_t key[EAR_KEY_BYTES];          /* ... and the key that came by it; KEYS: whose they are */
    uint8_t keys[EAR_SIGNAL_KEYS_BYTES]; /* KEYS */
    struct ear_address relay;            /* RELAY: as in ear_meeting */
    enum ear_relay_state relay_state;    /* RELAY */
    uint16_t number;                     /* TEXT: the other side's; TEXT_SEEN: ours */
    char text[EAR_TEXT_BYTES_MAX + 1];   /* TEXT: valid UTF-8, ended by 0 */
    struct ear_line_check check;         /* CHECKED */
    int64_t unheard_us;                  /* UNHEARD */
    struct ear_address seen_at;          /* SEEN_AT */
};

/* A snapshot for people and reports. */
struct ear_engine_status {
    enum ear_phase phase;
    enum ear_ending ending; /* of the last call */
    int64_t talk_us;        /* how long the talk has lasted, outages included */
    bool muted, they_muted, their_mic_dead;
    struct ear_talk_status talk;
    struct ear_codec_format format;
    enum ear_rung rung;          /* in force: the lower one of what both sides ask for */
    struct ear_rung_log rungs;   /* how it came to that */
    enum ear_turns_holder turn;  /* who has the floor, on the rung of turns */
    bool relayed;                /* the call goes through a relay */
    struct ear_send_counts sent; /* relays' own included, as in received */
    int64_t received_datagrams, received_bytes;
    double sent_bps, received_bps; /* over the last 3 s */
    double sent_peak_bps;          /* most over any 10 s */
    int64_t lost_us;               /* for how long the line has been lost now; 0: it is there */
    int64_t outages;               /* in all; the first EAR_OUTAGES_KEPT in outage[] */
    struct ear_outage outage[EAR_OUTAGES_KEPT];
    int64_t refused_datagrams; /* from strangers or of no known form */
};

/* What is said below of the media thread holds as well for whoever steps the engine by hand. */
struct ear_engine;

/* ear_enet_start must have succeeded. Returns 0, -ENOMEM, -EIO. thread: main, before media starts.
 */
EAR_CHECK int ear_engine_new(struct ear_engine **ret, const struct ear_engine_config *config);
/* thread: main, after media ended. */
void ear_engine_free(struct ear_engine *engine);

/* Does all that is due: network in, network out, speech out, speech in. Returns when the next step
 * is due if no datagram comes before. thread: media. Does not allocate. */
int64_t ear_engine_step(struct ear_engine *engine);

/* What has changed of people and where they are met; false when dozens wait. The engine does not
 * look names up: relay is an address. thread: main. */
bool ear_engine_update_guest(struct ear_engine *engine, const struct ear_guests_update *update);
bool ear_engine_update_meeting(struct ear_engine *engine, const struct ear_meeting_update *update);

/* Hands a command to the media thread; false when thousands wait. thread: main. */
bool ear_engine_command(struct ear_engine *engine, const struct ear_command *command);
/* The next event; false when there is none. thread: main. */
bool ear_engine_event(struct ear_engine *engine, struct ear_event *ret);
/* Hands a frame of mail, or an OPEN, to the media thread; false when there is no room: a hundred
 * wait. thread: worker. */
bool ear_engine_mail_put(struct ear_engine *engine, const struct ear_pipe_item *item);
/* The next thing for the mail; false when there is none. thread: worker, the same. */
bool ear_engine_mail_take(struct ear_engine *engine, struct ear_pipe_item *ret);
/* What EAR_EVENT_UNHEARD told of, to be taken (call/unheard.h); borrowed. thread: worker or main.
 */
struct ear_unheard *ear_engine_unheard(struct ear_engine *engine);
/* The newest snapshot, made ten times a second; false when there is no newer one. thread: main. */
bool ear_engine_poll_status(struct ear_engine *engine, struct ear_engine_status *ret);
/* A snapshot made now. thread: media, or any after media ended. */
void ear_engine_get_status(struct ear_engine *engine, struct ear_engine_status *ret);

#endif
