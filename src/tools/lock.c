/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli passphrase: gives a profile one, changes it, takes it away. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "tools/commands.h"
#include "tools/household.h"
#include "tools/options.h"
#include "tools/passphrase.h"

#define USAGE "earshot-cli passphrase --profile DIR [--none]"

struct request {
    const char *profile;
    bool none;
};

static int parse(int argc, char **argv, struct request *ret)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'},
        {"none", no_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int letter;
    *ret = (struct request){0};
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (letter) {
        case 'p':
            ret->profile = optarg;
            break;
        case 'n':
            ret->none = true;
            break;
        case 'h':
            printf("Usage: %s\n", USAGE);
            return -ECANCELED;
        default:
            ear_complain_option(letter, argv, USAGE);
            return -EINVAL;
        }
    }
    if (optind < argc)
        ear_complain("\"%s\" is not understood here. Usage: %s", argv[optind], USAGE);
    else if (!ret->profile)
        ear_complain("The profile folder is missing. Usage: %s", USAGE);
    return optind == argc && ret->profile ? 0 : -EINVAL;
}

static int change(struct ear_household *h, bool none)
{
    char passphrase[EAR_PASSPHRASE_BYTES] = "", error[EAR_SENTENCE_BYTES];
    int err = 0;
    if (!none) {
        printf("Without its passphrase nobody can open this profile, and nobody can help: keys, "
               "people, "
               "messages and notes would be lost. Several words are better than one.\n");
        err = ear_passphrase_ask_new("New passphrase:", passphrase);
    }
    if (err)
        return err;
    err = ear_store_set_passphrase(h->store, none ? NULL : passphrase, error, sizeof error);
    ear_sodium_wipe(passphrase, sizeof passphrase);
    if (err)
        ear_complain("%s", error);
    else if (none)
        printf("This profile has no passphrase: whoever has the folder can read it.\n");
    else
        printf("This profile is asked for its passphrase from now on.\n");
    return err;
}

int ear_passphrase_main(int argc, char **argv)
{
    struct request request;
    struct ear_household h;
    int err = parse(argc, argv, &request);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    if (ear_household_open(&h, request.profile) < 0)
        return EAR_EXIT_FAILED;
    err = change(&h, request.none);
    ear_household_close(&h);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
