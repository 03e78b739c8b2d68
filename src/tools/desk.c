/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options, people of the subcommands that keep messages. */
#include "tools/desk.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mail/mail.h"
#include "tools/options.h"

#define SECONDS_MOST 3600

static const struct ear_option known[] = {
    {{"profile", required_argument, NULL, 'p'}, EAR_OPTION_EVERYWHERE},
    {{"peer", required_argument, NULL, 'e'}, EAR_DESK_PEER},
    {{"mic", required_argument, NULL, 'm'}, EAR_DESK_MIC},
    {{"seconds", required_argument, NULL, 's'}, EAR_DESK_MIC},
    {{"urgent", no_argument, NULL, 'u'}, EAR_DESK_URGENT},
    {{"replace", no_argument, NULL, 'r'}, EAR_DESK_REPLACE},
    {{"save", required_argument, NULL, 'v'}, EAR_DESK_SAVE},
    {{"help", no_argument, NULL, 'h'}, EAR_OPTION_EVERYWHERE},
};

static int take_number(const char *text, int64_t *ret)
{
    char *end;
    int64_t number = strtoll(text, &end, 10);
    if (*end != '\0' || number <= 0)
        return -EINVAL;
    *ret = number;
    return 0;
}

static int set(struct ear_desk_options *o, int letter, const char *value)
{
    switch (letter) {
    case 'p':
        o->profile = value;
        return 0;
    case 'e':
        o->peer = value;
        return 0;
    case 'm':
        o->mic = value;
        return 0;
    case 'u':
        o->urgent = true;
        return 0;
    case 'r':
        o->replace = true;
        return 0;
    case 's':
        return ear_number_parse(value, SECONDS_MOST, &o->seconds);
    default:
        return take_number(value, &o->save);
    }
}

int ear_desk_options(struct ear_desk_options *ret, unsigned sets, int argc, char **argv,
                     const char *usage)
{
    struct option options[EAR_COUNT(known) + 1];
    int letter;
    ear_options_choose(known, EAR_COUNT(known), sets, options);
    *ret = (struct ear_desk_options){0};
    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (letter == 'h' || letter == '?' || letter == ':')
            return ear_options_explain(letter, argv, usage);
        if (set(ret, letter, optarg) < 0) {
            ear_complain("\"%s\" is no number that can be used here. Usage: %s", optarg, usage);
            return -EINVAL;
        }
    }
    ret->arg = optind < argc ? argv[optind] : NULL;
    if (argc - optind > 1 || (sets & EAR_DESK_ARG && !ret->arg)) {
        ear_complain("Usage: %s", usage);
        return -EINVAL;
    }
    return 0;
}

const struct ear_person *ear_desk_peer(const struct ear_household *household, const char *peer)
{
    const struct ear_people *people = household->people;
    const struct ear_person *person = peer ? ear_people_named(people, peer) : NULL;
    if (!peer && ear_people_count(people) == 1)
        person = ear_people_at(people, 0);
    if (person)
        return person;
    if (peer)
        ear_complain("\"%s\" is none of your people: earshot-cli people list shows them.", peer);
    else
        ear_complain("Say to whom: --peer NAME, one of earshot-cli people list.");
    return NULL;
}

void ear_desk_tell_waiting(const struct ear_person *person, enum ear_message_kind kind,
                           uint64_t size, const char *name)
{
    double kb = (double)ear_mail_price_bytes(kind, size, name) / 1000;
    printf("It waits for %s, on this disk. Sending it takes %.1f kB; earshot-cli listen and dial "
           "do so with this profile.\n",
           person->name, kb);
}

int64_t ear_desk_now_s(void)
{
    return (int64_t)time(NULL);
}
