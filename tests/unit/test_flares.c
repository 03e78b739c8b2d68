/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Urgent messages without a session: who is heard, how often, and what a flood or a replay may do.
 */
#include <errno.h>

#include "fake/test.h"

#include "fake/flare_ends.h"

#define FLOOD 3000

static struct flare_end ends[2];
static uint8_t frame[EAR_MAIL_FRAME_MAX];
static size_t frame_len;

static int set_up(void **state)
{
    flare_ends_begin(ends, SEED);
    frame_len = flare_frame("Clinic 4\n+255 700", 9, frame);
    return 0;
}

static void send_to(const struct ear_address *to, int64_t now_us)
{
    struct ear_pipe_item item = {
        .kind = EAR_PIPE_FLARE, .person = 2, .len = (uint16_t)frame_len, .address = *to};
    memcpy(item.data, frame, frame_len);
    ear_flares_send(&ends[0].flares, &item, NULL, now_us);
}

/* End 0 sends one copy. */
static void send_one(int64_t now_us)
{
    const struct ear_address to = flare_address(1);
    ends[0].count = 0;
    send_to(&to, now_us);
    assert_int_equal(ends[0].count, 1);
}

static bool give(int to, const uint8_t *data, size_t len, int64_t now_us,
                 struct ear_flares_news *ret)
{
    const struct ear_received in = {
        .from = flare_address(1 - to), .form = EAR_RECEIVED_FLARE, .datagram = {data, len}};
    return ear_flares_take(&ends[to].flares, &in, true, now_us, ret);
}

static bool deliver(int64_t now_us, struct ear_flares_news *ret)
{
    return give(1, ends[0].box[0].data, ends[0].box[0].len, now_us, ret);
}

/* Its mail says that it is there. */
static void tell(int64_t now_us, enum ear_mail_fate fate, uint8_t mark)
{
    uint8_t said[EAR_MAIL_FRAME_MAX];
    struct ear_mail_frame told = {.kind = EAR_MAIL_TOLD, .count = 1};
    told.tolds[0] = (struct ear_mail_told){.fate = fate, .mark = {mark}};
    size_t len = ear_mail_frame_build(&told, said, sizeof said);
    ear_flares_told(&ends[1].flares, 1, said, len, now_us);
}

static void one_copy_says_all(void **state)
{
    struct ear_flares_news news;
    send_one(0);
    assert_true(deliver(0, &news));
    assert_int_equal(news.person, 1);
    assert_int_equal(news.len, frame_len);
    assert_memory_equal(news.data, frame, frame_len);
    assert_int_equal(ends[1].count, 0); /* nothing is said before it is on disk */
    tell(0, EAR_MAIL_ARRIVED, 9);
    assert_int_equal(ends[1].count, 1);
    assert_true(give(0, ends[1].box[0].data, ends[1].box[0].len, 0, &news));
    assert_int_equal(news.person, 2);
    assert_int_equal(news.len, EAR_FLARE_ANSWER_SAID);
    assert_int_equal(news.data[0], EAR_MAIL_TOLD);
    assert_int_equal(news.data[1], EAR_MAIL_ARRIVED);
    assert_int_equal(news.data[2], 9);
    /* once */
    assert_false(give(0, ends[1].box[0].data, ends[1].box[0].len, 0, &news));
}

static void copies_are_told_again_until_answered(void **state)
{
    struct ear_flares_news news;
    send_one(0);
    assert_true(deliver(0, &news));
    assert_false(deliver(500 * MS, &news));
    assert_true(deliver(1 * S, &news));
    tell(1 * S, EAR_MAIL_ARRIVED, 8); /* of another */
    assert_int_equal(ends[1].count, 0);
    tell(1 * S, EAR_MAIL_ARRIVED, 9);
    assert_int_equal(ends[1].count, 1);
    for (int64_t now_us = 1 * S; now_us < 30 * S; now_us += 10 * MS) {
        assert_false(deliver(now_us, &news));
        ear_flares_step(&ends[1].flares, now_us);
    }
    /* Four a second, however many copies come. */
    assert_in_range(ends[1].count, 100, 4 * 29 + 1);
    ends[1].count = 0;
    for (int64_t now_us = 30 * S; now_us < 90 * S; now_us += 10 * MS)
        ear_flares_step(&ends[1].flares, now_us);
    assert_in_range(ends[1].count, 20, 24);
    assert_false(ear_flares_wait(&ends[1].flares));
}

