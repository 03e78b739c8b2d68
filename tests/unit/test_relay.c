/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay in virtual time: who is bound, who is forwarded, who is not answered. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "relay_world.h"

static void siphash_agrees_with_its_paper(void **state)
{
    (void)state;
    uint8_t key[EAR_SIPHASH_KEY_BYTES], data[15];
    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    for (uint8_t i = 0; i < sizeof data; i++)
        data[i] = i;
    assert_true(ear_siphash(key, data, sizeof data) == 0xa129ca6149be45e5);
    assert_true(ear_siphash(key, data, 0) == 0x726fdb47dd0e0e31);
}

static void two_ends_are_bound_and_forwarded(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    assert_false(a.r.other_there);
    struct end b = bound_end(&w, 1, 1, v6(0x20010db8, 7, 6000));
    assert_true(b.r.other_there);
    /* The one who waited was told too. */
    assert_true(ear_relay_address_equal(&w.out[1].to, &a.address));
    assert_int_equal(ear_rendezvous_take(&a.r, w.now_us, w.out[1].data, w.out[1].len), 0);
    assert_true(a.r.other_there);
    assert_true(reaches(&w, &a, &b));
    assert_true(reaches(&w, &b, &a));
    /* All that is not the relay's own goes through, of any length. */
    uint8_t data[548];
    for (int first = 0; first < 256; first++) {
        memset(data, first, sizeof data);
        size_t len = 1 + (size_t)first * 2;
        w.now_us += S;
        int count = pass(&w, &a.address, data, len);
        assert_int_equal(count, first >= 0x20 && first <= 0x2f ? 0 : 1);
        if (count == 1) {
            assert_ptr_equal(w.out[0].data, data);
            assert_int_equal(w.out[0].len, len);
            assert_true(ear_relay_address_equal(&w.out[0].to, &b.address));
        }
    }
    assert_int_equal(pass(&w, &a.address, data, 0), 0);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    ear_reflect_free(w.reflect);
}

static void a_waiting_end_is_forwarded_nowhere(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end other = bound_end(&w, 2, 0, v4(0x0a000002, 5000));
    assert_false(reaches(&w, &a, &other));
    assert_int_equal(dropped(&w, EAR_DROP_ALONE), 1);
    ear_reflect_free(w.reflect);
}

static void strangers_get_silence_but_for_the_challenge(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    const uint64_t seed = 11;
    struct ear_random random = ear_random_seeded(seed);
    print_message("seed %llu\n", (unsigned long long)seed);
    int challenges = 0;
    for (int i = 0; i < 100000; i++) {
        uint8_t data[80];
        struct ear_relay_address from = v4((uint32_t)ear_random_u64(&random), 1);
        for (size_t j = 0; j < sizeof data; j++)
            data[j] = (uint8_t)ear_random_u64(&random);
        size_t len = ear_random_below(&random, sizeof data);
        if (i % 2 && len > 1) {
            data[0] = (uint8_t)(0x20 + ear_random_below(&random, 6));
            data[1] = EAR_RENDEZVOUS_VERSION;
        }
        if (i % 10 == 1) {
            data[0] = EAR_RENDEZVOUS_BIND;
            memset(data + 34, 0, 24);
            len = 58;
        }
        w.now_us += MS;
        int count = pass(&w, &from, data, len);
        assert_true(count == 0 || (count == 1 && w.out[0].data[0] == EAR_RENDEZVOUS_CHALLENGE &&
                                   data[0] == EAR_RENDEZVOUS_BIND && len == 58));
        challenges += count;
    }
    assert_in_range(challenges, 9000, 11000);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    assert_true(reaches(&w, &a, &b));
    ear_reflect_free(w.reflect);
}

