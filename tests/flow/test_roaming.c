/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laptops that change networks in mid-call, and keys that are renewed: nobody notices. */
#include "party.h"
#include "scene.h"

#include "wire/packet.h"

#define RTT_US (300 * MS)
#define PACKET_US (120 * MS)

/* The first packet that arrived since, and the longest gap between arrivals from then on. */
static int64_t first_arrival_us(const struct scene *s, int end, int64_t since_us)
{
    const struct scene_end *e = &s->ends[end];
    for (int64_t i = 0; i < e->heard_count; i++)
        if (e->heard[i].arrival_us > since_us)
            return e->heard[i].arrival_us;
    return INT64_MAX;
}

static void move(struct scene *s, int end)
{
    int64_t moved = scene_now(s), lost[2];
    for (int i = 0; i < 2; i++)
        lost[i] = scene_status(s, i).talk.play.packets_lost;
    ear_link_move(ear_rig_link(s->rig), end);
    scene_run(s, 10 * S);
    int64_t here = first_arrival_us(s, end, moved) - moved;
    int64_t there = first_arrival_us(s, !end, moved) - moved;
    printf("end_%d_moves: hears again after %lld ms, is heard after %lld ms\n", end,
           (long long)(here / MS), (long long)(there / MS));
    assert_at_most(here, RTT_US + PACKET_US + 30 * MS);
    assert_at_most(there, 2 * PACKET_US);
    /* What was on its way, and what left before they knew better. */
    assert_at_most(scene_status(s, end).talk.play.packets_lost - lost[end],
                   (RTT_US + PACKET_US) / PACKET_US + 1);
    assert_int_equal(scene_status(s, !end).talk.play.packets_lost, lost[!end]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(scene_status(s, i).phase, EAR_PHASE_TALKING);
        assert_int_equal(scene_status(s, i).outages, 0);
    }
}

static void either_end_moves(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 150 ms"});
    scene_call(s);
    scene_run(s, 20 * S);
    for (int round = 0; round < 3; round++)
        for (int end = 0; end < 2; end++)
            move(s, end);
    scene_command(s, 0, EAR_COMMAND_MUTE, true);
    scene_run(s, 1 * S);
    assert_true(scene_status(s, 1).they_muted);
    scene_command(s, 0, EAR_COMMAND_MUTE, false);
    scene_assert_both_hear(s, 1 * S);
    scene_hang_up(s, 1);
    scene_close(s);
}

/* ---- renewals ---- */

static struct {
    int calls, answers;
} said;

static void count_handshakes(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    (void)from;
    (void)to;
    (void)len;
    said.calls += data[0] == EAR_MESSAGE_CALL || data[0] == EAR_MESSAGE_CALL_COOKIE;
    said.answers += data[0] == EAR_MESSAGE_ANSWER;
}

static struct party *begin(void)
{
    struct party *p =
        party_open(&(struct party_options){.count = 2, .seed = SEED, .auto_answer = true});
    memset(&said, 0, sizeof said);
    p->hub.tap = count_handshakes;
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 2 * S);
    return p;
}

static struct ear_engine_status status_of(struct party *p, int end)
{
    struct ear_engine_status status;
    ear_engine_get_status(p->ends[end].engine, &status);
    return status;
}

/* Nothing lost since the counts began, beyond what has not been played yet. */
static void assert_nothing_lost(struct party *p, const int64_t lost[2])
{
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status here = status_of(p, end);
        assert_int_equal(here.phase, EAR_PHASE_TALKING);
        assert_int_equal(here.talk.play.packets_lost, lost[end]);
        assert_int_equal(here.talk.play.packets_discarded, 0);
        assert_at_least(here.talk.play.packets_received + 4 + lost[end],
                        status_of(p, !end).talk.packets_sent);
    }
}

static void keys_are_renewed_unheard(void **state)
{
    (void)state;
    struct party *p = begin();
    party_run(p, 35 * 60 * S);
    printf("handshakes_in_35_min: %d calls, %d answers\n", said.calls, said.answers);
    assert_int_equal(said.calls, 1 + 3);
    assert_int_equal(said.answers, 1 + 3);
    assert_nothing_lost(p, (const int64_t[2]){0, 0});
    assert_int_equal(status_of(p, 0).outages + status_of(p, 1).outages, 0);
    party_close(p);
}

/* The line is away when the keys are due. */
static void an_outage_over_the_renewal(void **state)
{
    (void)state;
    struct party *p = begin();
    party_run(p, 560 * S);
    p->hub.cut[0] = true;
    party_run(p, 100 * S);
    p->hub.cut[0] = false;
    int in_outage = said.calls;
    for (int end = 0; end < 2; end++)
        party_until(p, end, EAR_PHASE_TALKING, 3 * S);
    party_run(p, 30 * S);
    int64_t lost[2];
    for (int end = 0; end < 2; end++) {
        assert_int_equal(status_of(p, end).outages, 1);
        lost[end] = status_of(p, end).talk.play.packets_lost;
        printf("lost_in_the_outage_%d: %lld packets\n", end, (long long)lost[end]);
    }
    int answers = said.answers;
    party_run(p, 24 * 60 * S);
    printf(
        "handshakes_around_an_outage: %d calls in it, %d answers until 30 s after it, %d in all\n",
        in_outage - 1, answers, said.answers);
    assert_at_least(answers, 2);
    assert_at_least(said.answers, answers + 2);
    assert_at_most(in_outage, 60);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(status_of(p, end).phase, EAR_PHASE_TALKING);
        assert_int_equal(status_of(p, end).outages, 1);
        assert_int_equal(status_of(p, end).talk.play.packets_lost, lost[end]);
        assert_int_equal(status_of(p, end).talk.play.packets_discarded, 0);
    }
    party_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_end_moves),
        cmocka_unit_test(keys_are_renewed_unheard),
        cmocka_unit_test(an_outage_over_the_renewal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
