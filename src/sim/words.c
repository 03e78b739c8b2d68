/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with units, as profiles spell them: "300-900 ms every 7 s". */
#include "sim/words.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define MILLION 1e6
#define DIGITS_MAX 9
#define DECIMALS_MAX 6

/* A unit belongs to a letter of the patterns; limit is in what the letter counts in. */
static const struct unit {
    char letter;
    const char *name;
    double factor;
    double limit;
} units[] = {
    {'T', "us", 1, 3.6e9},           {'T', "ms", 1e3, 3.6e9},   {'T', "s", 1e6, 3.6e9},
    {'T', "min", 6e7, 3.6e9},        {'P', "%", 1e4, MILLION},  {'R', "bit/s", 1, 1e9},
    {'R', "kbit/s", 1e3, 1e9},       {'R', "Mbit/s", 1e6, 1e9}, {'D', "datagrams", MILLION, 1e9},
    {'D', "datagram", MILLION, 1e9},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct ear_words *w)
{
    while (w->at < w->end && is_blank(*w->at))
        w->at++;
}

/* Takes up to most digits; returns how many, 0 also when there are more than that. */
static size_t take_digits(struct ear_words *w, size_t most, double *value)
{
    size_t digits = 0;
    for (; w->at < w->end && is_digit(*w->at); w->at++) {
        *value = *value * 10 + (*w->at - '0');
        if (++digits > most)
            return 0;
    }
    return digits;
}

bool ear_words_number(struct ear_words *words, double *ret)
{
    double value = 0, decimals = 0;
    skip_blanks(words);
    if (take_digits(words, DIGITS_MAX, &value) == 0)
        return false;
    if (words->at < words->end && *words->at == '.') {
        words->at++;
        size_t digits = take_digits(words, DECIMALS_MAX, &decimals);
        if (digits == 0)
            return false;
        value += decimals / pow(10, (double)digits);
    }
    *ret = value;
    return true;
}

static bool take_literal(struct ear_words *w, const char *word, size_t len)
{
    skip_blanks(w);
    if ((size_t)(w->end - w->at) < len || memcmp(w->at, word, len) != 0)
        return false;
    if (w->at + len < w->end && !is_blank(w->at[len]))
        return false;
    w->at += len;
    return true;
}

static const struct unit *take_unit(struct ear_words *w, char letter)
{
    for (size_t i = 0; i < EAR_COUNT(units); i++) {
        if (units[i].letter == letter && take_literal(w, units[i].name, strlen(units[i].name)))
            return &units[i];
    }
    return NULL;
}

/* One number, or with a span two, and the unit behind. Returns how many numbers, -errno. */
static int take_quantity(struct ear_words *w, char letter, int64_t *numbers)
{
    bool span = letter == 'S';
    double low, high;
    if (!ear_words_number(w, &low))
        return -EINVAL;
    high = low;
    if (span && w->at < w->end && *w->at == '-') {
        w->at++;
        if (!ear_words_number(w, &high) || high < low)
            return -EINVAL;
    }
    const struct unit *unit = take_unit(w, span ? 'T' : letter);
    if (!unit)
        return -EINVAL;
    if (high * unit->factor > unit->limit)
        return -ERANGE;
    numbers[0] = llround(low * unit->factor);
    if (span)
        numbers[1] = llround(high * unit->factor);
    return span ? 2 : 1;
}

static bool is_letter_of_pattern(const char *p)
{
    return strchr("TSPRD", *p) && strchr(" |", p[1]);
}

int ear_words_match(struct ear_words words, const char *pattern,
                    int64_t numbers[static EAR_WORDS_NUMBERS_MAX])
{
    int count = 0;
    for (const char *p = pattern; *p;) {
        skip_blanks(&words);
        if (*p == '|' && words.at == words.end)
            return count;
        if (*p == '|' || *p == ' ') {
            p++;
            continue;
        }
        size_t len = strcspn(p, " |");
        if (is_letter_of_pattern(p)) {
            if (count + 2 > EAR_WORDS_NUMBERS_MAX)
                return -EINVAL;
            int taken = take_quantity(&words, *p, numbers + count);
            if (taken < 0)
                return taken;
            count += taken;
        } else if (!take_literal(&words, p, len)) {
            return -EINVAL;
        }
        p += len;
    }
    skip_blanks(&words);
    return words.at == words.end ? count : -EINVAL;
}
