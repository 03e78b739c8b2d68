/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How keys come to people: by an invite of theirs, or by their coming with one of ours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/people_table.h"

static bool is_own(const struct ear_people_import *import)
{
    return memcmp(import->invite->static_key, import->self->static_public, EAR_KEY_BYTES) == 0 ||
           memcmp(import->invite->sign_key, import->self->sign_public, EAR_SIGN_PUBLIC_BYTES) == 0;
}

static bool has_keys_of(const struct ear_person *person, const struct ear_invite *invite)
{
    return memcmp(person->guest.static_key, invite->static_key, EAR_KEY_BYTES) == 0 &&
           (!person->has_sign_key ||
            memcmp(person->sign_key, invite->sign_key, EAR_SIGN_PUBLIC_BYTES) == 0);
}

/* Whether the invite may go to that person: named has the name, keyed the key; either may be NULL.
 */
static int check(const struct ear_people_import *import, const char *name,
                 const struct ear_person *named, const struct ear_person *keyed, char *error,
                 size_t error_bytes)
{
    if (keyed && keyed->guest.blocked && keyed != named) {
        snprintf(error, error_bytes,
                 "This is the key of %s, who is blocked: unblock %s if you want it.", keyed->name,
                 keyed->name);
        return -EPERM;
    }
    if (keyed && named && keyed != named) {
        snprintf(
            error, error_bytes,
            "This is the key of %s, but the invite says %s, and you know somebody else of that "
            "name: rename or remove one of them first.",
            keyed->name, name);
        return -EEXIST;
    }
    if (keyed && !named && !import->replace) {
        snprintf(error, error_bytes,
                 "This is the key of %s, but the invite says %s. If both are one person, import it "
                 "with --replace; the person is then called %s.",
                 keyed->name, name, name);
        return -EEXIST;
    }
    if (named && named->guest.has_key && !has_keys_of(named, import->invite) && !import->replace) {
        snprintf(error, error_bytes,
                 "The key of %s has changed. Ask %s, by another way than this invite came, whether "
                 "the keys are new; if so, import it with --replace, else under another --name.",
                 named->name, named->name);
        return -EEXIST;
    }
    return 0;
}

/* The secrets shared with the old key are worth nothing with the new one. An open invite stays. */
static void take_keys(struct ear_person *person, const struct ear_invite *invite)
{
    if (person->guest.has_key &&
        memcmp(person->guest.static_key, invite->static_key, EAR_KEY_BYTES) != 0) {
        ear_psk_clear(&person->guest.psks[EAR_PSK_GIVEN]);
        ear_psk_clear(&person->guest.psks[EAR_PSK_TAKEN]);
        ear_psk_clear(&person->guest.psks[EAR_PSK_OLD]);
        memset(&person->last, 0, sizeof person->last);
        person->guest.newest_stamp = 0;
    }
    person->guest.has_key = person->has_sign_key = true;
    memcpy(person->guest.static_key, invite->static_key, EAR_KEY_BYTES);
    memcpy(person->sign_key, invite->sign_key, EAR_SIGN_PUBLIC_BYTES);
    struct ear_psk *taken = &person->guest.psks[EAR_PSK_TAKEN];
    if (taken->present && memcmp(taken->secret, invite->psk, EAR_KEY_BYTES) != 0)
        person->guest.psks[EAR_PSK_OLD] = *taken;
    ear_psk_set(taken, invite->psk);
    person->at = invite->at;
    person->relays = invite->relays;
}

int ear_people_import(struct ear_people *people, const struct ear_people_import *import,
                      enum ear_people_change *ret, char *error, size_t error_bytes)
{
    char name[EAR_NAME_BYTES];
    const struct ear_invite *invite = import->invite;
    const char *wanted = import->name ? import->name : invite->name;
    int err = ear_name_parse(wanted, strlen(wanted), name, error, error_bytes);
    if (err)
        return err;
    if (is_own(import)) {
        snprintf(error, error_bytes,
                 "This invite is your own: give it to the person whom you invite.");
        return -ELOOP;
    }
    struct ear_person *named = ear_people_find(people, name);
    struct ear_person *keyed = ear_people_find_key(people, invite->static_key);
    err = check(import, name, named, keyed, error, error_bytes);
    if (err)
        return err;
    struct ear_person *person = keyed ? keyed : named;
    bool was_known = person && person->guest.has_key;
    bool same = was_known && named && has_keys_of(person, invite);
    if (!person)
        person = ear_people_add(people, name, error, error_bytes);
    if (!person)
        return -ENOSPC;
    take_keys(person, invite);
    if (!same) {
        memcpy(person->name, name, sizeof name);
        person->verified = false;
    }
    *ret = same ? EAR_PEOPLE_UPDATED : was_known ? EAR_PEOPLE_REPLACED : EAR_PEOPLE_ADDED;
    return 0;
}

/* What the list of guests has decided, taken over into the table. */
static void take_over(struct ear_people *people, const struct ear_guests *guests)
{
    for (uint32_t i = people->count; i-- > 0;) {
        struct ear_person *person = &people->persons[i];
        const struct ear_guest *guest = ear_guests_numbered(guests, person->guest.number);
        if (!guest) {
            ear_people_drop(people, person);
            continue;
        }
        if (guest->has_key &&
            (!person->guest.has_key ||
             memcmp(person->guest.static_key, guest->static_key, EAR_KEY_BYTES) != 0))
            person->verified = person->has_sign_key = false;
        person->guest = *guest;
    }
}

int ear_people_pin(struct ear_people *people, const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                   const uint8_t static_key[static EAR_KEY_BYTES], uint32_t *ret_number)
{
    static const struct ear_identity nobody;
    struct ear_guests *guests = malloc(sizeof *guests);
    if (!guests)
        return -ENOMEM;
    const struct ear_person *invited = ear_people_invited(people, psk_id);
    const struct ear_places meets = invited ? invited->meets : (struct ear_places){0};
    ear_people_guests(people, &nobody, guests);
    int err = ear_guests_pin(guests, psk_id, static_key, ret_number);
    if (!err)
        take_over(people, guests);
    if (!err && invited) /* the invite's record may be gone, or another's */
        ear_people_find_number(people, *ret_number)->meets = meets;
    ear_guests_wipe(guests);
    free(guests);
    return err;
}
