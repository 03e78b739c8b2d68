/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What will work today? Ten seconds and 40 kB must be enough to say it rightly, on every line. */
#include <inttypes.h>
#include <math.h>

#include "call/linkcheck.h"
#include "party.h"
#include "scene.h"

/* Seeds of each line: more by an argument. */
static uint64_t seeds = 5;

static void ask(struct ear_engine *engine, const struct ear_address *to, uint32_t guest, bool on)
{
    const struct ear_command command = {
        .kind = EAR_COMMAND_CHECK, .guest = guest, .address = *to, .on = on};
    assert_true(ear_engine_command(engine, &command));
}

static const struct ear_line_check *answer(const struct scene *s, int end)
{
    for (int i = 0; i < s->ends[end].event_count; i++)
        if (s->ends[end].events[i].event.kind == EAR_EVENT_CHECKED)
            return &s->ends[end].events[i].event.check;
    return NULL;
}

static const struct ear_line_check *check(struct scene *s)
{
    const struct ear_address to = ear_link_address(1);
    ask(ear_rig_engine(s->rig, 0), &to, 2, true);
    scene_run(s, EAR_LINKCHECK_US + 300 * MS);
    const struct ear_line_check *found = answer(s, 0);
    assert_non_null(found);
    assert_at_most(found->took_us, 10 * S); /* as promised */
    scene_run(s, 10 * S);                   /* last words too */
    int64_t bytes = scene_status(s, 0).sent.bytes + scene_status(s, 1).sent.bytes;
    assert_at_most(bytes, 40000);
    /* nothing shows, and the line is given back */
    for (int end = 0; end < 2; end++)
        assert_int_equal(scene_count_phase(s, end, EAR_PHASE_INCOMING), 0);
    scene_run(s, 20 * S);
    assert_int_equal(scene_status(s, 0).sent.bytes + scene_status(s, 1).sent.bytes, bytes);
    return found;
}

static void assert_near(const char *what, uint64_t seed, double is, double should, double share)
{
    if (is < should * (1 - share) || is > should * (1 + share))
        fail_msg("%s is %.0f, not %.0f (seed %" PRIu64 ")", what, is, should, seed);
}

static void line(const char *link, enum ear_line_advice advice, int up_bps, int down_bps,
                 double loss, int rtt_ms)
{
    double seconds = 0, bytes = 0, lost = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct scene *s = scene_open(&(struct scene_options){.link = link, .seed = seed});
        const struct ear_line_check *c = check(s);
        int64_t all = scene_status(s, 0).sent.bytes + scene_status(s, 1).sent.bytes;
        print_message("%s %d: %.1f s %d B, up %d bps %.0f %% +%d ms, down %d bps %.0f %% +%d ms, "
                      "rtt %d, %s, %s, ear %d ms, %.1f MB\n",
                      link, (int)seed, (double)c->took_us / S, (int)all, c->line.up.capacity_bps,
                      100 * c->line.up.loss, c->line.up.jitter_ms, c->line.down.capacity_bps,
                      100 * c->line.down.loss, c->line.down.jitter_ms, c->line.rtt_ms,
                      ear_line_rung_name(c->rung), ear_line_advice_name(c->advice),
                      c->mouth_to_ear_ms, ear_line_mb(c, 20));
        assert_int_equal(c->outcome, EAR_LINE_MEASURED);
        assert_int_equal(c->advice, advice);
        assert_near("up", seed, c->line.up.capacity_bps, up_bps, 0.25);
        assert_near("down", seed, c->line.down.capacity_bps, down_bps, 0.25);
        assert_near("rtt", seed, c->line.rtt_ms, rtt_ms, 0.2);
        /* Of one check what chance made of it in 4.5 s; on average the truth. */
        assert_true(fabs(c->line.up.loss - loss) <= 0.25);
        assert_true(fabs(c->line.down.loss - loss) <= 0.25);
        lost += (c->line.up.loss + c->line.down.loss) / 2;
        seconds = c->took_us > seconds ? (double)c->took_us : seconds;
        bytes = all > bytes ? (double)all : bytes;
        scene_close(s);
    }
    print_message("%s: at most %.1f s, %.1f kB, %.1f %% lost\n", link, seconds / S, bytes / 1000,
                  100 * lost / (double)seeds);
    assert_true(fabs(lost / (double)seeds - loss) <= 0.04);
}

