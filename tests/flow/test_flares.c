/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody is in danger, and hardly anything passes: with no session, with one that the other side
 * has forgotten, and while either side talks with somebody else. */
#include <inttypes.h>

#include "office.h"
#include "party.h"
#include "scene.h"
#include "wire/packet.h"

#define WORKER_US (50 * MS)
#define SEEDS 100
#define WITHIN_US (60 * S)
#define TEXT "Village clinic, back room\n+255 700 000 000"

static struct office offices[3];
static int came[3]; /* messages that the users were told of */

static struct party *open_party_with(const struct party_options *options,
                                     const struct ear_address *to)
{
    struct party *p = party_open(options);
    memset(came, 0, sizeof came);
    for (int i = 0; i < options->count; i++)
        office_open(&offices[i], p->ends[i].engine, i == 0 ? to : NULL);
    return p;
}

static struct party *open_party(int count, uint64_t seed)
{
    const struct ear_address to = ear_hub_address(1);
    return open_party_with(
        &(struct party_options){.count = count, .seed = seed, .auto_answer = true}, &to);
}

static void close_party(struct party *p)
{
    for (int i = 0; i < p->count; i++)
        office_close(&offices[i]);
    party_close(p);
}

static void run_party(struct party *p, int64_t duration_us)
{
    for (int64_t end = p->time.now_us + duration_us; p->time.now_us < end;) {
        for (int i = 0; i < p->count; i++) {
            struct ear_mail_event event;
            office_step(&offices[i], p->time.now_us);
            while (ear_mail_event(offices[i].mail, &event))
                came[i] += event.change == EAR_MAIL_CAME;
        }
        party_run(p, WORKER_US);
    }
}

static int64_t cry(struct office *o)
{
    return office_write(o, 2, EAR_MESSAGE_URGENT, TEXT, sizeof TEXT - 1);
}

/* How often it is there. */
static int shown(struct office *o)
{
    struct ear_message got[8];
    int count = office_list(o, 1, got, EAR_COUNT(got)), urgent = 0;
    for (int i = 0; i < count; i++)
        if (got[i].kind == EAR_MESSAGE_URGENT && got[i].direction == EAR_MESSAGE_IN) {
            assert_string_equal(got[i].text, TEXT);
            urgent++;
        }
    return urgent;
}

/* Returns after how long end 1 shows what end 0 cries now. */
static int64_t until_shown(struct party *p, int64_t *ret_id)
{
    int64_t begin_us = p->time.now_us;
    *ret_id = cry(&offices[0]);
    while (shown(&offices[1]) == 0 && p->time.now_us < begin_us + WITHIN_US)
        run_party(p, WORKER_US);
    assert_int_equal(shown(&offices[1]), 1);
    return p->time.now_us - begin_us;
}

static int64_t until_told(struct party *p, int64_t id, int64_t limit_us)
{
    int64_t begin_us = p->time.now_us;
    while (office_message(&offices[0], id).state < EAR_MESSAGE_ARRIVED &&
           p->time.now_us < begin_us + limit_us)
        run_party(p, WORKER_US);
    return p->time.now_us - begin_us;
}

static void out_of_nothing(int64_t trip_us)
{
    double worst_s = 0, told_s = 0, bytes = 0;
    int early = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct party *p = open_party(2, seed);
        int64_t id;
        p->hub.delay_us = trip_us / 2;
        p->hub.loss = 0.95;
        double took_s = (double)until_shown(p, &id) / S;
        bytes += (double)party_status(p, 0).sent.bytes / took_s / SEEDS;
        worst_s = took_s > worst_s ? took_s : worst_s;
        took_s += (double)until_told(p, id, 180 * S) / S;
        if (office_message(&offices[0], id).state != EAR_MESSAGE_ARRIVED)
            fail_msg("its sender never knows (seed %" PRIu64 ")", seed);
        told_s = took_s > told_s ? took_s : told_s;
        early += took_s <= 60;
        run_party(p, 20 * S); /* of the copies that come yet nothing is seen */
        assert_int_equal(shown(&offices[1]), 1);
        assert_int_equal(came[1], 1);
        close_party(p);
    }
    print_message("urgent at 95 %% loss, %" PRId64 " ms round trip, no session: %d of %d, the last "
                  "after %.1f s; %d senders know within 60 s, the last after %.1f s; %.0f "
                  "bytes/s\n",
                  trip_us / MS, SEEDS, SEEDS, worst_s, early, told_s, bytes);
}

