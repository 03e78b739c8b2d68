/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two tunnels for days over a network that loses, doubles, reorders and goes away for minutes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fake/ends.h"

#define S ((int64_t)EAR_US_PER_S)
#define MS ((int64_t)EAR_US_PER_MS)
#define IN_FLIGHT_MAX 4096
#define NAMES_MAX 65536
#define OPENED_MODULO (1 << 18)

/* What a network does to datagrams. */
struct weather {
    double loss, doubled;
    int64_t delay_us, jitter_us;
    double up_mean_s, down_mean_s; /* 0: never down */
    bool one_way;                  /* an outage takes one direction alone */
    int64_t packet_us;             /* each end speaks as often */
};

struct flying {
    int64_t due_us, sent_us;
    uint32_t id; /* of what was sealed; doubled datagrams share it */
    int to;
    bool sealed;
    size_t len;
    uint8_t data[EAR_CALL_BYTES_MAX];
};

/* What one end has sealed under one name after the other. */
struct nonces {
    uint32_t names[NAMES_MAX];
    int count;
    uint64_t next;
};

struct life {
    struct ends ends;
    struct ear_random random; /* the network's */
    struct weather weather;
    struct flying flying[IN_FLIGHT_MAX];
    int in_flight;
    bool opened[OPENED_MODULO];
    uint32_t ids;
    struct nonces nonces[2];
    int64_t now_us, speak_us[2], turn_us;
    bool down[2]; /* what goes to this end is lost */
    int64_t up_since_us;
    uint32_t names[2][3];  /* what each end holds */
    int64_t changed_us[2]; /* and since when */
    uint64_t seed;
    /* What came of it. */
    int64_t delivered, failed, handshakes, renewals, worst_age_us, oldest_failed_us;
    uint64_t most_packets;
    int64_t mute_us; /* sealing refused */
};

static struct life life;

static void send_one(int from, const uint8_t *data, size_t len, bool sealed)
{
    const struct weather *w = &life.weather;
    int copies = ear_random_unit(&life.random) < w->doubled ? 2 : 1;
    life.ids += sealed;
    if (sealed)
        life.opened[life.ids % OPENED_MODULO] = false;
    if (life.down[1 - from])
        return;
    for (; copies > 0; copies--) {
        if (ear_random_unit(&life.random) < w->loss)
            continue;
        assert_true(life.in_flight < IN_FLIGHT_MAX && len <= EAR_CALL_BYTES_MAX);
        struct flying *f = &life.flying[life.in_flight++];
        *f = (struct flying){
            .due_us = life.now_us + w->delay_us +
                      (int64_t)(ear_random_unit(&life.random) * (double)w->jitter_us),
            .sent_us = life.now_us,
            .id = life.ids,
            .to = 1 - from,
            .sealed = sealed,
            .len = len,
        };
        memcpy(f->data, data, len);
    }
}

/* Under one name the counter rises by one; a name that was left never comes back. */
static void note_nonce(int end, const struct ear_epoch *epoch, uint64_t counter)
{
    struct nonces *n = &life.nonces[end];
    if (n->count > 0 && n->names[n->count - 1] == epoch->name) {
        assert_true(counter == n->next);
        n->next++;
        return;
    }
    for (int i = 0; i < n->count; i++)
        assert_int_not_equal(n->names[i], epoch->name);
    assert_true(n->count < NAMES_MAX && counter == 0);
    n->names[n->count++] = epoch->name;
    n->next = 1;
}

static void note_age(const struct ear_epoch *epoch)
{
    if ((int64_t)epoch->seal.sent > (int64_t)life.most_packets)
        life.most_packets = epoch->seal.sent;
    if (life.now_us - life.up_since_us > 60 * S)
        life.worst_age_us = ear_max64(life.worst_age_us, life.now_us - epoch->made_us);
}

/* Speech and one control in eight; in a silence one control a second. */
static void speak(int end)
{
    uint8_t body[40] = {0x11}, out[100];
    struct ear_tunnel *t = &life.ends.tunnels[end];
    bool silent = life.now_us - t->heard_us >= 10 * S;
    life.speak_us[end] = life.now_us + (silent ? S : life.weather.packet_us);
    const struct ear_epoch *epoch = t->keys.current.held ? &t->keys.current : &t->keys.next;
    if (!epoch->held)
        return;
    uint64_t counter = epoch->seal.sent;
    bool control = silent || ear_random_below(&life.random, 8) == 0;
    memcpy(body + 1, &life.ids, sizeof life.ids);
    int len = ear_tunnel_seal(t, control ? EAR_CLASS_CONTROL : EAR_CLASS_SPEECH, body, sizeof body,
                              out, sizeof out);
    if (len < 0) {
        assert_int_equal(len, -EKEYEXPIRED);
        life.mute_us += life.weather.packet_us;
        return;
    }
    note_nonce(end, epoch, counter);
    note_age(epoch);
    send_one(end, out, (size_t)len, true);
}

