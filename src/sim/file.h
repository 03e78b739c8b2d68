/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a small file whole. */
#ifndef EAR_FILE_H
#define EAR_FILE_H

#include "base/ear.h"

/* *ret is owned by the caller, freed with free(); it holds no closing zero. Returns 0, -errno;
 * -EFBIG when longer than most bytes, -EINVAL for what is no regular file. May block: thread: main.
 */
EAR_CHECK int ear_file_read(const char *path, size_t most, char **ret, size_t *ret_len);

#endif
