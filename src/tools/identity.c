/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli identity: who I am, made at first use. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "tools/commands.h"
#include "tools/household.h"
#include "tools/options.h"

#define USAGE "earshot-cli identity --profile DIR [--name NAME] [--renew [--yes]]"

struct request {
    const char *profile, *name;
    bool renew, yes;
};

static int parse(int argc, char **argv, struct request *ret)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'}, {"name", required_argument, NULL, 'n'},
        {"renew", no_argument, NULL, 'r'},         {"yes", no_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},          {0},
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
            ret->name = optarg;
            break;
        case 'r':
            ret->renew = true;
            break;
        case 'y':
            ret->yes = true;
            break;
        case 'h':
            printf("Usage: %s\n", USAGE);
            return -ECANCELED;
        default:
            ear_complain_option(letter, argv, USAGE);
            return -EINVAL;
        }
    }
    if (optind < argc) {
        ear_complain("\"%s\" is not understood here. Usage: %s", argv[optind], USAGE);
        return -EINVAL;
    }
    if (!ret->profile)
        ear_complain("The profile folder is missing. Usage: %s", USAGE);
    return ret->profile ? 0 : -EINVAL;
}

static void show(const struct ear_household *h)
{
    struct ear_public_keys keys;
    char number[EAR_SAFETY_NUMBER_BYTES];
    ear_identity_keys(&h->identity, &keys);
    ear_safety_fingerprint(&keys, number);
    printf("name: %s\nfingerprint: %s\n",
           h->identity.name[0] ? h->identity.name : "(none yet: give one with --name)", number);
}

/* The secrets shared with people go first: were the power to fail between the two, old keys without
 * secrets let nobody in, but new keys with stolen secrets would. */
static int renew(struct ear_household *h, const struct request *request)
{
    char error[EAR_SENTENCE_BYTES];
    if (!request->yes &&
        !ear_ask(
            "New keys make you a stranger to all your people: each of them must be given a new "
            "invite, and compare safety numbers again. The old keys are destroyed.")) {
        ear_complain("Nothing was changed.");
        return -ECANCELED;
    }
    ear_people_forget_secrets(h->people);
    int err = ear_household_save(h);
    if (err)
        return err;
    err = ear_identity_renew(h->store, &h->identity, error, sizeof error);
    if (err)
        ear_complain("%s", error);
    else
        printf("New keys are made. Give each of your people a new invite.\n");
    return err;
}

int ear_identity_main(int argc, char **argv)
{
    struct request request;
    struct ear_household h;
    char error[EAR_SENTENCE_BYTES];
    int err = parse(argc, argv, &request);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = request.renew ? ear_household_open_people(&h, request.profile)
                        : ear_household_open(&h, request.profile);
    if (err)
        return EAR_EXIT_FAILED;
    if (request.renew)
        err = renew(&h, &request);
    if (!err && request.name) {
        err = ear_identity_set_name(h.store, &h.identity, request.name, error, sizeof error);
        if (err)
            ear_complain("%s", error);
    }
    if (!err)
        show(&h);
    ear_household_close(&h);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
