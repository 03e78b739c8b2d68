/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A talker, a simulated link and a listener's reports in virtual time, for what judges the line. */
#ifndef EAR_LINE_SCENE_H
#define EAR_LINE_SCENE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line/ladder.h"
#include "sim/path.h"
#include "sim/profile.h"

#define LINE_MS ((int64_t)EAR_US_PER_MS)
#define LINE_S ((int64_t)EAR_US_PER_S)
#define LINE_TICK_US (5 * LINE_MS)
#define LINE_UNDERWAY 192 /* 6 s of packets and more */
#define LINE_NOTES_US (100 * LINE_MS)
#define LINE_NOTES (2 * 36000) /* two hours */
#define LINE_SILENCE_BYTES 43

struct line_datagram {
    bool there;
    int64_t arrive_us, index;
    int units;
    bool spurt_start;
    bool has_report;
    struct ear_link_report report;
};

/* The state every 100 ms. */
struct line_note {
    float queue_ms; /* in the bottleneck, all traffic */
    float budget_bps, steady_bps;
    uint8_t rung, phase, why;
};

struct line_scene {
    struct ear_effects effects[2];
    struct ear_path paths[2];
    struct line_datagram underway[2][LINE_UNDERWAY];
    struct ear_line_view view;
    struct ear_line_ear ear;
    struct ear_ladder ladder;
    struct ear_ladder_ask ask;
    struct ear_ladder_say say;
    struct ear_line line;
    uint64_t seed;
    int64_t now_us;
    /* the talker */
    int64_t next_unit;    /* journal */
    int64_t packet_begin; /* of the packet being spoken; -1: none */
    int packet_units;
    double debt_bytes;
    bool was_speaking;
    int64_t sent_us;
    int64_t talk_us, pause_us; /* spurts; pause 0: never silent */
    double drift;              /* of the listener's clock */
    bool cut[2];
    bool deaf; /* what is said goes nowhere, though the line answers */
    /* the listener */
    int64_t keepalive_us; /* when it sent last */
    bool peer_talks;      /* then a report may ride every 60 ms */
    /* what happened */
    int64_t packets, overflowed, bytes;
    struct line_note *notes;
    size_t note_count;
    int downs, tests, probes, rung_changes;
};

static inline struct line_scene *line_scene_new(const char *text, int user_bps, uint64_t seed)
{
    struct line_scene *s = calloc(1, sizeof *s);
    struct ear_profile *profile;
    char error[200];
    bool named = strchr(text, '=') == NULL;
    int err = named ? ear_profile_load(&profile, text, error, sizeof error)
                    : ear_profile_parse(&profile, "scene", text, strlen(text), error, sizeof error);
    if (!s || err) {
        fprintf(stderr, "%s\n", err ? error : "no memory");
        abort();
    }
    for (int i = 0; i < 2; i++) {
        s->effects[i] = *ear_profile_effects(profile, i);
        ear_path_init(&s->paths[i], &s->effects[i], 0, seed, i);
    }
    ear_profile_free(profile);
    s->seed = seed;
    ear_line_view_init(&s->view, 0);
    ear_line_ear_init(&s->ear);
    ear_ladder_init(&s->ladder, user_bps, 0, 0);
    s->ask = (struct ear_ladder_ask){.budget_bps = user_bps, .answers = true};
    s->say.budget_bps = (int)ear_budget_bps(&s->ladder.budget);
    s->packet_begin = -1;
    s->talk_us = LINE_S;
    s->notes = calloc(LINE_NOTES, sizeof *s->notes);
    return s;
}

static inline void line_scene_free(struct line_scene *s)
{
    free(s->notes);
    free(s);
}

