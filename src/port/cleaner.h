/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the loudspeaker's echo, steady noise and a low level out of what the microphone hears. */
#ifndef EAR_CLEANER_H
#define EAR_CLEANER_H

#include "base/ear.h"

enum ear_cleaner_kind {
    EAR_CLEANER_USUAL,  /* WebRTC where the program was built with it, else SpeexDSP */
    EAR_CLEANER_WEBRTC, /* holds through drift and jumps; cuts a little of who speaks meanwhile */
    EAR_CLEANER_SPEEX,  /* for one card: leaves double talk whole, knows no drift */
    EAR_CLEANER_KINDS
};

struct ear_cleaner_config {
    enum ear_cleaner_kind kind;
    bool denoise; /* mildly: steady noise sinks by about 6 dB, nothing is ever muted */
    bool gain;    /* WebRTC: speech that is too quiet is raised, by up to 18 dB */
};

/* What programs use: mild in all. */
extern const struct ear_cleaner_config ear_cleaner_config_usual;

/* Frames of 10 ms at 16 kHz, mono. One thread at a time. After new nothing allocates (but
 * WebRTC 1.x a name that it looks up): both paths, with and without the canceller, are made then.
 * Latency: 13 ms at most. */
struct ear_cleaner;

/* Returns 0, -ENOMEM, -ENOTSUP (not built with that kind). May take 10 ms. */
EAR_CHECK int ear_cleaner_new(struct ear_cleaner **ret, const struct ear_cleaner_config *config);
void ear_cleaner_free(struct ear_cleaner *cleaner);
/* Cleans one frame in place. played: what the loudspeaker gave EAR_CLEANER_LEAD_MS after the frame
 * began (the echo comes that much later, and as long as the room and untold latencies take: up to
 * 100 ms more); NULL: no echo is to be expected, only noise and level are treated. */
void ear_cleaner_run(struct ear_cleaner *cleaner, const int16_t *played,
                     int16_t frame[static EAR_FRAME]);
#define EAR_CLEANER_LEAD_MS 20

bool ear_cleaner_has(enum ear_cleaner_kind kind);
/* For people: "WebRTC 0.3", "SpeexDSP". */
const char *ear_cleaner_name(const struct ear_cleaner *cleaner);

#endif
