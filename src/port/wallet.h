/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desktop's keyring (Secret Service): one secret for each place. */
#ifndef EAR_WALLET_H
#define EAR_WALLET_H

#include "base/ear.h"

/* thread: worker. Each returns within wait_ms, whatever the keyring does; a keyring that is locked
 * asks its user meanwhile. place: names the secret (the profile's folder); the keyring tells it,
 * and the secret, to every program of this desktop session that asks. All return 0, -EHOSTUNREACH
 * where no keyring answers, -ETIMEDOUT, -EACCES where its user declines, -ENOSYS in a program that
 * was built without it. */

bool ear_wallet_available(void);
EAR_CHECK int ear_wallet_keep(const char *place, const uint8_t *secret, size_t len, int wait_ms);
/* Also -ENOENT, -EBADMSG for one of another length. */
EAR_CHECK int ear_wallet_look_up(const char *place, uint8_t *ret, size_t len, int wait_ms);
/* One that is not there is right. */
EAR_CHECK int ear_wallet_remove(const char *place, int wait_ms);

#endif
