/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real Opus behind codec.h: lengths, caps, garbage, memory. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "base/random.h"
#include "port/codec.h"

#define PI 3.14159265358979
#define LAG_TOLERANCE 8 /* samples: filters turn the phase a little */

static const int lengths_ms[] = {20, 40, 60, 80, 100, 120};

static struct ear_codec *new_codec(void)
{
    struct ear_codec *codec = NULL;
    assert_int_equal(ear_codec_opus_new(&codec, &ear_codec_opus_usual), 0);
    return codec;
}

/* A voice-like buzz that changes pitch, loudness and noise by chance; deterministic. */
static void voice(struct ear_random *r, int16_t *pcm, size_t samples)
{
    double pitch = 90 + 150 * ear_random_unit(r), loud = 12000 * ear_random_unit(r);
    double breath = 3000 * ear_random_unit(r), phase = 0;
    for (size_t i = 0; i < samples; i++) {
        phase += pitch / EAR_RATE_HZ;
        double x = loud * exp(-8 * (phase - floor(phase))) * sin(2 * PI * 5 * phase);
        x += breath * ear_random_normal(r) / 3;
        pcm[i] = (int16_t)fmax(-32768, fmin(32767, x));
    }
}

static void every_length_round_trips_below_its_cap(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    struct ear_random r = ear_random_seeded(1);
    int16_t pcm[EAR_PACKET_SAMPLES_MAX], heard[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX + 1];
    for (int round = 0; round < 600; round++) {
        int ms = lengths_ms[ear_random_below(&r, EAR_COUNT(lengths_ms))];
        struct ear_codec_format f = {
            .packet_ms = ms, .wideband = ear_random_below(&r, 2), .fill = ear_random_below(&r, 2)};
        f.rate_bps = 6000 + (int)ear_random_below(&r, 26001);
        size_t least = ear_codec_least_cap(ms, f.wideband);
        f.max_bytes = least + ear_random_below(&r, ear_random_below(&r, 2) ? 8 : 200);
        if (f.max_bytes > EAR_PAYLOAD_MAX)
            f.max_bytes = EAR_PAYLOAD_MAX;
        size_t samples = (size_t)ms * EAR_SAMPLES_PER_MS;
        for (int packets = 0; packets < 4; packets++) {
            voice(&r, pcm, samples);
            memset(packet, 0xa5, sizeof packet);
            int len = codec->encode(codec->ctx, &f, pcm, packet);
            if (len < 2 || (size_t)len > f.max_bytes)
                fail_msg("round %d: %d ms %d bit/s cap %zu wide %d gave %d", round, ms, f.rate_bps,
                         f.max_bytes, f.wideband, len);
            for (size_t i = f.max_bytes; i < sizeof packet; i++)
                assert_int_equal(packet[i], 0xa5);
            assert_int_equal(codec->packet_samples(packet, (size_t)len), samples);
            /* RFC 6716, 3.1: configurations 0-3 are narrowband SILK, 8-11 wideband SILK. */
            assert_int_equal(packet[0] >> 5, f.wideband ? 2 : 0);
            assert_int_equal(codec->decode(codec->ctx, packet, (size_t)len, heard, samples),
                             samples);
            assert_int_equal(codec->decode(codec->ctx, packet, (size_t)len, heard, samples - 1),
                             -EBADMSG);
        }
    }
    ear_codec_opus_free(codec);
}

static double likeness_at(const int16_t *said, const int16_t *heard, size_t end, int lag)
{
    double both = 0, one = 0, other = 0;
    for (size_t i = EAR_RATE_HZ; i < end; i++) {
        double a = said[i - (size_t)lag], b = heard[i];
        both += a * b;
        one += a * a;
        other += b * b;
    }
    return both / sqrt(one * other);
}

