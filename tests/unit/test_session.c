/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions and the datagrams between them, in virtual time. */
#include <errno.h>

#include "fake/ends.h"
#include "fake/test.h"

#include "call/session.h"
#include "sim/enet_virtual.h"

#define QUEUE 64

/* What one end sent, until it is carried over or dropped. */
struct wire {
    uint8_t bytes[QUEUE][EAR_DATAGRAM_MAX];
    size_t len[QUEUE];
    int count;
};

static struct ends t;
static struct wire wires[2];
static struct ear_session sessions[2];
static struct ear_send sends[2];
static struct ear_clock_virtual now;
static struct ear_clock machine;
static const struct ear_address addresses[2] = {{.bytes = {'a'}, .len = 1},
                                                {.bytes = {'b'}, .len = 1}};
static const struct ear_psk *secret;

static int wire_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct wire *w = ctx;
    (void)to;
    assert_true(w->count < QUEUE && len <= EAR_DATAGRAM_MAX);
    memcpy(w->bytes[w->count], data, len);
    w->len[w->count++] = len;
    return 0;
}

static int open_all(void **state)
{
    (void)state;
    static struct ear_psk psk;
    now.now_us = 1000 * S;
    machine = ear_clock_from_virtual(&now);
    ear_enet_virtual_start(&machine, 0);
    if (ear_sodium_start() < 0 || ear_enet_start() < 0)
        return -1;
    ends_init(&t, SEED, 0);
    ear_psk_set(&psk, t.psk);
    secret = &psk;
    memset(wires, 0, sizeof wires);
    for (int i = 0; i < 2; i++) {
        sends[i] = (struct ear_send){.net = {.send = wire_send, .ctx = &wires[i]}};
        if (ear_session_init(&sessions[i]) < 0)
            return -1;
    }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        ear_session_fini(&sessions[i]);
    size_t left = ear_enet_memory_used();
    ear_enet_stop();
    return left == 0 ? 0 : -1;
}

static void call(void)
{
    const struct ear_session_peer peer = {.address = addresses[1], .guest = 7, .psk = secret};
    struct ear_tunnel_config config = ends_config(&t, 0, 1);
    assert_int_equal(ear_session_call(&sessions[0], &peer, &config, now.now_us), 0);
}

/* The door of end 1 takes the call, and its session. */
static void accept_call(const uint8_t *data, size_t len)
{
    uint8_t reply[EAR_ANSWER_BYTES];
    struct ear_tunnel_config config = ends_config(&t, 1, 1);
    assert_int_equal(ends_knock(&t, data, len, now.now_us), 0);
    const uint8_t *psk_id = ear_session_psk_id(&t.call.call);
    assert_non_null(psk_id);
    assert_memory_equal(psk_id, secret->id, EAR_PSK_ID_BYTES);
    assert_int_equal(
        ear_session_accept(&sessions[1], &addresses[0], &config, &t.call, now.now_us, reply),
        EAR_ANSWER_BYTES);
    ear_send_handshake(&sends[1], &addresses[0], reply, sizeof reply);
}

static void take(int end, const uint8_t *data, size_t len)
{
    uint8_t plain[EAR_DATAGRAM_MAX], reply[EAR_ANSWER_BYTES];
    const struct ear_bytes datagram = {data, len};
    struct ear_opened opened;
    if (!(data[0] & EAR_SEALED)) {
        if (end == 1 && !sessions[1].open)
            accept_call(data, len);
        else
            assert_true(ear_tunnel_take_handshake(&sessions[end].tunnel, &datagram, now.now_us,
                                                  reply) >= 0);
        return;
    }
    int got =
        ear_tunnel_open(&sessions[end].tunnel, &datagram, now.now_us, plain, sizeof plain, &opened);
    assert_true(got > 0);
    ear_session_take(&sessions[end], (enum ear_kind)plain[0], plain + 1, (size_t)got - 1);
}

struct heard {
    int connected, speech, control;
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len;
};

static void listen_to(int end, struct heard *heard)
{
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len = 0;
    enum ear_enet_event event;
    if (!sessions[end].open)
        return;
    while ((event = ear_session_next(&sessions[end], data, &len)) != EAR_ENET_NOTHING) {
        heard->connected += event == EAR_ENET_CONNECTED;
        heard->speech += event == EAR_ENET_SPEECH;
        heard->control += event == EAR_ENET_CONTROL;
        if (event == EAR_ENET_SPEECH || event == EAR_ENET_CONTROL) {
            memcpy(heard->data, data, len);
            heard->len = len;
        }
    }
}