static void clean(void **state)
{
    (void)state;
    line("clean", EAR_LINE_TALK, EAR_LINE_CAPACITY_MOST, EAR_LINE_CAPACITY_MOST, 0, 60);
}

static void thin12(void **state)
{
    (void)state;
    line("thin12", EAR_LINE_TALK, 12000, 12000, 0.02, 280);
}

static void loss20(void **state)
{
    (void)state;
    line("loss20", EAR_LINE_TALK, EAR_LINE_CAPACITY_MOST, EAR_LINE_CAPACITY_MOST, 0.20, 100);
}

static void vsat(void **state)
{
    (void)state;
    line("vsat", EAR_LINE_TALK, 64000, 64000, 0.02, 620);
}

static void edge(void **state)
{
    (void)state;
    line("edge", EAR_LINE_TALK, 45000, 90000, 0.03, 690);
}

static void dead(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.link = "clean"});
    ear_link_cut(ear_rig_link(s->rig), true);
    const struct ear_line_check *c = check(s);
    assert_int_equal(c->outcome, EAR_LINE_SILENT);
    assert_int_equal(c->advice, EAR_LINE_LEAVE_MESSAGE);
    assert_int_equal(c->bytes_per_hour, 0);
    scene_close(s);
}

/* It breaks at each moment of a check: the answer comes in time all the same. */
static void a_line_that_breaks(void **state)
{
    (void)state;
    for (int64_t cut_us = 100 * MS; cut_us < 6 * S; cut_us += 300 * MS) {
        struct scene *s = scene_open(&(struct scene_options){.link = "vsat"});
        const struct ear_address to = ear_link_address(1);
        ask(ear_rig_engine(s->rig, 0), &to, 2, true);
        scene_run(s, cut_us);
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, EAR_LINKCHECK_US + 300 * MS - cut_us);
        assert_non_null(answer(s, 0));
        scene_close(s);
    }
}

static void thinner_than_speech(void **state)
{
    (void)state;
    static const char text[] = "delay = 200 ms\nrate = 3 kbit/s\nqueue = 2 s\n";
    struct scene *s = scene_open(&(struct scene_options){.text = text});
    const struct ear_line_check *c = check(s);
    print_message("3 kbit/s: up %d down %d, %s\n", c->line.up.capacity_bps,
                  c->line.down.capacity_bps, ear_line_rung_name(c->rung));
    assert_int_equal(c->advice, EAR_LINE_LEAVE_MESSAGE);
    scene_close(s);
    s = scene_open(&(struct scene_options){.text = "delay = 1200 ms\nrate = 24 kbit/s\n"});
    assert_int_equal(check(s)->advice, EAR_LINE_TURNS);
    scene_close(s);
}

/* ---- others on the same line ---- */

static const struct ear_line_check *checked(const struct party *p, int end)
{
    for (int i = p->ends[end].event_count - 1; i >= 0; i--)
        if (p->ends[end].events[i].kind == EAR_EVENT_CHECKED)
            return &p->ends[end].events[i].check;
    return NULL;
}

static void party_check(struct party *p, int from, int to, bool on)
{
    const struct ear_address at = ear_hub_address(to);
    ask(p->ends[from].engine, &at, (uint32_t)to + 1, on);
    p->ends[from].due_us = p->time.now_us;
    party_run(p, 0);
}

static void a_talk_is_not_disturbed(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 3, .auto_answer = true});
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 3 * S);
    party_check(p, 0, 2, true); /* not while we talk */
    assert_int_equal(checked(p, 0)->outcome, EAR_LINE_CROSSED);
    int64_t sent = p->hub.sent;
    party_check(p, 2, 1, true); /* nor while they do */
    party_run(p, 3 * S);
    assert_int_equal(checked(p, 2)->outcome, EAR_LINE_BUSY);
    assert_true(checked(p, 2)->took_us < 2 * S);
    assert_at_least(p->hub.sent, sent);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_TALKING);
    assert_at_least(p->ends[1].heard_us, p->time.now_us - 1 * S);
    party_close(p);
}

