/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's datagrams, and the end that asks for a place, in virtual time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/rendezvous.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define START (7 * S)

static const uint8_t secret[EAR_KEY_BYTES] = {1, 2, 3};
static const uint8_t relay_secret[EAR_KEY_BYTES] = {4, 5, 6};

static struct ear_rendezvous_message full_message(enum ear_rendezvous_kind kind)
{
    struct ear_rendezvous_message m = {
        .kind = kind, .version = EAR_RENDEZVOUS_VERSION, .role = 1, .detail = 1};
    memset(m.token, 0xa1, sizeof m.token);
    memset(m.cookie, 0xb2, sizeof m.cookie);
    memset(m.relay_key, 0xc3, sizeof m.relay_key);
    memset(m.proof, 0xd4, sizeof m.proof);
    return m;
}

static void every_layout_comes_back(void **state)
{
    (void)state;
    static const struct {
        enum ear_rendezvous_kind kind;
        int len;
    } layouts[] = {
        {EAR_RENDEZVOUS_BIND, 58},  {EAR_RENDEZVOUS_CHALLENGE, 58}, {EAR_RENDEZVOUS_PROOF, 75},
        {EAR_RENDEZVOUS_BOUND, 10}, {EAR_RENDEZVOUS_FULL, 10},      {EAR_RENDEZVOUS_KEEP, 10},
    };
    for (size_t i = 0; i < EAR_COUNT(layouts); i++) {
        struct ear_rendezvous_message m = full_message(layouts[i].kind), parsed;
        uint8_t built[EAR_RENDEZVOUS_BYTES_MAX + 1] = {0}, again[EAR_RENDEZVOUS_BYTES_MAX];
        int len = ear_rendezvous_build(&m, built, EAR_RENDEZVOUS_BYTES_MAX);
        assert_int_equal(len, layouts[i].len);
        assert_int_equal(built[0], layouts[i].kind);
        assert_true(ear_rendezvous_is_relays(built, (size_t)len));
        assert_int_equal(ear_rendezvous_parse(built, (size_t)len, &parsed), 0);
        assert_int_equal(ear_rendezvous_build(&parsed, again, sizeof again), len);
        assert_memory_equal(built, again, (size_t)len);
        assert_int_equal(ear_rendezvous_build(&m, again, (size_t)len - 1), -ENOBUFS);
        for (size_t cut = 0; cut < (size_t)len; cut++)
            assert_int_equal(ear_rendezvous_parse(built, cut, &parsed), -EBADMSG);
        assert_int_equal(ear_rendezvous_parse(built, (size_t)len + 1, &parsed), -EBADMSG);
    }
}

static void nonsense_does_not_parse(void **state)
{
    (void)state;
    struct ear_rendezvous_message m = full_message(EAR_RENDEZVOUS_PROOF), parsed;
    uint8_t built[EAR_RENDEZVOUS_BYTES_MAX];
    m.role = 2;
    int len = ear_rendezvous_build(&m, built, sizeof built);
    assert_int_equal(ear_rendezvous_parse(built, (size_t)len, &parsed), -EBADMSG);
    m = full_message(EAR_RENDEZVOUS_BIND);
    len = ear_rendezvous_build(&m, built, sizeof built);
    built[len - 1] = 1;
    assert_int_equal(ear_rendezvous_parse(built, (size_t)len, &parsed), -EBADMSG);
    built[1] = EAR_RENDEZVOUS_VERSION + 1; /* what another version puts there is its own affair */
    assert_int_equal(ear_rendezvous_parse(built, (size_t)len, &parsed), 0);
    built[0] = 0x2f;
    assert_int_equal(ear_rendezvous_parse(built, (size_t)len, &parsed), -EBADMSG);
    const uint8_t sealed = 0x80, handshake = 0x01, ours = 0x2f;
    assert_false(ear_rendezvous_is_relays(&sealed, 1));
    assert_false(ear_rendezvous_is_relays(&handshake, 1));
    assert_true(ear_rendezvous_is_relays(&ours, 1));
    assert_false(ear_rendezvous_is_relays(&ours, 0));
}