/* Carries what lies on the wires, 10 ms a round; of one_in datagrams one is lost (0: none). */
static void carry(int rounds, uint32_t one_in, struct heard heard[static 2])
{
    for (int i = 0; i < rounds; i++) {
        for (int from = 0; from < 2; from++) {
            listen_to(from, &heard[from]);
            if (sessions[from].open)
                ear_session_flush(&sessions[from], &sends[from], now.now_us);
            struct wire w = wires[from];
            wires[from].count = 0;
            for (int k = 0; k < w.count; k++)
                if (one_in == 0 || ear_random_below(&t.random, one_in) > 0)
                    take(!from, w.bytes[k], w.len[k]);
        }
        now.now_us += 10 * MS;
    }
    listen_to(0, &heard[0]);
    listen_to(1, &heard[1]);
}

static void a_call_connects_and_carries(void **state)
{
    (void)state;
    struct heard heard[2] = {{0}};
    call();
    assert_true(sessions[0].open && sessions[0].caller);
    assert_int_equal(sessions[0].guest, 7);
    carry(6, 0, heard);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(heard[i].connected, 1);
        assert_true(sessions[i].connected);
    }
    assert_false(sessions[1].caller);
    for (int i = 0; i < 2; i++) {
        struct ear_enet_link *link = sessions[i].link;
        assert_int_equal(ear_enet_link_send_speech(link, (const uint8_t *)"speech", 6), 0);
        carry(2, 0, heard);
        assert_int_equal(heard[!i].speech, 1);
        assert_memory_equal(heard[!i].data, "speech", 6);
        assert_int_equal(ear_enet_link_send_control(link, (const uint8_t *)"control", 7), 0);
        carry(2, 0, heard);
        assert_int_equal(heard[!i].control, 1);
        assert_memory_equal(heard[!i].data, "control", 7);
    }
    /* Speech is 41 bytes more than itself less the audio header, which is not the session's. */
    assert_int_equal(sends[0].counts.speech_bytes, 6 + EAR_SPEECH_FIXED_BYTES - 2);
}

/* The call is said each second until it is answered, and the same each time. */
static void the_call_is_repeated(void **state)
{
    (void)state;
    call();
    uint8_t first[EAR_DATAGRAM_MAX];
    size_t first_len = 0;
    for (int i = 0; i < 1000; i++) {
        ear_session_flush(&sessions[0], &sends[0], now.now_us);
        if (i == 0) {
            assert_int_equal(wires[0].count, 1);
            first_len = wires[0].len[0];
            memcpy(first, wires[0].bytes[0], first_len);
        }
        now.now_us += 10 * MS;
    }
    assert_int_equal(wires[0].count, 10);
    for (int i = 1; i < 10; i++) {
        assert_int_equal(wires[0].len[i], first_len);
        assert_memory_equal(wires[0].bytes[i], first, first_len);
    }
    assert_in_range(first_len, EAR_CALL_BYTES + EAR_PSK_ID_BYTES + 40, EAR_CALL_BYTES_MAX);
}

/* Until the caller proves that it has the answer, it goes again with ENet's words, not for ever. */
static void the_answer_is_repeated(void **state)
{
    (void)state;
    struct heard heard[2] = {{0}};
    call();
    ear_session_flush(&sessions[0], &sends[0], now.now_us);
    assert_int_equal(wires[0].count, 1);
    take(1, wires[0].bytes[0], wires[0].len[0]);
    uint8_t answer[EAR_ANSWER_BYTES];
    int answers = 0;
    int64_t said_us = 0, begun_us = now.now_us;
    for (int i = 0; i < 3000; i++) {
        listen_to(1, &heard[1]);
        ear_session_flush(&sessions[1], &sends[1], now.now_us);
        for (int k = 0; k < wires[1].count; k++) {
            if (wires[1].len[k] != EAR_ANSWER_BYTES || wires[1].bytes[k][0] != EAR_MESSAGE_ANSWER)
                continue;
            assert_true(answers == 0 || now.now_us - said_us >= 200 * MS);
            assert_true(k + 1 < wires[1].count); /* ENet's words come behind */
            memcpy(answer, wires[1].bytes[k], sizeof answer);
            said_us = now.now_us;
            answers++;
        }
        wires[1].count = 0;
        now.now_us += 10 * MS;
    }
    assert_int_equal(answers, 13);
    assert_in_range(said_us - begun_us, 6 * S, 15 * S);
    take(0, answer, sizeof answer);
    carry(300, 0, heard);
    assert_true(sessions[0].connected && sessions[1].connected);
}

/* Nothing of it is said again to a caller who has it. */
static void a_heard_answer_is_not_repeated(void **state)
{
    (void)state;
    struct heard heard[2] = {{0}};
    call();
    carry(20, 0, heard);
    assert_true(sessions[1].connected);
    int64_t before = sends[1].counts.datagrams;
    for (int i = 0; i < 5; i++) {
        const uint8_t number = (uint8_t)i;
        assert_int_equal(ear_enet_link_send_control(sessions[1].link, &number, 1), 0);
        carry(50, 0, heard);
    }
    assert_int_equal(sends[1].counts.datagrams - before, 5);
    assert_int_equal(heard[0].control, 5);
    /* Half a minute later ENet has had nothing to say: no ping, no limits. */
    int64_t quiet[2] = {sends[0].counts.datagrams, sends[1].counts.datagrams};
    carry(3000, 0, heard);
    assert_int_equal(sends[0].counts.datagrams, quiet[0]);
    assert_int_equal(sends[1].counts.datagrams, quiet[1]);
}

