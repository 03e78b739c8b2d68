/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs cards, room and cleaner in virtual time, and holds what comes out against its parts. */
#include "bench/echo/scene.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "fake/person.h"
#include "port/codec.h"
#include "port/wavfile.h"

/* Read English (Debian: pocketsphinx-testdata). */
#define FOLDER "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-"
static const char *const far_files[] = {FOLDER "0870.wav", FOLDER "0880.wav", FOLDER "0890.wav"};
static const char *const near_files[] = {FOLDER "0930.wav", FOLDER "0920.wav"};

#define SAMPLES ((int)(SCENE_S * EAR_RATE_HZ))
#define FAR_DB (-23.0)  /* mean power of all of it: turned up */
#define NEAR_DB (-23.0) /* at the microphone: as loud */
#define LOSS 0.2
/* Speech is judged by frames of this. */
#define WINDOW (2 * EAR_FRAME)
#define WINDOWS (SAMPLES / WINDOW)
#define ACTIVE_DB (-38.0) /* a frame in which the near end speaks is louder (P.56: 15.9 dB) */
#define CUT 0.1           /* of the power: 10 dB */
#define LAG_MOST 400
#define TICK_US 2000

/* ---- speech ---- */

static size_t load_file(const char *path, int16_t *pcm, size_t most)
{
    struct ear_wav_mic *wav = NULL;
    char error[256];
    size_t at = 0;
    int64_t end_us, now_us = 0;
    if (ear_wav_mic_open(&wav, path, false, error, sizeof error))
        return 0;
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    for (; at + EAR_FRAME <= most && !ear_wav_mic_ended(wav); now_us += EAR_FRAME_US) {
        ear_wav_mic_pump(wav);
        if (mic->read(mic->ctx, now_us, pcm + at, &end_us) == 1)
            at += EAR_FRAME;
    }
    ear_wav_mic_close(wav);
    return at;
}

static size_t buzz(int16_t *pcm, int who)
{
    struct ear_person person;
    int64_t end_us;
    size_t at = 0;
    ear_person_init(&person, who);
    person.speaks = true;
    for (int64_t now_us = 0; at < 10 * EAR_RATE_HZ; now_us += EAR_FRAME_US)
        if (person.mic.read(person.mic.ctx, now_us, pcm + at, &end_us) == 1)
            at += EAR_FRAME;
    return at;
}

static void set_level(int16_t *pcm, size_t count, double db)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)pcm[i] * pcm[i];
    double gain = 32768 * pow(10, db / 20) / sqrt(sum / (double)count + 1);
    for (size_t i = 0; i < count; i++)
        pcm[i] = (int16_t)lrint(fmax(-32768, fmin(32767, gain * pcm[i])));
}

/* Files one after another, again and again. */
static int16_t *make_speech(const char *const *files, size_t count, int who)
{
    int16_t *pcm = calloc((size_t)SAMPLES, sizeof *pcm);
    size_t at = 0;
    if (!pcm)
        return NULL;
    for (size_t n = 0; n < count; n++)
        at += load_file(files[n], pcm + at, (size_t)SAMPLES - at);
    if (at == 0)
        at = buzz(pcm, who);
    set_level(pcm, at, who == 0 ? FAR_DB : NEAR_DB);
    for (size_t i = at; i < (size_t)SAMPLES; i++)
        pcm[i] = pcm[i - at];
    return pcm;
}

static int lose(const int16_t *pcm, int16_t *lossy)
{
    const struct ear_codec_format format = {
        .packet_ms = 60, .rate_bps = 10000, .max_bytes = EAR_PAYLOAD_MAX};
    const int samples = 60 * EAR_SAMPLES_PER_MS;
    struct ear_random random = ear_random_seeded(20);
    struct ear_codec *codec;
    int err = ear_codec_opus_new(&codec, &ear_codec_opus_usual);
    for (int at = 0; !err && at + samples <= SAMPLES; at += samples) {
        uint8_t packet[EAR_PAYLOAD_MAX];
        int len = codec->encode(codec->ctx, &format, pcm + at, packet);
        if (len < 0 || ear_random_unit(&random) < LOSS)
            (void)codec->conceal(codec->ctx, lossy + at, (size_t)samples);
        else
            (void)codec->decode(codec->ctx, packet, (size_t)len, lossy + at, (size_t)samples);
    }
    if (!err)
        ear_codec_opus_free(codec);
    return err;
}

