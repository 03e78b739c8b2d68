/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message's row and its chunks. What is sealed: form (1), written (8), hash (32), duration (4),
 * name with its length (1), text with its length (2). */
#include "store/messages_row.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"

#define FORM 1
#define SEALED_MAX                                                                                 \
    (1 + 8 + EAR_MESSAGE_HASH_BYTES + 4 + 1 + EAR_MESSAGE_NAME_BYTES + 2 + EAR_MESSAGE_TEXT_MAX)

bool ear_message_is_text(uint8_t kind)
{
    return kind == EAR_MESSAGE_TEXT || kind == EAR_MESSAGE_URGENT;
}

/* With the characters that may stand in it beside letters; none that turn figures round (202D,
 * 202E): a dose is read as it was written. */
static bool good_characters(const char *text, size_t len, const char *also)
{
    uint32_t c = 0;
    for (size_t at = 0; at < len;) {
        size_t bytes = ear_utf8_next(text + at, len - at, &c);
        if (bytes == 0 || c == 0x202d || c == 0x202e || (c >= 0xd800 && c < 0xe000) ||
            (c >= 0x7f && c < 0xa0) || (c < 0x20 && (c == 0 || !strchr(also, (int)c))))
            return false;
        at += bytes;
    }
    return true;
}

bool ear_message_good_text(const void *text, size_t len)
{
    return good_characters(text, len, "\n\r\t");
}

bool ear_message_good_head(uint8_t kind, const char *name)
{
    size_t len = strnlen(name, EAR_MESSAGE_NAME_BYTES);
    if (kind >= EAR_MESSAGE_KINDS || len == EAR_MESSAGE_NAME_BYTES)
        return false;
    if (kind != EAR_MESSAGE_FILE)
        return len == 0;
    return len > 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/') &&
           good_characters(name, len, "");
}

static size_t write_sealed(const struct ear_message *m, uint8_t out[static SEALED_MAX])
{
    struct ear_writer w = ear_writer_on(out, SEALED_MAX);
    size_t name_len = strlen(m->name), text_len = strlen(m->text);
    ear_writer_u8(&w, FORM);
    ear_writer_u64(&w, (uint64_t)m->written_s);
    ear_writer_bytes(&w, m->hash, sizeof m->hash);
    ear_writer_u32(&w, m->duration_ms);
    ear_writer_u8(&w, (uint8_t)name_len);
    ear_writer_bytes(&w, (const uint8_t *)m->name, name_len);
    ear_writer_u16(&w, (uint16_t)text_len);
    ear_writer_bytes(&w, (const uint8_t *)m->text, text_len);
    assert(!w.bad);
    return w.at;
}

static bool read_sealed(const uint8_t *data, size_t len, struct ear_message *m)
{
    struct ear_reader r = ear_reader_on(data, len);
    uint8_t form = ear_reader_u8(&r);
    m->written_s = (int64_t)ear_reader_u64(&r);
    const uint8_t *hash = ear_reader_bytes(&r, sizeof m->hash);
    m->duration_ms = ear_reader_u32(&r);
    size_t name_len = ear_reader_u8(&r);
    const uint8_t *name = ear_reader_bytes(&r, name_len);
    size_t text_len = ear_reader_u16(&r);
    const uint8_t *text = ear_reader_bytes(&r, text_len);
    if (r.bad || form != FORM || ear_reader_left(&r) > 0 || text_len > EAR_MESSAGE_TEXT_MAX)
        return false;
    memcpy(m->hash, hash, sizeof m->hash);
    memcpy(m->name, name, name_len);
    m->name[name_len] = '\0';
    memcpy(m->text, text, text_len);
    m->text[text_len] = '\0';
    return true;
}

/* What lies in the clear may be anything that somebody wrote there. */
static bool is_one_of(struct ear_db_query *query, int column, int64_t count)
{
    int64_t value = ear_db_int(query, column);
    return value >= 0 && value < count;
}

