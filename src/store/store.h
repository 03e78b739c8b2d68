/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of a profile: one database, sealed row by row, locked or open. */
#ifndef EAR_STORE_H
#define EAR_STORE_H

#include "port/sodium.h"
#include "store/home.h"

/* Everything that names, says or opens something is sealed under a random key (store/vault.h):
 * names, texts, notes, keys, hashes, times of writing. In the clear are what the database sorts by:
 * numbers of people, kinds, states, serials, sizes.
 * Without a passphrase that key lies in the folder (0600) and nothing is ever asked: whoever has
 * the folder can read it. With one, the folder alone is worth nothing, and a forgotten passphrase
 * means that all of it is lost: nobody can help, only a backup whose passphrase is known.
 * A locked store gives no keys: nobody can call or be called, and no message comes in, until the
 * user has unlocked it once after the start. Locking it later closes what is on disk (the window's
 * program closes its handles: ui/bridge/privacy.h); calls go on being answered, since the engine
 * has its keys in memory.
 *
 * thread: whoever opened it, one at a time; another thread takes a handle of its own
 * (ear_store_beside). Every function may wait for the disk. */
struct ear_store;

struct ear_store_config {
    struct ear_chance chance; /* marks, nonces, the key; fill NULL: the system's */
};

/* Opens the database of the folder, makes it where there is none (what earlier versions kept in
 * files of their own moves into it), brings it to this version. Without a passphrase it is open,
 * with one it is locked. An interrupted restore is completed first. home must outlive it.
 * On failure error holds one sentence. Returns 0, -EBADMSG when damaged (it stays as it is;
 * store/backup.h), -ENOTSUP when from a newer Earshot, -ENOKEY when its key file is gone,
 * -errno. */
EAR_CHECK int ear_store_open(struct ear_store **ret, struct ear_home *home,
                             const struct ear_store_config *config, char *error,
                             size_t error_bytes);
/* A second handle on the same database for another thread, open or locked as the first one is now.
 * Neither waits for the other longer than one write takes. Returns 0, -errno. */
EAR_CHECK int ear_store_beside(struct ear_store **ret, const struct ear_store *store);
/* Wipes; NULL is allowed. */
void ear_store_close(struct ear_store *store);
struct ear_home *ear_store_home(const struct ear_store *store);

bool ear_store_has_passphrase(const struct ear_store *store);
bool ear_store_is_locked(const struct ear_store *store);
/* Takes 0.3 to 1 s on purpose: thread: worker. Returns 0, -EACCES for a wrong passphrase (one
 * sentence in error), -errno. */
EAR_CHECK int ear_store_unlock(struct ear_store *store, const char *passphrase, char *error,
                               size_t error_bytes);
/* The key itself, for a keyring: who has it needs no passphrase, now or after a change of it.
 * Returns 0, -ENOKEY while locked. */
EAR_CHECK int ear_store_lend_key(const struct ear_store *store, uint8_t ret[static EAR_KEY_BYTES]);
/* Returns 0, -EACCES where it is another store's (it stays locked), -errno. */
EAR_CHECK int ear_store_unlock_with(struct ear_store *store,
                                    const uint8_t key[static EAR_KEY_BYTES], char *error,
                                    size_t error_bytes);
/* Forgets the key of this handle; those beside are locked each for itself. Nothing to do without a
 * passphrase: returns -ENOENT then, else 0. */
int ear_store_lock(struct ear_store *store);
/* A new passphrase, or none with NULL; the store must be open. What lay in the old key file is
 * overwritten; handles beside know nothing of it and are opened anew. As long as ear_store_unlock.
 * Returns 0, -ENOKEY while locked, -EINVAL for one that is empty or longer than 1,000 bytes,
 * -errno. */
EAR_CHECK int ear_store_set_passphrase(struct ear_store *store, const char *passphrase, char *error,
                                       size_t error_bytes);

/* Reads every page; on a connection of its own, so any thread may do it beside. Returns 0, -EBADMSG
 * and one sentence when damaged, -errno. */
EAR_CHECK int ear_store_check(const struct ear_home *home, char *error, size_t error_bytes);

#endif
