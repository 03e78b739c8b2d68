/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens what --mic and --speaker name, and looks after it. */
#include "tools/sounds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/options.h"

#define DEVICE_PREFIX "device:"

static const char *device_name(const char *text)
{
    size_t len = strlen(DEVICE_PREFIX);
    return text && strncmp(text, DEVICE_PREFIX, len) == 0 ? text + len : NULL;
}

static bool is_device(const char *text)
{
    return !text || device_name(text);
}

static int open_device(struct ear_sounds *sounds, const char *mic, const char *speaker)
{
    char error[256];
    const struct ear_device_config config = {
        .mic_name = is_device(mic) ? device_name(mic) : "",
        .speaker_name = is_device(speaker) ? device_name(speaker) : "",
        .clock = &ear_clock_monotonic,
    };
    int err = ear_device_open(&sounds->device, &config, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    if (is_device(mic))
        sounds->mic = ear_device_mic(sounds->device);
    if (is_device(speaker))
        sounds->speaker = ear_device_speaker(sounds->device);
    return 0;
}

/* Only where both are a sound card's: nothing else has a loudspeaker in the room. */
static int clean_device(struct ear_sounds *sounds, enum ear_cleaning_echo echo)
{
    const struct ear_cleaning_config config = {.mic = sounds->mic,
                                               .speaker = sounds->speaker,
                                               .cleaner = ear_cleaner_config_usual,
                                               .echo = echo};
    int err = ear_cleaning_new(&sounds->cleaning, &config);
    if (err)
        return err;
    sounds->mic = ear_cleaning_mic(sounds->cleaning);
    sounds->speaker = ear_cleaning_speaker(sounds->cleaning);
    return 0;
}

static int open_mic(struct ear_sounds *sounds, const char *mic)
{
    char error[256];
    if (strcmp(mic, "silence") == 0) {
        int err = ear_wav_silence_new(&sounds->silence);
        sounds->mic = sounds->silence;
        return err;
    }
    int err = ear_wav_mic_open(&sounds->wav_mic, mic, false, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    ear_wav_mic_pump(sounds->wav_mic);
    sounds->mic = ear_wav_mic_mic(sounds->wav_mic);
    return 0;
}

static int open_speaker(struct ear_sounds *sounds, const char *speaker)
{
    char error[256];
    if (strcmp(speaker, "none") == 0) {
        int err = ear_wav_nowhere_new(&sounds->nowhere);
        sounds->speaker = sounds->nowhere;
        return err;
    }
    int err = ear_wav_speaker_open(&sounds->wav_speaker, speaker, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    sounds->speaker = ear_wav_speaker_speaker(sounds->wav_speaker);
    return 0;
}

int ear_sounds_open(struct ear_sounds *ret, const char *mic, const char *speaker,
                    enum ear_cleaning_echo echo)
{
    *ret = (struct ear_sounds){0};
    int err = 0;
    if (is_device(mic) || is_device(speaker))
        err = open_device(ret, mic, speaker);
    if (!err && is_device(mic) && is_device(speaker))
        err = clean_device(ret, echo);
    if (!err && !is_device(mic))
        err = open_mic(ret, mic);
    if (!err && !is_device(speaker))
        err = open_speaker(ret, speaker);
    if (err)
        ear_sounds_close(ret);
    return err;
}

static void tend_device(struct ear_sounds *sounds)
{
    struct ear_device_stats stats;
    ear_device_tend(sounds->device);
    ear_device_get_stats(sounds->device, &stats);
    if (sounds->cleaning && stats.reopened != sounds->reopened)
        ear_cleaning_forget(sounds->cleaning);
    sounds->reopened = stats.reopened;
}

void ear_sounds_tend(void *arg)
{
    struct ear_sounds *sounds = arg;
    if (sounds->wav_mic)
        ear_wav_mic_pump(sounds->wav_mic);
    if (sounds->wav_speaker) {
        int err = ear_wav_speaker_pump(sounds->wav_speaker);
        if (err && !sounds->write_error)
            ear_complain("The recording cannot be written on (%s): what is there is kept, and the "
                         "call goes on.",
                         strerror(-err));
        sounds->write_error = err;
    }
    if (sounds->device)
        tend_device(sounds);
}

int ear_sounds_close(struct ear_sounds *sounds)
{
    int err = 0;
    ear_wav_mic_close(sounds->wav_mic);
    if (sounds->wav_speaker)
        err = ear_wav_speaker_close(sounds->wav_speaker);
    if (err && !sounds->write_error)
        ear_complain("The recording could not be written whole (%s).", strerror(-err));
    ear_cleaning_free(sounds->cleaning);
    ear_device_close(sounds->device);
    free(sounds->silence);
    free(sounds->nowhere);
    *sounds = (struct ear_sounds){0};
    return err;
}

static double seconds_of(int64_t us)
{
    return us == INT64_MIN ? -1 : (double)us / EAR_US_PER_S;
}

double ear_sounds_mic_t0(const struct ear_sounds *sounds)
{
    return sounds->wav_mic ? seconds_of(ear_wav_mic_start_us(sounds->wav_mic)) : -1;
}

double ear_sounds_speaker_t0(const struct ear_sounds *sounds)
{
    return sounds->wav_speaker ? seconds_of(ear_wav_speaker_start_us(sounds->wav_speaker)) : -1;
}
