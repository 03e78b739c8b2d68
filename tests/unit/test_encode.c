/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spurts, pre-roll, packets and silence, with a codec that only notes what it was given. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "base/random.h"
#include "tx/encode.h"

#define FRAMES_MAX 4000

/* Writes the first sample of every frame: frame n is full of the value n. */
struct fake {
    struct ear_codec codec;
    int fail, fail_twin; /* encodes still to fail */
    struct ear_codec_format format;
};

static int fake_encode(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                       uint8_t *ret_packet)
{
    struct fake *fake = ctx;
    fake->format = *format;
    if (fake->fail > 0) {
        fake->fail--;
        return -EIO;
    }
    int frames = format->packet_ms / EAR_FRAME_MS;
    for (int i = 0; i < frames; i++) {
        int16_t n = pcm[i * EAR_FRAME];
        for (int s = 1; s < EAR_FRAME; s++)
            assert_int_equal(pcm[i * EAR_FRAME + s], n);
        memcpy(ret_packet + 2 * i, &n, 2);
    }
    return 2 * frames;
}

/* The first of its frames alone. */
static int fake_encode_twin(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                            uint8_t *ret_packet)
{
    struct fake *fake = ctx;
    assert_int_equal(format->packet_ms, fake->format.packet_ms);
    assert_int_equal(format->wideband, fake->format.wideband);
    if (fake->fail_twin > 0) {
        fake->fail_twin--;
        return -EIO;
    }
    memcpy(ret_packet, pcm, 2);
    return 2;
}

static struct fake new_fake(void)
{
    return (struct fake){.codec = {.encode = fake_encode, .encode_twin = fake_encode_twin}};
}

static struct ear_encode *new_encode(struct fake *fake, int packet_ms)
{
    struct ear_encode *encode = NULL;
    fake->codec.ctx = fake;
    assert_int_equal(ear_encode_new(&encode, &fake->codec), 0);
    ear_encode_set_format(encode, &(struct ear_codec_format){packet_ms, 12000, 200, false});
    return encode;
}

static int give(struct ear_encode *encode, int n, bool speech, struct ear_encode_packet *ret)
{
    int16_t frame[EAR_FRAME];
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = (int16_t)n;
    assert_int_equal(ear_encode_index(encode), n / 2);
    return ear_encode_frame(encode, frame, speech, -54.6f, ret);
}

/* The packet holds exactly the frames that its index and length name. */
static void assert_holds_its_frames(const struct ear_encode_packet *p)
{
    assert_int_equal(p->len, 4 * p->units);
    for (int i = 0; i < 2 * p->units; i++) {
        int16_t n;
        memcpy(&n, p->data + 2 * i, 2);
        assert_int_equal(n, 2 * p->index + i);
    }
}

static void a_spurt_has_preroll_whole_packets_and_an_end(void **state)
{
    (void)state;
    for (int onset = 100; onset < 102; onset++) {
        struct fake fake = new_fake();
        struct ear_encode *encode = new_encode(&fake, 60);
        struct ear_encode_packet p;
        int packets = 0, n = 0;
        for (; n < 200; n++) {
            int got = give(encode, n, n >= onset && n < onset + 5, &p);
            if (got == 0)
                continue;
            assert_int_equal(got, 1);
            if (packets == 0) {
                /* 40 ms before an even frame; before an odd one 30, for whole units. */
                assert_int_equal(p.index, 48 + (onset & 1));
                assert_true(p.spurt_start);
                assert_false(p.spurt_end);
                assert_int_equal(p.units, 3);
                assert_holds_its_frames(&p);
                assert_int_equal(n, p.index * 2 + 5);
            } else {
                assert_false(p.spurt_start);
                assert_true(p.spurt_end);
                assert_int_equal(p.index, 51 + (onset & 1));
                assert_int_equal(p.noise_db, -55);
                assert_holds_its_frames(&p);
            }
            packets++;
        }
        assert_int_equal(packets, 2);
        ear_encode_free(encode);
    }
}

/* A packet cannot know that silence follows when its own last frame is speech. */
static void speech_up_to_the_edge_ends_a_frame_later(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 60);
    struct ear_encode_packet p;
    int packets = 0;
    /* 46-51, 52-57 */
    for (int n = 0; n < 100; n++) {
        if (give(encode, n, n >= 50 && n < 58, &p) != 1)
            continue;
        assert_int_equal(p.spurt_start, packets == 0);
        assert_false(p.spurt_end);
        packets++;
        if (packets < 3)
            continue;
        assert_int_equal(p.units, 0);
        assert_int_equal(p.len, 0);
        assert_int_equal(p.index, 29);
        assert_int_equal(p.noise_db, -55);
        assert_int_equal(n, p.index * 2); /* the very next frame */
    }
    assert_int_equal(packets, 3);
    ear_encode_free(encode);
}

