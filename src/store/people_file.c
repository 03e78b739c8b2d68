/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people on disk: next number (4), count (2), then one record a person, network order. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "store/people_table.h"

enum flag {
    FLAG_KEY = 1,
    FLAG_SIGN_KEY = 2,
    FLAG_VERIFIED = 4,
    FLAG_BLOCKED = 8,
    FLAG_MAY_REPLACE = 16,
    FLAG_PSK = 32, /* shifted by its kind: 32 to 256 */
    FLAG_MEETS = 512,
};

/* Number, flags, text with its length, keys, secrets, addresses: no person takes more. */
#define PERSON_MAX                                                                                 \
    (4 + 2 + 1 + EAR_NAME_BYTES + EAR_KEY_BYTES + 8 + EAR_SIGN_PUBLIC_BYTES +                      \
     EAR_PSK_KINDS * EAR_KEY_BYTES + 3 + (3 * EAR_PLACES_MAX + 1) * EAR_PLACE_BYTES)
#define PEOPLE_MAX_BYTES (4 + 2 + EAR_PEOPLE_MAX * PERSON_MAX)

static void write_text(struct ear_writer *w, const char *text)
{
    size_t len = strlen(text);
    ear_writer_u8(w, (uint8_t)len);
    ear_writer_bytes(w, (const uint8_t *)text, len);
}

static void write_places(struct ear_writer *w, const struct ear_places *places)
{
    ear_writer_u8(w, places->count);
    for (size_t i = 0; i < places->count; i++)
        write_text(w, places->at[i].text);
}

static uint16_t flags_of(const struct ear_person *p)
{
    unsigned flags = (p->guest.has_key ? FLAG_KEY : 0u) | (p->has_sign_key ? FLAG_SIGN_KEY : 0u) |
                     (p->verified ? FLAG_VERIFIED : 0u) | (p->guest.blocked ? FLAG_BLOCKED : 0u) |
                     (p->guest.may_replace ? FLAG_MAY_REPLACE : 0u) |
                     (p->meets.count > 0 ? FLAG_MEETS : 0u);
    for (size_t kind = 0; kind < EAR_PSK_KINDS; kind++)
        flags |= p->guest.psks[kind].present ? (unsigned)FLAG_PSK << kind : 0u;
    return (uint16_t)flags;
}

static void write_person(struct ear_writer *w, const struct ear_person *p)
{
    ear_writer_u32(w, p->guest.number);
    ear_writer_u16(w, flags_of(p));
    write_text(w, p->name);
    if (p->guest.has_key) {
        ear_writer_bytes(w, p->guest.static_key, EAR_KEY_BYTES);
        ear_writer_u64(w, p->guest.newest_stamp);
    }
    if (p->has_sign_key)
        ear_writer_bytes(w, p->sign_key, EAR_SIGN_PUBLIC_BYTES);
    for (size_t kind = 0; kind < EAR_PSK_KINDS; kind++)
        if (p->guest.psks[kind].present)
            ear_writer_bytes(w, p->guest.psks[kind].secret, EAR_KEY_BYTES);
    write_places(w, &p->at);
    write_places(w, &p->relays);
    write_text(w, p->last.text);
    if (p->meets.count > 0)
        write_places(w, &p->meets);
}

int ear_people_save(const struct ear_people *people, struct ear_home *home, char *error,
                    size_t error_bytes)
{
    uint8_t *body = malloc(PEOPLE_MAX_BYTES);
    if (!body) {
        snprintf(error, error_bytes, "There is not enough memory to save your people.");
        return -ENOMEM;
    }
    struct ear_writer w = ear_writer_on(body, PEOPLE_MAX_BYTES);
    ear_writer_u32(&w, people->next_number);
    ear_writer_u16(&w, (uint16_t)people->count);
    for (uint32_t i = 0; i < people->count; i++)
        write_person(&w, &people->persons[i]);
    assert(!w.bad);
    int err = ear_home_save(home, EAR_HOME_PEOPLE, body, w.at, error, error_bytes);
    ear_home_forget(body, PEOPLE_MAX_BYTES);
    return err;
}

