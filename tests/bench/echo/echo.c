/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Echo cancellers side by side in a synthetic room: what is left of the echo, what they take of
 * who speaks meanwhile, and what they cost. Usage: bench_echo [SCENE [FILE.raw]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/echo/scene.h"

#define ROOM_AT(echo, noise)                                                                       \
    .echo_db = (echo), .direct_db = 3, .bulk_ms = 45, .noise_db = (noise), .seed = 1
#define ROOM ROOM_AT(-10, -60)

static const struct named {
    const char *name;
    struct scene scene;
} scenes[] = {
    {"one card", {.room = {ROOM}}},
    {"20 ppm", {.room = {ROOM, .speaker_ppm = 10, .mic_ppm = -10}}},
    {"100 ppm", {.room = {ROOM, .speaker_ppm = 50, .mic_ppm = -50}}},
    {"20 % lost", {.room = {ROOM}, .lossy = true}},
    {"100 ppm, 20 % lost", {.room = {ROOM, .speaker_ppm = 50, .mic_ppm = -50}, .lossy = true}},
    {"clipping", {.room = {ROOM, .clip = 0.1}}},
    {"60 ms jump at 8 s", {.room = {ROOM, .jump_at_s = 8, .jump_ms = 60}}},
    {"noise -45 dBFS", {.room = {ROOM_AT(-10, -45)}}},
    {"across the room",
     {.room = {.echo_db = -10, .direct_db = -13, .bulk_ms = 45, .noise_db = -60}}},
    {"headset", {.room = {ROOM_AT(-60, -60)}}},
};

static int show(const struct named *named, const struct scene_speech *speech,
                enum ear_cleaner_kind kind, const char *file)
{
    static const char *const kinds[] = {"usual", "WebRTC", "SpeexDSP"};
    static int16_t out[(int)SCENE_S * EAR_RATE_HZ];
    struct scene scene = named->scene;
    struct scene_figures f;
    scene.cleaner = ear_cleaner_config_usual;
    scene.cleaner.kind = kind;
    if (scene_run(&scene, speech, out, &f))
        return 1;
    printf("%-19s %-8s %5.1f %5.1f %5.1f  %5.1f %5.1f %5.1f  %4.2f  %3d  %4.0f %4.0f %6.1f %6.1f "
           "%3d\n",
           named->name, kinds[kind], f.erle_begin, f.erle_5, f.erle_10, 100 * f.cut_double,
           100 * f.cut_alone, f.level_alone_db, f.cpu_percent, f.lag_samples, f.echoes_s,
           f.cancel_s, (double)f.status.return_db, (double)f.status.left_db, f.status.lag_ms);
    fflush(stdout);
    FILE *raw = file ? fopen(file, "wb") : NULL;
    if (raw) {
        fwrite(out, sizeof *out, EAR_COUNT(out), raw);
        fclose(raw);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct scene_speech speech;
    int err = scene_speech_load(&speech);
    if (err)
        return 1;
    printf("ERLE in s 2-5, 5-16, 10-16 (dB); frames cut by 10 dB in double talk and alone (%%), "
           "level alone (dB); CPU (%% of a core); lag (samples);\n"
           "told of an echo, cancelled (s); return, left (dB), lag found (ms)\n");
    for (size_t n = 0; n < EAR_COUNT(scenes) && !err; n++)
        for (int kind = EAR_CLEANER_WEBRTC; kind < EAR_CLEANER_KINDS && !err; kind++)
            if ((argc < 2 || strcmp(argv[1], scenes[n].name) == 0) &&
                ear_cleaner_has((enum ear_cleaner_kind)kind))
                err = show(&scenes[n], &speech, (enum ear_cleaner_kind)kind,
                           argc > 2 ? argv[2] : NULL);
    scene_speech_free(&speech);
    return err;
}
