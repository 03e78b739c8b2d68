/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desktop program. */
#include <gtk/gtk.h>

#include "application.h"
#include "language.h"

/* Pages that hardly move need no GL. Without it the program takes 56 MB instead of 115 (with a
 * driver in software), starts sooner, and a ten-year-old laptop has less to do. Who wants another
 * renderer says so in GSK_RENDERER. */
static void draw_without_gl(void)
{
    const char *renderer = g_getenv("GSK_RENDERER");
    if (renderer && !g_str_equal(renderer, "cairo"))
        return;
    gboolean new_names = gtk_get_minor_version() >= 14;
    g_setenv("GSK_RENDERER", "cairo", TRUE);
    g_setenv(new_names ? "GDK_DISABLE" : "GDK_DEBUG", new_names ? "gl,vulkan" : "gl-disable",
             FALSE);
}

int main(int argc, char **argv)
{
    draw_without_gl();
    earshot_language_start();
    g_autoptr(EarshotApplication) application = earshot_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