static void an_end_that_moves_takes_its_call_along(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    for (uint16_t port = 5001; port < 5010; port++) {
        struct end before = a;
        w.now_us += 3 * S;
        a.address.port = port;
        assert_false(reaches(&w, &a, &b));
        ear_rendezvous_doubt(&a.r, w.now_us);
        for (int i = 0; i < 20 && a.r.state != EAR_RENDEZVOUS_ASKING; i++) {
            talk(&w, &a);
            w.now_us += 500 * MS;
        }
        talk(&w, &a);
        assert_int_equal(a.r.state, EAR_RENDEZVOUS_HELD);
        assert_true(a.r.other_there);
        assert_true(reaches(&w, &a, &b));
        assert_true(reaches(&w, &b, &a));
        assert_false(reaches(&w, &before, &b));
    }
    assert_int_equal(ear_reflect_counts(w.reflect)->moves, 9);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    ear_reflect_free(w.reflect);
}

static void a_listener_cannot_take_a_place(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000)), thief = a;
    uint8_t proof[EAR_RENDEZVOUS_BYTES_MAX], data[EAR_RENDEZVOUS_BYTES_MAX];
    size_t len = spy_on_proof(&w, &a, proof);
    thief.address = v4(0x0a000666, 5000);

    /* What was seen, from another address. */
    w.now_us += S;
    assert_int_equal(pass(&w, &thief.address, proof, len), 0);
    assert_int_equal(dropped(&w, EAR_DROP_COOKIE), 1);
    /* With a cookie of his own and the token, but without the secret; for either place. */
    int bind = ear_rendezvous_next(&thief.r, w.now_us, data);
    assert_int_equal(pass(&w, &thief.address, data, (size_t)bind), 1);
    struct ear_rendezvous_message challenge, forged;
    assert_int_equal(ear_rendezvous_parse(w.out[0].data, w.out[0].len, &challenge), 0);
    assert_int_equal(ear_rendezvous_parse(proof, len, &forged), 0);
    memcpy(forged.cookie, challenge.cookie, sizeof forged.cookie);
    for (forged.role = 0; forged.role < 2; forged.role++) {
        assert_int_equal(ear_rendezvous_build(&forged, data, sizeof data), (int)len);
        assert_int_equal(pass(&w, &thief.address, data, len), 0);
    }
    assert_int_equal(dropped(&w, EAR_DROP_PROOF), 2);
    assert_true(reaches(&w, &b, &a));

    /* The owner moves on; what he sent before, replayed from where he was, moves nothing back. */
    struct end moved = end_at(&w, 1, 0, v4(0x0a000003, 5000));
    talk(&w, &moved);
    assert_int_equal(moved.r.state, EAR_RENDEZVOUS_HELD);
    w.now_us += S;
    assert_int_equal(pass(&w, &a.address, proof, len), 0);
    assert_int_equal(dropped(&w, EAR_DROP_STALE), 1);
    assert_true(reaches(&w, &b, &moved));
    /* And soon the cookie is too old altogether. */
    w.now_us += 20 * S;
    assert_int_equal(pass(&w, &a.address, proof, len), 0);
    assert_int_equal(dropped(&w, EAR_DROP_COOKIE), 2);
    ear_reflect_free(w.reflect);
}

static void a_repeated_proof_is_answered_again(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000));
    uint8_t proof[EAR_RENDEZVOUS_BYTES_MAX];
    size_t len = spy_on_proof(&w, &a, proof);
    w.now_us += 2 * S;
    assert_int_equal(pass(&w, &a.address, proof, len), 1);
    assert_int_equal(w.out[0].data[0], EAR_RENDEZVOUS_BOUND);
    assert_int_equal(ear_reflect_counts(w.reflect)->bindings_made, 1);
    assert_int_equal(ear_reflect_counts(w.reflect)->moves, 0);
    ear_reflect_free(w.reflect);
}

