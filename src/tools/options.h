/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the subcommands: one table each, one sentence for each mistake. */
#ifndef EAR_OPTIONS_H
#define EAR_OPTIONS_H

#include <getopt.h>

#include "base/ear.h"
#include "line/rate.h"
#include "tx/cleaning.h"

/* What the subcommands that make calls understand; not all understand all. */
struct ear_options {
    const char *address;         /* HOST:PORT; NULL: where the peer's invite says */
    const char *mic;             /* FILE.wav, device:NAME, silence; NULL: the usual sound card */
    const char *speaker;         /* FILE.wav, device:NAME, none; NULL: the usual sound card */
    enum ear_cleaning_echo echo; /* of sound cards */
    double seconds;              /* 0: no limit */
    const char *stats;
    const char *profile;
    const char *peer;
    int wire_budget_bps; /* from --wire-budget, else from --quality */
    int known_bps;       /* from --wire-budget: who gives it knows the line; else 0 */
    enum ear_quality quality;
    bool auto_answer;
    const char *link;
    const char *out;
    const char *speech;
    double price_per_mb; /* 0: not known */
};

enum ear_option_set {
    EAR_OPTION_BIND = 1,
    EAR_OPTION_CALL = 2, /* microphone, loudspeaker, profile, peer, stats */
    EAR_OPTION_DEMO = 4,
    EAR_OPTION_ADDRESS = 8, /* HOST:PORT without a name */
    EAR_OPTION_CHECK = 16,  /* profile, peer, stats, price */
    EAR_OPTION_SOUND = 32,  /* microphone, loudspeaker */
};

/* An option, and the sets that hold it; of all sets, and where there is none. */
struct ear_option {
    struct option option;
    unsigned sets;
};
#define EAR_OPTION_EVERYWHERE (~0u)

/* Those of `known` that belong to the sets, for getopt_long: ret has a place more than known. */
void ear_options_choose(const struct ear_option *known, size_t count, unsigned sets,
                        struct option *ret);

/* On a mistake prints one line to stderr and returns -EINVAL; -ECANCELED after printing help. */
EAR_CHECK int ear_options_parse(struct ear_options *ret, unsigned sets, int argc, char **argv,
                                const char *usage);

/* What getopt_long found wanting in argv ('h', '?' or ':'): prints help and returns -ECANCELED, or
 * complains and returns -EINVAL. */
EAR_CHECK int ear_options_explain(int letter, char **argv, const char *usage);

/* Prints "earshot-cli: SENTENCE" to stderr. */
void ear_complain(const char *format, ...) EAR_PRINTF(1, 2);

/* The exit code after this error: bad usage where the command line names what is not there. */
int ear_exit_after(int err);

/* "12.5" to a number above 0 and at most max: returns 0, -EINVAL. */
EAR_CHECK int ear_number_parse(const char *text, double max, double *ret);

#endif