int ear_message_read(struct ear_store *store, struct ear_db_query *query, struct ear_message *ret)
{
    uint8_t plain[SEALED_MAX];
    size_t len;
    const struct ear_seat seat = {EAR_TABLE_MESSAGES, ear_db_int(query, 0), ear_db_int(query, 1)};
    const uint8_t *sealed = ear_db_bytes(query, 2, &len);
    if (len > SEALED_MAX + EAR_VAULT_OVERHEAD)
        return -EBADMSG;
    int64_t opened = ear_vault_open(&store->vault, &seat, sealed, len, plain);
    bool good = opened >= 0 && read_sealed(plain, (size_t)opened, ret);
    ear_sodium_wipe(plain, sizeof plain);
    const uint8_t *mark = ear_db_bytes(query, 3, &len);
    if (!good || len != EAR_MESSAGE_MARK_BYTES || !is_one_of(query, 5, EAR_MESSAGE_IN + 1) ||
        !is_one_of(query, 6, EAR_MESSAGE_KINDS) || !is_one_of(query, 7, EAR_MESSAGE_STATES) ||
        !is_one_of(query, 8, EAR_MESSAGE_REASONS))
        return -EBADMSG;
    memcpy(ret->mark, mark, len);
    ret->id = seat.row;
    ret->person = (uint32_t)ear_db_int(query, 4);
    ret->direction = (uint8_t)ear_db_int(query, 5);
    ret->kind = (uint8_t)ear_db_int(query, 6);
    ret->state = (uint8_t)ear_db_int(query, 7);
    ret->reason = (uint8_t)ear_db_int(query, 8);
    ret->seen_told = ear_db_int(query, 9) != 0;
    ret->serial = (uint64_t)ear_db_int(query, 10);
    ret->size = (uint64_t)ear_db_int(query, 11);
    ret->have = (uint64_t)ear_db_int(query, 12);
    return 0;
}

int ear_message_read_all(struct ear_store *store, struct ear_db_query *query,
                         struct ear_message *out, size_t cap)
{
    size_t count = 0;
    int row = 1;
    while (count < cap && (row = ear_db_step(query)) > 0) {
        int err = ear_message_read(store, query, &out[count++]);
        if (err) {
            row = err;
            break;
        }
    }
    ear_db_reset(query);
    return row < 0 ? row : (int)count;
}

int ear_message_read_one(struct ear_store *store, struct ear_db_query *query,
                         struct ear_message *ret)
{
    struct ear_message message;
    int count = ear_message_read_all(store, query, &message, 1);
    if (count > 0)
        *ret = message;
    return count > 0 ? 0 : count < 0 ? count : -ENOENT;
}

static int write_row(struct ear_store *store, const struct ear_message *m, int64_t version)
{
    static const char sql[] =
        "UPDATE messages SET version = ?2, body = ?3, state = ?4, serial = ?5, size = ?6,"
        " have = ?7 WHERE row = ?1";
    uint8_t plain[SEALED_MAX], sealed[SEALED_MAX + EAR_VAULT_OVERHEAD];
    const struct ear_seat seat = {EAR_TABLE_MESSAGES, m->id, version};
    size_t len = write_sealed(m, plain);
    ear_vault_seal(&store->vault, &seat, plain, len, sealed);
    ear_sodium_wipe(plain, sizeof plain);
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, m->id);
    ear_db_set_int(query, 2, version);
    ear_db_set_bytes(query, 3, sealed, len + EAR_VAULT_OVERHEAD);
    ear_db_set_int(query, 4, m->state);
    ear_db_set_int(query, 5, (int64_t)m->serial);
    ear_db_set_int(query, 6, (int64_t)m->size);
    ear_db_set_int(query, 7, (int64_t)m->have);
    return ear_db_do(query);
}

int ear_message_insert(struct ear_store *store, struct ear_message *m, int64_t place)
{
    static const char sql[] =
        "INSERT INTO messages(version, body, mark, person, direction, kind, state, serial, place,"
        " size, have) VALUES(0, x'', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_bytes(query, 1, m->mark, sizeof m->mark);
    ear_db_set_int(query, 2, m->person);
    ear_db_set_int(query, 3, m->direction);
    ear_db_set_int(query, 4, m->kind);
    ear_db_set_int(query, 5, m->state);
    ear_db_set_int(query, 6, (int64_t)m->serial);
    ear_db_set_int(query, 7, place);
    ear_db_set_int(query, 8, (int64_t)m->size);
    ear_db_set_int(query, 9, (int64_t)m->have);
    int err = ear_db_do(query);
    if (err)
        return err;
    m->id = ear_db_last_id(store->db); /* which the seal needs */
    return write_row(store, m, 1);
}

