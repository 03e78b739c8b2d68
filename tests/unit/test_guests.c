/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may come in. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "store/guests.h"

static const uint8_t key_a[EAR_KEY_BYTES] = {1}, key_b[EAR_KEY_BYTES] = {2},
                     key_c[EAR_KEY_BYTES] = {3};
static const uint8_t psk_1[EAR_KEY_BYTES] = {11}, psk_2[EAR_KEY_BYTES] = {12},
                     psk_3[EAR_KEY_BYTES] = {13}, psk_4[EAR_KEY_BYTES] = {14};

struct scene {
    struct ear_guests guests;
    uint8_t id[5][EAR_PSK_ID_BYTES]; /* of psk_1 to psk_4, from 1 */
};

static struct ear_guest *add(struct scene *s, uint32_t number, const uint8_t *key)
{
    struct ear_guest *guest = &s->guests.list[s->guests.count++];
    guest->number = number;
    if (key) {
        guest->has_key = true;
        memcpy(guest->static_key, key, EAR_KEY_BYTES);
    }
    return guest;
}

static struct scene scene(void)
{
    struct scene s = {0};
    ear_invite_psk_id(psk_1, s.id[1]);
    ear_invite_psk_id(psk_2, s.id[2]);
    ear_invite_psk_id(psk_3, s.id[3]);
    ear_invite_psk_id(psk_4, s.id[4]);
    return s;
}

static void expect(const struct scene *s, const uint8_t *key, const uint8_t *id,
                   enum ear_guests_verdict verdict, uint32_t number, const uint8_t *secret)
{
    struct ear_guests_answer answer = ear_guests_decide(&s->guests, key, id);
    assert_int_equal(answer.verdict, verdict);
    assert_int_equal(answer.number, number);
    assert_int_equal(answer.psk != NULL, secret != NULL);
    if (secret)
        assert_memory_equal(answer.psk->secret, secret, EAR_KEY_BYTES);
}

static void strangers_hear_nothing(void **state)
{
    (void)state;
    struct scene s = scene();
    expect(&s, key_a, NULL, EAR_GUESTS_STRANGER, 0, NULL);
    expect(&s, key_a, s.id[1], EAR_GUESTS_STRANGER, 0, NULL);
    struct ear_guest *known = add(&s, 7, key_b);
    ear_psk_set(&known->psks[EAR_PSK_TAKEN], psk_1);
    expect(&s, key_a, NULL, EAR_GUESTS_STRANGER, 0, NULL);
    expect(&s, key_a, s.id[2], EAR_GUESTS_STRANGER, 0, NULL);
    /* a secret belongs to its key */
    expect(&s, key_a, s.id[1], EAR_GUESTS_USED_UP, 0, NULL);
}

static void an_invite_opens_once(void **state)
{
    (void)state;
    uint32_t number = 0;
    struct scene s = scene();
    ear_psk_set(&add(&s, 3, NULL)->psks[EAR_PSK_OPEN], psk_1);
    assert_null(ear_guests_call_with(&s.guests.list[0]));
    expect(&s, key_a, NULL, EAR_GUESTS_STRANGER, 0, NULL);
    expect(&s, key_a, s.id[1], EAR_GUESTS_NEW, 3, psk_1);
    expect(&s, key_b, s.id[1], EAR_GUESTS_NEW, 3, psk_1);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[2], key_a, &number), -ENOENT);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[1], key_a, &number), 0);
    assert_int_equal(number, 3);
    expect(&s, key_a, s.id[1], EAR_GUESTS_KNOWN, 3, psk_1);
    expect(&s, key_a, NULL, EAR_GUESTS_KNOWN, 3, psk_1);
    expect(&s, key_b, s.id[1], EAR_GUESTS_USED_UP, 0, NULL);
    expect(&s, key_b, NULL, EAR_GUESTS_STRANGER, 0, NULL);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[1], key_b, &number), -EKEYREJECTED);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[1], key_a, &number), 0);
    assert_memory_equal(ear_guests_call_with(&s.guests.list[0])->secret, psk_1, EAR_KEY_BYTES);
}

/* Both gave the other an invite: whichever secret is named, it is found. */
static void two_secrets_of_one_pair(void **state)
{
    (void)state;
    struct scene s = scene();
    struct ear_guest *a = add(&s, 1, key_a);
    ear_psk_set(&a->psks[EAR_PSK_TAKEN], psk_1);
    ear_psk_set(&a->psks[EAR_PSK_GIVEN], psk_2);
    ear_psk_set(&a->psks[EAR_PSK_OLD], psk_3);
    expect(&s, key_a, s.id[1], EAR_GUESTS_KNOWN, 1, psk_1);
    expect(&s, key_a, s.id[2], EAR_GUESTS_KNOWN, 1, psk_2);
    expect(&s, key_a, s.id[3], EAR_GUESTS_KNOWN, 1, psk_3);
    expect(&s, key_a, NULL, EAR_GUESTS_KNOWN, 1, psk_2);
    expect(&s, key_a, s.id[4], EAR_GUESTS_USED_UP, 1, NULL);
    assert_memory_equal(ear_guests_call_with(a)->secret, psk_1, EAR_KEY_BYTES);
}

