/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people of a profile: adding, changing, keeping. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "side.h"

static void an_invite_joins_two(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    uint8_t binding[EAR_BINDING_BYTES], sign_key[EAR_SIGN_PUBLIC_BYTES];
    char one[EAR_SAFETY_NUMBER_BYTES], other[EAR_SAFETY_NUMBER_BYTES];
    struct ear_invite i = invite(&ann, "Robert", false);
    const struct ear_person *robert = ear_people_named(ann.people, "ROBERT");
    assert_true(ear_person_is_pending(robert));
    assert_int_equal(ear_people_verify(ann.people, "Robert", error, 600), -ENOKEY);
    expect_import(&bob, &i, false, EAR_PEOPLE_ADDED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_false(ear_person_is_pending(robert));
    assert_memory_equal(robert->guest.static_key, bob.self.static_public, EAR_KEY_BYTES);
    assert_int_equal(call(&ann, &bob, "Robert"), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_int_equal(ear_people_verify(ann.people, "Robert", error, 600), -ENOKEY);
    ear_identity_bind(&bob.self, binding);
    assert_true(ear_identity_check_binding(robert->guest.static_key, binding, sign_key));
    uint32_t number = robert->guest.number;
    assert_int_equal(ear_people_learn_sign_key(ann.people, number, sign_key), 0);
    assert_int_equal(ear_people_learn_sign_key(ann.people, number, sign_key), 0);
    assert_int_equal(ear_people_learn_sign_key(ann.people, number, ann.self.sign_public),
                     -EKEYREJECTED);
    assert_int_equal(ear_people_learn_sign_key(ann.people, 99, sign_key), -ENOENT);
    assert_int_equal(ear_people_safety_number(ann.people, "robert", &ann.self, one, error, 600), 0);
    assert_int_equal(ear_people_safety_number(bob.people, "ann", &bob.self, other, error, 600), 0);
    assert_string_equal(one, other);
    assert_int_equal(ear_people_verify(ann.people, "Robert", error, 600), 0);
    assert_true(robert->verified);
    end(&ann);
    end(&bob);
}

static void an_invite_is_for_one(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob"), eve = side("Eve");
    struct ear_invite i = invite(&ann, "Bob", false);
    expect_import(&bob, &i, false, EAR_PEOPLE_ADDED);
    expect_import(&eve, &i, false, EAR_PEOPLE_ADDED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_int_equal(call(&eve, &ann, "Ann"), -EKEYREJECTED);
    assert_memory_equal(ear_people_named(ann.people, "Bob")->guest.static_key,
                        bob.self.static_public, EAR_KEY_BYTES);
    end(&ann);
    end(&bob);
    end(&eve);
}

static void a_revoked_invite_opens_nothing(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite i = invite(&ann, "Bob", false), again;
    uint8_t id[EAR_PSK_ID_BYTES];
    expect_import(&bob, &i, false, EAR_PEOPLE_ADDED);
    ear_invite_psk_id(i.psk, id);
    assert_ptr_equal(ear_people_invited(ann.people, id), ear_people_named(ann.people, "bob"));
    assert_int_equal(ear_people_invite(ann.people, "bob", i.psk, false, error, 600), -EEXIST);
    assert_int_equal(ear_people_revoke(ann.people, "Bob", error, 600), 0);
    assert_int_equal(ear_people_revoke(ann.people, "Bob", error, 600), -ENOENT);
    assert_null(ear_people_invited(ann.people, id));
    assert_int_equal(ear_people_count(ann.people), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), -ENOENT);
    again = invite(&ann, "Bob", false);
    expect_import(&bob, &again, false, EAR_PEOPLE_UPDATED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_int_equal(ear_people_revoke(ann.people, "Bob", error, 600), -ENOENT);
    end(&ann);
    end(&bob);
}

/* Ann invites Bob again, who is known: either may call first. */
static void a_second_invite_locks_nobody_out(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite i = invite(&ann, "Bob", false);
    expect_import(&bob, &i, false, EAR_PEOPLE_ADDED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    i = invite(&ann, "Bob", false);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    expect_import(&bob, &i, false, EAR_PEOPLE_UPDATED);
    assert_int_equal(call(&ann, &bob, "Bob"), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_int_equal(call(&ann, &bob, "Bob"), 0);
    assert_false(ear_people_named(ann.people, "Bob")->guest.psks[EAR_PSK_OPEN].present);
    end(&ann);
    end(&bob);
}

static void both_may_invite_each_other(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite a = invite(&ann, "Robert", false), b = invite(&bob, "Anna", false);
    expect_import(&ann, &b, false, EAR_PEOPLE_ADDED);
    expect_import(&bob, &a, false, EAR_PEOPLE_ADDED);
    assert_int_equal(ear_people_count(ann.people), 2);
    assert_int_equal(call(&ann, &bob, "Bob"), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_int_equal(ear_people_count(ann.people), 1);
    assert_int_equal(ear_people_count(bob.people), 1);
    assert_int_equal(call(&ann, &bob, "Bob"), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    end(&ann);
    end(&bob);
}

static void changed_keys_are_not_taken_over_silently(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob"), thief = side("bob"), carl = side("Carl");
    struct ear_invite b = invite(&bob, NULL, false), t = invite(&thief, NULL, false);
    struct ear_invite c = invite(&carl, NULL, false);
    expect_no_import(&ann, &(struct ear_invite){.name = ""}, NULL, false, -EINVAL, "is empty");
    struct ear_invite own = invite(&ann, NULL, false);
    expect_no_import(&ann, &own, NULL, true, -ELOOP, "your own");
    expect_import(&ann, &b, false, EAR_PEOPLE_ADDED);
    assert_int_equal(ear_people_verify(ann.people, "Bob", error, 600), 0);
    strcpy(b.at.at[0].text, "198.51.100.1:4000");
    expect_import(&ann, &b, false, EAR_PEOPLE_UPDATED);
    const struct ear_person *p = ear_people_named(ann.people, "Bob");
    assert_true(p->verified);
    assert_string_equal(p->at.at[0].text, "198.51.100.1:4000");
    expect_no_import(&ann, &t, NULL, false, -EEXIST, "The key of Bob has changed");
    assert_true(p->verified);
    assert_memory_equal(p->guest.static_key, bob.self.static_public, EAR_KEY_BYTES);
    /* the one key changed alone is a change too */
    struct ear_invite half = b;
    memcpy(half.sign_key, t.sign_key, sizeof half.sign_key);
    expect_no_import(&ann, &half, NULL, false, -EEXIST, "The key of Bob has changed");
    strcpy(b.name, "Bert");
    expect_no_import(&ann, &b, NULL, false, -EEXIST, "is the key of Bob, but the invite says Bert");
    expect_import(&ann, &c, false, EAR_PEOPLE_ADDED);
    expect_no_import(&ann, &b, "carl", true, -EEXIST, "somebody else of that name");
    expect_import(&ann, &b, true, EAR_PEOPLE_REPLACED);
    assert_null(ear_people_named(ann.people, "Bob"));
    p = ear_people_named(ann.people, "Bert");
    assert_false(p->verified);
    assert_int_equal(ear_people_verify(ann.people, "Bert", error, 600), 0);
    strcpy(t.name, "Bert");
    assert_int_equal(ear_people_heard(ann.people, p->guest.number, 5), 0);
    expect_import(&ann, &t, true, EAR_PEOPLE_REPLACED);
    assert_false(p->verified);
    assert_int_equal(p->guest.newest_stamp, 0);
    assert_memory_equal(p->guest.static_key, thief.self.static_public, EAR_KEY_BYTES);
    assert_false(p->guest.psks[EAR_PSK_OLD].present);
    end(&ann);
    end(&bob);
    end(&thief);
    end(&carl);
}

static void the_blocked_do_not_come_back_by_another_name(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite b = invite(&bob, NULL, false), a = invite(&ann, "Guest", false);
    expect_import(&ann, &b, false, EAR_PEOPLE_ADDED);
    expect_import(&bob, &a, false, EAR_PEOPLE_ADDED);
    assert_int_equal(ear_people_block(ann.people, "bob", true, error, 600), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), -EPERM);
    strcpy(b.name, "Bert");
    expect_no_import(&ann, &b, NULL, true, -EPERM, "is blocked");
    strcpy(b.name, "Bob");
    expect_import(&ann, &b, false, EAR_PEOPLE_UPDATED);
    assert_true(ear_people_named(ann.people, "Bob")->guest.blocked);
    assert_int_equal(ear_people_invite(ann.people, "Bob", b.psk, false, error, 600), -EPERM);
    assert_int_equal(ear_people_block(ann.people, "Bob", false, error, 600), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    end(&ann);
    end(&bob);
}

static void after_a_theft_all_are_invited_anew(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob"), fresh = side("Ann");
    struct ear_invite a = invite(&ann, "Bob", false);
    expect_import(&bob, &a, false, EAR_PEOPLE_ADDED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    invite(&ann, "Pending", false);
    invite(&ann, "Bob", true);
    ear_people_forget_secrets(ann.people);
    assert_int_equal(ear_people_count(ann.people), 1);
    assert_null(ear_guests_call_with(&ear_people_named(ann.people, "Bob")->guest));
    assert_int_equal(call(&bob, &ann, "Ann"), -EKEYREJECTED);
    ann.self = fresh.self;
    a = invite(&ann, "Bob", false);
    expect_no_import(&bob, &a, NULL, false, -EEXIST, "has changed");
    expect_import(&bob, &a, true, EAR_PEOPLE_REPLACED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    assert_int_equal(call(&ann, &bob, "Bob"), 0);
    end(&ann);
    end(&bob);
    end(&fresh);
}

static void an_invite_may_bring_new_keys_if_asked(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob"), renewed = side("Bob");
    struct ear_invite a = invite(&ann, "Bob", false), b = invite(&bob, NULL, false);
    expect_import(&bob, &a, false, EAR_PEOPLE_ADDED);
    assert_int_equal(call(&bob, &ann, "Ann"), 0);
    expect_import(&ann, &b, false, EAR_PEOPLE_UPDATED);
    assert_int_equal(ear_people_verify(ann.people, "Bob", error, 600), 0);
    a = invite(&ann, "Bob", false);
    expect_import(&renewed, &a, false, EAR_PEOPLE_ADDED);
    assert_int_equal(call(&renewed, &ann, "Ann"), -EKEYREJECTED);
    assert_int_equal(ear_people_revoke(ann.people, "Bob", error, 600), 0);
    assert_true(ear_people_named(ann.people, "Bob")->verified);
    a = invite(&ann, "Bob", true);
    expect_import(&renewed, &a, false, EAR_PEOPLE_UPDATED);
    assert_int_equal(call(&renewed, &ann, "Ann"), 0);
    const struct ear_person *p = ear_people_named(ann.people, "Bob");
    assert_false(p->verified || p->has_sign_key);
    assert_int_equal(call(&ann, &renewed, "Bob"), 0);
    assert_int_equal(call(&bob, &ann, "Ann"), -ENOENT);
    end(&ann);
    end(&bob);
    end(&renewed);
}

static void names_are_kept_apart(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob"), carl = side("Carl");
    struct ear_invite b = invite(&bob, NULL, false), c = invite(&carl, NULL, false);
    enum ear_people_change change;
    expect_import(&ann, &b, false, EAR_PEOPLE_ADDED);
    assert_int_equal(import_as(&ann, &c, "Dr. C", false, &change), 0);
    assert_int_equal(ear_people_rename(ann.people, "bob", "DR. c", error, 600), -EEXIST);
    assert_int_equal(ear_people_rename(ann.people, "bob", "", error, 600), -EINVAL);
    assert_int_equal(ear_people_rename(ann.people, "eve", "Eva", error, 600), -ENOENT);
    assert_non_null(strstr(error, "nobody called \"eve\""));
    assert_int_equal(ear_people_rename(ann.people, "bob", "BOB", error, 600), 0);
    assert_string_equal(ear_people_at(ann.people, 0)->name, "BOB");
    expect_import(&ann, &b, false, EAR_PEOPLE_UPDATED);
    assert_string_equal(ear_people_at(ann.people, 0)->name, "BOB"); /* the user's spelling stays */
    assert_int_equal(ear_people_remove(ann.people, "bob", error, 600), 0);
    assert_int_equal(ear_people_remove(ann.people, "bob", error, 600), -ENOENT);
    assert_int_equal(ear_people_block(ann.people, "bob", true, error, 600), -ENOENT);
    assert_int_equal(ear_people_verify(ann.people, "bob", error, 600), -ENOENT);
    assert_string_equal(ear_people_at(ann.people, 0)->name, "Dr. C");
    assert_null(ear_people_at(ann.people, 1));
    uint32_t number = ear_people_at(ann.people, 0)->guest.number;
    assert_int_equal(number, 2);
    assert_ptr_equal(ear_people_numbered(ann.people, 2), ear_people_at(ann.people, 0));
    assert_null(ear_people_numbered(ann.people, 1));
    assert_non_null(ear_people_with_key(ann.people, carl.self.static_public));
    assert_null(ear_people_with_key(ann.people, bob.self.static_public));
    end(&ann);
    end(&bob);
    end(&carl);
}

static void there_is_room_for_256(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite b = invite(&bob, NULL, false);
    char name[20];
    for (int i = 0; i < EAR_PEOPLE_MAX; i++) {
        snprintf(name, sizeof name, "Person %d", i);
        invite(&ann, name, false);
    }
    expect_no_import(&ann, &b, NULL, false, -ENOSPC, "room for 256");
    assert_int_equal(ear_people_invite(ann.people, "One more", b.psk, false, error, 600), -ENOSPC);
    end(&ann);
    end(&bob);
}

static void where_somebody_was_is_looked_at_first(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite i = invite(&bob, "Ann", false);
    struct ear_places places;
    enum ear_people_change change;
    snprintf(i.at.at[0].text, EAR_PLACE_BYTES, "bob.example:4000");
    i.at.count = 1;
    assert_int_equal(import_as(&ann, &i, "Bob", false, &change), 0);
    const struct ear_person *known = ear_people_named(ann.people, "Bob");
    uint32_t number = known->guest.number;
    assert_int_equal(ear_people_reached(ann.people, number, "203.0.113.77:4000"), 0);
    assert_int_equal(ear_people_reached(ann.people, number, "203.0.113.77:4000"), -EALREADY);
    assert_int_equal(ear_people_reached(ann.people, number, "nowhere"), -EINVAL);
    assert_int_equal(ear_people_reached(ann.people, number + 1, "203.0.113.77:4000"), -ENOENT);
    ear_person_places(ear_people_named(ann.people, "Bob"), &places);
    assert_int_equal(places.count, 2);
    assert_string_equal(places.at[0].text, "203.0.113.77:4000");
    assert_string_equal(places.at[1].text, "bob.example:4000");
    assert_int_equal(ear_people_reached(ann.people, number, "bob.example:4000"), 0);
    ear_person_places(ear_people_named(ann.people, "Bob"), &places);
    assert_int_equal(places.count, 1); /* not twice */
    end(&ann);
    end(&bob);
}

/* 256 people with all that a person may have. */
static struct ear_people *crowd(struct side *ann)
{
    for (int n = 0; n < EAR_PEOPLE_MAX; n++) {
        char name[EAR_NAME_BYTES];
        enum ear_people_change change;
        snprintf(name, sizeof name, "Person %d-%.*s", n, n % 25 * 2,
                 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
        if (n % 3 == 0)
            invite(ann, name, n % 2);
        struct side other = side("Other");
        struct ear_invite i = invite(&other, NULL, false);
        for (; i.at.count < n % 4 + 1; i.at.count++)
            snprintf(i.at.at[i.at.count].text, EAR_PLACE_BYTES, "at-%d.example:%d", n, n + 1);
        for (; i.relays.count < n % 5; i.relays.count++)
            snprintf(i.relays.at[i.relays.count].text, EAR_PLACE_BYTES, "[2001:db8::%x]:9", n + 1);
        if (n % 7)
            assert_int_equal(import_as(ann, &i, name, false, &change), 0);
        else if (n % 3)
            invite(ann, name, false);
        if (n % 5 == 0)
            assert_int_equal(ear_people_block(ann->people, name, true, error, 600), 0);
        if (n % 7 && n % 2)
            assert_int_equal(ear_people_verify(ann->people, name, error, 600), 0);
        uint32_t number = ear_people_named(ann->people, name)->guest.number;
        if (n % 7)
            assert_int_equal(ear_people_heard(ann->people, number, 1000u + number), 0);
        if (n % 4 == 0)
            assert_int_equal(ear_people_reached(ann->people, number, "203.0.113.77:4000"), 0);
        end(&other);
    }
    return ann->people;
}

static void are_kept_as_they_are(void **state)
{
    struct side ann = side("Ann");
    struct ear_people *people = crowd(&ann), *read = NULL;
    struct stat s;
    assert_int_equal(save(people, *state), 0);
    assert_int_equal(stat(folder_file(*state, "store.db"), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    print_message("256 people: %ld bytes\n", (long)s.st_size);
    if (load(&read, *state) != 0)
        fail_msg("%s", error);
    assert_int_equal(ear_people_count(read), EAR_PEOPLE_MAX);
    for (size_t i = 0; i < EAR_PEOPLE_MAX; i++)
        assert_memory_equal(ear_people_at(people, i), ear_people_at(read, i),
                            sizeof(struct ear_person));
    const char *last = ear_people_at(read, EAR_PEOPLE_MAX - 1)->name;
    assert_int_equal(ear_people_remove(read, last, error, 600), 0);
    invite(&(struct side){.people = read}, "New", false);
    assert_int_equal(ear_people_named(read, "New")->guest.number, EAR_PEOPLE_MAX + 1);
    ear_people_free(read);
    end(&ann);
}

static void damage_is_told_and_overwrites_nothing(void **state)
{
    struct side ann = side("Ann");
    struct ear_people *read = NULL;
    invite(&ann, "Bob", false);
    assert_int_equal(save(ann.people, *state), 0);
    struct ear_store *store = store_at(*state);
    assert_int_equal(ear_db_run(store->db, "UPDATE people SET version = 2"), 0);
    store_shut(store);
    assert_int_equal(load(&read, *state), -EBADMSG);
    assert_non_null(strstr(error, "store.db is damaged"));
    assert_null(read);
    store = store_at(*state);
    assert_int_equal(ear_db_run(store->db, "UPDATE people SET version = 1"), 0);
    store_shut(store);
    assert_int_equal(load(&read, *state), 0);
    ear_people_free(read);
    end(&ann);
}

/* Rows that open and make no sense: each byte changed, and each length. */
static void nonsense_is_refused(void **state)
{
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite b = invite(&bob, NULL, false);
    struct ear_people *read = NULL;
    uint8_t *body = NULL;
    size_t len = 0;
    int refused = 0;
    invite(&ann, "Carl", false);
    expect_import(&ann, &b, false, EAR_PEOPLE_ADDED);
    assert_int_equal(save(ann.people, *state), 0);
    struct ear_store *store = store_at(*state);
    assert_int_equal(ear_rows_get(store, EAR_TABLE_PEOPLE, 2, &body, &len), 0);
    for (size_t cut = 0; cut < len; cut++) {
        store_write(store, EAR_TABLE_PEOPLE, 2, body, cut);
        assert_int_equal(ear_people_load(&read, store, error, 600), -EBADMSG);
    }
    for (size_t i = 0; i < len; i++) {
        body[i] ^= (uint8_t)(1 << i % 8);
        store_write(store, EAR_TABLE_PEOPLE, 2, body, len);
        int err = ear_people_load(&read, store, error, 600);
        assert_true(err == 0 || err == -EBADMSG);
        refused += err != 0;
        if (err == 0)
            ear_people_free(read);
        read = NULL;
        body[i] ^= (uint8_t)(1 << i % 8);
    }
    assert_true(refused > 0);
    ear_home_forget(body, len);
    store_shut(store);
    end(&ann);
    end(&bob);
}

static void fill_the_list_of_guests(void **state)
{
    (void)state;
    static struct ear_guests guests;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_invite b = invite(&bob, NULL, false);
    expect_import(&ann, &b, false, EAR_PEOPLE_ADDED);
    invite(&ann, "Carl", false);
    ear_people_guests(ann.people, &ann.self, &guests);
    assert_int_equal(guests.count, 2);
    assert_memory_equal(guests.static_secret, ann.self.static_secret, EAR_KEY_BYTES);
    assert_memory_equal(guests.static_public, ann.self.static_public, EAR_KEY_BYTES);
    struct ear_guests_answer answer = ear_guests_decide(&guests, bob.self.static_public, NULL);
    assert_int_equal(answer.verdict, EAR_GUESTS_KNOWN);
    assert_memory_equal(answer.psk->secret, b.psk, EAR_KEY_BYTES);
    ear_guests_wipe(&guests);
    for (size_t i = 0; i < sizeof guests; i++)
        assert_int_equal(((uint8_t *)&guests)[i], 0);
    end(&ann);
    end(&bob);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invite_joins_two),
        cmocka_unit_test(an_invite_is_for_one),
        cmocka_unit_test(a_revoked_invite_opens_nothing),
        cmocka_unit_test(a_second_invite_locks_nobody_out),
        cmocka_unit_test(both_may_invite_each_other),
        cmocka_unit_test(changed_keys_are_not_taken_over_silently),
        cmocka_unit_test(the_blocked_do_not_come_back_by_another_name),
        cmocka_unit_test(after_a_theft_all_are_invited_anew),
        cmocka_unit_test(an_invite_may_bring_new_keys_if_asked),
        cmocka_unit_test(names_are_kept_apart),
        cmocka_unit_test(where_somebody_was_is_looked_at_first),
        cmocka_unit_test(there_is_room_for_256),
        cmocka_unit_test_setup_teardown(are_kept_as_they_are, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(damage_is_told_and_overwrites_nothing, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test(fill_the_list_of_guests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
