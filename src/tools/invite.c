/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli invite: an invite for one other person; those that are open; revoking. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/invite_text.h"
#include "tools/commands.h"
#include "tools/household.h"
#include "tools/options.h"
#include "tools/qr_show.h"

#define USAGE                                                                                      \
    "earshot-cli invite --profile DIR --name NAME --at HOST:PORT [--at ...] [--relay "             \
    "HOST:PORT]... "                                                                               \
    "[--replace] [--qr FILE.png|-] [--out FILE.earshot] | --list | --revoke NAME"

struct request {
    const char *profile, *name, *revoke, *qr, *out;
    struct ear_places at, relays;
    bool list, replace;
};

static int take_place(const char *option, const char *text, struct ear_places *places)
{
    char error[EAR_SENTENCE_BYTES];
    if (places->count == EAR_PLACES_MAX) {
        ear_complain("%s may be given %d times at most.", option, EAR_PLACES_MAX);
        return -EINVAL;
    }
    int err = ear_place_parse(text, &places->at[places->count], error, sizeof error);
    if (err)
        ear_complain("%s %s", option, error);
    else
        places->count++;
    return err;
}

static int take(int letter, char **argv, struct request *ret)
{
    switch (letter) {
    case 'p':
        ret->profile = optarg;
        return 0;
    case 'n':
        ret->name = optarg;
        return 0;
    case 'a':
        return take_place("--at", optarg, &ret->at);
    case 'r':
        return take_place("--relay", optarg, &ret->relays);
    case 'q':
        ret->qr = optarg;
        return 0;
    case 'o':
        ret->out = optarg;
        return 0;
    case 'l':
        ret->list = true;
        return 0;
    case 'v':
        ret->revoke = optarg;
        return 0;
    case 'c':
        ret->replace = true;
        return 0;
    case 'h':
        printf("Usage: %s\n", USAGE);
        return -ECANCELED;
    default:
        ear_complain_option(letter, argv, USAGE);
        return -EINVAL;
    }
}

static int check(const struct request *request)
{
    bool gives = request->name != NULL;
    const char *missing = NULL;
    if (!request->profile)
        missing = "The profile folder is missing.";
    else if (gives + request->list + (request->revoke != NULL) != 1)
        missing = "Say one of --name, --list and --revoke.";
    else if (gives && request->at.count == 0)
        missing = "Say where you can be reached: --at HOST:PORT.";
    else if (!gives && (request->at.count || request->relays.count || request->qr || request->out ||
                        request->replace))
        missing = "This option needs --name.";
    if (missing)
        ear_complain("%s Usage: %s", missing, USAGE);
    return missing ? -EINVAL : 0;
}

static int parse(int argc, char **argv, struct request *ret)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'},
        {"name", required_argument, NULL, 'n'},
        {"at", required_argument, NULL, 'a'},
        {"relay", required_argument, NULL, 'r'},
        {"qr", required_argument, NULL, 'q'},
        {"out", required_argument, NULL, 'o'},
        {"list", no_argument, NULL, 'l'},
        {"revoke", required_argument, NULL, 'v'},
        {"replace", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int letter, err;
    *ret = (struct request){0};
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1)
        if ((err = take(letter, argv, ret)) < 0)
            return err;
    if (optind < argc) {
        ear_complain("\"%s\" is not understood here. Usage: %s", argv[optind], USAGE);
        return -EINVAL;
    }
    return check(ret);
}

static int write_file(const char *path, const void *data, size_t len)
{
    int err = ear_write_new_file(path, data, len);
    if (err == -EEXIST)
        ear_complain("%s is there already: give the name of a new file.", path);
    else if (err)
        ear_complain("%s cannot be written: %s.", path, strerror(-err));
    return err;
}

static int write_qr(const char *path, const char *text)
{
    struct ear_qr qr;
    uint8_t *png = NULL;
    size_t len = 0;
    int err = ear_qr_make(text, &qr);
    if (!err && strcmp(path, "-") == 0)
        ear_qr_print(&qr, stdout);
    else if (!err)
        err = ear_qr_to_png(&qr, &png, &len);
    if (err)
        ear_complain("The invite cannot be made a QR code: %s.", strerror(-err));
    else if (png)
        err = write_file(path, png, len);
    if (png)
        ear_sodium_wipe(png, len);
    free(png);
    ear_sodium_wipe(&qr, sizeof qr);
    return err;
}