static void another_version_is_told_ours(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = end_at(&w, 1, 0, v4(0x0a000001, 5000));
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    int len = ear_rendezvous_next(&a.r, w.now_us, data);
    data[1] = 99;
    assert_int_equal(pass(&w, &a.address, data, (size_t)len), 1);
    assert_int_equal(w.out[0].data[0], EAR_RENDEZVOUS_CHALLENGE);
    assert_int_equal(w.out[0].data[1], EAR_RENDEZVOUS_VERSION);
    ear_reflect_free(w.reflect);
}

static void silence_of_five_minutes_is_forgotten(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    w.now_us += 299 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_true(reaches(&w, &a, &b));
    /* Exactly, even if nobody looks: b was last heard 300 s ago, a just now. */
    w.now_us += S;
    assert_false(reaches(&w, &a, &b));
    assert_int_equal(dropped(&w, EAR_DROP_ALONE), 1);
    assert_false(reaches(&w, &b, &a));
    assert_int_equal(dropped(&w, EAR_DROP_STRANGER), 1);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    w.now_us += 299 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_int_equal(ear_reflect_bindings(w.reflect), 1);
    w.now_us += S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_int_equal(ear_reflect_bindings(w.reflect), 0);
    assert_int_equal(ear_reflect_counts(w.reflect)->bindings_forgotten, 1);
    assert_false(reaches(&w, &a, &b));
    ear_reflect_free(w.reflect);
}

static void keeping_holds_a_place_for_hours(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct end a = bound_end(&w, 1, 0, v4(0x0a000001, 5000));
    struct end b = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    int64_t in = ear_reflect_counts(w.reflect)->in_datagrams;
    for (int second = 0; second < 6 * 3600; second++) {
        w.now_us += S;
        talk(&w, &a);
        if (second < 1800)
            talk(&w, &b);
        ear_reflect_expire(w.reflect, w.now_us);
        if (second == 1800 + 30)
            assert_true(a.r.other_there);
    }
    assert_int_equal(a.r.state, EAR_RENDEZVOUS_HELD);
    assert_false(a.r.other_there);
    assert_int_equal(ear_reflect_counts(w.reflect)->in_datagrams - in, 6 * 240 + 120);
    assert_false(reaches(&w, &a, &b));
    talk(&w, &b); /* its place is gone: asks, and takes it again */
    for (int i = 0; i < 3 && b.r.state != EAR_RENDEZVOUS_ASKING; i++) {
        w.now_us += S;
        talk(&w, &b);
    }
    assert_true(b.r.other_there);
    assert_true(reaches(&w, &a, &b));
    ear_reflect_free(w.reflect);
}

static void an_address_speaks_from_the_place_it_took_last(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct ear_relay_address one = v4(0x0a000001, 5000);
    struct end a1 = bound_end(&w, 1, 0, one), a2 = bound_end(&w, 2, 0, one);
    struct end b1 = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    struct end b2 = bound_end(&w, 2, 1, v4(0x0a000003, 5000));
    assert_true(reaches(&w, &b1, &a1)); /* hears from both */
    assert_true(reaches(&w, &b2, &a2));
    assert_true(reaches(&w, &a2, &b2));
    w.now_us += 15 * S;
    talk(&w, &a1); /* holds its other place too, but does not speak from there */
    assert_int_equal(a1.r.state, EAR_RENDEZVOUS_HELD);
    assert_true(reaches(&w, &a1, &b2));
    w.now_us += S;
    a1 = bound_end(&w, 1, 0, one);
    assert_true(reaches(&w, &a1, &b1));
    assert_int_equal(ear_reflect_bindings(w.reflect), 2);
    ear_reflect_free(w.reflect);
}

