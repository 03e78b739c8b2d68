/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of people and what is done by name. */
#include "store/people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/people_table.h"

int ear_people_new(struct ear_people **ret)
{
    struct ear_people *people = calloc(1, sizeof *people);
    if (!people)
        return -ENOMEM;
    people->next_number = 1;
    *ret = people;
    return 0;
}

void ear_people_free(struct ear_people *people)
{
    if (people)
        ear_sodium_wipe(people, sizeof *people);
    free(people);
}

size_t ear_people_count(const struct ear_people *people)
{
    return people->count;
}

const struct ear_person *ear_people_at(const struct ear_people *people, size_t at)
{
    return at < people->count ? &people->persons[at] : NULL;
}

struct ear_person *ear_people_find(struct ear_people *people, const char *name)
{
    for (uint32_t i = 0; i < people->count; i++)
        if (ear_name_same(people->persons[i].name, name))
            return &people->persons[i];
    return NULL;
}

struct ear_person *ear_people_want(struct ear_people *people, const char *name, char *error,
                                   size_t error_bytes)
{
    struct ear_person *person = ear_people_find(people, name);
    if (!person)
        snprintf(error, error_bytes, "You know nobody called \"%s\".", name);
    return person;
}

struct ear_person *ear_people_find_number(struct ear_people *people, uint32_t number)
{
    for (uint32_t i = 0; i < people->count; i++)
        if (people->persons[i].guest.number == number)
            return &people->persons[i];
    return NULL;
}

struct ear_person *ear_people_find_key(struct ear_people *people,
                                       const uint8_t key[static EAR_KEY_BYTES])
{
    for (uint32_t i = 0; i < people->count; i++) {
        struct ear_guest *guest = &people->persons[i].guest;
        if (guest->has_key && memcmp(guest->static_key, key, EAR_KEY_BYTES) == 0)
            return &people->persons[i];
    }
    return NULL;
}

const struct ear_person *ear_people_named(const struct ear_people *people, const char *name)
{
    return ear_people_find((struct ear_people *)people, name);
}

const struct ear_person *ear_people_numbered(const struct ear_people *people, uint32_t number)
{
    return ear_people_find_number((struct ear_people *)people, number);
}

const struct ear_person *ear_people_with_key(const struct ear_people *people,
                                             const uint8_t key[static EAR_KEY_BYTES])
{
    return ear_people_find_key((struct ear_people *)people, key);
}

const struct ear_person *ear_people_invited(const struct ear_people *people,
                                            const uint8_t psk_id[static EAR_PSK_ID_BYTES])
{
    for (uint32_t i = 0; i < people->count; i++) {
        const struct ear_psk *open = &people->persons[i].guest.psks[EAR_PSK_OPEN];
        if (open->present && memcmp(open->id, psk_id, EAR_PSK_ID_BYTES) == 0)
            return &people->persons[i];
    }
    return NULL;
}

bool ear_person_is_pending(const struct ear_person *person)
{
    return !person->guest.has_key;
}

void ear_person_keys(const struct ear_person *person, struct ear_public_keys *ret)
{
    memcpy(ret->static_key, person->guest.static_key, EAR_KEY_BYTES);
    memcpy(ret->sign_key, person->sign_key, EAR_SIGN_PUBLIC_BYTES);
}

struct ear_person *ear_people_add(struct ear_people *people, const char *name, char *error,
                                  size_t error_bytes)
{
    if (people->count == EAR_PEOPLE_MAX) {
        snprintf(error, error_bytes, "There is room for %d people: remove somebody first.",
                 EAR_PEOPLE_MAX);
        return NULL;
    }
    struct ear_person *person = &people->persons[people->count++];
    memset(person, 0, sizeof *person);
    person->guest.number = people->next_number++;
    memcpy(person->name, name, strlen(name) + 1);
    return person;
}

void ear_people_drop(struct ear_people *people, struct ear_person *person)
{
    size_t after = (size_t)(&people->persons[people->count] - (person + 1));
    memmove(person, person + 1, after * sizeof *person);
    ear_sodium_wipe(&people->persons[--people->count], sizeof *person);
}