int ear_message_update(struct ear_store *store, const struct ear_message *m)
{
    int64_t version = 0;
    struct ear_db_query *query =
        ear_db_query(store->db, "SELECT version FROM messages WHERE row = ?1");
    ear_db_set_int(query, 1, m->id);
    int row = ear_db_ask_int(query, &version);
    return row > 0 ? write_row(store, m, version + 1) : row < 0 ? row : -ENOENT;
}

int ear_message_last_place(struct ear_store *store, uint32_t person, int64_t *ret)
{
    static const char sql[] =
        "SELECT place FROM messages WHERE person = ?1 ORDER BY place DESC LIMIT 1";
    int64_t place = 0;
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, person);
    int row = ear_db_ask_int(query, &place);
    *ret = place + 1;
    return row < 0 ? row : 0;
}

/* ---- the body ---- */

int ear_message_put_chunk(struct ear_store *store, int64_t id, uint64_t at, const void *data,
                          size_t len)
{
    const struct ear_seat seat = {EAR_TABLE_CHUNKS, id, (int64_t)at};
    uint8_t *sealed = malloc(len + EAR_VAULT_OVERHEAD);
    if (!sealed)
        return -ENOMEM;
    ear_vault_seal(&store->vault, &seat, data, len, sealed);
    struct ear_db_query *query =
        ear_db_query(store->db, "INSERT INTO chunks(message, at, body) VALUES(?1, ?2, ?3)");
    ear_db_set_int(query, 1, id);
    ear_db_set_int(query, 2, (int64_t)at);
    ear_db_set_bytes(query, 3, sealed, len + EAR_VAULT_OVERHEAD);
    int err = ear_db_do(query);
    free(sealed);
    return err;
}

int ear_message_drop_chunks(struct ear_store *store, int64_t id)
{
    struct ear_db_query *query = ear_db_query(store->db, "DELETE FROM chunks WHERE message = ?1");
    ear_db_set_int(query, 1, id);
    return ear_db_do(query);
}

bool ear_message_take_text(struct ear_message *m, const void *body, size_t len)
{
    if (!ear_message_is_text(m->kind) || len > EAR_MESSAGE_TEXT_MAX)
        return false;
    memcpy(m->text, body, len);
    m->text[len] = '\0';
    return true;
}

int ear_message_put_chunks(struct ear_store *store, int64_t id, const void *body, size_t len)
{
    int err = 0;
    for (size_t at = 0; !err && at < len; at += EAR_MESSAGE_APPEND_MAX) {
        size_t part = (size_t)ear_min64((int64_t)(len - at), EAR_MESSAGE_APPEND_MAX);
        err = ear_message_put_chunk(store, id, at, (const uint8_t *)body + at, part);
    }
    return err;
}

int ear_message_settle(struct ear_store *store, struct ear_message *m,
                       uint8_t ret_hash[static EAR_MESSAGE_HASH_BYTES])
{
    struct ear_digest digest;
    bool is_text = ear_message_is_text(m->kind);
    size_t cap = is_text ? EAR_MESSAGE_TEXT_SIZE_MAX : EAR_MESSAGE_APPEND_MAX;
    uint8_t *part = malloc(cap);
    if (!part)
        return -ENOMEM;
    int64_t n = 1;
    int err = is_text && m->size > cap ? -EMSGSIZE : 0;
    ear_digest_start(&digest, EAR_MESSAGE_HASH_BYTES);
    for (uint64_t at = 0; !err && at < m->size; at += (uint64_t)n) {
        n = ear_messages_read(store, m->id, at, part, cap);
        if (n > 0)
            ear_digest_take(&digest, part, (size_t)n);
        else
            err = n < 0 ? (int)n : -EBADMSG;
    }
    ear_digest_end(&digest, ret_hash, EAR_MESSAGE_HASH_BYTES);
    if (!err && is_text && !ear_message_good_text(part, m->size))
        err = -EILSEQ;
    if (!err && ear_message_take_text(m, part, m->size))
        err = ear_message_drop_chunks(store, m->id);
    ear_sodium_wipe(part, cap);
    free(part);
    return err;
}
