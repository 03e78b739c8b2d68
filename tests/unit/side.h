/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people with a profile in memory each, and what they do with invites: for tests of people. */
#ifndef EAR_TESTS_SIDE_H
#define EAR_TESTS_SIDE_H

#include <errno.h>
#include <string.h>

#include "store/people.h"
#include "store_folder.h"

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

static inline struct side side(const char *name)
{
    struct side s = {0};
    ear_sodium_keypair(s.self.static_secret, s.self.static_public);
    ear_sodium_sign_keypair(s.self.sign_secret, s.self.sign_public);
    strcpy(s.self.name, name);
    assert_int_equal(ear_people_new(&s.people), 0);
    return s;
}

/* What from gives to somebody, remembered under that name; NULL: not remembered. */
static inline struct ear_invite invite(struct side *from, const char *to, bool replace)
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

static inline int import_as(struct side *to, const struct ear_invite *i, const char *name,
                            bool replace, enum ear_people_change *ret)
{
    const struct ear_people_import import = {&to->self, i, name, replace};
    error[0] = '\0';
    int err = ear_people_import(to->people, &import, ret, error, sizeof error);
    assert_true((err == 0) == (error[0] == '\0'));
    return err;
}

static inline void expect_import(struct side *to, const struct ear_invite *i, bool replace,
                                 enum ear_people_change change)
{
    enum ear_people_change found = (enum ear_people_change)99;
    if (import_as(to, i, NULL, replace, &found) != 0)
        fail_msg("%s", error);
    assert_int_equal(found, change);
}

static inline void expect_no_import(struct side *to, const struct ear_invite *i, const char *name,
                                    bool replace, int err, const char *sentence)
{
    enum ear_people_change found = (enum ear_people_change)99;
    size_t count = ear_people_count(to->people);
    assert_int_equal(import_as(to, i, name, replace, &found), err);
    if (!strstr(error, sentence))
        fail_msg("\"%s\" does not say \"%s\"", error, sentence);
    assert_int_equal(found, 99);
    assert_int_equal(ear_people_count(to->people), count);
}

/* from calls to by the secret that it has of it: what the engines would do. */
static inline int call(struct side *from, struct side *to, const char *name)
{
    uint32_t number = 0;
    const struct ear_person *p = ear_people_named(from->people, name);
    assert_non_null(p);
    const struct ear_psk *psk = ear_guests_call_with(&p->guest);
    return psk ? ear_people_pin(to->people, psk->id, from->self.static_public, &number) : -ENOKEY;
}

static inline void end(struct side *s)
{
    ear_people_free(s->people);
}

static inline int save(struct ear_people *people, const char *path)
{
    struct ear_store *store = store_at(path);
    int err = ear_people_save(people, store, error, sizeof error);
    store_shut(store);
    return err;
}

static inline int load(struct ear_people **ret, const char *path)
{
    struct ear_store *store = store_at(path);
    int err = ear_people_load(ret, store, error, sizeof error);
    store_shut(store);
    return err;
}

#endif
