/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli simulate: starts earshot-sim, which alone runs ENet in virtual time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/options.h"

#define SIBLING "earshot-sim"

int ear_simulate_main(int argc, char **argv)
{
    (void)argc;
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - sizeof SIBLING);
    if (len > 0) {
        path[len] = '\0';
        char *slash = strrchr(path, '/');
        strcpy(slash ? slash + 1 : path, SIBLING);
        execv(path, argv);
    }
    execvp(SIBLING, argv);
    ear_complain("%s is not there (%s): install it beside earshot-cli.", SIBLING, strerror(errno));
    return EAR_EXIT_FAILED;
}
