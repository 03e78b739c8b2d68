/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of calls in memory, and on disk: next id (8), count (2), then one record a call, the
 * oldest first, network order. */
#include "store/calls.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "port/sodium.h"

enum flag {
    FLAG_IN = 1,
    FLAG_MISSED = 2,
    FLAG_SEEN = 4,
    FLAGS = 7,
};

/* Numbers, flags, ending, then three texts with their lengths. */
#define RECORD_MAX                                                                                 \
    (8 + 4 + 8 + 4 + 8 + 2 + 4 + 1 + 1 + EAR_NAME_BYTES + EAR_CALL_CALLBACK_BYTES +                \
     EAR_CALL_PLACE_BYTES)
#define CALLS_MAX_BYTES (8 + 2 + EAR_CALLS_MAX * RECORD_MAX)

struct ear_calls {
    uint64_t next_id;
    size_t count;
    struct ear_call_record records[EAR_CALLS_MAX]; /* the oldest first */
};

/* ---- in memory ---- */

/* Bytes of text up to the first that is not UTF-8 or a control character. */
static size_t good_length(const char *text, size_t len)
{
    uint32_t c = 0;
    size_t at = 0;
    while (at < len) {
        size_t bytes = ear_utf8_next(text + at, len - at, &c);
        if (bytes == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000))
            break;
        at += bytes;
    }
    return at;
}

static void cut(char *text, size_t size)
{
    size_t len = good_length(text, strnlen(text, size - 1));
    memset(text + len, 0, size - len);
}

/* As it is kept: whole texts, nothing behind their ends. */
static void put(struct ear_call_record *to, const struct ear_call_record *from, uint64_t id)
{
    *to = *from;
    to->id = id;
    to->direction = from->direction == EAR_CALL_IN ? EAR_CALL_IN : EAR_CALL_OUT;
    cut(to->name, sizeof to->name);
    cut(to->callback, sizeof to->callback);
    cut(to->place, sizeof to->place);
}

int ear_calls_new(struct ear_calls **ret)
{
    struct ear_calls *calls = calloc(1, sizeof *calls);
    if (!calls)
        return -ENOMEM;
    calls->next_id = 1;
    *ret = calls;
    return 0;
}

void ear_calls_free(struct ear_calls *calls)
{
    if (calls)
        ear_sodium_wipe(calls->records, calls->count * sizeof calls->records[0]);
    free(calls);
}

/* Nothing of what is dropped stays behind in memory. */
static void drop(struct ear_calls *calls, size_t at)
{
    calls->count--;
    memmove(&calls->records[at], &calls->records[at + 1],
            (calls->count - at) * sizeof calls->records[0]);
    ear_sodium_wipe(&calls->records[calls->count], sizeof calls->records[0]);
}

uint64_t ear_calls_add(struct ear_calls *calls, const struct ear_call_record *record)
{
    if (calls->count == EAR_CALLS_MAX)
        drop(calls, 0);
    put(&calls->records[calls->count++], record, calls->next_id);
    return calls->next_id++;
}

static struct ear_call_record *find(const struct ear_calls *calls, uint64_t id)
{
    for (size_t i = 0; i < calls->count; i++)
        if (calls->records[i].id == id)
            return (struct ear_call_record *)&calls->records[i];
    return NULL;
}

int ear_calls_update(struct ear_calls *calls, const struct ear_call_record *record)
{
    struct ear_call_record *old = find(calls, record->id);
    if (!old)
        return -ENOENT;
    put(old, record, record->id);
    return 0;
}

size_t ear_calls_count(const struct ear_calls *calls)
{
    return calls->count;
}

const struct ear_call_record *ear_calls_at(const struct ear_calls *calls, size_t at)
{
    assert(at < calls->count);
    return &calls->records[calls->count - 1 - at];
}

const struct ear_call_record *ear_calls_with_id(const struct ear_calls *calls, uint64_t id)
{
    return find(calls, id);
}

size_t ear_calls_unseen(const struct ear_calls *calls)
{
    size_t unseen = 0;
    for (size_t i = 0; i < calls->count; i++)
        unseen += calls->records[i].missed && !calls->records[i].seen;
    return unseen;
}

int ear_calls_mark_seen(struct ear_calls *calls, uint64_t id)
{
    struct ear_call_record *record = find(calls, id);
    if (!record)
        return -ENOENT;
    record->seen = true;
    return 0;
}

void ear_calls_mark_all_seen(struct ear_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        calls->records[i].seen = true;
}

size_t ear_calls_forget_person(struct ear_calls *calls, uint32_t person)
{
    size_t before = calls->count;
    for (size_t i = calls->count; i-- > 0;)
        if (calls->records[i].person == person)
            drop(calls, i);
    return before - calls->count;
}

