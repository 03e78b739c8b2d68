/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a message lies in the database: for the files messages*.c alone. */
#ifndef EAR_MESSAGES_ROW_H
#define EAR_MESSAGES_ROW_H

#include "store/inside.h"
#include "store/messages.h"

/* A SELECT of these, in this order, is read by ear_message_read. */
#define EAR_MESSAGE_COLUMNS                                                                        \
    "row, version, body, mark, person, direction, kind, state, reason, told, serial, size, have"
/* Longer texts are refused: they are read as a whole. */
#define EAR_MESSAGE_TEXT_SIZE_MAX 65536

/* The row that the query stands on. Returns 0, -EBADMSG. */
EAR_CHECK int ear_message_read(struct ear_store *store, struct ear_db_query *query,
                               struct ear_message *ret);
/* All rows of a query, as far as cap goes. Returns how many, -errno. */
EAR_CHECK int ear_message_read_all(struct ear_store *store, struct ear_db_query *query,
                                   struct ear_message *out, size_t cap);
/* The one row of a query. Returns 0, -ENOENT, -errno. */
EAR_CHECK int ear_message_read_one(struct ear_store *store, struct ear_db_query *query,
                                   struct ear_message *ret);

/* All below: inside of a transaction. */

/* Gives it an id; place: its order in the conversation. */
EAR_CHECK int ear_message_insert(struct ear_store *store, struct ear_message *message,
                                 int64_t place);
/* The sealed part and size, have, state, serial anew. */
EAR_CHECK int ear_message_update(struct ear_store *store, const struct ear_message *message);
/* Behind all others. Returns 0, -errno. */
EAR_CHECK int ear_message_last_place(struct ear_store *store, uint32_t person, int64_t *ret);

EAR_CHECK int ear_message_put_chunk(struct ear_store *store, int64_t id, uint64_t at,
                                    const void *data, size_t len);
EAR_CHECK int ear_message_drop_chunks(struct ear_store *store, int64_t id);
/* A short text lies in its message, which is yet to be written; false for every other body. */
bool ear_message_take_text(struct ear_message *message, const void *body, size_t len);
EAR_CHECK int ear_message_put_chunks(struct ear_store *store, int64_t id, const void *body,
                                     size_t len);
/* A finished one: its hash over what is on disk. A short text moves into the message, so that one
 * row tells all of it; a text that is none is refused with -EILSEQ. Nothing is written yet but the
 * chunks that are needed no more. */
EAR_CHECK int ear_message_settle(struct ear_store *store, struct ear_message *message,
                                 uint8_t ret_hash[static EAR_MESSAGE_HASH_BYTES]);

bool ear_message_is_text(uint8_t kind);
/* Whether it may be shown: UTF-8 without control characters other than line ends and tabs. */
bool ear_message_good_text(const void *text, size_t len);
/* Whether kind and name fit each other and the name is one of a file alone. */
bool ear_message_good_head(uint8_t kind, const char *name);

#endif
