/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for a passphrase. */
#ifndef EAR_PASSPHRASE_H
#define EAR_PASSPHRASE_H

#include "store/vault.h"

#define EAR_PASSPHRASE_BYTES (EAR_PASSPHRASE_BYTES_MAX + 1)

/* Reads one line: from the terminal, where it does not show, or else from standard input, byte by
 * byte, so that the rest is left for others. thread: main. Returns 0, -ENODATA when nothing comes,
 * -EMSGSIZE when it is too long. To be wiped by whoever asked. */
EAR_CHECK int ear_passphrase_ask(const char *question, char ret[static EAR_PASSPHRASE_BYTES]);

/* A new one: twice on a terminal, where nobody sees what was typed. Complains in one line. Returns
 * 0, -EKEYREJECTED when the two differ, and as above. */
EAR_CHECK int ear_passphrase_ask_new(const char *question, char ret[static EAR_PASSPHRASE_BYTES]);

struct ear_store;
/* Asks until it is right, three times at most on a terminal, once else. Complains in one line.
 * Returns 0 also where there is nothing to unlock, -errno. */
EAR_CHECK int ear_passphrase_unlock(struct ear_store *store);

#endif
