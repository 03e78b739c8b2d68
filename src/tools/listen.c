/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli listen: waits for calls at an address. */
#include <errno.h>

#include "tools/commands.h"
#include "tools/line.h"

int ear_listen_main(int argc, char **argv)
{
    struct ear_options options;
    int err =
        ear_options_parse(&options, EAR_OPTION_BIND | EAR_OPTION_CALL, argc, argv,
                          "earshot-cli listen --bind HOST:PORT [--auto-answer] [--mic "
                          "FILE.wav|device:NAME|silence] [--speaker FILE.wav|device:NAME|none] "
                          "[--echo measured|always|never] [--seconds N] [--stats FILE.json] "
                          "[--wire-budget KBIT] [--quality "
                          "least-data|balanced|clear] [--profile DIR] [--peer NAME]");
    if (!err && options.peer && !options.profile) {
        ear_complain("--peer names somebody whom a profile knows: give --profile DIR too.");
        err = -EINVAL;
    }
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    return ear_line_run(&options, false);
}