static void speech_in_the_last_packet_goes_on(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 60);
    struct ear_encode_packet p;
    int starts = 0, ends = 0, packets = 0;
    /* The queue begins at 46; the first two packets end in speech, and each next frame is. */
    for (int n = 0; n < 100; n++) {
        bool speech = n == 50 || n == 51 || n == 52 || n == 57 || n == 58;
        if (give(encode, n, speech, &p) != 1)
            continue;
        packets += p.units > 0;
        starts += p.spurt_start;
        ends += p.spurt_end;
        assert_int_equal(p.index, 23 + 3 * (packets - 1));
    }
    assert_int_equal(packets, 3); /* 46-51, 52-57, 58-63 */
    assert_int_equal(starts, 1);
    assert_int_equal(ends, 1);
    ear_encode_free(encode);
}

static void preroll_never_repeats_what_was_sent(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 40);
    struct ear_encode_packet p;
    int64_t end = 0;
    int starts = 0;
    /* 46-49, 50-53, which says that silence follows; speech again at 55: only 54 is still there. */
    for (int n = 0; n < 80; n++) {
        if (give(encode, n, n == 50 || n == 55, &p) != 1)
            continue;
        assert_true(p.index >= end);
        end = p.index + p.units;
        starts += p.spurt_start;
        if (starts == 2 && p.spurt_start)
            assert_int_equal(p.index, 27);
    }
    assert_int_equal(starts, 2);
    ear_encode_free(encode);
}

static void a_call_that_begins_with_speech_begins_at_zero(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 20);
    struct ear_encode_packet p;
    assert_int_equal(give(encode, 0, false, &p), 0);
    assert_int_equal(give(encode, 1, true, &p), 1);
    assert_int_equal(p.index, 0);
    assert_true(p.spurt_start);
    assert_holds_its_frames(&p);
    ear_encode_free(encode);
}

/* No packet leaves before it is due, however soon a spurt begins; and each within one is due when
 * it leaves. */
static void packets_are_due_when_they_can_be_there(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_random chance = ear_random_seeded(7);
    for (int packet_ms = 60; packet_ms <= EAR_PACKET_MS_MAX; packet_ms += 20) {
        struct ear_encode *encode = new_encode(&fake, packet_ms);
        struct ear_encode_packet packet;
        int16_t frame[EAR_FRAME] = {0};
        bool speaks = false, spoke = false;
        int64_t due_us = ear_encode_due_us(encode, 5000);
        for (int64_t n = 0; n < 3000; n++) {
            speaks = ear_random_u64(&chance) % 40 == 0 ? !speaks : speaks;
            int r = ear_encode_frame(encode, frame, speaks, -60, &packet);
            int64_t now_us = 5000 + (n + 1) * EAR_FRAME_US;
            if (r == 1 && packet.units > 0) {
                assert_true(now_us >= due_us);
                assert_true(!spoke || packet.spurt_start || now_us == due_us);
            }
            spoke = r == 1 ? packet.units > 0 && !packet.spurt_end : spoke;
            due_us = ear_encode_due_us(encode, 5000);
            assert_true(due_us > now_us && due_us <= now_us + packet_ms * 1000);
        }
        ear_encode_free(encode);
    }
}

static void short_packets_drain_the_preroll_one_a_frame(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 20);
    struct ear_encode_packet p;
    int64_t next = 23;
    int packets = 0;
    for (int n = 0; n < 80; n++) {
        if (give(encode, n, n >= 50 && n < 60, &p) != 1 || p.units == 0)
            continue;
        assert_int_equal(p.index, next++);
        assert_holds_its_frames(&p);
        packets++;
    }
    assert_int_equal(packets, 7); /* 46 to 59 */
    ear_encode_free(encode);
}

static void formats_change_between_packets(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 120);
    struct ear_encode_packet p;
    struct ear_random r = ear_random_seeded(11);
    int64_t next = 0;
    for (int n = 0; n < FRAMES_MAX; n++) {
        struct ear_codec_format f = {20 * (1 + (int)ear_random_below(&r, 6)),
                                     6000 + (int)ear_random_below(&r, 9999), 200, false};
        if (ear_random_below(&r, 10) == 0)
            ear_encode_set_format(encode, &f);
        else
            f.rate_bps = 0;
        if (give(encode, n, true, &p) != 1)
            continue;
        assert_int_equal(p.index, next);
        assert_holds_its_frames(&p);
        next += p.units;
        assert_int_equal(fake.format.packet_ms, p.units * EAR_UNIT_MS);
        if (f.rate_bps)
            assert_int_equal(fake.format.rate_bps, f.rate_bps);
    }
    assert_true(next * 2 > FRAMES_MAX - 30);
    ear_encode_free(encode);
}