static void losses_only_delay(void **state)
{
    (void)state;
    struct heard heard[2] = {{0}};
    call();
    carry(2000, 3, heard);
    assert_true(sessions[0].connected && sessions[1].connected);
    for (int i = 0; i < 20; i++) {
        const uint8_t number = (uint8_t)i;
        assert_int_equal(ear_enet_link_send_control(sessions[0].link, &number, 1), 0);
        carry(30, 3, heard);
    }
    carry(1000, 3, heard);
    assert_int_equal(heard[1].control, 20);
    assert_int_equal(heard[1].data[0], 19);
    assert_true(ear_enet_link_is_settled(sessions[0].link));
}

/* Speech that comes in a datagram of ENet's own making would upset the count of the groups. */
static void unsqueezed_speech_is_not_taken(void **state)
{
    (void)state;
    struct heard heard[2] = {{0}};
    call();
    carry(6, 0, heard);
    uint16_t peer = ear_enet_link_peer_and_session(sessions[1].link);
    uint8_t whole[] = {(uint8_t)(peer >> 8), (uint8_t)peer, 0x49, 1, 0, 0, 0, 1, 0, 1, 'x'};
    ear_session_take(&sessions[1], EAR_KIND_ENET, whole, sizeof whole);
    listen_to(1, &heard[1]);
    assert_int_equal(heard[1].speech, 0);
    ear_session_take(&sessions[1], EAR_KIND_SPEECH, (const uint8_t *)"x", 1);
    listen_to(1, &heard[1]);
    assert_int_equal(heard[1].speech, 1);
    ear_session_take(&sessions[1], EAR_KIND_SPEECH, (const uint8_t *)"", 0);
    ear_session_take(&sessions[1], EAR_KIND_ENET, (const uint8_t *)"", 0);
    listen_to(1, &heard[1]);
    assert_true(sessions[1].connected);
}

static void speech_before_the_connection_is_dropped(void **state)
{
    (void)state;
    struct heard heard[2] = {{0}};
    call();
    carry(1, 0, heard);
    assert_true(sessions[1].open && !sessions[1].connected);
    ear_session_take(&sessions[1], EAR_KIND_SPEECH, (const uint8_t *)"early", 5);
    carry(6, 0, heard);
    assert_int_equal(heard[1].speech, 0);
    assert_int_equal(heard[1].connected, 1);
}

/* Closed and opened again, many times: nothing of the old one is left. */
static void a_session_serves_again(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct heard heard[2] = {{0}};
        const struct ear_session_peer peer = {.address = addresses[1], .psk = secret};
        struct ear_tunnel_config config = ends_config(&t, 0, 2 + (uint64_t)i * 100000);
        assert_int_equal(ear_session_call(&sessions[0], &peer, &config, now.now_us), 0);
        carry(6, 0, heard);
        assert_int_equal(heard[0].connected + heard[1].connected, 2);
        for (int end = 0; end < 2; end++) {
            ear_session_close(&sessions[end]);
            assert_false(sessions[end].open || sessions[end].connected);
        }
        wires[0].count = wires[1].count = 0;
        assert_int_equal(ear_enet_memory_used(), 0);
        ear_session_close(&sessions[0]); /* twice is once */
    }
}

static void a_call_without_connect_opens_nothing(void **state)
{
    (void)state;
    uint8_t reply[EAR_ANSWER_BYTES];
    struct ear_door_call empty = {0};
    struct ear_tunnel_config config = ends_config(&t, 1, 1);
    assert_null(ear_session_psk_id(&empty.call));
    assert_int_equal(
        ear_session_accept(&sessions[1], &addresses[0], &config, &empty, now.now_us, reply),
        -EBADMSG);
    assert_false(sessions[1].open);
    assert_int_equal(ear_enet_memory_used(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_connects_and_carries, open_all, close_all),
        cmocka_unit_test_setup_teardown(the_call_is_repeated, open_all, close_all),
        cmocka_unit_test_setup_teardown(the_answer_is_repeated, open_all, close_all),
        cmocka_unit_test_setup_teardown(a_heard_answer_is_not_repeated, open_all, close_all),
        cmocka_unit_test_setup_teardown(losses_only_delay, open_all, close_all),
        cmocka_unit_test_setup_teardown(unsqueezed_speech_is_not_taken, open_all, close_all),
        cmocka_unit_test_setup_teardown(speech_before_the_connection_is_dropped, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(a_session_serves_again, open_all, close_all),
        cmocka_unit_test_setup_teardown(a_call_without_connect_opens_nothing, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
