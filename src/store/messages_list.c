/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions about messages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/messages_row.h"
#include "store/search.h"

#define SELECT "SELECT " EAR_MESSAGE_COLUMNS " FROM messages "

int ear_messages_with_id(struct ear_store *store, int64_t id, struct ear_message *ret)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query = ear_db_query(store->db, SELECT "WHERE row = ?1");
    ear_db_set_int(query, 1, id);
    return ear_message_read_one(store, query, ret);
}

int ear_messages_find(struct ear_store *store, uint32_t person, uint8_t direction,
                      const uint8_t mark[static EAR_MESSAGE_MARK_BYTES], struct ear_message *ret)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query =
        ear_db_query(store->db, SELECT "WHERE person = ?1 AND direction = ?2 AND mark = ?3");
    ear_db_set_int(query, 1, person);
    ear_db_set_int(query, 2, direction);
    ear_db_set_bytes(query, 3, mark, EAR_MESSAGE_MARK_BYTES);
    return ear_message_read_one(store, query, ret);
}

/* ---- the body ---- */

/* A short text lies in its message. */
static int64_t read_text(struct ear_store *store, int64_t id, uint64_t at, void *out, size_t cap)
{
    struct ear_message m;
    int err = ear_messages_with_id(store, id, &m);
    if (err)
        return err;
    size_t len = strlen(m.text);
    size_t n = at < len ? (size_t)ear_min64((int64_t)(len - at), (int64_t)cap) : 0;
    memcpy(out, m.text + (n > 0 ? at : 0), n);
    ear_sodium_wipe(&m, sizeof m);
    return (int64_t)n;
}

/* The part of one chunk that lies at and behind a place of the body. */
static int64_t open_chunk(struct ear_store *store, struct ear_db_query *query, int64_t id,
                          uint64_t at, uint8_t *out, size_t cap)
{
    uint8_t plain[EAR_MESSAGE_APPEND_MAX];
    size_t len;
    const struct ear_seat seat = {EAR_TABLE_CHUNKS, id, ear_db_int(query, 0)};
    const uint8_t *sealed = ear_db_bytes(query, 1, &len);
    if (len > sizeof plain + EAR_VAULT_OVERHEAD)
        return -EBADMSG;
    int64_t opened = ear_vault_open(&store->vault, &seat, sealed, len, plain);
    uint64_t from = (uint64_t)seat.version;
    int64_t n = opened;
    if (opened >= 0 && (at < from || at >= from + (uint64_t)opened))
        n = at < from ? -EBADMSG : 0; /* a hole: never written by us */
    if (n > 0) {
        n = ear_min64((int64_t)(from + (uint64_t)opened - at), (int64_t)cap);
        memcpy(out, plain + (at - from), (size_t)n);
    }
    ear_sodium_wipe(plain, sizeof plain);
    return n;
}

int64_t ear_messages_read(struct ear_store *store, int64_t id, uint64_t at, void *out, size_t cap)
{
    static const char sql[] =
        "SELECT at, body FROM chunks WHERE message = ?1 AND at >= coalesce((SELECT max(at)"
        " FROM chunks WHERE message = ?1 AND at <= ?2), 0) ORDER BY at";
    size_t done = 0;
    int row = 0;
    if (ear_store_is_locked(store))
        return -ENOKEY;
    if (at > INT64_MAX)
        return 0;
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, id);
    ear_db_set_int(query, 2, (int64_t)at);
    while (done < cap && (row = ear_db_step(query)) > 0) {
        int64_t n = open_chunk(store, query, id, at + done, (uint8_t *)out + done, cap - done);
        if (n < 0)
            row = (int)n;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    ear_db_reset(query);
    if (row < 0)
        return row;
    return done > 0 || cap == 0 ? (int64_t)done : read_text(store, id, at, out, cap);
}

/* ---- lists ---- */

