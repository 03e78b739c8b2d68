/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls by way of a relay: where no other way leads, until a better one does, and back again. */
#include "party.h"

#include "wire/packet.h"

/* Between two packets of 120 ms a pause for breath of 220 ms, and what 20 ms of looking adds. */
#define BREATH_US (380 * MS)

static struct {
    int sealed, said,
        path; /* through the relay: as it is, with SAY; measurements are not told apart */
} seen;

static void tap(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    if (to != PARTY_RELAY || from == PARTY_RELAY)
        return;
    seen.sealed += len > 0 && data[0] & EAR_SEALED;
    seen.said += len > EAR_RENDEZVOUS_SAY_BYTES && data[0] == EAR_RENDEZVOUS_SAY &&
                 data[EAR_RENDEZVOUS_SAY_BYTES] & EAR_SEALED;
}

static void part(struct party *p, int a, int b, bool parted)
{
    p->hub.parted[a][b] = p->hub.parted[b][a] = parted;
}

static struct party *open_with(struct party_options options)
{
    options.relay = true;
    options.seed = options.seed ? options.seed : SEED;
    options.auto_answer = true;
    struct party *p = party_open(&options);
    memset(&seen, 0, sizeof seen);
    p->hub.tap = tap;
    return p;
}

/* Lets time pass; returns the longest time in which an end heard nothing new. */
static int64_t run_and_listen(struct party *p, int a, int b, int64_t duration_us)
{
    const int ends[2] = {a, b};
    int64_t heard[2] = {p->ends[a].heard, p->ends[b].heard};
    int64_t since[2] = {p->time.now_us, p->time.now_us}, longest = 0;
    for (int64_t until = p->time.now_us + duration_us; p->time.now_us < until;) {
        party_run(p, 20 * MS);
        for (int i = 0; i < 2; i++) {
            longest = ear_max64(longest, p->time.now_us - since[i]);
            if (p->ends[ends[i]].heard == heard[i])
                continue;
            heard[i] = p->ends[ends[i]].heard;
            since[i] = p->time.now_us;
        }
    }
    return longest;
}

static int64_t until_relayed(struct party *p, int end, bool relayed, int64_t limit_us)
{
    int64_t begin = p->time.now_us;
    while (party_status(p, end).relayed != relayed) {
        if (p->time.now_us - begin > limit_us)
            fail_msg("end %d is %s relayed after %lld ms", end, relayed ? "not" : "still",
                     (long long)(limit_us / MS));
        party_run(p, 20 * MS);
    }
    return p->time.now_us - begin;
}

static void assert_talk(struct party *p, int a, int b)
{
    assert_int_equal(party_phase(p, a), EAR_PHASE_TALKING);
    assert_int_equal(party_phase(p, b), EAR_PHASE_TALKING);
}

static void hang_up(struct party *p, int a, int b)
{
    party_command(p, a, EAR_COMMAND_HANG_UP, false);
    party_until(p, b, EAR_PHASE_IDLE, 10 * S);
    party_until(p, a, EAR_PHASE_IDLE, 10 * S);
    assert_int_equal(party_ending(p, b), EAR_ENDING_OTHER_HUNG_UP);
}

/* Neither reaches the other but by the relay; nothing is added to speech. */
static void two_behind_nats_talk(void **state)
{
    (void)state;
    for (unsigned dialers = 0; dialers < 2; dialers++) {
        for (int by_relay_alone = 0; by_relay_alone < 2; by_relay_alone++) {
            struct party *p = open_with((struct party_options){.count = 2, .dialers = dialers});
            part(p, 0, 1, true);
            p->hub.loss = 0.03;
            party_run(p, 3 * S);
            int64_t dialled = p->time.now_us;
            if (by_relay_alone)
                party_dial_by_relay(p, 0, 1);
            else
                party_dial(p, 0, 1);
            int64_t talks = party_until(p, 0, EAR_PHASE_TALKING, 10 * S) - dialled;
            print_message("talks_by_relay_after: %lld ms\n", (long long)(talks / MS));
            party_run(p, 2 * S);
            memset(&seen, 0, sizeof seen);
            int64_t gap = run_and_listen(p, 0, 1, 60 * S);
            print_message("longest_gap: %lld ms; sealed %d, with SAY %d\n", (long long)(gap / MS),
                          seen.sealed, seen.said);
            assert_at_most(gap, 1 * S);
            assert_at_least(seen.sealed, 1000);
            assert_at_most(seen.said, seen.sealed / 25); /* 4 % */
            assert_talk(p, 0, 1);
            for (int end = 0; end < 2; end++) {
                assert_true(party_status(p, end).relayed);
                assert_int_equal(party_status(p, end).outages, 0);
                assert_int_equal(party_events(p, end, EAR_EVENT_RELAYED), 1);
                assert_int_equal(party_events(p, end, EAR_EVENT_RELAY), 0);
            }
            hang_up(p, 0, 1);
            /* And once more, from the other side if it may. */
            int from = dialers & 1 ? 0 : 1;
            party_dial_by_relay(p, from, !from);
            party_until(p, from, EAR_PHASE_TALKING, 10 * S);
            party_run(p, 2 * S);
            assert_at_most(run_and_listen(p, 0, 1, 10 * S), 1 * S);
            hang_up(p, from, !from);
            party_close(p);
        }
    }
}

