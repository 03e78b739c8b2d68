/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The floor token: one holder or nobody, whatever the order of words on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call/turns.h"

/* Both ends and what is on its way from each. */
#define WAY_MAX 12
/* In every order: so many on each way. */
#define LETTERS 6
#define TERMS_APART 4
/* One way takes so many steps of time. */
#define WAY_STEPS 3

struct letter {
    struct ear_turns_message message;
    int steps; /* to go */
};

struct world {
    struct ear_turns ends[2];
    struct letter way[2][WAY_MAX];
    int on_way[2];
    int both; /* steps in a row with two holders */
};

static struct world world_new(void)
{
    struct world w = {0};
    for (int i = 0; i < 2; i++)
        ear_turns_init(&w.ends[i], i == 0);
    return w;
}

static void collect(struct world *w, int end)
{
    struct ear_turns_message message;
    while (ear_turns_next(&w->ends[end], &message)) {
        assert_true(w->on_way[end] < WAY_MAX);
        w->way[end][w->on_way[end]++] = (struct letter){.message = message, .steps = WAY_STEPS};
    }
}

static void want(struct world *w, int end, bool wants)
{
    ear_turns_want(&w->ends[end], wants);
    collect(w, end);
}

static void vanish(struct world *w, int end)
{
    ear_turns_tick(&w->ends[end], EAR_TURNS_VANISHED_US);
    collect(w, end);
}

/* The oldest letter of one end reaches the other. */
static void deliver(struct world *w, int from)
{
    struct ear_turns_message message = w->way[from][0].message;
    w->on_way[from]--;
    memmove(&w->way[from][0], &w->way[from][1], (size_t)w->on_way[from] * sizeof w->way[from][0]);
    ear_turns_take(&w->ends[!from], &message);
    collect(w, !from);
}

static void drain(struct world *w, int first)
{
    for (int n = 0; w->on_way[0] + w->on_way[1] > 0; n++) {
        assert_true(n < 100); /* nobody talks for ever */
        deliver(w, w->on_way[first] > 0 ? first : !first);
    }
}

/* With nothing on its way both know the same, at most one holds, and a wish is either met or known
 * to who holds. */
static void agrees(const struct world *w)
{
    const struct ear_turns *a = &w->ends[0], *b = &w->ends[1];
    assert_int_equal(a->term, b->term);
    assert_int_equal(a->holder == EAR_TURNS_ME, b->holder == EAR_TURNS_OTHER);
    assert_int_equal(b->holder == EAR_TURNS_ME, a->holder == EAR_TURNS_OTHER);
    for (int i = 0; i < 2; i++) {
        const struct ear_turns *one = &w->ends[i], *other = &w->ends[!i];
        assert_false(one->wants && one->holder == EAR_TURNS_NOBODY);
        assert_false(!one->wants && one->holder == EAR_TURNS_ME);
        if (one->wants && one->holder == EAR_TURNS_OTHER)
            assert_true(other->other_wants);
    }
}

/* ---- every order ---- */

/* States seen, by hash: two in 2^64 that are alike by chance are not to be expected. */
#define SEEN_BITS 20
#define SEEN ((size_t)1 << SEEN_BITS)
#define STATES_MAX (SEEN / 2)

static uint64_t *seen;
static struct world *queue;
static size_t head, tail;

static uint64_t mix(uint64_t hash, int64_t value)
{
    hash ^= (uint64_t)value + 0x9e3779b97f4a7c15 + (hash << 6) + (hash >> 2);
    hash *= 0xff51afd7ed558ccd;
    return hash ^ hash >> 32;
}

/* Terms count from the lesser one, so that the same situation later is the same state. */
static uint64_t hash_of(const struct world *w, bool timed)
{
    uint16_t base = w->ends[0].term;
    if ((int16_t)(uint16_t)(w->ends[1].term - base) < 0)
        base = w->ends[1].term;
    uint64_t hash = timed ? (uint64_t)w->both : 0;
    for (int i = 0; i < 2; i++) {
        const struct ear_turns *t = &w->ends[i];
        hash = mix(hash, (int16_t)(uint16_t)(t->term - base));
        hash = mix(hash, (int)t->holder << 5 | t->wants << 4 | t->other_wants << 3 |
                             t->wish_sent << 2 | t->took << 8);
        hash = mix(hash, w->on_way[i]);
        for (int k = 0; k < w->on_way[i]; k++) {
            const struct letter *l = &w->way[i][k];
            int ahead = (int16_t)(uint16_t)(l->message.term - w->ends[!i].term);
            hash = mix(hash, ahead < 0 ? -1 : ahead); /* what is old says nothing, however old */
            hash = mix(hash, (int)l->message.kind << 4 | (timed ? l->steps : 0));
        }
    }
    return hash ? hash : 1;
}

static void visit(const struct world *w, bool timed)
{
    uint64_t hash = hash_of(w, timed);
    size_t i = hash >> (64 - SEEN_BITS);
    /* A connection that breaks for ever lets one end's terms run ahead without end. */
    if (abs((int16_t)(uint16_t)(w->ends[0].term - w->ends[1].term)) > TERMS_APART)
        return;
    while (seen[i] != 0 && seen[i] != hash)
        i = (i + 1) % SEEN;
    if (seen[i] == hash || tail == STATES_MAX)
        return;
    seen[i] = hash;
    queue[tail++] = *w;
}