/* Where one stands in its conversation; behind all with id 0. */
static int stand(struct ear_store *store, int64_t id, int64_t *ret_place, int64_t *ret_serial)
{
    *ret_place = *ret_serial = INT64_MAX;
    if (id == 0)
        return 0;
    struct ear_db_query *query =
        ear_db_query(store->db, "SELECT place, serial FROM messages WHERE row = ?1");
    ear_db_set_int(query, 1, id);
    int row = ear_db_step(query);
    if (row <= 0)
        return row < 0 ? row : -ENOENT;
    *ret_place = ear_db_int(query, 0);
    *ret_serial = ear_db_int(query, 1);
    ear_db_reset(query);
    return 0;
}

int ear_messages_list(struct ear_store *store, uint32_t person, int64_t before,
                      struct ear_message *out, size_t cap)
{
    int64_t place, serial;
    if (ear_store_is_locked(store))
        return -ENOKEY;
    int err = stand(store, before, &place, &serial);
    if (err)
        return err;
    struct ear_db_query *query =
        ear_db_query(store->db, SELECT "WHERE person = ?1 AND (place, serial) < (?2, ?3)"
                                       " ORDER BY place DESC, serial DESC LIMIT ?4");
    ear_db_set_int(query, 1, person);
    ear_db_set_int(query, 2, place);
    ear_db_set_int(query, 3, serial);
    ear_db_set_int(query, 4, (int64_t)cap);
    return ear_message_read_all(store, query, out, cap);
}

int ear_messages_recordings(struct ear_store *store, struct ear_message *out, size_t cap)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    return ear_message_read_all(
        store, ear_db_query(store->db, SELECT "WHERE state = 0 ORDER BY row"), out, cap);
}

int ear_messages_outgoing(struct ear_store *store, uint32_t person, uint64_t above,
                          struct ear_message *out, size_t cap)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query =
        ear_db_query(store->db, SELECT "WHERE person = ?1 AND direction = 0 AND state IN (1, 2)"
                                       " AND serial > ?2 ORDER BY serial LIMIT ?3");
    ear_db_set_int(query, 1, person);
    ear_db_set_int(query, 2, (int64_t)above);
    ear_db_set_int(query, 3, (int64_t)cap);
    return ear_message_read_all(store, query, out, cap);
}

int ear_messages_urgent(struct ear_store *store, uint32_t person, struct ear_message *out,
                        size_t cap)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query =
        ear_db_query(store->db, SELECT "WHERE person = ?1 AND direction = 0 AND state IN (1, 2)"
                                       " AND kind = ?2 ORDER BY serial LIMIT ?3");
    ear_db_set_int(query, 1, person);
    ear_db_set_int(query, 2, EAR_MESSAGE_URGENT);
    ear_db_set_int(query, 3, (int64_t)cap);
    return ear_message_read_all(store, query, out, cap);
}

int ear_messages_people_waiting(struct ear_store *store, uint32_t *out, size_t cap)
{
    static const char sql[] =
        "SELECT person FROM messages WHERE direction = 0 AND state IN (1, 2)"
        " UNION SELECT person FROM messages WHERE direction = 1 AND state = 6 AND told = 0";
    size_t count = 0;
    int row = 0;
    struct ear_db_query *query = ear_db_query(store->db, sql);
    while (count < cap && (row = ear_db_step(query)) > 0)
        out[count++] = (uint32_t)ear_db_int(query, 0);
    ear_db_reset(query);
    return row < 0 ? row : (int)count;
}

int ear_messages_seen_untold(struct ear_store *store, uint32_t person, struct ear_message *out,
                             size_t cap)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query =
        ear_db_query(store->db, SELECT "WHERE person = ?1 AND direction = 1 AND state = 6"
                                       " AND told = 0 ORDER BY serial LIMIT ?2");
    ear_db_set_int(query, 1, person);
    ear_db_set_int(query, 2, (int64_t)cap);
    return ear_message_read_all(store, query, out, cap);
}

int64_t ear_messages_unseen(struct ear_store *store, uint32_t person)
{
    int64_t count = 0;
    struct ear_db_query *query =
        ear_db_query(store->db, person ? "SELECT count(*) FROM messages WHERE person = ?1"
                                         " AND direction = 1 AND state = 5"
                                       : "SELECT count(*) FROM messages WHERE direction = 1"
                                         " AND state = 5 AND person >= ?1");
    ear_db_set_int(query, 1, person);
    int row = ear_db_ask_int(query, &count);
    return row < 0 ? row : count;
}