/* Whether an end holds other keys than before. */
static void note_keys(int end)
{
    const struct ear_keyring *keys = &life.ends.tunnels[end].keys;
    const uint32_t names[3] = {keys->previous.name, keys->current.name, keys->next.name};
    if (memcmp(names, life.names[end], sizeof names) != 0)
        life.changed_us[end] = life.now_us;
    memcpy(life.names[end], names, sizeof names);
}

static void open_one(const struct flying *f)
{
    uint8_t body[EAR_CALL_BYTES_MAX];
    struct ear_opened opened;
    struct ear_tunnel *t = &life.ends.tunnels[f->to];
    const struct ear_bytes datagram = {f->data, f->len};
    bool *before = &life.opened[f->id % OPENED_MODULO];
    int r = ear_tunnel_open(t, &datagram, life.now_us, body, sizeof body, &opened);
    life.delivered++;
    if (r >= 0) {
        assert_false(*before); /* no datagram opens twice */
        assert_int_equal(r, 40);
        *before = true;
    } else if (!*before) {
        life.failed++;
        /* Nothing else may fail than what was on its way when the keys changed. */
        if (f->sent_us > life.changed_us[f->to])
            fail_msg("seed %d: at %lld us", (int)life.seed, (long long)life.now_us);
        life.oldest_failed_us = ear_max64(life.oldest_failed_us, life.now_us - f->sent_us);
        if (getenv("TUNNEL_LIFE_SHOW"))
            fprintf(stderr,
                    "seed %d: at %.3f s end %d: %d, sent at %.3f; current %08x %d heard %d, "
                    "previous %d, next %d, header %02x\n",
                    (int)life.seed, (double)life.now_us / S, f->to, r, (double)f->sent_us / S,
                    t->keys.current.name, (int)t->keys.current.number, t->keys.current.heard,
                    t->keys.previous.held ? (int)t->keys.previous.number : -1,
                    t->keys.next.held ? (int)t->keys.next.number : -1, f->data[0]);
    }
}

static void handshake(const struct flying *f)
{
    uint8_t reply[EAR_ANSWER_BYTES];
    struct ear_tunnel *t = &life.ends.tunnels[f->to];
    const struct ear_bytes datagram = {f->data, f->len};
    int r = ear_tunnel_take_handshake(t, &datagram, life.now_us, reply);
    if (r > 0)
        send_one(f->to, reply, (size_t)r, false);
    if (r == 0 && f->data[0] == EAR_MESSAGE_ANSWER)
        life.renewals++;
}

static void deliver(int at)
{
    struct flying f = life.flying[at];
    life.flying[at] = life.flying[--life.in_flight];
    if (life.down[f.to])
        return;
    if (f.sealed)
        open_one(&f);
    else
        handshake(&f);
}

static void turn_weather(void)
{
    const struct weather *w = &life.weather;
    bool down = life.down[0] || life.down[1];
    if (down)
        life.up_since_us = life.now_us;
    int only = (int)ear_random_below(&life.random, 2);
    for (int end = 0; end < 2; end++)
        life.down[end] = !down && (!w->one_way || end == only);
    if (!down)
        life.up_since_us = INT64_MAX / 2;
    life.turn_us =
        life.now_us +
        (int64_t)(ear_random_exponential(&life.random, down ? w->up_mean_s : w->down_mean_s) *
                  (double)S);
}

static int next_flying(void)
{
    int first = -1;
    for (int i = 0; i < life.in_flight; i++)
        if (first < 0 || life.flying[i].due_us < life.flying[first].due_us)
            first = i;
    return first;
}

/* One thing happens; time goes on to it. */
static void step(void)
{
    uint8_t out[EAR_CALL_BYTES_MAX];
    int first = next_flying();
    int64_t next_us = life.turn_us;
    for (int end = 0; end < 2; end++) {
        next_us = ear_min64(next_us, life.speak_us[end]);
        next_us = ear_min64(next_us, ear_tunnel_due_us(&life.ends.tunnels[end]));
    }
    if (first >= 0)
        next_us = ear_min64(next_us, life.flying[first].due_us);
    life.now_us = ear_max64(life.now_us, next_us);
    for (int end = 0; end < 2; end++) {
        size_t len = ear_tunnel_next_handshake(&life.ends.tunnels[end], life.now_us, out);
        life.handshakes += len > 0;
        if (len > 0)
            send_one(end, out, len, false);
        if (life.now_us >= life.speak_us[end])
            speak(end);
    }
    if (first >= 0 && life.flying[first].due_us <= life.now_us)
        deliver(first);
    note_keys(0);
    note_keys(1);
    if (life.now_us >= life.turn_us)
        turn_weather();
}