static int deliver(const struct request *request, char *text)
{
    size_t len = strlen(text);
    int err = 0;
    if (request->out) {
        text[len] = '\n';
        err = write_file(request->out, text, len + 1);
        text[len] = '\0';
    }
    if (!err && request->qr)
        err = write_qr(request->qr, text);
    if (err)
        return err;
    printf("%s\n", text);
    if (fflush(stdout) == EOF) {
        ear_complain("The invite cannot be printed: %s.", strerror(errno));
        return -EIO;
    }
    fprintf(stderr,
            "This invite is for %s alone. Hand it over in private: whoever has it first may call "
            "you as %s.\n",
            request->name, request->name);
    return 0;
}

static void build(const struct ear_household *h, const struct request *request,
                  const uint8_t psk[static EAR_KEY_BYTES], char text[static EAR_INVITE_TEXT_BYTES])
{
    struct ear_invite invite = {.at = request->at, .relays = request->relays};
    uint8_t data[EAR_INVITE_MAX];
    size_t len = 0;
    memcpy(invite.static_key, h->identity.static_public, EAR_KEY_BYTES);
    memcpy(invite.sign_key, h->identity.sign_public, EAR_SIGN_PUBLIC_BYTES);
    memcpy(invite.psk, psk, EAR_KEY_BYTES);
    memcpy(invite.name, h->identity.name, EAR_NAME_BYTES);
    if (ear_invite_build(&invite, h->identity.sign_secret, data, &len) < 0)
        abort(); /* all fields are checked by now */
    ear_invite_to_text(data, len, text);
    ear_invite_wipe(&invite);
    ear_sodium_wipe(data, sizeof data);
}

/* The secret is remembered on disk before anybody can come with it; what cannot be delivered is
 * revoked. */
static int give(struct ear_household *h, const struct request *request)
{
    uint8_t psk[EAR_KEY_BYTES];
    char text[EAR_INVITE_TEXT_BYTES + 1], error[EAR_SENTENCE_BYTES];
    if (h->identity.name[0] == '\0') {
        ear_complain("Say first who you are: earshot-cli identity --profile %s --name NAME.",
                     request->profile);
        return -EINVAL;
    }
    ear_sodium_random(psk, sizeof psk);
    int err =
        ear_people_invite(h->people, request->name, psk, request->replace, error, sizeof error);
    if (err)
        ear_complain("%s", error);
    if (!err)
        err = ear_people_meet_at(h->people, request->name, &request->relays);
    if (!err)
        err = ear_household_save(h);
    if (!err) {
        build(h, request, psk, text);
        err = deliver(request, text);
        if (err && ear_people_revoke(h->people, request->name, error, sizeof error) == 0 &&
            ear_household_save(h) < 0)
            ear_complain("The invite for %s is still open.", request->name);
    }
    ear_sodium_wipe(psk, sizeof psk);
    ear_sodium_wipe(text, sizeof text);
    return err;
}

static int list_open(const struct ear_household *h)
{
    for (size_t i = 0; i < ear_people_count(h->people); i++) {
        const struct ear_person *person = ear_people_at(h->people, i);
        if (!person->guest.psks[EAR_PSK_OPEN].present)
            continue;
        const char *kind = ear_person_is_pending(person) ? "pending"
                           : person->guest.may_replace   ? "new-keys"
                                                         : "again";
        printf("%-9s %s\n", kind, person->name);
    }
    return 0;
}

static int revoke_name(struct ear_household *h, const char *name)
{
    char error[EAR_SENTENCE_BYTES];
    int err = ear_people_revoke(h->people, name, error, sizeof error);
    if (err)
        ear_complain("%s", error);
    else
        err = ear_household_save(h);
    if (!err)
        printf("The invite for %s opens nothing any more.\n", name);
    return err;
}

int ear_invite_main(int argc, char **argv)
{
    struct request request;
    struct ear_household h;
    int err = parse(argc, argv, &request);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    if (ear_household_open(&h, request.profile) < 0)
        return EAR_EXIT_FAILED;
    if (request.list)
        err = list_open(&h);
    else if (request.revoke)
        err = revoke_name(&h, request.revoke);
    else
        err = give(&h, &request);
    ear_household_close(&h);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
