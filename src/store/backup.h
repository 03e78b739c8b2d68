/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile in one sealed file, and back. */
#ifndef EAR_BACKUP_H
#define EAR_BACKUP_H

#include "store/store.h"

/* thread: worker; all wait for the disk, and make and restore for Argon2id as well. On failure
 * error holds one sentence and the profile is as it was. */

/* Keys, name, people, calls, notes, messages and settings as of now, in a new file (0600) that
 * nobody reads without this passphrase, whether the profile has one or not. A file that is there
 * already is only replaced if replace, by the whole new one at its end. Returns 0, -EEXIST, -ENOKEY
 * while locked, -EINVAL (passphrase), -errno. */
EAR_CHECK int ear_backup_make(struct ear_store *store, const char *path, const char *passphrase,
                              bool replace, char *error, size_t error_bytes);

/* Puts a backup in place of the folder's store, which is not open. What is there already, damaged
 * or not, is only replaced if replace, and stays in the folder under another name (store-1.db,
 * vault-1). A profile that had a passphrase has the backup's from now on. What the power interrupts
 * the next opening completes. Returns 0, -EACCES for a wrong passphrase (or a file that was
 * altered), -EBADMSG when it is no backup or not whole, -ENOTSUP when from a newer Earshot,
 * -EEXIST, -errno. */
EAR_CHECK int ear_backup_restore(struct ear_home *home, const char *path, const char *passphrase,
                                 bool replace, char *error, size_t error_bytes);

/* Gives a damaged store (not open) and its key other names (store-1.db, vault-1): the next opening
 * begins anew. Interrupted, it is done again. Returns 0, -errno. */
EAR_CHECK int ear_backup_lay_aside(struct ear_home *home, char *error, size_t error_bytes);

/* Completes what was interrupted, clears up after what failed; for ear_store_open. Returns 0,
 * -errno. */
EAR_CHECK int ear_backup_complete(struct ear_home *home);

#endif