static void out_of_nothing_300_ms(void **state)
{
    (void)state;
    out_of_nothing(300 * MS);
}

static void out_of_nothing_1200_ms(void **state)
{
    (void)state;
    out_of_nothing(1200 * MS);
}

/* On a good line it does not hold up what follows, and does not cost much. */
static void a_good_line_is_not_held_up(void **state)
{
    (void)state;
    struct party *p = open_party(2, 1);
    int64_t id;
    p->hub.delay_us = 150 * MS;
    int64_t shown_us = until_shown(p, &id), told_us = shown_us + until_told(p, id, 10 * S);
    int64_t text = office_write(&offices[0], 2, EAR_MESSAGE_TEXT, "Hurry", 5);
    int64_t text_us = until_told(p, text, 10 * S);
    run_party(p, 5 * S);
    print_message("a good line: urgent after %" PRId64 " ms, told after %" PRId64
                  " ms, a text behind it %" PRId64 " ms, %" PRId64 " bytes sent\n",
                  shown_us / MS, told_us / MS, text_us / MS, party_status(p, 0).sent.bytes);
    assert_at_most(shown_us, 1 * S);
    assert_at_most(told_us, 2 * S);
    assert_at_most(text_us, 3 * S);
    assert_at_most(party_status(p, 0).sent.bytes, 4000);
    assert_int_equal(shown(&offices[1]), 1);
    close_party(p);
}

/* Both behind carriers, and each way of a datagram loses four of five: 95 % of all. */
static void by_a_relay(void **state)
{
    (void)state;
    static const struct ear_address nowhere;
    int64_t worst_us = 0;
    for (uint64_t seed = 1; seed <= SEEDS / 5; seed++) {
        struct party *p = open_party_with(
            &(struct party_options){.count = 2, .seed = seed, .auto_answer = true, .relay = true},
            &nowhere);
        int64_t id;
        p->hub.delay_us = 150 * MS;
        p->hub.parted[0][1] = p->hub.parted[1][0] = true;
        run_party(p, 10 * S); /* they are known there */
        p->hub.loss = 0.78;
        worst_us = ear_max64(worst_us, until_shown(p, &id));
        close_party(p);
    }
    print_message("by a relay, 95 %% loss in all: %d of %d, the last after %.1f s\n", SEEDS / 5,
                  SEEDS / 5, (double)worst_us / S);
}

/* Data is prepaid: who is away for an hour costs this, and is told within seconds of coming back.
 */
static void who_is_away_costs_little(void **state)
{
    (void)state;
    struct party *p = open_party(2, 3);
    p->hub.delay_us = 150 * MS;
    p->hub.cut[1] = true;
    cry(&offices[0]);
    run_party(p, 600 * S);
    int64_t bytes = party_status(p, 0).sent.bytes;
    run_party(p, 3000 * S);
    int64_t later = party_status(p, 0).sent.bytes - bytes;
    print_message("somebody who is away: %" PRId64 " bytes in ten minutes, %" PRId64
                  " in 50 more\n",
                  bytes, later);
    assert_at_most(bytes, 300000);
    assert_at_most(later, 200000);
    p->hub.cut[1] = false;
    int64_t begin_us = p->time.now_us;
    while (shown(&offices[1]) == 0 && p->time.now_us < begin_us + 60 * S)
        run_party(p, WORKER_US);
    assert_at_most(p->time.now_us - begin_us, 15 * S);
    close_party(p);
}

/* talks: the end that is in a call with end 2. */
static void beside_another_call(int talks)
{
    for (uint64_t seed = 1; seed <= SEEDS / 10; seed++) {
        struct party *p = open_party(3, seed);
        int64_t id;
        p->hub.delay_us = 300 * MS;
        party_dial(p, talks, 2);
        run_party(p, 10 * S);
        assert_int_equal(party_phase(p, talks), EAR_PHASE_TALKING);
        until_shown(p, &id);
        run_party(p, 5 * S);
        assert_int_equal(office_message(&offices[0], id).state, EAR_MESSAGE_ARRIVED);
        assert_int_equal(party_phase(p, talks), EAR_PHASE_TALKING);
        assert_int_equal(party_phase(p, 2), EAR_PHASE_TALKING);
        p->hub.loss = 0.95;
        assert_int_equal(ear_mail_delete(offices[1].mail, 1), 0);
        until_shown(p, &id);
        close_party(p);
    }
}

