/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli: calls, listens, measures and simulates from the command line. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "tools/commands.h"
#include "tools/options.h"

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"demo", ear_demo_main,
     "[--link NAME] [--seconds N] [--out DIR]   two ends in this program over a simulated link"},
    {"listen", ear_listen_main, "--bind HOST:PORT [--auto-answer] ...      answer calls"},
    {"dial", ear_dial_main, "HOST:PORT ...                             call somebody"},
    {"linkcheck", ear_linkcheck_main,
     "HOST:PORT ...                            what will work now, and what it will cost"},
    {"identity", ear_identity_main,
     "--profile DIR [--name NAME]               who you are, made at first use"},
    {"passphrase", ear_passphrase_main,
     "--profile DIR [--none]                    what the profile is asked for, or no more"},
    {"invite", ear_invite_main,
     "--profile DIR --name NAME --at HOST:PORT  an invite for one other person"},
    {"people", ear_people_main, "--profile DIR import FILE | list | ...    whom you know"},
    {"message", ear_message_main,
     "--profile DIR [--peer NAME] TEXT          leave a message, which goes when there is a line"},
    {"send-file", ear_send_file_main,
     "--profile DIR [--peer NAME] FILE          the same with a file"},
    {"record", ear_record_main,
     "--profile DIR [--peer NAME] [--mic ...]   the same with your voice"},
    {"inbox", ear_inbox_main,
     "--profile DIR [--save NUMBER FILE]        what was written, and what became of it"},
    {"backup", ear_backup_main,
     "--profile DIR FILE                        all of a profile in one sealed file"},
    {"restore", ear_restore_main, "--profile DIR FILE                        and back"},
    {"devices", ear_devices_main, "                                          list the sound cards"},
    {"soundcheck", ear_soundcheck_main,
     "[--mic ...] [--speaker ...]               hear yourself, and whether there will be an echo"},
    {"replay", ear_replay_main,
     "TRACE.csv --log OUT.csv [--packet-ms 60]  the jitter buffer on a recorded trace"},
    {"simulate", ear_simulate_main,
     "--link NAME --hours N [--seed S]          whole calls in virtual time"},
};

static void print_help(FILE *file)
{
    fputs("Earshot " EAR_VERSION ": talk where the line is bad.\n\n", file);
    for (size_t i = 0; i < EAR_COUNT(commands); i++)
        fprintf(file, "  earshot-cli %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\nearshot-cli COMMAND --help tells more.\n", file);
}

int main(int argc, char **argv)
{
    ear_log_set_sink(ear_log_to_stderr);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EAR_EXIT_USAGE : EAR_EXIT_NORMAL;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("earshot-cli " EAR_VERSION);
        return EAR_EXIT_NORMAL;
    }
    for (size_t i = 0; i < EAR_COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].main(argc - 1, argv + 1);
    ear_complain("\"%s\" is not a command: see earshot-cli --help.", argv[1]);
    return EAR_EXIT_USAGE;
}