/* What is heard is what was said, later by the codec's lookahead. */
static void speech_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    assert_true(codec->lookahead_samples > 0 && codec->lookahead_samples < EAR_UNIT);
    static int16_t said[EAR_RATE_HZ * 6], heard[EAR_RATE_HZ * 6];
    struct ear_random r = ear_random_seeded(2);
    for (size_t i = 0; i < EAR_COUNT(said); i += 1600)
        voice(&r, said + i, 1600);
    for (size_t l = 0; l < EAR_COUNT(lengths_ms); l++) {
        struct ear_codec_format f = {lengths_ms[l], 32000, EAR_PAYLOAD_MAX, true, false};
        size_t step = (size_t)f.packet_ms * EAR_SAMPLES_PER_MS, at = 0;
        codec->reset(codec->ctx);
        for (; at + step <= EAR_COUNT(said); at += step) {
            uint8_t packet[EAR_PAYLOAD_MAX];
            int len = codec->encode(codec->ctx, &f, said + at, packet);
            assert_true(len > 1);
            assert_int_equal(codec->decode(codec->ctx, packet, (size_t)len, heard + at, step),
                             step);
        }
        double best = 0;
        int best_lag = -1;
        for (int lag = 0; lag < 2 * EAR_UNIT; lag++) {
            double likeness = likeness_at(said, heard, at, lag);
            if (likeness > best) {
                best = likeness;
                best_lag = lag;
            }
        }
        if (best < 0.75 || abs(best_lag - codec->lookahead_samples) > LAG_TOLERANCE)
            fail_msg("%d ms: correlation %.3f at %d", f.packet_ms, best, best_lag);
    }
    ear_codec_opus_free(codec);
}

static void rate_is_met_and_silence_is_cheap(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    struct ear_random r = ear_random_seeded(3);
    int16_t pcm[EAR_PACKET_SAMPLES_MAX], nothing[EAR_PACKET_SAMPLES_MAX] = {0};
    uint8_t packet[EAR_PAYLOAD_MAX];
    for (size_t l = 0; l < EAR_COUNT(lengths_ms); l++) {
        struct ear_codec_format f = {lengths_ms[l], 12000, EAR_PAYLOAD_MAX, false, false};
        size_t samples = (size_t)f.packet_ms * EAR_SAMPLES_PER_MS;
        double bytes = 0, quiet = 0;
        for (int i = 0; i < 100; i++) {
            voice(&r, pcm, samples);
            int len = codec->encode(codec->ctx, &f, pcm, packet);
            assert_true(len > 1);
            bytes += len;
        }
        for (int i = 0; i < 100; i++) {
            int len = codec->encode(codec->ctx, &f, nothing, packet);
            assert_true(len > 1);
            quiet += len;
        }
        double bps = bytes * 8 / (100 * f.packet_ms / 1000.0);
        if (bps > 15000 || quiet > bytes / 2)
            fail_msg("%d ms: %.0f bit/s, quiet %.0f of %.0f", f.packet_ms, bps, quiet, bytes);
    }
    ear_codec_opus_free(codec);
}

/* Mean share of the cap that packets use. */
static double used(struct ear_codec *codec, const struct ear_codec_format *f)
{
    struct ear_random r = ear_random_seeded(7);
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX];
    double bytes = 0;
    codec->reset(codec->ctx);
    for (int i = 0; i < 100; i++) {
        voice(&r, pcm, (size_t)f->packet_ms * EAR_SAMPLES_PER_MS);
        int len = codec->encode(codec->ctx, f, pcm, packet);
        assert_true(len > 1 && (size_t)len <= f->max_bytes);
        bytes += len;
    }
    return bytes / 100 / (double)f->max_bytes;
}

static void filled_packets_use_up_their_cap(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    for (size_t l = 0; l < EAR_COUNT(lengths_ms); l++) {
        struct ear_codec_format f = {.packet_ms = lengths_ms[l], .rate_bps = 12000};
        f.max_bytes = (size_t)(12000 * f.packet_ms / 8000);
        double plain = used(codec, &f);
        f.fill = true;
        double filled = used(codec, &f);
        if (filled < 0.9 || filled < plain)
            fail_msg("%d ms: %.2f of the cap plain, %.2f filled", f.packet_ms, plain, filled);
    }
    ear_codec_opus_free(codec);
}

