/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read speech as a voice message at every speed: as fast as asked, and its words like themselves.
 */
#include <glob.h>
#include <math.h>

#include "fake/test.h"

#include "mail/player.h"

#define FOLDER "/usr/share/pocketsphinx/test/data/librivox/"
#define WAV_HEAD_BYTES 44
#define BODY_MAX 60000
#define SAMPLES_MAX (30 * EAR_RATE_HZ)
/* Narrowband speech every 10 ms, as what passes every mode of the codec. */
#define BANDS 8
#define WINDOW (2 * EAR_FRAME)
#define COLUMNS_MAX (SAMPLES_MAX / EAR_FRAME)
static const double band_hz[BANDS + 1] = {200, 400, 600, 850, 1150, 1500, 1950, 2500, 3300};
/* A part of a second may lie so far from where it belongs. */
#define PART 100
#define MOVE 30

struct body {
    uint8_t bytes[BODY_MAX];
    size_t len;
};

struct picture {
    double bands[COLUMNS_MAX][BANDS];
    size_t columns;
};

static int64_t read_body(void *ctx, uint64_t at, void *out, size_t cap)
{
    const struct body *body = ctx;
    size_t n = at >= body->len ? 0 : body->len - (size_t)at < cap ? body->len - (size_t)at : cap;
    memcpy(out, body->bytes + at, n);
    return (int64_t)n;
}

static void put(struct body *body, const void *data, size_t len)
{
    assert_true(body->len + len <= BODY_MAX);
    memcpy(body->bytes + body->len, data, len);
    body->len += len;
}

static void say(struct body *body, struct ear_codec *codec, const char *path)
{
    const struct ear_codec_format format = {.packet_ms = 120, .rate_bps = 6000, .max_bytes = 160};
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX], head[2];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, WAV_HEAD_BYTES, SEEK_SET), 0);
    while (fread(pcm, sizeof *pcm, EAR_COUNT(pcm), file) == EAR_COUNT(pcm)) {
        int len = codec->encode(codec->ctx, &format, pcm, packet);
        assert_true(len > 0);
        put(body, head, ear_voice_write_length(head, (size_t)len));
        put(body, packet, (size_t)len);
    }
    fclose(file);
}

/* Energy of each band in decibels. */
static void look(const int16_t *pcm, double bands[static BANDS])
{
    const double turn = 2 * 3.14159265358979 / WINDOW;
    for (int b = 0; b < BANDS; b++) {
        double sum = 0;
        for (int k = (int)(band_hz[b] * WINDOW / EAR_RATE_HZ);
             k < (int)(band_hz[b + 1] * WINDOW / EAR_RATE_HZ); k++) {
            double re = 0, im = 0;
            for (int i = 0; i < WINDOW; i++) {
                double x = pcm[i] * (0.5 - 0.5 * cos(turn * i));
                re += x * cos(turn * k * i);
                im += x * sin(turn * k * i);
            }
            sum += re * re + im * im;
        }
        bands[b] = 10 * log10(sum + 1e4);
    }
}

static void play(struct picture *ret, struct ear_player *player, double speed)
{
    static int16_t pcm[SAMPLES_MAX];
    size_t samples = 0;
    ear_player_seek(player, 0);
    ear_player_set_speed(player, speed);
    while (samples + EAR_FRAME <= SAMPLES_MAX && ear_player_take(player, pcm + samples) == 1)
        samples += EAR_FRAME;
    ret->columns = samples / EAR_FRAME - 1;
    for (size_t i = 0; i < ret->columns; i++)
        look(pcm + i * EAR_FRAME, ret->bands[i]);
}

/* Correlation of a part of `said`, `speed` times as fast, with what was heard from `at` on. */
static double correlate(const struct picture *said, size_t begin, double speed,
                        const struct picture *heard, size_t at)
{
    double product = 0, first = 1e-9, second = 1e-9;
    for (int b = 0; b < BANDS; b++) {
        double x[PART], y[PART], mean_x = 0, mean_y = 0;
        for (size_t i = 0; i < PART; i++) {
            x[i] = said->bands[(size_t)((double)(begin + i) * speed)][b];
            y[i] = heard->bands[at + i][b];
            mean_x += x[i] / PART;
            mean_y += y[i] / PART;
        }
        for (size_t i = 0; i < PART; i++) {
            product += (x[i] - mean_x) * (y[i] - mean_y);
            first += (x[i] - mean_x) * (x[i] - mean_x);
            second += (y[i] - mean_y) * (y[i] - mean_y);
        }
    }
    return product / sqrt(first * second);
}

/* Of each second heard, the best near where it belongs; the mean of all. */
static double likeness(const struct picture *said, double speed, const struct picture *heard)
{
    double sum = 0;
    size_t parts = 0;
    for (size_t begin = MOVE; (double)(begin + PART + 1) * speed < (double)said->columns &&
                              begin + PART + MOVE < heard->columns;
         begin += PART, parts++) {
        double best = -1;
        for (size_t at = begin - MOVE; at <= begin + MOVE; at++)
            best = fmax(best, correlate(said, begin, speed, heard, at));
        sum += best;
    }
    return sum / (double)parts;
}

static void words_stay_words(void **state)
{
    (void)state;
    static struct picture said, heard;
    static struct body body;
    static const double speeds[] = {1.25, 1.5, 2};
    glob_t files;
    struct ear_codec *codec;
    struct ear_voice voice;
    struct ear_player *player;
    if (glob(FOLDER "*.wav", 0, NULL, &files) != 0)
        skip(); /* package pocketsphinx-testdata */
    assert_int_equal(ear_codec_opus_new(&codec, &ear_codec_opus_usual), 0);
    body.len = ear_voice_write_head(body.bytes, codec->lookahead_samples);
    for (size_t i = 0; i < files.gl_pathc; i++)
        say(&body, codec, files.gl_pathv[i]);
    const struct ear_voice_source source = {.read = read_body, .ctx = &body};
    assert_int_equal(ear_voice_open(&voice, &source, codec), 0);
    assert_int_equal(ear_player_new(&player, &voice, &source, codec), 0);
    play(&said, player, 1);
    for (size_t i = 0; i < EAR_COUNT(speeds); i++) {
        play(&heard, player, speeds[i]);
        double got = (double)said.columns / (double)heard.columns;
        double like = likeness(&said, speeds[i], &heard);
        print_message("read speech at %.2f: %.3f times as fast, words like themselves %.3f\n",
                      speeds[i], got, like);
        assert_at_most(fabs(got / speeds[i] - 1), 0.01);
        assert_at_least(like, 0.85);
    }
    ear_player_free(player);
    ear_voice_close(&voice);
    ear_codec_opus_free(codec);
    globfree(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stay_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
