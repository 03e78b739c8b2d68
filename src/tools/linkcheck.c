/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli linkcheck: what will work on this line today, and what it will cost. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/line.h"

/* The length of a usual talk, by which people plan. */
#define TALK_MINUTES 20

static const char *advice(const struct ear_line_check *check)
{
    switch (check->rung) {
    case EAR_LINE_FULL_DUPLEX:
        return "Good for talking.";
    case EAR_LINE_LONGER_PACKETS:
        return "Good for talking, with somewhat more delay to spare the line.";
    case EAR_LINE_TAKE_TURNS:
        return "Good for taking turns: let each other finish.";
    case EAR_LINE_MESSAGE_ONLY:
        break;
    }
    return "Better leave a message: a talk would not get through.";
}

static void print_cost(const struct ear_line_check *check, double price_per_mb)
{
    double mb = ear_line_mb(check, TALK_MINUTES);
    printf("Speech will come about %.1f s late. %d minutes are about %.1f MB",
           check->mouth_to_ear_ms / 1e3, TALK_MINUTES, mb);
    if (price_per_mb > 0)
        printf(" and cost about %.2f", mb * price_per_mb);
    puts(".");
}

static void print_way(const char *name, const struct ear_line_way *way)
{
    printf("%s: %.0f %% lost, up to %d ms held up, ", name, way->loss * 100, way->jitter_ms);
    if (way->capacity_bps <= 0)
        puts("room not found out.");
    else
        printf("room for %s%.0f kbit/s.\n",
               way->capacity_bps >= EAR_LINE_CAPACITY_MOST ? "at least " : "",
               way->capacity_bps / 1e3);
}

static int print_answer(const struct ear_line_check *check, double price_per_mb)
{
    switch (check->outcome) {
    case EAR_LINE_MEASURED:
        break;
    case EAR_LINE_SILENT:
        ear_complain("Nobody answers. Is the program running there, and the address right?");
        return EAR_EXIT_FAILED;
    case EAR_LINE_BUSY:
        ear_complain("They are there, but their line is in use now. Try again later.");
        return EAR_EXIT_FAILED;
    case EAR_LINE_CROSSED:
        ear_complain("A call came in between. Try again later.");
        return EAR_EXIT_FAILED;
    case EAR_LINE_STOPPED:
        ear_complain("Stopped.");
        return EAR_EXIT_FAILED;
    }
    puts(advice(check));
    if (check->advice != EAR_LINE_LEAVE_MESSAGE)
        print_cost(check, price_per_mb);
    print_way("There", &check->line.up);
    print_way("Back", &check->line.down);
    printf("There and back in %d ms. The check took %.1f s and %.1f kB.\n", check->line.rtt_ms,
           (double)check->took_us / EAR_US_PER_S, (double)check->bytes / 1e3);
    return EAR_EXIT_NORMAL;
}

static void put_way(FILE *file, const char *name, const struct ear_line_way *way)
{
    fprintf(file,
            "  \"loss_%s\": %.4f,\n  \"jitter_%s_ms\": %d,\n  \"capacity_%s_bps\": %d,\n"
            "  \"capacity_%s_is_least\": %s,\n",
            name, way->loss, name, way->jitter_ms, name, way->capacity_bps, name,
            way->capacity_bps >= EAR_LINE_CAPACITY_MOST ? "true" : "false");
}

static int save(const struct ear_line_check *check, double price_per_mb, const char *path)
{
    static const char *const outcomes[] = {[EAR_LINE_MEASURED] = "measured",
                                           [EAR_LINE_SILENT] = "silent",
                                           [EAR_LINE_BUSY] = "busy",
                                           [EAR_LINE_CROSSED] = "crossed",
                                           [EAR_LINE_STOPPED] = "stopped"};
    FILE *file = fopen(path, "w");
    if (!file) {
        ear_complain("%s cannot be written (%s).", path, strerror(errno));
        return EAR_EXIT_FAILED;
    }
    double mb = ear_line_mb(check, TALK_MINUTES);
    fprintf(file, "{\n  \"outcome\": \"%s\",\n  \"seconds\": %.2f,\n  \"bytes\": %lld,\n",
            outcomes[check->outcome], (double)check->took_us / EAR_US_PER_S,
            (long long)check->bytes);
    fprintf(file, "  \"rtt_ms\": %d,\n  \"rtt_least_ms\": %d,\n", check->line.rtt_ms,
            check->line.rtt_least_ms);
    put_way(file, "up", &check->line.up);
    put_way(file, "down", &check->line.down);
    fprintf(file, "  \"rung\": \"%s\",\n  \"advice\": \"%s\",\n", ear_line_rung_name(check->rung),
            ear_line_advice_name(check->advice));
    fprintf(file,
            "  \"mouth_to_ear_ms\": %d,\n  \"wire_bps\": %d,\n  \"mb_20_minutes\": %.2f,\n"
            "  \"money_20_minutes\": %.2f\n}\n",
            check->mouth_to_ear_ms, check->wire_bps, mb, mb * price_per_mb);
    bool bad = ferror(file) != 0;
    if (fclose(file) != 0 || bad) {
        ear_complain("%s cannot be written.", path);
        return EAR_EXIT_FAILED;
    }
    return EAR_EXIT_NORMAL;
}

int ear_linkcheck_main(int argc, char **argv)
{
    struct ear_options options;
    struct ear_line_check check;
    int err = ear_options_parse(
        &options, EAR_OPTION_ADDRESS | EAR_OPTION_CHECK, argc, argv,
        "earshot-cli linkcheck HOST:PORT|--peer NAME|INVITE [--profile DIR] [--peer NAME|INVITE] "
        "[--stats FILE.json] [--price PER-MB] [--wire-budget KBIT] [--quality "
        "least-data|balanced|clear]");
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    options.mic = "silence";
    options.speaker = "none";
    int code = ear_line_measure(&options, &check);
    if (code != EAR_EXIT_NORMAL)
        return code;
    if (options.stats)
        code = save(&check, options.price_per_mb, options.stats);
    int told = print_answer(&check, options.price_per_mb);
    return told == EAR_EXIT_NORMAL ? code : told;
}
