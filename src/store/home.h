/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile folder: one program at a time, files that are old or new but never half. */
#ifndef EAR_HOME_H
#define EAR_HOME_H

#include "base/ear.h"

/* thread: main or worker; every function may wait for the disk. */
struct ear_home;

/* Each file: "EARS", kind (1), version (1), length (4), body, BLAKE2b-128 of all before. */
enum ear_home_file {
    EAR_HOME_IDENTITY, /* this and the next two, and the calls: of versions without a store */
    EAR_HOME_NAME,
    EAR_HOME_PEOPLE,
    EAR_HOME_CLOCK, /* never goes back, so it is in no backup and not in the store */
    EAR_HOME_CALLS,
    EAR_HOME_VAULT,          /* the store's key (store/vault.h) */
    EAR_HOME_VAULT_RESTORED, /* of a backup that is being put back */
};

/* Opens the folder, makes it (mode 0700) where there is none, and locks it for this program.
 * On failure error holds one sentence. Returns 0, -EBUSY while another program has it, -EPERM when
 * it is not ours alone, -errno. */
EAR_CHECK int ear_home_open(struct ear_home **ret, const char *path, char *error,
                            size_t error_bytes);
void ear_home_close(struct ear_home *home);
const char *ear_home_path(const struct ear_home *home);

bool ear_home_has(const struct ear_home *home, enum ear_home_file file);
/* Reads a body into new memory, to be given back to ear_home_forget. On failure error holds one
 * sentence, and the file stays as it is. Returns 0, -ENOENT where there is no such file (no
 * sentence), -EPERM when others may read it, -EBADMSG when damaged, -ENOTSUP when from a newer
 * Earshot, -errno. */
EAR_CHECK int ear_home_load(const struct ear_home *home, enum ear_home_file file, uint8_t **ret,
                            size_t *ret_len, char *error, size_t error_bytes);
/* Wipes and frees; NULL is allowed. */
void ear_home_forget(uint8_t *body, size_t len);
/* The sentence for a body that makes no sense although its checksum is right. Returns -EBADMSG. */
EAR_CHECK int ear_home_complain(const struct ear_home *home, enum ear_home_file file, char *error,
                                size_t error_bytes);
/* Replaces the file (mode 0600) at once: temporary file, fsync, rename, fsync of the folder. What
 * the old one held is overwritten afterwards, as far as the disk does what it is told. On failure
 * error holds one sentence and the old file is whole. Returns 0 or -errno. */
EAR_CHECK int ear_home_save(struct ear_home *home, enum ear_home_file file, const uint8_t *body,
                            size_t len, char *error, size_t error_bytes);

/* Overwrites and removes it; one that is not there is right. Returns 0 or -errno. */
EAR_CHECK int ear_home_remove(struct ear_home *home, enum ear_home_file file);
/* Renames any entry of the folder, with an fsync of the folder. Returns 0 or -errno. */
EAR_CHECK int ear_home_rename(struct ear_home *home, const char *from, const char *to);

#endif
