/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody who can be called, as the screen shows them. */
#ifndef EARSHOT_PERSON_H
#define EARSHOT_PERSON_H

#include <glib-object.h>

G_BEGIN_DECLS

/* Properties (read only for others than the profile, notify):
 *   number     uint     names the person; 0 is the Echo test
 *   name       string   what the user calls them; for the Echo test its translated name
 *   echo       boolean  the built-in Echo test
 *   verified   boolean  the safety numbers were compared
 *   blocked    boolean
 *   pending    boolean  invited, has not come yet: cannot be called
 *   last-call  GDateTime, NULL: never
 *   calls      uint     how many there were: who is used most stands first
 *   awaited    boolean  "tell me when they are there" waits for them
 *   there      boolean  they were there when asked last
 *   unseen     uint     messages of theirs that nobody has read or heard here */
#define EARSHOT_TYPE_PERSON (earshot_person_get_type())
G_DECLARE_FINAL_TYPE(EarshotPerson, earshot_person, EARSHOT, PERSON, GObject)

guint earshot_person_get_number(EarshotPerson *person);
const char *earshot_person_get_name(EarshotPerson *person);
gboolean earshot_person_is_echo(EarshotPerson *person);
gboolean earshot_person_is_verified(EarshotPerson *person);
gboolean earshot_person_is_blocked(EarshotPerson *person);
gboolean earshot_person_is_pending(EarshotPerson *person);
GDateTime *earshot_person_get_last_call(EarshotPerson *person);

G_END_DECLS

#endif
