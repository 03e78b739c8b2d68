/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli people: whom I know, and what I let them do. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "store/calls.h"
#include "store/invite_text.h"
#include "store/messages.h"
#include "store/notes.h"
#include "tools/commands.h"
#include "tools/household.h"
#include "tools/options.h"

#define USAGE                                                                                      \
    "earshot-cli people --profile DIR import FILE|- [--name NAME] [--replace] | list | "           \
    "verify NAME [--yes] | rename NAME NEW | block NAME | unblock NAME | remove NAME"

/* A mail with an invite in it; an invite itself has at most 2.3 kB. */
#define TEXT_MAX 65536

struct request {
    const char *profile, *name;
    bool replace, yes;
    const char *args[2]; /* after the verb */
};

static int do_import(struct ear_household *h, const struct request *request);
static int do_list(struct ear_household *h, const struct request *request);
static int do_verify(struct ear_household *h, const struct request *request);
static int do_rename(struct ear_household *h, const struct request *request);
static int do_block(struct ear_household *h, const struct request *request);
static int do_unblock(struct ear_household *h, const struct request *request);
static int do_remove(struct ear_household *h, const struct request *request);

static const struct verb {
    const char *name;
    int args;
    int (*act)(struct ear_household *h, const struct request *request);
} verbs[] = {
    {"import", 1, do_import}, {"list", 0, do_list},   {"verify", 1, do_verify},
    {"rename", 2, do_rename}, {"block", 1, do_block}, {"unblock", 1, do_unblock},
    {"remove", 1, do_remove},
};

/* Says what went wrong, or saves and says what was done. */
static int finish(struct ear_household *h, int err, const char *error, const char *done)
{
    if (err)
        ear_complain("%s", error);
    else
        err = ear_household_save(h);
    if (!err)
        printf("%s\n", done);
    return err;
}

static int read_text(const char *path, char *text, size_t *ret_len)
{
    bool stdin_it = strcmp(path, "-") == 0;
    FILE *file = stdin_it ? stdin : fopen(path, "rb");
    if (!file) {
        int err = -errno;
        ear_complain("%s cannot be opened: %s.", path, strerror(-err));
        return err;
    }
    size_t len = fread(text, 1, TEXT_MAX, file);
    int err = ferror(file) ? -EIO : len == TEXT_MAX ? -EFBIG : 0;
    if (!stdin_it)
        fclose(file);
    if (err == -EFBIG)
        ear_complain("%s is too long to be an invite.", path);
    else if (err)
        ear_complain("%s cannot be read.", path);
    else if (len >= 4 && memcmp(text, "\x89PNG", 4) == 0) {
        err = -ENOMSG;
        ear_complain("%s is a picture: scan it with a telephone or zbarimg, and import the text.",
                     path);
    }
    *ret_len = len;
    return err;
}

static int import_invite(struct ear_household *h, const struct request *request,
                         const struct ear_invite *invite)
{
    static const char *const done[] = {
        [EAR_PEOPLE_ADDED] = "is one of your people now. Compare safety numbers soon: verify.",
        [EAR_PEOPLE_UPDATED] = "was known: addresses and secret are up to date.",
        [EAR_PEOPLE_REPLACED] = "has new keys or a new name, and is not verified any more.",
    };
    char error[EAR_SENTENCE_BYTES], line[EAR_SENTENCE_BYTES];
    enum ear_people_change change = EAR_PEOPLE_ADDED;
    const struct ear_people_import import = {&h->identity, invite, request->name, request->replace};
    int err = ear_people_import(h->people, &import, &change, error, sizeof error);
    const char *name = request->name ? request->name : invite->name;
    const struct ear_person *person = err ? NULL : ear_people_named(h->people, name);
    if (person)
        snprintf(line, sizeof line, "%s %s%s", person->name, done[change],
                 person->guest.blocked ? " The person is blocked still." : "");
    return finish(h, err, error, line);
}

static int do_import(struct ear_household *h, const struct request *request)
{
    char text[TEXT_MAX], error[EAR_SENTENCE_BYTES];
    struct ear_invite invite = {0};
    size_t len = 0;
    int err = read_text(request->args[0], text, &len);
    if (!err) {
        err = ear_invite_from_text(text, len, &invite, error, sizeof error);
        if (err)
            ear_complain("%s", error);
        else
            err = import_invite(h, request, &invite);
    }
    ear_invite_wipe(&invite);
    ear_sodium_wipe(text, sizeof text);
    return err;
}

/* Where the person is called first. */
static const char *address_of(const struct ear_person *person)
{
    if (person->last.text[0])
        return person->last.text;
    return person->at.count ? person->at.at[0].text : "-";
}

/* The name comes last: it alone has spaces in it. */
static int do_list(struct ear_household *h, const struct request *request)
{
    (void)request;
    for (size_t i = 0; i < ear_people_count(h->people); i++) {
        const struct ear_person *person = ear_people_at(h->people, i);
        const char *state = person->verified ? "verified" : "not-verified";
        if (ear_person_is_pending(person))
            state = "pending";
        else if (!ear_guests_call_with(&person->guest))
            state = "needs-invite";
        printf("%-12s %-7s %-24s %s\n", state, person->guest.blocked ? "blocked" : "-",
               address_of(person), person->name);
    }
    return 0;
}