static void an_invite_makes_a_meeting(void **state)
{
    (void)state;
    const uint8_t a[EAR_KEY_BYTES] = {9}, b[EAR_KEY_BYTES] = {8};
    uint8_t one[EAR_KEY_BYTES], again[EAR_KEY_BYTES], other[EAR_KEY_BYTES];
    ear_rendezvous_derive(secret, a, one);
    ear_rendezvous_derive(secret, a, again);
    assert_memory_equal(one, again, sizeof one);
    ear_rendezvous_derive(secret, b, other);
    assert_memory_not_equal(one, other, sizeof one);
    ear_rendezvous_derive(relay_secret, a, other);
    assert_memory_not_equal(one, other, sizeof one);
}

static void a_say_says_what_it_holds(void **state)
{
    (void)state;
    const uint8_t token[EAR_RENDEZVOUS_SHORT_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
    const uint8_t golden[] = {0x26, 1, 2, 3, 4, 5, 6, 7, 8, 0xe0, 'x'};
    const uint8_t inner[] = {0xe0, 'x'};
    uint8_t out[sizeof golden + 1];
    const uint8_t *short_token, *said;
    struct ear_rendezvous_message m;
    assert_int_equal(ear_rendezvous_say(token, inner, 2, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_true(ear_rendezvous_is_relays(out, sizeof golden));
    assert_int_equal(ear_rendezvous_say(token, inner, 2, out, sizeof golden - 1), -ENOBUFS);
    assert_int_equal(ear_rendezvous_said(golden, sizeof golden, &short_token, &said), 2);
    assert_ptr_equal(short_token, golden + 1);
    assert_ptr_equal(said, golden + EAR_RENDEZVOUS_SAY_BYTES);
    /* Never empty, never in the relay's name, never anything else. */
    for (size_t len = 0; len <= EAR_RENDEZVOUS_SAY_BYTES; len++)
        assert_int_equal(ear_rendezvous_said(golden, len, &short_token, &said), -EBADMSG);
    for (int first = 0; first < 256; first++) {
        memcpy(out, golden, sizeof golden);
        out[EAR_RENDEZVOUS_SAY_BYTES] = (uint8_t)first;
        assert_int_equal(ear_rendezvous_said(out, sizeof golden, &short_token, &said),
                         (first & 0xf0) == 0x20 ? -EBADMSG : 2);
        out[0] = (uint8_t)first;
        out[EAR_RENDEZVOUS_SAY_BYTES] = 0x80;
        assert_int_equal(ear_rendezvous_said(out, sizeof golden, &short_token, &said),
                         first == EAR_RENDEZVOUS_SAY ? 2 : -EBADMSG);
    }
    assert_int_equal(ear_rendezvous_parse(golden, sizeof golden, &m), -EBADMSG);
    m = full_message(EAR_RENDEZVOUS_SAY);
    assert_int_equal(ear_rendezvous_build(&m, out, sizeof out), -EINVAL);
}

static void proof_holds_for_its_own_content_alone(void **state)
{
    (void)state;
    struct ear_rendezvous_message m = full_message(EAR_RENDEZVOUS_PROOF);
    uint8_t at_end[EAR_RENDEZVOUS_PROOF_BYTES], at_relay[EAR_RENDEZVOUS_PROOF_BYTES];
    ear_sodium_public(secret, m.token);
    ear_sodium_public(relay_secret, m.relay_key);
    assert_true(ear_rendezvous_prove(&m, secret, m.relay_key, at_end));
    assert_true(ear_rendezvous_prove(&m, relay_secret, m.token, at_relay));
    assert_memory_equal(at_end, at_relay, sizeof at_end);
    m.role ^= 1;
    assert_true(ear_rendezvous_prove(&m, relay_secret, m.token, at_relay));
    assert_memory_not_equal(at_end, at_relay, sizeof at_end);
    m.role ^= 1;
    m.cookie[0] ^= 1;
    assert_true(ear_rendezvous_prove(&m, relay_secret, m.token, at_relay));
    assert_memory_not_equal(at_end, at_relay, sizeof at_end);
    const uint8_t no_key[EAR_KEY_BYTES] = {0};
    assert_false(ear_rendezvous_prove(&m, relay_secret, no_key, at_relay));
}

/* What is sent at this time; 0 for nothing. */
static int kind_at(struct ear_rendezvous *r, int64_t now_us)
{
    uint8_t out[EAR_RENDEZVOUS_BYTES_MAX];
    return ear_rendezvous_next(r, now_us, out) ? out[0] : 0;
}

static int answer(struct ear_rendezvous *r, int64_t now_us, enum ear_rendezvous_kind kind,
                  uint8_t detail)
{
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    struct ear_rendezvous_message m = full_message(kind);
    m.detail = detail;
    memcpy(m.token, r->proof.token, sizeof m.token);
    ear_sodium_public(relay_secret, m.relay_key);
    int len = ear_rendezvous_build(&m, data, sizeof data);
    assert_true(len > 0);
    return ear_rendezvous_take(r, now_us, data, (size_t)len);
}

static struct ear_rendezvous held_at(int64_t now_us)
{
    struct ear_rendezvous r;
    ear_rendezvous_start(&r, secret, 1, now_us);
    assert_int_equal(kind_at(&r, now_us), EAR_RENDEZVOUS_BIND);
    assert_int_equal(answer(&r, now_us, EAR_RENDEZVOUS_CHALLENGE, 0), 0);
    assert_int_equal(kind_at(&r, now_us), EAR_RENDEZVOUS_PROOF);
    assert_int_equal(answer(&r, now_us, EAR_RENDEZVOUS_BOUND, 0), 0);
    assert_int_equal(r.state, EAR_RENDEZVOUS_HELD);
    return r;
}

static void asks_again_ever_more_slowly(void **state)
{
    (void)state;
    static const int64_t after_ms[] = {500, 1000, 2000, 4000, 8000, 8000, 8000};
    struct ear_rendezvous r;
    ear_rendezvous_start(&r, secret, 0, START);
    int64_t now = START;
    assert_int_equal(kind_at(&r, now), EAR_RENDEZVOUS_BIND);
    for (size_t i = 0; i < EAR_COUNT(after_ms); i++) {
        now += after_ms[i] * MS;
        assert_int_equal(kind_at(&r, now - 1), 0);
        assert_int_equal(ear_rendezvous_due_us(&r), now);
        assert_int_equal(kind_at(&r, now), EAR_RENDEZVOUS_BIND);
    }
    ear_rendezvous_doubt(&r, now + S);
    assert_int_equal(kind_at(&r, now + S), EAR_RENDEZVOUS_BIND);
    assert_int_equal(ear_rendezvous_due_us(&r), now + S + 500 * MS);
    ear_rendezvous_doubt(&r, now + S + 1);
    assert_int_equal(kind_at(&r, now + S + 1), 0);
}

static void takes_its_place_in_two_steps(void **state)
{
    (void)state;
    struct ear_rendezvous r;
    uint8_t out[EAR_RENDEZVOUS_BYTES_MAX], expected[EAR_RENDEZVOUS_PROOF_BYTES];
    struct ear_rendezvous_message m;
    ear_rendezvous_start(&r, secret, 1, START);
    assert_int_equal(ear_rendezvous_next(&r, START, out), 58);
    assert_int_equal(answer(&r, START + 300 * MS, EAR_RENDEZVOUS_CHALLENGE, 0), 0);
    int len = ear_rendezvous_next(&r, START + 300 * MS, out);
    assert_int_equal(ear_rendezvous_parse(out, (size_t)len, &m), 0);
    assert_int_equal(m.kind, EAR_RENDEZVOUS_PROOF);
    assert_int_equal(m.role, 1);
    ear_sodium_public(relay_secret, m.relay_key);
    assert_true(ear_rendezvous_prove(&m, relay_secret, m.token, expected));
    assert_memory_equal(m.proof, expected, sizeof expected);
    assert_int_equal(answer(&r, START + 600 * MS, EAR_RENDEZVOUS_BOUND, 1), 0);
    assert_int_equal(r.state, EAR_RENDEZVOUS_HELD);
    assert_true(r.other_there);
    ear_rendezvous_wipe(&r);
    assert_int_equal(r.secret[0], 0);
}

static void a_slow_link_is_not_asked_thrice(void **state)
{
    (void)state;
    struct ear_rendezvous r;
    ear_rendezvous_start(&r, secret, 0, START);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_BIND);
    assert_int_equal(answer(&r, START + 400 * MS, EAR_RENDEZVOUS_CHALLENGE, 0), 0);
    int64_t now = START + 400 * MS;
    assert_int_equal(kind_at(&r, now), EAR_RENDEZVOUS_PROOF);
    assert_int_equal(ear_rendezvous_due_us(&r), now + 600 * MS);
    assert_int_equal(answer(&r, now + 500 * MS, EAR_RENDEZVOUS_BOUND, 0), 0);
    now += 20 * S;
    assert_int_equal(kind_at(&r, now), EAR_RENDEZVOUS_KEEP);
    assert_int_equal(ear_rendezvous_due_us(&r), now + 750 * MS);
}

static void lost_proofs_begin_anew(void **state)
{
    (void)state;
    struct ear_rendezvous r;
    ear_rendezvous_start(&r, secret, 0, START);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_BIND);
    assert_int_equal(answer(&r, START, EAR_RENDEZVOUS_CHALLENGE, 0), 0);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_PROOF);
    /* A second challenge, late, changes nothing. */
    assert_int_equal(answer(&r, START, EAR_RENDEZVOUS_CHALLENGE, 0), -EBADMSG);
    assert_int_equal(kind_at(&r, START + 500 * MS), EAR_RENDEZVOUS_PROOF);
    assert_int_equal(kind_at(&r, START + 1500 * MS), EAR_RENDEZVOUS_PROOF);
    assert_int_equal(kind_at(&r, START + 3499 * MS), 0);
    assert_int_equal(kind_at(&r, START + 3500 * MS), EAR_RENDEZVOUS_BIND);
    /* The answer to the proof was only late. */
    assert_int_equal(answer(&r, START + 3600 * MS, EAR_RENDEZVOUS_BOUND, 0), 0);
    assert_int_equal(r.state, EAR_RENDEZVOUS_HELD);
}

