/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a link's profile: lines of "key = value", '#' begins a comment. */
#include "sim/profile_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/words.h"

/* What repeats faster than this is jitter, and would make the simulation slow. */
#define EVERY_LEAST_US 100000
#define QUEUE_USUAL_US EAR_US_PER_S
#define QUEUE_MOST_US (60 * (int64_t)EAR_US_PER_S)
#define CROSS_MOST_BPS 10000000
#define BURST_MOST_PPM 500000
#define BURST_MOST_DATAGRAMS 1000
#define ALL_PPM 1000000
#define HELD_LEAST_US 50000
#define HELD_MOST_US 150000

#define QUOTE_BYTES 40

/* numbers[long_from] to numbers[every - 1] together must be shorter than numbers[every]. */
static const struct key {
    const char *name;
    const char *pattern;
    size_t offset;
    int long_from, every; /* both 0: no such rule */
    const char *example;
} keys[] = {
    {"delay", "T", offsetof(struct ear_effects, delay_us), 0, 0, "280 ms"},
    {"jitter", "T", offsetof(struct ear_effects, jitter_us), 0, 0, "40 ms"},
    {"spike", "S every T", offsetof(struct ear_effects, spike), 1, 2, "300 ms every 7 s"},
    {"stall", "S every T", offsetof(struct ear_effects, stall), 1, 2, "600-1500 ms every 12 s"},
    {"loss", "P", offsetof(struct ear_effects, loss_ppm), 0, 0, "1.5 %"},
    {"burst", "P of D", offsetof(struct ear_effects, burst), 0, 0, "4 % of 4 datagrams"},
    {"fade", "T every T|losing P", offsetof(struct ear_effects, fade), 0, 1,
     "250 ms every 1 s, losing 80 %"},
    {"rate", "R", offsetof(struct ear_effects, rate_bps), 0, 0, "45 kbit/s"},
    {"queue", "T", offsetof(struct ear_effects, queue_us), 0, 0, "1.5 s"},
    {"cross", "R", offsetof(struct ear_effects, cross_bps), 0, 0, "30 kbit/s"},
    {"outage", "S every T", offsetof(struct ear_effects, outage), 1, 2, "3 s every 20 s"},
    {"ramp", "T in T hold T back T every T", offsetof(struct ear_effects, ramp), 1, 4,
     "1.5 s in 4 s, hold 2 s, back 3 s, every 20 s"},
    {"duplicate", "P", offsetof(struct ear_effects, duplicate_ppm), 0, 0, "0.5 %"},
    {"reorder", "P|by S", offsetof(struct ear_effects, reorder), 0, 0, "1 %, by 50-150 ms"},
    {"trace", NULL, 0, 0, 0, "FILE.csv"},
};

/* Where the parser is and what it has seen. */
struct parse {
    struct ear_profile_text text;
    int line;
    int line_of[2][EAR_COUNT(keys)]; /* 0: not given */
    const char *name;
    char *error;
    size_t error_bytes;
};

static int refuse(struct parse *p, int line, const char *format, ...) EAR_PRINTF(3, 4);

static int refuse(struct parse *p, int line, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(p->error, p->error_bytes, "%s, line %d: %s.", p->name, line, what);
    return -EINVAL;
}

/* A copy fit for a message: bounded, printable. */
static const char *quote(struct ear_words words, char out[static QUOTE_BYTES])
{
    size_t n = 0;
    for (; words.at < words.end && n < QUOTE_BYTES - 1; words.at++)
        out[n++] = *words.at < ' ' || *words.at > '~' ? (char)'?' : *words.at;
    out[n] = '\0';
    return out;
}

static struct ear_words trim(struct ear_words w)
{
    while (w.at < w.end && strchr(" \t\r", *w.at) && *w.at)
        w.at++;
    while (w.end > w.at && strchr(" \t\r", w.end[-1]) && w.end[-1])
        w.end--;
    return w;
}

