/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli backup and restore: a profile in one sealed file, and back. */
#include "store/backup.h"

#include <errno.h>
#include <stdio.h>

#include "tools/commands.h"
#include "tools/desk.h"
#include "tools/options.h"
#include "tools/passphrase.h"

#define BACKUP_USAGE "earshot-cli backup --profile DIR FILE"
#define RESTORE_USAGE "earshot-cli restore --profile DIR [--replace] FILE"

int ear_backup_main(int argc, char **argv)
{
    char passphrase[EAR_PASSPHRASE_BYTES], error[EAR_SENTENCE_BYTES] = "";
    struct ear_desk_options options;
    struct ear_household household;
    int err = ear_desk_options(&options, EAR_DESK_ARG, argc, argv, BACKUP_USAGE);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_household_open(&household, options.profile);
    if (err)
        return ear_exit_after(err);
    err = ear_passphrase_ask_new("Passphrase of the backup (whoever forgets it has no backup):",
                                 passphrase);
    if (!err) {
        err = ear_backup_make(household.store, options.arg, passphrase, false, error, sizeof error);
        if (err)
            ear_complain("%s", error);
        else
            printf("%s holds all of this profile. Keep it elsewhere.\n", options.arg);
    }
    ear_sodium_wipe(passphrase, sizeof passphrase);
    ear_household_close(&household);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}

int ear_restore_main(int argc, char **argv)
{
    char passphrase[EAR_PASSPHRASE_BYTES], error[EAR_SENTENCE_BYTES] = "";
    struct ear_desk_options options;
    struct ear_home *home = NULL;
    int err =
        ear_desk_options(&options, EAR_DESK_ARG | EAR_DESK_REPLACE, argc, argv, RESTORE_USAGE);
    if (!err && !options.profile) {
        ear_complain("The profile folder is missing: give it with --profile DIR.");
        err = -EINVAL;
    }
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_sodium_start();
    if (!err)
        err = ear_home_open(&home, options.profile, error, sizeof error);
    if (err) {
        ear_complain("%s", error[0] ? error : "This computer gives no random numbers.");
        return ear_exit_after(err);
    }
    err = ear_passphrase_ask("Passphrase of the backup:", passphrase);
    if (err) {
        ear_complain("A passphrase is needed here: type it, or give it on standard input.");
    } else {
        err =
            ear_backup_restore(home, options.arg, passphrase, options.replace, error, sizeof error);
        if (err)
            ear_complain("%s", error);
        else
            printf("%s is as it was when %s was made.\n", options.profile, options.arg);
    }
    ear_sodium_wipe(passphrase, sizeof passphrase);
    ear_home_close(home);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