static void read_bytes(struct ear_reader *r, uint8_t *ret, size_t len)
{
    const uint8_t *bytes = ear_reader_bytes(r, len);
    if (bytes)
        memcpy(ret, bytes, len);
}

static bool read_place(struct ear_reader *r, bool may_be_empty, struct ear_place *ret)
{
    char text[EAR_PLACE_BYTES] = "", why[256];
    size_t len = ear_reader_u8(r);
    if (len >= sizeof text)
        return false;
    read_bytes(r, (uint8_t *)text, len);
    if (len == 0)
        return may_be_empty && !r->bad;
    return !r->bad && ear_place_parse(text, ret, why, sizeof why) == 0;
}

static bool read_places(struct ear_reader *r, struct ear_places *ret)
{
    uint8_t count = ear_reader_u8(r);
    if (count > EAR_PLACES_MAX)
        return false;
    for (ret->count = 0; ret->count < count; ret->count++)
        if (!read_place(r, false, &ret->at[ret->count]))
            return false;
    return true;
}

static void read_keys(struct ear_reader *r, unsigned flags, struct ear_person *ret)
{
    uint8_t secret[EAR_KEY_BYTES] = {0};
    ret->guest.has_key = flags & FLAG_KEY;
    ret->has_sign_key = flags & FLAG_SIGN_KEY;
    if (ret->guest.has_key) {
        read_bytes(r, ret->guest.static_key, EAR_KEY_BYTES);
        ret->guest.newest_stamp = ear_reader_u64(r);
    }
    if (ret->has_sign_key)
        read_bytes(r, ret->sign_key, EAR_SIGN_PUBLIC_BYTES);
    for (size_t kind = 0; kind < EAR_PSK_KINDS; kind++) {
        if (!(flags & (unsigned)FLAG_PSK << kind))
            continue;
        read_bytes(r, secret, sizeof secret);
        ear_psk_set(&ret->guest.psks[kind], secret);
    }
    ear_sodium_wipe(secret, sizeof secret);
}

static bool read_person(struct ear_reader *r, struct ear_person *ret)
{
    char why[128];
    ret->guest.number = ear_reader_u32(r);
    unsigned flags = ear_reader_u16(r);
    size_t len = ear_reader_u8(r);
    const uint8_t *name = ear_reader_bytes(r, len);
    if (!name || ear_name_parse((const char *)name, len, ret->name, why, sizeof why) < 0)
        return false;
    ret->verified = flags & FLAG_VERIFIED;
    ret->guest.blocked = flags & FLAG_BLOCKED;
    ret->guest.may_replace = flags & FLAG_MAY_REPLACE;
    read_keys(r, flags, ret);
    return read_places(r, &ret->at) && read_places(r, &ret->relays) &&
           read_place(r, true, &ret->last) &&
           (!(flags & FLAG_MEETS) || read_places(r, &ret->meets));
}

static bool read_people(struct ear_reader *r, struct ear_people *ret)
{
    ret->next_number = ear_reader_u32(r);
    uint32_t count = ear_reader_u16(r);
    if (count > EAR_PEOPLE_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct ear_person *person = &ret->persons[i];
        if (!read_person(r, person) || person->guest.number >= ret->next_number ||
            ear_people_find(ret, person->name) || ear_people_find_number(ret, person->guest.number))
            return false;
        ret->count++;
    }
    return !r->bad && ear_reader_left(r) == 0;
}

int ear_people_load(struct ear_people **ret, struct ear_home *home, char *error, size_t error_bytes)
{
    struct ear_people *people = NULL;
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_people_new(&people);
    if (err) {
        snprintf(error, error_bytes, "There is not enough memory to read your people.");
        return err;
    }
    err = ear_home_load(home, EAR_HOME_PEOPLE, &body, &len, error, error_bytes);
    bool found = err != -ENOENT;
    if (!found)
        err = 0;
    struct ear_reader r = ear_reader_on(body, len);
    if (!err && found && !read_people(&r, people))
        err = ear_home_complain(home, EAR_HOME_PEOPLE, error, error_bytes);
    ear_home_forget(body, len);
    if (err)
        ear_people_free(people);
    else
        *ret = people;
    return err;
}
