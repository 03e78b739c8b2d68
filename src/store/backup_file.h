/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form of a backup file: pieces sealed one after the other under a passphrase. */
#ifndef EAR_BACKUP_FILE_H
#define EAR_BACKUP_FILE_H

#include "port/sodium.h"

#define EAR_BACKUP_PIECE 65536

/* "EARB", version (1), salt (16), passes (4), memory in kB (4); then the pieces: whether it is the
 * last (1), length (4), ChaCha20-Poly1305 under Argon2id's key with the piece's number as nonce and
 * all of the above as associated data. */
struct ear_backup_file;

/* A new file (0600) beside the path, "PATH.new" until it is finished. Returns 0, -EEXIST unless
 * replace, -errno. */
EAR_CHECK int ear_backup_file_make(struct ear_backup_file **ret, const char *path,
                                   const char *passphrase, bool replace,
                                   const struct ear_chance *chance);
/* Returns 0, -EBADMSG for no backup, -ENOTSUP for a newer one, -errno. */
EAR_CHECK int ear_backup_file_open(struct ear_backup_file **ret, const char *path,
                                   const char *passphrase);
EAR_CHECK int ear_backup_file_write(struct ear_backup_file *file, const void *data, size_t len);
/* The last piece, on the disk, under its name. Returns 0 or -errno. */
EAR_CHECK int ear_backup_file_finish(struct ear_backup_file *file);
/* Returns how many bytes, 0 behind the last; -EACCES where the first piece does not open, -EBADMSG
 * where a later one does not or is missing. */
EAR_CHECK int64_t ear_backup_file_read(struct ear_backup_file *file, void *out, size_t cap);
/* Wipes, and removes a file that is not finished. NULL is allowed. */
void ear_backup_file_free(struct ear_backup_file *file);

/* All of it to a descriptor. Returns 0 or -errno. */
EAR_CHECK int ear_backup_write_all(int fd, const uint8_t *data, size_t len);

#endif
