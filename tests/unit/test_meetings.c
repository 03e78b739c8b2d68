/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends that meet at a relay in this process: whom a datagram reaches, and what it costs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "call/meetings.h"
#include "relay_world.h"

#define ENDS 3
#define RELAYS 2
#define INBOX 256

struct letter {
    struct ear_address from;
    size_t len;
    uint8_t data[EAR_DATAGRAM_MAX];
};

/* One computer: its socket, and the meetings that stand on it. */
struct computer {
    struct town *town;
    int number;
    struct ear_meetings meetings;
    struct ear_datagrams net;
    struct letter inbox[INBOX];
    int first, count;
    int sent, raw, said; /* sealed to a relay: as it is, with SAY */
};

static struct town {
    struct world relays[RELAYS];
    bool dead[RELAYS];
    struct computer computers[ENDS];
    int64_t now_us;
} town;

/* Computers are "C" and a number, relays "R". */
static struct ear_address address(char kind, int number)
{
    return (struct ear_address){.bytes = {(uint8_t)kind, (uint8_t)number}, .len = 2};
}

static void deliver(struct computer *to, const struct ear_address *from, const uint8_t *data,
                    size_t len)
{
    assert_true(to->count < INBOX);
    struct letter *l = &to->inbox[(to->first + to->count++) % INBOX];
    *l = (struct letter){.from = *from, .len = len};
    memcpy(l->data, data, len);
}

static void reach_relay(struct computer *c, int number, const uint8_t *data, size_t len)
{
    struct world *w = &town.relays[number];
    const struct ear_relay_address from = v4(10, (uint16_t)(1000 + c->number));
    const struct ear_address at = address('R', number);
    c->raw += (data[0] & 0x80) != 0;
    c->said += data[0] == EAR_RENDEZVOUS_SAY && data[EAR_RENDEZVOUS_SAY_BYTES] & 0x80;
    if (town.dead[number])
        return;
    w->now_us = town.now_us;
    int count = pass(w, &from, data, len);
    for (int i = 0; i < count; i++)
        deliver(&town.computers[w->out[i].to.port - 1000], &at, w->out[i].data, w->out[i].len);
}

static int socket_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct computer *c = ctx;
    const struct ear_address own = address('C', c->number);
    c->sent++;
    if (to->bytes[0] == 'R')
        reach_relay(c, to->bytes[1], data, len);
    else
        deliver(&town.computers[to->bytes[1]], &own, data, len);
    return 0;
}

static int socket_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    struct computer *c = ctx;
    if (c->count == 0)
        return -EAGAIN;
    const struct letter *l = &c->inbox[c->first];
    c->first = (c->first + 1) % INBOX;
    c->count--;
    assert_true(l->len <= cap);
    *ret_from = l->from;
    memcpy(data, l->data, l->len);
    return (int)l->len;
}

static int open_town(void **state)
{
    (void)state;
    memset(&town, 0, sizeof town);
    town.now_us = 1000 * S;
    for (int i = 0; i < RELAYS; i++)
        town.relays[i] = world_with(ear_reflect_usual);
    for (int i = 0; i < ENDS; i++) {
        struct computer *c = &town.computers[i];
        c->number = i;
        const struct ear_datagrams net = {socket_send, socket_receive, c};
        ear_meetings_init(&c->meetings, &net, true);
        c->net = ear_meetings_datagrams(&c->meetings);
        ear_meetings_tend(&c->meetings, town.now_us);
    }
    return 0;
}

static int close_town(void **state)
{
    (void)state;
    for (int i = 0; i < ENDS; i++)
        ear_meetings_fini(&town.computers[i].meetings);
    for (int i = 0; i < RELAYS; i++)
        ear_reflect_free(town.relays[i].reflect);
    return 0;
}

