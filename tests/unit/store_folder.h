/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of a test's profile folder. */
#ifndef EAR_TEST_STORE_FOLDER_H
#define EAR_TEST_STORE_FOLDER_H

#include "folder.h"
#include "store/inside.h"

static inline int store_try(struct ear_store **ret, const char *path, char *sentence)
{
    struct ear_home *home = folder_open(path);
    int err = ear_store_open(ret, home, NULL, sentence, 600);
    if (err)
        ear_home_close(home);
    return err;
}

static inline struct ear_store *store_at(const char *path)
{
    char sentence[600] = "";
    struct ear_store *store = NULL;
    if (store_try(&store, path, sentence) != 0)
        fail_msg("%s", sentence);
    return store;
}

/* With its home. */
static inline void store_shut(struct ear_store *store)
{
    struct ear_home *home = ear_store_home(store);
    ear_store_close(store);
    ear_home_close(home);
}

/* A row of other content, sealed as it should be. */
static inline void store_write(struct ear_store *store, enum ear_table table, int64_t row,
                               const void *body, size_t len)
{
    assert_int_equal(ear_store_begin(store), 0);
    assert_int_equal(ear_store_end(store, ear_rows_put(store, table, row, body, len)), 0);
}

#endif