static void begin(void)
{
    seen = calloc(SEEN, sizeof *seen);
    queue = malloc(STATES_MAX * sizeof *queue);
    assert_true(seen && queue);
    head = tail = 0;
}

static void end(const char *what)
{
    print_message("%s: %zu states\n", what, tail);
    assert_true(tail < STATES_MAX); /* all there are */
    free(seen);
    free(queue);
}

/* All that can happen next. On each way are at most so many letters. */
static void step_untimed(const struct world *w, int most)
{
    struct world next;
    for (int i = 0; i < 2; i++) {
        if (w->on_way[i] > 0) {
            next = *w;
            deliver(&next, i);
            if (next.on_way[!i] <= most)
                visit(&next, false);
        }
        if (w->on_way[i] + 2 > most)
            continue;
        next = *w;
        want(&next, i, !w->ends[i].wants);
        visit(&next, false);
        next = *w;
        vanish(&next, i);
        visit(&next, false);
    }
}

static void every_order_ends_in_agreement(void **state)
{
    (void)state;
    begin();
    struct world w = world_new();
    visit(&w, false);
    while (head < tail) {
        w = queue[head++];
        for (int first = 0; first < 2; first++) {
            struct world drained = w;
            drain(&drained, first);
            agrees(&drained);
        }
        step_untimed(&w, LETTERS);
    }
    end("orders");
}

/* ---- every moment ---- */

/* Time passes by one step; each end may change its wish, or give up the other. */
static void step_timed(const struct world *w, int deeds)
{
    struct world next = *w;
    for (int i = 0; i < 2; i++) {
        int deed = i == 0 ? deeds % 3 : deeds / 3;
        if (deed == 1)
            want(&next, i, !next.ends[i].wants);
        else if (deed == 2)
            vanish(&next, i);
    }
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < next.on_way[i]; k++)
            next.way[i][k].steps--;
    }
    for (int i = 0; i < 2; i++) {
        while (next.on_way[i] > 0 && next.way[i][0].steps <= 0)
            deliver(&next, i);
    }
    bool both = next.ends[0].holder == EAR_TURNS_ME && next.ends[1].holder == EAR_TURNS_ME;
    next.both = both ? next.both + 1 : 0;
    assert_true(next.both <= WAY_STEPS); /* who answers a letter does it at the step's end */
    visit(&next, true);
}

static void two_hold_for_one_way_at_most(void **state)
{
    (void)state;
    begin();
    struct world w = world_new();
    visit(&w, true);
    while (head < tail) {
        w = queue[head++];
        for (int deeds = 0; deeds < 9; deeds++)
            step_timed(&w, deeds);
    }
    end("moments");
}

/* ---- in words ---- */

static void one_takes_and_gives(void **state)
{
    (void)state;
    struct world w = world_new();
    want(&w, 1, true);
    assert_true(ear_turns_may_speak(&w.ends[1])); /* at once */
    drain(&w, 0);
    assert_int_equal(w.ends[0].holder, EAR_TURNS_OTHER);
    want(&w, 1, true); /* again is nothing new */
    assert_int_equal(w.on_way[1], 0);
    want(&w, 1, false);
    drain(&w, 0);
    assert_int_equal(w.ends[0].holder, EAR_TURNS_NOBODY);
}

static void at_once_the_lower_wins(void **state)
{
    (void)state;
    struct world w = world_new();
    want(&w, 0, true);
    want(&w, 1, true);
    drain(&w, 0);
    assert_true(ear_turns_may_speak(&w.ends[0]));
    assert_false(ear_turns_may_speak(&w.ends[1]));
    assert_true(w.ends[0].other_wants);
    want(&w, 0, false); /* a wish is granted */
    drain(&w, 0);
    assert_true(ear_turns_may_speak(&w.ends[1]));
}

static void who_vanishes_loses_it(void **state)
{
    (void)state;
    struct world w = world_new();
    want(&w, 0, true);
    drain(&w, 0);
    want(&w, 1, true);
    ear_turns_tick(&w.ends[1], EAR_TURNS_VANISHED_US - 1);
    assert_false(ear_turns_may_speak(&w.ends[1]));
    vanish(&w, 1);
    assert_true(ear_turns_may_speak(&w.ends[1]));
    drain(&w, 1); /* the line is back: the first yields */
    assert_false(ear_turns_may_speak(&w.ends[0]));
    agrees(&w);
}

static void an_outage_in_which_nobody_asked_changes_nothing(void **state)
{
    (void)state;
    struct world w = world_new();
    want(&w, 0, true);
    drain(&w, 0);
    vanish(&w, 1);
    drain(&w, 1);
    assert_true(ear_turns_may_speak(&w.ends[0]));
    agrees(&w);
}

static void terms_go_round(void **state)
{
    (void)state;
    struct world w = world_new();
    for (int i = 0; i < 70000; i++) {
        want(&w, i % 2, true);
        drain(&w, 0);
        want(&w, i % 2, false);
        drain(&w, 0);
        agrees(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_takes_and_gives),
        cmocka_unit_test(at_once_the_lower_wins),
        cmocka_unit_test(who_vanishes_loses_it),
        cmocka_unit_test(an_outage_in_which_nobody_asked_changes_nothing),
        cmocka_unit_test(terms_go_round),
        cmocka_unit_test(every_order_ends_in_agreement),
        cmocka_unit_test(two_hold_for_one_way_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
