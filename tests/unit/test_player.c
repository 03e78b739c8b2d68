/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A voice message in memory: read through, played at any speed from any place, exported. */
#include <errno.h>
#include <math.h>

#include "fake/test.h"

#include "base/random.h"
#include "mail/player.h"

/* Of whole packets. */
#define SECONDS 24
#define BODY_MAX 200000

struct body {
    uint8_t bytes[BODY_MAX];
    size_t len;
    size_t most; /* what one read gives at most; 0: all */
    uint64_t fails_at;
};

static int64_t read_body(void *ctx, uint64_t at, void *out, size_t cap)
{
    const struct body *body = ctx;
    if (body->fails_at && at + cap > body->fails_at)
        return -EIO;
    if (at >= body->len)
        return 0;
    size_t n = body->len - (size_t)at < cap ? body->len - (size_t)at : cap;
    if (body->most && n > body->most)
        n = body->most;
    memcpy(out, body->bytes + at, n);
    return (int64_t)n;
}

static void put(struct body *body, const void *data, size_t len)
{
    assert_true(body->len + len <= BODY_MAX);
    memcpy(body->bytes + body->len, data, len);
    body->len += len;
}

/* A voice with a melody and pauses: second k has the pitch 100 + 5 k Hz and is silent in its last
 * fifth. */
static int16_t sample_at(size_t i)
{
    double t = (double)i / EAR_RATE_HZ, second = floor(t), sum = 0;
    if (t - second > 0.8)
        return 0;
    for (int k = 1; k <= 12; k++)
        sum += sin(2 * 3.14159265358979 * k * (100 + 5 * second) * t) / k;
    return (int16_t)lrint(4000 * sum);
}

static struct ear_codec *new_codec(void)
{
    struct ear_codec *codec;
    assert_int_equal(ear_codec_opus_new(&codec, &ear_codec_opus_usual), 0);
    return codec;
}

/* SECONDS of it in packets of 120 ms at 8 kbit/s. */
static void speak(struct body *body, struct ear_codec *codec)
{
    struct ear_codec_format format = {.packet_ms = 120, .rate_bps = 8000, .max_bytes = 160};
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX], head[2];
    body->len = ear_voice_write_head(body->bytes, codec->lookahead_samples);
    for (size_t at = 0; at < (size_t)SECONDS * EAR_RATE_HZ; at += EAR_COUNT(pcm)) {
        for (size_t i = 0; i < EAR_COUNT(pcm); i++)
            pcm[i] = sample_at(at + i);
        int len = codec->encode(codec->ctx, &format, pcm, packet);
        assert_true(len > 0);
        put(body, head, ear_voice_write_length(head, (size_t)len));
        put(body, packet, (size_t)len);
    }
}

struct scene {
    struct body body;
    struct ear_codec *codec;
    struct ear_voice_source source;
    struct ear_voice voice;
    struct ear_player *player;
};

static int set_up(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    s->codec = new_codec();
    speak(&s->body, s->codec);
    s->source = (struct ear_voice_source){.read = read_body, .ctx = &s->body};
    assert_int_equal(ear_voice_open(&s->voice, &s->source, s->codec), 0);
    assert_int_equal(ear_player_new(&s->player, &s->voice, &s->source, s->codec), 0);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    ear_player_free(s->player);
    ear_voice_close(&s->voice);
    ear_codec_opus_free(s->codec);
    free(s);
    return 0;
}

static void lengths_are_those_of_opus(void **state)
{
    (void)state;
    uint8_t head[2];
    for (size_t len = 1; len <= 1275; len++) {
        size_t n = ear_voice_write_length(head, len);
        assert_int_equal(n, len < 252 ? 1 : 2);
        assert_int_equal(n == 1 ? head[0] : head[0] + 4 * head[1], len);
    }
}

static void it_is_found_by_time(void **state)
{
    struct scene *s = *state;
    assert_int_equal(s->voice.count, (SECONDS * 1000 + 119) / 120);
    assert_int_equal(s->voice.units, s->voice.count * 6);
    assert_int_equal(s->voice.lag_samples, (s->codec->lookahead_samples + 4) / 8 * 8);
    for (uint32_t unit = 0; unit < s->voice.units + 10; unit++)
        assert_int_equal(ear_voice_find(&s->voice, unit),
                         unit < s->voice.units ? unit / 6 : s->voice.count);
}

