/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How calls begin and end between several people: each way, told rightly at both ends. */
#include "party.h"

#include "wire/packet.h"

static struct party *party_of(int count, bool auto_answer)
{
    return party_open(
        &(struct party_options){.count = count, .seed = SEED, .auto_answer = auto_answer});
}

static void talk(struct party *p, int from, int to)
{
    party_dial(p, from, to);
    party_until(p, from, EAR_PHASE_TALKING, 5 * S);
    party_until(p, to, EAR_PHASE_TALKING, 5 * S);
}

static void assert_ended(struct party *p, int end, enum ear_ending why, int64_t limit_us)
{
    party_until(p, end, EAR_PHASE_IDLE, limit_us);
    assert_string_equal(ear_ending_name(party_ending(p, end)), ear_ending_name(why));
}

static void assert_heard(struct party *p, int end)
{
    int64_t before = p->ends[end].heard;
    party_run(p, 2 * S);
    assert_at_least(p->ends[end].heard, before + 5);
}

static void a_call_rings_is_answered_and_ends(void **state)
{
    (void)state;
    struct party *p = party_of(2, false);
    int64_t begin = p->time.now_us;
    party_dial(p, 0, 1);
    int64_t rings = party_until(p, 1, EAR_PHASE_INCOMING, 2 * S);
    assert_at_most(rings - begin, 240 * MS); /* two round trips of 100 ms */
    party_until(p, 0, EAR_PHASE_RINGING, 1 * S);
    party_run(p, 10 * S);
    party_command(p, 1, EAR_COMMAND_ANSWER, false);
    party_until(p, 1, EAR_PHASE_TALKING, 100 * MS);
    party_until(p, 0, EAR_PHASE_TALKING, 200 * MS);
    assert_heard(p, 0);
    assert_heard(p, 1);
    party_command(p, 1, EAR_COMMAND_HANG_UP, false);
    assert_ended(p, 1, EAR_ENDING_HUNG_UP, 1 * S);
    assert_ended(p, 0, EAR_ENDING_OTHER_HUNG_UP, 1 * S);
    party_close(p);
}

static void a_call_may_be_declined(void **state)
{
    (void)state;
    struct party *p = party_of(2, false);
    party_dial(p, 0, 1);
    party_until(p, 1, EAR_PHASE_INCOMING, 2 * S);
    party_command(p, 1, EAR_COMMAND_HANG_UP, false);
    assert_ended(p, 0, EAR_ENDING_DECLINED, 1 * S);
    assert_ended(p, 1, EAR_ENDING_DECLINED_HERE, 1 * S);
    party_close(p);
}

static void nobody_answers(void **state)
{
    (void)state;
    struct party *p = party_of(2, false);
    party_dial(p, 0, 1);
    int64_t rings = party_until(p, 0, EAR_PHASE_RINGING, 2 * S);
    int64_t ended = party_until(p, 0, EAR_PHASE_IDLE, 70 * S);
    assert_at_least(ended - rings, 59 * S);
    assert_at_most(ended - rings, 61 * S);
    assert_int_equal(party_ending(p, 0), EAR_ENDING_NO_ANSWER);
    assert_ended(p, 1, EAR_ENDING_OTHER_HUNG_UP, 1 * S);
    party_close(p);
}

static void nobody_is_there(void **state)
{
    (void)state;
    struct party *p = party_of(2, false);
    p->hub.cut[1] = true;
    int64_t begin = p->time.now_us;
    party_dial(p, 0, 1);
    party_run(p, 19900 * MS);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_CALLING);
    assert_int_equal(p->hub.sent, 20); /* one call a second */
    int64_t ended = party_until(p, 0, EAR_PHASE_IDLE, 1 * S);
    assert_at_most(ended - begin, 20100 * MS);
    assert_int_equal(party_ending(p, 0), EAR_ENDING_UNREACHABLE);
    party_run(p, 10 * S);
    assert_in_range(p->hub.sent, 20, 21); /* and silence after that */
    party_close(p);
}

