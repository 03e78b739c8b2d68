/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Padded packets decode as the packets themselves, and lose their padding without a trace. */
#include <errno.h>

#include "fake/test.h"

#include "base/random.h"
#include "port/codec.h"
#include "sim/numbered.h"
#include "wire/pad.h"

/* More than the two turns of a padding's length byte. */
#define ADDED_MAX 520
#define PACKETS 12

static struct ear_codec *codec, *plain;

static int open_codecs(void **state)
{
    (void)state;
    int err = ear_codec_opus_new(&codec, &ear_codec_opus_usual);
    return err ? err : ear_codec_opus_new(&plain, &ear_codec_opus_usual);
}

static int close_codecs(void **state)
{
    (void)state;
    ear_codec_opus_free(codec);
    ear_codec_opus_free(plain);
    return 0;
}

/* A voice of sorts: pulses in noise, now and then none. */
static void make_sound(struct ear_random *r, int16_t *pcm, size_t samples)
{
    size_t period = 80 + ear_random_below(r, 80);
    int loud = ear_random_below(r, 4) ? 4000 : 0;
    for (size_t i = 0; i < samples; i++)
        pcm[i] =
            (int16_t)((i % period < 12 ? loud : -loud / 10) + (int)ear_random_below(r, 400) - 200);
}

static size_t encode(struct ear_random *r, const struct ear_codec_format *format, uint8_t *packet)
{
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    make_sound(r, pcm, (size_t)format->packet_ms * EAR_SAMPLES_PER_MS);
    int len = codec->encode(codec->ctx, format, pcm, packet);
    assert_true(len > 0);
    return (size_t)len;
}

/* A listener needs not know: the padded packet sounds as the plain one, bit by bit. */
static void try_packet(struct ear_random *r, const uint8_t *packet, size_t len, int packet_ms)
{
    uint8_t padded[EAR_PAYLOAD_MAX], back[EAR_PAYLOAD_MAX];
    static int16_t heard[EAR_PACKET_SAMPLES_MAX], expected[EAR_PACKET_SAMPLES_MAX];
    size_t most = EAR_PAYLOAD_MAX - len < ADDED_MAX ? EAR_PAYLOAD_MAX - len : ADDED_MAX;
    assert_int_equal(ear_pad_strip(packet, len, back), len);
    assert_memory_equal(back, packet, len);
    for (size_t add = 0; add <= most; add++) {
        assert_int_equal(ear_pad_opus(packet, len, len + add, padded, sizeof padded), 0);
        assert_int_equal(codec->packet_samples(padded, len + add), packet_ms * EAR_SAMPLES_PER_MS);
        assert_int_equal(ear_pad_strip(padded, len + add, back), len);
        assert_memory_equal(back, packet, len);
    }
    size_t add = ear_random_below(r, (uint32_t)most + 1);
    assert_int_equal(ear_pad_opus(packet, len, len + add, padded, sizeof padded), 0);
    int samples = packet_ms * EAR_SAMPLES_PER_MS;
    assert_int_equal(codec->decode(codec->ctx, padded, len + add, heard, EAR_COUNT(heard)),
                     samples);
    assert_int_equal(plain->decode(plain->ctx, packet, len, expected, EAR_COUNT(expected)),
                     samples);
    assert_memory_equal(heard, expected, (size_t)samples * sizeof *heard);
}

static void every_format_can_be_padded(void **state)
{
    (void)state;
    static const int lengths_ms[] = {20, 40, 60, 80, 100, 120};
    bool seen[4] = {0};
    struct ear_random r = ear_random_seeded(SEED);
    for (size_t l = 0; l < EAR_COUNT(lengths_ms); l++)
        for (int rate = 6000; rate <= 32000; rate += 2000)
            for (int wide = 0; wide < 2; wide++) {
                const struct ear_codec_format format = {.packet_ms = lengths_ms[l],
                                                        .rate_bps = rate,
                                                        .max_bytes = EAR_PAYLOAD_MAX,
                                                        .wideband = wide};
                uint8_t packet[EAR_PAYLOAD_MAX];
                size_t len = encode(&r, &format, packet);
                seen[packet[0] & 3] = true;
                try_packet(&r, packet, len, format.packet_ms);
            }
    assert_true(seen[0] && seen[2] && seen[3]);
}

/* Two frames of one length, which encoders seldom make. */
static void codes_of_two_frames_can_be_padded(void **state)
{
    (void)state;
    const struct ear_codec_format format = {
        .packet_ms = 40, .rate_bps = 8000, .max_bytes = 60, .wideband = false};
    struct ear_random r = ear_random_seeded(SEED);
    for (int i = 0; i < PACKETS; i++) {
        uint8_t one[EAR_PAYLOAD_MAX], two[EAR_PAYLOAD_MAX];
        size_t len = encode(&r, &format, one);
        two[0] = one[0] | 1;
        memcpy(two + 1, one + 1, len - 1);
        memcpy(two + len, one + 1, len - 1);
        try_packet(&r, two, 2 * len - 1, 80);
    }
}

