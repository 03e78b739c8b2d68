/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks for a passphrase: one that is there, or a new one twice. */
#ifndef EARSHOT_PASSPHRASE_DIALOG_H
#define EARSHOT_PASSPHRASE_DIALOG_H

#include <adwaita.h>

G_BEGIN_DECLS

/* Shorter ones are guessed within days by who has the disk. */
#define EARSHOT_PASSPHRASE_LEAST 10

/* Signal "given" (string): the passphrase; the dialog is closed by then. */
#define EARSHOT_TYPE_PASSPHRASE_DIALOG (earshot_passphrase_dialog_get_type())
G_DECLARE_FINAL_TYPE(EarshotPassphraseDialog, earshot_passphrase_dialog, EARSHOT, PASSPHRASE_DIALOG,
                     AdwWindow)

/* words: what it is for, and what is lost with it. twice: a new one, which is typed two times. */
GtkWindow *earshot_passphrase_dialog_new(GtkWindow *parent, const char *title, const char *words,
                                         const char *button, gboolean twice);

G_END_DECLS

#endif
