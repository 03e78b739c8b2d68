/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Persons and calls in words: what the rows and pages of people say. */
#ifndef EARSHOT_WORDS_H
#define EARSHOT_WORDS_H

#include "bridge/person.h"
#include "bridge/record.h"

G_BEGIN_DECLS

/* Seen from now, as earshot_format_when. */
char *earshot_words_when(GDateTime *when);
/* The first thing to know about a person, in one line: blocked, invited, last call. */
char *earshot_words_person(EarshotPerson *person);
/* "18:04, 2.7 MB, all heard", or how it ended. */
char *earshot_words_record(EarshotRecord *record);
/* Puts a name into a text with a mnemonic, such as "_Call %s": underlines of the name stay what
 * they are. */
char *earshot_words_mnemonic(const char *format, const char *name) G_GNUC_FORMAT(1);
/* Neither blocked nor only invited. */
gboolean earshot_words_can_call(EarshotPerson *person);

G_END_DECLS

#endif
