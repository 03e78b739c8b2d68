/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams that come twice, too late, out of order, changed, or from nowhere. */
#include "party.h"
#include "scene.h"

#include "wire/packet.h"

#define THROWN 100000
#define KEPT 512

static void duplicates_and_disorder(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){
        .text = "delay = 80 ms\njitter = 30 ms\nduplicate = 20 %\nreorder = 10 %", .turns = true});
    scene_call(s);
    scene_run(s, 300 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end), there = scene_status(s, !end);
        struct ear_numbered_counts counts;
        ear_numbered_get_counts(s->ends[end].codec, &counts);
        assert_int_equal(counts.repeated, 0);
        assert_int_equal(s->ends[end].went_back, 0);
        /* The seal has seen them; one that was overtaken may have been asked for meanwhile. */
        assert_at_most(st.talk.play.packets_duplicate, there.talk.packets_sent / 100);
        assert_at_least(st.talk.play.packets_received, there.talk.packets_sent - 4);
        assert_at_most(st.talk.play.packets_lost + st.talk.play.packets_discarded,
                       there.talk.packets_sent / 50);
        assert_int_equal(st.outages, 0);
    }
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    scene_run(s, 2 * S);
    assert_true(scene_status(s, 1).they_muted);
    scene_hang_up(s, 0);
    scene_close(s);
}

/* What really crossed the network lately, to be thrown again. */
static struct {
    uint8_t data[KEPT][EAR_DATAGRAM_MAX];
    size_t len[KEPT];
    int from[KEPT];
    int64_t sent_us[KEPT];
    const struct party *party;
    size_t count;
} seen;

static void keep(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    (void)to;
    if (from > 1)
        return;
    size_t at = seen.count++ % KEPT;
    memcpy(seen.data[at], data, len);
    seen.len[at] = len;
    seen.from[at] = from;
    seen.sent_us[at] = seen.party ? seen.party->time.now_us : 0;
}

static struct ear_address thrower(struct party *p, struct ear_random *random)
{
    (void)p;
    static const struct ear_address odd = {.bytes = {1}, .len = 1};
    uint32_t kind = ear_random_below(random, 4);
    return kind == 0 ? odd : ear_hub_address((int)kind == 3 ? 5 : (int)kind - 1);
}

static size_t random_bytes(struct ear_random *random, uint8_t *data)
{
    static const uint8_t kinds[] = {EAR_SEALED,
                                    EAR_SEALED | EAR_SEALED_PHASE,
                                    EAR_SEALED | EAR_SEALED_CONTROL,
                                    EAR_MESSAGE_CALL,
                                    EAR_MESSAGE_ANSWER,
                                    EAR_MESSAGE_COOKIE,
                                    EAR_MESSAGE_FLARE,
                                    EAR_MESSAGE_FLARE_ANSWER,
                                    0xff};
    size_t len = 1 + ear_random_below(random, ear_random_below(random, 2) ? 40 : EAR_DATAGRAM_MAX);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)ear_random_u64(random);
    if (ear_random_below(random, 4) > 0)
        data[0] = kinds[ear_random_below(random, EAR_COUNT(kinds))];
    return len;
}

static size_t changed(struct ear_random *random, uint8_t *data)
{
    size_t at = ear_random_below(random, (uint32_t)ear_min64((int64_t)seen.count, KEPT));
    size_t len = seen.len[at];
    memcpy(data, seen.data[at], len);
    for (uint32_t left = ear_random_below(random, 4); left > 0 && len > 1; left--) {
        size_t where = ear_random_below(random, (uint32_t)len);
        if (ear_random_below(random, 4) == 0)
            len = where ? where : 1;
        else
            data[where] ^= (uint8_t)(1 << ear_random_below(random, 8));
    }
    return len;
}

static void assert_unharmed(struct party *p)
{
    int64_t heard[2] = {p->ends[0].heard, p->ends[1].heard};
    int told = party_events(p, 1, EAR_EVENT_THEY_MUTED);
    party_run(p, 10 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st;
        ear_engine_get_status(p->ends[end].engine, &st);
        assert_int_equal(st.phase, EAR_PHASE_TALKING);
        assert_int_equal(st.outages, 0);
        assert_at_least(p->ends[end].heard, heard[end] + 50);
        assert_at_most(st.talk.play.delay_ms, st.talk.play.target_ms + 100);
        assert_at_most(st.talk.play.target_ms, 300);
    }
    party_command(p, 0, EAR_COMMAND_MUTE, true);
    party_run(p, 1 * S);
    party_command(p, 0, EAR_COMMAND_MUTE, false);
    party_run(p, 1 * S);
    assert_int_equal(party_events(p, 1, EAR_EVENT_THEY_MUTED), told + 2);
}

