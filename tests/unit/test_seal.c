/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams of one epoch: bytes, forgeries, replays, long losses, limits. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "wire/seal.h"

#define CAP 600

static struct ear_seal here, there;
static uint8_t out[CAP], plain[CAP];
static struct ear_opened opened;

static void begin(uint32_t epoch, uint32_t packets_max)
{
    uint8_t a[EAR_KEY_BYTES], b[EAR_KEY_BYTES];
    memset(a, 0x11, sizeof a);
    memset(b, 0x22, sizeof b);
    ear_seal_init(&here, a, b, epoch, packets_max);
    ear_seal_init(&there, b, a, epoch, packets_max);
}

static size_t seal(enum ear_class class, const char *body)
{
    int len = ear_seal_seal(&here, class, (const uint8_t *)body, strlen(body), out, sizeof out);
    assert_true(len > 0);
    return (size_t)len;
}

static int open_at(struct ear_seal *seal, const uint8_t *data, size_t len)
{
    /* A copy of just that size, so that sanitizers see a read past the end. */
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    int r = ear_seal_open(seal, copy, len, plain, sizeof plain, &opened);
    free(copy);
    return r;
}

static void expect(enum ear_class class, const char *body, size_t len)
{
    assert_int_equal(open_at(&there, out, len), strlen(body));
    assert_memory_equal(plain, body, strlen(body));
    assert_int_equal(opened.class, class);
}

static void assert_hex(const char *hex, size_t len)
{
    assert_int_equal(strlen(hex), 2 * len);
    for (size_t i = 0; i < len; i++) {
        char byte[3];
        snprintf(byte, sizeof byte, "%02x", out[i]);
        assert_memory_equal(byte, hex + 2 * i, 2);
    }
}

/* Computed by another program from seal.h (Python, with hashlib and cryptography). */
static void datagrams_have_golden_bytes(void **state)
{
    (void)state;
    begin(1, EAR_SEAL_PACKETS_MAX);
    assert_hex("c0004fdf5e9e5b687cda31a6b248f55752", seal(EAR_CLASS_SPEECH, "\x11speech"));
    assert_hex("e0000000010672c32634dfdea9c32bb8343dad0eb8aa4706df9d334cc1",
               seal(EAR_CLASS_CONTROL, "\x10"
                                       "control"));
    begin(2, EAR_SEAL_PACKETS_MAX);
    for (int i = 0; i < 74565; i++)
        (void)seal(EAR_CLASS_SPEECH, "");
    assert_hex("83457748f4cbaaf9c45a4acb0502ba922b", seal(EAR_CLASS_SPEECH, "\x11speech"));
    assert_hex("a000012346ece26e5b42c5b6314ef7a665a8b0c32b5d", seal(EAR_CLASS_CONTROL, "\x12"));
}

static void both_classes_pass_in_both_directions(void **state)
{
    (void)state;
    begin(0, EAR_SEAL_PACKETS_MAX);
    for (size_t len = 0; len <= CAP - EAR_SEALED_CONTROL_BYTES; len++) {
        uint8_t body[CAP];
        memset(body, (int)len, sizeof body);
        for (int class = 0; class <= 1; class ++) {
            size_t more = class ? EAR_SEALED_CONTROL_BYTES : EAR_SEALED_SPEECH_BYTES;
            struct ear_seal *from = len % 2 ? &here : &there, *to = len % 2 ? &there : &here;
            int n = ear_seal_seal(from, (enum ear_class) class, body, len, out, len + more);
            assert_int_equal(n, len + more);
            assert_int_equal(ear_seal_open(to, out, (size_t)n, plain, len, &opened), len);
            assert_memory_equal(plain, body, len);
            assert_true(opened.newest && (int)opened.class == class);
        }
    }
    assert_int_equal(here.failed + there.failed, 0);
}

static void too_little_room_changes_nothing(void **state)
{
    (void)state;
    begin(0, EAR_SEAL_PACKETS_MAX);
    const uint8_t body[8] = {0};
    struct ear_seal before = here;
    assert_int_equal(ear_seal_seal(&here, EAR_CLASS_SPEECH, body, 8, out, 17), -ENOBUFS);
    assert_int_equal(ear_seal_seal(&here, EAR_CLASS_CONTROL, body, 8, out, 28), -ENOBUFS);
    assert_int_equal(ear_seal_seal(&here, EAR_CLASS_CONTROL, body, 8, out, 3), -ENOBUFS);
    assert_memory_equal(&here, &before, sizeof here);
    size_t len = seal(EAR_CLASS_SPEECH, "12345678");
    before = there;
    assert_int_equal(ear_seal_open(&there, out, len, plain, 7, &opened), -ENOBUFS);
    assert_memory_equal(&there, &before, sizeof there);
    expect(EAR_CLASS_SPEECH, "12345678", len);
}