static struct ear_meeting meeting_of(int a, int b, int self, int relay)
{
    struct ear_meeting m = {.guest = (uint32_t)(self == a ? b : a) + 1,
                            .relay = address('R', relay),
                            .role = self == a ? EAR_RENDEZVOUS_INVITER : EAR_RENDEZVOUS_INVITED};
    m.psk_id[0] = (uint8_t)(16 * a + b);
    m.secret[1] = (uint8_t)(1 + 16 * a + b);
    return m;
}

static void introduce(int a, int b, int relay)
{
    const struct ear_meeting at_a = meeting_of(a, b, a, relay), at_b = meeting_of(a, b, b, relay);
    assert_int_equal(ear_meetings_add(&town.computers[a].meetings, &at_a), 0);
    assert_int_equal(ear_meetings_add(&town.computers[b].meetings, &at_b), 0);
}

/* The next datagram that is handed up at an end; returns its length. */
static int next(int end, struct ear_address *ret_from, uint8_t data[static EAR_DATAGRAM_MAX])
{
    struct computer *c = &town.computers[end];
    return c->net.receive(c->net.ctx, ret_from, data, EAR_DATAGRAM_MAX);
}

/* Lets time pass; whatever is handed up is lost. */
static void pass_time(int64_t duration_us)
{
    struct ear_address from;
    uint8_t data[EAR_DATAGRAM_MAX];
    for (int64_t until = town.now_us + duration_us; town.now_us < until;) {
        town.now_us += 20 * MS;
        for (int i = 0; i < ENDS; i++)
            ear_meetings_tend(&town.computers[i].meetings, town.now_us);
        for (int i = 0; i < ENDS; i++)
            while (next(i, &from, data) > 0)
                continue;
    }
}

static struct ear_address way(int from, int to)
{
    struct ear_address met[4];
    assert_int_equal(ear_meetings_with(&town.computers[from].meetings, (uint32_t)to + 1, met, 4),
                     1);
    return met[0];
}

static int send_to(int from, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct computer *c = &town.computers[from];
    return c->net.send(c->net.ctx, to, data, len);
}

/* Sealed bytes from one end come to the other, and nowhere else; the answer finds its way. */
static void assert_reaches(int from, int to)
{
    const uint8_t sealed[] = {0x80, 1, 2, (uint8_t)from};
    const uint8_t none[EAR_PSK_ID_BYTES] = {0xff};
    uint8_t data[EAR_DATAGRAM_MAX];
    struct ear_address there = way(from, to), at;
    assert_int_equal(send_to(from, &there, sealed, sizeof sealed), 0);
    for (int i = 0; i < ENDS; i++) {
        int len = next(i, &at, data);
        if (i != to) {
            assert_int_equal(len, -EAGAIN);
            continue;
        }
        assert_int_equal(len, sizeof sealed);
        assert_memory_equal(data, sealed, sizeof sealed);
        assert_true(ear_meetings_is_relayed(&at));
        struct ear_address back = way(to, from),
                           found = ear_meetings_complete(&town.computers[to].meetings, &at, none,
                                                         (uint32_t)from + 1);
        assert_false(ear_address_equal(&at, &found));
        assert_true(ear_address_equal(&back, &found));
        assert_true(ear_meetings_same_relay(&at, &found));
    }
}

static void without_meetings_it_is_not_there(void **state)
{
    (void)state;
    const struct ear_address to = address('C', 1), relay = address('R', 0);
    struct ear_address from;
    const uint8_t bytes[] = {0x25, 1};
    uint8_t data[EAR_DATAGRAM_MAX];
    assert_int_equal(send_to(0, &to, bytes, sizeof bytes), 0);
    deliver(&town.computers[1], &relay, bytes, sizeof bytes);
    assert_int_equal(next(1, &from, data), 2);
    assert_int_equal(from.bytes[0], 'C');
    assert_int_equal(next(1, &from, data), 2); /* nobody's relay */
    assert_true(ear_address_equal(&from, &relay));
    assert_int_equal(next(1, &from, data), -EAGAIN);
    pass_time(60 * S);
    assert_int_equal(town.computers[0].sent, 1);
    assert_int_equal(town.computers[0].meetings.counts.sent_bytes, 0);
}

