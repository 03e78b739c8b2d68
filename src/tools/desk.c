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
        o->save = strtoll(value, NULL, 10);
        return o->save > 0 ? 0 : -EINVAL;
    }
}

int ear_desk_options(struct ear_desk_options *ret, int argc, char **argv, bool wants_arg,
                     const char *usage)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'},
        {"peer", required_argument, NULL, 'e'},
        {"mic", required_argument, NULL, 'm'},
        {"seconds", required_argument, NULL, 's'},
        {"urgent", no_argument, NULL, 'u'},
        {"replace", no_argument, NULL, 'r'},
        {"save", required_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int letter;
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
    if (argc - optind > 1 || (wants_arg && !ret->arg)) {
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
