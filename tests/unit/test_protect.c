/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which blocks go with a packet, what they hold and what they cost. */
#include <errno.h>

#include "fake/test.h"

#include "base/random.h"
#include "tx/protect.h"
#include "unit/allocations.h"
#include "wire/pad.h"

#define BLOCKS_MAX 8
#define UNITS 3 /* 60 ms */

static struct ear_protect *protect;
static uint8_t written[EAR_AUDIO_BYTES_MAX * 4];
static struct ear_block blocks[BLOCKS_MAX];

static int open_protect(void **state)
{
    (void)state;
    return ear_protect_new(&protect);
}

static int close_protect(void **state)
{
    (void)state;
    ear_protect_free(protect);
    return 0;
}

static void set(enum ear_protect_kind kind, uint8_t count, uint8_t a, uint8_t b, uint8_t c)
{
    const struct ear_protect_pattern pattern = {
        .kind = kind, .count = count, .distance = {a, b, c}};
    assert_int_equal(ear_protect_set(protect, &pattern), 0);
}

/* A packet whose bytes tell its index. */
static const uint8_t *bytes_of(int64_t index)
{
    static uint8_t bytes[EAR_PAYLOAD_MAX];
    struct ear_random r = ear_random_seeded((uint64_t)index);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)ear_random_u64(&r);
    bytes[0] = 0x48;
    return bytes;
}

static void put(int64_t index, size_t len)
{
    struct ear_protect_carrier carrier = {.index = index, .data = bytes_of(index), .len = len};
    ear_protect_put(protect, &carrier);
}

/* Plans, writes and reads again; returns how many blocks. */
static int plan(int64_t index, bool silence, size_t room)
{
    size_t bytes = ear_protect_plan(protect, index, silence, room);
    struct ear_writer w = ear_writer_on(written, sizeof written);
    ear_protect_write(protect, &w);
    assert_true(!w.bad && w.at == bytes && bytes <= room);
    struct ear_reader r = ear_reader_on(written, w.at);
    int count = 0;
    while (count < BLOCKS_MAX && ear_block_next(&r, &blocks[count]) == 1)
        count++;
    assert_int_equal(ear_reader_left(&r), 0);
    assert_false(r.bad);
    return count;
}

static void assert_copy(const struct ear_block *block, int distance, int64_t index, size_t len)
{
    assert_int_equal(block->kind, EAR_BLOCK_COPY);
    assert_int_equal(block->distance, distance);
    assert_int_equal(block->len, len);
    assert_memory_equal(block->data, bytes_of(index), len);
}

static void patterns_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct ear_protect_pattern bad[] = {
        {EAR_PROTECT_NONE, 1, {1}},       {EAR_PROTECT_COPY, 0, {0}},
        {EAR_PROTECT_COPY, 4, {1, 2, 3}}, {EAR_PROTECT_COPY, 2, {2, 1}},
        {EAR_PROTECT_COPY, 2, {2, 2}},    {EAR_PROTECT_COPY, 1, {0}},
        {EAR_PROTECT_COPY, 1, {16}},      {EAR_PROTECT_XOR, 1, {1}},
        {EAR_PROTECT_XOR, 3, {1, 2, 3}},  {(enum ear_protect_kind)4, 1, {1}},
    };
    for (size_t i = 0; i < EAR_COUNT(bad); i++)
        assert_int_equal(ear_protect_set(protect, &bad[i]), -EINVAL);
    set(EAR_PROTECT_NONE, 0, 0, 0, 0);
    put(0, 60);
    assert_int_equal(plan(UNITS, false, 500), 0);
    assert_false(ear_protect_owes(protect, UNITS));
}

static void copies_go_at_their_distances(void **state)
{
    (void)state;
    set(EAR_PROTECT_COPY, 2, 1, 3, 0);
    assert_int_equal(plan(0, false, 500), 0);
    for (int i = 0; i < 4; i++)
        put(i * UNITS, 50 + (size_t)i);
    assert_int_equal(plan(4 * UNITS, false, 500), 2);
    assert_copy(&blocks[0], UNITS, 3 * UNITS, 53);
    assert_copy(&blocks[1], 3 * UNITS, UNITS, 51);
    /* What fits. */
    assert_int_equal(plan(4 * UNITS, false, 55 + 53), 2);
    assert_int_equal(plan(4 * UNITS, false, 55 + 52), 1);
    assert_int_equal(blocks[0].distance, UNITS);
    assert_int_equal(plan(4 * UNITS, false, 54), 1);
    assert_int_equal(blocks[0].distance, 3 * UNITS);
    assert_int_equal(plan(4 * UNITS, false, 52), 0);
    assert_int_equal(plan(4 * UNITS, false, 0), 0);
}

