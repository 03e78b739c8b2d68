/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speech that was missed: heard in its order, whole, while it is still being fetched. */
#include "fake/test.h"

#include <errno.h>

#include "rx/missed.h"

/* A packet is one byte: what each of its samples is worth. */
#define PACKET_UNITS 5
#define PACKET_FRAMES (PACKET_UNITS * EAR_UNIT / EAR_FRAME)
#define PACKETS_OF_S(s) ((s)*1000 / EAR_UNIT_MS / PACKET_UNITS)
#define LIVE 400

static int decode(void *ctx, const uint8_t *data, size_t len, int16_t *ret, size_t cap)
{
    (void)ctx;
    assert_int_equal(len, 1);
    assert_true(cap >= PACKET_UNITS * EAR_UNIT);
    for (size_t i = 0; i < PACKET_UNITS * EAR_UNIT; i++)
        ret[i] = data[0];
    return PACKET_UNITS * EAR_UNIT;
}

static struct ear_codec codec = {.decode = decode};

static struct ear_missed *start(void)
{
    struct ear_missed *missed;
    assert_int_equal(ear_missed_new(&missed, &codec), 0);
    return missed;
}

static void put(struct ear_missed *missed, int from, int to)
{
    for (int i = from; i < to; i++)
        assert_int_equal(
            ear_missed_put(missed, i * PACKET_UNITS, PACKET_UNITS, &(uint8_t){(uint8_t)i}, 1), 0);
}

/* The next frame: the number of the packet that is heard; -1: live speech alone. */
static int hear(struct ear_missed *missed)
{
    int16_t frame[EAR_FRAME];
    for (size_t i = 0; i < EAR_FRAME; i++)
        frame[i] = LIVE;
    ear_missed_mix(missed, frame);
    return frame[EAR_FRAME - 1] == LIVE ? -1 : frame[EAR_FRAME - 1] - LIVE / 4;
}

static void hear_packets(struct ear_missed *missed, int from, int to)
{
    for (int i = from; i < to; i++)
        for (int frame = 0; frame < PACKET_FRAMES; frame++)
            assert_int_equal(hear(missed), i);
}

static void what_came_in_disorder_is_heard_in_order(void **state)
{
    (void)state;
    struct ear_missed *missed = start();
    put(missed, 4, 9);
    put(missed, 0, 4);
    assert_int_equal(ear_missed_put(missed, PACKET_UNITS, PACKET_UNITS, &(uint8_t){1}, 1), -EEXIST);
    assert_int_equal(hear(missed), -1);
    ear_missed_play(missed, true);
    hear_packets(missed, 0, 9);
    assert_int_equal(hear(missed), -1);
    assert_false(ear_missed_plays(missed));
    assert_int_equal(ear_missed_us(missed), 0);
    ear_missed_free(missed);
}

static void stopped_it_goes_on_where_it_was(void **state)
{
    (void)state;
    struct ear_missed *missed = start();
    put(missed, 0, 9);
    ear_missed_play(missed, true);
    hear_packets(missed, 0, 4);
    ear_missed_play(missed, false);
    assert_int_equal(hear(missed), -1);
    ear_missed_play(missed, true);
    hear_packets(missed, 4, 9);
    ear_missed_free(missed);
}

/* On a line that brings it more slowly than it is heard, all of it is heard nevertheless. */
static void what_is_still_fetched_is_waited_for(void **state)
{
    (void)state;
    struct ear_missed *missed = start();
    int two_s = PACKETS_OF_S(2);
    put(missed, 0, two_s);
    ear_missed_await(missed, two_s * PACKET_UNITS);
    ear_missed_play(missed, true);
    hear_packets(missed, 0, two_s);
    assert_int_equal(hear(missed), -1);
    assert_true(ear_missed_plays(missed));
    put(missed, two_s, 2 * two_s - 1);
    ear_missed_await(missed, (2 * two_s - 1) * PACKET_UNITS);
    assert_int_equal(hear(missed), -1); /* not a word at a time */
    put(missed, 2 * two_s - 1, 2 * two_s);
    ear_missed_await(missed, 2 * two_s * PACKET_UNITS);
    hear_packets(missed, two_s, 2 * two_s);
    ear_missed_await(missed, INT64_MAX);
    assert_int_equal(hear(missed), -1);
    assert_false(ear_missed_plays(missed));
    ear_missed_free(missed);
}