/* ---- search ---- */

/* A text that does not lie in its message. */
static int search_long(struct ear_store *store, const struct ear_message *m,
                       const struct ear_search *search, bool *ret)
{
    char *text = malloc(EAR_MESSAGE_TEXT_SIZE_MAX);
    if (!text)
        return -ENOMEM;
    int64_t len = ear_messages_read(store, m->id, 0, text, EAR_MESSAGE_TEXT_SIZE_MAX);
    *ret = len > 0 && ear_search_in(search, text, (size_t)len);
    ear_sodium_wipe(text, EAR_MESSAGE_TEXT_SIZE_MAX);
    free(text);
    return len < 0 ? (int)len : 0;
}

static int search_all(struct ear_store *store, struct ear_db_query *query,
                      const struct ear_search *search, struct ear_message *out, size_t cap)
{
    size_t count = 0;
    int row = 0;
    while (count < cap && (row = ear_db_step(query)) > 0) {
        struct ear_message *m = &out[count];
        int err = ear_message_read(store, query, m);
        bool found = !err && (ear_search_in(search, m->text, strlen(m->text)) ||
                              ear_search_in(search, m->name, strlen(m->name)));
        if (!err && !found && ear_message_is_text(m->kind) && m->size > EAR_MESSAGE_TEXT_MAX)
            err = search_long(store, m, search, &found);
        count += found;
        if (err) {
            row = err;
            break;
        }
    }
    ear_db_reset(query);
    return row < 0 ? row : (int)count;
}

int ear_messages_search(struct ear_store *store, uint32_t person, const char *words, int64_t before,
                        struct ear_message *out, size_t cap)
{
    struct ear_search *search = NULL;
    if (ear_store_is_locked(store))
        return -ENOKEY;
    int err = ear_search_new(&search, words);
    if (err)
        return err;
    struct ear_db_query *query =
        ear_db_query(store->db, person ? SELECT "WHERE row < ?1 AND kind IN (0, 2, 3)"
                                                " AND person = ?2 ORDER BY row DESC"
                                       : SELECT "WHERE row < ?1 AND kind IN (0, 2, 3)"
                                                " AND ?2 = 0 ORDER BY row DESC");
    ear_db_set_int(query, 1, before ? before : INT64_MAX);
    ear_db_set_int(query, 2, person);
    int count = search_all(store, query, search, out, cap);
    ear_search_free(search);
    return count;
}

/* ---- totals ---- */

static void add(struct ear_message_totals *t, int64_t direction, int64_t state,
                const uint64_t sums[static 3])
{
    uint64_t count = sums[0], size = sums[1], have = sums[2];
    if (direction == EAR_MESSAGE_IN) {
        t->count_in += count;
        t->bytes_in += have;
        t->promised_bytes += size;
        t->count_coming += state == EAR_MESSAGE_COMING ? count : 0;
        return;
    }
    t->count_out += count;
    t->bytes_out += size;
    if (state == EAR_MESSAGE_WAITING || state == EAR_MESSAGE_SENT) {
        t->count_waiting += count;
        t->bytes_waiting += size - have;
    }
}

int ear_messages_totals(struct ear_store *store, uint32_t person, struct ear_message_totals *ret)
{
    static const char sql[] = "SELECT direction, state, count(*), sum(size), sum(have)"
                              " FROM messages WHERE person = ?1 GROUP BY direction, state";
    struct ear_message_totals totals = {0};
    int row;
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, person);
    while ((row = ear_db_step(query)) > 0) {
        const uint64_t sums[3] = {(uint64_t)ear_db_int(query, 2), (uint64_t)ear_db_int(query, 3),
                                  (uint64_t)ear_db_int(query, 4)};
        add(&totals, ear_db_int(query, 0), ear_db_int(query, 1), sums);
    }
    if (!row)
        *ret = totals;
    return row;
}