/* Answers to what was said before the last refreshment count. */
static void answers_may_be_late(void **state)
{
    struct ear_flares_news news;
    send_one(0);
    assert_true(deliver(0, &news));
    tell(0, EAR_MAIL_ARRIVED, 9);
    send_one(21 * S);
    assert_true(give(0, ends[1].box[0].data, ends[1].box[0].len, 21 * S, &news));
}

static void nothing_else_is_said_so(void **state)
{
    struct ear_mail_frame text = {.kind = EAR_MAIL_WHOLE,
                                  .label = {.serial = 5, .what = EAR_MAIL_TEXT},
                                  .body = (const uint8_t *)"hello",
                                  .body_len = 5};
    const struct ear_address to = flare_address(1);
    frame_len = ear_mail_frame_build(&text, frame, sizeof frame);
    send_to(&to, 0);
    assert_int_equal(ends[0].count, 0);
    /* One who sends it all the same. */
    struct ear_noise_state noise;
    struct ear_flare flare = {.clock_ms = 5000, .len = frame_len};
    uint8_t datagram[EAR_FLARE_BYTES_MAX], key[EAR_KEY_BYTES] = {3};
    struct ear_flares_news news;
    memcpy(flare.said, frame, frame_len);
    memcpy(flare.psk_id, ends[0].guests.list[0].psks[EAR_PSK_TAKEN].id, EAR_PSK_ID_BYTES);
    int len = ear_flare_create(&noise, &ends[0].door.config.self, ends[1].guests.static_public, key,
                               &flare, datagram);
    assert_true(len > 0);
    size_t whole = ear_flare_stamp(datagram, (size_t)len, ends[1].door.mac1_key, NULL);
    assert_false(give(1, datagram, whole, 0, &news));
}

static void strangers_hear_nothing(void **state)
{
    struct ear_flares_news news;
    struct ear_guest *guest = &ends[1].guests.list[0], known = *guest;
    send_one(0);
    guest->static_key[0] ^= 1;
    assert_false(deliver(0, &news));
    *guest = known;
    guest->blocked = true;
    assert_false(deliver(0, &news));
    *guest = known;
    ear_psk_clear(&guest->psks[EAR_PSK_GIVEN]); /* another secret than ours */
    assert_false(deliver(0, &news));
    *guest = known; /* an invite that nobody has come with yet proves nobody */
    guest->has_key = false;
    guest->psks[EAR_PSK_OPEN] = guest->psks[EAR_PSK_GIVEN];
    ear_psk_clear(&guest->psks[EAR_PSK_GIVEN]);
    assert_false(deliver(0, &news));
    *guest = known;
    const struct ear_received in = {.from = flare_address(0),
                                    .form = EAR_RECEIVED_FLARE,
                                    .datagram = {ends[0].box[0].data, ends[0].box[0].len}};
    assert_false(ear_flares_take(&ends[1].flares, &in, false, 0, &news)); /* the door is shut */
    assert_int_equal(ends[1].count, 0);
    assert_true(deliver(0, &news));
    guest->blocked = true; /* meanwhile */
    tell(0, EAR_MAIL_ARRIVED, 9);
    assert_int_equal(ends[1].count, 0);
    /* Nor does anything go to somebody whom we do not want. */
    ends[0].count = 0;
    ends[0].guests.list[0].blocked = true;
    const struct ear_address to = flare_address(1);
    send_to(&to, 0);
    assert_int_equal(ends[0].count, 0);
}