static inline void line_send(struct line_scene *s, int direction, size_t bytes,
                             struct line_datagram datagram)
{
    struct ear_path_fate fate = ear_path_send(&s->paths[direction], s->now_us, bytes);
    if (direction == 0) {
        s->packets++;
        s->overflowed += fate.overflowed;
        s->bytes += (int64_t)bytes;
        s->sent_us = s->now_us;
        ear_line_view_sent(&s->view, datagram.index, bytes, s->now_us);
    }
    if (fate.copies == 0 || s->cut[direction])
        return;
    for (size_t i = 0; i < LINE_UNDERWAY; i++) {
        if (s->underway[direction][i].there)
            continue;
        s->underway[direction][i] = datagram;
        s->underway[direction][i].there = true;
        s->underway[direction][i].arrive_us = fate.arrive_us[0];
        return;
    }
    abort();
}

static inline struct line_datagram *line_arrived(struct line_scene *s, int direction)
{
    struct line_datagram *first = NULL;
    for (size_t i = 0; i < LINE_UNDERWAY; i++) {
        struct line_datagram *d = &s->underway[direction][i];
        if (d->there && d->arrive_us <= s->now_us && (!first || d->arrive_us < first->arrive_us))
            first = d;
    }
    return first;
}

static inline int64_t line_keepalive_us(double loss)
{
    return (loss > .37   ? 110
            : loss > .25 ? 180
            : loss > .18 ? 250
            : loss > .1  ? 350
                         : 500) *
           LINE_MS;
}

static inline void line_talk(struct line_scene *s)
{
    int64_t unit = s->now_us / EAR_UNIT_US;
    int64_t turn_us = s->talk_us + s->pause_us;
    for (; s->next_unit < unit; s->next_unit++) {
        bool speaking = s->next_unit * EAR_UNIT_US % turn_us < s->talk_us;
        if (s->packet_begin < 0 && speaking) {
            s->packet_begin = s->next_unit;
            if (s->packet_units == 0 || !s->say.passing)
                s->packet_units = s->say.budget_bps < 13500 ? 6 : s->say.budget_bps < 20000 ? 4 : 3;
        }
        if (s->packet_begin >= 0 && s->next_unit + 1 == s->packet_begin + s->packet_units) {
            s->debt_bytes += (double)s->say.budget_bps * s->packet_units * EAR_UNIT_MS / 8000;
            double bytes = floor(s->debt_bytes);
            s->debt_bytes -= bytes;
            line_send(s, 0, (size_t)bytes,
                      (struct line_datagram){.index = s->packet_begin,
                                             .units = s->packet_units,
                                             .spurt_start = !s->was_speaking});
            s->was_speaking = true;
            s->packet_begin = -1;
        }
        if (!speaking && s->packet_begin < 0)
            s->was_speaking = false;
    }
    if (s->packet_begin < 0 && s->now_us - s->sent_us >= line_keepalive_us(s->line.loss_slow))
        line_send(s, 0, LINE_SILENCE_BYTES, (struct line_datagram){.index = s->next_unit});
}

static inline void line_listen(struct line_scene *s)
{
    for (struct line_datagram *d; (d = line_arrived(s, 0)) != NULL; d->there = false) {
        if (!s->deaf)
            ear_line_ear_take(&s->ear, d->index, d->units, d->spurt_start,
                              d->arrive_us + (int64_t)((double)d->arrive_us * s->drift));
    }
    int64_t now_us = s->now_us + (int64_t)((double)s->now_us * s->drift);
    int64_t every_us = s->peer_talks ? 60 * LINE_MS : line_keepalive_us(s->line.loss_slow);
    if (s->now_us - s->keepalive_us < every_us && !ear_line_ear_urges(&s->ear, now_us))
        return;
    s->keepalive_us = s->now_us;
    struct line_datagram word = {.has_report = ear_line_ear_due(&s->ear, now_us)};
    if (word.has_report)
        ear_line_ear_report(&s->ear, 200 * LINE_MS, now_us, &word.report);
    line_send(s, 1, LINE_SILENCE_BYTES + (word.has_report ? 6 : 0), word);
}