/* What a listener hears of a twin: the packets around it are those of an encoder that made none. */
static void twins_leave_the_encoder_as_it_was(void **state)
{
    (void)state;
    const uint64_t seed = 12;
    struct ear_codec *codec = new_codec(), *other = new_codec();
    struct ear_random r = ear_random_seeded(seed);
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX], same[EAR_PAYLOAD_MAX], twin[EAR_PAYLOAD_MAX];
    for (int i = 0; i < 120; i++) {
        int ms = lengths_ms[ear_random_below(&r, EAR_COUNT(lengths_ms))];
        bool wide = i / 20 % 2;
        struct ear_codec_format f = {ms, 13000, (size_t)(1800 * ms / 1000), wide, i % 3 > 0};
        struct ear_codec_format low = {ms, wide ? 8400 : 6000, ear_codec_least_cap(ms, wide), wide,
                                       true};
        voice(&r, pcm, EAR_COUNT(pcm));
        int len = codec->encode(codec->ctx, &f, pcm, packet);
        int twin_len = codec->encode_twin(codec->ctx, &low, pcm, twin);
        assert_int_equal(other->encode(other->ctx, &f, pcm, same), len);
        if (len < 2 || memcmp(packet, same, (size_t)len) != 0)
            fail_msg("seed %d, packet %d differs", (int)seed, i);
        assert_in_range(twin_len, 2, low.max_bytes);
        assert_int_equal(codec->packet_samples(twin, (size_t)twin_len), ms * EAR_SAMPLES_PER_MS);
    }
    ear_codec_opus_free(codec);
    ear_codec_opus_free(other);
}

static void twins_of_other_packets_are_refused(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    int16_t pcm[EAR_PACKET_SAMPLES_MAX] = {0};
    uint8_t packet[EAR_PAYLOAD_MAX];
    struct ear_codec_format f = {60, 12000, 90, false, false}, low = {60, 6000, 46, false, true};
    assert_int_equal(codec->encode_twin(codec->ctx, &low, pcm, packet), -EINVAL);
    assert_true(codec->encode(codec->ctx, &f, pcm, packet) > 0);
    assert_true(codec->encode_twin(codec->ctx, &low, pcm, packet) > 0);
    const struct ear_codec_format bad[] = {
        {40, 6000, 46, false, true}, {60, 8400, 64, true, true}, {60, 6000, 45, false, true}};
    for (size_t i = 0; i < EAR_COUNT(bad); i++)
        assert_int_equal(codec->encode_twin(codec->ctx, &bad[i], pcm, packet), -EINVAL);
    codec->reset(codec->ctx);
    assert_int_equal(codec->encode_twin(codec->ctx, &low, pcm, packet), -EINVAL);
    ear_codec_opus_free(codec);
}

/* The steepest bend of a stretch of sound: a click is one. */
static int bend(const int16_t *pcm, size_t samples)
{
    int most = 0;
    for (size_t i = 2; i < samples; i++) {
        int b = abs(pcm[i] - 2 * pcm[i - 1] + pcm[i - 2]);
        most = b > most ? b : most;
    }
    return most;
}

/* Every fourth packet is heard from its twin: where it begins and ends nothing is steeper than what
 * twins alone sound like. */
static void a_twin_takes_its_place_without_a_click(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec(), *listener = new_codec();
    const size_t samples = 60 * EAR_SAMPLES_PER_MS, packets = 80, seam = 2 * EAR_SAMPLES_PER_MS;
    struct ear_codec_format f = {60, 12000, 90, false, true}, low = {60, 6000, 46, false, true};
    int16_t *low_alone = calloc(packets * samples, sizeof *low_alone);
    int16_t *mixed = calloc(packets * samples, sizeof *mixed), pcm[60 * EAR_SAMPLES_PER_MS];
    uint8_t packet[EAR_PAYLOAD_MAX], twin[EAR_PAYLOAD_MAX];
    for (size_t p = 0, t = 0; p < packets; p++) {
        for (size_t i = 0; i < samples; i++, t++) /* 120 Hz, and a formant of 600 Hz */
            pcm[i] = (int16_t)(4000 * sin(2 * PI * 120 * (double)t / EAR_RATE_HZ) +
                               3000 * sin(2 * PI * 600 * (double)t / EAR_RATE_HZ));
        int len = codec->encode(codec->ctx, &f, pcm, packet);
        int twin_len = codec->encode_twin(codec->ctx, &low, pcm, twin);
        codec->decode(codec->ctx, twin, (size_t)twin_len, low_alone + p * samples, samples);
        bool lost = p % 4 == 3;
        listener->decode(listener->ctx, lost ? twin : packet, (size_t)(lost ? twin_len : len),
                         mixed + p * samples, samples);
    }
    int steepest = bend(low_alone + 8 * samples, (packets - 8) * samples);
    for (size_t p = 8; p < packets; p++) {
        int here = bend(mixed + p * samples - seam, 2 * seam);
        if (here > steepest * 5 / 4)
            fail_msg("packet %zu begins with a bend of %d, the twins' is %d", p, here, steepest);
    }
    free(low_alone);
    free(mixed);
    ear_codec_opus_free(codec);
    ear_codec_opus_free(listener);
}