void ear_person_places(const struct ear_person *person, struct ear_places *ret)
{
    *ret = (struct ear_places){0};
    if (person->last.text[0])
        ret->at[ret->count++] = person->last;
    for (size_t i = 0; i < person->at.count && ret->count < EAR_PLACES_MAX; i++)
        if (strcmp(person->at.at[i].text, person->last.text) != 0)
            ret->at[ret->count++] = person->at.at[i];
}

int ear_people_invite(struct ear_people *people, const char *name,
                      const uint8_t psk[static EAR_KEY_BYTES], bool replace, char *error,
                      size_t error_bytes)
{
    char parsed[EAR_NAME_BYTES];
    int err = ear_name_parse(name, strlen(name), parsed, error, error_bytes);
    if (err)
        return err;
    struct ear_person *person = ear_people_find(people, parsed);
    if (person && person->guest.blocked) {
        snprintf(error, error_bytes, "%s is blocked: unblock %s before you invite again.",
                 person->name, person->name);
        return -EPERM;
    }
    if (person && person->guest.psks[EAR_PSK_OPEN].present) {
        snprintf(error, error_bytes,
                 "An invite for %s is still open: use it, or revoke it with \"earshot-cli invite "
                 "--revoke\".",
                 person->name);
        return -EEXIST;
    }
    if (!person)
        person = ear_people_add(people, parsed, error, error_bytes);
    if (!person)
        return -ENOSPC;
    ear_psk_set(&person->guest.psks[EAR_PSK_OPEN], psk);
    person->guest.may_replace = replace;
    return 0;
}

int ear_people_revoke(struct ear_people *people, const char *name, char *error, size_t error_bytes)
{
    struct ear_person *person = ear_people_find(people, name);
    if (!person || !person->guest.psks[EAR_PSK_OPEN].present) {
        snprintf(error, error_bytes,
                 "There is no open invite for \"%s\". To keep somebody out who has used one, block "
                 "or remove the person.",
                 name);
        return -ENOENT;
    }
    ear_psk_clear(&person->guest.psks[EAR_PSK_OPEN]);
    person->guest.may_replace = false;
    if (!person->guest.psks[EAR_PSK_GIVEN].present)
        person->meets.count = 0;
    if (ear_person_is_pending(person))
        ear_people_drop(people, person);
    return 0;
}

int ear_people_rename(struct ear_people *people, const char *name, const char *new_name,
                      char *error, size_t error_bytes)
{
    char parsed[EAR_NAME_BYTES];
    struct ear_person *person = ear_people_want(people, name, error, error_bytes);
    if (!person)
        return -ENOENT;
    int err = ear_name_parse(new_name, strlen(new_name), parsed, error, error_bytes);
    if (err)
        return err;
    struct ear_person *other = ear_people_find(people, parsed);
    if (other && other != person) {
        snprintf(error, error_bytes, "You know somebody called %s already: choose another name.",
                 other->name);
        return -EEXIST;
    }
    memcpy(person->name, parsed, sizeof parsed);
    return 0;
}

int ear_people_block(struct ear_people *people, const char *name, bool block, char *error,
                     size_t error_bytes)
{
    struct ear_person *person = ear_people_want(people, name, error, error_bytes);
    if (!person)
        return -ENOENT;
    person->guest.blocked = block;
    return 0;
}

int ear_people_remove(struct ear_people *people, const char *name, char *error, size_t error_bytes)
{
    struct ear_person *person = ear_people_want(people, name, error, error_bytes);
    if (!person)
        return -ENOENT;
    ear_people_drop(people, person);
    return 0;
}

/* Both keys must be known: a number over less would be another one on the other side. */
static int want_keys(const struct ear_person *person, char *error, size_t error_bytes)
{
    if (person->guest.has_key && person->has_sign_key)
        return 0;
    snprintf(error, error_bytes,
             "The keys of %s are not known yet: they come with the first call by your invite.",
             person->name);
    return -ENOKEY;
}

