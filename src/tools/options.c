/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses command lines with getopt. */
#include "tools/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"

/* A year: no call is longer. */
#define SECONDS_MAX (366.0 * 86400)
#define BUDGET_KBIT_MAX 1000.0
#define PRICE_MAX 1e9 /* of a MB, in whatever money */

static const struct ear_option known[] = {
    {{"bind", required_argument, NULL, 'b'}, EAR_OPTION_BIND},
    {{"auto-answer", no_argument, NULL, 'a'}, EAR_OPTION_BIND},
    {{"mic", required_argument, NULL, 'm'}, EAR_OPTION_CALL | EAR_OPTION_SOUND},
    {{"speaker", required_argument, NULL, 's'}, EAR_OPTION_CALL | EAR_OPTION_SOUND},
    {{"echo", required_argument, NULL, 'x'}, EAR_OPTION_CALL},
    {{"seconds", required_argument, NULL, 'n'}, EAR_OPTION_CALL | EAR_OPTION_DEMO},
    {{"stats", required_argument, NULL, 'j'}, EAR_OPTION_CALL | EAR_OPTION_CHECK},
    {{"profile", required_argument, NULL, 'p'}, EAR_OPTION_CALL | EAR_OPTION_CHECK},
    {{"peer", required_argument, NULL, 'e'}, EAR_OPTION_CALL | EAR_OPTION_CHECK},
    {{"wire-budget", required_argument, NULL, 'w'},
     EAR_OPTION_CALL | EAR_OPTION_DEMO | EAR_OPTION_CHECK},
    {{"quality", required_argument, NULL, 'q'},
     EAR_OPTION_CALL | EAR_OPTION_DEMO | EAR_OPTION_CHECK},
    {{"price", required_argument, NULL, 'c'}, EAR_OPTION_CHECK},
    {{"link", required_argument, NULL, 'l'}, EAR_OPTION_DEMO},
    {{"out", required_argument, NULL, 'o'}, EAR_OPTION_DEMO},
    {{"speech", required_argument, NULL, 'v'}, EAR_OPTION_DEMO},
    {{"help", no_argument, NULL, 'h'}, EAR_OPTION_EVERYWHERE},
};

void ear_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("earshot-cli: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

int ear_exit_after(int err)
{
    bool usage = err == -EINVAL || err == -EPERM || err == -ENOENT;
    return usage ? EAR_EXIT_USAGE : EAR_EXIT_FAILED;
}

int ear_number_parse(const char *text, double max, double *ret)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value <= 0 || value > max)
        return -EINVAL;
    *ret = value;
    return 0;
}

static int take_seconds(struct ear_options *options, const char *text)
{
    if (ear_number_parse(text, SECONDS_MAX, &options->seconds) == 0)
        return 0;
    ear_complain("--seconds %s: give a number of seconds above 0.", text);
    return -EINVAL;
}

static int take_budget(struct ear_options *options, const char *text)
{
    double kbit;
    if (ear_number_parse(text, BUDGET_KBIT_MAX, &kbit) < 0) {
        ear_complain("--wire-budget %s: give kbit/s, for example 16.", text);
        return -EINVAL;
    }
    options->wire_budget_bps = options->known_bps = (int)(kbit * 1000);
    return 0;
}

static int take_price(struct ear_options *options, const char *text)
{
    if (ear_number_parse(text, PRICE_MAX, &options->price_per_mb) == 0)
        return 0;
    ear_complain("--price %s: give what a MB costs, a number above 0.", text);
    return -EINVAL;
}

static int take_quality(struct ear_options *options, const char *text)
{
    if (ear_quality_parse(text, &options->quality) == 0)
        return 0;
    ear_complain("--quality %s: choose least-data, balanced or clear.", text);
    return -EINVAL;
}

static int take_echo(struct ear_options *options, const char *text)
{
    static const char *const names[] = {[EAR_CLEANING_ECHO_MEASURED] = "measured",
                                        [EAR_CLEANING_ECHO_ALWAYS] = "always",
                                        [EAR_CLEANING_ECHO_NEVER] = "never"};
    for (size_t i = 0; i < EAR_COUNT(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            options->echo = (enum ear_cleaning_echo)i;
            return 0;
        }
    }
    ear_complain("--echo %s: choose measured, always or never (cancelled).", text);
    return -EINVAL;
}

static int take_option(struct ear_options *options, int letter, const char *value)
{
    switch (letter) {
    case 'b':
        options->address = value;
        return 0;
    case 'a':
        options->auto_answer = true;
        return 0;
    case 'm':
        options->mic = value;
        return 0;
    case 's':
        options->speaker = value;
        return 0;
    case 'x':
        return take_echo(options, value);
    case 'n':
        return take_seconds(options, value);
    case 'j':
        options->stats = value;
        return 0;
    case 'p':
        options->profile = value;
        return 0;
    case 'e':
        options->peer = value;
        return 0;
    case 'w':
        return take_budget(options, value);
    case 'q':
        return take_quality(options, value);
    case 'c':
        return take_price(options, value);
    case 'l':
        options->link = value;
        return 0;
    case 'o':
        options->out = value;
        return 0;
    case 'v':
        options->speech = value;
        return 0;
    default:
        return -EINVAL;
    }
}

static int check_address(struct ear_options *options, unsigned sets, int argc, char **argv,
                         const char *usage)
{
    if (sets & EAR_OPTION_ADDRESS && optind < argc)
        options->address = argv[optind++];
    if (optind < argc) {
        ear_complain("\"%s\" is not understood here. Usage: %s", argv[optind], usage);
        return -EINVAL;
    }
    bool by_invite = sets & EAR_OPTION_ADDRESS && options->peer;
    if (sets & (EAR_OPTION_ADDRESS | EAR_OPTION_BIND) && !options->address && !by_invite) {
        ear_complain("An address is missing. Usage: %s", usage);
        return -EINVAL;
    }
    return 0;
}

int ear_options_explain(int letter, char **argv, const char *usage)
{
    if (letter == 'h') {
        printf("Usage: %s\n", usage);
        return -ECANCELED;
    }
    ear_complain("%s %s. Usage: %s", argv[optind - 1],
                 letter == ':' ? "needs a value" : "is not an option here", usage);
    return -EINVAL;
}

void ear_options_choose(const struct ear_option *known_here, size_t count, unsigned sets,
                        struct option *ret)
{
    for (size_t i = 0; i < count; i++)
        if (known_here[i].sets == EAR_OPTION_EVERYWHERE || known_here[i].sets & sets)
            *ret++ = known_here[i].option;
    *ret = (struct option){0};
}

int ear_options_parse(struct ear_options *ret, unsigned sets, int argc, char **argv,
                      const char *usage)
{
    struct option options[EAR_COUNT(known) + 1];
    ear_options_choose(known, EAR_COUNT(known), sets, options);
    *ret = (struct ear_options){.quality = EAR_QUALITY_BALANCED};
    opterr = 0;
    optind = 1;
    int letter;
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (letter == 'h' || letter == '?' || letter == ':')
            return ear_options_explain(letter, argv, usage);
        if (take_option(ret, letter, optarg) < 0)
            return -EINVAL;
    }
    if (ret->wire_budget_bps == 0)
        ret->wire_budget_bps = ear_rate_usual_budget_bps(ret->quality);
    return check_address(ret, sets, argc, argv, usage);
}
