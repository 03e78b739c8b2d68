/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets that carry their number: what is lost, doubled or out of order is counted. */
#include <errno.h>

#include "fake/test.h"

#include "line/rate.h"
#include "sim/numbered.h"

static struct ear_codec *codec;
static int16_t pcm[EAR_PACKET_SAMPLES_MAX];

static int open_codec(void **state)
{
    (void)state;
    return ear_numbered_new(&codec);
}

static int close_codec(void **state)
{
    (void)state;
    free(codec);
    return 0;
}

static struct ear_numbered_counts counts(void)
{
    struct ear_numbered_counts c;
    ear_numbered_get_counts(codec, &c);
    return c;
}

static int encode(const struct ear_codec_format *format, uint8_t *packet)
{
    return codec->encode(codec->ctx, format, pcm, packet);
}

/* As long as the real codec's on average, in every format that calls use. */
static void packets_have_their_size_and_length(void **state)
{
    (void)state;
    for (int budget = 6000; budget < 60000; budget += 1000) {
        struct ear_codec_format format = ear_rate_format(budget);
        uint8_t packet[EAR_PAYLOAD_MAX];
        int len = encode(&format, packet);
        assert_int_equal(len, format.rate_bps * format.packet_ms / 8000);
        int samples = format.packet_ms * EAR_SAMPLES_PER_MS;
        assert_int_equal(codec->packet_samples(packet, (size_t)len), samples);
        assert_int_equal(codec->decode(codec->ctx, packet, (size_t)len, pcm, EAR_COUNT(pcm)),
                         samples);
        assert_int_equal(codec->decode(codec->ctx, packet, (size_t)len, pcm, (size_t)samples - 1),
                         -EBADMSG);
    }
}

/* What rides on a datagram takes its room from the packet: there is one all the same. */
static void a_cap_makes_it_shorter(void **state)
{
    (void)state;
    struct ear_codec_format format = {.packet_ms = 60, .rate_bps = 16000};
    uint8_t packet[EAR_PAYLOAD_MAX];
    for (format.max_bytes = 5; format.max_bytes < 200; format.max_bytes++) {
        int len = encode(&format, packet), rate = 120;
        assert_int_equal(len, ear_min64((int64_t)format.max_bytes, rate));
        assert_int_equal(codec->packet_samples(packet, (size_t)len), 3 * EAR_UNIT);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    const struct ear_codec_format tiny = {.packet_ms = 20, .rate_bps = 1000, .max_bytes = 100};
    const struct ear_codec_format capped = {.packet_ms = 60, .rate_bps = 16000, .max_bytes = 4};
    uint8_t packet[EAR_PAYLOAD_MAX] = {0, 0, 0, 0, 0}, seven[5] = {7};
    assert_int_equal(encode(&tiny, packet), -EINVAL);
    assert_int_equal(encode(&capped, packet), -EINVAL);
    assert_int_equal(codec->packet_samples(packet, 5), -EBADMSG);
    assert_int_equal(codec->packet_samples(seven, 5), -EBADMSG);
    seven[0] = 1;
    assert_int_equal(codec->packet_samples(seven, 4), -EBADMSG);
    assert_int_equal(codec->packet_samples(seven, 5), EAR_UNIT);
    assert_int_equal(codec->decode(codec->ctx, seven, 4, pcm, EAR_COUNT(pcm)), -EBADMSG);
}

static void order_is_watched(void **state)
{
    (void)state;
    const struct ear_codec_format format = {.packet_ms = 60, .rate_bps = 8000, .max_bytes = 100};
    uint8_t packets[6][EAR_PAYLOAD_MAX];
    int len = 0;
    for (int i = 0; i < 6; i++)
        len = encode(&format, packets[i]);
    assert_int_equal(counts().encoded, 6);
    const int order[] = {0, 1, 3, 3, 5, 4}; /* 2 is lost, 3 comes twice, 4 too late */
    for (size_t i = 0; i < EAR_COUNT(order); i++)
        assert_true(codec->decode(codec->ctx, packets[order[i]], (size_t)len, pcm, EAR_COUNT(pcm)) >
                    0);
    assert_int_equal(counts().decoded, 6);
    assert_int_equal(counts().repeated, 2);
    assert_int_equal(codec->conceal(codec->ctx, pcm, 400), 400);
    assert_int_equal(counts().concealed_samples, 400);
    codec->reset(codec->ctx);
    assert_int_equal(encode(&format, packets[1]), len);
    assert_memory_equal(packets[1], packets[0], (size_t)len); /* counts from nought again */
    assert_true(codec->decode(codec->ctx, packets[1], (size_t)len, pcm, EAR_COUNT(pcm)) > 0);
    assert_int_equal(counts().repeated, 2);
}

/* Periodic, and never silent: time-scaling can work on it. */
static void what_is_heard_is_a_wave(void **state)
{
    (void)state;
    const struct ear_codec_format format = {.packet_ms = 120, .rate_bps = 8000, .max_bytes = 200};
    const size_t period = EAR_RATE_HZ / 100;
    uint8_t packet[EAR_PAYLOAD_MAX];
    int len = encode(&format, packet);
    int samples = codec->decode(codec->ctx, packet, (size_t)len, pcm, EAR_COUNT(pcm));
    int16_t most = 0;
    for (size_t i = period; i < (size_t)samples; i++) {
        assert_int_equal(pcm[i], pcm[i - period]);
        most = pcm[i] > most ? pcm[i] : most;
    }
    assert_in_range(most, 3000, 4100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(packets_have_their_size_and_length, open_codec,
                                        close_codec),
        cmocka_unit_test_setup_teardown(a_cap_makes_it_shorter, open_codec, close_codec),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, open_codec, close_codec),
        cmocka_unit_test_setup_teardown(order_is_watched, open_codec, close_codec),
        cmocka_unit_test_setup_teardown(what_is_heard_is_a_wave, open_codec, close_codec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
