/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How people lie in memory: for people.c, people_import.c, people_file.c and move.c alone. */
#ifndef EAR_PEOPLE_TABLE_H
#define EAR_PEOPLE_TABLE_H

#include "store/people.h"

/* Not grown: no copy of a secret stays behind in memory that was given back. */
struct ear_people {
    uint32_t next_number;
    uint32_t count;
    struct ear_person persons[EAR_PEOPLE_MAX];
};

struct ear_person *ear_people_find(struct ear_people *people, const char *name);
/* As above, with a sentence for nobody. */
struct ear_person *ear_people_want(struct ear_people *people, const char *name, char *error,
                                   size_t error_bytes);
struct ear_person *ear_people_find_number(struct ear_people *people, uint32_t number);
struct ear_person *ear_people_find_key(struct ear_people *people,
                                       const uint8_t key[static EAR_KEY_BYTES]);
/* A new one with this name, which is checked already; NULL with a sentence when all are taken. */
struct ear_person *ear_people_add(struct ear_people *people, const char *name, char *error,
                                  size_t error_bytes);
/* Of an earlier version; nobody where there is no file. On failure error holds one sentence. */
EAR_CHECK int ear_people_load_file(struct ear_people **ret, struct ear_home *home, char *error,
                                   size_t error_bytes);
/* ear_people_save inside of a transaction. */
EAR_CHECK int ear_people_put(const struct ear_people *people, struct ear_store *store);
void ear_people_drop(struct ear_people *people, struct ear_person *person);

#endif
