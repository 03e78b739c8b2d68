/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the people of a profile and the engine. */
#include "tools/contacts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "port/udp.h"
#include "store/invite_text.h"
#include "tools/options.h"

#define INVITE_PREFIX "EARSHOT:"
/* The reserve holds a minute. */
#define RESERVE_EVERY_US (20 * (int64_t)EAR_US_PER_S)
#define GUEST_NAME "Guest"

static int open_fresh(struct ear_household *h)
{
    int err = ear_sodium_start();
    if (err) {
        ear_complain("This computer gives no random numbers: no keys are safe.");
        return err;
    }
    ear_sodium_keypair(h->identity.static_secret, h->identity.static_public);
    ear_sodium_sign_keypair(h->identity.sign_secret, h->identity.sign_public);
    snprintf(h->identity.name, sizeof h->identity.name, GUEST_NAME);
    err = ear_people_new(&h->people);
    if (err)
        ear_complain("Not enough memory.");
    return err;
}

int ear_contacts_open(struct ear_contacts *ret, const char *profile)
{
    *ret = (struct ear_contacts){0};
    ret->guests = calloc(1, sizeof *ret->guests);
    if (!ret->guests) {
        ear_complain("Not enough memory.");
        return -ENOMEM;
    }
    int err = profile ? ear_household_open(&ret->household, profile) : open_fresh(&ret->household);
    if (err)
        ear_contacts_close(ret);
    return err;
}

static uint64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int reserve(struct ear_contacts *contacts, struct ear_stamps *ret)
{
    char error[EAR_SENTENCE_BYTES];
    if (!contacts->household.home) {
        *ret = (struct ear_stamps){.last = wall_ms(), .end = UINT64_MAX};
        return 0;
    }
    int err = ear_stamps_reserve(contacts->household.home, wall_ms(), ret, error, sizeof error);
    if (err)
        ear_complain("%s", error);
    return err;
}

int ear_contacts_prepare(struct ear_contacts *contacts)
{
    ear_people_guests(contacts->household.people, &contacts->household.identity, contacts->guests);
    ear_identity_bind(&contacts->household.identity, contacts->binding);
    return reserve(contacts, &contacts->stamps);
}

void ear_contacts_tend(struct ear_contacts *contacts, int64_t now_us)
{
    struct ear_stamps later;
    if (now_us - contacts->reserved_us < RESERVE_EVERY_US)
        return;
    contacts->reserved_us = now_us;
    if (reserve(contacts, &later) < 0)
        contacts->reserved_us = INT64_MAX / 2; /* said once */
}

static void save(struct ear_contacts *contacts)
{
    if (contacts->household.home && ear_household_save(&contacts->household) < 0)
        return; /* it has complained; the call goes on */
}

static int import_text(struct ear_contacts *contacts, const char *text, size_t len,
                       uint32_t *ret_guest)
{
    char error[EAR_SENTENCE_BYTES];
    struct ear_invite invite = {0};
    enum ear_people_change change;
    int err = ear_invite_from_text(text, len, &invite, error, sizeof error);
    const struct ear_people_import import = {.self = &contacts->household.identity,
                                             .invite = &invite};
    if (!err)
        err = ear_people_import(contacts->household.people, &import, &change, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
    } else {
        *ret_guest =
            ear_people_with_key(contacts->household.people, invite.static_key)->guest.number;
        save(contacts);
    }
    ear_invite_wipe(&invite);
    return err ? -EINVAL : 0;
}

static int import_file(struct ear_contacts *contacts, const char *path, uint32_t *ret_guest)
{
    char text[2 * EAR_INVITE_TEXT_BYTES];
    FILE *file = fopen(path, "r");
    if (!file) {
        ear_complain("\"%s\" is neither a person of this profile nor a file with an invite.", path);
        return -EINVAL;
    }
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    int err = import_text(contacts, text, len, ret_guest);
    ear_sodium_wipe(text, sizeof text);
    return err;
}

static bool can_be_called(const struct ear_person *person)
{
    return person->guest.has_key && !person->guest.blocked;
}

static int find_only(const struct ear_people *people, uint32_t *ret_guest)
{
    size_t found = 0;
    for (size_t i = 0; i < ear_people_count(people); i++) {
        const struct ear_person *person = ear_people_at(people, i);
        if (can_be_called(person)) {
            *ret_guest = person->guest.number;
            found++;
        }
    }
    if (found == 1)
        return 0;
    if (found > 1)
        ear_complain("Say whom you call: --peer NAME, one of earshot-cli people list.");
    else if (ear_people_count(people) > 0)
        ear_complain("None of your people can be called: earshot-cli people list tells why.");
    else
        ear_complain("You know nobody yet: ask for an invite, and give it with --peer FILE.");
    return -EINVAL;
}

