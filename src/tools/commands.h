/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of earshot-cli; each returns the program's exit code. */
#ifndef EAR_COMMANDS_H
#define EAR_COMMANDS_H

/* Exit codes that scripts rely on. */
#define EAR_EXIT_NORMAL 0
#define EAR_EXIT_FAILED 1
#define EAR_EXIT_USAGE 2

/* argv[0] is the subcommand's name. */
int ear_demo_main(int argc, char **argv);
int ear_listen_main(int argc, char **argv);
int ear_dial_main(int argc, char **argv);
int ear_linkcheck_main(int argc, char **argv);
int ear_devices_main(int argc, char **argv);
int ear_soundcheck_main(int argc, char **argv);
int ear_replay_main(int argc, char **argv);
int ear_simulate_main(int argc, char **argv);
int ear_identity_main(int argc, char **argv);
int ear_passphrase_main(int argc, char **argv);
int ear_invite_main(int argc, char **argv);
int ear_people_main(int argc, char **argv);
int ear_message_main(int argc, char **argv);
int ear_send_file_main(int argc, char **argv);
int ear_record_main(int argc, char **argv);
int ear_inbox_main(int argc, char **argv);
int ear_backup_main(int argc, char **argv);
int ear_restore_main(int argc, char **argv);

#endif
