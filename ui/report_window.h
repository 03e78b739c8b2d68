/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The support report: shown first, then saved where the user says. */
#ifndef EARSHOT_REPORT_WINDOW_H
#define EARSHOT_REPORT_WINDOW_H

#include <adwaita.h>

G_BEGIN_DECLS

#define EARSHOT_TYPE_REPORT_WINDOW (earshot_report_window_get_type())
G_DECLARE_FINAL_TYPE(EarshotReportWindow, earshot_report_window, EARSHOT, REPORT_WINDOW, AdwWindow)

/* parent may be NULL. */
GtkWidget *earshot_report_window_new(GtkWindow *parent, const char *report);

G_END_DECLS

#endif
