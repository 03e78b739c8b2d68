/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked for is answered once in each round trip, more often where answers were lost. */
#include "fake/test.h"

#include "call/answer.h"
#include "wire/block.h"
#include "wire/packet.h"

#define PACKET_BYTES 40
#define PACKET_UNITS 3
#define PACKETS 100
#define RTT (100 * MS)

static struct ear_journal *journal;
static struct ear_answer answer;
static struct ear_answer_from in;

static int open_answer(void **state)
{
    (void)state;
    uint8_t bytes[PACKET_BYTES];
    if (ear_journal_new(&journal) < 0)
        return -1;
    for (int i = 0; i < PACKETS; i++) {
        memset(bytes, i, sizeof bytes);
        if (ear_journal_put(journal, i * PACKET_UNITS, PACKET_UNITS, bytes, sizeof bytes) < 0)
            return -1;
    }
    ear_answer_clear(&answer);
    in = (struct ear_answer_from){.journal = journal,
                                  .spoken = PACKETS * PACKET_UNITS + 50,
                                  .rtt_us = RTT,
                                  .now_us = 1000 * S};
    return 0;
}

static int close_answer(void **state)
{
    (void)state;
    ear_journal_free(journal);
    return 0;
}

/* The blocks of the next datagram, 60 ms after the last: returns how many, and the first units. */
static int next(bool twice, size_t room, int64_t *ret, struct ear_block *ret_last)
{
    static uint8_t bytes[1000];
    struct ear_writer w = ear_writer_on(bytes, sizeof bytes);
    ear_answer_write(&answer, &in, twice, &w, room);
    assert_false(w.bad);
    assert_in_range(w.at, 0, room);
    in.now_us += 60 * MS;
    struct ear_reader r = ear_reader_on(bytes, w.at);
    int count = 0;
    for (struct ear_block block; ear_block_next(&r, &block) == 1; count++) {
        ret[count] = block.index;
        *ret_last = block;
    }
    return count;
}

static void an_ask_is_answered_once_in_a_round_trip(void **state)
{
    (void)state;
    int64_t at[8];
    struct ear_block block;
    ear_answer_ask(&answer, &in, 10, 11, false);
    assert_int_equal(ear_answer_next_bytes(&answer, &in), PACKET_BYTES);
    assert_int_equal(next(false, 500, at, &block), 1);
    assert_int_equal(block.kind, EAR_BLOCK_REPAIR);
    assert_int_equal(at[0], 9); /* the packet that covers it */
    assert_int_equal(block.data[0], 3);
    /* Asked for again before the answer can have come. */
    ear_answer_ask(&answer, &in, 9, 12, false);
    assert_false(ear_answer_waits(&answer));
    assert_int_equal(next(false, 500, at, &block), 0);
    /* And after it should have come: it was lost, and the next one goes twice. */
    ear_answer_ask(&answer, &in, 9, 12, false);
    assert_int_equal(next(false, 500, at, &block), 1);
    assert_int_equal(next(false, 500, at, &block), 1);
    assert_int_equal(at[0], 9);
    assert_int_equal(next(false, 500, at, &block), 0);
    assert_int_equal(answer.sent, 3);
}

static void a_bad_line_is_answered_twice(void **state)
{
    (void)state;
    int64_t at[8];
    struct ear_block block;
    ear_answer_ask(&answer, &in, 9, 15, false);
    assert_int_equal(next(true, 500, at, &block), 2);
    assert_int_equal(next(true, 500, at, &block), 2);
    assert_int_equal(at[0] + at[1], 9 + 12);
    assert_int_equal(next(true, 500, at, &block), 0);
}

static void what_finds_no_room_waits_its_turn(void **state)
{
    (void)state;
    int64_t at[8];
    struct ear_block block;
    ear_answer_ask(&answer, &in, 30, 39, true); /* behind live speech */
    ear_answer_ask(&answer, &in, 60, 66, false);
    const int64_t order[] = {60, 63, 30, 33, 36};
    for (size_t i = 0; i < EAR_COUNT(order); i++) {
        assert_true(ear_answer_waits(&answer));
        assert_int_equal(next(false, PACKET_BYTES - 1, at, &block), 0);
        assert_int_equal(next(false, PACKET_BYTES + 10, at, &block), 1);
        assert_int_equal(at[0], order[i]);
    }
    assert_false(ear_answer_waits(&answer));
}

static void where_nothing_was_said_is_told(void **state)
{
    (void)state;
    int64_t at[8];
    struct ear_block block;
    ear_answer_ask(&answer, &in, PACKETS * PACKET_UNITS + 10, PACKETS * PACKET_UNITS + 20, false);
    assert_true(ear_answer_waits(&answer));
    assert_int_equal(ear_answer_next_bytes(&answer, &in), 0); /* there is no hurry */
    assert_int_equal(next(false, 500, at, &block), 1);
    assert_int_equal(block.kind, EAR_BLOCK_NOTHING);
    assert_int_equal(block.units, 10);
    assert_false(block.forgotten);
    assert_false(ear_answer_waits(&answer));
}

/* Of a silence between two packets all is told, however little of it was asked for. */
static void a_silence_is_told_whole(void **state)
{
    (void)state;
    int64_t at[8];
    struct ear_block block;
    const uint8_t bytes[PACKET_BYTES] = {0};
    const int64_t end = PACKETS * PACKET_UNITS;
    assert_int_equal(ear_journal_put(journal, end + 30, PACKET_UNITS, bytes, sizeof bytes), 0);
    ear_answer_ask(&answer, &in, end + 10, end + 11, true);
    assert_int_equal(next(false, 500, at, &block), 1);
    assert_int_equal(at[0], end + 10);
    assert_int_equal(block.kind, EAR_BLOCK_NOTHING);
    assert_int_equal(block.units, 20);
    assert_false(block.forgotten);
    assert_false(ear_answer_waits(&answer));
}

/* What was said and is kept no more is told as that: silence it was not. */
static void what_is_forgotten_is_told(void **state)
{
    (void)state;
    int64_t at[8];
    struct ear_block block;
    ear_journal_pass(journal, EAR_JOURNAL_UNITS + 150);
    ear_answer_ask(&answer, &in, 141, 153, false);
    assert_int_equal(next(false, PACKET_BYTES - 1, at, &block), 1);
    assert_int_equal(at[0], 141);
    assert_int_equal(block.kind, EAR_BLOCK_NOTHING);
    assert_int_equal(block.units, 9);
    assert_true(block.forgotten);
    assert_int_equal(next(false, 500, at, &block), 1);
    assert_int_equal(at[0], 150);
    assert_int_equal(block.kind, EAR_BLOCK_REPAIR);
    assert_false(ear_answer_waits(&answer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_ask_is_answered_once_in_a_round_trip, open_answer,
                                        close_answer),
        cmocka_unit_test_setup_teardown(a_bad_line_is_answered_twice, open_answer, close_answer),
        cmocka_unit_test_setup_teardown(what_finds_no_room_waits_its_turn, open_answer,
                                        close_answer),
        cmocka_unit_test_setup_teardown(where_nothing_was_said_is_told, open_answer, close_answer),
        cmocka_unit_test_setup_teardown(a_silence_is_told_whole, open_answer, close_answer),
        cmocka_unit_test_setup_teardown(what_is_forgotten_is_told, open_answer, close_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
