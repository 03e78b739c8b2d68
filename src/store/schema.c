/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the store, version by version: what was released never changes, it is added to. */
#include <errno.h>
#include <stdio.h>

#include "base/ear.h"
#include "store/inside.h"

/* States and directions by the numbers of store/messages.h: they are on disk and stay. */
static const char *const steps[EAR_STORE_VERSION] = {
    /* 1: people, calls, messages. */
    "CREATE TABLE things(row INTEGER PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE people(row INTEGER PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE calls(row INTEGER PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE messages("
    " row INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, body BLOB NOT NULL,"
    " mark BLOB NOT NULL, person INTEGER NOT NULL, direction INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, reason INTEGER NOT NULL DEFAULT 0,"
    " told INTEGER NOT NULL DEFAULT 0, serial INTEGER NOT NULL, place INTEGER NOT NULL,"
    " size INTEGER NOT NULL, have INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX messages_mark ON messages(person, direction, mark);"
    "CREATE INDEX messages_place ON messages(person, place, serial);"
    "CREATE INDEX messages_serial ON messages(person, direction, serial);"
    "CREATE INDEX messages_totals ON messages(person, direction, state, size, have);"
    "CREATE INDEX messages_moving ON messages(person, serial)"
    " WHERE direction = 0 AND state IN (1, 2);"
    "CREATE INDEX messages_unseen ON messages(person) WHERE direction = 1 AND state = 5;"
    "CREATE INDEX messages_untold ON messages(person, serial)"
    " WHERE direction = 1 AND state = 6 AND told = 0;"
    "CREATE INDEX messages_recording ON messages(row) WHERE state = 0;"
    "CREATE TABLE chunks(row INTEGER PRIMARY KEY,"
    " message INTEGER NOT NULL REFERENCES messages(row) ON DELETE CASCADE,"
    " at INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE(message, at));"
    "CREATE TABLE gone(person INTEGER NOT NULL, mark BLOB NOT NULL,"
    " PRIMARY KEY(person, mark)) WITHOUT ROWID;"
    "CREATE TABLE serials(person INTEGER PRIMARY KEY, last INTEGER NOT NULL);",
    /* 2: notes. */
    "CREATE TABLE notes(row INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL,"
    " body BLOB NOT NULL, person INTEGER NOT NULL, call INTEGER NOT NULL);"
    "CREATE INDEX notes_person ON notes(person);"
    "CREATE INDEX notes_call ON notes(call);",
};

static int take_step(struct ear_db *db, int to)
{
    char done[64];
    snprintf(done, sizeof done, "PRAGMA user_version=%d", to);
    int err = ear_db_begin(db);
    if (err)
        return err;
    err = ear_db_run(db, steps[to - 1]);
    if (!err)
        err = ear_db_run(db, done);
    return ear_db_end(db, err);
}

int ear_store_bring(struct ear_db *db, int version)
{
    int at = 0;
    int err = ear_db_version(db, &at);
    if (!err && at > version)
        err = -ENOTSUP;
    while (!err && at < version)
        err = take_step(db, ++at);
    return err;
}