static void impossible_formats_are_refused(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    int16_t pcm[EAR_PACKET_SAMPLES_MAX] = {0};
    uint8_t packet[EAR_PAYLOAD_MAX];
    const struct ear_codec_format bad[] = {
        {0, 12000, 300, false, false},   {10, 12000, 300, false, false},
        {30, 12000, 300, false, false},  {140, 12000, 300, false, false},
        {-60, 12000, 300, false, false}, {60, 5999, 300, false, false},
        {60, 32001, 300, false, false},  {60, 12000, 0, false, false},
        {60, 12000, 45, false, false},   {120, 6000, 92, false, false},
        {60, 12000, 63, true, false},    {60, 12000, EAR_PAYLOAD_MAX + 1, true, false},
    };
    for (size_t i = 0; i < EAR_COUNT(bad); i++) {
        assert_false(ear_codec_format_is_possible(&bad[i]));
        assert_int_equal(codec->encode(codec->ctx, &bad[i], pcm, packet), -EINVAL);
    }
    assert_int_equal(ear_codec_least_cap(60, false), 46);
    assert_int_equal(ear_codec_least_cap(120, false), 93);
    assert_int_equal(ear_codec_least_cap(60, true), 64);
    assert_int_equal(ear_codec_least_cap(70, true), 0);
    ear_codec_opus_free(codec);
}

/* A gap sounds the same, made up whole or in pieces of any size. */
static void concealment_joins_its_pieces(void **state)
{
    (void)state;
    struct ear_codec *codecs[2] = {new_codec(), new_codec()};
    struct ear_random r = ear_random_seeded(4);
    struct ear_codec_format f = {60, 12000, 200, false, false};
    int16_t pcm[EAR_PACKET_SAMPLES_MAX], whole[EAR_PACKET_SAMPLES_MAX],
        pieces[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX];
    assert_int_equal(codecs[0]->conceal(codecs[0]->ctx, pcm, EAR_UNIT), EAR_UNIT);
    codecs[0]->reset(codecs[0]->ctx);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 4; i++) {
            voice(&r, pcm, 960);
            int len = codecs[0]->encode(codecs[0]->ctx, &f, pcm, packet);
            for (int c = 0; c < 2; c++)
                assert_int_equal(codecs[c]->decode(codecs[c]->ctx, packet, (size_t)len, pcm, 960),
                                 960);
        }
        /* Whole frames, so that both decoders have made up equally much. */
        size_t samples = EAR_FRAME * (1 + ear_random_below(&r, 12)), at = 0;
        for (size_t i = 0; i < samples; i += EAR_FRAME)
            assert_int_equal(codecs[0]->conceal(codecs[0]->ctx, whole + i, EAR_FRAME), EAR_FRAME);
        while (at < samples) {
            size_t n = 40 * (1 + ear_random_below(&r, 3));
            n = n > samples - at ? samples - at : n;
            assert_int_equal(codecs[1]->conceal(codecs[1]->ctx, pieces + at, n), n);
            at += n;
        }
        if (memcmp(whole, pieces, samples * sizeof *whole) != 0)
            fail_msg("round %d: %zu samples differ", round, samples);
    }
    for (size_t n = 40; n <= EAR_PACKET_SAMPLES_MAX; n += 40)
        assert_int_equal(codecs[1]->conceal(codecs[1]->ctx, pcm, n), n);
    for (int c = 0; c < 2; c++)
        ear_codec_opus_free(codecs[c]);
}

