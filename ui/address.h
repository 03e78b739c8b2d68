/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HOST:PORT as people type it. Pure. */
#ifndef EARSHOT_ADDRESS_H
#define EARSHOT_ADDRESS_H

#include <glib.h>

G_BEGIN_DECLS

/* What is wrong with it, one translated sentence, or NULL. */
const char *earshot_address_problem(const char *text);

G_END_DECLS

#endif