static void they_talk_with_somebody_else(void **state)
{
    (void)state;
    beside_another_call(1);
}

static void we_talk_with_somebody_else(void **state)
{
    (void)state;
    beside_another_call(0);
}

/* The other program has begun anew: the session is ours alone. */
static void a_session_that_they_forgot(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms"});
    const struct ear_address to = ear_link_address(1);
    office_open(&offices[0], ear_rig_engine(s->rig, 0), &to);
    office_open(&offices[1], ear_rig_engine(s->rig, 1), NULL);
    office_write(&offices[0], 2, EAR_MESSAGE_TEXT, "Hello", 5);
    int64_t begin_us = 0;
    for (int64_t i = 0; i < 20 * S / WORKER_US + 1200; i++) {
        if (i == 6 * S / WORKER_US) {
            assert_int_equal(ear_rig_restart(s->rig, 1), 0);
            office_restart(&offices[1], ear_rig_engine(s->rig, 1));
            cry(&offices[0]);
            begin_us = scene_now(s);
        }
        for (int k = 0; k < 2; k++)
            office_step(&offices[k], scene_now(s));
        scene_run(s, WORKER_US);
        if (begin_us > 0 && shown(&offices[1]) > 0)
            break;
    }
    assert_int_equal(shown(&offices[1]), 1);
    print_message("a session that they forgot: %.1f s\n", (double)(scene_now(s) - begin_us) / S);
    assert_at_most(scene_now(s) - begin_us, 5 * S);
    for (int i = 0; i < 2; i++)
        office_close(&offices[i]);
    scene_close(s);
}

/* ---- replays ---- */

#define KEPT_MAX 400

static struct kept {
    int to;
    size_t len;
    uint8_t data[EAR_DATAGRAM_MAX];
} kept[KEPT_MAX];
static int kept_count, answers;

static void keep(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    if (memmem(data, len, "Village", 7) || memmem(data, len, "+255", 4))
        fail_msg("what was said can be read on the way");
    answers += from == 1 && data[0] == EAR_MESSAGE_FLARE_ANSWER;
    if (data[0] < EAR_MESSAGE_FLARE || data[0] > EAR_MESSAGE_FLARE_COOKIE || kept_count == KEPT_MAX)
        return;
    kept[kept_count].to = to;
    kept[kept_count].len = len;
    memcpy(kept[kept_count++].data, data, len);
}

static void replay_all(struct party *p, int count)
{
    const struct ear_address from = ear_hub_address(5);
    for (int i = 0; i < count; i++) {
        ear_hub_inject(&p->hub, &from, kept[i].to, kept[i].data, kept[i].len);
        run_party(p, WORKER_US);
    }
    run_party(p, 2 * S);
}

/* Whoever kept what passed says it again: soon, later, when it was deleted, when the program has
 * begun anew. */
static void replays_show_nothing(void **state)
{
    (void)state;
    struct party *p = open_party(2, 7);
    int64_t id;
    kept_count = answers = 0;
    p->hub.delay_us = 150 * MS;
    p->hub.tap = keep;
    until_shown(p, &id);
    until_told(p, id, 10 * S);
    run_party(p, 70 * S); /* it is forgotten by then */
    const int count = kept_count, said = answers;
    assert_in_range(count, 2, 100);
    replay_all(p, count);
    assert_int_equal(shown(&offices[1]), 1);
    assert_int_equal(answers, said); /* and whoever asks so does not learn who is there */
    struct ear_message got[2];
    assert_int_equal(office_list(&offices[1], 1, got, 2), 1);
    assert_int_equal(ear_mail_delete(offices[1].mail, got[0].id), 0);
    replay_all(p, count);
    assert_int_equal(shown(&offices[1]), 0);
    office_restart(&offices[1], p->ends[1].engine);
    replay_all(p, count);
    assert_int_equal(shown(&offices[1]), 0);
    assert_int_equal(came[1], 1);
    close_party(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_line_is_not_held_up),
        cmocka_unit_test(replays_show_nothing),
        cmocka_unit_test(who_is_away_costs_little),
        cmocka_unit_test(a_session_that_they_forgot),
        cmocka_unit_test(they_talk_with_somebody_else),
        cmocka_unit_test(we_talk_with_somebody_else),
        cmocka_unit_test(by_a_relay),
        cmocka_unit_test(out_of_nothing_300_ms),
        cmocka_unit_test(out_of_nothing_1200_ms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
