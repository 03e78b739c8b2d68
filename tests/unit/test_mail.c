/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between two stores: what the doors of mail.h promise, one by one. */
#include <errno.h>

#include "mail_pair.h"

static int set_up(void **state)
{
    *state = pair_new();
    return 0;
}

static int tear_down(void **state)
{
    pair_free(*state);
    return 0;
}

static void a_text_arrives_and_is_seen(void **state)
{
    struct pair *pair = *state;
    struct ear_mail_view view;
    int64_t id = pair_say(pair, 0, "Will you call at nine?");
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_WAITING);
    assert_int_equal(ear_mail_view(pair->sides[0].mail, THEM, &view), 0);
    assert_int_equal(view.waiting, 1);
    assert_false(view.moving);
    pair_up(pair);
    assert_true(pair_put(pair, 0));
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_SENT);
    assert_int_equal(ear_mail_view(pair->sides[0].mail, THEM, &view), 0);
    assert_true(view.moving);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
    struct ear_message there = pair_newest(pair, 1);
    assert_string_equal(there.text, "Will you call at nine?");
    assert_int_equal(there.state, EAR_MESSAGE_UNSEEN);
    assert_int_equal(pair->sides[0].frames, 1);
    assert_int_equal(pair->sides[1].frames, 1);
    assert_int_equal(pair->sides[1].came, 1);
    assert_int_equal(ear_mail_seen(pair->sides[1].mail, there.id), 0);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_SEEN);
    assert_true(pair_message(pair, 1, there.id).seen_told);
    assert_int_equal(ear_mail_view(pair->sides[0].mail, THEM, &view), 0);
    assert_int_equal(view.waiting, 0);
    assert_false(view.moving);
}

static void seen_is_told_in_a_later_session(void **state)
{
    struct pair *pair = *state;
    int64_t id = pair_say(pair, 0, "one");
    pair_up(pair);
    pair_settle(pair);
    pair_down(pair);
    struct ear_message there = pair_newest(pair, 1);
    assert_int_equal(ear_mail_seen(pair->sides[1].mail, there.id), 0);
    pair_restart(pair, 1, true);
    pair_up(pair);
    assert_true(pair_put(pair, 1));
    pair_down(pair); /* the frame is lost */
    pair_up(pair);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_SEEN);
    assert_true(pair_message(pair, 1, there.id).seen_told);
}

static void seen_may_be_kept_secret(void **state)
{
    struct pair *pair = *state;
    pair->sides[1].config.keeps_seen_secret = true;
    pair_restart(pair, 1, false);
    int64_t id = pair_say(pair, 0, "one");
    pair_up(pair);
    pair_settle(pair);
    assert_int_equal(ear_mail_seen(pair->sides[1].mail, pair_newest(pair, 1).id), 0);
    pair_settle(pair);
    pair_down(pair);
    pair_up(pair);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
}

/* The acknowledgement is lost: it comes a second time, and is there once. */
static void nothing_is_shown_twice(void **state)
{
    struct pair *pair = *state;
    int64_t id = pair_say(pair, 0, "once");
    for (int i = 0; i < 3; i++) {
        pair_up(pair);
        assert_true(pair_put(pair, 0));
        assert_true(pair_take(pair, 0));
        assert_true(pair_put(pair, 1));
        if (i < 2)
            pair_down(pair);
    }
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
    assert_int_equal(pair_totals(pair, 1).count_in, 1);
    assert_int_equal(pair->sides[1].came, 1);
}

/* Deleted before its sender knew that it had arrived. */
static void what_was_deleted_does_not_come_again(void **state)
{
    struct pair *pair = *state;
    int64_t id = pair_say(pair, 0, "gone");
    pair_up(pair);
    pair_put(pair, 0);
    pair_take(pair, 0);
    pair_down(pair);
    assert_int_equal(ear_mail_delete(pair->sides[1].mail, pair_newest(pair, 1).id), 0);
    pair_up(pair);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
    assert_int_equal(pair_totals(pair, 1).count_in, 0);
}