/* While it is wanted and of the packet's kind each packet has its twin. */
static void twins_are_of_their_packet(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 40);
    const struct ear_codec_format twins[] = {
        {40, 6000, 33, false, true},  {60, 6000, 46, false, true}, {40, 8400, 44, true, true}, {0},
        {40, 6000, 200, false, true}, {40, 6000, 33, false, true},
    };
    struct ear_encode_packet p;
    for (int n = 0; n < 240; n++) {
        size_t kind = (size_t)n / 40;
        if (n % 40 == 0)
            ear_encode_set_twin(encode, twins[kind].packet_ms > 0 ? &twins[kind] : NULL);
        if (n == 236)
            fake.fail_twin = 1;
        if (give(encode, n, true, &p) != 1)
            continue;
        assert_holds_its_frames(&p);
        assert_int_equal(p.twin_len, (kind == 0 || kind == 5) && n < 236 ? 2 : 0);
        assert_true(p.twin_len == 0 || memcmp(p.twin, p.data, 2) == 0);
    }
    fake.codec.encode_twin = NULL;
    for (int n = 240; n < 248; n++)
        assert_true(give(encode, n, true, &p) != 1 || p.twin_len == 0);
    ear_encode_free(encode);
}

static void always_sends_silence_too(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 60);
    struct ear_encode_packet p;
    int packets = 0, silences = 0;
    ear_encode_set_always(encode, true);
    for (int n = 0; n < 600; n++) {
        if (give(encode, n, false, &p) != 1)
            continue;
        assert_int_equal(p.index, 3 * packets);
        assert_int_equal(p.spurt_start, packets == 0);
        packets++;
    }
    assert_int_equal(packets, 100);
    ear_encode_set_always(encode, false);
    for (int n = 600; n < 700; n++)
        if (give(encode, n, false, &p) == 1)
            silences += p.units == 0 || p.spurt_end;
    assert_int_equal(silences, 1);
    ear_encode_free(encode);
}

static void a_failing_codec_loses_one_packet(void **state)
{
    (void)state;
    struct fake fake = new_fake();
    struct ear_encode *encode = new_encode(&fake, 60);
    struct ear_encode_packet p = {.units = 77};
    fake.fail = 1;
    int errors = 0, packets = 0;
    for (int n = 0; n < 60; n++) {
        int got = give(encode, n, true, &p);
        if (got == -EIO) {
            errors++;
            assert_int_equal(p.units, 77);
        } else if (got == 1) {
            assert_int_equal(p.spurt_start, packets == 0);
            assert_holds_its_frames(&p);
            packets++;
        }
    }
    assert_int_equal(errors, 1);
    assert_int_equal(packets, 9);
    ear_encode_free(encode);
}

/* Whatever the verdicts and formats: all speech is sent, once, in order, and each spurt ends. */
static void any_talk_is_sent_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct ear_random r = ear_random_seeded(seed);
        struct fake fake = new_fake();
        struct ear_encode *encode = new_encode(&fake, 20 * (1 + (int)ear_random_below(&r, 6)));
        static bool speech[FRAMES_MAX], sent[FRAMES_MAX + 20];
        memset(speech, 0, sizeof speech);
        memset(sent, 0, sizeof sent);
        struct ear_encode_packet p;
        int64_t end = 0;
        bool talking = false, silent = true;
        int before = allocations;
        for (int n = 0; n < FRAMES_MAX; n++) {
            if (ear_random_below(&r, 12) == 0)
                talking = !talking;
            speech[n] = talking && n < FRAMES_MAX - 40;
            if (ear_random_below(&r, 200) == 0)
                ear_encode_set_format(
                    encode, &(struct ear_codec_format){20 * (1 + (int)ear_random_below(&r, 6)),
                                                       12000, 200, false});
            int got = give(encode, n, speech[n], &p);
            assert_true(got == 0 || got == 1);
            if (got == 0)
                continue;
            if (p.index < end || (p.units == 0 && (silent || p.index != end)) ||
                (p.units > 0 && (p.spurt_start != silent || (!silent && p.index != end))))
                fail_msg("seed %d, frame %d: index %d after %d", (int)seed, n, (int)p.index,
                         (int)end);
            end = p.index + p.units;
            silent = p.units == 0 || p.spurt_end;
            if (p.units)
                assert_holds_its_frames(&p);
            for (int i = 0; i < 2 * p.units; i++)
                sent[2 * p.index + i] = true;
        }
        assert_true(silent);
        assert_int_equal(allocations, before);
        for (int n = 0; n < FRAMES_MAX; n++)
            if (speech[n] && !sent[n])
                fail_msg("seed %d: frame %d was not sent", (int)seed, n);
        ear_encode_free(encode);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spurt_has_preroll_whole_packets_and_an_end),
        cmocka_unit_test(speech_up_to_the_edge_ends_a_frame_later),
        cmocka_unit_test(speech_in_the_last_packet_goes_on),
        cmocka_unit_test(preroll_never_repeats_what_was_sent),
        cmocka_unit_test(a_call_that_begins_with_speech_begins_at_zero),
        cmocka_unit_test(packets_are_due_when_they_can_be_there),
        cmocka_unit_test(short_packets_drain_the_preroll_one_a_frame),
        cmocka_unit_test(formats_change_between_packets),
        cmocka_unit_test(twins_are_of_their_packet),
        cmocka_unit_test(always_sends_silence_too),
        cmocka_unit_test(a_failing_codec_loses_one_packet),
        cmocka_unit_test(any_talk_is_sent_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
