/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a message is written: Enter is "activate", Shift and Enter a new line; it grows by a few
 * lines, and scrolls then. */
#ifndef EARSHOT_MESSAGE_ENTRY_H
#define EARSHOT_MESSAGE_ENTRY_H

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "changed", "activate". */
#define EARSHOT_TYPE_MESSAGE_ENTRY (earshot_message_entry_get_type())
G_DECLARE_FINAL_TYPE(EarshotMessageEntry, earshot_message_entry, EARSHOT, MESSAGE_ENTRY, AdwBin)

char *earshot_message_entry_dup_text(EarshotMessageEntry *entry);
/* What was there cannot be undone to. */
void earshot_message_entry_set_text(EarshotMessageEntry *entry, const char *text);

G_END_DECLS

#endif
