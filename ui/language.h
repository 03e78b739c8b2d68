/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which language the program speaks: the system's, or the one chosen on the first page. */
#ifndef EARSHOT_LANGUAGE_H
#define EARSHOT_LANGUAGE_H

#include <glib.h>

/* Before GTK starts. */
void earshot_language_start(void);
/* From now on, and the next time; "" is the system's. Windows made afterwards speak it. */
void earshot_language_choose(const char *code);
/* The chosen one; "". */
const char *earshot_language_chosen(void);

#endif
