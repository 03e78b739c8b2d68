/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delay, loss and rate of the last minutes, as three small curves over one time. */
#ifndef EARSHOT_LINK_GRAPH_H
#define EARSHOT_LINK_GRAPH_H

#include <adwaita.h>

#include "bridge/call.h"

G_BEGIN_DECLS

/* Properties: call (EarshotCall or NULL, read-write), summary (string, read only: what the curves
 * show, in words; screen readers have it as description). */
#define EARSHOT_TYPE_LINK_GRAPH (earshot_link_graph_get_type())
G_DECLARE_FINAL_TYPE(EarshotLinkGraph, earshot_link_graph, EARSHOT, LINK_GRAPH, GtkWidget)

GtkWidget *earshot_link_graph_new(void);
void earshot_link_graph_set_call(EarshotLinkGraph *self, EarshotCall *call);

G_END_DECLS

#endif
