/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The microphone and loudspeaker that a command line names. */
#ifndef EAR_SOUNDS_H
#define EAR_SOUNDS_H

#include "base/clock.h"
#include "base/sound.h"
#include "port/device.h"
#include "port/wavfile.h"
#include "tx/cleaning.h"

/* thread: main, but for tend (worker). */
struct ear_sounds {
    struct ear_mic *mic;
    struct ear_speaker *speaker;
    /* what stands behind them; NULL where it does not */
    struct ear_wav_mic *wav_mic;
    struct ear_wav_speaker *wav_speaker;
    struct ear_device *device;
    struct ear_cleaning *cleaning; /* of its microphone */
    struct ear_mic *silence;
    struct ear_speaker *nowhere;
    int write_error;  /* of the recording, once it was told */
    int64_t reopened; /* how often the device was, when last seen */
};

/* mic: FILE.wav, device:NAME, silence or NULL (the usual card); speaker: FILE.wav, device:NAME,
 * none or NULL. Complains in one line and returns -errno where that fails. */
EAR_CHECK int ear_sounds_open(struct ear_sounds *ret, const char *mic, const char *speaker,
                              enum ear_cleaning_echo echo);
/* What may block: reading ahead, writing out, opening cards again. To be called every
 * EAR_DEVICE_TEND_US. thread: worker. */
void ear_sounds_tend(void *sounds);
/* Complains in one line when the recording could not be written whole; returns that error or 0. */
int ear_sounds_close(struct ear_sounds *sounds);

/* CLOCK_MONOTONIC seconds of sample 0; negative where there is no such recording. */
double ear_sounds_mic_t0(const struct ear_sounds *sounds);
double ear_sounds_speaker_t0(const struct ear_sounds *sounds);

#endif