/* Deleted before all of it was there, without a line: its sender is not told that it arrived. */
static void what_was_deleted_half_never_arrived(void **state)
{
    struct pair *pair = *state;
    uint8_t *body = pair_body(100000);
    int64_t id = pair_write(pair, 0, EAR_MESSAGE_FILE, body, 100000);
    pair_up(pair);
    for (int i = 0; i < 100; i++) {
        pair_put(pair, 0);
        pair_take(pair, 0);
        pair_put(pair, 1);
        pair_take(pair, 1);
    }
    pair_down(pair);
    assert_int_equal(pair_totals(pair, 1).count_coming, 1);
    assert_int_equal(ear_mail_delete(pair->sides[1].mail, pair_newest(pair, 1).id), 0);
    pair_restart(pair, 1, true);
    pair_up(pair);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_FAILED);
    assert_int_equal(pair_message(pair, 0, id).reason, EAR_MESSAGE_UNWANTED);
    assert_int_equal(pair_totals(pair, 1).count_in, 0);
    free(body);
}

static void the_price_is_what_it_costs(void **state)
{
    struct pair *pair = *state;
    static const struct {
        enum ear_message_kind kind;
        size_t len;
    } messages[] = {{EAR_MESSAGE_TEXT, 40},   {EAR_MESSAGE_TEXT, 280},
                    {EAR_MESSAGE_TEXT, 281},  {EAR_MESSAGE_VOICE, 45000},
                    {EAR_MESSAGE_FILE, 1000}, {EAR_MESSAGE_FILE, 100000}};
    pair_up(pair);
    for (size_t i = 0; i < EAR_COUNT(messages); i++) {
        uint8_t *body = pair_body(messages[i].len);
        if (messages[i].kind == EAR_MESSAGE_TEXT)
            memset(body, 'a', messages[i].len);
        uint64_t frames = pair->sides[0].frames + pair->sides[1].frames;
        uint64_t bytes = pair->sides[0].bytes + pair->sides[1].bytes;
        pair_write(pair, 0, messages[i].kind, body, messages[i].len);
        pair_settle(pair);
        frames = pair->sides[0].frames + pair->sides[1].frames - frames;
        bytes = pair->sides[0].bytes + pair->sides[1].bytes - bytes;
        /* Each frame is one datagram of 60 bytes around it, and one of 62 that acknowledges it. */
        uint64_t wire = bytes + frames * (60 + 62);
        uint64_t price =
            ear_mail_price_bytes(messages[i].kind, messages[i].len,
                                 messages[i].kind == EAR_MESSAGE_FILE ? "letter.pdf" : NULL);
        print_message("%zu bytes: %llu on the wire, price %llu\n", messages[i].len,
                      (unsigned long long)wire, (unsigned long long)price);
        assert_at_most(wire, price);
        assert_at_least(wire, 0.97 * (double)price);
        if (messages[i].kind == EAR_MESSAGE_VOICE) /* a minute at 6 kbit/s */
            assert_at_most(price, 75000);
        free(body);
    }
}

