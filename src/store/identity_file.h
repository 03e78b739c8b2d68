/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and name in the files of earlier versions: for move.c alone. */
#ifndef EAR_IDENTITY_FILE_H
#define EAR_IDENTITY_FILE_H

#include "store/identity.h"

/* In the store's transaction. On failure error holds one sentence. Returns 0, -errno as
 * ear_home_load. */
EAR_CHECK int ear_identity_move_keys(struct ear_store *store, char *error, size_t error_bytes);
EAR_CHECK int ear_identity_move_name(struct ear_store *store, char *error, size_t error_bytes);

#endif
