/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A talker, a listener and what is lost between them, one datagram a step.
 *
 * The listener asks as soon as a later packet shows the gap, and again with each datagram of its
 * own until it has the packet or gives it up; asks are lost as speech is. The talker puts the
 * packet into its next datagram (or so many), into one more where the answer was lost before, and
 * takes no second ask for it that was made before the listener could have seen the answer. */
#include "line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET_MS 10000 /* a wire budget holds over any 10 s */
#define NOT_YET (-1)

struct line_chain line_chain_of(double loss, double burst_ms, uint64_t seed)
{
    struct line_chain c = {.loss = loss, .burst_ms = burst_ms, .random = ear_random_seeded(seed)};
    c.bad = burst_ms > 0 && ear_random_unit(&c.random) < loss;
    return c;
}

bool line_loses(struct line_chain *c, double t_ms)
{
    if (c->loss <= 0)
        return false;
    if (c->burst_ms <= 0)
        return ear_random_unit(&c->random) < c->loss;
    while (c->until_ms <= t_ms) {
        c->bad = !c->bad;
        double mean = c->bad ? c->burst_ms : c->burst_ms * (1 - c->loss) / c->loss;
        c->until_ms += ear_random_exponential(&c->random, mean);
    }
    return c->bad;
}

struct packet {
    int had_at;      /* the step in which the listener got it; NOT_YET */
    int answered_at; /* the last step whose datagram carried it again */
    int due;         /* answers that are still to be sent */
    bool lost;       /* its own datagram */
};

struct world {
    const struct line_run *run;
    struct packet *packets;
    int *blocks;   /* of repair, in each step */
    bool *asked;   /* whether the ask of each step comes through */
    int trip;      /* steps from an ask to the datagram that answers */
    int window;    /* steps in BUDGET_MS */
    int in_window; /* blocks of the last window */
    int newest;    /* that the listener has, of those that came themselves */
    int64_t asks;
};

/* What the blocks of datagram n give back now that the listener has more. */
static bool recover(struct world *w, int n, int now)
{
    const struct ear_protect_pattern *p = &w->run->pattern;
    struct packet *k = w->packets;
    bool found = false;
    if (n < 0 || k[n].lost)
        return false;
    if (p->kind == EAR_PROTECT_XOR) {
        int a = n - p->distance[0], b = n - p->distance[1];
        if (b < 0 || (k[a].had_at == NOT_YET) == (k[b].had_at == NOT_YET))
            return false;
        k[k[a].had_at == NOT_YET ? a : b].had_at = now;
        return true;
    }
    for (int i = 0; i < p->count; i++) {
        int a = n - p->distance[i];
        if (a >= 0 && k[a].had_at == NOT_YET) {
            k[a].had_at = now;
            found = true;
        }
    }
    return found;
}

static int reach(const struct ear_protect_pattern *p)
{
    return p->count ? p->distance[p->count - 1] : 0;
}

static void peel(struct world *w, int now)
{
    bool found = w->run->pattern.count > 0;
    while (found) {
        found = false;
        for (int n = now - 3 * reach(&w->run->pattern); n <= now; n++)
            found = recover(w, n, now) || found;
    }
}

/* Puts into this step's datagram what asks have brought; returns how many blocks. */
static int answer(struct world *w, int now)
{
    const struct line_run *run = w->run;
    int asked_at = now - w->trip, sent = 0;
    int oldest = now - run->give_up > 0 ? now - run->give_up : 0;
    bool heard = asked_at >= 0 && w->asked[asked_at];
    double left = run->most > 0 ? run->most * w->window - w->in_window : INFINITY;
    for (int n = oldest; n < now; n++) {
        struct packet *p = &w->packets[n];
        /* The ask names what the listener missed when it was made. */
        bool missed = heard && n < asked_at && (p->had_at == NOT_YET || p->had_at > asked_at);
        if (missed && p->lost && p->due == 0 &&
            (p->answered_at == NOT_YET || p->answered_at + w->trip <= now))
            p->due = run->answers + (p->answered_at != NOT_YET);
        if (p->due > 0 && sent + 1 <= left) {
            p->due--;
            p->answered_at = now;
            sent++;
        }
    }
    return sent;
}

static void receive(struct world *w, int now)
{
    struct packet *k = w->packets;
    k[now].had_at = now;
    w->newest = now;
    for (int n = now > w->run->give_up ? now - w->run->give_up : 0; n < now; n++)
        if (k[n].answered_at == now && k[n].had_at == NOT_YET)
            k[n].had_at = now;
}

static bool misses(const struct world *w, int now)
{
    int oldest = now - w->run->give_up > 0 ? now - w->run->give_up : 0;
    for (int n = oldest; n < w->newest; n++)
        if (w->packets[n].had_at == NOT_YET)
            return true;
    return false;
}

static void step(struct world *w, struct line_chain *forth, struct line_chain *back, int now)
{
    double t_ms = (double)now * w->run->packet_ms;
    w->packets[now] = (struct packet){.had_at = NOT_YET, .answered_at = NOT_YET};
    if (now >= w->window)
        w->in_window -= w->blocks[now - w->window];
    w->blocks[now] = w->run->answers > 0 ? answer(w, now) : 0;
    w->in_window += w->blocks[now];
    w->packets[now].lost = line_loses(forth, t_ms);
    if (!w->packets[now].lost)
        receive(w, now);
    peel(w, now);
    if (w->run->answers > 0 && misses(w, now)) {
        w->asked[now] = !line_loses(back, t_ms);
        w->asks++;
    }
}

static void count(const struct world *w, struct line_result *ret)
{
    int64_t later[LINE_DELAY_MAX + 1] = {0}, blocks = 0;
    int in_window = 0, worst = 0, packets = w->run->packets - LINE_DELAY_MAX;
    for (int n = 0; n < w->run->packets; n++) {
        blocks += w->blocks[n];
        in_window += w->blocks[n] - (n >= w->window ? w->blocks[n - w->window] : 0);
        worst = in_window > worst ? in_window : worst;
        if (n >= packets)
            continue;
        int had = w->packets[n].had_at;
        for (int d = 0; d <= LINE_DELAY_MAX && (had == NOT_YET || had - n > d); d++)
            later[d]++;
    }
    for (int d = 0; d <= LINE_DELAY_MAX; d++)
        ret->later[d] = (double)later[d] / packets;
    ret->blocks = (double)blocks / w->run->packets;
    ret->blocks_worst = (double)worst / w->window;
    ret->asks = (double)w->asks / w->run->packets;
}

void line_simulate(const struct line_run *run, struct line_result *ret)
{
    size_t n = (size_t)run->packets;
    struct world w = {.run = run,
                      .packets = calloc(n, sizeof *w.packets),
                      .blocks = calloc(n, sizeof *w.blocks),
                      .asked = calloc(n, sizeof *w.asked),
                      .trip = run->rtt_ms / run->packet_ms + 1,
                      .window = BUDGET_MS / run->packet_ms};
    if (!w.packets || !w.blocks || !w.asked)
        abort();
    struct line_chain forth = line_chain_of(run->loss, run->burst_ms, run->seed);
    struct line_chain back = line_chain_of(run->loss, run->burst_ms, run->seed + 1);
    for (int now = 0; now < run->packets; now++)
        step(&w, &forth, &back, now);
    count(&w, ret);
    free(w.packets);
    free(w.blocks);
    free(w.asked);
}
