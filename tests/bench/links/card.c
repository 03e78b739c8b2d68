/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sound card made of two files, for a program that knows ALSA alone: preloaded before libasound.
 *
 *     LD_PRELOAD=libbench_links_card.so CARD_MIC=said.raw CARD_SPEAKER=heard.raw CARD_TIMES=t.json
 *
 * Raw samples, 16 kHz, 16 bit, mono. The microphone hands samples over when the last of them has
 * been spoken; the loudspeaker has no buffer, so that samples are heard as they are written; where
 * none come in time there is silence. t.json gets the CLOCK_MONOTONIC seconds of sample 0 of each.
 */
#include <alsa/asoundlib.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RATE 16000
#define SAMPLE_BYTES 2
#define NS_PER_S 1000000000LL
/* A writer that is later than this has left a hole: less is the scheduler. */
#define TOLERANCE_NS 10000000LL

struct _snd_pcm {
    FILE *file;
    int64_t start_ns; /* of sample 0; 0: not started */
    int64_t samples;
};

/* The preloaded program has one microphone and one loudspeaker; ALSA has no place for a handle. */
static struct _snd_pcm cards[2];

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t samples_to_ns(int64_t samples)
{
    return samples * NS_PER_S / RATE;
}

static void sleep_until(int64_t ns)
{
    const struct timespec t = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

static void save_times(void)
{
    const char *path = getenv("CARD_TIMES");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "{\"mic_t0\": %.6f, \"speaker_t0\": %.6f}\n",
            (double)cards[0].start_ns / (double)NS_PER_S,
            (double)cards[1].start_ns / (double)NS_PER_S);
    fclose(file);
}

static void start(struct _snd_pcm *pcm)
{
    if (pcm->start_ns)
        return;
    pcm->start_ns = now_ns();
    save_times();
}

int snd_pcm_open(snd_pcm_t **ret, const char *name, snd_pcm_stream_t stream, int mode)
{
    bool is_speaker = stream == SND_PCM_STREAM_PLAYBACK;
    struct _snd_pcm *pcm = &cards[is_speaker];
    const char *path = getenv(is_speaker ? "CARD_SPEAKER" : "CARD_MIC");
    if (pcm->file || !path)
        return -EBUSY;
    pcm->file = fopen(path, is_speaker ? "wb" : "rb");
    if (!pcm->file)
        return -ENOENT;
    *ret = pcm;
    return 0;
}

int snd_pcm_close(snd_pcm_t *pcm)
{
    int err = pcm->file && fclose(pcm->file) ? -EIO : 0;
    pcm->file = NULL;
    return err;
}

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size)
{
    start(pcm);
    pcm->samples += (int64_t)size;
    sleep_until(pcm->start_ns + samples_to_ns(pcm->samples));
    size_t got = fread(buffer, SAMPLE_BYTES, size, pcm->file);
    memset((char *)buffer + got * SAMPLE_BYTES, 0, (size - got) * SAMPLE_BYTES);
    return (snd_pcm_sframes_t)size;
}

static void fill_hole(struct _snd_pcm *pcm)
{
    static const int16_t silence;
    int64_t late_ns = now_ns() - pcm->start_ns - samples_to_ns(pcm->samples);
    if (late_ns <= TOLERANCE_NS)
        return;
    for (int64_t n = late_ns * RATE / NS_PER_S; n > 0; n--, pcm->samples++)
        fwrite(&silence, SAMPLE_BYTES, 1, pcm->file);
}

snd_pcm_sframes_t snd_pcm_writei(snd_pcm_t *pcm, const void *buffer, snd_pcm_uframes_t size)
{
    start(pcm);
    fill_hole(pcm);
    fwrite(buffer, SAMPLE_BYTES, size, pcm->file);
    fflush(pcm->file);
    pcm->samples += (int64_t)size;
    sleep_until(pcm->start_ns + samples_to_ns(pcm->samples));
    return (snd_pcm_sframes_t)size;
}

/* ---- What else is asked of a card: one format, and always ready ---- */

int snd_pcm_prepare(snd_pcm_t *pcm)
{
    return 0;
}

int snd_pcm_start(snd_pcm_t *pcm)
{
    return 0;
}

int snd_pcm_drain(snd_pcm_t *pcm)
{
    return 0;
}

int snd_pcm_hw_params_malloc(snd_pcm_hw_params_t **ret)
{
    *ret = calloc(1, 1);
    return *ret ? 0 : -ENOMEM;
}

void snd_pcm_hw_params_free(snd_pcm_hw_params_t *params)
{
    free(params);
}

int snd_pcm_hw_params_any(snd_pcm_t *pcm, snd_pcm_hw_params_t *params)
{
    return 0;
}

int snd_pcm_hw_params_set_access(snd_pcm_t *pcm, snd_pcm_hw_params_t *params,
                                 snd_pcm_access_t access)
{
    return access == SND_PCM_ACCESS_RW_INTERLEAVED ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *params,
                                 snd_pcm_format_t format)
{
    return format == SND_PCM_FORMAT_S16 ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *params,
                                   unsigned int channels)
{
    return channels == 1 ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned int rate,
                               int direction)
{
    return rate == RATE ? 0 : -EINVAL;
}

int snd_pcm_hw_params_set_period_size_near(snd_pcm_t *pcm, snd_pcm_hw_params_t *params,
                                           snd_pcm_uframes_t *size, int *direction)
{
    return 0;
}

int snd_pcm_hw_params_set_buffer_size_near(snd_pcm_t *pcm, snd_pcm_hw_params_t *params,
                                           snd_pcm_uframes_t *size)
{
    return 0;
}

int snd_pcm_hw_params(snd_pcm_t *pcm, snd_pcm_hw_params_t *params)
{
    return 0;
}
