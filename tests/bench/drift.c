/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two hours on cards whose clocks are off, in virtual time: does the delay creep, and is a
 * correction heard? Usage: bench_drift [HOURS] */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake/audio.h"
#include "port/device.h"

#define TURN 6.283185307179586
#define TONE_HZ 500
#define LEVEL 8000
#define RATE_HZ 48000
#define HOURS 2.0
/* The delay of ten minutes in the beginning, when rates are learnt, and at the end. */
#define FROM_S 300
#define SPAN_S 600
#define TEND_US (1000 * EAR_US_PER_MS)

/* Mean of a delay over a while. */
struct mean {
    double sum;
    int count;
};

struct figures {
    struct mean heard[2], played[2]; /* ms, in the beginning and at the end */
    double jump;                     /* of what was heard, of 32768 */
};

static void add(struct mean means[2], double at_s, double end_s, double ms)
{
    int which = at_s >= FROM_S && at_s < FROM_S + SPAN_S ? 0 : at_s >= end_s - SPAN_S ? 1 : -1;
    if (which < 0)
        return;
    means[which].sum += ms;
    means[which].count++;
}

static double drift_ms(const struct mean means[2])
{
    return means[1].sum / means[1].count - means[0].sum / means[0].count;
}

/* Each sample of a tone is foretold by the two before; what is left over is a jump. */
static double jump_of(const int16_t *frame)
{
    static double before[2];
    double twice = 2 * cos(TURN * TONE_HZ / EAR_RATE_HZ), most = 0;
    for (int i = 0; i < EAR_FRAME; i++) {
        most = fmax(most, fabs(frame[i] - twice * before[0] + before[1]));
        before[1] = before[0];
        before[0] = frame[i];
    }
    return most;
}

static void poll(struct ear_device *device, double end_s, struct figures *f)
{
    static int16_t tone[EAR_FRAME];
    struct ear_mic *mic = ear_device_mic(device);
    struct ear_speaker *speaker = ear_device_speaker(device);
    int64_t now = fake_audio.clock.now_us, us;
    double at_s = (double)now / EAR_US_PER_S;
    int16_t frame[EAR_FRAME];
    for (int i = 0; i < EAR_FRAME; i++)
        tone[i] = (int16_t)lrint(LEVEL * sin(TURN * TONE_HZ * i / EAR_RATE_HZ));
    while (mic->read(mic->ctx, now, frame, &us) == 1) {
        double jump = jump_of(frame);
        f->jump = at_s > FROM_S ? fmax(f->jump, jump) : 0;
        add(f->heard, at_s, end_s, (double)(now - us) / 1000);
    }
    while (speaker->wants(speaker->ctx, now, &us) == 1) {
        speaker->write(speaker->ctx, tone);
        add(f->played, at_s, end_s, (double)(us - now) / 1000);
    }
}

static int run(double ppm, double hours, struct figures *f)
{
    struct ear_clock clock = ear_clock_from_virtual(&fake_audio.clock);
    const struct ear_device_config config = {.clock = &clock, .watched = "/nowhere"};
    struct ear_device *device;
    char error[256];
    fake_audio = (struct fake_audio){.level = LEVEL, .tone_hz = TONE_HZ, .count = 1};
    fake_audio.cards[0] = (struct fake_card){.name = "Card",
                                             .inputs = 1,
                                             .outputs = 1,
                                             .only_hz = RATE_HZ,
                                             .true_hz = RATE_HZ * (1 + ppm * 1e-6),
                                             .jitter_us = 1500};
    if (ear_device_open(&device, &config, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        return -EIO;
    }
    int64_t end_us = (int64_t)(hours * 3600 * EAR_US_PER_S), tend_us = 0;
    while (fake_audio.clock.now_us < end_us) {
        fake_audio_run(fake_audio.clock.now_us + 5000);
        poll(device, (double)end_us / EAR_US_PER_S, f);
        if (fake_audio.clock.now_us < tend_us)
            continue;
        ear_device_tend(device);
        tend_us = fake_audio.clock.now_us + TEND_US;
    }
    ear_device_close(device);
    return 0;
}

static double dbfs(double amplitude)
{
    return 20 * log10(fmax(amplitude, 1) / 32768);
}

int main(int argc, char **argv)
{
    double hours = argc > 1 ? atof(argv[1]) : HOURS;
    for (int ppm = -200; ppm <= 200; ppm += 400) {
        struct figures f = {0};
        if (run(ppm, hours, &f))
            return 1;
        printf("drift of the microphone's delay in %.1f h at %+d ppm: %.2f ms\n", hours, ppm,
               drift_ms(f.heard));
        printf("drift of the playout delay in %.1f h at %+d ppm: %.2f ms\n", hours, ppm,
               drift_ms(f.played));
        printf("largest jump heard at %+d ppm: %.1f dBFS\n", ppm, dbfs(f.jump));
        printf("largest jump played at %+d ppm: %.1f dBFS\n", ppm, dbfs(fake_audio.jump));
    }
    return 0;
}