static void what_is_old_is_refused(void **state)
{
    struct ear_flares_news news;
    send_one(0);
    ends[1].guests.list[0].newest_stamp = 1001; /* kept from an earlier run */
    flare_begin(&ends[1]);
    assert_false(deliver(0, &news));
    send_one(21 * S); /* made anew */
    assert_true(deliver(21 * S, &news));
    tell(21 * S, EAR_MAIL_ARRIVED, 9);
    ear_flares_step(&ends[1].flares, 100 * S);
    ends[1].count = 0;
    assert_false(deliver(100 * S, &news)); /* a replay: it is forgotten, but for its clock */
    assert_int_equal(ends[1].count, 0);
    /* A handshake that came meanwhile does not make it old: both may be under way. */
    send_one(101 * S);
    ear_guests_heard(&ends[1].guests, 1, 9000);
    struct ear_guests_update update = {.guest = ends[1].guests.list[0]};
    update.guest.flare_stamp = 0;
    assert_int_equal(ear_guests_apply(&ends[1].guests, &update), 0);
    assert_true(deliver(101 * S, &news));
}

static void noise_on_the_line_is_refused(void **state)
{
    struct ear_flares_news news;
    send_one(0);
    uint8_t *data = ends[0].box[0].data;
    const size_t len = ends[0].box[0].len;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(deliver(0, &news));
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 1; n < len; n++) {
        uint8_t *copy = malloc(n); /* just that long, for sanitizers */
        memcpy(copy, data, n);
        assert_false(give(1, copy, n, 0, &news));
        free(copy);
    }
    assert_true(deliver(0, &news));
    tell(0, EAR_MAIL_ARRIVED, 9);
    data = ends[1].box[0].data;
    for (size_t bit = 0; bit < 8 * EAR_FLARE_ANSWER_BYTES; bit++) {
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(give(0, data, EAR_FLARE_ANSWER_BYTES, 0, &news));
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(give(0, data, EAR_FLARE_ANSWER_BYTES, 10 * S, &news));
}

/* One is not taken for the other, whatever its kind says. */
static void calls_and_flares_are_apart(void **state)
{
    struct ear_noise_state noise;
    struct ear_flare flare;
    struct ear_call call = {.clock_ms = 7, .connect = "8 bytes and more", .connect_len = 40}, got;
    uint8_t message[EAR_CALL_BYTES_MAX], key[EAR_KEY_BYTES] = {3};
    const struct ear_keypair *self = &ends[0].door.config.self, *them = &ends[1].door.config.self;
    int len = ear_handshake_create_call(&noise, self, them->public, key, &call, message);
    assert_true(len > 0);
    size_t whole = ear_handshake_stamp_call(message, (size_t)len, ends[1].door.mac1_key, NULL);
    assert_int_equal(ear_handshake_consume_call(&noise, them, message, whole, &got), 0);
    message[0] = EAR_MESSAGE_FLARE;
    assert_true(ear_flare_is_one(message, whole));
    assert_int_equal(ear_flare_consume(&noise, them, message, whole, &flare), -EBADMSG);
    send_one(0);
    uint8_t *data = ends[0].box[0].data;
    assert_int_equal(ear_flare_consume(&noise, them, data, ends[0].box[0].len, &flare), 0);
    data[0] = EAR_MESSAGE_CALL;
    assert_true(ear_handshake_is_call(data, ends[0].box[0].len));
    assert_int_equal(ear_handshake_consume_call(&noise, them, data, ends[0].box[0].len, &got),
                     -EBADMSG);
}