static void keeps_its_place_while_idle(void **state)
{
    (void)state;
    struct ear_rendezvous r = held_at(START);
    int64_t now = START;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ear_rendezvous_due_us(&r), now + 15 * S);
        now += 15 * S;
        assert_int_equal(kind_at(&r, now), EAR_RENDEZVOUS_KEEP);
        assert_int_equal(answer(&r, now, EAR_RENDEZVOUS_BOUND, i % 2), 0);
        assert_int_equal(r.other_there, i % 2);
    }
}

static void a_talk_needs_no_keeping(void **state)
{
    (void)state;
    struct ear_rendezvous r = held_at(START);
    for (int64_t now = START; now < START + 600 * S; now += 60 * MS) {
        ear_rendezvous_sent(&r, now);
        ear_rendezvous_heard(&r, now);
        assert_int_equal(kind_at(&r, now), 0);
    }
}

static void hearing_nothing_is_a_reason_to_ask(void **state)
{
    (void)state;
    struct ear_rendezvous r = held_at(START);
    int64_t now = START, kept = 0;
    for (; !kept && now < START + 60 * S; now += 60 * MS) {
        ear_rendezvous_sent(&r, now);
        if (kind_at(&r, now) == EAR_RENDEZVOUS_KEEP)
            kept = now;
    }
    assert_in_range(kept, START + 15 * S, START + 16 * S);
    /* Two questions without an answer: the place is lost, or the address has changed. */
    assert_int_equal(kind_at(&r, kept + 500 * MS), EAR_RENDEZVOUS_KEEP);
    assert_int_equal(r.state, EAR_RENDEZVOUS_HELD);
    assert_int_equal(kind_at(&r, kept + 1500 * MS), EAR_RENDEZVOUS_BIND);
    assert_int_equal(r.state, EAR_RENDEZVOUS_ASKING);
    assert_int_equal(ear_rendezvous_due_us(&r), kept + 2000 * MS);
}

