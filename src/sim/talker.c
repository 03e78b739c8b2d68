/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pulses through two resonances, shaped into syllables, arranged into turns. */
#include "sim/talker.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A table of voiced syllables made once; frames are copied out of it. */
#define TABLE_FRAMES 512
#define TABLE (TABLE_FRAMES * EAR_FRAME)
#define NOISE_TABLE 4096
/* ITU-T P.59 talks in turns of about a second; a consult in longer ones. */
#define TURN_MEAN_US (4 * (double)EAR_US_PER_S)
#define PHRASE_MEAN_US (1.5 * EAR_US_PER_S)
#define PAUSE_MEAN_US (0.5 * EAR_US_PER_S)
#define SYLLABLE_FRAMES 22
#define VOICE_RMS 1600.0 /* -26 dBFS */
static const double two_pi = 6.283185307179586;

struct ear_talker {
    struct ear_talker_config config;
    struct ear_mic mic;
    struct ear_speaker speaker;
    struct ear_random turns;  /* the same at both ends */
    struct ear_random pauses; /* this end's own */
    double frame_us;
    int64_t start_us, speaker_start_us;
    int64_t frames, speaker_frames;
    double turn_end_us, phrase_end_us;
    int whose_turn;
    bool speaking;
    int64_t spoken_frames;
    uint32_t noise_at;
    int16_t table[TABLE];
    int16_t noise[NOISE_TABLE];
};

/* One resonance (two poles) at hz with this bandwidth. */
static double resonate(double state[2], double in, double hz, double bandwidth_hz)
{
    double r = exp(-two_pi / 2 * bandwidth_hz / EAR_RATE_HZ);
    double out = in + 2 * r * cos(two_pi * hz / EAR_RATE_HZ) * state[0] - r * r * state[1];
    state[1] = state[0];
    state[0] = out;
    return out;
}

static void make_table(struct ear_talker *v, struct ear_random *random)
{
    static double wave[TABLE];
    double low[2] = {0}, high[2] = {0}, phase = 0, sum = 0;
    double pitch_hz = v->config.end ? 190 : 115, f1 = 500, f2 = 1500;
    for (int i = 0; i < TABLE; i++) {
        if (i % (SYLLABLE_FRAMES * EAR_FRAME) == 0) {
            f1 = 300 + 500 * ear_random_unit(random);
            f2 = 900 + 1300 * ear_random_unit(random);
            pitch_hz *= 0.95 + 0.1 * ear_random_unit(random);
        }
        phase += pitch_hz / EAR_RATE_HZ;
        double pulse = phase >= 1 ? 1 : 0;
        phase -= pulse;
        double along = (double)(i % (SYLLABLE_FRAMES * EAR_FRAME)) / (SYLLABLE_FRAMES * EAR_FRAME);
        double shape = pow(sin(two_pi / 2 * along), 0.5);
        wave[i] = shape * resonate(high, resonate(low, pulse, f1, 90), f2, 120);
        sum += wave[i] * wave[i];
    }
    double scale = VOICE_RMS / sqrt(sum / TABLE);
    for (int i = 0; i < TABLE; i++)
        v->table[i] = (int16_t)fmax(-32000, fmin(32000, wave[i] * scale));
}

/* Whose turn it is and whether a phrase goes on at that time since the start. */
static void arrange(struct ear_talker *v, double at_us)
{
    while (at_us >= v->turn_end_us) {
        v->turn_end_us += 500000 + ear_random_exponential(&v->turns, TURN_MEAN_US);
        v->whose_turn = !v->whose_turn;
    }
    while (at_us >= v->phrase_end_us) {
        v->speaking = !v->speaking;
        v->phrase_end_us += 200000 + ear_random_exponential(
                                         &v->pauses, v->speaking ? PHRASE_MEAN_US : PAUSE_MEAN_US);
    }
}

static int voice_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                      int64_t *ret_end_us)
{
    struct ear_talker *v = ctx;
    if (v->start_us == INT64_MIN)
        v->start_us = now_us;
    int64_t end_us = v->start_us + (int64_t)((double)(v->frames + 1) * v->frame_us);
    if (now_us < end_us)
        return 0;
    arrange(v, (double)(end_us - v->start_us));
    bool speaks = v->speaking && v->whose_turn == v->config.end;
    const int16_t *from = v->table + v->frames % TABLE_FRAMES * EAR_FRAME;
    for (int i = 0; i < EAR_FRAME; i++) {
        int noise = v->noise[(v->noise_at += 7) % NOISE_TABLE];
        frame[i] = (int16_t)((speaks ? from[i] : 0) + noise);
    }
    v->noise_at += (uint32_t)(v->frames * 13 % 5);
    v->spoken_frames += speaks;
    v->frames++;
    *ret_end_us = end_us;
    return 1;
}

static int64_t voice_due(void *ctx, int64_t now_us)
{
    const struct ear_talker *v = ctx;
    if (v->start_us == INT64_MIN)
        return now_us;
    return v->start_us + (int64_t)ceil((double)(v->frames + 1) * v->frame_us);
}

static int voice_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_talker *v = ctx;
    if (v->speaker_start_us == INT64_MIN)
        v->speaker_start_us = now_us;
    int64_t heard_us = v->speaker_start_us + (int64_t)((double)v->speaker_frames * v->frame_us);
    if (now_us < heard_us)
        return 0;
    *ret_heard_us = heard_us;
    return 1;
}

static void voice_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    (void)frame;
    struct ear_talker *v = ctx;
    v->speaker_frames++;
}

static int64_t voice_speaker_due(void *ctx, int64_t now_us)
{
    const struct ear_talker *v = ctx;
    if (v->speaker_start_us == INT64_MIN)
        return now_us;
    return v->speaker_start_us + (int64_t)ceil((double)v->speaker_frames * v->frame_us);
}

int ear_talker_new(struct ear_talker **ret, const struct ear_talker_config *config)
{
    struct ear_talker *v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    v->config = *config;
    v->mic = (struct ear_mic){.read = voice_read, .due_us = voice_due, .ctx = v};
    v->speaker = (struct ear_speaker){
        .wants = voice_wants, .write = voice_write, .due_us = voice_speaker_due, .ctx = v};
    v->turns = ear_random_seeded(config->seed);
    v->pauses = ear_random_seeded(config->seed * 31 + (uint64_t)config->end + 1);
    v->frame_us = EAR_FRAME_US / (1 + (double)config->ppm * 1e-6);
    v->start_us = v->speaker_start_us = INT64_MIN;
    make_table(v, &v->pauses);
    double level = 32768 * pow(10, config->noise_db / 20);
    for (int i = 0; i < NOISE_TABLE; i++)
        v->noise[i] = (int16_t)lround(level * ear_random_normal(&v->pauses));
    *ret = v;
    return 0;
}

struct ear_mic *ear_talker_mic(struct ear_talker *voice)
{
    return &voice->mic;
}

struct ear_speaker *ear_talker_speaker(struct ear_talker *voice)
{
    return &voice->speaker;
}

int64_t ear_talker_spoken_us(const struct ear_talker *voice)
{
    return voice->spoken_frames * EAR_FRAME_US;
}
