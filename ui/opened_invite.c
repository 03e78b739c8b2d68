/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nobody is asked here whether to replace keys: the page of a new person does that. */
#include "opened_invite.h"

#include <glib/gi18n.h>

static char *take(GFile *file, EarshotProfile *profile)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *uri = g_file_get_uri(file);
    EarshotPerson *person = g_file_has_uri_scheme(file, "earshot")
                                ? earshot_profile_take_invite(profile, uri, -1, FALSE, &error)
                                : earshot_profile_take_file(profile, file, FALSE, &error);
    if (person)
        /* Translators: %s is a person's name. */
        return g_strdup_printf(_("%s is among your people now."), earshot_person_get_name(person));
    if (g_error_matches(error, EARSHOT_ERROR, EARSHOT_ERROR_KEY_CHANGED))
        return g_strdup(_("This invite holds other keys than you know of this person. Open it "
                          "with Add a person: there you are asked."));
    return g_strdup(error->message);
}

void earshot_opened_invite_take(GFile *file, EarshotStation *station, EarshotWindow *window)
{
    gboolean locked = earshot_privacy_is_locked(earshot_station_get_privacy(station));
    g_autofree char *sentence =
        locked ? g_strdup(_("Unlock Earshot first, then open the invite again."))
               : take(file, earshot_station_get_profile(station));
    if (window)
        earshot_window_say(window, sentence);
}
