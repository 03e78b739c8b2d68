/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A short list of ranges in order. */
#include "rx/gaps.h"

#include <string.h>

/* What is missed stands behind live speech: it is asked for this much less often. */
#define MISSED_PATIENCE 4
/* Two spurts fit between signs of silence that lie further apart than this, and their number would
 * look right: then it is asked what was said. */
#define SURE_UNITS (1000 / EAR_UNIT_MS)

void ear_gaps_init(struct ear_gaps *gaps, const struct ear_gaps_config *config)
{
    *gaps = (struct ear_gaps){.config = *config, .silent = true};
}

static void drop(struct ear_gaps *gaps, size_t at)
{
    gaps->count--;
    memmove(gaps->range + at, gaps->range + at + 1, (gaps->count - at) * sizeof gaps->range[0]);
}

static void insert(struct ear_gaps *gaps, size_t at, const struct ear_gap *gap)
{
    memmove(gaps->range + at + 1, gaps->range + at, (gaps->count - at) * sizeof gaps->range[0]);
    gaps->range[at] = *gap;
    gaps->count++;
}

/* Room for one more: the shortest that is lost goes, the oldest of such, or the oldest of all; but
 * not the one at `at`, whose place is returned. Nobody looks up one syllable of an hour ago. */
static size_t make_room(struct ear_gaps *gaps, size_t at)
{
    if (gaps->count < EAR_GAPS_RANGES)
        return at;
    size_t out = at == 0 ? 1 : 0;
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < gaps->count; i++) {
        const struct ear_gap *gap = &gaps->range[i];
        if (gap->kind != EAR_GAP_LOST || i == at || gap->to - gap->from >= least)
            continue;
        out = i;
        least = gap->to - gap->from;
    }
    gaps->forgotten_units += gaps->range[out].to - gaps->range[out].from;
    drop(gaps, out);
    return at - (out < at);
}

/* The range at `at` goes on to index, which lies within, and another of its kind from there.
 * Returns the place of the first. */
static size_t split(struct ear_gaps *gaps, size_t at, int64_t index)
{
    at = make_room(gaps, at);
    struct ear_gap rest = gaps->range[at];
    gaps->range[at].to = rest.from = index;
    insert(gaps, at + 1, &rest);
    return at;
}

static int64_t miss(struct ear_gaps *gaps, int64_t from, int64_t to, bool sparse, int64_t now_us)
{
    int64_t units = to - from, live_units = gaps->config.live_units;
    if (units <= 0)
        return 0;
    if (sparse && live_units > 0)
        live_units += gaps->config.sign_units;
    struct ear_gap gap = {
        .from = from, .to = to, .sparse = sparse, .since_us = now_us, .asked_us = INT64_MIN / 2};
    gap.kind = units <= live_units                   ? EAR_GAP_LIVE
               : units <= gaps->config.awaited_units ? EAR_GAP_AWAITED
                                                     : EAR_GAP_MISSED;
    make_room(gaps, gaps->count);
    size_t at = gaps->count;
    while (at > 0 && gaps->range[at - 1].from > from)
        at--;
    insert(gaps, at, &gap);
    return units;
}

/* A spurt begins up to 100 ms before it is noticed, where silence may have been told meanwhile. */
#define EARLY_UNITS (100 / EAR_UNIT_MS)

/* From where on speech may be missing that goes on at an index behind known. */
static int64_t unsure_from(const struct ear_gaps *gaps, bool spurt_start)
{
    if (!gaps->silent || spurt_start)
        return gaps->known;
    int64_t from = ear_max64(gaps->silent_from, gaps->known - EARLY_UNITS);
    return gaps->count > 0 ? ear_max64(from, gaps->range[gaps->count - 1].to) : from;
}

/* Units [from, to) are known, and all before them: of told silence only the rest is unsure. */
static void make_sure(struct ear_gaps *gaps, int64_t from, int64_t to)
{
    if (from <= unsure_from(gaps, false))
        gaps->silent_from = ear_max64(gaps->silent_from, ear_min64(to, gaps->known));
}

