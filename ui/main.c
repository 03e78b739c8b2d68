/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desktop program. */

#include "application.h"
#include "language.h"

int main(int argc, char **argv)
{
    earshot_language_start();
    g_autoptr(EarshotApplication) application = earshot_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
