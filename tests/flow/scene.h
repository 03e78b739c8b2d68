/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people, two engines and a bad link in virtual time, and all that happened written down. */
#ifndef EAR_SCENE_H
#define EAR_SCENE_H

#include "fake/person.h"
#include "fake/test.h"
#include "sim/numbered.h"
#include "sim/rig.h"
#include "sim/talker.h"

#define SCENE_EVENTS 4096
#define SCENE_HEARD 65536

struct scene_options {
    const char *link; /* a named one, or NULL: text */
    const char *text; /* of a link; NULL with link NULL: "delay = 50 ms" */
    uint64_t seed;    /* 0: SEED */
    bool turns;       /* two synthetic voices that take turns; otherwise persons */
    bool opus;        /* the real codec; otherwise numbered packets */
    bool no_auto_answer;
    int64_t ppm[2];
    uint32_t enet_offset_ms;
    int64_t start_us; /* 0: 1000 s */
    int budget_bps;   /* of each end's wire; 0: the usual one */
};

/* An event of an engine's, with the time at which it was seen. */
struct scene_event {
    int64_t at_us;
    struct ear_event event;
};

/* Speech that was played from a packet. */
struct scene_heard {
    int64_t at_us, index, arrival_us;
    int units;
};

struct scene_end {
    struct ear_person person;
    struct ear_talker *voice;
    struct ear_codec *codec;
    struct ear_codec *again; /* numbered, for what was missed */
    struct scene_event events[SCENE_EVENTS];
    int event_count;
    struct scene_heard heard[SCENE_HEARD]; /* the newest */
    int64_t heard_count;
    int64_t went_back; /* played before something that was spoken earlier */
    int64_t newest_index;
    int64_t concealed_units;
};

struct scene {
    struct scene_options options;
    struct ear_profile *profile;
    struct ear_rig *rig;
    struct scene_end ends[2];
};

/* Everything is in the one scene of the program. */
struct scene *scene_open(const struct scene_options *options);
void scene_close(struct scene *s);

/* Lets time pass and writes down events, looking each 20 ms. */
void scene_run(struct scene *s, int64_t duration_us);
/* Runs until both talk; fails the test after 30 s. */
void scene_call(struct scene *s);
/* End hangs up; both must be idle, for the right reasons, within 10 s. */
void scene_hang_up(struct scene *s, int end);
void scene_command(struct scene *s, int end, enum ear_command_kind kind, bool on);
/* Runs until the end is in that phase; returns when, or fails after limit. */
int64_t scene_until_phase(struct scene *s, int end, enum ear_phase phase, int64_t limit_us);
/* Both talk, and the newest of each is heard by the other within limit from now on. */
void scene_assert_both_hear(struct scene *s, int64_t limit_us);

int64_t scene_now(const struct scene *s);
struct ear_engine_status scene_status(struct scene *s, int end);
/* The time of the first such event since, -1: there was none. any_on: look at on as well. */
int64_t scene_find(const struct scene *s, int end, enum ear_event_kind kind, bool on,
                   int64_t since_us);
int64_t scene_find_phase(const struct scene *s, int end, enum ear_phase phase, int64_t since_us);
int scene_count_phase(const struct scene *s, int end, enum ear_phase phase);
/* Journal time that lies between what is spoken at one end now and what is heard at the other: the
 * newest heard packet's age. */
int64_t scene_first_heard_after(const struct scene *s, int end, int64_t since_us);

#endif