/* Under a flood the true one proves its address, and gets through. */
static void a_flood_asks_for_cookies(void **state)
{
    struct ear_flares_news news;
    static uint8_t junk[EAR_FLARE_BYTES_MAX];
    const size_t sealed = EAR_FLARE_BYTES + 40 - EAR_MAC_BYTES;
    struct ear_random random = ear_random_seeded(SEED);
    for (int i = 0; i < FLOOD; i++) { /* by somebody who knows the public key */
        flare_chance(&random, junk, sealed);
        size_t len = ear_flare_stamp(junk, sealed, ends[1].door.mac1_key, NULL);
        ends[1].count = 0;
        assert_false(give(1, junk, len, 0, &news));
        assert_int_equal(ends[1].count, i >= EAR_DOOR_CALLS_PER_S);
    }
    send_one(0);
    ends[1].count = 0;
    assert_false(deliver(0, &news));
    assert_int_equal(ends[1].count, 1);
    assert_int_equal(ends[1].box[0].len, EAR_COOKIE_REPLY_BYTES);
    const struct ear_bytes cookie = {ends[1].box[0].data, EAR_COOKIE_REPLY_BYTES};
    assert_true(ear_flares_take_cookie(&ends[0].flares, &cookie, 0));
    assert_false(ear_flares_take_cookie(&ends[0].flares, &cookie, 0));
    send_one(0);
    assert_int_equal(ends[0].box[0].data[0], EAR_MESSAGE_FLARE_COOKIE);
    assert_true(deliver(0, &news));
}

/* More people than there is room for: the newest are heard. */
static void there_is_always_room_for_the_newest(void **state)
{
    struct ear_flares_news news;
    for (int i = 0; i < 3 * EAR_FLARES_OUT; i++) {
        frame_len = flare_frame("here", (uint8_t)(20 + i), frame);
        send_one(i * S);
        assert_true(deliver(i * S, &news));
        assert_int_equal(news.data[1], 20 + i);
    }
    ear_flares_step(&ends[0].flares, 200 * S);
    ear_flares_step(&ends[1].flares, 200 * S);
    static const struct ear_flares_out none;
    static const struct ear_flares_in nothing;
    for (int i = 0; i < EAR_FLARES_OUT; i++)
        assert_memory_equal(&ends[0].flares.out[i], &none, sizeof none);
    for (int i = 0; i < EAR_FLARES_IN; i++)
        assert_memory_equal(&ends[1].flares.in[i], &nothing, sizeof nothing);
}

/* The first place gets every copy, the others share half as many. */
static void all_places_are_tried(void **state)
{
    struct ear_pipe_item item = {.kind = EAR_PIPE_FLARE, .person = 2, .len = (uint16_t)frame_len};
    int got[6] = {0};
    memcpy(item.data, frame, frame_len);
    item.address = flare_address(1);
    for (int i = 0; i < EAR_PIPE_OTHERS; i++)
        item.others[i] = flare_address(2 + i);
    for (int i = 0; i < 12; i++)
        ear_flares_send(&ends[0].flares, &item, NULL, i * 250 * MS);
    assert_int_equal(ends[0].count, 18);
    for (int i = 0; i < ends[0].count; i++)
        got[ends[0].box[i].to.bytes[0]]++;
    assert_int_equal(got[1], 12);
    for (int i = 0; i < EAR_PIPE_OTHERS; i++)
        assert_int_equal(got[2 + i], 2);
    const struct ear_address heard = flare_address(5);
    ends[0].count = 0;
    ear_flares_send(&ends[0].flares, &item, &heard, 4 * S);
    assert_int_equal(ends[0].box[0].to.bytes[0], 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(one_copy_says_all),
        TEST(copies_are_told_again_until_answered),
        TEST(answers_may_be_late),
        TEST(nothing_else_is_said_so),
        TEST(strangers_hear_nothing),
        TEST(what_is_old_is_refused),
        TEST(noise_on_the_line_is_refused),
        TEST(calls_and_flares_are_apart),
        TEST(a_flood_asks_for_cookies),
        TEST(there_is_always_room_for_the_newest),
        TEST(all_places_are_tried),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