/* A file is on its way; what is smaller passes it, a text passes all, an urgent one the texts. */
static void small_ones_pass(void **state)
{
    struct pair *pair = *state;
    uint8_t *body = pair_body(200000);
    pair_up(pair);
    int64_t file = pair_write(pair, 0, EAR_MESSAGE_FILE, body, 200000);
    for (int i = 0; i < 100; i++) {
        pair_put(pair, 0);
        pair_take(pair, 0);
        pair_put(pair, 1);
        pair_take(pair, 1);
    }
    int64_t voice = pair_write(pair, 0, EAR_MESSAGE_VOICE, body, 20000);
    int64_t text = pair_say(pair, 0, "a text");
    int64_t urgent = pair_write(pair, 0, EAR_MESSAGE_URGENT, "Clinic 4", 8);
    int64_t order[4];
    int arrived = 0;
    while (arrived < 4) {
        bool moved = false;
        for (int i = 0; i < 2; i++) {
            moved = pair_put(pair, i) || moved;
            moved = pair_take(pair, i) || moved;
        }
        assert_true(moved);
        int64_t ids[] = {file, voice, text, urgent};
        for (int i = 0; i < 4; i++) {
            bool counted = false;
            for (int k = 0; k < arrived; k++)
                counted = counted || order[k] == ids[i];
            if (!counted && pair_message(pair, 0, ids[i]).state == EAR_MESSAGE_ARRIVED)
                order[arrived++] = ids[i];
        }
    }
    assert_int_equal(order[0], urgent);
    assert_int_equal(order[1], text);
    assert_int_equal(order[2], voice);
    assert_int_equal(order[3], file);
    free(body);
}

static void urgent_ones_go_beside_the_pipe(void **state)
{
    struct pair *pair = *state;
    char text[EAR_MESSAGE_TEXT_MAX + 1];
    uint8_t out[EAR_MAIL_FRAME_MAX];
    size_t len = ear_mail_urgent_text("Clinic 4, room 2", "+49 30 123456", text);
    int64_t id = pair_write(pair, 0, EAR_MESSAGE_URGENT, text, len);
    assert_int_equal(ear_mail_urgent(pair->sides[0].mail, THEM, out, sizeof out, 0), 0);
    pair_up(pair);
    for (int i = 0; i < 50; i++) { /* the same again and again */
        len = ear_mail_urgent(pair->sides[0].mail, THEM, out, sizeof out, 0);
        assert_at_least(len, 30);
        assert_int_equal(ear_mail_urgent(pair->sides[1].mail, THEM, out, sizeof out, 0), 0);
    }
    ear_mail_urgent(pair->sides[0].mail, THEM, out, sizeof out, 0);
    for (int i = 0; i < 3; i++) /* copies do no harm */
        assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, out, len, 0), 0);
    assert_string_equal(pair_newest(pair, 1).text, "Clinic 4, room 2\n+49 30 123456");
    assert_int_equal(pair_totals(pair, 1).count_in, 1);
    size_t echoes = 0;
    while ((len = ear_mail_urgent(pair->sides[1].mail, THEM, out, sizeof out, 0)) > 0)
        echoes++;
    assert_in_range(echoes, 5, 50);
    ear_mail_take(pair->sides[1].mail, THEM, out, 1, 0);
    pair_put(pair, 1); /* the acknowledgement in the pipe */
    pair_take(pair, 1);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
    assert_int_equal(ear_mail_urgent(pair->sides[0].mail, THEM, out, sizeof out, 0), 0);
    assert_false(pair_put(pair, 0));
}

static void long_places_are_cut_at_characters(void **state)
{
    (void)state;
    char place[1000] = "", text[EAR_MESSAGE_TEXT_MAX + 1];
    while (strlen(place) < 900)
        strcat(place, "日本");
    size_t len = ear_mail_urgent_text(place, "12345", text);
    assert_in_range(len, EAR_MESSAGE_TEXT_MAX - 3, EAR_MESSAGE_TEXT_MAX);
    assert_string_equal(text + len - 6, "\n12345");
    assert_int_equal((len - 6) % 3, 0);
    assert_int_equal(ear_mail_urgent_text("", "12345", text), 6);
    assert_int_equal(ear_mail_urgent_text("here", "", text), 4);
}