static void two_meet_and_speech_costs_nothing_more(void **state)
{
    (void)state;
    introduce(0, 1, 0);
    struct ear_address there = way(0, 1);
    const uint8_t call[] = {0x01, 9}, sealed[] = {0x80, 9};
    assert_int_equal(send_to(0, &there, call, sizeof call), -ENOTCONN);
    pass_time(1 * S);
    assert_reaches(0, 1);
    assert_reaches(1, 0);
    assert_int_equal(town.computers[0].raw, 1);
    assert_int_equal(town.computers[0].said, 0);
    /* A handshake says whom it is for. */
    int64_t bytes = town.computers[0].meetings.counts.sent_bytes;
    assert_int_equal(send_to(0, &there, call, sizeof call), 0);
    assert_int_equal(town.computers[0].meetings.counts.sent_bytes - bytes,
                     EAR_RENDEZVOUS_SAY_BYTES);
    /* Too long to be told to the relay. */
    uint8_t most[EAR_DATAGRAM_MAX] = {0x01};
    assert_int_equal(send_to(0, &there, most, sizeof most), -EMSGSIZE);
    most[0] = 0x80;
    assert_int_equal(send_to(0, &there, most, sizeof most), 0);
    pass_time(20 * MS);
    /* While something is said, the place is kept by that. */
    int sent = town.computers[0].sent;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(send_to(0, &there, sealed, sizeof sealed), 0);
        struct ear_address back = way(1, 0);
        assert_int_equal(send_to(1, &back, sealed, sizeof sealed), 0);
        ear_meetings_heard(&town.computers[0].meetings, &there);
        pass_time(1 * S);
    }
    assert_int_equal(town.computers[0].sent - sent, 60);
}

static void many_meetings_at_one_relay(void **state)
{
    (void)state;
    introduce(0, 1, 0);
    introduce(0, 2, 0);
    introduce(1, 2, 0);
    pass_time(1 * S);
    for (int round = 0; round < 3; round++) {
        for (int from = 0; from < ENDS; from++)
            for (int to = 0; to < ENDS; to++)
                if (to != from)
                    assert_reaches(from, to);
        pass_time(7 * S);
    }
    /* Who sends much to one comes to speak from there; the others are reached as before. */
    struct computer *c = &town.computers[0];
    struct ear_address there = way(0, 1);
    const uint8_t sealed[] = {0x80, 9};
    pass_time(30 * S);
    for (int k = 1; k <= 2; k++) {
        there = way(0, k);
        for (int i = 0; i < 100; i++) {
            assert_int_equal(send_to(0, &there, sealed, sizeof sealed), 0);
            pass_time(20 * MS);
        }
        c->raw = c->said = 0;
        assert_int_equal(send_to(0, &there, sealed, sizeof sealed), 0);
        assert_int_equal(c->raw, 1);
        assert_int_equal(c->said, 0);
        pass_time(31 * S);
        for (int to = 1; to < ENDS; to++)
            assert_reaches(0, to);
    }
}

static void somebody_there_is_all_who_are(void **state)
{
    (void)state;
    introduce(0, 1, 0);
    introduce(0, 2, 0);
    pass_time(1 * S);
    const uint8_t call[] = {0x01, 1}, cookie[] = {0x03, 2};
    struct ear_address there = way(1, 0), from, at;
    uint8_t data[EAR_DATAGRAM_MAX];
    assert_int_equal(send_to(1, &there, call, sizeof call), 0);
    assert_int_equal(next(0, &from, data), 2);
    assert_int_equal(send_to(0, &from, cookie, sizeof cookie), 0);
    assert_int_equal(next(1, &at, data), 2);
    assert_int_equal(data[0], 0x03);
    assert_int_equal(next(2, &at, data), 2);
}