static int do_verify(struct ear_household *h, const struct request *request)
{
    char number[EAR_SAFETY_NUMBER_BYTES], error[EAR_SENTENCE_BYTES], done[EAR_SENTENCE_BYTES];
    const char *name = request->args[0];
    int err = ear_people_safety_number(h->people, name, &h->identity, number, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    printf("safety number: %s\n", number);
    if (!request->yes && !ear_ask("Does the other side see the same number?")) {
        ear_complain("%s is not verified.", name);
        return -ECANCELED;
    }
    err = ear_people_verify(h->people, name, error, sizeof error);
    snprintf(done, sizeof done, "%s is verified.", name);
    return finish(h, err, error, done);
}

static int do_rename(struct ear_household *h, const struct request *request)
{
    char error[EAR_SENTENCE_BYTES], done[EAR_SENTENCE_BYTES];
    int err = ear_people_rename(h->people, request->args[0], request->args[1], error, sizeof error);
    snprintf(done, sizeof done, "%s is called %s now.", request->args[0], request->args[1]);
    return finish(h, err, error, done);
}

static int set_blocked(struct ear_household *h, const char *name, bool block)
{
    char error[EAR_SENTENCE_BYTES], done[EAR_SENTENCE_BYTES];
    int err = ear_people_block(h->people, name, block, error, sizeof error);
    snprintf(done, sizeof done, "%s %s call you.", name, block ? "cannot" : "can");
    return finish(h, err, error, done);
}

static int do_block(struct ear_household *h, const struct request *request)
{
    return set_blocked(h, request->args[0], true);
}

static int do_unblock(struct ear_household *h, const struct request *request)
{
    return set_blocked(h, request->args[0], false);
}

static int forget_calls(struct ear_household *h, uint32_t person)
{
    char error[EAR_SENTENCE_BYTES];
    struct ear_calls *calls;
    int err = ear_calls_load(&calls, h->store, error, sizeof error);
    if (err)
        return err;
    if (ear_calls_forget_person(calls, person) > 0)
        err = ear_calls_save(calls, h->store, error, sizeof error);
    ear_calls_free(calls);
    return err;
}

static int do_remove(struct ear_household *h, const struct request *request)
{
    char error[EAR_SENTENCE_BYTES], done[EAR_SENTENCE_BYTES];
    const struct ear_person *person = ear_people_named(h->people, request->args[0]);
    uint32_t number = person ? person->guest.number : 0;
    int err = ear_people_remove(h->people, request->args[0], error, sizeof error);
    snprintf(done, sizeof done, "%s is not one of your people any more.", request->args[0]);
    err = finish(h, err, error, done);
    if (err)
        return err;
    err = ear_messages_forget_person(h->store, number);
    if (!err)
        err = ear_notes_forget_person(h->store, number);
    if (!err)
        err = forget_calls(h, number);
    if (err)
        ear_complain("Some messages, notes or calls of %s are still there: %s.", request->args[0],
                     strerror(-err));
    return err;
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < EAR_COUNT(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static int parse_options(int argc, char **argv, struct request *ret)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'}, {"name", required_argument, NULL, 'n'},
        {"replace", no_argument, NULL, 'c'},       {"yes", no_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},          {0},
    };
    int letter;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (letter) {
        case 'p':
            ret->profile = optarg;
            break;
        case 'n':
            ret->name = optarg;
            break;
        case 'c':
            ret->replace = true;
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
    return 0;
}

static int parse(int argc, char **argv, struct request *ret, const struct verb **ret_verb)
{
    *ret = (struct request){0};
    int err = parse_options(argc, argv, ret);
    if (err)
        return err;
    const struct verb *verb = optind < argc ? find_verb(argv[optind]) : NULL;
    const char *wrong = NULL;
    if (!ret->profile)
        wrong = "The profile folder is missing.";
    else if (optind == argc)
        wrong = "Say what to do.";
    else if (!verb)
        wrong = "That is not understood here.";
    else if (argc - optind - 1 != verb->args)
        wrong = verb->args > argc - optind - 1 ? "Something is missing." : "That is too much.";
    else if (verb->act != do_import && (ret->name || ret->replace))
        wrong = "--name and --replace go with import.";
    if (wrong) {
        ear_complain("%s Usage: %s", wrong, USAGE);
        return -EINVAL;
    }
    for (int i = 0; i < verb->args; i++)
        ret->args[i] = argv[optind + 1 + i];
    *ret_verb = verb;
    return 0;
}

int ear_people_main(int argc, char **argv)
{
    struct request request;
    struct ear_household h;
    const struct verb *verb = NULL;
    int err = parse(argc, argv, &request, &verb);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    if (ear_household_open(&h, request.profile) < 0)
        return EAR_EXIT_FAILED;
    err = verb->act(&h, &request);
    ear_household_close(&h);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