static void the_caller_gives_up(void **state)
{
    (void)state;
    /* at once; while the hello is on its way; while it rings */
    const int64_t after[] = {0, 60 * MS, 150 * MS, 260 * MS, 3 * S};
    for (size_t i = 0; i < EAR_COUNT(after); i++) {
        struct party *p = party_of(2, false);
        party_dial(p, 0, 1);
        party_run(p, after[i]);
        party_command(p, 0, EAR_COMMAND_HANG_UP, false);
        assert_ended(p, 0, EAR_ENDING_HUNG_UP, 4 * S);
        party_run(p, 1 * S);
        assert_int_equal(party_phase(p, 1), EAR_PHASE_IDLE);
        /* Meanwhile the other end still answers the first call's hello. */
        party_dial(p, 0, 1);
        party_until(p, 1, EAR_PHASE_INCOMING, 2 * S);
        party_until(p, 0, EAR_PHASE_RINGING, 2 * S);
        party_command(p, 0, EAR_COMMAND_HANG_UP, false);
        party_until(p, 1, EAR_PHASE_IDLE, 2 * S);
        party_dial(p, 1, 0); /* and both are fit to call */
        party_until(p, 0, EAR_PHASE_INCOMING, 2 * S);
        party_close(p);
    }
}

static void both_hang_up_at_once(void **state)
{
    (void)state;
    for (int gap = 0; gap <= 3; gap++) {
        struct party *p = party_of(2, true);
        talk(p, 0, 1);
        party_run(p, 5 * S);
        party_command(p, 0, EAR_COMMAND_HANG_UP, false);
        party_run(p, gap * 15 * MS);
        party_command(p, 1, EAR_COMMAND_HANG_UP, false);
        assert_ended(p, 0, EAR_ENDING_HUNG_UP, 1 * S);
        assert_ended(p, 1, EAR_ENDING_HUNG_UP, 1 * S);
        party_close(p);
    }
}

static void a_busy_person_is_said_to_be_busy(void **state)
{
    (void)state;
    struct party *p = party_of(4, true);
    talk(p, 0, 1);
    for (int i = 0; i < 5; i++) {
        party_dial(p, 2, 1);
        party_dial(p, 3, 0);
        assert_ended(p, 2, EAR_ENDING_BUSY, 2 * S);
        assert_ended(p, 3, EAR_ENDING_BUSY, 2 * S);
        assert_int_equal(party_events(p, 1, EAR_EVENT_TURNED_AWAY), i + 1);
        assert_int_equal(party_events(p, 0, EAR_EVENT_TURNED_AWAY), i + 1);
        assert_heard(p, 0);
        assert_heard(p, 1);
    }
    party_command(p, 0, EAR_COMMAND_HANG_UP, false);
    assert_ended(p, 1, EAR_ENDING_OTHER_HUNG_UP, 2 * S);
    talk(p, 2, 1); /* and is free again */
    assert_heard(p, 1);
    party_close(p);
}

/* Three more callers at once: all sessions are in use, and each hears busy. */
static void all_who_call_a_busy_person_are_told(void **state)
{
    (void)state;
    struct party *p = party_of(4, false);
    party_dial(p, 0, 1);
    party_until(p, 1, EAR_PHASE_INCOMING, 2 * S);
    party_dial(p, 2, 1);
    party_dial(p, 3, 1);
    assert_ended(p, 2, EAR_ENDING_BUSY, 2 * S);
    assert_ended(p, 3, EAR_ENDING_BUSY, 2 * S);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_INCOMING);
    party_close(p);
}

/* Hung up by mistake: the next call comes at once, from either side. */
static void redialling_at_once_works(void **state)
{
    (void)state;
    const int64_t pauses[] = {0, 20 * MS, 200 * MS, 1 * S, 2900 * MS, 5 * S};
    for (int who = 0; who < 4; who++) {
        for (size_t i = 0; i < EAR_COUNT(pauses); i++) {
            struct party *p = party_of(2, true);
            int hangs_up = who & 1, dials = who >> 1;
            talk(p, 0, 1);
            party_run(p, 3 * S);
            party_command(p, hangs_up, EAR_COMMAND_HANG_UP, false);
            party_until(p, dials, EAR_PHASE_IDLE, 2 * S);
            party_run(p, pauses[i]);
            talk(p, dials, !dials);
            party_run(p, 1 * S);
            assert_heard(p, 0);
            assert_heard(p, 1);
            party_run(p, 10 * S);
            assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
            assert_int_equal(party_phase(p, 1), EAR_PHASE_TALKING);
            party_close(p);
        }
    }
}