static void the_blocked_stay_outside(void **state)
{
    (void)state;
    uint32_t number = 0;
    struct scene s = scene();
    struct ear_guest *a = add(&s, 1, key_a);
    ear_psk_set(&a->psks[EAR_PSK_TAKEN], psk_1);
    ear_psk_set(&a->psks[EAR_PSK_OPEN], psk_2);
    ear_psk_set(&add(&s, 2, NULL)->psks[EAR_PSK_OPEN], psk_3);
    a->blocked = true;
    expect(&s, key_a, s.id[1], EAR_GUESTS_BLOCKED, 1, NULL);
    expect(&s, key_a, s.id[2], EAR_GUESTS_BLOCKED, 1, NULL);
    expect(&s, key_a, s.id[3], EAR_GUESTS_BLOCKED, 1, NULL); /* with somebody else's invite */
    expect(&s, key_b, s.id[2], EAR_GUESTS_BLOCKED, 1, NULL); /* with an invite of the blocked */
    assert_int_equal(ear_guests_pin(&s.guests, s.id[3], key_a, &number), -EPERM);
}

static void a_changed_key_needs_leave(void **state)
{
    (void)state;
    uint32_t number = 0;
    struct scene s = scene();
    struct ear_guest *a = add(&s, 1, key_a);
    ear_psk_set(&a->psks[EAR_PSK_TAKEN], psk_1);
    ear_psk_set(&a->psks[EAR_PSK_OPEN], psk_2);
    a->newest_stamp = 99;
    expect(&s, key_b, s.id[2], EAR_GUESTS_KEY_CHANGED, 1, NULL);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[2], key_b, &number), -EKEYREJECTED);
    expect(&s, key_a, s.id[2], EAR_GUESTS_NEW, 1, psk_2);
    a->may_replace = true;
    expect(&s, key_b, s.id[2], EAR_GUESTS_NEW, 1, psk_2);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[2], key_b, &number), 0);
    expect(&s, key_b, s.id[2], EAR_GUESTS_KNOWN, 1, psk_2);
    expect(&s, key_a, s.id[1], EAR_GUESTS_STRANGER, 0, NULL);
    assert_int_equal(a->newest_stamp, 0);
    assert_false(a->may_replace);
}

static void two_records_of_one_person_become_one(void **state)
{
    (void)state;
    uint32_t number = 0;
    struct scene s = scene();
    struct ear_guest *a = add(&s, 1, key_a);
    ear_psk_set(&a->psks[EAR_PSK_TAKEN], psk_1);
    ear_psk_set(&add(&s, 2, NULL)->psks[EAR_PSK_OPEN], psk_2);
    ear_psk_set(&add(&s, 3, key_c)->psks[EAR_PSK_TAKEN], psk_3);
    expect(&s, key_a, s.id[2], EAR_GUESTS_NEW, 2, psk_2);
    assert_int_equal(ear_guests_pin(&s.guests, s.id[2], key_a, &number), 0);
    assert_int_equal(number, 1);
    assert_int_equal(s.guests.count, 2);
    assert_null(ear_guests_numbered(&s.guests, 2));
    expect(&s, key_a, s.id[1], EAR_GUESTS_KNOWN, 1, psk_1);
    expect(&s, key_a, s.id[2], EAR_GUESTS_KNOWN, 1, psk_2);
    expect(&s, key_c, s.id[3], EAR_GUESTS_KNOWN, 3, psk_3);
}

static void changes_come_through_a_ring(void **state)
{
    (void)state;
    struct scene s = scene();
    struct ear_guests_update update = {0};
    for (uint32_t i = 0; i <= EAR_GUESTS_MAX; i++) {
        update.guest.number = i + 1;
        update.guest.has_key = true;
        memcpy(update.guest.static_key, &i, sizeof i);
        assert_int_equal(ear_guests_apply(&s.guests, &update), i < EAR_GUESTS_MAX ? 0 : -ENOSPC);
    }
    ear_guests_heard(&s.guests, 5, 1000);
    ear_guests_heard(&s.guests, 5, 900);
    ear_guests_heard(&s.guests, 999, 900);
    update.guest = *ear_guests_numbered(&s.guests, 5);
    update.guest.newest_stamp = 7; /* written before the last was heard */
    update.guest.blocked = true;
    assert_int_equal(ear_guests_apply(&s.guests, &update), 0);
    assert_int_equal(ear_guests_numbered(&s.guests, 5)->newest_stamp, 1000);
    assert_true(ear_guests_numbered(&s.guests, 5)->blocked);
    memset(update.guest.static_key, 0xee, EAR_KEY_BYTES);
    assert_int_equal(ear_guests_apply(&s.guests, &update), 0);
    assert_int_equal(ear_guests_numbered(&s.guests, 5)->newest_stamp, 7);
    update.gone = true;
    for (uint32_t i = 0; i <= EAR_GUESTS_MAX; i++) {
        update.guest.number = i + 1;
        assert_int_equal(ear_guests_apply(&s.guests, &update), 0);
        assert_null(ear_guests_numbered(&s.guests, i + 1));
    }
    assert_int_equal(s.guests.count, 0);
    for (size_t i = 0; i < sizeof s.guests; i++)
        assert_int_equal(((uint8_t *)&s.guests)[i], 0);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_hear_nothing),
        cmocka_unit_test(an_invite_opens_once),
        cmocka_unit_test(two_secrets_of_one_pair),
        cmocka_unit_test(the_blocked_stay_outside),
        cmocka_unit_test(a_changed_key_needs_leave),
        cmocka_unit_test(two_records_of_one_person_become_one),
        cmocka_unit_test(changes_come_through_a_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