static void a_call_comes_first(void **state)
{
    (void)state;
    for (int64_t at_us = 0; at_us < 7 * S; at_us += 700 * MS) {
        for (int caller = 0; caller < 3; caller++) {
            struct party *p = party_open(&(struct party_options){.count = 3, .auto_answer = true});
            p->hub.delay_us = 150 * MS;
            party_check(p, 0, 1, true);
            party_run(p, at_us);
            int callee = caller == 0 ? 1 : 0;
            party_dial(p, caller, callee);
            party_until(p, caller, EAR_PHASE_TALKING, 5 * S);
            party_run(p, 12 * S);
            assert_int_equal(party_phase(p, callee), EAR_PHASE_TALKING);
            assert_int_equal(party_events(p, 0, EAR_EVENT_CHECKED), 1);
            assert_at_least(p->ends[callee].heard_us, p->time.now_us - 1 * S);
            party_close(p);
        }
    }
}

static void it_can_be_stopped(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 2});
    party_check(p, 0, 1, true);
    party_run(p, 2 * S);
    party_check(p, 0, 1, false);
    assert_int_equal(checked(p, 0)->outcome, EAR_LINE_STOPPED);
    party_run(p, 5 * S);
    int64_t sent = p->hub.sent;
    party_run(p, 70 * S);
    assert_int_equal(p->hub.sent, sent);
    party_check(p, 0, 1, true); /* and again */
    party_run(p, 10 * S);
    assert_int_equal(checked(p, 0)->outcome, EAR_LINE_MEASURED);
    party_check(p, 0, 1, true); /* at once */
    party_run(p, 1 * S);
    party_check(p, 0, 1, true); /* in place of itself */
    party_run(p, 10 * S);
    assert_int_equal(checked(p, 0)->outcome, EAR_LINE_MEASURED);
    assert_int_equal(party_events(p, 0, EAR_EVENT_CHECKED), 4);
    party_check(p, 1, 0, true); /* and from there */
    party_run(p, 10 * S);
    assert_int_equal(checked(p, 1)->outcome, EAR_LINE_MEASURED);
    party_close(p);
}

/* Both at once, either first: nobody waits in vain, and one of them knows. */
static void both_measure(void **state)
{
    (void)state;
    for (int64_t lead_us = 0; lead_us <= 2 * S; lead_us += 100 * MS) {
        struct party *p = party_open(&(struct party_options){.count = 2});
        p->hub.delay_us = 150 * MS;
        party_check(p, 0, 1, true);
        party_run(p, lead_us);
        party_check(p, 1, 0, true);
        party_run(p, 12 * S);
        assert_int_equal(party_events(p, 0, EAR_EVENT_CHECKED), 1);
        assert_int_equal(party_events(p, 1, EAR_EVENT_CHECKED), 1);
        assert_true(checked(p, 0)->outcome == EAR_LINE_MEASURED ||
                    checked(p, 1)->outcome == EAR_LINE_MEASURED);
        party_close(p);
    }
}

/* Two want to know of the same third: the second is told that it is busy there. */
static void one_at_a_time(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 3});
    party_check(p, 0, 2, true);
    party_run(p, 1 * S);
    party_check(p, 1, 2, true);
    party_run(p, 12 * S);
    assert_int_equal(checked(p, 0)->outcome, EAR_LINE_MEASURED);
    assert_int_equal(checked(p, 1)->outcome, EAR_LINE_BUSY);
    party_check(p, 0, 2, true); /* but one after the other */
    party_run(p, 5 * S);
    assert_int_equal(checked(p, 0)->outcome, EAR_LINE_MEASURED);
    party_check(p, 1, 2, true);
    party_run(p, 6 * S);
    assert_int_equal(checked(p, 1)->outcome, EAR_LINE_MEASURED);
    party_close(p);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seeds = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean),
        cmocka_unit_test(thin12),
        cmocka_unit_test(loss20),
        cmocka_unit_test(vsat),
        cmocka_unit_test(edge),
        cmocka_unit_test(dead),
        cmocka_unit_test(a_line_that_breaks),
        cmocka_unit_test(thinner_than_speech),
        cmocka_unit_test(a_talk_is_not_disturbed),
        cmocka_unit_test(a_call_comes_first),
        cmocka_unit_test(it_can_be_stopped),
        cmocka_unit_test(both_measure),
        cmocka_unit_test(one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