int64_t ear_gaps_speech(struct ear_gaps *gaps, int64_t index, int units, bool spurt_start,
                        int64_t now_us)
{
    enum ear_gap_kind kind;
    ear_gaps_settle(gaps, index, index + units, now_us, &kind);
    bool whole = spurt_start && gaps->silent && index - gaps->known <= SURE_UNITS;
    bool counts = spurt_start && index >= unsure_from(gaps, false);
    int64_t missing =
        whole ? 0 : miss(gaps, unsure_from(gaps, spurt_start), index, gaps->silent, now_us);
    if (counts)
        gaps->odd = !gaps->odd;
    if (index + units <= gaps->known) {
        make_sure(gaps, spurt_start ? unsure_from(gaps, false) : index, index + units);
        return missing;
    }
    if (gaps->silent) {
        gaps->pause_from = gaps->known;
        gaps->pause_to = whole ? index : gaps->known;
    }
    gaps->known = index + units;
    gaps->silent = false;
    return missing;
}

/* A number of spurts that does not fit: a short one was lost as a whole, in this pause or in the
 * one before the spurt that ends now. */
static int64_t find_lost_spurt(struct ear_gaps *gaps, int64_t index, int64_t now_us)
{
    if (gaps->silent)
        return miss(gaps, gaps->known, index, true, now_us);
    int64_t missing = miss(gaps, gaps->pause_from, gaps->pause_to, true, now_us);
    gaps->pause_to = gaps->pause_from;
    return missing + miss(gaps, gaps->known, index, true, now_us);
}

int64_t ear_gaps_silence(struct ear_gaps *gaps, int64_t index, bool odd, int64_t now_us)
{
    if (index < gaps->known)
        return 0;
    int64_t missing = 0;
    if (odd != gaps->odd || index - gaps->known > SURE_UNITS)
        missing = find_lost_spurt(gaps, index, now_us);
    else if (!gaps->silent)
        missing = miss(gaps, gaps->known, index, true, now_us);
    if (!gaps->silent)
        gaps->silent_from = index;
    gaps->known = index;
    gaps->silent = true;
    gaps->odd = odd;
    return missing;
}

/* One range without [from, to): it may vanish, shrink or split. */
static void cut(struct ear_gaps *gaps, size_t at, int64_t from, int64_t to)
{
    struct ear_gap *gap = &gaps->range[at];
    if (from <= gap->from && to >= gap->to) {
        drop(gaps, at);
    } else if (from <= gap->from) {
        gap->from = to;
    } else {
        if (to < gap->to)
            gap = &gaps->range[split(gaps, at, to)];
        gap->to = from;
    }
}

static bool settle(struct ear_gaps *gaps, int64_t from, int64_t to, int64_t now_us,
                   enum ear_gap_kind *ret_kind, enum ear_gap_kind last)
{
    bool wanted = false;
    for (size_t i = gaps->count; i-- > 0;) {
        struct ear_gap *gap = &gaps->range[i];
        if (gap->to <= from || gap->from >= to || gap->kind > last)
            continue;
        wanted = true;
        *ret_kind = gap->kind;
        gap->since_us = now_us;
        cut(gaps, i, from, to);
    }
    return wanted;
}

bool ear_gaps_settle(struct ear_gaps *gaps, int64_t from, int64_t to, int64_t now_us,
                     enum ear_gap_kind *ret_kind)
{
    return settle(gaps, from, to, now_us, ret_kind, EAR_GAP_MISSED);
}

bool ear_gaps_clear(struct ear_gaps *gaps, int64_t from, int64_t to, int64_t now_us,
                    enum ear_gap_kind *ret_kind)
{
    make_sure(gaps, from, to);
    return settle(gaps, from, to, now_us, ret_kind, EAR_GAP_LOST);
}

/* Lost ranges that touch are one: the list stays short where much is lost. */
static void join_lost(struct ear_gaps *gaps)
{
    for (size_t i = gaps->count; i-- > 1;) {
        struct ear_gap *a = &gaps->range[i - 1], *b = &gaps->range[i];
        if (a->kind != EAR_GAP_LOST || b->kind != EAR_GAP_LOST || a->to != b->from)
            continue;
        a->to = b->to;
        drop(gaps, i);
    }
}

/* The part of a range before `index` becomes another kind. */
static void turn_before(struct ear_gaps *gaps, size_t at, int64_t index, enum ear_gap_kind kind)
{
    if (gaps->range[at].to > index)
        at = split(gaps, at, index);
    gaps->range[at].kind = kind;
}

void ear_gaps_lose(struct ear_gaps *gaps, int64_t from, int64_t to)
{
    for (size_t i = gaps->count; i-- > 0;) {
        struct ear_gap *gap = &gaps->range[i];
        if (gap->kind == EAR_GAP_LOST || gap->to <= from || gap->from >= to)
            continue;
        if (gap->from < from)
            i = split(gaps, i, from) + 1;
        turn_before(gaps, i, to, EAR_GAP_LOST);
    }
    join_lost(gaps);
}