/* Two people who call each other at once want to talk: they shall, and at once. */
static void calling_each_other_is_one_call(void **state)
{
    (void)state;
    for (int gap = -2; gap <= 2; gap++) { /* of 20 ms: later than 50 and it rings already */
        struct party *p = party_of(2, false);
        int first = gap < 0;
        party_dial(p, first, !first);
        party_run(p, llabs(gap) * 20 * MS);
        party_dial(p, !first, first);
        party_until(p, 0, EAR_PHASE_TALKING, 3 * S);
        party_until(p, 1, EAR_PHASE_TALKING, 3 * S);
        party_run(p, 1 * S);
        assert_heard(p, 0);
        assert_heard(p, 1);
        party_run(p, 20 * S);
        assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
        assert_int_equal(party_phase(p, 1), EAR_PHASE_TALKING);
        assert_int_equal(party_events(p, 0, EAR_EVENT_TURNED_AWAY), 0);
        party_command(p, 0, EAR_COMMAND_HANG_UP, false);
        assert_ended(p, 0, EAR_ENDING_HUNG_UP, 1 * S);
        assert_ended(p, 1, EAR_ENDING_OTHER_HUNG_UP, 1 * S);
        party_close(p);
    }
}

static struct {
    int said; /* by end 1 */
} seen;

static void watch_end_1(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    (void)to;
    (void)data;
    (void)len;
    seen.said += from == 1;
}

/* Whoever cannot show a key that we know hears nothing, whatever is said. */
static void strangers_hear_nothing(void **state)
{
    (void)state;
    struct party *p = party_of(2, true);
    struct ear_address stranger = ear_hub_address(5);
    struct ear_random random = ear_random_seeded(7);
    memset(&seen, 0, sizeof seen);
    p->hub.tap = watch_end_1;
    for (int i = 0; i < 2000; i++) {
        uint8_t data[EAR_CALL_BYTES_MAX];
        for (size_t k = 0; k < sizeof data; k++)
            data[k] = (uint8_t)(ear_random_u64(&random) >> 32);
        data[0] = (uint8_t)(i % 8); /* handshakes of every kind */
        ear_hub_inject(&p->hub, &stranger, 1, data, EAR_ANSWER_BYTES + (size_t)i % 137);
        party_run(p, 1 * MS);
    }
    assert_int_equal(seen.said, 0);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_IDLE);
    talk(p, 0, 1);
    party_close(p);
}

/* Somebody with our keys, but not the secret of the pair, does not get through. */
static void a_wrong_secret_opens_nothing(void **state)
{
    (void)state;
    struct party *p = party_of(2, true);
    party_forget_secret(p, 0, 1);
    party_dial(p, 0, 1);
    party_run(p, 14 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_CALLING);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_IDLE);
    assert_int_equal(party_events(p, 1, EAR_EVENT_PHASE), 0);
    party_close(p);
}

static void commands_at_the_wrong_time_do_nothing(void **state)
{
    (void)state;
    struct party *p = party_of(3, false);
    party_command(p, 0, EAR_COMMAND_HANG_UP, false);
    party_command(p, 0, EAR_COMMAND_ANSWER, false);
    party_run(p, 1 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_IDLE);
    assert_int_equal(p->ends[0].event_count, 0);
    party_dial(p, 0, 1);
    party_run(p, 50 * MS);
    party_dial(p, 0, 2); /* one call at a time */
    party_command(p, 0, EAR_COMMAND_ANSWER, false);
    party_run(p, 1 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_RINGING);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_INCOMING);
    assert_int_equal(party_phase(p, 2), EAR_PHASE_IDLE);
    party_dial(p, 1, 2);
    party_run(p, 1 * S);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_INCOMING);
    party_command(p, 1, EAR_COMMAND_ANSWER, false);
    party_command(p, 1, EAR_COMMAND_ANSWER, false);
    party_until(p, 0, EAR_PHASE_TALKING, 1 * S);
    party_dial(p, 0, 2);
    party_run(p, 1 * S);
    assert_int_equal(party_phase(p, 0), EAR_PHASE_TALKING);
    assert_int_equal(party_phase(p, 2), EAR_PHASE_IDLE);
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_rings_is_answered_and_ends),
        cmocka_unit_test(a_call_may_be_declined),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(nobody_is_there),
        cmocka_unit_test(the_caller_gives_up),
        cmocka_unit_test(both_hang_up_at_once),
        cmocka_unit_test(a_busy_person_is_said_to_be_busy),
        cmocka_unit_test(all_who_call_a_busy_person_are_told),
        cmocka_unit_test(redialling_at_once_works),
        cmocka_unit_test(calling_each_other_is_one_call),
        cmocka_unit_test(strangers_hear_nothing),
        cmocka_unit_test(a_wrong_secret_opens_nothing),
        cmocka_unit_test(commands_at_the_wrong_time_do_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