/* Nothing but the count of failures may change. */
static void refuse(const uint8_t *data, size_t len)
{
    struct ear_seal before = there;
    opened.class = (enum ear_class)7;
    assert_true(open_at(&there, data, len) < 0);
    before.failed = there.failed;
    assert_memory_equal(&there, &before, sizeof there);
    assert_int_equal(opened.class, 7);
}

static void every_changed_bit_is_refused(void **state)
{
    (void)state;
    for (int class = 0; class <= 1; class ++) {
        begin(0, EAR_SEAL_PACKETS_MAX);
        for (int i = 0; i < 3000; i++)
            expect(EAR_CLASS_SPEECH, "before", seal(EAR_CLASS_SPEECH, "before"));
        size_t len = seal((enum ear_class) class, "the words of a patient");
        for (size_t bit = 0; bit < 8 * len; bit++) {
            out[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refuse(out, len);
            out[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t shorter = 0; shorter < len; shorter++)
            refuse(out, shorter);
        refuse(out, len + 1);
        assert_true(there.failed > len);
        expect((enum ear_class) class, "the words of a patient", len);
    }
}

static void wrong_keys_and_roles_are_refused(void **state)
{
    (void)state;
    struct ear_seal other;
    uint8_t a[EAR_KEY_BYTES], b[EAR_KEY_BYTES];
    begin(0, EAR_SEAL_PACKETS_MAX);
    memset(a, 0x12, sizeof a);
    memset(b, 0x22, sizeof b);
    ear_seal_init(&other, b, a, 0, EAR_SEAL_PACKETS_MAX);
    for (int class = 0; class <= 1; class ++) {
        size_t len = seal((enum ear_class) class, "for there alone");
        assert_int_equal(open_at(&here, out, len), -EBADMSG);
        assert_int_equal(open_at(&other, out, len), -EBADMSG);
        out[0] ^= EAR_SEALED_PHASE;
        assert_int_equal(open_at(&there, out, len), -EPROTO);
        out[0] ^= EAR_SEALED_PHASE;
        out[0] ^= EAR_SEALED;
        assert_int_equal(open_at(&there, out, len), -EPROTO);
        out[0] ^= EAR_SEALED;
        expect((enum ear_class) class, "for there alone", len);
    }
    assert_int_equal(here.failed, 2);
    assert_int_equal(there.failed, 0);
}

static void replays_are_refused_across_classes(void **state)
{
    (void)state;
    uint8_t kept[40][CAP];
    size_t lens[40];
    begin(0, EAR_SEAL_PACKETS_MAX);
    for (int i = 0; i < 40; i++) {
        lens[i] = seal(i % 3 ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL, "once");
        memcpy(kept[i], out, lens[i]);
    }
    for (int i = 39; i >= 0; i--) {
        assert_int_equal(open_at(&there, kept[i], lens[i]), 4);
        assert_int_equal(opened.newest, i == 39);
    }
    for (int i = 0; i < 40; i++)
        assert_int_equal(open_at(&there, kept[i], lens[i]), -EALREADY);
    assert_int_equal(there.failed, 0);
    for (int i = 0; i < EAR_REPLAY_WINDOW + 1; i++)
        lens[0] = seal(EAR_CLASS_SPEECH, "late");
    memcpy(kept[0], out, lens[0]);
    for (int i = 0; i < EAR_REPLAY_WINDOW; i++)
        lens[1] = seal(EAR_CLASS_SPEECH, "newest");
    assert_int_equal(open_at(&there, out, lens[1]), 6);
    assert_true(open_at(&there, kept[0], lens[0]) < 0);
}

static void speech_finds_its_place_after_its_longest_loss(void **state)
{
    (void)state;
    for (int lost = EAR_SEAL_LOST_MAX - 1; lost <= EAR_SEAL_LOST_MAX + 1; lost++) {
        begin(0, EAR_SEAL_PACKETS_MAX);
        for (int i = 0; i < 5000; i++)
            expect(EAR_CLASS_SPEECH, "x", seal(EAR_CLASS_SPEECH, "x"));
        for (int i = 0; i < lost; i++)
            (void)seal(EAR_CLASS_SPEECH, "lost");
        size_t len = seal(EAR_CLASS_SPEECH, "found");
        assert_int_equal(open_at(&there, out, len) == 5, lost <= EAR_SEAL_LOST_MAX);
    }
}

static void control_finds_it_after_any_loss(void **state)
{
    (void)state;
    begin(0, EAR_SEAL_PACKETS_MAX);
    expect(EAR_CLASS_SPEECH, "first", seal(EAR_CLASS_SPEECH, "first"));
    for (int i = 0; i < 100000; i++)
        (void)seal(EAR_CLASS_SPEECH, "lost");
    for (int i = 0; i < 100; i++)
        refuse(out, seal(EAR_CLASS_SPEECH, "speech alone does not know its place"));
    assert_int_equal(there.failed, 100);
    expect(EAR_CLASS_CONTROL, "\x12", seal(EAR_CLASS_CONTROL, "\x12"));
    for (int i = 0; i < 100; i++)
        expect(EAR_CLASS_SPEECH, "found", seal(EAR_CLASS_SPEECH, "found"));
}

/* Any order within the window, any loss. */
static void disorder_is_no_hindrance(void **state)
{
    (void)state;
    enum { HELD = 500 };
    static uint8_t kept[HELD][64];
    static size_t lens[HELD];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct ear_random random = ear_random_seeded(seed);
        begin(0, EAR_SEAL_PACKETS_MAX);
        memset(lens, 0, sizeof lens);
        for (int i = 0; i < 50000; i++) {
            uint32_t slot = ear_random_below(&random, HELD);
            /* Nothing is held longer than the window. */
            uint32_t oldest = (uint32_t)i % HELD;
            for (uint32_t pick = 0; pick < 2; pick++) {
                uint32_t at = pick ? oldest : slot;
                if (lens[at] > 0 && open_at(&there, kept[at], lens[at]) != 3)
                    fail_msg("seed %d, packet %d", (int)seed, i);
                lens[at] = 0;
            }
            size_t len = seal(i % 50 ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL, "abc");
            if (ear_random_below(&random, 4) == 0)
                continue;
            memcpy(kept[oldest], out, len);
            lens[oldest] = len;
        }
        assert_int_equal(there.failed, 0);
    }
}

static void a_key_seals_so_many_and_no_more(void **state)
{
    (void)state;
    begin(0, 100);
    for (int i = 0; i < 100; i++)
        (void)seal(i % 2 ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL, "x");
    struct ear_seal before = here;
    for (int class = 0; class <= 1; class ++)
        assert_int_equal(ear_seal_seal(&here, (enum ear_class) class, plain, 1, out, CAP),
                         -EKEYEXPIRED);
    assert_memory_equal(&here, &before, sizeof here);
}

static void keys_are_independent_and_wiped(void **state)
{
    (void)state;
    static const struct ear_seal zero;
    begin(0, EAR_SEAL_PACKETS_MAX);
    const uint8_t *keys[] = {here.out.cipher, here.out.mac, here.out.control,
                             here.in.cipher,  here.in.mac,  here.in.control};
    for (size_t i = 0; i < EAR_COUNT(keys); i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(keys[i], keys[j], EAR_KEY_BYTES);
    assert_memory_equal(&here.out, &there.in, sizeof here.out);
    ear_seal_wipe(&here);
    assert_memory_equal(&here, &zero, sizeof zero);
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_have_golden_bytes),
        cmocka_unit_test(both_classes_pass_in_both_directions),
        cmocka_unit_test(too_little_room_changes_nothing),
        cmocka_unit_test(every_changed_bit_is_refused),
        cmocka_unit_test(wrong_keys_and_roles_are_refused),
        cmocka_unit_test(replays_are_refused_across_classes),
        cmocka_unit_test(speech_finds_its_place_after_its_longest_loss),
        cmocka_unit_test(control_finds_it_after_any_loss),
        cmocka_unit_test(disorder_is_no_hindrance),
        cmocka_unit_test(a_key_seals_so_many_and_no_more),
        cmocka_unit_test(keys_are_independent_and_wiped),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