void ear_gaps_late(struct ear_gaps *gaps, int64_t from, int64_t to)
{
    enum ear_gap_kind kind;
    ear_gaps_clear(gaps, from, to, 0, &kind);
    miss(gaps, from, to, false, 0);
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->range[i].from == from)
            gaps->range[i].kind = EAR_GAP_LOST;
    join_lost(gaps);
}

void ear_gaps_overflow(struct ear_gaps *gaps, int64_t from, int64_t to)
{
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->range[i].kind == EAR_GAP_MISSED)
            gaps->range[i].kind = EAR_GAP_LOST;
    ear_gaps_late(gaps, from, to);
}

bool ear_gaps_is_lost(const struct ear_gaps *gaps, int64_t from, int64_t to)
{
    for (size_t i = 0; i < gaps->count; i++) {
        const struct ear_gap *gap = &gaps->range[i];
        if (gap->kind == EAR_GAP_LOST && gap->from <= from && gap->to >= to)
            return true;
    }
    return false;
}

/* Where the first range of a kind begins. */
static int64_t first_of(const struct ear_gaps *gaps, enum ear_gap_kind kind, int64_t none)
{
    for (size_t i = 0; i < gaps->count; i++) {
        if (gaps->range[i].kind == kind)
            return gaps->range[i].from;
    }
    return none;
}

int64_t ear_gaps_awaited(const struct ear_gaps *gaps)
{
    return first_of(gaps, EAR_GAP_AWAITED, -1);
}

int64_t ear_gaps_fetched(const struct ear_gaps *gaps)
{
    return first_of(gaps, EAR_GAP_MISSED, INT64_MAX);
}

void ear_gaps_pass(struct ear_gaps *gaps, int64_t index, int64_t missed_units)
{
    bool lost = false;
    for (size_t i = gaps->count; i-- > 0;) {
        struct ear_gap *gap = &gaps->range[i];
        if (gap->kind >= EAR_GAP_MISSED || gap->from >= index)
            continue;
        int64_t least = missed_units + (gap->sparse ? gaps->config.sign_units : 0);
        bool fetched = gap->to - gap->from >= least;
        turn_before(gaps, i, index, fetched ? EAR_GAP_MISSED : EAR_GAP_LOST);
        lost = lost || !fetched;
    }
    if (lost)
        join_lost(gaps);
}

void ear_gaps_expire(struct ear_gaps *gaps, int64_t now_us, int64_t patience_us)
{
    for (size_t i = 0; i < gaps->count; i++) {
        struct ear_gap *gap = &gaps->range[i];
        if (gap->kind == EAR_GAP_AWAITED && now_us - gap->since_us > patience_us)
            gap->kind = EAR_GAP_MISSED;
    }
}

void ear_gaps_skip(struct ear_gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++) {
        if (gaps->range[i].kind == EAR_GAP_AWAITED)
            gaps->range[i].kind = EAR_GAP_MISSED;
    }
}

static bool is_due(const struct ear_gaps *gaps, const struct ear_gap *gap, int64_t now_us,
                   int64_t every_us)
{
    if (gap->kind < EAR_GAP_MISSED && gap->to - gap->from <= gaps->config.short_units)
        return now_us - gap->asked_us >= gaps->config.short_us;
    int64_t wait_us = gap->kind == EAR_GAP_MISSED ? MISSED_PATIENCE * every_us : every_us;
    /* A range that is being sent is not asked for while pieces of it come. */
    int64_t quiet_us = ear_max64(gap->asked_us, gap->asks ? gap->since_us : INT64_MIN / 2);
    return now_us - quiet_us >= wait_us;
}

size_t ear_gaps_due(const struct ear_gaps *gaps, int64_t now_us, int64_t every_us,
                    struct ear_gap *ret, size_t cap)
{
    size_t n = 0;
    for (int kind = 0; kind < EAR_GAP_LOST; kind++) {
        for (size_t i = 0; i < gaps->count && n < cap; i++) {
            const struct ear_gap *gap = &gaps->range[i];
            if ((int)gap->kind == kind && is_due(gaps, gap, now_us, every_us))
                ret[n++] = *gap;
        }
    }
    return n;
}

void ear_gaps_asked(struct ear_gaps *gaps, int64_t from, int64_t now_us)
{
    for (size_t i = 0; i < gaps->count; i++) {
        if (gaps->range[i].from == from) {
            gaps->range[i].asked_us = now_us;
            gaps->range[i].asks++;
        }
    }
}
