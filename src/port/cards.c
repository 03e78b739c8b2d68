/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows PortAudio. */
#include "port/cards.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <portaudio.h>

/* A latency that PortAudio gets out of a card is not believed above this. */
#define LATENCY_MOST_US 2000000.0

struct ear_cards_stream {
    PaStream *pa;
    const struct ear_clock *clock;
    struct ear_cardmic *mic;
    struct ear_cardspeaker *speaker;
    int mic_channels, speaker_channels;
    double rate_hz;
    int64_t mic_latency_us, speaker_latency_us; /* as promised when it was opened */
};

/* The libraries below write to stderr what no user can use: ALSA whenever a card hiccups, which its
 * error handler stops for good; JACK and others while they look for cards. */
static void ignore_alsa(const char *file, int line, const char *function, int error,
                        const char *format, ...)
{
    (void)file, (void)line, (void)function, (void)error, (void)format;
}

static void hush_alsa(void)
{
    typedef int set_handler(void (*)(const char *, int, const char *, int, const char *, ...));
    set_handler *set = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "snd_lib_error_set_handler");
    memcpy(&set, &symbol, sizeof set);
    if (set)
        set(ignore_alsa);
}

static int hush(void)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int saved = null >= 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
    if (saved >= 0)
        dup2(null, STDERR_FILENO);
    if (null >= 0)
        close(null);
    return saved;
}

static void unhush(int saved)
{
    if (saved < 0)
        return;
    dup2(saved, STDERR_FILENO);
    close(saved);
}

int ear_cards_start(void)
{
    hush_alsa();
    int saved = hush();
    PaError rc = Pa_Initialize();
    unhush(saved);
    return rc == paNoError ? 0 : rc == paInsufficientMemory ? -ENOMEM : -EIO;
}

void ear_cards_stop(void)
{
    int saved = hush();
    Pa_Terminate();
    unhush(saved);
}

int ear_cards_count(void)
{
    PaDeviceIndex count = Pa_GetDeviceCount();
    return count > 0 ? count : 0;
}

void ear_cards_info(int card, struct ear_device_info *ret)
{
    const PaDeviceInfo *pa = Pa_GetDeviceInfo(card);
    const PaHostApiInfo *host = Pa_GetHostApiInfo(pa->hostApi);
    *ret = (struct ear_device_info){
        .inputs = pa->maxInputChannels,
        .outputs = pa->maxOutputChannels,
        .rate_hz = pa->defaultSampleRate,
        .usual_input = card == Pa_GetDefaultInputDevice(),
        .usual_output = card == Pa_GetDefaultOutputDevice(),
    };
    snprintf(ret->name, sizeof ret->name, "%s", pa->name);
    snprintf(ret->host, sizeof ret->host, "%s", host ? host->name : "");
}

/* What the card says now, if that can be true, else what it said when it was opened. */
EAR_RT static int64_t latency_us(double seconds, double clock_s, int64_t promised_us)
{
    double us = seconds * EAR_US_PER_S;
    return clock_s > 0 && us > 0 && us < LATENCY_MOST_US ? (int64_t)us : promised_us;
}

EAR_RT static void play_block(struct ear_cards_stream *s, struct ear_cardline_block *block,
                              const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags)
{
    double delay_s = time->outputBufferDacTime - time->currentTime;
    block->channels = s->speaker_channels;
    block->latency_us = latency_us(delay_s, time->currentTime, s->speaker_latency_us);
    block->broken = (flags & paOutputUnderflow) != 0;
    ear_cardspeaker_play(s->speaker, block);
}

EAR_RT static void hear_block(struct ear_cards_stream *s, struct ear_cardline_block *block,
                              const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags)
{
    double oldest_s = time->currentTime - time->inputBufferAdcTime;
    double newest_s = oldest_s - (double)block->frames / s->rate_hz;
    block->channels = s->mic_channels;
    block->latency_us = latency_us(newest_s, time->currentTime, s->mic_latency_us);
    block->broken = (flags & paInputOverflow) != 0;
    ear_cardmic_hear(s->mic, block);
}

