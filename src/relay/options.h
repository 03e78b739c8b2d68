/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of earshot-relay. */
#ifndef EAR_RELAY_OPTIONS_H
#define EAR_RELAY_OPTIONS_H

#include "relay/reflect.h"

struct ear_relay_options {
    const char *bind; /* HOST:PORT */
    bool log_addresses;
    struct ear_reflect_config reflect; /* its limits; neither seed nor callback */
};

/* Returns 0; -EINVAL after one sentence on stderr; -ECANCELED after --help or --version. */
EAR_CHECK int ear_relay_options_parse(struct ear_relay_options *ret, int argc, char **argv);

#endif
