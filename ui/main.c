/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desktop program. */
#include <glib/gi18n.h>
#include <locale.h>

#include "application.h"

int main(int argc, char **argv)
{
    earshot_application_set_up_language();
    g_autoptr(EarshotApplication) application = earshot_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
