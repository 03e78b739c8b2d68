/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PortAudio without sound cards: tests plug cards in and out and move time by hand. */
#ifndef FAKE_AUDIO_H
#define FAKE_AUDIO_H

#include "base/clock.h"

#define FAKE_CARDS_MAX 8

struct fake_card {
    const char *name;
    int inputs, outputs;
    double true_hz;     /* 0: as it is opened */
    double only_hz;     /* the one rate that it takes; 0: any */
    int least_channels; /* mono is refused below */
    bool busy, unplugged, stopped, refuses_both, refuses_start;
    double jitter_us; /* mean lateness of its callbacks */
    bool echo;        /* its microphone hears its loudspeaker */
};

/* The cards that Pa_Initialize finds, and what callbacks do with sound. */
struct fake_audio {
    struct fake_card cards[FAKE_CARDS_MAX];
    int count;
    bool no_sound_system;
    struct ear_clock_virtual clock;
    int initialized;    /* now */
    int streams_opened; /* ever */
    int streams_open;   /* now */
    double last_latency_s;
    int16_t level;    /* of the tone that microphones hear */
    int64_t loudness; /* sum over what loudspeakers played */
    /* Where this is the pitch of the tone that they are given: by how much it ever jumped, of
     * 32768. */
    double tone_hz, jump;
    int64_t break_every; /* callbacks between hiccups; 0: never */
};

extern struct fake_audio fake_audio;

/* Raised while a callback runs, or while the test plays the media thread: nothing may allocate. */
extern _Thread_local int fake_audio_guard;
/* What was allocated or freed all the same; stays 0 where a sanitizer has the allocator. */
extern _Atomic long fake_audio_guard_broken;

/* Cards move and call back until the clock stands at until_us. */
void fake_audio_run(int64_t until_us);

#endif