/* Plays to the end; returns frames played. */
static size_t play_out(struct scene *s, int16_t *pcm, size_t cap)
{
    size_t frames = 0;
    int16_t frame[EAR_FRAME];
    while (ear_player_take(s->player, frame) == 1) {
        if (pcm && (frames + 1) * EAR_FRAME <= cap)
            memcpy(pcm + frames * EAR_FRAME, frame, sizeof frame);
        frames++;
    }
    return frames;
}

static double energy_of(const int16_t *pcm, size_t samples)
{
    double sum = 0;
    for (size_t i = 0; i < samples; i++)
        sum += (double)pcm[i] * pcm[i];
    return sum / (double)samples;
}

static void it_sounds_as_it_was_said(void **state)
{
    struct scene *s = *state;
    size_t samples = (size_t)s->voice.units * EAR_UNIT;
    int16_t *pcm = calloc(samples, sizeof *pcm);
    assert_int_equal(play_out(s, pcm, samples), samples / EAR_FRAME);
    for (size_t second = 1; second < SECONDS; second++) {
        const int16_t *at = pcm + second * EAR_RATE_HZ;
        assert_at_least(energy_of(at + 2000, 8000), 1e6);
        assert_at_most(energy_of(at + 15000, 900), 1e5);
    }
    free(pcm);
}

static void speed_is_what_was_asked_for(void **state)
{
    struct scene *s = *state;
    double all = (double)s->voice.units * EAR_UNIT / EAR_FRAME;
    static const double speeds[] = {1, 1.25, 1.5, 1.75, 2};
    for (size_t i = 0; i < EAR_COUNT(speeds); i++) {
        ear_player_seek(s->player, 0);
        ear_player_set_speed(s->player, speeds[i]);
        double frames = (double)play_out(s, NULL, 0);
        print_message("speed asked %.2f got %.3f\n", speeds[i], all / frames);
        assert_at_least(all / frames, 0.99 * speeds[i]);
        assert_at_most(all / frames, 1.01 * speeds[i]);
    }
    ear_player_set_speed(s->player, 7);
    ear_player_seek(s->player, 0);
    assert_at_least((double)play_out(s, NULL, 0), all / 2.1);
}

/* Of the strongest pitch from 67 to 400 Hz, by autocorrelation; of two nearly as strong the
 * higher. */
static double pitch_hz(const int16_t *pcm, size_t samples)
{
    double like[EAR_RATE_HZ / 67 + 1] = {0};
    size_t first = EAR_RATE_HZ / 400, last = EAR_COUNT(like) - 1, best = first + 1;
    for (size_t lag = first; lag <= last; lag++)
        for (size_t i = 0; i + last < samples; i++)
            like[lag] += (double)pcm[i] * pcm[i + lag];
    for (size_t lag = first + 1; lag < last; lag++)
        if (like[lag] > like[best] && (lag < best + 2 || like[lag] > 1.1 * like[best]))
            best = lag;
    /* The top of the parabola through it and its neighbours. */
    double bend = like[best - 1] - 2 * like[best] + like[best + 1];
    double top = (double)best + (bend ? (like[best - 1] - like[best + 1]) / (2 * bend) : 0);
    return EAR_RATE_HZ / top;
}

/* And every second of what was said comes at its time. */
static void the_pitch_stays(void **state)
{
    struct scene *s = *state;
    static const double speeds[] = {1, 1.25, 1.5, 2};
    size_t samples = (size_t)s->voice.units * EAR_UNIT;
    int16_t *pcm = calloc(samples, sizeof *pcm);
    for (size_t i = 0; i < EAR_COUNT(speeds); i++) {
        double worst = 0;
        ear_player_set_speed(s->player, speeds[i]);
        ear_player_seek(s->player, 0);
        play_out(s, pcm, samples);
        for (int second = 0; second < SECONDS; second++) {
            size_t at = (size_t)((second + 0.15) * EAR_RATE_HZ / speeds[i]);
            double hz = pitch_hz(pcm + at, (size_t)(0.55 * EAR_RATE_HZ / speeds[i]));
            worst = fmax(worst, fabs(hz / (100 + 5 * second) - 1));
        }
        print_message("speed %.2f: no pitch is off by more than %.2f %%\n", speeds[i], 100 * worst);
        assert_at_most(worst, 0.01);
    }
    free(pcm);
}