static void quotas_hold(void **state)
{
    struct pair *pair = *state;
    pair->sides[1].config.limits = (struct ear_mail_limits){.text_bytes = 1000,
                                                            .voice_bytes = 5000,
                                                            .file_bytes = 6000,
                                                            .person_bytes = 10000,
                                                            .person_count = 20,
                                                            .coming_count = 5};
    pair_restart(pair, 1, false);
    uint8_t body[7000] = {0};
    memset(body, 'x', sizeof body);
    pair_up(pair);
    int64_t large = pair_write(pair, 0, EAR_MESSAGE_TEXT, body, 1001);
    int64_t too = pair_write(pair, 0, EAR_MESSAGE_FILE, body, 6001);
    int64_t first = pair_write(pair, 0, EAR_MESSAGE_FILE, body, 6000);
    pair_settle(pair);
    int64_t second = pair_write(pair, 0, EAR_MESSAGE_FILE, body, 5000);
    uint64_t sent = pair->sides[0].bytes;
    pair_settle(pair);
    assert_at_most(pair->sides[0].bytes - sent, 200); /* told before it costs anything */
    assert_int_equal(pair_message(pair, 0, large).state, EAR_MESSAGE_FAILED);
    assert_int_equal(pair_message(pair, 0, large).reason, EAR_MESSAGE_TOO_LARGE);
    assert_int_equal(pair_message(pair, 0, too).reason, EAR_MESSAGE_TOO_LARGE);
    assert_int_equal(pair_message(pair, 0, first).state, EAR_MESSAGE_ARRIVED);
    assert_int_equal(pair_message(pair, 0, second).state, EAR_MESSAGE_FAILED);
    assert_int_equal(pair_message(pair, 0, second).reason, EAR_MESSAGE_NO_ROOM);
    for (int i = 0; i < 30; i++)
        pair_say(pair, 0, "more");
    pair_settle(pair);
    assert_int_equal(pair_totals(pair, 1).count_in, 20);
    int64_t urgent = pair_write(pair, 0, EAR_MESSAGE_URGENT, "here", 4);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, urgent).state, EAR_MESSAGE_ARRIVED);
    /* Even these have an end. */
    for (int i = 0; i < 1100; i++)
        pair_write(pair, 0, EAR_MESSAGE_URGENT, "here", 4);
    pair_settle(pair);
    assert_int_equal(pair_totals(pair, 1).count_in, 1020);
    /* Room is made. */
    assert_int_equal(ear_mail_delete(pair->sides[1].mail, pair_newest(pair, 1).id), 0);
}

/* What nobody who keeps to the rules would say. */
static void strangers_words_are_refused(void **state)
{
    struct pair *pair = *state;
    struct ear_mail_frame frame = {.kind = EAR_MAIL_WHOLE,
                                   .label = {.serial = 5, .what = EAR_MAIL_TEXT},
                                   .body = (const uint8_t *)"\xff\xfe",
                                   .body_len = 2};
    uint8_t out[EAR_MAIL_FRAME_MAX];
    pair_up(pair);
    size_t len = ear_mail_frame_build(&frame, out, sizeof out);
    assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, out, len, 0), 0);
    assert_int_equal(pair_totals(pair, 1).count_in, 0);
    len = ear_mail_next(pair->sides[1].mail, THEM, out, sizeof out, 0);
    assert_int_equal(ear_mail_frame_parse(out, len, &frame), 0);
    assert_int_equal(frame.tolds[0].fate, EAR_MAIL_UNWANTED);
    /* Pieces, holds and fates of messages that nobody knows. */
    static const uint8_t unknown[][14] = {{4, 0, 0, 0, 0, 9, 0, 0, 0, 0, 'x'},
                                          {5, 0, 0, 0, 0, 9, 0, 0, 0, 0},
                                          {6, 1, 1, 2, 3, 4, 5, 6, 7, 8},
                                          {7, 1, 2, 3, 4, 5, 6, 7, 8},
                                          {8, 1, 2, 3, 4, 5, 6, 7, 8}};
    static const size_t lens[] = {11, 10, 10, 9, 9};
    for (size_t i = 0; i < EAR_COUNT(lens); i++)
        assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, unknown[i], lens[i], 0), 0);
    assert_int_equal(ear_mail_next(pair->sides[1].mail, THEM, out, sizeof out, 0), 0);
    assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM + 1, unknown[0], 11, 0), -ENOTCONN);
    assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, out, 0, 0), -EBADMSG);
}