/* Says something through the meeting of an end; true if just that comes to the other. */
static bool says(struct world *w, const struct end *from, const struct end *to)
{
    static const uint8_t inner[] = {0xa0, 1, 2, 3};
    uint8_t data[EAR_RENDEZVOUS_SAY_BYTES + sizeof inner];
    int len = ear_rendezvous_say(from->r.proof.token, inner, sizeof inner, data, sizeof data);
    assert_int_equal(len, sizeof data);
    if (pass(w, &from->address, data, sizeof data) != 1)
        return false;
    assert_int_equal(w->out[0].len, sizeof inner);
    assert_memory_equal(w->out[0].data, inner, sizeof inner);
    return ear_relay_address_equal(&w->out[0].to, &to->address);
}

static void an_address_says_things_through_all_its_places(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct ear_relay_address one = v4(0x0a000001, 5000);
    struct end a1 = bound_end(&w, 1, 0, one);
    assert_true(a1.r.speaks);
    struct end a2 = bound_end(&w, 2, 0, one);
    struct end b1 = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    struct end b2 = bound_end(&w, 2, 1, v4(0x0a000003, 5000));
    assert_true(says(&w, &a1, &b1));
    assert_true(says(&w, &a2, &b2));
    assert_true(says(&w, &b1, &a1));
    assert_true(reaches(&w, &a2, &b2)); /* that has not changed who speaks */
    /* Whoever knows the token and has no place in the meeting is not heard. */
    struct end thief = a1;
    thief.address = v4(0x0a000666, 5000);
    assert_false(says(&w, &thief, &b1));
    assert_int_equal(dropped(&w, EAR_DROP_STRANGER), 1);
    /* Nothing in the relay's name, and nothing empty. */
    for (int first = 0x20; first < 0x30; first++) {
        uint8_t data[EAR_RENDEZVOUS_SAY_BYTES + 10] = {0};
        const uint8_t inner[10] = {(uint8_t)first};
        assert_int_equal(
            ear_rendezvous_say(a1.r.proof.token, inner, sizeof inner, data, sizeof data),
            sizeof data);
        assert_int_equal(pass(&w, &one, data, sizeof data), 0);
        assert_int_equal(pass(&w, &one, data, EAR_RENDEZVOUS_SAY_BYTES), 0);
    }
    assert_int_equal(dropped(&w, EAR_DROP_MALFORMED), 32);
    /* KEEP tells from which place it speaks. */
    w.now_us += 15 * S;
    talk(&w, &a1);
    talk(&w, &a2);
    assert_false(a1.r.speaks);
    assert_true(a2.r.speaks);
    ear_reflect_free(w.reflect);
}

/* A proof that was sent twice, and comes late the second time, does not take the word back. */
static void an_old_proof_takes_the_word_from_nobody(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct ear_relay_address one = v4(0x0a000001, 5000);
    struct end a1 = end_at(&w, 1, 0, one);
    uint8_t proof[EAR_RENDEZVOUS_BYTES_MAX];
    size_t len = spy_on_proof(&w, &a1, proof);
    struct end b1 = bound_end(&w, 1, 1, v4(0x0a000002, 5000));
    w.now_us += S;
    struct end a2 = bound_end(&w, 2, 0, one);
    struct end b2 = bound_end(&w, 2, 1, v4(0x0a000003, 5000));
    assert_int_equal(pass(&w, &one, proof, len), 1);
    assert_int_equal(w.out[0].data[0], EAR_RENDEZVOUS_BOUND);
    assert_int_equal(w.out[0].data[9], EAR_RENDEZVOUS_THERE);
    assert_true(reaches(&w, &a2, &b2));
    /* A new one does. */
    w.now_us += S;
    ear_rendezvous_moved(&a1.r, w.now_us);
    talk(&w, &a1);
    assert_true(a1.r.speaks);
    assert_true(reaches(&w, &a1, &b1));
    ear_reflect_free(w.reflect);
}

static void nobody_is_bound_to_himself(void **state)
{
    (void)state;
    struct world w = world_with(ear_reflect_usual);
    struct ear_relay_address one = v4(0x0a000001, 5000);
    struct end first = bound_end(&w, 1, 0, one);
    w.now_us += S;
    struct end second = bound_end(&w, 1, 1, one);
    assert_false(second.r.other_there);
    assert_false(reaches(&w, &second, &first));
    assert_int_equal(dropped(&w, EAR_DROP_ALONE), 1);
    ear_reflect_free(w.reflect);
}