static void doubt_is_asked_at_once_and_once(void **state)
{
    (void)state;
    struct ear_rendezvous r = held_at(START);
    ear_rendezvous_doubt(&r, START + 2 * S);
    assert_int_equal(kind_at(&r, START + 2 * S), EAR_RENDEZVOUS_KEEP);
    ear_rendezvous_doubt(&r, START + 2 * S);
    assert_int_equal(kind_at(&r, START + 2 * S), 0);
    ear_rendezvous_heard(&r, START + 3 * S);
    assert_int_equal(ear_rendezvous_due_us(&r), START + 17 * S);
}

static void a_new_address_asks_anew_at_once(void **state)
{
    (void)state;
    struct ear_rendezvous r = held_at(START);
    ear_rendezvous_moved(&r, START + 2 * S);
    assert_int_equal(kind_at(&r, START + 2 * S), EAR_RENDEZVOUS_BIND);
    assert_int_equal(ear_rendezvous_due_us(&r), START + 2500 * MS);
}

static void a_full_relay_is_asked_later(void **state)
{
    (void)state;
    struct ear_rendezvous r;
    ear_rendezvous_start(&r, secret, 0, START);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_BIND);
    assert_int_equal(answer(&r, START, EAR_RENDEZVOUS_FULL, 1), -EBADMSG); /* not yet asked for */
    assert_int_equal(answer(&r, START, EAR_RENDEZVOUS_CHALLENGE, 0), 0);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_PROOF);
    assert_int_equal(answer(&r, START, EAR_RENDEZVOUS_FULL, EAR_RENDEZVOUS_CROWDED), 0);
    assert_int_equal(r.state, EAR_RENDEZVOUS_REFUSED);
    assert_int_equal(r.refusal, EAR_RENDEZVOUS_CROWDED);
    ear_rendezvous_doubt(&r, START);
    assert_int_equal(kind_at(&r, START + 29 * S), 0);
    assert_int_equal(kind_at(&r, START + 30 * S), EAR_RENDEZVOUS_BIND);
    assert_int_equal(r.state, EAR_RENDEZVOUS_ASKING);
}

