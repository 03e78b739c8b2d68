/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A note of a call or a person: kept by itself while it is written. */
#ifndef EARSHOT_NOTE_DIALOG_H
#define EARSHOT_NOTE_DIALOG_H

#include <adwaita.h>

#include "bridge/notes.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_NOTE_DIALOG (earshot_note_dialog_get_type())
G_DECLARE_FINAL_TYPE(EarshotNoteDialog, earshot_note_dialog, EARSHOT, NOTE_DIALOG, AdwWindow)

/* The note about a call (0: about none), which is read if there is one. */
GtkWindow *earshot_note_dialog_new(GtkWindow *parent, EarshotMail *mail, guint person,
                                   guint64 call);
/* One that is there. */
GtkWindow *earshot_note_dialog_new_for(GtkWindow *parent, EarshotMail *mail, EarshotNote *note);

G_END_DECLS

#endif
