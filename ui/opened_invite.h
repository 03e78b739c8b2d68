/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An invite that was opened in the file manager, or as a link. */
#ifndef EARSHOT_OPENED_INVITE_H
#define EARSHOT_OPENED_INVITE_H

#include "window.h"

/* Takes it into the station's profile and says in the window (NULL: nowhere) what became of it. */
void earshot_opened_invite_take(GFile *file, EarshotStation *station, EarshotWindow *window);

#endif