static void padding_is_as_the_rfc_says(void **state)
{
    (void)state;
    static const uint8_t one[] = {0x48, 0xaa, 0xbb};
    static const uint8_t by_one[] = {0x4b, 0x01, 0xaa, 0xbb};
    static const uint8_t by_two[] = {0x4b, 0x41, 0x00, 0xaa, 0xbb};
    static const uint8_t by_four[] = {0x4b, 0x41, 0x02, 0xaa, 0xbb, 0x00, 0x00};
    static const uint8_t two[] = {0x4a, 0x01, 0xaa, 0xbb, 0xcc};
    static const uint8_t two_by_two[] = {0x4b, 0xc2, 0x00, 0x01, 0xaa, 0xbb, 0xcc};
    uint8_t out[EAR_PAYLOAD_MAX];
    assert_int_equal(ear_pad_opus(one, sizeof one, 4, out, sizeof out), 0);
    assert_memory_equal(out, by_one, sizeof by_one);
    assert_int_equal(ear_pad_opus(one, sizeof one, 5, out, sizeof out), 0);
    assert_memory_equal(out, by_two, sizeof by_two);
    assert_int_equal(ear_pad_opus(one, sizeof one, 7, out, sizeof out), 0);
    assert_memory_equal(out, by_four, sizeof by_four);
    assert_int_equal(ear_pad_opus(by_one, sizeof by_one, 7, out, sizeof out), 0);
    assert_memory_equal(out, by_four, sizeof by_four);
    assert_int_equal(ear_pad_opus(by_two, sizeof by_two, 7, out, sizeof out), 0);
    assert_memory_equal(out, by_four, sizeof by_four);
    assert_int_equal(ear_pad_opus(two, sizeof two, 7, out, sizeof out), 0);
    assert_memory_equal(out, two_by_two, sizeof two_by_two);
    /* 254 zeros are told by two bytes. */
    assert_int_equal(ear_pad_opus(one, sizeof one, 4 + 256, out, sizeof out), 0);
    assert_int_equal(out[2], 255);
    assert_int_equal(out[3], 0);
    assert_int_equal(out[4], 0xaa);
}

static void nonsense_is_left_alone(void **state)
{
    (void)state;
    static const struct {
        uint8_t len, data[5];
    } bad[] = {
        {1, {0x48}},
        {4, {0x49, 1, 2, 3}},    /* two of one length: not of three bytes */
        {3, {0x4b, 0, 1}},       /* no frames */
        {2, {0x4b, 0x41}},       /* padding without length */
        {3, {0x4b, 0x41, 255}},  /* and without its end */
        {4, {0x4b, 0x41, 2, 0}}, /* more padding than there is */
    };
    uint8_t out[EAR_PAYLOAD_MAX];
    for (size_t i = 0; i < EAR_COUNT(bad); i++) {
        assert_int_equal(ear_pad_opus(bad[i].data, bad[i].len, 40, out, sizeof out), -EBADMSG);
        assert_int_equal(ear_pad_strip(bad[i].data, bad[i].len, out), bad[i].len);
        assert_memory_equal(out, bad[i].data, bad[i].len);
    }
    static const uint8_t one[] = {0x48, 0xaa, 0xbb};
    assert_int_equal(ear_pad_opus(one, 3, 2, out, sizeof out), -ENOBUFS);
    assert_int_equal(ear_pad_opus(one, 3, 41, out, 40), -ENOBUFS);
}

/* Simulated packets are no Opus, and none of them looks padded. */
static void numbered_packets_are_left_alone(void **state)
{
    (void)state;
    struct ear_codec *numbered;
    int16_t pcm[EAR_PACKET_SAMPLES_MAX] = {0};
    assert_int_equal(ear_numbered_new(&numbered), 0);
    for (int i = 0; i < 6000; i++) {
        const struct ear_codec_format format = {
            .packet_ms = 20 * (1 + i % 6), .rate_bps = 8000, .max_bytes = EAR_PAYLOAD_MAX};
        uint8_t packet[EAR_PAYLOAD_MAX], out[EAR_PAYLOAD_MAX];
        size_t len = (size_t)numbered->encode(numbered->ctx, &format, pcm, packet);
        assert_int_equal(ear_pad_strip(packet, len, out), len);
        assert_memory_equal(out, packet, len);
    }
    free(numbered);
}

/* Whatever came: stripping is done once and for all, and pads and strips undo each other. */
static void random_packets_keep_their_content(void **state)
{
    (void)state;
    struct ear_random r = ear_random_seeded(SEED);
    for (int i = 0; i < 200000; i++) {
        uint8_t packet[40], padded[600], back[600], again[600];
        size_t len = 1 + ear_random_below(&r, sizeof packet);
        for (size_t n = 0; n < len; n++)
            packet[n] = (uint8_t)(n < 3 && ear_random_below(&r, 2) ? ear_random_below(&r, 4)
                                                                   : ear_random_u64(&r));
        size_t short_len = ear_pad_strip(packet, len, back);
        if (short_len > len || ear_pad_strip(back, short_len, again) != short_len ||
            memcmp(back, again, short_len) != 0)
            fail_msg("round %d of seed %d: stripped to %zu of %zu", i, SEED, short_len, len);
        size_t wanted = len + ear_random_below(&r, 550);
        int err = ear_pad_opus(packet, len, wanted, padded, sizeof padded);
        assert_true(err == 0 || err == -EBADMSG);
        if (err == 0 && (ear_pad_strip(padded, wanted, again) != short_len ||
                         memcmp(back, again, short_len) != 0))
            fail_msg("round %d of seed %d: padded to %zu", i, SEED, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_format_can_be_padded, open_codecs, close_codecs),
        cmocka_unit_test_setup_teardown(codes_of_two_frames_can_be_padded, open_codecs,
                                        close_codecs),
        cmocka_unit_test(padding_is_as_the_rfc_says),
        cmocka_unit_test(nonsense_is_left_alone),
        cmocka_unit_test(numbered_packets_are_left_alone),
        cmocka_unit_test(random_packets_keep_their_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
