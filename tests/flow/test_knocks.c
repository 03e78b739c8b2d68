/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is somebody there? Told without a ring, and in nobody's way. */
#include "party.h"

#define KNOCK_S 20

static void knock(struct party *p, int from, int to)
{
    const struct ear_command command = {
        .kind = EAR_COMMAND_KNOCK, .guest = (uint32_t)to + 1, .address = ear_hub_address(to)};
    assert_true(ear_engine_command(p->ends[from].engine, &command));
    p->ends[from].due_us = p->time.now_us;
}

/* What the last THERE of an end said about another one: 1, 0, or -1 for nothing said. */
static int there(const struct party *p, int end, int about)
{
    int said = -1;
    for (int i = 0; i < p->ends[end].event_count; i++) {
        const struct ear_event *e = &p->ends[end].events[i];
        if (e->kind == EAR_EVENT_THERE && e->guest == (uint32_t)about + 1)
            said = e->on;
    }
    return said;
}

static void who_is_there_is_told(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 2});
    p->hub.delay_us = 300 * MS;
    knock(p, 0, 1);
    party_run(p, 3 * S);
    assert_int_equal(there(p, 0, 1), 1);
    assert_int_equal(party_events(p, 0, EAR_EVENT_THERE), 1);
    /* nothing shows on either side, and the line is given back */
    assert_int_equal(party_events(p, 0, EAR_EVENT_PHASE), 0);
    assert_int_equal(party_events(p, 1, EAR_EVENT_PHASE), 0);
    party_run(p, 10 * S);
    int64_t sent = p->hub.sent;
    print_message("datagrams of a knock: %d\n", (int)sent);
    assert_at_most(sent, 24);
    party_run(p, 60 * S);
    assert_int_equal(p->hub.sent, sent);
    for (int again = 2; again < 6; again++) {
        knock(p, 0, 1);
        party_run(p, 3 * S);
        assert_int_equal(party_events(p, 0, EAR_EVENT_THERE), again);
        assert_int_equal(there(p, 0, 1), 1);
    }
    party_close(p);
}

static void who_is_not_there_is_told_in_time(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 2});
    p->hub.cut[1] = true;
    knock(p, 0, 1);
    party_run(p, (KNOCK_S - 1) * S);
    assert_int_equal(there(p, 0, 1), -1);
    party_run(p, 2 * S);
    assert_int_equal(there(p, 0, 1), 0);
    assert_int_equal(party_events(p, 0, EAR_EVENT_THERE), 1);
    int64_t sent = p->hub.sent;
    party_run(p, 30 * S);
    assert_int_equal(p->hub.sent, sent);
    /* a stranger's number */
    const struct ear_command nobody = {
        .kind = EAR_COMMAND_KNOCK, .guest = 99, .address = ear_hub_address(1)};
    ear_engine_command(p->ends[0].engine, &nobody);
    party_run(p, 1 * S);
    assert_int_equal(there(p, 0, 98), 0);
    party_close(p);
}

static void bad_lines_are_knocked_through(void **state)
{
    (void)state;
    int found = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct party *p = party_open(&(struct party_options){.count = 2, .seed = seed});
        p->hub.delay_us = 400 * MS;
        p->hub.loss = 0.5;
        knock(p, 0, 1);
        party_run(p, 25 * S);
        assert_int_equal(party_events(p, 0, EAR_EVENT_THERE), 1);
        assert_int_equal(party_events(p, 1, EAR_EVENT_PHASE), 0);
        found += there(p, 0, 1);
        party_close(p);
    }
    print_message("found at 50 %% loss: %d of 20\n", found);
    assert_at_least(found, 17);
}

static void our_call_comes_first(void **state)
{
    (void)state;
    static const int64_t later_us[] = {0, 100 * MS, 350 * MS, 800 * MS, 2 * S, 8 * S};
    for (size_t i = 0; i < EAR_COUNT(later_us); i++) {
        struct party *p = party_open(&(struct party_options){.count = 3, .auto_answer = true});
        p->hub.delay_us = 150 * MS;
        knock(p, 0, 1);
        party_run(p, later_us[i]);
        party_dial(p, 0, i % 2 ? 1 : 2);
        party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
        party_run(p, 40 * S);
        assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
        assert_at_most(party_events(p, 0, EAR_EVENT_THERE), 1);
        assert_int_not_equal(there(p, 0, 1), 0);
        knock(p, 0, 2); /* not during a call */
        party_run(p, 25 * S);
        assert_int_equal(there(p, 0, 2), -1);
        party_command(p, 0, EAR_COMMAND_HANG_UP, false);
        party_until(p, 0, EAR_PHASE_IDLE, 5 * S);
        party_close(p);
    }
}