int scene_speech_load(struct scene_speech *ret)
{
    *ret = (struct scene_speech){
        .far = make_speech(far_files, EAR_COUNT(far_files), 0),
        .near = make_speech(near_files, EAR_COUNT(near_files), 1),
        .far_lossy = calloc((size_t)SAMPLES, sizeof(int16_t)),
    };
    int err = ret->far && ret->near && ret->far_lossy ? lose(ret->far, ret->far_lossy) : -ENOMEM;
    if (err)
        scene_speech_free(ret);
    return err;
}

void scene_speech_free(struct scene_speech *speech)
{
    free(speech->far);
    free(speech->far_lossy);
    free(speech->near);
    *speech = (struct scene_speech){0};
}

/* ---- the run ---- */

struct run {
    const struct scene *scene;
    struct fake_room *room;
    struct ear_cleaning *cleaning;
    struct ear_mic timed; /* the room's, taken out of the time */
    double inner_s, outer_s;
    int16_t *near;                  /* as the microphone hears it */
    int16_t *heard, *spoken, *sent; /* frames: microphone, near end in it, cleaned */
    size_t count;
};

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int timed_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                      int64_t *ret_end_us)
{
    struct run *r = ctx;
    double start = cpu_s();
    struct ear_mic *mic = fake_room_mic(r->room);
    int got = mic->read(mic->ctx, now_us, frame, ret_end_us);
    if (got == 1 && r->count + EAR_FRAME <= (size_t)SAMPLES) {
        memcpy(r->heard + r->count, frame, EAR_FRAME * sizeof *frame);
        memcpy(r->spoken + r->count, fake_room_near(r->room), EAR_FRAME * sizeof *frame);
    }
    r->inner_s += cpu_s() - start;
    return got;
}

static int64_t timed_due_us(void *ctx, int64_t now_us)
{
    (void)ctx;
    return now_us;
}

static int begin(struct run *r, const struct scene_speech *speech)
{
    const struct scene *s = r->scene;
    struct fake_room_config room = s->room;
    r->near = calloc((size_t)SAMPLES * 4, sizeof *r->near);
    if (!r->near)
        return -ENOMEM;
    r->heard = r->near + SAMPLES;
    r->spoken = r->heard + SAMPLES;
    r->sent = r->spoken + SAMPLES;
    double gain = pow(10, s->near_gain_db / 20);
    for (int i = (int)(SCENE_NEAR_BEGIN_S * EAR_RATE_HZ); i < SAMPLES && !s->near_silent; i++)
        r->near[i] = (int16_t)lrint(fmax(-32768, fmin(32767, gain * speech->near[i])));
    room.near = r->near;
    room.near_samples = (size_t)SAMPLES;
    room.seconds = SCENE_S;
    int err = fake_room_new(&r->room, &room);
    if (err)
        return err;
    r->timed = (struct ear_mic){.read = timed_read, .due_us = timed_due_us, .ctx = r};
    const struct ear_cleaning_config config = {.mic = &r->timed,
                                               .speaker = fake_room_speaker(r->room),
                                               .cleaner = s->cleaner,
                                               .echo = s->echo,
                                               .no_echo = s->no_echo};
    return ear_cleaning_new(&r->cleaning, &config);
}

static void step(struct run *r, const int16_t *far, int64_t now_us, size_t *played)
{
    struct ear_speaker *speaker = ear_cleaning_speaker(r->cleaning);
    struct ear_mic *mic = ear_cleaning_mic(r->cleaning);
    int16_t frame[EAR_FRAME];
    int64_t us;
    while (speaker->wants(speaker->ctx, now_us, &us) == 1) {
        bool speaks = *played + EAR_FRAME <= (size_t)(SCENE_FAR_END_S * EAR_RATE_HZ);
        memset(frame, 0, sizeof frame);
        if (speaks)
            memcpy(frame, far + *played, sizeof frame);
        *played += EAR_FRAME;
        speaker->write(speaker->ctx, frame);
    }
    for (;;) {
        double start = cpu_s();
        int got = mic->read(mic->ctx, now_us, frame, &us);
        r->outer_s += cpu_s() - start;
        if (got != 1 || r->count + EAR_FRAME > (size_t)SAMPLES)
            return;
        memcpy(r->sent + r->count, frame, sizeof frame);
        r->count += EAR_FRAME;
    }
}

/* ---- figures ---- */

static double power(const int16_t *pcm, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)pcm[i] * pcm[i];
    return sum / (double)count / (32768.0 * 32768.0) + 1e-12;
}

