/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings through the wav microphone, on a clock of their own. */
#include "tools/speech.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/wavfile.h"

#define USUAL "/usr/share/pocketsphinx/test/data/librivox/*.wav"
/* Ten minutes are variety enough. */
static const size_t most_samples = (size_t)600 * EAR_RATE_HZ;

void ear_speech_close(struct ear_speech *speech)
{
    free(speech->samples);
    *speech = (struct ear_speech){0};
}

static int append(struct ear_speech *speech, struct ear_wav_mic *wav)
{
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    size_t frames = (size_t)(ear_wav_mic_length_us(wav) / EAR_FRAME_US);
    if (frames > (most_samples - speech->count) / EAR_FRAME)
        frames = (most_samples - speech->count) / EAR_FRAME;
    size_t wanted = speech->count + frames * EAR_FRAME;
    int16_t *samples = realloc(speech->samples, (wanted + 1) * sizeof(*samples));
    if (!samples)
        return -ENOMEM;
    speech->samples = samples;
    for (int64_t now_us = 0; speech->count < wanted; now_us += EAR_FRAME_US) {
        int64_t end_us;
        ear_wav_mic_pump(wav);
        if (mic->read(mic->ctx, now_us, samples + speech->count, &end_us) > 0)
            speech->count += EAR_FRAME;
    }
    return 0;
}

static int append_file(struct ear_speech *speech, const char *path, char *error, size_t error_bytes)
{
    struct ear_wav_mic *wav;
    int result = ear_wav_mic_open(&wav, path, false, error, error_bytes);
    if (result < 0)
        return result;
    result = append(speech, wav);
    ear_wav_mic_close(wav);
    return result;
}

static int append_usual(struct ear_speech *speech, char *error, size_t error_bytes)
{
    glob_t found;
    int result = 0;
    if (glob(USUAL, 0, NULL, &found) != 0) {
        snprintf(error, error_bytes,
                 "There is no speech to send: give --speech FILE.wav or install "
                 "pocketsphinx-testdata.");
        return -ENOENT;
    }
    for (size_t i = 0; i < found.gl_pathc && result == 0; i++)
        result = append_file(speech, found.gl_pathv[i], error, error_bytes);
    globfree(&found);
    return result;
}

int ear_speech_open(struct ear_speech *ret, const char *path, char *error, size_t error_bytes)
{
    struct ear_speech speech = {0};
    int result = path ? append_file(&speech, path, error, error_bytes)
                      : append_usual(&speech, error, error_bytes);
    if (result == 0 && speech.count == 0) {
        result = -EINVAL;
        snprintf(error, error_bytes, "The recording %s is shorter than 10 ms.", path ? path : "");
    }
    if (result < 0)
        ear_speech_close(&speech);
    else
        *ret = speech;
    return result;
}

void ear_speech_read(struct ear_speech *speech, int16_t *ret_pcm, size_t samples)
{
    for (size_t i = 0; i < samples; i++) {
        ret_pcm[i] = speech->samples[speech->next];
        speech->next = (speech->next + 1) % speech->count;
    }
}
