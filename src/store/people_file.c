/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people on disk: one record a person, in its row; network order. The file of earlier versions:
 * next number (4), count (2), then the records. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "store/inside.h"
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

int ear_people_put(const struct ear_people *people, struct ear_store *store)
{
    uint8_t body[PERSON_MAX];
    int64_t rows[EAR_PEOPLE_MAX];
    struct ear_writer w = ear_writer_on(body, sizeof body);
    ear_writer_u32(&w, people->next_number);
    int err = ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_PEOPLE, body, w.at);
    for (uint32_t i = 0; !err && i < people->count; i++) {
        w = ear_writer_on(body, sizeof body);
        write_person(&w, &people->persons[i]);
        assert(!w.bad);
        rows[i] = people->persons[i].guest.number;
        assert(i == 0 || rows[i] > rows[i - 1]);
        err = ear_rows_put(store, EAR_TABLE_PEOPLE, rows[i], body, w.at);
    }
    ear_sodium_wipe(body, sizeof body);
    return err ? err : ear_rows_keep(store, EAR_TABLE_PEOPLE, rows, people->count);
}

int ear_people_save(const struct ear_people *people, struct ear_store *store, char *error,
                    size_t error_bytes)
{
    int err = ear_store_begin(store);
    if (!err)
        err = ear_store_end(store, ear_people_put(people, store));
    return ear_store_complain(store, err, error, error_bytes);
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

/* Takes the next person; false where that makes no sense beside those who are there. */
static bool take_person(struct ear_reader *r, struct ear_people *ret)
{
    struct ear_person *person = &ret->persons[ret->count];
    if (!read_person(r, person) || person->guest.number >= ret->next_number ||
        ear_people_find(ret, person->name) || ear_people_find_number(ret, person->guest.number))
        return false;
    ret->count++;
    return true;
}

static bool read_people(struct ear_reader *r, struct ear_people *ret)
{
    ret->next_number = ear_reader_u32(r);
    uint32_t count = ear_reader_u16(r);
    if (count > EAR_PEOPLE_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!take_person(r, ret) ||
            (i > 0 && ret->persons[i].guest.number < ret->persons[i - 1].guest.number))
            return false;
    return !r->bad && ear_reader_left(r) == 0;
}

int ear_people_load_file(struct ear_people **ret, struct ear_home *home, char *error,
                         size_t error_bytes)
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

static int load_next(struct ear_store *store, struct ear_people *ret)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_PEOPLE, &body, &len);
    struct ear_reader r = ear_reader_on(body, len);
    if (!err) {
        ret->next_number = ear_reader_u32(&r);
        err = r.bad || ear_reader_left(&r) > 0 ? -EBADMSG : 0;
    }
    ear_home_forget(body, len);
    return err == -ENOENT ? 0 : err;
}

static int load_rows(struct ear_store *store, struct ear_people *ret)
{
    int64_t row = -1;
    int found;
    do {
        uint8_t *body = NULL;
        size_t len = 0;
        found = ear_rows_next(store, EAR_TABLE_PEOPLE, &row, &body, &len);
        struct ear_reader r = ear_reader_on(body, len);
        if (found > 0 &&
            (ret->count == EAR_PEOPLE_MAX || !take_person(&r, ret) || r.bad ||
             ear_reader_left(&r) > 0 || ret->persons[ret->count - 1].guest.number != row))
            found = -EBADMSG;
        ear_home_forget(body, len);
    } while (found > 0);
    return found;
}

int ear_people_load(struct ear_people **ret, struct ear_store *store, char *error,
                    size_t error_bytes)
{
    struct ear_people *people = NULL;
    int err = ear_people_new(&people);
    if (!err)
        err = load_next(store, people);
    if (!err)
        err = load_rows(store, people);
    if (err)
        ear_people_free(people);
    else
        *ret = people;
    return ear_store_complain(store, err, error, error_bytes);
}
