/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls on disk: one record a call, in its row; network order. The file of earlier versions:
 * next id (8), count (2), then the records, the oldest first. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "store/calls_table.h"
#include "store/inside.h"

enum flag {
    FLAG_IN = 1,
    FLAG_MISSED = 2,
    FLAG_SEEN = 4,
    FLAGS = 7,
};

/* Numbers, flags, ending, three texts with their lengths, then gaps and rungs with their counts. */
#define RECORD_MAX                                                                                 \
    (8 + 4 + 8 + 4 + 8 + 2 + 4 + 1 + 1 + EAR_NAME_BYTES + EAR_CALL_CALLBACK_BYTES +                \
     EAR_CALL_PLACE_BYTES + 1 + EAR_CALL_WAYS_KEPT * 8 + 1 + EAR_CALL_WAYS_KEPT * 5)

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
    ear_writer_u8(w, c->gaps_kept);
    for (size_t i = 0; i < c->gaps_kept; i++) {
        ear_writer_u32(w, c->gap[i].at_s);
        ear_writer_u32(w, c->gap[i].length_s);
    }
    ear_writer_u8(w, c->rungs_kept);
    for (size_t i = 0; i < c->rungs_kept; i++) {
        ear_writer_u32(w, c->rung[i].at_s);
        ear_writer_u8(w, c->rung[i].rung);
    }
}

int ear_calls_put(const struct ear_calls *calls, struct ear_store *store)
{
    uint8_t body[RECORD_MAX];
    int64_t rows[EAR_CALLS_MAX];
    struct ear_writer w = ear_writer_on(body, sizeof body);
    ear_writer_u64(&w, calls->next_id);
    int err = ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_CALLS, body, w.at);
    for (size_t i = 0; !err && i < calls->count; i++) {
        w = ear_writer_on(body, sizeof body);
        write_record(&w, &calls->records[i]);
        assert(!w.bad);
        rows[i] = (int64_t)calls->records[i].id;
        err = ear_rows_put(store, EAR_TABLE_CALLS, rows[i], body, w.at);
    }
    ear_sodium_wipe(body, sizeof body);
    return err ? err : ear_rows_keep(store, EAR_TABLE_CALLS, rows, calls->count);
}

int ear_calls_save(const struct ear_calls *calls, struct ear_store *store, char *error,
                   size_t error_bytes)
{
    int err = ear_store_begin(store);
    if (!err)
        err = ear_store_end(store, ear_calls_put(calls, store));
    return ear_store_complain(store, err, error, error_bytes);
}

/* Only what put would have kept. */
static bool read_text(struct ear_reader *r, char *ret, size_t size)
{
    size_t len = ear_reader_u8(r);
    const uint8_t *bytes = ear_reader_bytes(r, len);
    if (!bytes || len >= size || ear_calls_good_length((const char *)bytes, len) != len)
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

/* How the line was. */
static bool read_ways(struct ear_reader *r, struct ear_call_record *ret)
{
    ret->gaps_kept = ear_reader_u8(r);
    if (ret->gaps_kept > EAR_CALL_WAYS_KEPT)
        return false;
    for (size_t i = 0; i < ret->gaps_kept; i++) {
        ret->gap[i].at_s = ear_reader_u32(r);
        ret->gap[i].length_s = ear_reader_u32(r);
    }
    ret->rungs_kept = ear_reader_u8(r);
    if (ret->rungs_kept > EAR_CALL_WAYS_KEPT)
        return false;
    for (size_t i = 0; i < ret->rungs_kept; i++) {
        ret->rung[i].at_s = ear_reader_u32(r);
        ret->rung[i].rung = ear_reader_u8(r);
    }
    return !r->bad && ear_reader_left(r) == 0;
}

/* Takes the next record; false where that makes no sense behind those that are there. */
static bool take_record(struct ear_reader *r, struct ear_calls *ret)
{
    struct ear_call_record *record = &ret->records[ret->count];
    uint64_t last_id = ret->count > 0 ? record[-1].id : 0;
    if (!read_record(r, record) || record->id <= last_id || record->id >= ret->next_id)
        return false;
    ret->count++;
    return true;
}

static bool read_calls(struct ear_reader *r, struct ear_calls *ret)
{
    ret->next_id = ear_reader_u64(r);
    size_t count = ear_reader_u16(r);
    if (count > EAR_CALLS_MAX || ret->next_id > INT64_MAX)
        return false;
    while (ret->count < count)
        if (!take_record(r, ret))
            return false;
    return !r->bad && ear_reader_left(r) == 0 && ret->next_id > 0;
}

int ear_calls_load_file(struct ear_calls **ret, struct ear_home *home, char *error,
                        size_t error_bytes)
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

static int load_next(struct ear_store *store, struct ear_calls *ret)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_CALLS, &body, &len);
    struct ear_reader r = ear_reader_on(body, len);
    if (!err) {
        ret->next_id = ear_reader_u64(&r);
        err = r.bad || ear_reader_left(&r) > 0 || ret->next_id == 0 ? -EBADMSG : 0;
    }
    ear_home_forget(body, len);
    return err == -ENOENT ? 0 : err;
}

static int load_rows(struct ear_store *store, struct ear_calls *ret)
{
    int64_t row = 0;
    int found;
    do {
        uint8_t *body = NULL;
        size_t len = 0;
        found = ear_rows_next(store, EAR_TABLE_CALLS, &row, &body, &len);
        struct ear_reader r = ear_reader_on(body, len);
        if (found > 0 && (ret->count == EAR_CALLS_MAX || !take_record(&r, ret) ||
                          !read_ways(&r, &ret->records[ret->count - 1]) ||
                          ret->records[ret->count - 1].id != (uint64_t)row))
            found = -EBADMSG;
        ear_home_forget(body, len);
    } while (found > 0);
    return found;
}

int ear_calls_load(struct ear_calls **ret, struct ear_store *store, char *error, size_t error_bytes)
{
    struct ear_calls *calls = NULL;
    int err = ear_calls_new(&calls);
    if (!err)
        err = load_next(store, calls);
    if (!err)
        err = load_rows(store, calls);
    if (err)
        ear_calls_free(calls);
    else
        *ret = calls;
    return ear_store_complain(store, err, error, error_bytes);
}
