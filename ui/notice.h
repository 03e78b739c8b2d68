/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices on the desktop, where somebody shows them. */
#ifndef EARSHOT_NOTICE_H
#define EARSHOT_NOTICE_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* id: static. Takes note. is_over(application), or NULL: it is not to be shown any more. */
void earshot_notice_send(GApplication *application, const char *id, GNotification *note,
                         gboolean (*is_over)(gpointer application));

G_END_DECLS

#endif