static bool words_are(struct ear_words w, const char *text)
{
    return (size_t)(w.end - w.at) == strlen(text) && memcmp(w.at, text, strlen(text)) == 0;
}

static const struct key *find_key(struct ear_words name)
{
    for (size_t i = 0; i < EAR_COUNT(keys); i++) {
        if (words_are(name, keys[i].name))
            return &keys[i];
    }
    return NULL;
}

/* "up.loss" is loss of direction 0 alone, "up" its rate. Returns which directions, as bits. */
static unsigned take_directions(struct ear_words *name)
{
    static const char *const prefixes[2] = {"up", "down"};
    static const char rate[] = "rate";
    for (unsigned d = 0; d < 2; d++) {
        size_t len = strlen(prefixes[d]);
        if (words_are(*name, prefixes[d])) {
            *name = (struct ear_words){rate, rate + strlen(rate)};
            return 1u << d;
        }
        if ((size_t)(name->end - name->at) > len && memcmp(name->at, prefixes[d], len) == 0 &&
            name->at[len] == '.') {
            name->at += len + 1;
            return 1u << d;
        }
    }
    return 3;
}

static int refuse_key(struct parse *p, struct ear_words name)
{
    char known[160] = "up, down", quoted[QUOTE_BYTES];
    for (size_t i = 0, n = strlen(known); i < EAR_COUNT(keys); i++)
        n += (size_t)snprintf(known + n, sizeof known - n, ", %s", keys[i].name);
    return refuse(p, p->line, "\"%s\" is not a key; the keys are %s", quote(name, quoted), known);
}

/* Rules that a value must keep by itself. Returns NULL or what is wrong. */
static const char *check_value(const struct key *key, const int64_t *numbers)
{
    int64_t length_us = 0;
    for (int i = key->long_from; i < key->every; i++)
        length_us += numbers[i];
    if (key->every && numbers[key->every] < EVERY_LEAST_US)
        return "nothing may repeat faster than every 100 ms";
    if (key->every && length_us >= numbers[key->every])
        return "it must be over before it begins anew";
    if (strcmp(key->name, "queue") == 0 && numbers[0] > QUEUE_MOST_US)
        return "no queue is longer than 60 s";
    if (strcmp(key->name, "cross") == 0 && numbers[0] > CROSS_MOST_BPS)
        return "cross traffic ends at 10 Mbit/s";
    if (strcmp(key->name, "burst") == 0 && (numbers[0] > BURST_MOST_PPM || numbers[1] < ALL_PPM ||
                                            numbers[1] > (int64_t)BURST_MOST_DATAGRAMS * ALL_PPM))
        return "bursts lose up to 50 % in runs of 1 to 1000 datagrams";
    return NULL;
}

static int parse_trace(struct parse *p, unsigned directions, struct ear_words value)
{
    size_t len = (size_t)(value.end - value.at);
    if (len == 0 || len >= EAR_PROFILE_PATH_BYTES || memchr(value.at, '\0', len))
        return refuse(p, p->line, "trace needs the name of a file, as in FILE.csv");
    for (unsigned d = 0; d < 2; d++) {
        if (directions & 1u << d)
            memcpy(p->text.trace[d], value.at, len);
    }
    return 0;
}

static int parse_value(struct parse *p, const struct key *key, unsigned directions,
                       struct ear_words value)
{
    char quoted[QUOTE_BYTES];
    int64_t numbers[EAR_WORDS_NUMBERS_MAX] = {0};
    int count = ear_words_match(value, key->pattern, numbers);
    if (count == -ERANGE)
        return refuse(p, p->line,
                      "%s goes too far in \"%s\": times end at 60 min, shares at 100 %%, rates at "
                      "1000 Mbit/s",
                      key->name, quote(value, quoted));
    if (count < 0)
        return refuse(p, p->line, "%s does not understand \"%s\"; write it as in %s = %s",
                      key->name, quote(value, quoted), key->name, key->example);
    const char *wrong = check_value(key, numbers);
    if (wrong)
        return refuse(p, p->line, "%s = %s cannot be: %s", key->name, quote(value, quoted), wrong);
    for (unsigned d = 0; d < 2; d++) {
        if (directions & 1u << d)
            memcpy((char *)&p->text.effects[d] + key->offset, numbers,
                   (size_t)count * sizeof numbers[0]);
    }
    return 0;
}

