/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: any body of a voice message can be read through, looked at, played and exported. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "mail/player.h"

#define FRAMES_MAX 40
#define PEAKS 60
#define UNITS_MAX 100

struct body {
    const uint8_t *data;
    size_t len;
};

static int64_t read_body(void *ctx, uint64_t at, void *out, size_t cap)
{
    const struct body *body = ctx;
    if (at >= body->len)
        return 0;
    size_t n = body->len - (size_t)at < cap ? body->len - (size_t)at : cap;
    memcpy(out, body->data + at, n);
    return (int64_t)n;
}

static int count(void *ctx, const void *data, size_t len)
{
    (void)data;
    *(size_t *)ctx += len;
    return 0;
}

static void play(const struct ear_voice *voice, const struct ear_voice_source *source,
                 struct ear_codec *codec)
{
    struct ear_player *player;
    int16_t frame[EAR_FRAME];
    FUZZ_REQUIRE(ear_player_new(&player, voice, source, codec) == 0);
    ear_player_set_speed(player, 1.5);
    for (int i = 0; i < FRAMES_MAX; i++) {
        if (i == FRAMES_MAX / 2)
            ear_player_seek(player, ear_player_duration_ms(player) / 2);
        if (ear_player_take(player, frame) != 1)
            break;
        FUZZ_REQUIRE(ear_player_ms(player) <= ear_player_duration_ms(player));
    }
    ear_player_free(player);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ear_codec *codec;
    struct body body = {data, size};
    struct ear_voice_source source = {.read = read_body, .ctx = &body};
    struct ear_voice voice;
    uint8_t peaks[PEAKS];
    size_t written = 0;
    struct ear_voice_sink sink = {.write = count, .ctx = &written};
    if (!codec)
        FUZZ_REQUIRE(ear_codec_opus_new(&codec, &ear_codec_opus_usual) == 0);
    int r = ear_voice_open(&voice, &source, codec);
    FUZZ_REQUIRE(r == 0 || r == -EBADMSG || r == -ENOTSUP);
    if (r != 0)
        return 0;
    FUZZ_REQUIRE(voice.units > 0 && voice.units <= EAR_VOICE_UNITS_MAX);
    if (voice.units < UNITS_MAX) { /* decoding takes its time */
        play(&voice, &source, codec);
        FUZZ_REQUIRE(ear_voice_peaks(&voice, &source, codec, peaks, PEAKS) == 0);
    }
    FUZZ_REQUIRE(ear_voice_export(&voice, &source, 1, &sink) == 0);
    FUZZ_REQUIRE(written > 0);
    ear_voice_close(&voice);
    return 0;
}
