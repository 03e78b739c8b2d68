/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Will a talk work now, and what will it cost? Asked of one person's line at a time. */
#ifndef EARSHOT_LINE_CHECK_H
#define EARSHOT_LINE_CHECK_H

#include "bridge/call.h"

G_BEGIN_DECLS

/* Properties (read only, notify):
 *   person     EarshotPerson or NULL: whose line was or is looked at
 *   running    boolean
 *   progress   double        0 to 1, of the ten seconds that it takes at most
 *   light      EarshotLight  GOOD talk, LATE take turns, GONE leave a message; OFF nothing is known
 *   sentence   string        one translated sentence; "" none
 *   details    string        what a talk will cost, how late sound comes, when that was; "" none */
#define EARSHOT_TYPE_LINE_CHECK (earshot_line_check_get_type())
G_DECLARE_FINAL_TYPE(EarshotLineCheck, earshot_line_check, EARSHOT, LINE_CHECK, GObject)

/* In place of the one before. Nothing rings, and no call is disturbed: not while there is one. */
void earshot_line_check_start(EarshotLineCheck *check, EarshotPerson *person);
void earshot_line_check_stop(EarshotLineCheck *check);
gboolean earshot_line_check_is_running(EarshotLineCheck *check);
EarshotPerson *earshot_line_check_get_person(EarshotLineCheck *check); /* borrowed or NULL */

G_END_DECLS

#endif