static void begin(uint64_t seed, const struct weather *weather,
                  const struct ear_tunnel_limits *limits)
{
    uint8_t call[EAR_CALL_BYTES_MAX];
    struct ends *e = &life.ends;
    memset(&life, 0, sizeof life);
    ends_init(e, seed, (int)(seed % 2));
    e->limits = *limits;
    life.seed = seed;
    life.random = ear_random_seeded(seed + 1000);
    life.weather = *weather;
    life.turn_us = weather->up_mean_s > 0 ? 60 * S : INT64_MAX;
    life.speak_us[1] = 7 * MS;
    assert_int_equal(ends_call(e, 1, 0), 0);
    size_t len = ear_tunnel_next_handshake(&e->tunnels[0], 0, call);
    assert_int_equal(ends_knock(e, call, len, 0), 0);
    uint8_t answer[EAR_ANSWER_BYTES];
    const struct ear_bytes datagram = {answer, sizeof answer};
    assert_int_equal(ends_accept(e, 0, answer), EAR_ANSWER_BYTES);
    assert_int_equal(ear_tunnel_take_handshake(&e->tunnels[0], &datagram, 0, call), 0);
}

static void live(uint64_t seed, const struct weather *weather,
                 const struct ear_tunnel_limits *limits, int64_t until_us)
{
    begin(seed, weather, limits);
    while (life.now_us < until_us)
        step();
    print_message("seed %d: %lld delivered, %lld not opened (oldest %.1f s), %lld renewals, "
                  "%lld messages 1, oldest key %.1f s, most packets %llu\n",
                  (int)seed, (long long)life.delivered, (long long)life.failed,
                  (double)life.oldest_failed_us / S, (long long)life.renewals,
                  (long long)life.handshakes, (double)life.worst_age_us / S,
                  (unsigned long long)life.most_packets);
}

/* Whatever came before: on a fine link all is well within a minute. */
static void calm_down(void)
{
    life.weather = (struct weather){.delay_us = 50 * MS, .packet_us = life.weather.packet_us};
    life.turn_us = INT64_MAX;
    life.down[0] = life.down[1] = false;
    for (int64_t until_us = life.now_us + 60 * S; life.now_us < until_us;)
        step();
    int64_t failed = life.failed;
    for (int64_t until_us = life.now_us + 60 * S; life.now_us < until_us;)
        step();
    assert_int_equal(life.failed, failed);
    for (int end = 0; end < 2; end++)
        assert_true(life.now_us - life.ends.tunnels[end].heard_us < 3 * S);
}

static void days_of_calls_lose_nothing_to_renewals(void **state)
{
    (void)state;
    const struct weather weather = {
        .loss = 0.3, .doubled = 0.1, .delay_us = 300 * MS, .jitter_us = 900 * MS, .packet_us = S};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        live(seed, &weather, &ear_tunnel_limits_usual, 86400 * S);
        assert_int_equal(life.failed, 0);
        assert_int_equal(life.mute_us, 0);
        assert_true(life.renewals >= 86400 / 600);
        assert_true(life.worst_age_us < 620 * S);
        calm_down();
    }
}

static void outages_of_minutes_do_no_harm(void **state)
{
    (void)state;
    for (uint64_t seed = 11; seed <= 16; seed++) {
        const struct weather weather = {.loss = 0.2,
                                        .doubled = 0.1,
                                        .delay_us = 150 * MS,
                                        .jitter_us = 400 * MS,
                                        .up_mean_s = 200,
                                        .down_mean_s = 100,
                                        .one_way = seed % 2,
                                        .packet_us = S};
        live(seed, &weather, &ear_tunnel_limits_usual, 86400 * S);
        assert_int_equal(life.failed, 0);
        assert_int_equal(life.mute_us, 0);
        assert_true(life.worst_age_us < 620 * S);
        calm_down();
    }
}

/* Keys of 5 s on links of 1 to 2 s round trip: renewals cross and are lost all the time. */
static void hasty_renewals_cross_and_are_lost(void **state)
{
    (void)state;
    struct ear_tunnel_limits limits = ear_tunnel_limits_usual;
    limits.renew_us = 5 * S;
    limits.erase_us = 4 * S;
    limits.answered_us = S;
    limits.attempt_us = 4 * S;
    limits.lost_us = 4 * S;
    limits.renew_packets = 64;
    limits.packets_max = 4096;
    for (uint64_t seed = 21; seed <= 60; seed++) {
        const struct weather weather = {.loss = 0.5,
                                        .doubled = 0.2,
                                        .delay_us = 500 * MS,
                                        .jitter_us = 500 * MS,
                                        .up_mean_s = 100,
                                        .down_mean_s = 10,
                                        .one_way = seed % 3 == 0,
                                        .packet_us = 120 * MS};
        live(seed, &weather, &limits, 1800 * S);
        assert_true(life.failed * 1000 < life.delivered);
        assert_int_equal(life.mute_us, 0);
        calm_down();
    }
}

static int start(void **state)
{
    (void)state;
    return ear_sodium_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_of_calls_lose_nothing_to_renewals),
        cmocka_unit_test(outages_of_minutes_do_no_harm),
        cmocka_unit_test(hasty_renewals_cross_and_are_lost),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