static void it_goes_on_from_any_place(void **state)
{
    struct scene *s = *state;
    struct ear_random random = ear_random_seeded(SEED);
    size_t samples = (size_t)s->voice.units * EAR_UNIT;
    int16_t *whole = calloc(samples, sizeof *whole), frame[EAR_FRAME];
    play_out(s, whole, samples);
    for (int i = 0; i < 100; i++) {
        uint32_t ms = ear_random_below(&random, SECONDS * 1000 - 200) / 20 * 20;
        ear_player_seek(s->player, ms);
        assert_int_equal(ear_player_ms(s->player), ms);
        double far = 0, near = 0;
        for (size_t k = 0; k < 15; k++) {
            assert_int_equal(ear_player_take(s->player, frame), 1);
            const int16_t *there = whole + (size_t)ms * EAR_SAMPLES_PER_MS + k * EAR_FRAME;
            for (size_t n = 0; n < EAR_FRAME; n++) {
                far += pow(frame[n] - there[n], 2);
                near += pow(there[n], 2);
            }
        }
        if (near > 1e6 * 15 * EAR_FRAME)
            assert_at_most(far / near, 0.3); /* the decoder comes from somewhere else */
        assert_int_equal(ear_player_ms(s->player), ms + 150);
    }
    ear_player_seek(s->player, SECONDS * 2000);
    assert_int_equal(ear_player_take(s->player, frame), 0);
    assert_int_equal(ear_player_ms(s->player), ear_player_duration_ms(s->player));
    free(whole);
}

static void silences_are_played(void **state)
{
    (void)state;
    struct scene *s = calloc(1, sizeof *s);
    s->codec = new_codec();
    s->source = (struct ear_voice_source){.read = read_body, .ctx = &s->body};
    static const uint8_t silence[] = {0, 50};
    speak(&s->body, s->codec);
    size_t speech = s->body.len;
    put(&s->body, silence, sizeof silence);
    put(&s->body, s->body.bytes + 2, speech - 2);
    assert_int_equal(ear_voice_open(&s->voice, &s->source, s->codec), 0);
    assert_int_equal(ear_player_new(&s->player, &s->voice, &s->source, s->codec), 0);
    size_t samples = (size_t)s->voice.units * EAR_UNIT;
    int16_t *pcm = calloc(samples, sizeof *pcm);
    assert_int_equal(play_out(s, pcm, samples), samples / EAR_FRAME);
    size_t half = (samples - 50 * EAR_UNIT) / 2;
    assert_at_most(energy_of(pcm + half + 2000, 12000), 1e4);
    assert_at_least(energy_of(pcm + half + 50 * EAR_UNIT + 4000, 8000), 1e6);
    free(pcm);
    void *scene = s;
    tear_down(&scene);
}

static void what_was_cut_off_is_played_up_to_there(void **state)
{
    struct scene *s = *state;
    size_t whole = s->body.len, count = s->voice.count;
    for (size_t len = 0; len < whole; len += 97) {
        struct ear_voice voice;
        s->body.len = len;
        s->body.most = 1 + len % 300;
        int r = ear_voice_open(&voice, &s->source, s->codec);
        assert_true(r == 0 || r == -EBADMSG);
        if (r == 0) {
            assert_at_most(voice.count, count * len / whole + 10); /* VBR */
            assert_at_least((double)voice.count, (double)count * (double)len / (double)whole - 10);
            ear_voice_close(&voice);
        }
    }
}

static void garbage_does_no_harm(void **state)
{
    struct scene *s = *state;
    struct ear_random random = ear_random_seeded(SEED);
    int16_t frame[EAR_FRAME];
    uint8_t peaks[50];
    for (int i = 0; i < 300; i++) {
        s->body.len = 1 + ear_random_below(&random, 2000);
        for (size_t k = 0; k < s->body.len; k++)
            s->body.bytes[k] = (uint8_t)ear_random_below(&random, i % 2 ? 256 : 60);
        s->body.bytes[0] = 1;
        struct ear_voice voice;
        if (ear_voice_open(&voice, &s->source, s->codec) != 0)
            continue;
        struct ear_player *player;
        assert_int_equal(ear_player_new(&player, &voice, &s->source, s->codec), 0);
        for (int k = 0; k < 300 && ear_player_take(player, frame) == 1; k++)
            ;
        assert_int_equal(ear_voice_peaks(&voice, &s->source, s->codec, peaks, sizeof peaks), 0);
        ear_player_free(player);
        ear_voice_close(&voice);
    }
    s->body.bytes[0] = 2;
    assert_int_equal(ear_voice_open(&s->voice, &s->source, s->codec), -ENOTSUP);
    s->body.len = 1;
    assert_int_equal(ear_voice_open(&s->voice, &s->source, s->codec), -EBADMSG);
}

