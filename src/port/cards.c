/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows PortAudio. */
#include "port/cards.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <portaudio.h>

/* Less than this and a busy old laptop stutters. */
#define LATENCY_LEAST_S 0.020
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

EAR_RT static int on_block(const void *in, void *out, unsigned long frames,
                           const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags,
                           void *ctx)
{
    struct ear_cards_stream *s = ctx;
    (void)flags;
    int64_t now_us = ear_clock_now_us(s->clock);
    if (out && s->speaker) {
        int64_t us = latency_us(time->outputBufferDacTime - time->currentTime, time->currentTime,
                                s->speaker_latency_us);
        ear_cardspeaker_play(s->speaker, out, s->speaker_channels, frames, now_us, us);
    }
    if (in && s->mic) {
        double oldest_s = time->currentTime - time->inputBufferAdcTime;
        int64_t us = latency_us(oldest_s - (double)frames / s->rate_hz, time->currentTime,
                                s->mic_latency_us);
        ear_cardmic_hear(s->mic, in, s->mic_channels, frames, now_us, us);
    }
    return paContinue;
}

static PaError open_as(struct ear_cards_stream *s, int card, double rate_hz)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(card);
    PaStreamParameters mic = {
        .device = card,
        .channelCount = s->mic_channels,
        .sampleFormat = paInt16,
        .suggestedLatency = fmax(LATENCY_LEAST_S, info->defaultLowInputLatency),
    };
    PaStreamParameters speaker = {
        .device = card,
        .channelCount = s->speaker_channels,
        .sampleFormat = paInt16,
        .suggestedLatency = fmax(LATENCY_LEAST_S, info->defaultLowOutputLatency),
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

static PaError open_somehow(struct ear_cards_stream *s, int card, bool mic, bool speaker)
{
    const double rates[] = {48000, Pa_GetDeviceInfo(card)->defaultSampleRate, 44100, 32000, 16000,
                            8000};
    const int channels[][2] = {{1, 1}, {1, 2}, {2, 2}, {2, 1}}; /* microphone, loudspeaker */
    PaError rc = paInvalidSampleRate;
    for (size_t r = 0; r < EAR_COUNT(rates); r++) {
        for (size_t c = 0; c < EAR_COUNT(channels); c++) {
            s->mic_channels = mic ? channels[c][0] : 0;
            s->speaker_channels = speaker ? channels[c][1] : 0;
            rc = open_as(s, card, rates[r]);
            if (rc == paNoError || !is_about_format(rc))
                return rc;
        }
    }
    return rc;
}

int ear_cards_open(struct ear_cards_stream **ret, int card, bool mic, bool speaker,
                   const char **ret_why)
{
    struct ear_cards_stream *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int saved = hush();
    PaError rc = open_somehow(s, card, mic, speaker);
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
