/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile's messages: conversations that keep themselves up to date, and what is written. */
#ifndef EARSHOT_MAIL_H
#define EARSHOT_MAIL_H

#include "bridge/message.h"
#include "bridge/profile.h"

G_BEGIN_DECLS

/* Properties (read only, notify): unseen (uint: messages that nobody has read or heard here),
 * urgent-waits (boolean: while locked, somebody has begun to send an urgent one). Signals: "came"
 * (EarshotMessage: a whole one of theirs is here), "urgent" (while locked, once a minute at most as
 * long as it is sent), "unseen-of" (person, count: so many of theirs), "notes-changed" (see
 * bridge/notes.h). */
#define EARSHOT_TYPE_MAIL (earshot_mail_get_type())
G_DECLARE_FINAL_TYPE(EarshotMail, earshot_mail, EARSHOT, MAIL, GObject)

/* Longest text that can be written, bytes of UTF-8. */
#define EARSHOT_MAIL_TEXT_MAX 4000
#define EARSHOT_MAIL_FILE_MAX (G_GUINT64_CONSTANT(64) << 20)

/* The conversation with a person, GListModel of EarshotMessage, the oldest first; empty until it is
 * read. It keeps itself up to date; borrowed. */
GListModel *earshot_mail_get_conversation(EarshotMail *mail, guint person);
/* There is more than the list holds; reads a page of it into the list. */
gboolean earshot_mail_has_older(EarshotMail *mail, guint person);
void earshot_mail_load_older(EarshotMail *mail, guint person);
/* Counts what is unseen of a person: "unseen-of" follows. 0: of everybody, the property. */
void earshot_mail_count(EarshotMail *mail, guint person);

/* What follows takes effect on disk before callback; finish says whether it did, with one sentence
 * if not. */
void earshot_mail_write_async(EarshotMail *mail, guint person, EarshotMessageKind kind,
                              const char *text, GAsyncReadyCallback callback, gpointer data);
/* In danger: place and number to call back, either may be empty; cut to what one packet holds. */
void earshot_mail_write_urgent_async(EarshotMail *mail, guint person, const char *place,
                                     const char *number, GAsyncReadyCallback callback,
                                     gpointer data);
void earshot_mail_send_file_async(EarshotMail *mail, guint person, GFile *file,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer data);
/* The user has read or heard it; deletes it for good; tries one again that failed, or sends what a
 * crash left unfinished; saves a file, or a voice message as Ogg Opus. */
void earshot_mail_see(EarshotMail *mail, EarshotMessage *message);
/* Out of the list, until it is shown again or deleted: a deletion can be undone for a moment. */
void earshot_mail_hide(EarshotMail *mail, EarshotMessage *message, gboolean hide);
void earshot_mail_delete_async(EarshotMail *mail, EarshotMessage *message,
                               GAsyncReadyCallback callback, gpointer data);
void earshot_mail_retry_async(EarshotMail *mail, EarshotMessage *message,
                              GAsyncReadyCallback callback, gpointer data);
void earshot_mail_save_async(EarshotMail *mail, EarshotMessage *message, GFile *file,
                             GAsyncReadyCallback callback, gpointer data);
/* How loud a voice message is all along: so many bytes, 0 to 255. */
void earshot_mail_peaks_async(EarshotMail *mail, EarshotMessage *message, guint count,
                              GAsyncReadyCallback callback, gpointer data);
GBytes *earshot_mail_peaks_finish(EarshotMail *mail, GAsyncResult *result, GError **error);
/* For what has no finish of its own. */
gboolean earshot_mail_done(EarshotMail *mail, GAsyncResult *result, GError **error);

/* Messages whose text or name holds the words, the newest first, at most 100. */
void earshot_mail_search_async(EarshotMail *mail, const char *words, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data);
GListModel *earshot_mail_search_finish(EarshotMail *mail, GAsyncResult *result, GError **error);

/* What a message of so many bytes costs on the wire, both directions. */
guint64 earshot_mail_price_bytes(EarshotMessageKind kind, guint64 size, const char *name);
/* Of a voice message, as it is recorded here. */
guint64 earshot_mail_voice_price_bytes(guint seconds);

G_END_DECLS

#endif
