/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that come in: once, whole, in their sender's order. */
#include <errno.h>
#include <string.h>

#include "store/messages_row.h"

/* Returns 0, -EALREADY for one that was deleted when it was whole, -ECANCELED before. */
static int was_deleted(struct ear_store *store, const struct ear_message *head)
{
    int64_t len = 0;
    uint8_t half[EAR_MESSAGE_MARK_BYTES + 1] = {0};
    struct ear_db_query *query = ear_db_query(
        store->db, "SELECT length(mark) FROM gone WHERE person = ?1 AND mark IN (?2, ?3)");
    memcpy(half, head->mark, sizeof head->mark);
    ear_db_set_int(query, 1, head->person);
    ear_db_set_bytes(query, 2, head->mark, sizeof head->mark);
    ear_db_set_bytes(query, 3, half, sizeof half);
    int row = ear_db_ask_int(query, &len);
    if (row <= 0)
        return row;
    return len > EAR_MESSAGE_MARK_BYTES ? -ECANCELED : -EALREADY;
}

static bool same_head(const struct ear_message *a, const struct ear_message *b)
{
    return a->serial == b->serial && a->kind == b->kind && a->size == b->size &&
           memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

/* Before the next later one of the same sender, which may have come first; else behind all. */
static int place_of(struct ear_store *store, const struct ear_message *head, int64_t *ret)
{
    static const char sql[] = "SELECT place FROM messages WHERE person = ?1 AND direction = 1"
                              " AND serial > ?2 ORDER BY serial LIMIT 1";
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, head->person);
    ear_db_set_int(query, 2, (int64_t)head->serial);
    int row = ear_db_ask_int(query, ret);
    return row > 0 ? 0 : row < 0 ? row : ear_message_last_place(store, head->person, ret);
}

/* Returns 0, -EINVAL, -EMSGSIZE. */
static int check_head(const struct ear_message *head)
{
    uint64_t most =
        ear_message_is_text(head->kind) ? EAR_MESSAGE_TEXT_SIZE_MAX : EAR_MESSAGE_SIZE_MAX;
    if (!ear_message_good_head(head->kind, head->name) || head->serial == 0 ||
        head->serial > INT64_MAX)
        return -EINVAL;
    return head->size > most ? -EMSGSIZE : 0;
}

/* As it stands now: known already, or new and COMING. */
static int take_head(struct ear_store *store, const struct ear_message *head,
                     struct ear_message *ret)
{
    struct ear_message m;
    int64_t place = 0;
    int err = was_deleted(store, head);
    if (err)
        return err;
    err = ear_messages_find(store, head->person, EAR_MESSAGE_IN, head->mark, ret);
    if (err != -ENOENT)
        return err ? err : same_head(ret, head) ? 0 : -EEXIST;
    m = (struct ear_message){
        .serial = head->serial,
        .person = head->person,
        .direction = EAR_MESSAGE_IN,
        .kind = head->kind,
        .state = EAR_MESSAGE_COMING,
        .written_s = head->written_s,
        .size = head->size,
        .duration_ms = head->duration_ms,
    };
    memcpy(m.mark, head->mark, sizeof m.mark);
    memcpy(m.hash, head->hash, sizeof m.hash);
    memcpy(m.name, head->name, strlen(head->name));
    err = place_of(store, &m, &place);
    if (!err)
        err = ear_message_insert(store, &m, place);
    if (!err)
        *ret = m;
    return err;
}

int ear_messages_begin_incoming(struct ear_store *store, const struct ear_message *head,
                                struct ear_message *ret)
{
    struct ear_message m;
    int err = check_head(head);
    if (!err)
        err = ear_store_begin(store);
    if (err)
        return err;
    err = ear_store_end(store, take_head(store, head, &m));
    if (!err)
        *ret = m;
    return err;
}

/* What came is not what was said: it begins anew. Returns why, when that is on disk. */
static int begin_anew(struct ear_store *store, struct ear_message *m, int why)
{
    m->have = 0;
    m->text[0] = '\0';
    int err = ear_message_drop_chunks(store, m->id);
    if (!err)
        err = ear_message_update(store, m);
    err = ear_store_end(store, err);
    return err ? err : why;
}

int ear_messages_finish_incoming(struct ear_store *store, int64_t id)
{
    uint8_t hash[EAR_MESSAGE_HASH_BYTES];
    struct ear_message m;
    int err = ear_store_begin(store);
    if (err)
        return err;
    err = ear_messages_with_id(store, id, &m);
    if (err || m.state != EAR_MESSAGE_COMING) {
        bool here = !err && (m.state == EAR_MESSAGE_UNSEEN || m.state == EAR_MESSAGE_SEEN) &&
                    m.direction == EAR_MESSAGE_IN;
        return ear_store_end(store, err || here ? err : -EPERM);
    }
    if (m.have < m.size)
        return ear_store_end(store, -ENODATA);
    err = ear_message_settle(store, &m, hash);
    if (!err && memcmp(hash, m.hash, sizeof hash) != 0)
        err = -EBADMSG;
    if (err == -EBADMSG || err == -EILSEQ)
        return begin_anew(store, &m, err);
    m.state = EAR_MESSAGE_UNSEEN;
    if (!err)
        err = ear_message_update(store, &m);
    return ear_store_end(store, err);
}

/* Returns 0, -EINVAL, -EILSEQ, -EBADMSG. */
static int check_whole(const struct ear_message *head, const void *body, size_t len)
{
    uint8_t hash[EAR_MESSAGE_HASH_BYTES];
    const struct ear_bytes piece = {body, len};
    if (head->size != len)
        return -EINVAL;
    ear_sodium_hash(hash, sizeof hash, NULL, 0, &piece, 1);
    if (memcmp(hash, head->hash, sizeof hash) != 0)
        return -EBADMSG;
    return ear_message_is_text(head->kind) && !ear_message_good_text(body, len) ? -EILSEQ : 0;
}

int ear_messages_receive(struct ear_store *store, const struct ear_message *head, const void *body,
                         size_t len, int64_t *ret_id)
{
    struct ear_message m = {0};
    int err = check_head(head);
    if (!err)
        err = check_whole(head, body, len);
    if (!err)
        err = ear_store_begin(store);
    if (err)
        return err;
    err = take_head(store, head, &m);
    if (!err && m.state == EAR_MESSAGE_COMING) {
        err = ear_message_drop_chunks(store, m.id);
        m.state = EAR_MESSAGE_UNSEEN;
        m.have = len;
        if (!err && !ear_message_take_text(&m, body, len))
            err = ear_message_put_chunks(store, m.id, body, len);
        if (!err)
            err = ear_message_update(store, &m);
    }
    err = ear_store_end(store, err);
    if (!err)
        *ret_id = m.id;
    return err;
}