/* Nothing that was not sealed by the other end may be felt: neither noise nor changed datagrams nor
 * true ones said again. */
enum thrown { RANDOM, CHANGED, REPLAYED };

/* Throws at both ends of a call, from their own addresses and others. */
static void throw_at_a_call(enum thrown what)
{
    struct party *p = party_open(
        &(struct party_options){.count = 2, .seed = SEED, .auto_answer = true, .opus = true});
    struct ear_random random = ear_random_seeded(SEED + (uint64_t)what);
    memset(&seen, 0, sizeof seen);
    p->hub.tap = keep;
    seen.party = p;
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    party_run(p, 10 * S);
    for (int i = 0; i < THROWN;) {
        for (int k = 0; k < 50 && i < THROWN; k++, i++) {
            uint8_t data[EAR_DATAGRAM_MAX];
            struct ear_address from = thrower(p, &random);
            size_t at = ear_random_below(&random, (uint32_t)ear_min64((int64_t)seen.count, KEPT));
            size_t len = seen.len[at];
            memcpy(data, seen.data[at], len);
            /* Who overtakes the true one moves our answers to himself: that is roaming, and he who
             * could do so could as well drop all. */
            if (what == REPLAYED && p->time.now_us - seen.sent_us[at] < 1 * S)
                continue;
            if (what == RANDOM)
                len = random_bytes(&random, data);
            else if (what == CHANGED)
                len = changed(&random, data);
            int to = what == REPLAYED ? !seen.from[at] : (int)ear_random_below(&random, 2);
            ear_hub_inject(&p->hub, &from, to, data, len);
        }
        party_run(p, 20 * MS);
        if (party_phase(p, 0) != EAR_PHASE_TALKING || party_phase(p, 1) != EAR_PHASE_TALKING)
            fail_msg("the call ended after %d datagrams (seed %d)", i, SEED);
    }
    /* Some of what was changed was true, and took answers with it: that is caught up. */
    party_run(p, 60 * S);
    assert_unharmed(p);
    party_command(p, 1, EAR_COMMAND_HANG_UP, false);
    party_until(p, 1, EAR_PHASE_IDLE, 5 * S);
    party_run(p, 5 * S);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    party_run(p, 1 * S);
    assert_unharmed(p);
    party_close(p);
}

static void random_datagrams_do_no_harm(void **state)
{
    (void)state;
    throw_at_a_call(RANDOM);
}

static void changed_datagrams_do_no_harm(void **state)
{
    (void)state;
    throw_at_a_call(CHANGED);
}

static void replayed_datagrams_do_no_harm(void **state)
{
    (void)state;
    throw_at_a_call(REPLAYED);
}

/* Nobody talks: forged calls by the thousand leave the end fit for the one that is meant. */
static void a_flood_of_calls_leaves_room(void **state)
{
    (void)state;
    struct party *p =
        party_open(&(struct party_options){.count = 2, .seed = SEED, .auto_answer = true});
    struct ear_random random = ear_random_seeded(SEED);
    for (int i = 0; i < 2000; i++) {
        uint8_t data[EAR_DATAGRAM_MAX];
        struct ear_address from = {.bytes = {9, (uint8_t)i, (uint8_t)(i >> 8)}, .len = 3};
        size_t len = random_bytes(&random, data);
        data[0] = EAR_MESSAGE_CALL;
        ear_hub_inject(&p->hub, &from, 1, data, len);
        party_run(p, 5 * MS);
    }
    assert_int_equal(party_phase(p, 1), EAR_PHASE_IDLE);
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 20 * S);
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duplicates_and_disorder),
        cmocka_unit_test(random_datagrams_do_no_harm),
        cmocka_unit_test(changed_datagrams_do_no_harm),
        cmocka_unit_test(replayed_datagrams_do_no_harm),
        cmocka_unit_test(a_flood_of_calls_leaves_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
