/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that are written here, how they go on, and how they end. */
#include "store/messages.h"

#include <errno.h>
#include <string.h>

#include "store/messages_row.h"

/* What the database knows of one without opening it. */
struct row {
    uint32_t person;
    uint8_t direction, kind, state, reason;
    uint64_t size, have;
};

static int look(struct ear_store *store, int64_t id, struct row *ret)
{
    static const char sql[] =
        "SELECT person, direction, kind, state, size, have, reason FROM messages WHERE row = ?1";
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, id);
    int row = ear_db_step(query);
    if (row <= 0)
        return row < 0 ? row : -ENOENT;
    *ret = (struct row){
        .person = (uint32_t)ear_db_int(query, 0),
        .direction = (uint8_t)ear_db_int(query, 1),
        .kind = (uint8_t)ear_db_int(query, 2),
        .state = (uint8_t)ear_db_int(query, 3),
        .size = (uint64_t)ear_db_int(query, 4),
        .have = (uint64_t)ear_db_int(query, 5),
        .reason = (uint8_t)ear_db_int(query, 6),
    };
    ear_db_reset(query);
    return 0;
}

/* ---- written here ---- */

/* Later than all before, and than those that a backup put back does not know of: by the clock. */
static int next_serial(struct ear_store *store, const struct ear_message *m, uint64_t *ret)
{
    int64_t last = 0;
    struct ear_db_query *query =
        ear_db_query(store->db, "SELECT last FROM serials WHERE person = ?1");
    ear_db_set_int(query, 1, m->person);
    int row = ear_db_ask_int(query, &last);
    if (row < 0)
        return row;
    *ret = (uint64_t)ear_max64(last + 1, m->written_s);
    query = ear_db_query(store->db, "INSERT INTO serials(person, last) VALUES(?1, ?2)"
                                    " ON CONFLICT(person) DO UPDATE SET last = ?2");
    ear_db_set_int(query, 1, m->person);
    ear_db_set_int(query, 2, (int64_t)*ret);
    return ear_db_do(query);
}

/* Returns 0, -EINVAL. */
static int from_draft(const struct ear_store *store, const struct ear_message_draft *draft,
                      struct ear_message *ret)
{
    const char *name = draft->name ? draft->name : "";
    if (!ear_message_good_head(draft->kind, name))
        return -EINVAL;
    *ret = (struct ear_message){
        .person = draft->person,
        .direction = EAR_MESSAGE_OUT,
        .kind = draft->kind,
        .written_s = draft->written_s,
        .duration_ms = draft->duration_ms,
    };
    memcpy(ret->name, name, strlen(name) + 1);
    ear_chance_fill(&store->vault.chance, ret->mark, sizeof ret->mark);
    return 0;
}

static int insert_last(struct ear_store *store, struct ear_message *m)
{
    int64_t place = 0;
    int err = ear_message_last_place(store, m->person, &place);
    return err ? err : ear_message_insert(store, m, place);
}

static int check_body(uint8_t kind, const void *body, size_t len)
{
    bool is_text = ear_message_is_text(kind);
    if (len > (is_text ? EAR_MESSAGE_TEXT_SIZE_MAX : EAR_MESSAGE_SIZE_MAX))
        return -EMSGSIZE;
    return is_text && !ear_message_good_text(body, len) ? -EILSEQ : 0;
}

int ear_messages_write(struct ear_store *store, const struct ear_message_draft *draft,
                       const void *body, size_t len, int64_t *ret_id)
{
    struct ear_message m;
    const struct ear_bytes piece = {body, len};
    int err = check_body(draft->kind, body, len);
    if (!err)
        err = from_draft(store, draft, &m);
    if (!err)
        err = ear_store_begin(store);
    if (err)
        return err;
    ear_sodium_hash(m.hash, sizeof m.hash, NULL, 0, &piece, 1);
    m.state = EAR_MESSAGE_WAITING;
    m.size = len;
    bool whole = ear_message_take_text(&m, body, len);
    err = next_serial(store, &m, &m.serial);
    if (!err)
        err = insert_last(store, &m);
    if (!err && !whole)
        err = ear_message_put_chunks(store, m.id, body, len);
    err = ear_store_end(store, err);
    if (!err)
        *ret_id = m.id;
    ear_sodium_wipe(&m, sizeof m);
    return err;
}

int ear_messages_begin(struct ear_store *store, const struct ear_message_draft *draft,
                       int64_t *ret_id)
{
    struct ear_message m;
    int err = from_draft(store, draft, &m);
    if (!err)
        err = ear_store_begin(store);
    if (err)
        return err;
    m.state = EAR_MESSAGE_RECORDING;
    err = ear_store_end(store, insert_last(store, &m));
    if (!err)
        *ret_id = m.id;
    return err;
}

