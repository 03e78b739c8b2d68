/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses the command line with getopt. */
#include "relay/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define USUAL_BIND "[::]:4010"
#define BINDINGS_MAX 1000000
#define CALL_KBIT_MIN 8
#define CALL_KBIT_MAX 10000
#define TOTAL_MBIT_MAX 10000

static const char help[] =
    "earshot-relay [OPTION...]\n"
    "Forwards sealed calls between two people who cannot reach each other directly. It cannot "
    "read\n"
    "what it forwards, and keeps nothing but who is bound to whom, for five minutes of silence.\n"
    "\n"
    "  --bind HOST:PORT      where to listen (usual: " USUAL_BIND
    ", IPv4 and IPv6). On a computer\n"
    "                        with several addresses name the one that people are told\n"
    "  --max-bindings N      pairs of people at a time (usual: 10000)\n"
    "  --per-address N       pairs that one address may be part of (usual: 64); behind a "
    "carrier's\n"
    "                        NAT many people share one address\n"
    "  --kbit-per-call KBIT  each way of one call, headers included (usual: 64)\n"
    "  --total-mbit MBIT     all calls together (usual: 100)\n"
    "  --log-addresses       name the addresses that are bound; never done otherwise\n"
    "  --help, --version\n"
    "\n"
    "SIGUSR1 prints the counters as one line to stderr; SIGTERM and SIGINT do so and end.\n";

static int parse_number(const char *name, const char *text, double min, double max, double *ret)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value < min || value > max) {
        fprintf(stderr, "earshot-relay: --%s %s: give a number from %.0f to %.0f.\n", name, text,
                min, max);
        return -EINVAL;
    }
    *ret = value;
    return 0;
}

static int take_option(struct ear_relay_options *o, int letter, const char *value)
{
    double number;
    int err;
    switch (letter) {
    case 'b':
        o->bind = value;
        return 0;
    case 'm':
        err = parse_number("max-bindings", value, 1, BINDINGS_MAX, &number);
        if (!err)
            o->reflect.max_bindings = (uint32_t)number;
        return err;
    case 'p':
        err = parse_number("per-address", value, 1, BINDINGS_MAX, &number);
        if (!err)
            o->reflect.per_address = (uint32_t)number;
        return err;
    case 'k':
        err = parse_number("kbit-per-call", value, CALL_KBIT_MIN, CALL_KBIT_MAX, &number);
        if (!err)
            o->reflect.call_bps = (int64_t)(number * 1e3);
        return err;
    case 't':
        err = parse_number("total-mbit", value, 1, TOTAL_MBIT_MAX, &number);
        if (!err)
            o->reflect.total_bps = (int64_t)(number * 1e6);
        return err;
    case 'l':
        o->log_addresses = true;
        return 0;
    case 'h':
        fputs("Usage: ", stdout);
        fputs(help, stdout);
        return -ECANCELED;
    case 'v':
        puts("earshot-relay " EAR_VERSION);
        return -ECANCELED;
    default:
        return -EINVAL;
    }
}

static int check(const struct ear_relay_options *o)
{
    if (o->reflect.total_bps >= o->reflect.call_bps)
        return 0;
    fprintf(stderr, "earshot-relay: --total-mbit is less than one call needs (--kbit-per-call).\n");
    return -EINVAL;
}

int ear_relay_options_parse(struct ear_relay_options *ret, int argc, char **argv)
{
    static const struct option known[] = {{"bind", required_argument, NULL, 'b'},
                                          {"max-bindings", required_argument, NULL, 'm'},
                                          {"per-address", required_argument, NULL, 'p'},
                                          {"kbit-per-call", required_argument, NULL, 'k'},
                                          {"total-mbit", required_argument, NULL, 't'},
                                          {"log-addresses", no_argument, NULL, 'l'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {0}};
    struct ear_relay_options o = {.bind = USUAL_BIND, .reflect = ear_reflect_usual};
    int letter, err;
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        if (letter == '?' || letter == ':') {
            fprintf(stderr, "earshot-relay: %s %s. See earshot-relay --help.\n", argv[optind - 1],
                    letter == ':' ? "needs a value" : "is not an option here");
            return -EINVAL;
        }
        err = take_option(&o, letter, optarg);
        if (err)
            return err;
    }
    if (optind < argc) {
        fprintf(stderr, "earshot-relay: \"%s\" is not understood. See earshot-relay --help.\n",
                argv[optind]);
        return -EINVAL;
    }
    err = check(&o);
    if (!err)
        *ret = o;
    return err;
}
