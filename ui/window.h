/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: puts the pages together, shows the one that the call asks for. */
#ifndef EARSHOT_WINDOW_H
#define EARSHOT_WINDOW_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

/* Actions on the window, for buttons and menus:
 *   win.call (u)        dials a person by number
 *   win.person (u)      shows a person
 *   win.messages (u)    the conversation with a person; 0: with somebody who wrote
 *   win.leave-message (u)  the same, and records a voice message
 *   win.home            back to the first page, and closes what is open above it
 *   win.lock            nothing is shown until the passphrase was given
 *   win.history, win.search, win.add-person, win.urgent, win.preferences, win.switch-profile,
 * win.help call.answer, call.hang-up, call.dismiss, call.hide, call.louder, call.quieter call.mute
 *   call.steadier, call.turn, call.take-turns
 *   call.skip, call.play-missed, call.stop-missed, call.later */
#define EARSHOT_TYPE_WINDOW (earshot_window_get_type())
G_DECLARE_FINAL_TYPE(EarshotWindow, earshot_window, EARSHOT, WINDOW, AdwApplicationWindow)

EarshotWindow *earshot_window_new(AdwApplication *application, EarshotStation *station);
/* A sentence at the bottom for a few seconds; said to screen readers. */
void earshot_window_say(EarshotWindow *window, const char *sentence);
/* The same with a button: undo(ctx) when it is pressed, else settle(ctx) when it is gone. */
void earshot_window_say_with_undo(EarshotWindow *window, const char *sentence,
                                  void (*undo)(gpointer ctx), void (*settle)(gpointer ctx),
                                  gpointer ctx, GDestroyNotify free_ctx);
EarshotCall *earshot_window_get_call(EarshotWindow *window);
EarshotStation *earshot_window_get_station(EarshotWindow *window);
/* The window a widget is in. */
EarshotWindow *earshot_window_of(GtkWidget *widget);

G_END_DECLS

#endif