/* Where a piece goes: the end, and what the whole may be. Returns 0, -EPERM. */
static int where_to(const struct row *row, uint64_t *ret_end, uint64_t *ret_most)
{
    if (row->state == EAR_MESSAGE_RECORDING) {
        *ret_end = row->size;
        *ret_most =
            ear_message_is_text(row->kind) ? EAR_MESSAGE_TEXT_SIZE_MAX : EAR_MESSAGE_SIZE_MAX;
        return 0;
    }
    *ret_end = row->have;
    *ret_most = row->size;
    return row->state == EAR_MESSAGE_COMING ? 0 : -EPERM;
}

static int grow(struct ear_store *store, int64_t id, bool recording, uint64_t end)
{
    struct ear_db_query *query =
        ear_db_query(store->db, recording ? "UPDATE messages SET size = ?2 WHERE row = ?1"
                                          : "UPDATE messages SET have = ?2 WHERE row = ?1");
    ear_db_set_int(query, 1, id);
    ear_db_set_int(query, 2, (int64_t)end);
    return ear_db_do(query);
}

int64_t ear_messages_append(struct ear_store *store, int64_t id, uint64_t at, const void *data,
                            size_t len)
{
    struct row row;
    uint64_t end = 0, most = 0;
    int err = len > EAR_MESSAGE_APPEND_MAX ? -EMSGSIZE : ear_store_begin(store);
    if (err)
        return err;
    err = look(store, id, &row);
    if (!err)
        err = where_to(&row, &end, &most);
    if (!err && at > end)
        err = -ERANGE;
    size_t known = err ? 0 : (size_t)ear_min64((int64_t)(end - at), (int64_t)len);
    if (!err && len - known > most - end)
        err = -EMSGSIZE;
    if (!err && known < len) {
        err = ear_message_put_chunk(store, id, end, (const uint8_t *)data + known, len - known);
        end += len - known;
        if (!err)
            err = grow(store, id, row.state == EAR_MESSAGE_RECORDING, end);
    }
    err = ear_store_end(store, err);
    return err ? err : (int64_t)end;
}

int ear_messages_finish(struct ear_store *store, int64_t id, uint32_t duration_ms)
{
    struct ear_message m;
    int err = ear_store_begin(store);
    if (err)
        return err;
    err = ear_messages_with_id(store, id, &m);
    if (!err && m.state != EAR_MESSAGE_RECORDING)
        err = -EPERM;
    if (!err && m.size == 0)
        err = -ENODATA;
    if (!err)
        err = ear_message_settle(store, &m, m.hash);
    if (!err)
        err = next_serial(store, &m, &m.serial);
    if (!err) {
        m.duration_ms = duration_ms;
        m.state = EAR_MESSAGE_WAITING;
        err = ear_message_update(store, &m);
    }
    err = ear_store_end(store, err);
    ear_sodium_wipe(&m, sizeof m);
    return err;
}

int ear_messages_settle(struct ear_store *store)
{
    static const char sql[] =
        "DELETE FROM chunks WHERE message IN (SELECT row FROM messages WHERE state = 0 AND kind = "
        "2);"
        "UPDATE messages SET state = 7, reason = 4, have = 0 WHERE state = 0 AND kind = 2;"
        "DELETE FROM messages WHERE state = 0 AND size = 0";
    static const char any[] = "SELECT count(*) FROM messages WHERE state = 0";
    int64_t count = 0;
    int err = ear_db_ask_int(ear_db_query(store->db, any), &count);
    if (err < 0 || count == 0)
        return err < 0 ? err : 0;
    err = ear_store_begin(store);
    if (err)
        return err;
    err = ear_store_end(store, ear_db_run(store->db, sql));
    ear_db_empty_log(store->db);
    return err;
}

/* ---- how it goes on ---- */

#define BIT(state) (1u << EAR_MESSAGE_##state)

/* The states that come after one; what is there already or further is no mistake. */
static const unsigned steps[2][EAR_MESSAGE_STATES] = {
    [EAR_MESSAGE_OUT] =
        {
            [EAR_MESSAGE_WAITING] = BIT(SENT) | BIT(ARRIVED) | BIT(SEEN) | BIT(FAILED),
            [EAR_MESSAGE_SENT] = BIT(ARRIVED) | BIT(SEEN) | BIT(FAILED),
            [EAR_MESSAGE_ARRIVED] = BIT(SEEN),
            [EAR_MESSAGE_FAILED] = BIT(WAITING),
        },
    [EAR_MESSAGE_IN] =
        {
            [EAR_MESSAGE_UNSEEN] = BIT(SEEN),
        },
};
static const unsigned behind[2][EAR_MESSAGE_STATES] = {
    [EAR_MESSAGE_OUT] =
        {
            [EAR_MESSAGE_SENT] = BIT(WAITING),
            [EAR_MESSAGE_ARRIVED] = BIT(WAITING) | BIT(SENT) | BIT(FAILED),
            [EAR_MESSAGE_SEEN] = BIT(WAITING) | BIT(SENT) | BIT(ARRIVED) | BIT(FAILED),
        },
    [EAR_MESSAGE_IN] =
        {
            [EAR_MESSAGE_SEEN] = BIT(UNSEEN),
        },
};

