/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins utterances by reading and writing wavs faster than real time. */
#include "tools/said.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "port/wavfile.h"
#include "tools/options.h"
#include "tools/speech.h"

/* Debian: pocketsphinx-testdata (read English) and codec2-examples. */
#define SPHINX "/usr/share/pocketsphinx/test/data/"
#define LIBRIVOX SPHINX "librivox/sense_and_sensibility_01_austen_64kb-"
#define CODEC2 "/usr/share/codec2/"

static const char *const utterances[EAR_SAID_TALKERS][8] = {
    {LIBRIVOX "0870.wav", LIBRIVOX "0880.wav", LIBRIVOX "0890.wav", LIBRIVOX "0920.wav",
     LIBRIVOX "0930.wav", CODEC2 "raw/speech_orig_16k.wav", CODEC2 "wav/big_dog.wav"},
    {SPHINX "cards/001.wav", SPHINX "cards/002.wav", SPHINX "cards/003.wav", SPHINX "cards/004.wav",
     SPHINX "cards/005.wav", CODEC2 "raw/speech_orig_16k.wav", CODEC2 "wav/mmt1.wav"},
};

/* Pauses between utterances: the one who answers is silent for longer. */
static const int64_t pause_us[EAR_SAID_TALKERS] = {700 * EAR_US_PER_MS, 2500 * EAR_US_PER_MS};

struct join {
    struct ear_wav_speaker *out;
    int64_t now_us;
    int64_t end_us;
    bool any;
};

static int write_frame(struct join *join, const int16_t frame[static EAR_FRAME])
{
    struct ear_speaker *speaker = ear_wav_speaker_speaker(join->out);
    int64_t heard_us;
    if (speaker->wants(speaker->ctx, join->now_us, &heard_us) == 1)
        speaker->write(speaker->ctx, frame);
    join->now_us += EAR_FRAME_US;
    return join->now_us / EAR_FRAME_US % 10 == 0 ? ear_wav_speaker_pump(join->out) : 0;
}

static int write_pause(struct join *join, int64_t us)
{
    static const int16_t silence[EAR_FRAME];
    int err = 0;
    for (int64_t end = ear_min64(join->now_us + us, join->end_us); !err && join->now_us < end;)
        err = write_frame(join, silence);
    return err;
}

static int append(struct join *join, const char *path, char *error, size_t error_bytes)
{
    struct ear_speech speech;
    int err = ear_speech_open(&speech, path, error, error_bytes);
    if (err)
        return err;
    for (size_t at = 0; !err && at < speech.count && join->now_us < join->end_us; at += EAR_FRAME)
        err = write_frame(join, speech.samples + at);
    ear_speech_close(&speech);
    join->any = true;
    return err;
}

/* One round through the talker's utterances. */
static int append_all(struct join *join, int talker, const char *file)
{
    char error[256];
    if (file) {
        int err = append(join, file, error, sizeof error);
        if (err)
            ear_complain("%s", error);
        return err ? err : write_pause(join, pause_us[talker]);
    }
    for (size_t i = 0; i < EAR_COUNT(utterances[0]) && join->now_us < join->end_us; i++) {
        const char *path = utterances[talker][i];
        if (!path || access(path, R_OK) != 0)
            continue;
        int err = append(join, path, error, sizeof error);
        if (!err)
            err = write_pause(join, pause_us[talker]);
        if (err)
            return err;
    }
    if (join->any)
        return 0;
    ear_complain("There is no recorded speech. Install the package pocketsphinx-testdata, or give "
                 "--speech FILE.wav.");
    return -ENOENT;
}

int ear_said_write(const char *path, int talker, double seconds, const char *file)
{
    char error[256];
    struct join join = {.end_us = (int64_t)(seconds * EAR_US_PER_S)};
    int err = ear_wav_speaker_open(&join.out, path, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    err = write_pause(&join, 300 * EAR_US_PER_MS + (talker ? pause_us[talker] : 0));
    while (!err && join.now_us < join.end_us)
        err = append_all(&join, talker, file);
    int closed = ear_wav_speaker_close(join.out);
    if (closed && !err)
        ear_complain("%s cannot be written (%s).", path, strerror(-closed));
    return err ? err : closed;
}