static void an_invite_names_the_meeting(void **state)
{
    (void)state;
    /* Both invited each other, to the same relay: the invite that was used says which. */
    introduce(0, 1, 0);
    struct ear_meeting other = meeting_of(0, 1, 0, 0);
    other.psk_id[0] = 0x77;
    other.secret[1] = 0x77;
    other.role = EAR_RENDEZVOUS_INVITED;
    assert_int_equal(ear_meetings_add(&town.computers[0].meetings, &other), 0);
    struct ear_address met[4], from = way(1, 0), at[2];
    const struct ear_meetings *m = &town.computers[0].meetings;
    assert_int_equal(ear_meetings_with(m, 2, met, 4), 2);
    from.bytes[5] = from.bytes[6] = from.bytes[7] = from.bytes[8] = 0; /* somebody there */
    at[0] = ear_meetings_complete(m, &from, meeting_of(0, 1, 0, 0).psk_id, 2);
    at[1] = ear_meetings_complete(m, &from, other.psk_id, 2);
    for (int i = 0; i < 2; i++)
        assert_true(ear_address_equal(&at[i], &met[i]));
    /* The invite turns out to be another person's. */
    ear_meetings_rename(&town.computers[0].meetings, other.psk_id, 9);
    assert_int_equal(ear_meetings_with(m, 2, met, 4), 1);
    assert_int_equal(ear_meetings_with(m, 9, met, 4), 1);
    /* A second time is once. */
    assert_int_equal(ear_meetings_add(&town.computers[0].meetings, &other), 0);
    assert_int_equal(m->count, 2);
    ear_meetings_remove(&town.computers[0].meetings, other.psk_id, &(struct ear_address){.len = 0});
    assert_int_equal(m->count, 1);
    ear_meetings_forget(&town.computers[0].meetings, 2);
    assert_int_equal(m->count, 0);
    assert_int_equal(send_to(0, &at[0], (const uint8_t *)"x", 1), -ENOTCONN);
}

static enum ear_relay_state news(int end, int relay)
{
    struct ear_address at, expected = address('R', relay);
    enum ear_relay_state state;
    assert_true(ear_meetings_news(&town.computers[end].meetings, &at, &state));
    assert_true(ear_address_equal(&at, &expected));
    assert_false(ear_meetings_news(&town.computers[end].meetings, &at, &state));
    return state;
}

static void a_silent_relay_is_news(void **state)
{
    (void)state;
    struct ear_address at;
    enum ear_relay_state is;
    town.dead[1] = true;
    introduce(0, 1, 0);
    introduce(0, 2, 1);
    pass_time(14 * S);
    assert_false(ear_meetings_news(&town.computers[0].meetings, &at, &is));
    pass_time(2 * S);
    assert_int_equal(news(0, 1), EAR_RELAY_SILENT);
    town.dead[1] = false;
    pass_time(9 * S);
    assert_int_equal(news(0, 1), EAR_RELAY_ANSWERS);
    assert_reaches(0, 2);
    /* One that falls silent later. */
    town.dead[0] = true;
    pass_time(31 * S);
    assert_int_equal(news(0, 0), EAR_RELAY_SILENT);
    assert_int_equal(news(1, 0), EAR_RELAY_SILENT);
    assert_false(ear_meetings_news(&town.computers[2].meetings, &at, &is));
}

static void a_full_relay_is_news(void **state)
{
    (void)state;
    ear_reflect_free(town.relays[0].reflect);
    struct ear_reflect_config config = ear_reflect_usual;
    config.max_bindings = 1;
    town.relays[0] = world_with(config);
    introduce(0, 1, 0);
    pass_time(1 * S);
    introduce(1, 2, 0);
    pass_time(1 * S);
    assert_int_equal(news(2, 0), EAR_RELAY_REFUSES);
    assert_int_equal(news(1, 0), EAR_RELAY_REFUSES);
    assert_reaches(0, 1);
}

