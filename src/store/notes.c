/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes on disk: in a row's seal form (1), begun (8), changed (8), then the text. */
#include "store/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "store/inside.h"
#include "store/messages_row.h"
#include "store/search.h"

#define FORM 1
#define HEAD_BYTES (1 + 8 + 8)
#define SELECT "SELECT row, version, body, person, call FROM notes "

/* Returns new memory with the text and its final 0, or NULL and why; wiped by whoever asks. */
static char *open_row(struct ear_store *store, struct ear_db_query *query, struct ear_note *ret,
                      int *why)
{
    size_t len;
    const struct ear_seat seat = {EAR_TABLE_NOTES, ear_db_int(query, 0), ear_db_int(query, 1)};
    const uint8_t *sealed = ear_db_bytes(query, 2, &len);
    *why = -EBADMSG;
    if (len < HEAD_BYTES + EAR_VAULT_OVERHEAD)
        return NULL;
    size_t plain = len - EAR_VAULT_OVERHEAD;
    uint8_t *body = malloc(plain + 1);
    if (!body) {
        *why = -ENOMEM;
        return NULL;
    }
    struct ear_reader r = ear_reader_on(body, plain);
    if (ear_vault_open(&store->vault, &seat, sealed, len, body) < 0 || ear_reader_u8(&r) != FORM) {
        ear_home_forget(body, plain);
        return NULL;
    }
    *ret = (struct ear_note){
        .id = seat.row,
        .person = (uint32_t)ear_db_int(query, 3),
        .call = (uint64_t)ear_db_int(query, 4),
        .begun_s = (int64_t)ear_reader_u64(&r),
        .changed_s = (int64_t)ear_reader_u64(&r),
        .len = plain - HEAD_BYTES,
    };
    memmove(body, body + HEAD_BYTES, ret->len);
    body[ret->len] = '\0';
    *why = 0;
    return (char *)body;
}

static void forget(char *text, const struct ear_note *note)
{
    if (text)
        ear_sodium_wipe(text, note->len + HEAD_BYTES);
    free(text);
}

/* The row of this number with its text, or NULL and why. */
static char *open_note(struct ear_store *store, int64_t id, struct ear_note *ret,
                       int64_t *ret_version, int *why)
{
    struct ear_db_query *query = ear_db_query(store->db, SELECT "WHERE row = ?1");
    ear_db_set_int(query, 1, id);
    int row = ear_store_is_locked(store) ? -ENOKEY : ear_db_step(query);
    if (row <= 0) {
        *why = row < 0 ? row : -ENOENT;
        return NULL;
    }
    *ret_version = ear_db_int(query, 1);
    char *text = open_row(store, query, ret, why);
    ear_db_reset(query);
    return text;
}

static int write_row(struct ear_store *store, const struct ear_note *note, int64_t version,
                     const char *text)
{
    size_t plain = HEAD_BYTES + note->len;
    uint8_t *body = malloc(plain), *sealed = malloc(plain + EAR_VAULT_OVERHEAD);
    int err = -ENOMEM;
    if (body && sealed) {
        const struct ear_seat seat = {EAR_TABLE_NOTES, note->id, version};
        struct ear_writer w = ear_writer_on(body, plain);
        ear_writer_u8(&w, FORM);
        ear_writer_u64(&w, (uint64_t)note->begun_s);
        ear_writer_u64(&w, (uint64_t)note->changed_s);
        ear_writer_bytes(&w, (const uint8_t *)text, note->len);
        ear_vault_seal(&store->vault, &seat, body, plain, sealed);
        struct ear_db_query *query = ear_db_query(
            store->db, "UPDATE notes SET version = ?2, body = ?3, person = ?4, call = ?5"
                       " WHERE row = ?1");
        ear_db_set_int(query, 1, note->id);
        ear_db_set_int(query, 2, version);
        ear_db_set_bytes(query, 3, sealed, plain + EAR_VAULT_OVERHEAD);
        ear_db_set_int(query, 4, note->person);
        ear_db_set_int(query, 5, (int64_t)note->call);
        err = ear_db_do(query);
    }
    ear_home_forget(body, body ? plain : 0);
    free(sealed);
    return err;
}

