/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows its child whole where there is room, and scrolls it where there is not. */
#ifndef EARSHOT_SCROLLER_H
#define EARSHOT_SCROLLER_H

#include <adwaita.h>

G_BEGIN_DECLS

/* GTK 4.8's own scrolled window asks for the height that its child has without any wrapped line.
 * Property: child (GtkWidget, read-write). */
#define EARSHOT_TYPE_SCROLLER (earshot_scroller_get_type())
G_DECLARE_FINAL_TYPE(EarshotScroller, earshot_scroller, EARSHOT, SCROLLER, GtkWidget)

G_END_DECLS

#endif