static void the_media_path_allocates_nothing(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    struct ear_random r = ear_random_seeded(6);
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX];
#if ALLOCATIONS_COUNTED
    assert_true(allocations > 0); /* new's, libopus' among them: the count works */
#endif
    int before = allocations;
    for (int i = 0; i < 200; i++) {
        struct ear_codec_format f = {lengths_ms[ear_random_below(&r, EAR_COUNT(lengths_ms))],
                                     6000 + (int)ear_random_below(&r, 26000), EAR_PAYLOAD_MAX,
                                     ear_random_below(&r, 2), ear_random_below(&r, 2)};
        voice(&r, pcm, EAR_COUNT(pcm));
        int len = codec->encode(codec->ctx, &f, pcm, packet);
        codec->encode_twin(codec->ctx, &f, pcm, packet);
        codec->decode(codec->ctx, packet, (size_t)len, pcm, EAR_COUNT(pcm));
        codec->conceal(codec->ctx, pcm, EAR_UNIT);
        codec->packet_samples(packet, (size_t)len);
        codec->decode(codec->ctx, packet, (size_t)len / 2, pcm, EAR_COUNT(pcm));
        if (i % 50 == 0)
            codec->reset(codec->ctx);
    }
    assert_int_equal(allocations, before);
    ear_codec_opus_free(codec);
}

static void garbage_harms_nothing(void **state)
{
    (void)state;
    struct ear_codec *codec = new_codec();
    const uint64_t seed = 5;
    struct ear_random r = ear_random_seeded(seed);
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    int taken = 0;
    for (int i = 0; i < 100000; i++) {
        /* On the heap, of its exact size: an overrun is seen. */
        size_t len = ear_random_below(&r, i % 4 ? 40 : 600);
        uint8_t *junk = malloc(len ? len : 1);
        assert_non_null(junk);
        for (size_t b = 0; b < len; b++)
            junk[b] = (uint8_t)ear_random_u64(&r);
        int samples = codec->packet_samples(junk, len);
        int got = codec->decode(codec->ctx, junk, len, pcm, EAR_COUNT(pcm));
        if (samples < 0 ? samples != -EBADMSG || got != -EBADMSG
                        : samples % EAR_UNIT || samples > EAR_PACKET_SAMPLES_MAX ||
                              (got != samples && got != -EBADMSG))
            fail_msg("seed %d, buffer %d: %d samples, %d decoded", (int)seed, i, samples, got);
        taken += got > 0;
        free(junk);
    }
    assert_true(taken > 1000); /* the decoder was really reached */
    const uint8_t toc_only = 0x08;
    assert_int_equal(codec->packet_samples(&toc_only, 1), -EBADMSG);
    assert_int_equal(codec->packet_samples(&toc_only, 0), -EBADMSG);
    ear_codec_opus_free(codec);
}

static void bad_complexities_are_refused(void **state)
{
    (void)state;
    struct ear_codec *codec = NULL;
    assert_int_equal(ear_codec_opus_new(&codec, &(struct ear_codec_opus_config){11, 0}), -EINVAL);
    assert_int_equal(ear_codec_opus_new(&codec, &(struct ear_codec_opus_config){0, -1}), -EINVAL);
    assert_null(codec);
    ear_codec_opus_free(NULL);
    assert_non_null(strstr(ear_codec_opus_version(), "libopus"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_round_trips_below_its_cap),
        cmocka_unit_test(speech_comes_out_as_it_went_in),
        cmocka_unit_test(rate_is_met_and_silence_is_cheap),
        cmocka_unit_test(filled_packets_use_up_their_cap),
        cmocka_unit_test(twins_leave_the_encoder_as_it_was),
        cmocka_unit_test(twins_of_other_packets_are_refused),
        cmocka_unit_test(a_twin_takes_its_place_without_a_click),
        cmocka_unit_test(impossible_formats_are_refused),
        cmocka_unit_test(concealment_joins_its_pieces),
        cmocka_unit_test(the_media_path_allocates_nothing),
        cmocka_unit_test(garbage_harms_nothing),
        cmocka_unit_test(bad_complexities_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
