/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The autostart entry (XDG Desktop Application Autostart Specification); where the program was
 * removed, TryExec keeps the desktop from missing it. */
#include "autostart.h"

#include <errno.h>
#include <glib/gstdio.h>

#define ENTRY                                                                                      \
    "[Desktop Entry]\nType=Application\nName=Earshot\nExec=earshot --background\n"                 \
    "TryExec=earshot\nX-GNOME-UsesNotifications=true\n"

gboolean earshot_autostart_set(gboolean on, GError **error)
{
    g_autofree char *folder = g_build_filename(g_get_user_config_dir(), "autostart", NULL);
    g_autofree char *path = g_build_filename(folder, "org.earshot.Earshot.desktop", NULL);
    g_mkdir_with_parents(folder, 0700);
    if (on)
        return g_file_set_contents(path, ENTRY, -1, error);
    if (g_remove(path) < 0 && errno != ENOENT) {
        g_set_error_literal(error, G_FILE_ERROR, g_file_error_from_errno(errno), g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
