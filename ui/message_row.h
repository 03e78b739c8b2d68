/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message of a conversation: what was written, said or sent, and what became of it. */
#ifndef EARSHOT_MESSAGE_ROW_H
#define EARSHOT_MESSAGE_ROW_H

#include <gtk/gtk.h>

#include "bridge/mail.h"
#include "bridge/voice.h"

G_BEGIN_DECLS

/* Signals: "save", "retry", "delete": that was pressed. Voice messages are played by the row. */
#define EARSHOT_TYPE_MESSAGE_ROW (earshot_message_row_get_type())
G_DECLARE_FINAL_TYPE(EarshotMessageRow, earshot_message_row, EARSHOT, MESSAGE_ROW, GtkListBoxRow)

/* name: of the person, for what they wrote. */
GtkWidget *earshot_message_row_new(EarshotMessage *message, const char *name, EarshotMail *mail,
                                   EarshotVoice *voice);
EarshotMessage *earshot_message_row_get_message(EarshotMessageRow *row);

G_END_DECLS

#endif