static void somebody_elses_call_comes_first(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 3});
    p->hub.delay_us = 150 * MS;
    p->hub.cut[1] = true;
    knock(p, 0, 1);
    party_run(p, 2 * S);
    party_dial(p, 2, 0);
    party_until(p, 0, EAR_PHASE_INCOMING, 5 * S);
    party_command(p, 0, EAR_COMMAND_ANSWER, false);
    party_until(p, 2, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 30 * S);
    assert_int_equal(party_events(p, 0, EAR_EVENT_THERE), 0);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
    party_close(p);
}

/* One knocks and the other calls at about the same time, either of the larger key: the call rings.
 */
static void a_call_goes_through_a_knock(void **state)
{
    (void)state;
    for (int caller = 0; caller < 2; caller++) {
        for (int64_t lead_ms = -600; lead_ms <= 600; lead_ms += 50) {
            struct party *p = party_open(&(struct party_options){.count = 2});
            p->hub.delay_us = 150 * MS;
            if (lead_ms > 0)
                knock(p, !caller, caller);
            party_run(p, ear_max64(lead_ms, 0) * MS);
            party_dial(p, caller, !caller);
            party_run(p, ear_max64(-lead_ms, 0) * MS);
            if (lead_ms <= 0)
                knock(p, !caller, caller);
            party_until(p, !caller, EAR_PHASE_INCOMING, 5 * S);
            party_until(p, caller, EAR_PHASE_RINGING, 5 * S);
            party_run(p, 10 * S); /* whatever was left of the knock is over */
            party_command(p, !caller, EAR_COMMAND_ANSWER, false);
            party_until(p, caller, EAR_PHASE_TALKING, 5 * S);
            party_run(p, 10 * S);
            for (int end = 0; end < 2; end++) {
                assert_int_equal(party_phase(p, end), EAR_PHASE_TALKING);
                assert_at_least(p->ends[end].heard_us, p->time.now_us - 2 * S);
            }
            party_close(p);
        }
    }
}

static void both_knock(void **state)
{
    (void)state;
    for (int64_t lead_ms = 0; lead_ms <= 600; lead_ms += 50) {
        struct party *p = party_open(&(struct party_options){.count = 2});
        p->hub.delay_us = 150 * MS;
        knock(p, 0, 1);
        party_run(p, lead_ms * MS);
        knock(p, 1, 0);
        party_run(p, 25 * S);
        assert_int_equal(there(p, 0, 1), 1);
        assert_int_equal(there(p, 1, 0), 1);
        assert_int_equal(party_events(p, 0, EAR_EVENT_PHASE), 0);
        assert_int_equal(party_events(p, 1, EAR_EVENT_PHASE), 0);
        party_close(p);
    }
}

/* Whoever talks to somebody else is there too, and does not notice. */
static void a_talk_is_not_disturbed(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 3, .auto_answer = true});
    p->hub.delay_us = 150 * MS;
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 5 * S);
    int phases = party_events(p, 1, EAR_EVENT_PHASE);
    knock(p, 2, 1);
    party_run(p, 5 * S);
    assert_int_equal(there(p, 2, 1), 1);
    assert_int_equal(party_events(p, 1, EAR_EVENT_PHASE), phases);
    assert_int_equal(party_events(p, 1, EAR_EVENT_TURNED_AWAY), 0);
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_there_is_told),
        cmocka_unit_test(who_is_not_there_is_told_in_time),
        cmocka_unit_test(bad_lines_are_knocked_through),
        cmocka_unit_test(our_call_comes_first),
        cmocka_unit_test(somebody_elses_call_comes_first),
        cmocka_unit_test(a_call_goes_through_a_knock),
        cmocka_unit_test(both_knock),
        cmocka_unit_test(a_talk_is_not_disturbed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