static void errors_of_the_disk_are_told(void **state)
{
    struct scene *s = *state;
    int16_t frame[EAR_FRAME];
    struct ear_voice voice;
    uint8_t peaks[10];
    s->body.fails_at = s->body.len / 2;
    assert_int_equal(ear_voice_open(&voice, &s->source, s->codec), -EIO);
    assert_int_equal(ear_voice_peaks(&s->voice, &s->source, s->codec, peaks, sizeof peaks), -EIO);
    int r;
    while ((r = ear_player_take(s->player, frame)) == 1)
        ;
    assert_int_equal(r, -EIO);
}

static void peaks_show_what_was_said(void **state)
{
    struct scene *s = *state;
    uint8_t peaks[10 * SECONDS];
    assert_int_equal(ear_voice_peaks(&s->voice, &s->source, s->codec, peaks, sizeof peaks), 0);
    /* Of each second the last fifth is silent; the decoder lags a little. */
    for (size_t i = 10; i + 10 < EAR_COUNT(peaks); i++)
        if (i % 10 == 9)
            assert_at_most(peaks[i], 10);
        else if (i % 10 > 0 && i % 10 < 8)
            assert_at_least(peaks[i], 40);
}

static int write_file(void *ctx, const void *data, size_t len)
{
    return fwrite(data, 1, len, ctx) == len ? 0 : -EIO;
}

static int refuse(void *ctx, const void *data, size_t len)
{
    (void)data;
    (void)len;
    return --*(int *)ctx >= 0 ? 0 : -ENOSPC;
}

static uint64_t little(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

/* RFC 3533 by another hand: walks over the pages and gives the packets' bytes, without headers. */
static void export_is_ogg(void **state)
{
    struct scene *s = *state;
    static uint8_t ogg[2 * BODY_MAX];
    FILE *file = fmemopen(ogg, sizeof ogg, "wb");
    struct ear_voice_sink sink = {.write = write_file, .ctx = file};
    assert_int_equal(ear_voice_export(&s->voice, &s->source, 0x12345678, &sink), 0);
    fflush(file);
    size_t len = (size_t)ftell(file), at = 0, pages = 0, packets = 0, payload = 0;
    uint64_t granule = 0;
    while (at < len) {
        const uint8_t *page = ogg + at;
        assert_memory_equal(page, "OggS\0", 5);
        assert_int_equal(little(page + 14, 4), 0x12345678);
        assert_int_equal(little(page + 18, 4), pages);
        assert_true(little(page + 6, 8) >= granule);
        granule = little(page + 6, 8);
        size_t body = 0;
        for (size_t i = 0; i < page[26]; i++) {
            body += page[27 + i];
            packets += page[27 + i] < 255;
        }
        if (pages >= 2)
            payload += body;
        at += 27 + page[26] + body;
        assert_int_equal(page[5], pages == 0 ? 2 : at == len ? 4 : 0);
        pages++;
    }
    assert_int_equal(at, len);
    assert_int_equal(packets, 2 + s->voice.count);
    assert_int_equal(payload, s->body.len - 2 - s->voice.count);
    assert_int_equal(granule, (uint64_t)s->voice.units * 960);
    print_message("Ogg adds %zu bytes a minute\n", (len - payload) * 60 / SECONDS);
    fclose(file);
    const char *keep = getenv("EARSHOT_OGG"); /* for opusinfo, ffprobe, opusdec */
    if (keep && (file = fopen(keep, "wb"))) {
        fwrite(ogg, 1, len, file);
        fclose(file);
    }
    for (int writes = 0; writes < 6; writes++) {
        int left = writes;
        sink = (struct ear_voice_sink){.write = refuse, .ctx = &left};
        assert_int_equal(ear_voice_export(&s->voice, &s->source, 1, &sink), -ENOSPC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_those_of_opus),
        cmocka_unit_test(silences_are_played),
        cmocka_unit_test_setup_teardown(it_is_found_by_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_sounds_as_it_was_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(speed_is_what_was_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_pitch_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_goes_on_from_any_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_cut_off_is_played_up_to_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(garbage_does_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_of_the_disk_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(peaks_show_what_was_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(export_is_ogg, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