static int write_state(struct ear_store *store, int64_t id, const struct row *row,
                       enum ear_message_state state, enum ear_message_reason reason)
{
    struct ear_db_query *query = ear_db_query(
        store->db, "UPDATE messages SET state = ?2, reason = ?3, have = ?4 WHERE row = ?1");
    bool theirs = row->direction == EAR_MESSAGE_OUT &&
                  (state == EAR_MESSAGE_ARRIVED || state == EAR_MESSAGE_SEEN);
    bool anew = state == EAR_MESSAGE_WAITING;
    ear_db_set_int(query, 1, id);
    ear_db_set_int(query, 2, state);
    ear_db_set_int(query, 3, state == EAR_MESSAGE_FAILED ? reason : EAR_MESSAGE_NO_REASON);
    ear_db_set_int(query, 4, (int64_t)(theirs ? row->size : anew ? 0 : row->have));
    return ear_db_do(query);
}

int ear_messages_set_state(struct ear_store *store, int64_t id, enum ear_message_state state,
                           enum ear_message_reason reason)
{
    struct row row;
    int err = ear_store_begin(store);
    if (err)
        return err;
    err = look(store, id, &row);
    if (!err && (unsigned)state >= EAR_MESSAGE_STATES)
        err = -EPERM;
    if (!err && (row.direction > EAR_MESSAGE_IN || row.state >= EAR_MESSAGE_STATES))
        err = -EBADMSG; /* these lie in the clear */
    if (err)
        return ear_store_end(store, err);
    unsigned bit = 1u << state;
    if (state == EAR_MESSAGE_WAITING && row.reason == EAR_MESSAGE_NOT_COPIED)
        err = -EPERM; /* nothing of it is here */
    else if (steps[row.direction][row.state] & bit)
        err = write_state(store, id, &row, state, reason);
    else if (row.state != state && !(behind[row.direction][row.state] & bit))
        err = -EPERM;
    return ear_store_end(store, err);
}

int ear_messages_note_have(struct ear_store *store, int64_t id, uint64_t have)
{
    struct row row;
    int err = ear_store_begin(store);
    if (err)
        return err;
    err = look(store, id, &row);
    if (!err && (row.direction != EAR_MESSAGE_OUT || have > row.size))
        err = -EPERM;
    if (!err && have > row.have)
        err = grow(store, id, false, have);
    return ear_store_end(store, err);
}

int ear_messages_set_seen_told(struct ear_store *store, int64_t id)
{
    int err = ear_store_begin(store);
    if (err)
        return err;
    struct ear_db_query *query = ear_db_query(
        store->db, "UPDATE messages SET told = 1 WHERE row = ?1 AND direction = 1 AND state = 6");
    ear_db_set_int(query, 1, id);
    err = ear_db_do(query);
    if (!err && ear_db_changed(store->db) == 0)
        err = -ENOENT;
    return ear_store_end(store, err);
}

/* ---- its end ---- */

int ear_messages_delete(struct ear_store *store, int64_t id)
{
    struct ear_db_query *query;
    int err = ear_store_begin(store);
    if (err)
        return err;
    /* A 0 behind the mark: not all of it had come (state 4). */
    query =
        ear_db_query(store->db, "INSERT OR IGNORE INTO gone(person, mark) SELECT person,"
                                " CASE state WHEN 4 THEN CAST(mark || x'00' AS BLOB) ELSE mark END"
                                " FROM messages WHERE row = ?1 AND direction = 1");
    ear_db_set_int(query, 1, id);
    err = ear_db_do(query);
    query = ear_db_query(store->db, "DELETE FROM messages WHERE row = ?1");
    ear_db_set_int(query, 1, id);
    if (!err)
        err = ear_db_do(query);
    if (!err && ear_db_changed(store->db) == 0)
        err = -ENOENT;
    err = ear_store_end(store, err);
    if (!err)
        ear_db_empty_log(store->db);
    return err;
}

int ear_messages_forget_person(struct ear_store *store, uint32_t person)
{
    static const char *const all[] = {
        "DELETE FROM messages WHERE person = ?1",
        "DELETE FROM gone WHERE person = ?1",
    };
    int err = ear_store_begin(store);
    if (err)
        return err;
    for (size_t i = 0; !err && i < EAR_COUNT(all); i++) {
        struct ear_db_query *query = ear_db_query(store->db, all[i]);
        ear_db_set_int(query, 1, person);
        err = ear_db_do(query);
    }
    err = ear_store_end(store, err);
    if (!err)
        ear_db_empty_log(store->db);
    return err;
}