static void the_quicker_way_wins(void **state)
{
    (void)state;
    /* Direct: half the way of the relay. */
    struct party *p = open_with((struct party_options){.count = 2});
    party_run(p, 3 * S);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    party_run(p, 20 * S);
    for (int end = 0; end < 2; end++) {
        assert_false(party_status(p, end).relayed);
        assert_int_equal(party_events(p, end, EAR_EVENT_RELAYED), 0);
    }
    assert_at_most(seen.sealed + seen.said, 5);
    hang_up(p, 0, 1);
    party_close(p);
    /* A direct way by a satellite: the relay answers first and stays better. */
    p = open_with((struct party_options){.count = 2});
    p->hub.extra_us[0][1] = p->hub.extra_us[1][0] = 400 * MS;
    party_run(p, 3 * S);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    for (int second = 0; second < 120; second++) {
        party_run(p, 1 * S);
        assert_true(party_status(p, 0).relayed && party_status(p, 1).relayed);
    }
    hang_up(p, 0, 1);
    party_close(p);
}

/* The relay answers first; the direct way is there, or comes later. */
static void a_better_way_is_taken(void **state)
{
    (void)state;
    static const struct {
        int64_t opens_us, within_us;
        double loss;
    } cases[] = {{0, 8 * S, 0},       {0, 12 * S, 0.1},      {2 * S, 8 * S, 0},
                 {30 * S, 40 * S, 0}, {100 * S, 130 * S, 0}, {100 * S, 300 * S, 0.2}};
    for (size_t i = 0; i < EAR_COUNT(cases); i++) {
        struct party *p = open_with((struct party_options){.count = 2});
        part(p, 0, 1, true);
        party_run(p, 3 * S);
        party_dial(p, 0, 1);
        party_until(p, 0, EAR_PHASE_TALKING, 3 * S);
        int64_t bytes = party_status(p, 0).sent.bytes - party_status(p, 0).sent.speech_bytes;
        party_run(p, cases[i].opens_us);
        bytes = party_status(p, 0).sent.bytes - party_status(p, 0).sent.speech_bytes - bytes;
        p->hub.loss = cases[i].loss;
        part(p, 0, 1, false);
        int64_t took = until_relayed(p, 0, false, cases[i].within_us);
        print_message("opens_after: %lld s; taken_after: %lld ms; bytes_but_speech: %lld\n",
                      (long long)(cases[i].opens_us / S), (long long)(took / MS), (long long)bytes);
        assert_at_least(took, cases[i].opens_us > 10 * S ? 4900 * MS : 3 * S);
        until_relayed(p, 1, false, 1 * S + (cases[i].loss > 0) * 5 * S);
        for (int k = 0; k < 20; k++) {
            party_run(p, 1 * S);
            assert_false(party_status(p, 0).relayed || party_status(p, 1).relayed);
        }
        assert_talk(p, 0, 1);
        assert_int_equal(party_status(p, 0).outages, 0);
        hang_up(p, 0, 1);
        party_close(p);
    }
}

/* In mid-call the direct way dies: both ways, or one. */
static void the_relay_takes_over(void **state)
{
    (void)state;
    for (int which = 1; which <= 3; which++) {
        for (int at = 0; at < 5; at++) {
            struct party *p = open_with((struct party_options){.count = 2, .dialers = 1});
            party_run(p, 3 * S);
            party_dial(p, 0, 1);
            party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
            party_run(p, 10 * S + at * 170 * MS);
            assert_false(party_status(p, 0).relayed);
            p->hub.parted[0][1] = which & 1;
            p->hub.parted[1][0] = which & 2;
            int64_t gap = run_and_listen(p, 0, 1, 15 * S);
            print_message("direct dies (%d): silent for %lld ms\n", which, (long long)(gap / MS));
            assert_at_most(gap, which == 3 ? 2500 * MS : 3500 * MS);
            assert_talk(p, 0, 1);
            for (int end = 0; end < 2; end++)
                assert_true(party_status(p, end).relayed);
            assert_at_most(run_and_listen(p, 0, 1, 60 * S), 600 * MS);
            /* It comes back, and is taken again. */
            part(p, 0, 1, false);
            until_relayed(p, 0, false, 120 * S);
            assert_at_most(run_and_listen(p, 0, 1, 30 * S), 600 * MS);
            hang_up(p, 1, 0);
            party_close(p);
        }
    }
}

