/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a screen breaks a rule, these fail and say where. */
#ifndef EARSHOT_LAYOUT_H
#define EARSHOT_LAYOUT_H

#include <gtk/gtk.h>

/* The smallest screen of the program, pixels: nothing may need more. */
#define LAYOUT_NARROW 360
#define LAYOUT_HIGH 600
void layout_assert_fits(GtkWidget *page, const char *name);
/* Nor may a layout make it hang out at a side; a header bar's shadow does. */
void layout_assert_inside(GtkWidget *widget, GtkWidget *window, const char *name);
/* Alt and a letter means one thing: with two controls that can be pressed it would only go to and
 * fro between them. */
void layout_assert_keys(GtkWidget *window, const char *name);

#endif
