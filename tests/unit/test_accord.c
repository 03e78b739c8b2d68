/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two ends tell each other of their rungs, waits and turns, and what then holds. */
#include "fake/test.h"

#include "call/accord.h"
#include "call/say.h"

#define SAID 16

/* The talk that it looks at, and what it says, in their place (see meson.build, --wrap). */
static struct {
    struct ear_ladder_say ladder;
    int hold_there_ms, hold_unasked_ms;
    bool can;
    bool whole, forced, they_can;
    int hold_ms; /* as they asked; -1: they did not */
    enum ear_rung forced_rung;
    struct ear_signal said[SAID];
    int said_count;
} talk;

static struct ear_accord accord;

void __wrap_ear_say_signal(struct ear_session *session, const struct ear_signal *signal);
struct ear_ladder_say __wrap_ear_talk_ladder(const struct ear_talk *t);
int __wrap_ear_talk_hold_there(const struct ear_talk *t);
int __wrap_ear_talk_hold_unasked(const struct ear_talk *t);
bool __wrap_ear_talk_repairs_wideband(const struct ear_talk *t);
void __wrap_ear_talk_they_repair_wideband(struct ear_talk *t, bool repair);
void __wrap_ear_talk_set_whole(struct ear_talk *t, bool whole);
void __wrap_ear_talk_force(struct ear_talk *t, bool forced, enum ear_rung rung);
void __wrap_ear_talk_hold(struct ear_talk *t, int hold_ms);

void __wrap_ear_say_signal(struct ear_session *session, const struct ear_signal *signal)
{
    (void)session;
    assert_true(talk.said_count < SAID);
    talk.said[talk.said_count++] = *signal;
}

struct ear_ladder_say __wrap_ear_talk_ladder(const struct ear_talk *t)
{
    (void)t;
    return talk.ladder;
}

int __wrap_ear_talk_hold_there(const struct ear_talk *t)
{
    (void)t;
    return talk.hold_there_ms;
}

int __wrap_ear_talk_hold_unasked(const struct ear_talk *t)
{
    (void)t;
    return talk.hold_unasked_ms;
}

bool __wrap_ear_talk_repairs_wideband(const struct ear_talk *t)
{
    (void)t;
    return talk.can;
}

void __wrap_ear_talk_they_repair_wideband(struct ear_talk *t, bool repair)
{
    (void)t;
    talk.they_can = repair;
}

void __wrap_ear_talk_set_whole(struct ear_talk *t, bool whole)
{
    (void)t;
    talk.whole = whole;
}

void __wrap_ear_talk_force(struct ear_talk *t, bool forced, enum ear_rung rung)
{
    (void)t;
    talk.forced = forced;
    talk.forced_rung = rung;
}

void __wrap_ear_talk_hold(struct ear_talk *t, int hold_ms)
{
    (void)t;
    talk.hold_ms = hold_ms;
}

static void begin(bool lower)
{
    memset(&talk, 0, sizeof talk);
    talk.hold_ms = -1;
    ear_accord_begin(&accord, lower);
}

static void tend(void)
{
    talk.said_count = 0;
    ear_accord_tend(&accord, NULL, NULL, 0);
}

static void take(enum ear_signal_kind kind, int value, int number)
{
    talk.said_count = 0;
    const struct ear_signal signal = {
        .kind = kind, .value = (uint8_t)value, .number = (uint16_t)number};
    ear_accord_take(&accord, NULL, NULL, &signal);
}

static void assert_said(enum ear_signal_kind kind, int value)
{
    assert_int_equal(talk.said_count, 1);
    assert_int_equal(talk.said[0].kind, kind);
    assert_int_equal(talk.said[0].value, value);
}

static void a_call_that_is_well_says_nothing(void **state)
{
    (void)state;
    begin(true);
    talk.ladder.rung = EAR_RUNG_LONGER; /* the user's budget, not the line */
    talk.hold_there_ms = talk.hold_unasked_ms = 240;
    tend();
    assert_int_equal(talk.said_count, 0);
    talk.hold_there_ms = talk.hold_unasked_ms = 0;
    for (int i = 0; i < 100; i++) {
        tend();
        assert_int_equal(talk.said_count, 0);
    }
    assert_int_equal(ear_accord_rung(&accord), EAR_RUNG_LONGER);
    assert_true(ear_accord_may_speak(&accord) && ear_accord_is_live(&accord));
}

static void the_lower_rung_of_both_holds(void **state)
{
    (void)state;
    begin(true);
    tend();
    talk.ladder.rung = EAR_RUNG_LONGER;
    tend();
    assert_said(EAR_SIGNAL_RUNG, EAR_RUNG_LONGER);
    tend();
    assert_int_equal(talk.said_count, 0); /* once */
    take(EAR_SIGNAL_RUNG, EAR_RUNG_STREAM, 0);
    tend();
    assert_int_equal(ear_accord_rung(&accord), EAR_RUNG_STREAM);
    assert_true(talk.whole);             /* nothing is passed over */
    take(EAR_SIGNAL_RUNG, EAR_RUNGS, 0); /* of a later version */
    assert_int_equal(ear_accord_rung(&accord), EAR_RUNG_STREAM);
    take(EAR_SIGNAL_RUNG, EAR_RUNG_MESSAGE, 0);
    assert_false(ear_accord_is_live(&accord));
    take(EAR_SIGNAL_RUNG, EAR_RUNG_FULL, 0);
    tend();
    assert_int_equal(ear_accord_rung(&accord), EAR_RUNG_LONGER);
    assert_false(talk.whole);
    talk.ladder.rung = EAR_RUNG_FULL;
    tend();
    assert_said(EAR_SIGNAL_RUNG, EAR_RUNG_FULL);
    assert_int_equal(ear_accord_rung(&accord), EAR_RUNG_FULL);
}