/* A second one calls through the same relay: hears busy; the first call does not notice. */
static void a_second_caller_disturbs_nobody(void **state)
{
    (void)state;
    struct party *p = open_with((struct party_options){.count = 3, .dialers = 5});
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < a; b++)
            part(p, a, b, true);
    party_run(p, 3 * S);
    party_dial_by_relay(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 10 * S);
    for (int i = 0; i < 20; i++) {
        party_run(p, 1370 * MS);
        party_dial_by_relay(p, 2, 1);
        int64_t gap = run_and_listen(p, 0, 1, 8 * S);
        assert_at_most(gap, BREATH_US);
        assert_int_equal(party_phase(p, 2), EAR_PHASE_IDLE);
        assert_int_equal(party_ending(p, 2), EAR_ENDING_BUSY);
        assert_int_equal(party_events(p, 1, EAR_EVENT_TURNED_AWAY), i + 1);
    }
    for (int end = 0; end < 2; end++)
        assert_int_equal(party_status(p, end).talk.play.packets_lost, 0);
    /* Once the first has gone, the second comes through. */
    hang_up(p, 0, 1);
    party_dial_by_relay(p, 2, 1);
    party_until(p, 2, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 1 * S);
    memset(&seen, 0, sizeof seen);
    /* Playout begins with 120 ms of delay and goes to the plan's 300 in the first pause. */
    party_run(p, 4 * S);
    assert_at_most(run_and_listen(p, 1, 2, 16 * S), BREATH_US);
    print_message("after_a_busy_first: sealed %d, with SAY %d\n", seen.sealed, seen.said);
    assert_at_most(seen.said, 60);
    hang_up(p, 2, 1);
    party_close(p);
}

static struct ear_event last_of(const struct party *p, int end, enum ear_event_kind kind)
{
    for (int i = p->ends[end].event_count; i-- > 0;)
        if (p->ends[end].events[i].kind == kind)
            return p->ends[end].events[i];
    fail_msg("end %d was told nothing of kind %d", end, (int)kind);
    return (struct ear_event){0};
}

static void a_silent_relay_is_told(void **state)
{
    (void)state;
    const struct ear_address relay = ear_hub_address(PARTY_RELAY);
    struct party *p = open_with((struct party_options){.count = 2, .dialers = 1});
    p->hub.cut[PARTY_RELAY] = true;
    party_run(p, 20 * S);
    assert_int_equal(party_events(p, 1, EAR_EVENT_RELAY), 1);
    struct ear_event event = last_of(p, 1, EAR_EVENT_RELAY);
    assert_false(event.on);
    assert_int_equal(event.relay_state, EAR_RELAY_SILENT);
    assert_true(ear_address_equal(&event.relay, &relay));
    /* Who does not need it has not asked it. */
    assert_int_equal(party_events(p, 0, EAR_EVENT_RELAY), 0);
    part(p, 0, 1, true);
    party_dial_by_relay(p, 0, 1);
    party_until(p, 0, EAR_PHASE_IDLE, 21 * S);
    assert_int_equal(party_ending(p, 0), EAR_ENDING_UNREACHABLE);
    assert_int_equal(last_of(p, 0, EAR_EVENT_RELAY).relay_state, EAR_RELAY_SILENT);
    /* A direct way needs no relay. */
    part(p, 0, 1, false);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    hang_up(p, 0, 1);
    part(p, 0, 1, true);
    p->hub.cut[PARTY_RELAY] = false;
    party_run(p, 10 * S);
    assert_true(last_of(p, 1, EAR_EVENT_RELAY).on);
    party_dial_by_relay(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    assert_true(last_of(p, 0, EAR_EVENT_RELAY).on);
    hang_up(p, 0, 1);
    /* In idle hours it is noticed too. */
    p->hub.cut[PARTY_RELAY] = true;
    party_run(p, 35 * S);
    assert_false(last_of(p, 1, EAR_EVENT_RELAY).on);
    party_close(p);
}

static void a_relay_begins_anew_in_mid_call(void **state)
{
    (void)state;
    struct party *p = open_with((struct party_options){.count = 2, .dialers = 1});
    part(p, 0, 1, true);
    party_run(p, 3 * S);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 10 * S);
    party_restart_relay(p);
    int64_t gap = run_and_listen(p, 0, 1, 20 * S);
    print_message("relay_begins_anew: silent for %lld ms\n", (long long)(gap / MS));
    assert_at_most(gap, 5 * S);
    assert_talk(p, 0, 1);
    /* And an outage of two minutes. */
    p->hub.cut[PARTY_RELAY] = true;
    int64_t bytes = party_status(p, 0).sent.bytes;
    party_run(p, 120 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_LOST);
    print_message("outage_of_120_s: %lld bytes sent\n",
                  (long long)(party_status(p, 0).sent.bytes - bytes));
    p->hub.cut[PARTY_RELAY] = false;
    party_until(p, 0, EAR_PHASE_TALKING, 10 * S);
    party_until(p, 1, EAR_PHASE_TALKING, 10 * S);
    assert_at_most(run_and_listen(p, 0, 1, 20 * S), 1 * S);
    hang_up(p, 0, 1);
    party_close(p);
}