int ear_people_safety_number(const struct ear_people *people, const char *name,
                             const struct ear_identity *self,
                             char ret[static EAR_SAFETY_NUMBER_BYTES], char *error,
                             size_t error_bytes)
{
    struct ear_public_keys mine, theirs;
    struct ear_person *person =
        ear_people_want((struct ear_people *)people, name, error, error_bytes);
    int err = person ? want_keys(person, error, error_bytes) : -ENOENT;
    if (err)
        return err;
    ear_person_keys(person, &theirs);
    ear_identity_keys(self, &mine);
    ear_safety_number(&mine, &theirs, ret);
    return 0;
}

int ear_people_verify(struct ear_people *people, const char *name, char *error, size_t error_bytes)
{
    struct ear_person *person = ear_people_want(people, name, error, error_bytes);
    int err = person ? want_keys(person, error, error_bytes) : -ENOENT;
    if (!err)
        person->verified = true;
    return err;
}

int ear_people_learn_sign_key(struct ear_people *people, uint32_t number,
                              const uint8_t sign_key[static EAR_SIGN_PUBLIC_BYTES])
{
    struct ear_person *person = ear_people_find_number(people, number);
    if (!person)
        return -ENOENT;
    if (person->has_sign_key && memcmp(person->sign_key, sign_key, EAR_SIGN_PUBLIC_BYTES) != 0)
        return -EKEYREJECTED;
    person->has_sign_key = true;
    memcpy(person->sign_key, sign_key, EAR_SIGN_PUBLIC_BYTES);
    return 0;
}

int ear_people_learn_binding(struct ear_people *people,
                             const uint8_t static_key[static EAR_KEY_BYTES],
                             const uint8_t binding[static EAR_BINDING_BYTES], uint32_t *ret_number)
{
    uint8_t sign_key[EAR_SIGN_PUBLIC_BYTES];
    const struct ear_person *person = ear_people_with_key(people, static_key);
    if (!person || !ear_identity_check_binding(static_key, binding, sign_key))
        return -EKEYREJECTED;
    const uint32_t number = person->guest.number;
    int err = ear_people_learn_sign_key(people, number, sign_key);
    if (!err)
        *ret_number = number;
    return err;
}

int ear_people_heard(struct ear_people *people, uint32_t number, uint64_t stamp)
{
    struct ear_person *person = ear_people_find_number(people, number);
    if (!person)
        return -ENOENT;
    if (stamp > person->guest.newest_stamp)
        person->guest.newest_stamp = stamp;
    return 0;
}

int ear_people_reached(struct ear_people *people, uint32_t number, const char *place)
{
    char error[256];
    struct ear_place parsed;
    struct ear_person *person = ear_people_find_number(people, number);
    if (!person)
        return -ENOENT;
    int err = ear_place_parse(place, &parsed, error, sizeof error);
    if (err)
        return err;
    if (strcmp(person->last.text, parsed.text) == 0)
        return -EALREADY;
    person->last = parsed;
    return 0;
}

void ear_people_forget_secrets(struct ear_people *people)
{
    for (uint32_t i = people->count; i-- > 0;) {
        struct ear_person *person = &people->persons[i];
        for (size_t kind = 0; kind < EAR_PSK_KINDS; kind++)
            ear_psk_clear(&person->guest.psks[kind]);
        person->verified = person->guest.may_replace = false;
        person->meets.count = 0;
        if (ear_person_is_pending(person))
            ear_people_drop(people, person);
    }
}

void ear_people_guests(const struct ear_people *people, const struct ear_identity *self,
                       struct ear_guests *ret)
{
    ear_guests_wipe(ret);
    memcpy(ret->static_secret, self->static_secret, EAR_KEY_BYTES);
    memcpy(ret->static_public, self->static_public, EAR_KEY_BYTES);
    for (uint32_t i = 0; i < people->count; i++)
        ret->list[i] = people->persons[i].guest;
    ret->count = people->count;
}