/* Who takes no calls goes there when it is wanted, and leaves again. */
static void wanted_meetings_alone_are_kept(void **state)
{
    (void)state;
    struct computer *c = &town.computers[0];
    const struct ear_datagrams net = {socket_send, socket_receive, c};
    ear_meetings_init(&c->meetings, &net, false);
    introduce(0, 1, 0);
    introduce(0, 2, 0);
    pass_time(60 * S);
    assert_int_equal(c->sent, 0);
    ear_meetings_want(&c->meetings, 2, true);
    pass_time(1 * S);
    assert_reaches(0, 1);
    assert_int_equal(c->sent, 3); /* BIND, PROOF, and that */
    ear_meetings_want(&c->meetings, 2, false);
    pass_time(60 * S);
    assert_int_equal(c->sent, 3);
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    struct ear_meetings *m = &town.computers[0].meetings;
    struct ear_meeting meeting = meeting_of(0, 1, 0, 0);
    for (int i = 0; i < EAR_MEETINGS_RELAYS + 1; i++) {
        meeting.psk_id[1] = (uint8_t)i;
        meeting.relay = address('R', i);
        assert_int_equal(ear_meetings_add(m, &meeting), i < EAR_MEETINGS_RELAYS ? 0 : -ENOSPC);
    }
    meeting.relay = address('R', 0);
    for (int i = EAR_MEETINGS_RELAYS; i < EAR_MEETINGS_MAX + 1; i++) {
        meeting.psk_id[1] = (uint8_t)i;
        assert_int_equal(ear_meetings_add(m, &meeting), i < EAR_MEETINGS_MAX ? 0 : -ENOSPC);
    }
    ear_meetings_forget(m, 2);
    assert_int_equal(m->count, 0);
    meeting.relay = address('R', 7);
    assert_int_equal(ear_meetings_add(m, &meeting), 0);
    meeting.relay.len = 0;
    assert_int_equal(ear_meetings_add(m, &meeting), -ENOSPC);
}

/* Whatever comes in a relay's name: nothing breaks, and a flood does not hold the reader up. */
static void nonsense_from_a_relay_is_dropped(void **state)
{
    (void)state;
    introduce(0, 1, 0);
    pass_time(1 * S);
    const struct ear_address relay = address('R', 0);
    struct computer *c = &town.computers[0];
    struct ear_address from;
    uint8_t data[EAR_DATAGRAM_MAX] = {0};
    for (int first = 0x20; first < 0x30; first++) {
        for (size_t len = 1; len < 90; len++) {
            uint8_t out[EAR_DATAGRAM_MAX] = {(uint8_t)first};
            deliver(c, &relay, out, len);
            assert_int_equal(next(0, &from, data), -EAGAIN);
        }
    }
    uint8_t own[] = {0x21, 0};
    for (int i = 0; i < 100; i++)
        deliver(c, &relay, own, sizeof own);
    assert_int_equal(next(0, &from, data), -EAGAIN);
    assert_true(c->count > 0);
    assert_int_equal(next(0, &from, data), -EAGAIN);
    assert_int_equal(c->count, 0);
    assert_reaches(0, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_town, close_town)
    const struct CMUnitTest tests[] = {
        TEST(without_meetings_it_is_not_there),
        TEST(two_meet_and_speech_costs_nothing_more),
        TEST(many_meetings_at_one_relay),
        TEST(somebody_there_is_all_who_are),
        TEST(an_invite_names_the_meeting),
        TEST(a_silent_relay_is_news),
        TEST(a_full_relay_is_news),
        TEST(wanted_meetings_alone_are_kept),
        TEST(there_is_room_for_so_many),
        TEST(nonsense_from_a_relay_is_dropped),
    };
    if (ear_sodium_start() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