static void nonsense_configs_are_refused(void **state)
{
    (void)state;
    struct ear_reflect *reflect = NULL;
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 0;
    assert_int_equal(ear_reflect_new(&reflect, &config), -EINVAL);
    config = ear_reflect_usual;
    config.per_address = 0;
    assert_int_equal(ear_reflect_new(&reflect, &config), -EINVAL);
    config = ear_reflect_usual;
    config.total_bps = config.call_bps - 1;
    assert_int_equal(ear_reflect_new(&reflect, &config), -EINVAL);
    assert_null(reflect);
    ear_reflect_free(NULL);
}

/* A small relay and many ends that come, move and fall silent: nothing is lost or left over. */
static void a_crowd_leaves_nothing_behind(void **state)
{
    (void)state;
    enum { ENDS = 120, ROUNDS = 20000 };
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 40;
    struct world w = world_with(config);
    const uint64_t seed = 23;
    struct ear_random random = ear_random_seeded(seed);
    print_message("seed %llu\n", (unsigned long long)seed);
    struct end *ends = calloc(ENDS, sizeof *ends);
    assert_non_null(ends);
    for (uint8_t i = 0; i < ENDS; i++)
        ends[i] = end_at(&w, i / 2, i % 2, v4(0x0a000000 + (uint32_t)i, 5000));
    for (int round = 0; round < ROUNDS; round++) {
        struct end *e = &ends[ear_random_below(&random, ENDS)];
        uint32_t what = ear_random_below(&random, 100);
        if (what == 0)
            e->address = v4(0x0a000000 + ear_random_below(&random, ENDS), 5000);
        uint8_t data[40] = {0x80};
        if (what < 50)
            (void)pass(&w, &e->address, data, sizeof data);
        else
            talk(&w, e);
        if (what == 1)
            ear_reflect_expire(w.reflect, w.now_us);
        w.now_us += ear_random_below(&random, 2 * EAR_US_PER_S);
        assert_true(ear_reflect_bindings(w.reflect) <= config.max_bindings);
    }
    const struct ear_reflect_counts *c = ear_reflect_counts(w.reflect);
    assert_true(c->moves > 10 && c->bindings_made > 100);
    w.now_us += 300 * S;
    ear_reflect_expire(w.reflect, w.now_us);
    assert_int_equal(ear_reflect_bindings(w.reflect), 0);
    assert_int_equal(c->bindings_made, c->bindings_forgotten);
    free(ends);
    ear_reflect_free(w.reflect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_agrees_with_its_paper),
        cmocka_unit_test(two_ends_are_bound_and_forwarded),
        cmocka_unit_test(a_waiting_end_is_forwarded_nowhere),
        cmocka_unit_test(strangers_get_silence_but_for_the_challenge),
        cmocka_unit_test(an_end_that_moves_takes_its_call_along),
        cmocka_unit_test(a_listener_cannot_take_a_place),
        cmocka_unit_test(a_repeated_proof_is_answered_again),
        cmocka_unit_test(another_version_is_told_ours),
        cmocka_unit_test(silence_of_five_minutes_is_forgotten),
        cmocka_unit_test(keeping_holds_a_place_for_hours),
        cmocka_unit_test(an_address_speaks_from_the_place_it_took_last),
        cmocka_unit_test(an_address_says_things_through_all_its_places),
        cmocka_unit_test(an_old_proof_takes_the_word_from_nobody),
        cmocka_unit_test(nobody_is_bound_to_himself),
        cmocka_unit_test(nonsense_configs_are_refused),
        cmocka_unit_test(a_crowd_leaves_nothing_behind),
    };
    if (ear_sodium_start() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
