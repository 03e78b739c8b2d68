/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notes about one person, newest first, and a way to write one more. */
#ifndef EARSHOT_NOTE_LIST_H
#define EARSHOT_NOTE_LIST_H

#include <adwaita.h>

#include "bridge/notes.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_NOTE_LIST (earshot_note_list_get_type())
G_DECLARE_FINAL_TYPE(EarshotNoteList, earshot_note_list, EARSHOT, NOTE_LIST, AdwPreferencesGroup)

void earshot_note_list_set(EarshotNoteList *self, EarshotMail *mail, guint person);

G_END_DECLS

#endif