/* No calendar of ours has a date for it. */
static void clocks_that_run_away_are_held(void **state)
{
    struct pair *pair = *state;
    struct ear_mail_frame frame = {
        .kind = EAR_MAIL_WHOLE,
        .label = {.serial = 5, .what = EAR_MAIL_TEXT, .written_s = (INT64_C(1) << 40) - 1},
        .body = (const uint8_t *)"hello",
        .body_len = 5};
    uint8_t out[EAR_MAIL_FRAME_MAX];
    pair_up(pair);
    size_t len = ear_mail_frame_build(&frame, out, sizeof out);
    assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, out, len, 0), 0);
    assert_true(pair_newest(pair, 1).written_s == EAR_MESSAGE_WRITTEN_MAX);
}

/* A long text that is none is refused as a whole. */
static void long_texts_are_looked_at(void **state)
{
    struct pair *pair = *state;
    uint8_t *text = malloc(2000);
    memset(text, 'a', 2000);
    pair_up(pair);
    int64_t good = pair_write(pair, 0, EAR_MESSAGE_TEXT, text, 2000);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, good).state, EAR_MESSAGE_ARRIVED);
    pair_assert_body(pair, 1, pair_newest(pair, 1).id, text, 2000);
    text[1500] = 0x1b;
    struct ear_mail_frame frame = {.kind = EAR_MAIL_BEGIN,
                                   .label = {.serial = 1u << 31, .mark = "marked", .what = 1},
                                   .size = 2000};
    struct ear_bytes bytes = {text, 2000};
    ear_sodium_hash(frame.hash, sizeof frame.hash, NULL, 0, &bytes, 1);
    uint8_t out[EAR_MAIL_FRAME_MAX];
    size_t len = ear_mail_frame_build(&frame, out, sizeof out);
    assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, out, len, 0), 0);
    len = ear_mail_next(pair->sides[1].mail, THEM, out, sizeof out, 0); /* HOLD */
    for (uint32_t at = 0; at < 2000; at += 200) {
        frame = (struct ear_mail_frame){.kind = EAR_MAIL_PIECE, .body = text + at, .body_len = 200};
        frame.piece = (struct ear_mail_hold){.serial = 1u << 31, .offset = at};
        len = ear_mail_frame_build(&frame, out, sizeof out);
        assert_int_equal(ear_mail_take(pair->sides[1].mail, THEM, out, len, 0), 0);
    }
    len = ear_mail_next(pair->sides[1].mail, THEM, out, sizeof out, 0);
    assert_int_equal(ear_mail_frame_parse(out, len, &frame), 0);
    assert_int_equal(frame.kind, EAR_MAIL_TOLD);
    assert_int_equal(frame.tolds[0].fate, EAR_MAIL_UNWANTED);
    assert_int_equal(pair_totals(pair, 1).count_in, 1);
    free(text);
}