/* A row to write: with id 0 a new one. */
static int make_row(struct ear_store *store, struct ear_note *note, int64_t *ret_version)
{
    if (note->id != 0) {
        struct ear_note old = {0};
        int err = 0;
        forget(open_note(store, note->id, &old, ret_version, &err), &old);
        note->begun_s = old.begun_s;
        return err;
    }
    struct ear_db_query *query =
        ear_db_query(store->db, "INSERT INTO notes(version, body, person, call)"
                                " VALUES(0, x'', 0, 0)");
    int err = ear_db_do(query);
    note->id = ear_db_last_id(store->db);
    *ret_version = 0;
    return err;
}

int ear_notes_write(struct ear_store *store, const struct ear_note *note, const char *text,
                    int64_t *id)
{
    struct ear_note written = *note;
    int64_t version = 0;
    written.id = *id;
    written.len = strlen(text);
    if (written.len > EAR_NOTE_BYTES_MAX)
        return -EMSGSIZE;
    int err = ear_message_good_text(text, written.len) ? ear_store_begin(store) : -EILSEQ;
    if (err)
        return err;
    err = make_row(store, &written, &version);
    if (!err)
        err = write_row(store, &written, version + 1, text);
    err = ear_store_end(store, err);
    if (!err)
        *id = written.id;
    return err;
}

int64_t ear_notes_read(struct ear_store *store, int64_t id, char *out, size_t cap)
{
    struct ear_note note;
    int64_t version;
    int err = 0;
    char *text = open_note(store, id, &note, &version, &err);
    if (!text)
        return err;
    if (note.len < cap)
        memcpy(out, text, note.len + 1);
    else
        err = -ENOBUFS;
    forget(text, &note);
    return err ? err : (int64_t)note.len;
}

/* Those of the rows that hold the words; all with NULL. */
static int collect(struct ear_store *store, struct ear_db_query *query,
                   const struct ear_search *search, struct ear_note *out, size_t cap)
{
    size_t count = 0;
    int row = 0;
    while (count < cap && (row = ear_db_step(query)) > 0) {
        char *text = open_row(store, query, &out[count], &row);
        if (!text)
            break;
        bool found = !search || ear_search_in(search, text, out[count].len);
        forget(text, &out[count]);
        count += found;
    }
    ear_db_reset(query);
    return row < 0 ? row : (int)count;
}

static int list(struct ear_store *store, uint32_t person, int64_t before,
                const struct ear_search *search, struct ear_note *out, size_t cap)
{
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query =
        ear_db_query(store->db, person ? SELECT "WHERE row < ?1 AND person = ?2 ORDER BY row DESC"
                                       : SELECT "WHERE row < ?1 AND ?2 = 0 ORDER BY row DESC");
    ear_db_set_int(query, 1, before ? before : INT64_MAX);
    ear_db_set_int(query, 2, person);
    return collect(store, query, search, out, cap);
}

int ear_notes_of_call(struct ear_store *store, uint64_t call, struct ear_note *ret)
{
    struct ear_note note;
    if (ear_store_is_locked(store))
        return -ENOKEY;
    struct ear_db_query *query = ear_db_query(store->db, SELECT "WHERE call = ?1 AND call > 0");
    ear_db_set_int(query, 1, (int64_t)call);
    int count = collect(store, query, NULL, &note, 1);
    if (count > 0)
        *ret = note;
    return count > 0 ? 0 : count < 0 ? count : -ENOENT;
}

int ear_notes_list(struct ear_store *store, uint32_t person, int64_t before, struct ear_note *out,
                   size_t cap)
{
    return list(store, person, before, NULL, out, cap);
}

int ear_notes_search(struct ear_store *store, uint32_t person, const char *words, int64_t before,
                     struct ear_note *out, size_t cap)
{
    struct ear_search *search = NULL;
    int err = ear_search_new(&search, words);
    if (err)
        return err;
    int count = list(store, person, before, search, out, cap);
    ear_search_free(search);
    return count;
}

static int delete_where(struct ear_store *store, const char *sql, int64_t value, bool must)
{
    int err = ear_store_begin(store);
    if (err)
        return err;
    struct ear_db_query *query = ear_db_query(store->db, sql);
    ear_db_set_int(query, 1, value);
    err = ear_db_do(query);
    if (!err && must && ear_db_changed(store->db) == 0)
        err = -ENOENT;
    err = ear_store_end(store, err);
    if (!err)
        ear_db_empty_log(store->db);
    return err;
}

int ear_notes_delete(struct ear_store *store, int64_t id)
{
    return delete_where(store, "DELETE FROM notes WHERE row = ?1", id, true);
}

int ear_notes_forget_person(struct ear_store *store, uint32_t person)
{
    return delete_where(store, "DELETE FROM notes WHERE person = ?1", person, false);
}
