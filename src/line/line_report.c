/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a listener tells the talker about the line, and how the listener comes to know it. */
#include "line/line_report.h"

/* How often, and how soon after the last where there is news. A report every 500 ms sees a queue
 * that grows by 600 ms/s before 1 s is full; one in 250 ms halves what is lost when it is not. */
#define REPORT_US (500 * EAR_US_PER_MS)
#define REPORT_NEWS_US (250 * EAR_US_PER_MS)
/* A queue that grows by 1.4 s/s, as one does when a line falls to less than half of our load, is
 * full before the second of those. */
#define URGENT_US (100 * EAR_US_PER_MS)
#define REPORT_URGENT_US (100 * EAR_US_PER_MS)
/* So many at the beginning are news: the talker knows nothing yet, and some may be lost. */
#define REPORTS_SOON 12
/* A full one goes at least this often, and always for so long after a gap: its fellows may be lost
 * as well. */
#define FULL_US (10 * (int64_t)EAR_US_PER_S)
/* In silence something is sent every 500 ms at least: where more lies between, one was lost. */
#define SILENCE_UNITS (600 / EAR_UNIT_MS)
/* Where more is sent, much is lost: a gap of twice 180 ms cannot be told from one of 350 ms, and
 * only a full report says what came. Taken for whole, 50 % of loss looked like 20. */
#define DENSE_UNITS (400 / EAR_UNIT_MS)
#define SLOTS_KEPT 64

void ear_line_ear_init(struct ear_line_ear *ear)
{
    *ear = (struct ear_line_ear){
        .highest = -1,
        .newest_end = -1,
        .delay_us = {INT64_MAX, INT64_MAX},
        .gap_us = INT64_MIN / 2,
        .told = {.at_us = INT64_MIN / 2, .full_us = INT64_MIN / 2},
    };
}

static bool is_gap(const struct ear_line_ear *ear, int64_t index, int units, bool spurt_start)
{
    int64_t missing = index - ear->newest_end;
    if (ear->highest < 0 || missing <= 0 || spurt_start)
        return false;
    return !ear->newest_silent || units > 0 || missing > SILENCE_UNITS;
}

static void mark_slot(struct ear_line_ear *ear, int64_t index)
{
    int64_t ahead = ear->highest < 0
                        ? SLOTS_KEPT
                        : index / EAR_LINK_SLOT_UNITS - ear->highest / EAR_LINK_SLOT_UNITS;
    if (ahead >= SLOTS_KEPT)
        ear->slots = 1;
    else if (ahead >= 0)
        ear->slots = ear->slots << ahead | 1;
    else if (-ahead < SLOTS_KEPT)
        ear->slots |= (uint64_t)1 << -ahead;
}

void ear_line_ear_take(struct ear_line_ear *ear, int64_t index, int units, bool spurt_start,
                       int64_t now_us)
{
    int64_t end = index + units;
    if (is_gap(ear, index, units, spurt_start))
        ear->gap_us = now_us;
    ear->dense = ear->newest_silent && units == 0 && index - ear->newest_end <= DENSE_UNITS;
    mark_slot(ear, index);
    if (index >= ear->highest) {
        ear->highest = index;
        ear->highest_us = now_us;
    }
    ear->newest_end = end;
    ear->newest_us = now_us;
    ear->newest_silent = units == 0;
    ear->delay_us[1] = ear->delay_us[0];
    ear->delay_us[0] = now_us - end * EAR_UNIT_US;
}

static int64_t least_delay_us(const struct ear_line_ear *ear)
{
    return ear_min64(ear->delay_us[0], ear->delay_us[1]);
}

static bool is_news(const struct ear_line_ear *ear)
{
    int64_t change_us = least_delay_us(ear) - ear->told.delay_us;
    return ear->gap_us > ear->told.at_us || change_us >= EAR_LINE_BRIEF_US ||
           change_us <= -EAR_LINE_BRIEF_US;
}

bool ear_line_ear_urges(const struct ear_line_ear *ear, int64_t now_us)
{
    return ear->told.count >= REPORTS_SOON &&
           least_delay_us(ear) - ear->told.delay_us >= URGENT_US &&
           now_us - ear->told.at_us >= REPORT_URGENT_US;
}

bool ear_line_ear_due(const struct ear_line_ear *ear, int64_t now_us)
{
    if (ear->highest < 0)
        return false;
    if (ear_line_ear_urges(ear, now_us))
        return true;
    bool soon = is_news(ear) || ear->told.count < REPORTS_SOON;
    return now_us - ear->told.at_us >= (soon ? REPORT_NEWS_US : REPORT_US);
}

static bool is_brief(const struct ear_line_ear *ear, int64_t now_us)
{
    return now_us - ear->told.full_us < FULL_US && now_us - ear->gap_us >= FULL_US && !ear->dense &&
           !is_news(ear);
}

void ear_line_ear_report(struct ear_line_ear *ear, int64_t playout_us, int64_t now_us,
                         struct ear_link_report *ret)
{
    int64_t age = (now_us - ear->highest_us) / EAR_LINE_AGE_UNIT_US;
    *ret = (struct ear_link_report){
        .brief = is_brief(ear, now_us),
        .highest = (uint16_t)(ear->highest % EAR_LINK_INDEX_MODULO),
        .age_20ms = (uint8_t)ear_min64(age, EAR_LINK_AGE_UNKNOWN),
    };
    ear->told.at_us = now_us;
    ear->told.count++;
    if (ret->brief)
        return;
    int64_t units = least_delay_us(ear) / EAR_LINE_DELAY_UNIT_US;
    int64_t playout = ear_max64(playout_us, 0) / EAR_LINE_PLAYOUT_UNIT_US;
    ret->delay_8ms = (uint16_t)((uint64_t)units % EAR_LINK_DELAY_MODULO);
    ret->came = (uint16_t)(ear->slots & ((1 << EAR_LINK_SLOTS) - 1));
    ret->playout_32ms = (uint8_t)ear_min64(playout, EAR_LINK_PLAYOUT_MAX);
    ear->told.full_us = now_us;
    ear->told.delay_us = least_delay_us(ear);
}