static inline void line_note(struct line_scene *s)
{
    if (s->now_us / LINE_NOTES_US < (int64_t)s->note_count || s->note_count == LINE_NOTES)
        return;
    int64_t wait_us = ear_max64(s->paths[0].bottleneck_free_us - s->now_us, 0);
    s->notes[s->note_count++] = (struct line_note){
        .queue_ms = (float)wait_us / LINE_MS,
        .budget_bps = (float)s->say.budget_bps,
        .steady_bps = (float)s->ladder.budget.steady_bps,
        .rung = (uint8_t)s->say.rung,
        .phase = (uint8_t)s->ladder.budget.phase,
        .why = (uint8_t)s->say.budget_why,
    };
}

static inline void line_judge(struct line_scene *s)
{
    enum ear_rung rung = s->ladder.rung;
    enum ear_budget_phase phase = s->ladder.budget.phase;
    double steady_bps = s->ladder.budget.steady_bps;
    ear_line_view_get(&s->view, s->now_us, &s->line);
    ear_ladder_step(&s->ladder, &s->line, &s->ask, s->now_us, &s->say);
    s->rung_changes += s->ladder.rung != rung;
    s->downs += s->ladder.budget.steady_bps < steady_bps;
    if (s->ladder.budget.phase != phase) {
        s->tests += s->ladder.budget.phase == EAR_BUDGET_TEST;
        s->probes += s->ladder.budget.phase == EAR_BUDGET_PROBE;
        if (getenv("LINE_SCENE_LOUD"))
            printf("%8.2f s phase %d->%d steady %.1f->%.1f load %.1f q %.0f slope %.0f sent %.1f "
                   "lossq %.2f lossr %.2f why %s\n",
                   (double)s->now_us / 1e6, (int)phase, (int)s->ladder.budget.phase,
                   steady_bps / 1e3, s->ladder.budget.steady_bps / 1e3,
                   ear_budget_bps(&s->ladder.budget) / 1e3, s->line.queueing_ms, s->line.slope_ms_s,
                   s->line.sent_bps / 1e3, s->line.loss_queued, s->line.loss_random,
                   ear_ladder_why_name(s->say.budget_why));
    }
}

/* Lives until so long after the beginning. */
static inline void line_run(struct line_scene *s, double until_s)
{
    int64_t until_us = (int64_t)(until_s * LINE_S);
    for (; s->now_us < until_us; s->now_us += LINE_TICK_US) {
        line_listen(s);
        bool news = false;
        for (struct line_datagram *d; (d = line_arrived(s, 1)) != NULL; d->there = false) {
            ear_line_view_heard(&s->view, s->now_us);
            if (d->has_report)
                ear_line_view_report(&s->view, &d->report, s->now_us);
            news = true;
        }
        if (news || s->now_us % LINE_NOTES_US == 0)
            line_judge(s);
        line_talk(s);
        line_note(s);
    }
}

/* Means, extremes and shares of the notes from begin_s to end_s. */
struct line_sum {
    double budget_bps, budget_least_bps, steady_least_bps, steady_bps;
    double queue_ms, queue_most_ms;
    double queue_150_share; /* of the time with more than 150 ms in the queue */
};

static inline struct line_sum line_sum(const struct line_scene *s, double begin_s, double end_s)
{
    struct line_sum sum = {.budget_least_bps = INFINITY, .steady_least_bps = INFINITY};
    size_t n = 0;
    for (size_t i = (size_t)(begin_s * 10); i < s->note_count && i < end_s * 10; i++, n++) {
        const struct line_note *note = &s->notes[i];
        sum.budget_bps += (double)note->budget_bps;
        sum.steady_bps += (double)note->steady_bps;
        sum.queue_ms += (double)note->queue_ms;
        sum.queue_150_share += note->queue_ms > 150;
        sum.queue_most_ms = fmax(sum.queue_most_ms, (double)note->queue_ms);
        sum.budget_least_bps = fmin(sum.budget_least_bps, (double)note->budget_bps);
        sum.steady_least_bps = fmin(sum.steady_least_bps, (double)note->steady_bps);
    }
    sum.budget_bps /= (double)n;
    sum.steady_bps /= (double)n;
    sum.queue_ms /= (double)n;
    sum.queue_150_share /= (double)n;
    return sum;
}

#endif