static int import(struct ear_contacts *contacts, const char *peer, uint32_t *ret_guest)
{
    if (strncasecmp(peer, INVITE_PREFIX, strlen(INVITE_PREFIX)) == 0)
        return import_text(contacts, peer, strlen(peer), ret_guest);
    return import_file(contacts, peer, ret_guest);
}

/* NULL after a complaint. */
static const struct ear_person *named(struct ear_contacts *contacts, const char *peer)
{
    const struct ear_people *people = contacts->household.people;
    const struct ear_person *person = ear_people_named(people, peer);
    uint32_t guest;
    if (!person && import(contacts, peer, &guest) == 0)
        person = ear_people_numbered(people, guest);
    return person;
}

int ear_contacts_find(struct ear_contacts *contacts, const char *peer, uint32_t *ret_guest)
{
    const struct ear_people *people = contacts->household.people;
    if (!peer)
        return find_only(people, ret_guest);
    const struct ear_person *person = named(contacts, peer);
    if (!person)
        return -EINVAL;
    if (!person->guest.has_key) {
        ear_complain("%s has your invite but has not called yet, and gave you none.", person->name);
        return -EINVAL;
    }
    if (person->guest.blocked) {
        ear_complain("%s is blocked: earshot-cli people unblock lets you call.", person->name);
        return -EINVAL;
    }
    *ret_guest = person->guest.number;
    return 0;
}

int ear_contacts_find_caller(struct ear_contacts *contacts, const char *peer, uint32_t *ret_guest)
{
    const struct ear_person *person = named(contacts, peer);
    if (!person)
        return -EINVAL;
    if (person->guest.blocked) {
        ear_complain("%s is blocked: earshot-cli people unblock lets the person call.",
                     person->name);
        return -EINVAL;
    }
    *ret_guest = person->guest.number;
    return 0;
}

int ear_contacts_invite(struct ear_contacts *contacts, const char *at, char *text)
{
    char error[EAR_SENTENCE_BYTES];
    const struct ear_identity *self = &contacts->household.identity;
    struct ear_invite invite = {.at = {.count = 1}};
    uint8_t data[EAR_INVITE_MAX];
    size_t len = 0;
    memcpy(invite.static_key, self->static_public, EAR_KEY_BYTES);
    memcpy(invite.sign_key, self->sign_public, EAR_SIGN_PUBLIC_BYTES);
    memcpy(invite.name, self->name, EAR_NAME_BYTES);
    ear_sodium_random(invite.psk, EAR_KEY_BYTES);
    int err = ear_place_parse(at, &invite.at.at[0], error, sizeof error);
    if (!err)
        err = ear_people_invite(contacts->household.people, GUEST_NAME, invite.psk, false, error,
                                sizeof error);
    if (err)
        ear_complain("%s", error);
    else if ((err = ear_invite_build(&invite, self->sign_secret, data, &len)) == 0)
        ear_invite_to_text(data, len, text);
    ear_invite_wipe(&invite);
    ear_sodium_wipe(data, sizeof data);
    return err;
}

static int note_place(struct ear_people *people, const struct ear_event *event)
{
    char place[EAR_PLACE_BYTES];
    int err = ear_udp_place(&event->seen_at, place, sizeof place);
    return err ? err : ear_people_reached(people, event->guest, place);
}

void ear_contacts_keep(struct ear_contacts *contacts, const struct ear_event *event)
{
    struct ear_people *people = contacts->household.people;
    uint32_t number;
    int err = 0;
    if (event->kind == EAR_EVENT_CALLED)
        err = ear_people_heard(people, event->guest, event->stamp);
    else if (event->kind == EAR_EVENT_PINNED)
        err = ear_people_pin(people, event->psk_id, event->key, &number);
    else if (event->kind == EAR_EVENT_KEYS)
        err = ear_people_learn_binding(people, event->key, event->keys, &number);
    else if (event->kind == EAR_EVENT_SEEN_AT)
        err = note_place(people, event);
    else
        return;
    if (!err)
        save(contacts);
}

const char *ear_contacts_name(const struct ear_contacts *contacts, uint32_t guest)
{
    const struct ear_person *person = ear_people_numbered(contacts->household.people, guest);
    return person ? person->name : "Somebody";
}

void ear_contacts_close(struct ear_contacts *contacts)
{
    if (contacts->guests)
        ear_guests_wipe(contacts->guests);
    free(contacts->guests);
    contacts->guests = NULL;
    if (contacts->wanted)
        ear_sodium_wipe(contacts->wanted, contacts->wanted_count * sizeof *contacts->wanted);
    free(contacts->wanted);
    contacts->wanted = NULL;
    ear_sodium_wipe(contacts->meetings, sizeof contacts->meetings);
    ear_household_close(&contacts->household);
}
