/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user notes of a call or a person. */
#ifndef EARSHOT_NOTES_H
#define EARSHOT_NOTES_H

#include "bridge/mail.h"

G_BEGIN_DECLS

#define EARSHOT_NOTE_BYTES_MAX 65536

/* Properties (read only): id (int64), person (uint), call (uint64: of the history; 0: of none),
 * when (GDateTime: written last), text (string). */
#define EARSHOT_TYPE_NOTE (earshot_note_get_type())
G_DECLARE_FINAL_TYPE(EarshotNote, earshot_note, EARSHOT, NOTE, GObject)

gint64 earshot_note_get_id(EarshotNote *note);
guint earshot_note_get_person(EarshotNote *note);
guint64 earshot_note_get_call(EarshotNote *note);
const char *earshot_note_get_text(EarshotNote *note);
GDateTime *earshot_note_get_when(EarshotNote *note); /* borrowed */

/* Those of a person, or (0) those of everybody that hold the words; the newest first, at most 100.
 * finish: GListModel of EarshotNote. */
void earshot_notes_list_async(EarshotMail *mail, guint person, const char *words,
                              GAsyncReadyCallback callback, gpointer data);
GListModel *earshot_notes_list_finish(EarshotMail *mail, GAsyncResult *result, GError **error);
/* The one about a call; finish: NULL without an error where there is none. */
void earshot_notes_of_call_async(EarshotMail *mail, guint64 call, GAsyncReadyCallback callback,
                                 gpointer data);
EarshotNote *earshot_notes_of_call_finish(EarshotMail *mail, GAsyncResult *result, GError **error);
/* Writes it anew, or (id 0) a new one; without any text it is deleted. finish: its id, 0 where it
 * is gone, -1 with an error. "notes-changed" of the mail follows. */
void earshot_notes_write_async(EarshotMail *mail, guint person, guint64 call, gint64 id,
                               const char *text, GAsyncReadyCallback callback, gpointer data);
gint64 earshot_notes_write_finish(EarshotMail *mail, GAsyncResult *result, GError **error);

G_END_DECLS

#endif