/* On a thin line frames are short, and all arrives as well. */
static void thin_lines_get_short_frames(void **state)
{
    struct pair *pair = *state;
    char text[280];
    memset(text, 'a', sizeof text);
    uint8_t *body = pair_body(30000);
    pair->cap = EAR_MAIL_FRAME_LEAST + 20;
    pair_up(pair);
    int64_t ids[] = {pair_write(pair, 0, EAR_MESSAGE_TEXT, text, sizeof text),
                     pair_write(pair, 0, EAR_MESSAGE_VOICE, body, 30000),
                     pair_write(pair, 0, EAR_MESSAGE_TEXT, text, 60)};
    for (int i = 0; i < 40; i++)
        pair_put(pair, 0);
    assert_at_most(pair->sides[0].count, 64);
    pair_settle(pair);
    for (size_t i = 0; i < EAR_COUNT(ids); i++)
        assert_int_equal(pair_message(pair, 0, ids[i]).state, EAR_MESSAGE_ARRIVED);
    assert_at_most(pair->sides[0].longest, EAR_MAIL_FRAME_LEAST + 20);
    /* Begun in pieces, and then the line is wide again. */
    int64_t id = pair_write(pair, 0, EAR_MESSAGE_TEXT, text, sizeof text - 1);
    for (int i = 0; i < 3; i++) {
        pair_put(pair, 0);
        pair_take(pair, 0);
        pair_put(pair, 1);
        pair_take(pair, 1);
    }
    pair_down(pair);
    pair->cap = EAR_MAIL_FRAME_MAX;
    pair_up(pair);
    pair_settle(pair);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
    assert_int_equal(pair_totals(pair, 1).count_in, 4);
    assert_int_equal(pair_totals(pair, 1).count_coming, 0);
    free(body);
}

/* So many are unanswered at most, however many wait. */
static void the_window_holds(void **state)
{
    struct pair *pair = *state;
    uint8_t *body = pair_body(50000);
    for (int i = 0; i < 100; i++)
        pair_say(pair, 0, "text");
    for (int i = 0; i < 6; i++)
        pair_write(pair, 0, EAR_MESSAGE_VOICE, body, 10000 + (size_t)i);
    pair_up(pair);
    while (pair_put(pair, 0))
        ;
    assert_in_range(pair->sides[0].count, 30, 64);
    size_t most = 0;
    for (int i = 0; i < 5000; i++) {
        if (i % 40 == 0)
            while (pair_take(pair, 1) || pair_put(pair, 1))
                ;
        pair_put(pair, 0);
        pair_take(pair, 0);
        most = pair->sides[1].count > most ? pair->sides[1].count : most;
    }
    pair_settle(pair);
    assert_int_equal(pair_totals(pair, 0).count_waiting, 0);
    free(body);
}

static void deleting_stops_what_is_on_its_way(void **state)
{
    struct pair *pair = *state;
    uint8_t *body = pair_body(100000);
    pair_up(pair);
    for (int side = 0; side < 2; side++) {
        int64_t id = pair_write(pair, 0, EAR_MESSAGE_FILE, body, 100000);
        for (int i = 0; i < 100; i++) {
            pair_put(pair, 0);
            pair_take(pair, 0);
            pair_put(pair, 1);
            pair_take(pair, 1);
        }
        assert_int_equal(pair_totals(pair, 1).count_coming, 1);
        assert_int_equal(
            ear_mail_delete(pair->sides[side].mail, side ? pair_newest(pair, 1).id : id), 0);
        uint64_t sent = pair->sides[0].bytes;
        pair_settle(pair);
        assert_at_most(pair->sides[0].bytes - sent, 3000);
        assert_int_equal(pair_totals(pair, 1).count_in, 0);
        if (side == 1)
            assert_int_equal(pair_message(pair, 0, id).reason, EAR_MESSAGE_UNWANTED);
    }
    free(body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_text_arrives_and_is_seen),
        TEST(seen_is_told_in_a_later_session),
        TEST(seen_may_be_kept_secret),
        TEST(nothing_is_shown_twice),
        TEST(what_was_deleted_does_not_come_again),
        TEST(what_was_deleted_half_never_arrived),
        TEST(the_price_is_what_it_costs),
        TEST(small_ones_pass),
        TEST(urgent_ones_go_beside_the_pipe),
        cmocka_unit_test(long_places_are_cut_at_characters),
        TEST(quotas_hold),
        TEST(strangers_words_are_refused),
        TEST(clocks_that_run_away_are_held),
        TEST(long_texts_are_looked_at),
        TEST(thin_lines_get_short_frames),
        TEST(the_window_holds),
        TEST(deleting_stops_what_is_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