static void a_hole_is_waited_for_but_not_for_ever(void **state)
{
    (void)state;
    struct ear_missed *missed = start();
    put(missed, 0, 2);
    put(missed, 3, 5);
    ear_missed_await(missed, 2 * PACKET_UNITS);
    ear_missed_play(missed, true);
    int waited_s = 0;
    while (hear(missed) < 0 && waited_s < 60 * EAR_RATE_HZ / EAR_FRAME)
        waited_s++;
    assert_in_range(waited_s * EAR_FRAME / EAR_RATE_HZ, 9, 11);
    for (int frame = 1; frame < PACKET_FRAMES; frame++)
        assert_int_equal(hear(missed), 0);
    hear_packets(missed, 1, 2);
    hear_packets(missed, 3, 5);
    for (int i = 0; i < 61 * EAR_RATE_HZ / EAR_FRAME; i++)
        assert_int_equal(hear(missed), -1);
    assert_false(ear_missed_plays(missed));
    ear_missed_free(missed);
}

/* Another outage in between: it goes on by itself, though nothing came for a while. */
static void nothing_there_is_not_the_end(void **state)
{
    (void)state;
    struct ear_missed *missed = start();
    put(missed, 0, 2);
    ear_missed_await(missed, 2 * PACKET_UNITS);
    ear_missed_play(missed, true);
    while (hear(missed) < 0)
        ;
    for (int frame = 1; frame < PACKET_FRAMES; frame++)
        assert_int_equal(hear(missed), 0);
    hear_packets(missed, 1, 2);
    for (int i = 0; i < 50 * EAR_RATE_HZ / EAR_FRAME; i++)
        assert_int_equal(hear(missed), -1);
    assert_true(ear_missed_plays(missed));
    put(missed, 2, 4);
    ear_missed_await(missed, INT64_MAX);
    hear_packets(missed, 2, 4);
    assert_int_equal(hear(missed), -1);
    assert_false(ear_missed_plays(missed));
    ear_missed_free(missed);
}

/* What is kept stays when there is no more room; what was heard makes room for as much. */
static void what_was_heard_makes_room(void **state)
{
    (void)state;
    enum { KEPT = 9000, HEARD = 100 };
    struct ear_missed *missed = start();
    put(missed, 0, KEPT);
    const uint8_t more = (uint8_t)KEPT;
    int64_t index = (int64_t)KEPT * PACKET_UNITS;
    assert_int_equal(ear_missed_put(missed, index, PACKET_UNITS, &more, 1), -ENOBUFS);
    assert_int_equal(ear_missed_us(missed), index * EAR_UNIT_US);
    ear_missed_play(missed, true);
    for (int i = 0; i < HEARD; i++)
        for (int frame = 0; frame < PACKET_FRAMES; frame++)
            assert_int_equal(hear(missed), i);
    put(missed, KEPT, KEPT + HEARD);
    index += HEARD * PACKET_UNITS;
    assert_int_equal(ear_missed_put(missed, index, PACKET_UNITS, &more, 1), -ENOBUFS);
    for (int i = HEARD; i < KEPT + HEARD; i++)
        for (int frame = 0; frame < PACKET_FRAMES; frame++)
            assert_int_equal(hear(missed), (uint8_t)i);
    assert_int_equal(hear(missed), -1);
    assert_int_equal(ear_missed_us(missed), 0);
    ear_missed_free(missed);
}

/* By its bytes it is full as well, and wiped it is empty. */
static void bytes_are_kept_to_the_last(void **state)
{
    (void)state;
    static const uint8_t packet[1000];
    struct ear_missed *missed = start();
    int n = 0;
    while (ear_missed_put(missed, n * PACKET_UNITS, PACKET_UNITS, packet, sizeof packet) == 0)
        n++;
    assert_int_equal(n, 720);
    ear_missed_wipe(missed);
    assert_int_equal(ear_missed_us(missed), 0);
    put(missed, 0, 9);
    ear_missed_play(missed, true);
    hear_packets(missed, 0, 9);
    ear_missed_free(missed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_in_disorder_is_heard_in_order),
        cmocka_unit_test(stopped_it_goes_on_where_it_was),
        cmocka_unit_test(what_is_still_fetched_is_waited_for),
        cmocka_unit_test(a_hole_is_waited_for_but_not_for_ever),
        cmocka_unit_test(nothing_there_is_not_the_end),
        cmocka_unit_test(what_was_heard_makes_room),
        cmocka_unit_test(bytes_are_kept_to_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
