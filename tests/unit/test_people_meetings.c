/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where people are met: what invites and the relays that they name come to. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "store/people.h"

/* In place of the C library's: test_home cuts the power, here nobody waits for the disk. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* One profile in memory. */
struct side {
    struct ear_identity self;
    struct ear_people *people;
};

static char error[600];

static struct side side(const char *name)
{
    struct side s = {0};
    ear_sodium_keypair(s.self.static_secret, s.self.static_public);
    ear_sodium_sign_keypair(s.self.sign_secret, s.self.sign_public);
    strcpy(s.self.name, name);
    assert_int_equal(ear_people_new(&s.people), 0);
    return s;
}

/* What from gives to somebody, remembered under that name; NULL: not remembered. */
static struct ear_invite invite(struct side *from, const char *to, bool replace)
{
    struct ear_invite i = {.at = {.count = 1, .at = {{"203.0.113.9:4000"}}}};
    memcpy(i.static_key, from->self.static_public, EAR_KEY_BYTES);
    memcpy(i.sign_key, from->self.sign_public, EAR_SIGN_PUBLIC_BYTES);
    memcpy(i.name, from->self.name, sizeof i.name);
    ear_sodium_random(i.psk, sizeof i.psk);
    if (to && ear_people_invite(from->people, to, i.psk, replace, error, sizeof error) != 0)
        fail_msg("%s", error);
    return i;
}

static void end(struct side *s)
{
    ear_people_free(s->people);
}

static void import(struct side *to, const struct ear_invite *i)
{
    enum ear_people_change change;
    const struct ear_people_import import = {&to->self, i, NULL, false};
    assert_int_equal(ear_people_import(to->people, &import, &change, error, sizeof error), 0);
    assert_int_equal(change, EAR_PEOPLE_ADDED);
}

static int save(struct ear_people *people, const char *path)
{
    struct ear_home *home = folder_open(path);
    int err = ear_people_save(people, home, error, sizeof error);
    ear_home_close(home);
    return err;
}

static int load(struct ear_people **ret, const char *path)
{
    struct ear_home *home = folder_open(path);
    int err = ear_people_load(ret, home, error, sizeof error);
    ear_home_close(home);
    return err;
}

static const struct ear_places two_relays = {2, {{"relay.example:4010"}, {"[2001:db8::7]:4010"}}};

static size_t meetings_of(const struct side *s, const char *name,
                          struct ear_person_meeting ret[static EAR_PERSON_MEETINGS_MAX])
{
    return ear_person_meetings(ear_people_named(s->people, name), s->self.static_public, ret);
}

/* What both ends derive from one invite fits together, before and after it was used. */
static void an_invite_makes_meetings(void **state)
{
    (void)state;
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_person_meeting at_ann[EAR_PERSON_MEETINGS_MAX], at_bob[EAR_PERSON_MEETINGS_MAX];
    struct ear_invite i = invite(&ann, "Bob", false);
    assert_int_equal(meetings_of(&ann, "Bob", at_ann), 0);
    assert_int_equal(ear_people_meet_at(ann.people, "Nobody", &two_relays), -ENOENT);
    assert_int_equal(ear_people_meet_at(ann.people, "Bob", &two_relays), 0);
    i.relays = two_relays;
    import(&bob, &i);
    for (int used = 0; used < 2; used++) {
        assert_int_equal(meetings_of(&ann, "Bob", at_ann), 2);
        assert_int_equal(meetings_of(&bob, "Ann", at_bob), 2);
        for (int k = 0; k < 2; k++) {
            assert_memory_equal(at_ann[k].secret, at_bob[k].secret, EAR_KEY_BYTES);
            assert_memory_equal(at_ann[k].psk_id, at_bob[k].psk_id, EAR_PSK_ID_BYTES);
            assert_string_equal(at_ann[k].relay.text, two_relays.at[k].text);
            assert_string_equal(at_bob[k].relay.text, two_relays.at[k].text);
            assert_int_equal(at_ann[k].role + at_bob[k].role, 1);
        }
        uint32_t number;
        uint8_t id[EAR_PSK_ID_BYTES];
        ear_invite_psk_id(i.psk, id);
        assert_int_equal(ear_people_pin(ann.people, id, bob.self.static_public, &number), 0);
        assert_int_equal(number, at_ann[0].guest);
    }
    assert_int_equal(ear_people_block(ann.people, "Bob", true, error, sizeof error), 0);
    assert_int_equal(meetings_of(&ann, "Bob", at_ann), 0);
    ear_people_forget_secrets(bob.people);
    assert_int_equal(meetings_of(&bob, "Ann", at_bob), 0);
    end(&ann);
    end(&bob);
}

/* Two records that turn out to be one person: the relays of the invite that was used stay. */
static void meetings_outlive_their_record(void **state)
{
    struct side ann = side("Ann"), bob = side("Bob");
    struct ear_person_meeting at_ann[EAR_PERSON_MEETINGS_MAX];
    const struct ear_invite theirs = invite(&bob, NULL, false), ours = invite(&ann, "Rob", false);
    uint32_t number;
    uint8_t id[EAR_PSK_ID_BYTES];
    ear_invite_psk_id(ours.psk, id);
    assert_int_equal(ear_people_meet_at(ann.people, "Rob", &two_relays), 0);
    import(&ann, &theirs);
    assert_int_equal(ear_people_pin(ann.people, id, bob.self.static_public, &number), 0);
    assert_null(ear_people_named(ann.people, "Rob"));
    assert_int_equal(meetings_of(&ann, "Bob", at_ann), 2);
    /* Kept on disk; who meets nobody is written as ever. */
    (void)invite(&ann, "Eve", false);
    assert_int_equal(save(ann.people, *state), 0);
    struct ear_people *again = NULL;
    assert_int_equal(load(&again, *state), 0);
    assert_int_equal(ear_people_named(again, "Bob")->meets.count, 2);
    assert_string_equal(ear_people_named(again, "Bob")->meets.at[1].text, two_relays.at[1].text);
    assert_int_equal(ear_people_named(again, "Eve")->meets.count, 0);
    assert_int_equal(ear_people_meet_at(ann.people, "Eve", &two_relays), 0);
    assert_int_equal(ear_people_revoke(ann.people, "Eve", error, sizeof error), 0);
    ear_people_free(again);
    end(&ann);
    end(&bob);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invite_makes_meetings),
        cmocka_unit_test_setup_teardown(meetings_outlive_their_record, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
