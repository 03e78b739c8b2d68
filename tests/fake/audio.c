/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of PortAudio that src/port/cards.c calls, over cards that a test describes. */
#include "audio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#include <portaudio.h>

#define BLOCK_S 0.010
#define STREAMS_MAX 4
#define BLOCK_MAX 4096

/* Until then rates are learnt. */
#define JUMPS_FROM_S 300

struct fake_stream {
    bool used, running, dead;
    struct fake_card *card;
    PaStreamCallback *callback;
    void *ctx;
    int inputs, outputs;
    double rate_hz, began_us;
    int64_t frames, calls;
    int block;
    double next_us;
    int16_t played[BLOCK_MAX * 2];
    double before[2]; /* the last two samples played */
};

struct fake_audio fake_audio;
_Thread_local int fake_audio_guard;
_Atomic long fake_audio_guard_broken;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#ifndef SANITIZED
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void __libc_free(void *old);

void *malloc(size_t bytes)
{
    fake_audio_guard_broken += fake_audio_guard > 0;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    fake_audio_guard_broken += fake_audio_guard > 0;
    return __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes)
{
    fake_audio_guard_broken += fake_audio_guard > 0;
    return __libc_realloc(old, bytes);
}

void free(void *old)
{
    fake_audio_guard_broken += fake_audio_guard > 0;
    __libc_free(old);
}
#endif

static struct fake_stream streams[STREAMS_MAX];
static struct ear_random chance;
static PaDeviceInfo infos[FAKE_CARDS_MAX];
static struct fake_card *present[FAKE_CARDS_MAX];
static int present_count;
static PaStreamInfo stream_info;

PaError Pa_Initialize(void)
{
    if (fake_audio.no_sound_system)
        return paInternalError;
    if (fake_audio.initialized++)
        return paNoError;
    chance = ear_random_seeded(5);
    present_count = 0;
    for (int i = 0; i < fake_audio.count; i++) {
        struct fake_card *card = &fake_audio.cards[i];
        if (card->unplugged)
            continue;
        infos[present_count] = (PaDeviceInfo){.name = card->name,
                                              .maxInputChannels = card->inputs,
                                              .maxOutputChannels = card->outputs,
                                              .defaultLowInputLatency = 0.01,
                                              .defaultLowOutputLatency = 0.01,
                                              .defaultSampleRate = 44100};
        present[present_count++] = card;
    }
    return paNoError;
}

PaError Pa_Terminate(void)
{
    fake_audio.initialized--;
    return paNoError;
}

PaDeviceIndex Pa_GetDeviceCount(void)
{
    return fake_audio.initialized ? present_count : paNotInitialized;
}

const PaDeviceInfo *Pa_GetDeviceInfo(PaDeviceIndex device)
{
    return &infos[device];
}

const PaHostApiInfo *Pa_GetHostApiInfo(PaHostApiIndex host)
{
    static const PaHostApiInfo info = {.name = "Fake"};
    (void)host;
    return &info;
}

static PaDeviceIndex first(bool plays)
{
    for (int i = 0; i < present_count; i++)
        if ((plays ? present[i]->outputs : present[i]->inputs) > 0)
            return i;
    return paNoDevice;
}

PaDeviceIndex Pa_GetDefaultInputDevice(void)
{
    return first(false);
}

PaDeviceIndex Pa_GetDefaultOutputDevice(void)
{
    return first(true);
}

const char *Pa_GetErrorText(PaError error)
{
    return error == paInvalidSampleRate ? "Invalid sample rate" : "Unanticipated host error";
}

static PaError refusal(const struct fake_card *card, int inputs, int outputs, double rate_hz)
{
    if (card->busy)
        return paDeviceUnavailable;
    if (card->refuses_both && inputs && outputs)
        return paUnanticipatedHostError;
    if (card->only_hz > 0 && fabs(rate_hz - card->only_hz) > 1)
        return paInvalidSampleRate;
    if ((inputs && inputs < card->least_channels) || (outputs && outputs < card->least_channels))
        return paInvalidChannelCount;
    return paNoError;
}

PaError Pa_OpenStream(PaStream **ret, const PaStreamParameters *in, const PaStreamParameters *out,
                      double rate_hz, unsigned long frames, PaStreamFlags flags,
                      PaStreamCallback *callback, void *ctx)
{
    (void)frames, (void)flags;
    struct fake_card *card = present[in ? in->device : out->device];
    int inputs = in ? in->channelCount : 0, outputs = out ? out->channelCount : 0;
    PaError rc = refusal(card, inputs, outputs, rate_hz);
    if (rc != paNoError)
        return rc;
    struct fake_stream *s = streams;
    while (s->used)
        s++;
    *s = (struct fake_stream){.used = true,
                              .card = card,
                              .callback = callback,
                              .ctx = ctx,
                              .inputs = inputs,
                              .outputs = outputs,
                              .rate_hz = card->true_hz > 0 ? card->true_hz : rate_hz,
                              .block = (int)(BLOCK_S * rate_hz)};
    stream_info =
        (PaStreamInfo){.inputLatency = 0.02, .outputLatency = 0.02, .sampleRate = rate_hz};
    fake_audio.last_latency_s = in ? in->suggestedLatency : out->suggestedLatency;
    fake_audio.streams_opened++;
    fake_audio.streams_open++;
    *ret = s;
    return paNoError;
}