static void another_version_is_told_from_silence(void **state)
{
    (void)state;
    struct ear_rendezvous r;
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    struct ear_rendezvous_message m = full_message(EAR_RENDEZVOUS_CHALLENGE);
    ear_rendezvous_start(&r, secret, 0, START);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_BIND);
    m.version = EAR_RENDEZVOUS_VERSION + 1;
    memcpy(m.token, r.proof.token, sizeof m.token);
    int len = ear_rendezvous_build(&m, data, sizeof data);
    assert_int_equal(ear_rendezvous_take(&r, START, data, (size_t)len), 0);
    assert_int_equal(r.state, EAR_RENDEZVOUS_REFUSED);
    assert_int_equal(r.refusal, 0);
    assert_int_equal(ear_rendezvous_due_us(&r), START + 30 * S);
}

static void what_was_not_asked_for_changes_nothing(void **state)
{
    (void)state;
    struct ear_rendezvous r = held_at(START), before = r;
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    assert_int_equal(answer(&r, START + S, EAR_RENDEZVOUS_CHALLENGE, 0), -EBADMSG);
    assert_int_equal(answer(&r, START + S, EAR_RENDEZVOUS_FULL, 1), -EBADMSG);
    assert_int_equal(answer(&r, START + S, EAR_RENDEZVOUS_KEEP, 0), -EBADMSG);
    struct ear_rendezvous_message m = full_message(EAR_RENDEZVOUS_BOUND); /* of another meeting */
    int len = ear_rendezvous_build(&m, data, sizeof data);
    assert_int_equal(ear_rendezvous_take(&r, START + S, data, (size_t)len), -EBADMSG);
    assert_int_equal(ear_rendezvous_take(&r, START + S, data, 0), -EBADMSG);
    assert_memory_equal(&r, &before, sizeof r);
    /* A challenge with a key of small order is no relay's. */
    ear_rendezvous_start(&r, secret, 0, START);
    assert_int_equal(kind_at(&r, START), EAR_RENDEZVOUS_BIND);
    m = full_message(EAR_RENDEZVOUS_CHALLENGE);
    memcpy(m.token, r.proof.token, sizeof m.token);
    memset(m.relay_key, 0, sizeof m.relay_key);
    len = ear_rendezvous_build(&m, data, sizeof data);
    assert_int_equal(ear_rendezvous_take(&r, START, data, (size_t)len), -EBADMSG);
    assert_int_equal(r.state, EAR_RENDEZVOUS_ASKING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_comes_back),
        cmocka_unit_test(nonsense_does_not_parse),
        cmocka_unit_test(an_invite_makes_a_meeting),
        cmocka_unit_test(a_say_says_what_it_holds),
        cmocka_unit_test(proof_holds_for_its_own_content_alone),
        cmocka_unit_test(asks_again_ever_more_slowly),
        cmocka_unit_test(takes_its_place_in_two_steps),
        cmocka_unit_test(a_slow_link_is_not_asked_thrice),
        cmocka_unit_test(lost_proofs_begin_anew),
        cmocka_unit_test(keeps_its_place_while_idle),
        cmocka_unit_test(a_talk_needs_no_keeping),
        cmocka_unit_test(hearing_nothing_is_a_reason_to_ask),
        cmocka_unit_test(doubt_is_asked_at_once_and_once),
        cmocka_unit_test(a_new_address_asks_anew_at_once),
        cmocka_unit_test(a_full_relay_is_asked_later),
        cmocka_unit_test(another_version_is_told_from_silence),
        cmocka_unit_test(what_was_not_asked_for_changes_nothing),
    };
    if (ear_sodium_start() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