/* ---- on disk ---- */

static void write_text(struct ear_writer *w, const char *text)
{
    size_t len = strlen(text);
    ear_writer_u8(w, (uint8_t)len);
    ear_writer_bytes(w, (const uint8_t *)text, len);
}

static void write_record(struct ear_writer *w, const struct ear_call_record *c)
{
    unsigned flags = (c->direction == EAR_CALL_IN ? FLAG_IN : 0u) | (c->missed ? FLAG_MISSED : 0u) |
                     (c->seen ? FLAG_SEEN : 0u);
    ear_writer_u64(w, c->id);
    ear_writer_u32(w, c->person);
    ear_writer_u64(w, (uint64_t)c->begin_s);
    ear_writer_u32(w, c->talk_s);
    ear_writer_u64(w, (uint64_t)c->bytes);
    ear_writer_u16(w, c->gaps);
    ear_writer_u32(w, c->gap_s);
    ear_writer_u8(w, (uint8_t)flags);
    ear_writer_u8(w, c->ending);
    write_text(w, c->name);
    write_text(w, c->callback);
    write_text(w, c->place);
}

int ear_calls_save(const struct ear_calls *calls, struct ear_home *home, char *error,
                   size_t error_bytes)
{
    uint8_t *body = malloc(CALLS_MAX_BYTES);
    if (!body) {
        snprintf(error, error_bytes, "There is not enough memory to save the list of calls.");
        return -ENOMEM;
    }
    struct ear_writer w = ear_writer_on(body, CALLS_MAX_BYTES);
    ear_writer_u64(&w, calls->next_id);
    ear_writer_u16(&w, (uint16_t)calls->count);
    for (size_t i = 0; i < calls->count; i++)
        write_record(&w, &calls->records[i]);
    assert(!w.bad);
    int err = ear_home_save(home, EAR_HOME_CALLS, body, w.at, error, error_bytes);
    ear_home_forget(body, w.at);
    return err;
}

/* Only what put would have kept. */
static bool read_text(struct ear_reader *r, char *ret, size_t size)
{
    size_t len = ear_reader_u8(r);
    const uint8_t *bytes = ear_reader_bytes(r, len);
    if (!bytes || len >= size || good_length((const char *)bytes, len) != len)
        return false;
    memcpy(ret, bytes, len);
    return true;
}

static bool read_record(struct ear_reader *r, struct ear_call_record *ret)
{
    ret->id = ear_reader_u64(r);
    ret->person = ear_reader_u32(r);
    ret->begin_s = (int64_t)ear_reader_u64(r);
    ret->talk_s = ear_reader_u32(r);
    ret->bytes = (int64_t)ear_reader_u64(r);
    ret->gaps = ear_reader_u16(r);
    ret->gap_s = ear_reader_u32(r);
    uint8_t flags = ear_reader_u8(r);
    ret->ending = ear_reader_u8(r);
    ret->direction = flags & FLAG_IN ? EAR_CALL_IN : EAR_CALL_OUT;
    ret->missed = flags & FLAG_MISSED;
    ret->seen = flags & FLAG_SEEN;
    return flags <= FLAGS && read_text(r, ret->name, sizeof ret->name) &&
           read_text(r, ret->callback, sizeof ret->callback) &&
           read_text(r, ret->place, sizeof ret->place);
}

static bool read_calls(struct ear_reader *r, struct ear_calls *ret)
{
    uint64_t last_id = 0;
    ret->next_id = ear_reader_u64(r);
    size_t count = ear_reader_u16(r);
    if (count > EAR_CALLS_MAX)
        return false;
    for (; ret->count < count; ret->count++) {
        struct ear_call_record *record = &ret->records[ret->count];
        if (!read_record(r, record) || record->id <= last_id || record->id >= ret->next_id)
            return false;
        last_id = record->id;
    }
    return !r->bad && ear_reader_left(r) == 0 && ret->next_id > 0;
}

int ear_calls_load(struct ear_calls **ret, struct ear_home *home, char *error, size_t error_bytes)
{
    struct ear_calls *calls = NULL;
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_calls_new(&calls);
    if (err) {
        snprintf(error, error_bytes, "There is not enough memory to read the list of calls.");
        return err;
    }
    err = ear_home_load(home, EAR_HOME_CALLS, &body, &len, error, error_bytes);
    bool found = err != -ENOENT;
    if (!found)
        err = 0;
    struct ear_reader r = ear_reader_on(body, len);
    if (!err && found && !read_calls(&r, calls))
        err = ear_home_complain(home, EAR_HOME_CALLS, error, error_bytes);
    ear_home_forget(body, len);
    if (err)
        ear_calls_free(calls);
    else
        *ret = calls;
    return err;
}
