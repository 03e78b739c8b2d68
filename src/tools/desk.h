/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What message, send-file, record, inbox, backup and restore share: their options, the profile. */
#ifndef EAR_DESK_H
#define EAR_DESK_H

#include "store/messages.h"
#include "tools/household.h"

/* What a subcommand understands besides --profile and --help. */
enum ear_desk_set {
    EAR_DESK_ARG = 1, /* one argument without a name, which must be there */
    EAR_DESK_PEER = 2,
    EAR_DESK_MIC = 4, /* and for how long */
    EAR_DESK_URGENT = 8,
    EAR_DESK_REPLACE = 16,
    EAR_DESK_SAVE = 32,
};

struct ear_desk_options {
    const char *profile, *peer;
    const char *mic;
    double seconds; /* 0: no limit */
    int64_t save;   /* a message's number; 0: none */
    bool urgent, replace;
    const char *arg; /* what stands without a name; NULL: nothing does */
};

/* Complains in one line. Returns 0, -EINVAL; -ECANCELED after help. */
EAR_CHECK int ear_desk_options(struct ear_desk_options *ret, unsigned sets, int argc, char **argv,
                               const char *usage);
/* Finds whom --peer names; NULL: the only person there is. Complains. Returns NULL for nobody. */
const struct ear_person *ear_desk_peer(const struct ear_household *household, const char *peer);
/* Says what waits now, and what it will cost. */
void ear_desk_tell_waiting(const struct ear_person *person, enum ear_message_kind kind,
                           uint64_t size, const char *name);
/* Seconds of UTC. */
int64_t ear_desk_now_s(void);

#endif