static size_t place(double s)
{
    return (size_t)(s * EAR_RATE_HZ);
}

/* How much quieter what is sent is than what was heard: the room's noise is in both. */
static double quieter_db(const struct run *r, double from_s, double to_s)
{
    size_t from = place(from_s), count = place(to_s) - from;
    if (from + count > r->count)
        return 0;
    return 10 * log10(power(r->heard + from, count) / power(r->sent + from, count));
}

static int find_lag(const struct run *r)
{
    size_t from = place(SCENE_FAR_END_S + 2), to = r->count;
    double best = 0;
    int lag = 0;
    for (int l = 0; l <= LAG_MOST && from + LAG_MOST < to; l++) {
        double sum = 0;
        for (size_t i = from; i + (size_t)l < to; i += 3)
            sum += (double)r->spoken[i] * r->sent[i + (size_t)l];
        if (sum > best) {
            best = sum;
            lag = l;
        }
    }
    return lag;
}

static double cut_share(const struct run *r, double from_s, double to_s, int lag)
{
    int active = 0, cut = 0;
    for (size_t at = place(from_s); at + WINDOW + LAG_MOST <= r->count && at < place(to_s);
         at += WINDOW) {
        double spoken = power(r->spoken + at, WINDOW);
        if (10 * log10(spoken) < ACTIVE_DB + r->scene->near_gain_db)
            continue;
        active++;
        cut += power(r->sent + at + lag, WINDOW) < CUT * spoken;
    }
    return active > 0 ? (double)cut / active : 0;
}

/* Cancellers and codec alike take away what lies below 80 Hz: it is no speech. Butterworth of
 * second order, at 100 Hz. */
static void remove_rumble(int16_t *pcm, size_t count)
{
    double a = 0.972614, x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (size_t i = 0; i < count; i++) {
        double x = pcm[i], y = a * (x - 2 * x1 + x2) + 1.944478 * y1 - 0.945978 * y2;
        x2 = x1, x1 = x, y2 = y1, y1 = y;
        pcm[i] = (int16_t)lrint(fmax(-32768, fmin(32767, y)));
    }
}

static void measure(struct run *r, double seconds, struct scene_figures *ret)
{
    ret->erle_begin = quieter_db(r, 2, 5);
    ret->erle_5 = quieter_db(r, 5, SCENE_NEAR_BEGIN_S);
    ret->erle_10 = quieter_db(r, 10, SCENE_NEAR_BEGIN_S);
    ret->lag_samples = find_lag(r);
    ret->level_alone_db = -quieter_db(r, SCENE_FAR_END_S + 2, SCENE_S - 1);
    remove_rumble(r->spoken, r->count);
    remove_rumble(r->sent, r->count);
    ret->cut_double = cut_share(r, SCENE_NEAR_BEGIN_S, SCENE_FAR_END_S, ret->lag_samples);
    ret->cut_alone = cut_share(r, SCENE_FAR_END_S + 2, SCENE_S, ret->lag_samples);
    ret->cpu_percent = 100 * (r->outer_s - r->inner_s) / seconds;
    ear_cleaning_get_status(r->cleaning, &ret->status);
    ret->missing = ret->status.missing;
}

int scene_run(const struct scene *scene, const struct scene_speech *speech, int16_t *out,
              struct scene_figures *ret)
{
    struct run r = {.scene = scene};
    double seconds = scene->seconds > 0 ? scene->seconds : SCENE_S;
    size_t played = 0;
    *ret = (struct scene_figures){0};
    int err = begin(&r, speech);
    for (int64_t now = 0; !err && now < (int64_t)(seconds * EAR_US_PER_S); now += TICK_US) {
        struct ear_cleaning_status status;
        if (scene->forget_at_s > 0 && now == (int64_t)(scene->forget_at_s * EAR_US_PER_S))
            ear_cleaning_forget(r.cleaning);
        fake_room_run(r.room, now);
        step(&r, scene->lossy ? speech->far_lossy : speech->far, now, &played);
        ear_cleaning_get_status(r.cleaning, &status);
        ret->echoes_s += status.echoes ? (double)TICK_US / EAR_US_PER_S : 0;
        ret->cancel_s += status.cancels ? (double)TICK_US / EAR_US_PER_S : 0;
    }
    if (!err && out)
        memcpy(out, r.sent, (size_t)SAMPLES * sizeof *out);
    if (!err)
        measure(&r, seconds, ret);
    ear_cleaning_free(r.cleaning);
    fake_room_free(r.room);
    free(r.near);
    return err;
}