static void low_copies_are_twins_that_are_shorter(void **state)
{
    (void)state;
    static const uint8_t twin[60] = {0x48, 1, 2};
    set(EAR_PROTECT_LOW_COPY, 1, 1, 0, 0);
    struct ear_protect_carrier carrier = {
        .index = 0, .data = bytes_of(0), .len = 60, .twin = twin, .twin_len = 45};
    ear_protect_put(protect, &carrier);
    assert_int_equal(plan(UNITS, false, 500), 1);
    assert_int_equal(blocks[0].len, 45);
    assert_memory_equal(blocks[0].data, twin, 45);
    carrier.index = UNITS;
    carrier.twin_len = 60;
    ear_protect_put(protect, &carrier);
    assert_int_equal(plan(2 * UNITS, false, 500), 1);
    assert_copy(&blocks[0], UNITS, 0, 60);
    put(2 * UNITS, 40);
    assert_int_equal(plan(3 * UNITS, false, 500), 1);
    assert_copy(&blocks[0], UNITS, 2 * UNITS, 40);
}

static void xor_is_of_both_or_of_the_one_there_is(void **state)
{
    (void)state;
    set(EAR_PROTECT_XOR, 2, 1, 3, 0);
    put(0, 70);
    assert_int_equal(plan(UNITS, false, 500), 1);
    assert_int_equal(blocks[0].second, 0);
    assert_int_equal(blocks[0].lengths, 70);
    assert_memory_equal(blocks[0].data, bytes_of(0), 70);
    put(UNITS, 50);
    put(2 * UNITS, 60);
    assert_int_equal(plan(3 * UNITS, false, 500), 1);
    assert_int_equal(blocks[0].kind, EAR_BLOCK_XOR);
    assert_int_equal(blocks[0].distance, UNITS);
    assert_int_equal(blocks[0].second, 3 * UNITS);
    assert_int_equal(blocks[0].lengths, 60 ^ 70);
    assert_int_equal(blocks[0].len, 70);
    uint8_t sum[70];
    memcpy(sum, bytes_of(0), sizeof sum);
    for (size_t i = 0; i < 60; i++)
        sum[i] ^= bytes_of(2 * UNITS)[i];
    assert_memory_equal(blocks[0].data, sum, sizeof sum);
    /* One byte too few: nothing. */
    assert_int_equal(ear_protect_plan(protect, 3 * UNITS, false, 74), 0);
    assert_int_equal(ear_protect_plan(protect, 3 * UNITS, false, 75), 75);
    /* After a pause the nearer one is nobody. */
    put(9 * UNITS, 0);
    put(10 * UNITS, 0);
    assert_int_equal(plan(11 * UNITS, false, 500), 1);
    assert_int_equal(blocks[0].second, 0);
    assert_int_equal(blocks[0].distance, 9 * UNITS);
}

static void what_is_too_far_for_the_wire_stays(void **state)
{
    (void)state;
    set(EAR_PROTECT_COPY, 1, 1, 0, 0);
    put(0, 60);
    assert_int_equal(plan(EAR_BLOCK_DISTANCE_MAX, false, 500), 1);
    assert_int_equal(plan(EAR_BLOCK_DISTANCE_MAX + 1, false, 500), 0);
    assert_int_equal(plan(EAR_BLOCK_DISTANCE_MAX + 1, true, 500), 0);
    assert_int_equal(plan(0, false, 500), 0); /* silence, and speech with its number */
    assert_true(ear_protect_owes(protect, EAR_BLOCK_DISTANCE_MAX));
    assert_false(ear_protect_owes(protect, EAR_BLOCK_DISTANCE_MAX + 1));
    set(EAR_PROTECT_XOR, 2, 1, 2, 0);
    put(240, 60);
    assert_int_equal(plan(255, false, 500), 1);
    assert_int_equal(blocks[0].second, 255);
    assert_int_equal(plan(256, false, 500), 1);
    assert_int_equal(blocks[0].second, 0);
    put(256, 0);
    assert_int_equal(plan(303, false, 500), 1);
    assert_int_equal(blocks[0].distance, 63);
    assert_int_equal(plan(304, false, 500), 0);
}

/* The last packets of a spurt ride on silence, at once. */
static void a_spurts_end_is_protected(void **state)
{
    (void)state;
    set(EAR_PROTECT_COPY, 1, 3, 0, 0);
    for (int i = 0; i < 5; i++) {
        plan(i * UNITS, false, 500);
        put(i * UNITS, 60);
    }
    assert_true(ear_protect_owes(protect, 5 * UNITS));
    assert_int_equal(plan(5 * UNITS, true, 500), 3);
    assert_copy(&blocks[0], 3 * UNITS, 2 * UNITS, 60); /* as the pattern has it ... */
    assert_copy(&blocks[1], UNITS, 4 * UNITS, 60);     /* ... and who would wait */
    assert_copy(&blocks[2], 2 * UNITS, 3 * UNITS, 60);
    put(5 * UNITS, 0);
    assert_false(ear_protect_owes(protect, 6 * UNITS));
    /* The pattern goes on into the next spurt. */
    assert_int_equal(plan(10 * UNITS, false, 500), 1);
    assert_copy(&blocks[0], 7 * UNITS, 3 * UNITS, 60);
    /* What was planned and not sent is still owed. */
    put(10 * UNITS, 60);
    plan(11 * UNITS, true, 500);
    plan(11 * UNITS, true, 0);
    put(11 * UNITS, 0);
    assert_true(ear_protect_owes(protect, 12 * UNITS));
    ear_protect_reset(protect);
    assert_false(ear_protect_owes(protect, 12 * UNITS));
    assert_int_equal(plan(12 * UNITS, true, 500), 0);
}

