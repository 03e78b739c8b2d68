/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those settings that name or say something: a text that the screen reads and writes. */
#ifndef EAR_SETTINGS_H
#define EAR_SETTINGS_H

#include "store/store.h"

/* thread: the store's. New memory with a final 0 behind len bytes, to be given back to
 * ear_home_forget. Returns 0, -ENOENT when there are none yet, -ENOKEY while locked, -errno. */
EAR_CHECK int ear_settings_load(struct ear_store *store, char **ret, size_t *ret_len);
/* On the disk before the return. Returns 0, -ENOKEY, -errno. */
EAR_CHECK int ear_settings_save(struct ear_store *store, const char *text, size_t len);

#endif