EAR_RT static int on_block(const void *in, void *out, unsigned long frames,
                           const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags,
                           void *ctx)
{
    struct ear_cards_stream *s = ctx;
    struct ear_cardline_block block = {.frames = frames, .now_us = ear_clock_now_us(s->clock)};
    block.sound = out;
    if (out && s->speaker)
        play_block(s, &block, time, flags);
    block.sound = (void *)(uintptr_t)in; /* only read */
    if (in && s->mic)
        hear_block(s, &block, time, flags);
    return paContinue;
}

static PaError open_as(struct ear_cards_stream *s, const struct ear_cards_config *c, double rate_hz)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(c->card);
    PaStreamParameters mic = {
        .device = c->card,
        .channelCount = s->mic_channels,
        .sampleFormat = paInt16,
        .suggestedLatency = fmax(c->latency_s, info->defaultLowInputLatency),
    };
    PaStreamParameters speaker = {
        .device = c->card,
        .channelCount = s->speaker_channels,
        .sampleFormat = paInt16,
        .suggestedLatency = fmax(c->latency_s, info->defaultLowOutputLatency),
    };
    return Pa_OpenStream(&s->pa, s->mic_channels ? &mic : NULL,
                         s->speaker_channels ? &speaker : NULL, rate_hz,
                         paFramesPerBufferUnspecified, paNoFlag, on_block, s);
}

/* Whether another rate or number of channels may help. ALSA reports these as host errors too. */
static bool is_about_format(PaError rc)
{
    return rc == paInvalidSampleRate || rc == paInvalidChannelCount ||
           rc == paSampleFormatNotSupported || rc == paUnanticipatedHostError ||
           rc == paBadIODeviceCombination;
}

static PaError open_somehow(struct ear_cards_stream *s, const struct ear_cards_config *config)
{
    const double rates[] = {
        48000, Pa_GetDeviceInfo(config->card)->defaultSampleRate, 44100, 32000, 16000, 8000};
    const int channels[][2] = {{1, 1}, {1, 2}, {2, 2}, {2, 1}}; /* microphone, loudspeaker */
    PaError rc = paInvalidSampleRate;
    for (size_t r = 0; r < EAR_COUNT(rates); r++) {
        for (size_t c = 0; c < EAR_COUNT(channels); c++) {
            s->mic_channels = config->mic ? channels[c][0] : 0;
            s->speaker_channels = config->speaker ? channels[c][1] : 0;
            rc = open_as(s, config, rates[r]);
            if (rc == paNoError || !is_about_format(rc))
                return rc;
        }
    }
    return rc;
}

int ear_cards_open(struct ear_cards_stream **ret, const struct ear_cards_config *config,
                   const char **ret_why)
{
    struct ear_cards_stream *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int saved = hush();
    PaError rc = open_somehow(s, config);
    unhush(saved);
    const PaStreamInfo *info = rc == paNoError ? Pa_GetStreamInfo(s->pa) : NULL;
    if (!info) {
        *ret_why = Pa_GetErrorText(rc);
        free(s);
        return rc == paDeviceUnavailable ? -EBUSY : rc == paInsufficientMemory ? -ENOMEM : -EIO;
    }
    s->rate_hz = info->sampleRate;
    s->mic_latency_us = (int64_t)(info->inputLatency * EAR_US_PER_S);
    s->speaker_latency_us = (int64_t)(info->outputLatency * EAR_US_PER_S);
    *ret = s;
    return 0;
}

uint32_t ear_cards_rate_hz(const struct ear_cards_stream *s)
{
    return (uint32_t)lround(s->rate_hz);
}

int ear_cards_run(struct ear_cards_stream *s, const struct ear_clock *clock,
                  struct ear_cardmic *mic, struct ear_cardspeaker *speaker)
{
    s->clock = clock;
    s->mic = mic;
    s->speaker = speaker;
    int saved = hush();
    PaError rc = Pa_StartStream(s->pa);
    unhush(saved);
    return rc == paNoError ? 0 : -EIO;
}

bool ear_cards_alive(const struct ear_cards_stream *s)
{
    return Pa_IsStreamActive(s->pa) == 1;
}

void ear_cards_close(struct ear_cards_stream *s)
{
    if (!s)
        return;
    int saved = hush();
    Pa_AbortStream(s->pa);
    Pa_CloseStream(s->pa);
    unhush(saved);
    free(s);
}