const PaStreamInfo *Pa_GetStreamInfo(PaStream *stream)
{
    (void)stream;
    return &stream_info;
}

PaError Pa_StartStream(PaStream *stream)
{
    struct fake_stream *s = stream;
    if (s->card->refuses_start)
        return paUnanticipatedHostError;
    s->running = true;
    s->began_us = (double)fake_audio.clock.now_us;
    s->next_us = s->began_us + s->block / s->rate_hz * 1e6;
    return paNoError;
}

PaError Pa_IsStreamActive(PaStream *stream)
{
    const struct fake_stream *s = stream;
    return s->running && !s->dead;
}

PaError Pa_AbortStream(PaStream *stream)
{
    ((struct fake_stream *)stream)->running = false;
    return paNoError;
}

PaError Pa_CloseStream(PaStream *stream)
{
    ((struct fake_stream *)stream)->used = false;
    fake_audio.streams_open--;
    return paNoError;
}

/* A tone at the card's own pitch, or what its loudspeaker played before. */
static void hear(const struct fake_stream *s, int16_t *in)
{
    double step = 500 * 6.283185307 / s->rate_hz;
    for (int i = 0; i < s->block; i++) {
        double phase = (double)(s->frames + i) * step;
        int16_t value = s->card->echo ? s->played[i * s->outputs]
                                      : (int16_t)lrint(fake_audio.level * sin(phase));
        for (int c = 0; c < s->inputs; c++)
            in[i * s->inputs + c] = value;
    }
}

/* A tone foretells its next sample by two. */
static void look_for_jumps(struct fake_stream *s)
{
    double twice = 2 * cos(fake_audio.tone_hz * 6.283185307 / s->rate_hz);
    for (int i = 0; i < s->block; i++) {
        double now = s->played[i * s->outputs];
        double off = fabs(now - twice * s->before[0] + s->before[1]);
        if (s->frames + i > JUMPS_FROM_S * s->rate_hz)
            fake_audio.jump = fmax(fake_audio.jump, off);
        s->before[1] = s->before[0];
        s->before[0] = now;
    }
}

static void call_back(struct fake_stream *s)
{
    int16_t in[BLOCK_MAX * 2] = {0};
    if (s->inputs && (fake_audio.level || s->card->echo))
        hear(s, in);
    memset(s->played, 0x55, sizeof s->played); /* what a callback leaves is heard */
    PaStreamCallbackTimeInfo time = {.currentTime = (double)fake_audio.clock.now_us * 1e-6};
    time.inputBufferAdcTime = time.currentTime - 0.015;
    time.outputBufferDacTime = time.currentTime + 0.025;
    bool hiccup = fake_audio.break_every && ++s->calls % fake_audio.break_every == 0;
    PaStreamCallbackFlags flags =
        hiccup ? (s->inputs ? paInputOverflow : 0) | (s->outputs ? paOutputUnderflow : 0) : 0;
    fake_audio_guard++;
    s->callback(s->inputs ? in : NULL, s->outputs ? s->played : NULL, (unsigned long)s->block,
                &time, flags, s->ctx);
    fake_audio_guard--;
    for (int i = 0; i < s->block * s->outputs; i++)
        fake_audio.loudness += abs(s->played[i]);
    if (s->outputs && fake_audio.tone_hz > 0)
        look_for_jumps(s);
    s->frames += s->block;
    double late = s->card->jitter_us > 0 ? ear_random_exponential(&chance, s->card->jitter_us) : 0;
    s->next_us = s->began_us + (double)(s->frames + s->block) / s->rate_hz * 1e6 + fmin(late, 9000);
}

void fake_audio_run(int64_t until_us)
{
    for (;;) {
        struct fake_stream *next = NULL;
        for (struct fake_stream *s = streams; s < streams + STREAMS_MAX; s++) {
            if (!s->used || !s->running)
                continue;
            s->dead = s->dead || s->card->unplugged;
            if (!s->dead && !s->card->stopped && s->next_us <= (double)until_us &&
                (!next || s->next_us < next->next_us))
                next = s;
        }
        if (!next)
            break;
        int64_t at_us = (int64_t)next->next_us;
        fake_audio.clock.now_us = ear_max64(fake_audio.clock.now_us, at_us);
        call_back(next);
    }
    fake_audio.clock.now_us = until_us;
}
