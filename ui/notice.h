/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices on the desktop, where somebody shows them. */
#ifndef EARSHOT_NOTICE_H
#define EARSHOT_NOTICE_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* Pressed, it brings the window. id: static. Takes note. is_over(application), or NULL: it is not
 * to be shown any more. */
void earshot_notice_send(GApplication *application, const char *id, GNotification *note,
                         gboolean (*is_over)(gpointer application));
/* In place of the one before; an urgent one stays. body: or NULL. Neither may have a name or words
 * of a message: whoever passes by the screen reads them. */
void earshot_notice_message(GApplication *application, const char *title, const char *body,
                            gboolean urgent);
void earshot_notice_withdraw_urgent(GApplication *application);

G_END_DECLS

#endif
