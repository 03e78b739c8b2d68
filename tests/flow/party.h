/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several engines on one network in virtual time: who calls whom is up to the test. */
#ifndef EAR_PARTY_H
#define EAR_PARTY_H

#include "call/engine.h"
#include "fake/hub.h"
#include "fake/person.h"
#include "fake/test.h"
#include "relay/reflect.h"

#define PARTY 4
#define PARTY_RELAY (EAR_HUB_PLACES - 1) /* where the relay is, if there is one */
#define PARTY_EVENTS 8192

struct party_end {
    struct ear_engine *engine;
    struct ear_person person;
    struct ear_codec *codec;
    struct ear_event events[PARTY_EVENTS];
    int64_t event_us[PARTY_EVENTS];
    int event_count;
    int64_t due_us;
    int64_t heard, heard_us; /* packets played, by whatever way they came; when the newest was */
};

struct party {
    struct ear_clock_virtual time;
    struct ear_clock clock;
    struct ear_hub hub;
    struct party_end ends[PARTY];
    struct ear_random chance;
    int64_t stamps; /* how many engines were made */
    int count;
    bool opus;
    struct ear_reflect *relay;
    unsigned dialers, unmet;
    void (*around)(void *ctx, bool enters); /* around each step; may be NULL */
};

struct party_options {
    int count;
    uint64_t seed;
    bool opus;
    bool auto_answer;
    int wire_budget_bps; /* 0: 16000 */
    bool relay;          /* all can meet all others at one */
    unsigned dialers;    /* bit i: end i takes no calls */
    unsigned unmet;      /* bit i: end i knows of no meetings yet */
};

/* All accept calls and know each other; end i is number i + 1. Everything is in the one party of
 * the program. */
struct party *party_open(const struct party_options *options);
void party_close(struct party *p);
void party_run(struct party *p, int64_t duration_us);
void party_dial(struct party *p, int from, int to);
/* By relays alone. */
void party_dial_by_relay(struct party *p, int from, int to);
/* Where end i meets the others; returns how many. */
size_t party_meetings(int i, struct ear_meeting ret[static EAR_HUB_PLACES]);
/* Another relay at the same place, which knows nobody. */
void party_restart_relay(struct party *p);
struct ear_engine_status party_status(struct party *p, int end);
void party_command(struct party *p, int end, enum ear_command_kind kind, bool on);
enum ear_phase party_phase(struct party *p, int end);
enum ear_ending party_ending(struct party *p, int end);
/* Gives an end another secret than the one that it shares with a second one, by a new engine. */
void party_forget_secret(struct party *p, int end, int with);
/* Fails the test when the end is not in that phase within the limit; returns when it was. */
int64_t party_until(struct party *p, int end, enum ear_phase phase, int64_t limit_us);
int party_events(const struct party *p, int end, enum ear_event_kind kind);

#endif