/* A call that begins on a low rung says so. */
static void a_low_rung_is_told_at_once(void **state)
{
    (void)state;
    begin(true);
    talk.ladder.rung = EAR_RUNG_TURNS;
    tend();
    assert_said(EAR_SIGNAL_RUNG, EAR_RUNG_TURNS);
}

static void a_wait_is_told_where_it_has_changed(void **state)
{
    (void)state;
    begin(true);
    talk.hold_unasked_ms = 240;
    talk.hold_there_ms = 100; /* less than what lapses by itself */
    tend();
    assert_int_equal(talk.said_count, 0);
    talk.hold_there_ms = 300;
    tend();
    assert_said(EAR_SIGNAL_HOLD, 19); /* 304 ms: never less than planned */
    talk.hold_there_ms = 331;
    tend();
    assert_int_equal(talk.said_count, 0);
    talk.hold_there_ms = 332;
    tend();
    assert_said(EAR_SIGNAL_HOLD, 21);
    talk.hold_there_ms = 0;
    tend();
    assert_said(EAR_SIGNAL_HOLD, 0);
    talk.hold_there_ms = 60000;
    tend();
    assert_said(EAR_SIGNAL_HOLD, UINT8_MAX);
    take(EAR_SIGNAL_HOLD, 21, 0);
    assert_int_equal(talk.hold_ms, 336);
}

static void what_can_be_is_told_once(void **state)
{
    (void)state;
    begin(true);
    talk.can = true;
    tend();
    assert_said(EAR_SIGNAL_CAN, EAR_CAN_REPAIR_WIDEBAND);
    tend();
    assert_int_equal(talk.said_count, 0);
    take(EAR_SIGNAL_CAN, EAR_CAN_REPAIR_WIDEBAND | 0x80, 0);
    assert_true(talk.they_can);
    take(EAR_SIGNAL_CAN, 0x80, 0);
    assert_false(talk.they_can);
}

static void turns_count_on_their_rung_alone(void **state)
{
    (void)state;
    begin(true);
    take(EAR_SIGNAL_TURN, EAR_TURNS_TAKE, 1);
    assert_true(ear_accord_may_speak(&accord)); /* both may, on the rungs above */
    take(EAR_SIGNAL_RUNG, EAR_RUNG_TURNS, 0);
    assert_false(ear_accord_may_speak(&accord));
    talk.said_count = 0;
    ear_accord_want_turn(&accord, NULL, true);
    assert_said(EAR_SIGNAL_TURN, EAR_TURNS_WISH);
    assert_true(accord.wants_turn);
    take(EAR_SIGNAL_TURN, EAR_TURNS_GRANT, 2);
    assert_true(ear_accord_may_speak(&accord));
    talk.said_count = 0;
    ear_accord_want_turn(&accord, NULL, false);
    assert_said(EAR_SIGNAL_TURN, EAR_TURNS_GIVE);
    assert_int_equal(talk.said[0].number, 2);
    take(EAR_SIGNAL_TURN, EAR_TURNS_WISH + 1, 9); /* of a later version */
    assert_int_equal(talk.said_count, 0);
}

/* Who holds the floor and vanishes loses it to whoever wishes. */
static void the_floor_does_not_vanish(void **state)
{
    (void)state;
    begin(false);
    take(EAR_SIGNAL_RUNG, EAR_RUNG_TURNS, 0);
    take(EAR_SIGNAL_TURN, EAR_TURNS_TAKE, 1);
    ear_accord_want_turn(&accord, NULL, true);
    ear_accord_tend(&accord, NULL, NULL, EAR_TURNS_VANISHED_US - 1);
    assert_false(ear_accord_may_speak(&accord));
    ear_accord_tend(&accord, NULL, NULL, EAR_TURNS_VANISHED_US + 1);
    assert_true(ear_accord_may_speak(&accord));
}

static void the_users_rung_outlasts_a_call(void **state)
{
    (void)state;
    begin(true);
    ear_accord_force(&accord, true, EAR_RUNG_TURNS);
    tend();
    assert_true(talk.forced && talk.forced_rung == EAR_RUNG_TURNS);
    take(EAR_SIGNAL_RUNG, EAR_RUNG_STREAM, 0);
    begin(true);
    tend();
    assert_true(talk.forced && talk.forced_rung == EAR_RUNG_TURNS);
    assert_int_equal(ear_accord_rung(&accord), EAR_RUNG_FULL); /* theirs does not */
    ear_accord_force(&accord, false, EAR_RUNG_FULL);
    tend();
    assert_false(talk.forced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_is_well_says_nothing),
        cmocka_unit_test(the_lower_rung_of_both_holds),
        cmocka_unit_test(a_low_rung_is_told_at_once),
        cmocka_unit_test(a_wait_is_told_where_it_has_changed),
        cmocka_unit_test(what_can_be_is_told_once),
        cmocka_unit_test(turns_count_on_their_rung_alone),
        cmocka_unit_test(the_floor_does_not_vanish),
        cmocka_unit_test(the_users_rung_outlasts_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
