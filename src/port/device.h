/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound cards through PortAudio. */
#ifndef EAR_DEVICE_H
#define EAR_DEVICE_H

#include "base/clock.h"
#include "base/sound.h"

#define EAR_DEVICE_NAME_BYTES 128

struct ear_device_info {
    char name[EAR_DEVICE_NAME_BYTES];
    char host[32];       /* PortAudio host API: "ALSA", "JACK Audio Connection Kit" */
    int inputs, outputs; /* channels */
    double rate_hz;      /* its usual rate */
    bool usual_input, usual_output;
};

/* Lists the sound cards: *ret is an array of *ret_count, freed with free(). Opens PortAudio for
 * the while: may take a second. thread: main or worker. Returns 0, -ENOMEM, -EIO. */
EAR_CHECK int ear_device_list(struct ear_device_info **ret, size_t *ret_count);

struct ear_device_config {
    const char *mic_name; /* name or unique part of one; NULL: the usual one; "": no microphone */
    const char *speaker_name; /* likewise */
    /* Where one is not there the usual one serves until it is, and half of what is wanted is better
     * than nothing. */
    bool or_usual;
    const struct ear_clock *clock;
    const char *watched; /* folder in which cards appear; NULL: the system's; borrowed */
};

/* A microphone and a loudspeaker: one full-duplex stream where one card serves both, two streams
 * otherwise. Each has a ring to the callback and a resampler to and from 16 kHz, whose ratio is
 * steered so that the card's frames last 10 ms of the clock (cards are off by up to 200 ppm). A
 * card that is pulled out or stalls is reported (-ENODEV from read and wants) and opened again by
 * ear_device_tend once it or another usual one is there. What was asked for by name is taken again
 * when it is plugged in again. */
struct ear_device;

/* May block for seconds: thread: worker or main. On failure error holds one sentence for a person.
 * list, open, tend and close are for one thread at a time: PortAudio has one state for the process.
 * Returns 0, -ENODEV, -EBUSY (another program has the card), -ENOMEM, -EIO. */
EAR_CHECK int ear_device_open(struct ear_device **ret, const struct ear_device_config *config,
                              char *error, size_t error_bytes);
/* Stops the callbacks, then frees. */
void ear_device_close(struct ear_device *device);
/* Looks after the streams: reopens what went away, or came back. To be called every
 * EAR_DEVICE_TEND_US: what is pulled out must sound elsewhere within a second. thread: worker. */
#define EAR_DEVICE_TEND_US (100 * EAR_US_PER_MS)
void ear_device_tend(struct ear_device *device);

/* What the engine polls; valid while device lives. thread: media. */
struct ear_mic *ear_device_mic(struct ear_device *device);
struct ear_speaker *ear_device_speaker(struct ear_device *device);

struct ear_device_stats {
    int64_t underruns; /* callbacks that found no sound to play */
    int64_t overruns;  /* callbacks that found no room for what was heard */
    int64_t breaks;    /* callbacks before which the card itself ran dry or over */
    int64_t reopened;
    double mic_ppm; /* rate error steered out */
    double speaker_ppm;
    double mic_latency_ms; /* card and ring */
    double speaker_latency_ms;
};
void ear_device_get_stats(const struct ear_device *device, struct ear_device_stats *ret);

#endif