/* Ways and the relay come and go, one way or both: whenever any of them stands for long enough,
 * both talk, and on the same one. */
static void ways_come_and_go(void **state)
{
    (void)state;
    struct ear_random chance = ear_random_seeded(SEED + 1);
    struct party *p = open_with((struct party_options){.count = 2, .dialers = 1});
    party_run(p, 3 * S);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    p->hub.loss = 0.05;
    int relayed = 0, longest = 0;
    for (int round = 0; round < 150; round++) {
        uint32_t what = ear_random_below(&chance, 16);
        p->hub.parted[0][1] = what & 1;
        p->hub.parted[1][0] = what & 2;
        p->hub.parted[0][PARTY_RELAY] = (what & 12) == 4;
        p->hub.parted[PARTY_RELAY][1] = (what & 12) == 8;
        p->hub.cut[PARTY_RELAY] = (what & 12) == 12;
        party_run(p, 5 * S + ear_random_below(&chance, 10000) * MS);
        bool direct = (what & 3) == 0, by_relay = (what & 12) == 0;
        if (!direct && !by_relay)
            continue;
        party_run(p, 10 * S);
        int64_t gap = run_and_listen(p, 0, 1, 3 * S);
        longest = (int)ear_max64(longest, gap / MS);
        if (gap > 2 * S || party_status(p, 0).relayed != party_status(p, 1).relayed)
            fail_msg("round %d (%u): gap %lld ms, relayed %d and %d", round, what,
                     (long long)(gap / MS), party_status(p, 0).relayed, party_status(p, 1).relayed);
        assert_talk(p, 0, 1);
        relayed += party_status(p, 0).relayed;
    }
    print_message("ways_come_and_go: %d times relayed, longest gap %d ms\n", relayed, longest);
    assert_at_least(relayed, 10);
    p->hub.loss = 0;
    party_close(p);
}

/* People and meetings that a running engine is told of, and no longer. */
static void updates_reach_a_running_engine(void **state)
{
    (void)state;
    struct ear_meeting meetings[EAR_HUB_PLACES];
    struct party *p = open_with((struct party_options){.count = 2, .unmet = 3});
    part(p, 0, 1, true);
    party_dial_by_relay(p, 0, 1);
    party_run(p, 1 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_IDLE); /* there is no way */
    assert_int_equal(party_ending(p, 0), EAR_ENDING_UNREACHABLE);
    for (int end = 0; end < 2; end++)
        for (size_t i = party_meetings(end, meetings); i-- > 0;)
            assert_true(ear_engine_update_meeting(
                p->ends[end].engine, &(struct ear_meeting_update){.meeting = meetings[i]}));
    party_run(p, 2 * S);
    party_dial_by_relay(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    hang_up(p, 0, 1);
    /* An invite is revoked at one end: nobody is met there by it. */
    party_meetings(1, meetings);
    assert_true(ear_engine_update_meeting(
        p->ends[1].engine, &(struct ear_meeting_update){.gone = true, .meeting = meetings[0]}));
    party_run(p, 1 * S);
    party_dial_by_relay(p, 0, 1);
    party_until(p, 0, EAR_PHASE_IDLE, 25 * S);
    assert_int_equal(party_ending(p, 0), EAR_ENDING_UNREACHABLE);
    /* A person goes, and all that leads there. */
    const struct ear_guests_update gone = {.gone = true, .guest = {.number = 2}};
    assert_true(ear_engine_update_guest(p->ends[0].engine, &gone));
    party_dial(p, 0, 1);
    party_run(p, 1 * S);
    assert_int_equal(party_ending(p, 0), EAR_ENDING_UNREACHABLE);
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_behind_nats_talk),
        cmocka_unit_test(the_quicker_way_wins),
        cmocka_unit_test(a_better_way_is_taken),
        cmocka_unit_test(the_relay_takes_over),
        cmocka_unit_test(a_second_caller_disturbs_nobody),
        cmocka_unit_test(a_silent_relay_is_told),
        cmocka_unit_test(a_relay_begins_anew_in_mid_call),
        cmocka_unit_test(ways_come_and_go),
        cmocka_unit_test(updates_reach_a_running_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