/* With XORs the newest packet rides in one, and is no longer owed. */
static void one_silence_packet_serves_all(void **state)
{
    (void)state;
    static const struct ear_protect_pattern patterns[] = {
        {EAR_PROTECT_COPY, 1, {1}},     {EAR_PROTECT_COPY, 1, {4}},
        {EAR_PROTECT_COPY, 2, {1, 3}},  {EAR_PROTECT_LOW_COPY, 3, {2, 4, 6}},
        {EAR_PROTECT_XOR, 2, {1, 3}},   {EAR_PROTECT_XOR, 2, {2, 5}},
        {EAR_PROTECT_LOW_COPY, 1, {3}},
    };
    for (size_t p = 0; p < EAR_COUNT(patterns); p++) {
        ear_protect_reset(protect);
        assert_int_equal(ear_protect_set(protect, &patterns[p]), 0);
        for (int i = 0; i < 9; i++) {
            plan(i * UNITS, false, 2000);
            put(i * UNITS, 60);
        }
        assert_true(ear_protect_owes(protect, 9 * UNITS));
        plan(9 * UNITS, true, 2000);
        put(9 * UNITS, 0);
        assert_false(ear_protect_owes(protect, 10 * UNITS));
    }
}

/* Both ends reckon with the shortest form. */
static void padding_is_not_carried(void **state)
{
    (void)state;
    uint8_t padded[200];
    set(EAR_PROTECT_COPY, 1, 1, 0, 0);
    assert_int_equal(ear_pad_opus(bytes_of(0), 60, 200, padded, sizeof padded), 0);
    struct ear_protect_carrier carrier = {.index = 0, .data = padded, .len = sizeof padded};
    ear_protect_put(protect, &carrier);
    assert_int_equal(plan(UNITS, false, 500), 1);
    assert_copy(&blocks[0], UNITS, 0, 60);
}

static void no_plan_is_beyond_its_bound(void **state)
{
    (void)state;
    struct ear_random r = ear_random_seeded(SEED);
    const int before = allocations;
    int64_t index = 0;
    for (int i = 0; i < 20000; i++) {
        static struct ear_protect_pattern pattern;
        if (i % 20 == 0) {
            uint8_t a = (uint8_t)(1 + ear_random_below(&r, 4));
            uint8_t b = (uint8_t)(a + 1 + ear_random_below(&r, 4));
            pattern = (struct ear_protect_pattern){
                .kind = (enum ear_protect_kind)(1 + ear_random_below(&r, 3)),
                .count = 2,
                .distance = {a, b}};
            assert_int_equal(ear_protect_set(protect, &pattern), 0);
        }
        size_t most = ear_protect_bytes_max(&pattern, 90, 50), room = ear_random_below(&r, 300);
        uint8_t twin[50];
        memcpy(twin, bytes_of(index + 1), sizeof twin);
        struct ear_protect_carrier carrier = {.index = index,
                                              .data = bytes_of(index),
                                              .len = 60 + ear_random_below(&r, 31),
                                              .twin = twin,
                                              .twin_len = 40 + ear_random_below(&r, 11)};
        size_t bytes = ear_protect_plan(protect, index, false, room);
        if (i % 20 > 8 && bytes > most) /* the twins of another pattern's time are there too */
            fail_msg("round %d of seed %d: %zu bytes, at most %zu", i, SEED, bytes, most);
        plan(index, false, room);
        ear_protect_put(protect, &carrier);
        index += 1 + ear_random_below(&r, 6);
    }
    assert_int_equal(allocations, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(patterns_that_cannot_be_are_refused, open_protect,
                                        close_protect),
        cmocka_unit_test_setup_teardown(copies_go_at_their_distances, open_protect, close_protect),
        cmocka_unit_test_setup_teardown(low_copies_are_twins_that_are_shorter, open_protect,
                                        close_protect),
        cmocka_unit_test_setup_teardown(xor_is_of_both_or_of_the_one_there_is, open_protect,
                                        close_protect),
        cmocka_unit_test_setup_teardown(what_is_too_far_for_the_wire_stays, open_protect,
                                        close_protect),
        cmocka_unit_test_setup_teardown(a_spurts_end_is_protected, open_protect, close_protect),
        cmocka_unit_test_setup_teardown(one_silence_packet_serves_all, open_protect, close_protect),
        cmocka_unit_test_setup_teardown(padding_is_not_carried, open_protect, close_protect),
        cmocka_unit_test_setup_teardown(no_plan_is_beyond_its_bound, open_protect, close_protect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