static int parse_line(struct parse *p, struct ear_words line)
{
    const char *comment = memchr(line.at, '#', (size_t)(line.end - line.at));
    if (comment)
        line.end = comment;
    line = trim(line);
    if (line.at == line.end)
        return 0;
    const char *equals = memchr(line.at, '=', (size_t)(line.end - line.at));
    if (!equals)
        return refuse(p, p->line, "a line is \"key = value\"");
    struct ear_words name = trim((struct ear_words){line.at, equals}), whole_name = name;
    struct ear_words value = trim((struct ear_words){equals + 1, line.end});
    unsigned directions = take_directions(&name);
    const struct key *key = find_key(name);
    if (!key)
        return refuse_key(p, whole_name);
    for (unsigned d = 0; d < 2; d++) {
        int *line_of = &p->line_of[d][key - keys];
        if ((directions & 1u << d) && *line_of)
            return refuse(p, p->line, "%s already stands in line %d", key->name, *line_of);
        if (directions & 1u << d)
            *line_of = p->line;
    }
    if (!key->pattern)
        return parse_trace(p, directions, value);
    return parse_value(p, key, directions, value);
}

static int line_of(const struct parse *p, int direction, const char *name)
{
    for (size_t i = 0; i < EAR_COUNT(keys); i++) {
        if (strcmp(keys[i].name, name) == 0)
            return p->line_of[direction][i];
    }
    return 0;
}

/* Rules between keys. */
static int check_direction(struct parse *p, int direction)
{
    const struct ear_effects *e = &p->text.effects[direction];
    static const char *const of_rate[] = {"queue", "cross"};
    for (size_t i = 0; i < EAR_COUNT(of_rate); i++) {
        int line = line_of(p, direction, of_rate[i]);
        if (line && e->rate_bps == 0)
            return refuse(p, line, "%s needs a rate, or up and down", of_rate[i]);
    }
    if (line_of(p, direction, "rate") && e->rate_bps == 0)
        return refuse(p, line_of(p, direction, "rate"), "a rate must be above 0");
    if (e->cross_bps > 0 && e->cross_bps >= e->rate_bps)
        return refuse(p, line_of(p, direction, "cross"), "cross traffic must leave some rate");
    return 0;
}

int ear_profile_text_parse(struct ear_profile_text *ret, const char *name, const char *text,
                           size_t len, char *error, size_t error_bytes)
{
    struct parse p = {.name = name, .error = error, .error_bytes = error_bytes};
    const char *end = text + len;
    int r = 0;
    if (len > EAR_PROFILE_TEXT_MAX)
        return refuse(&p, 1, "the file is longer than %d bytes", EAR_PROFILE_TEXT_MAX);
    for (int d = 0; d < 2; d++) {
        p.text.effects[d].queue_us = QUEUE_USUAL_US;
        p.text.effects[d].fade.losing_ppm = ALL_PPM;
        p.text.effects[d].reorder.held = (struct ear_span){HELD_LEAST_US, HELD_MOST_US};
    }
    for (const char *at = text; at < end && r == 0;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        p.line++;
        r = parse_line(&p, (struct ear_words){at, stop ? stop : end});
        at = stop ? stop + 1 : end;
    }
    for (int d = 0; d < 2 && r == 0; d++)
        r = check_direction(&p, d);
    if (r == 0)
        *ret = p.text;
    return r;
}
