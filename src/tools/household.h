/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile opened by a subcommand: its folder, identity and people. */
#ifndef EAR_HOUSEHOLD_H
#define EAR_HOUSEHOLD_H

#include "store/people.h"

/* One sentence for a person. */
#define EAR_SENTENCE_BYTES 600

/* thread: main. */
struct ear_household {
    struct ear_home *home;
    struct ear_store *store;
    struct ear_identity identity;
    bool made; /* the identity, just now */
    struct ear_people *people;
};

/* Complains in one line where that fails. path NULL: complains that --profile is missing.
 * Returns 0 or -errno. */
EAR_CHECK int ear_household_open(struct ear_household *ret, const char *path);
/* The folder and its people alone: the identity is to be replaced. As above. */
EAR_CHECK int ear_household_open_people(struct ear_household *ret, const char *path);
/* Saves the people; complains in one line. Returns 0 or -errno. */
EAR_CHECK int ear_household_save(struct ear_household *household);
/* Wipes. */
void ear_household_close(struct ear_household *household);

/* Asks on the terminal; whether the answer was yes. */
bool ear_ask(const char *question);
/* getopt's '?' and ':' as one sentence. */
void ear_complain_option(int letter, char **argv, const char *usage);
/* A file that is not there yet, readable for its owner alone. Returns 0, -EEXIST, -errno. */
EAR_CHECK int ear_write_new_file(const char *path, const uint8_t *data, size_t len);

#endif
