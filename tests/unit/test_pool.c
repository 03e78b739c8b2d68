/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool never overlaps blocks, never grows, and gets everything back. */
#include "fake/test.h"

#include "base/random.h"
#include "port/pool.h"

#define POOL_BYTES ((size_t)256 * 1024)

static struct ear_pool *pool_of(size_t bytes)
{
    struct ear_pool *pool = NULL;
    assert_int_equal(ear_pool_new(&pool, bytes), 0);
    assert_int_equal(ear_pool_used(pool), 0);
    return pool;
}

static void blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    struct ear_pool *pool = pool_of(POOL_BYTES);
    uint8_t *blocks[64];
    for (size_t i = 0; i < EAR_COUNT(blocks); i++) {
        size_t bytes = 1 + i * 7;
        blocks[i] = ear_pool_get(pool, bytes);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)i, bytes);
    }
    for (size_t i = 0; i < EAR_COUNT(blocks); i++) {
        for (size_t k = 0; k < 1 + i * 7; k++)
            assert_int_equal(blocks[i][k], i);
        ear_pool_put(pool, blocks[i]);
    }
    assert_int_equal(ear_pool_used(pool), 0);
    ear_pool_free(pool);
}

static void what_is_put_back_is_got_again(void **state)
{
    (void)state;
    struct ear_pool *pool = pool_of(1024);
    for (int i = 0; i < 10000; i++) {
        void *a = ear_pool_get(pool, 100), *b = ear_pool_get(pool, 400);
        assert_non_null(a);
        assert_non_null(b);
        assert_ptr_not_equal(a, b);
        assert_true(ear_pool_used(pool) >= 500);
        ear_pool_put(pool, a);
        ear_pool_put(pool, b);
    }
    assert_int_equal(ear_pool_used(pool), 0);
    ear_pool_free(pool);
}

static void an_empty_pool_says_so_and_recovers(void **state)
{
    (void)state;
    struct ear_pool *pool = pool_of(4096);
    void *blocks[200];
    size_t count = 0;
    while (count < EAR_COUNT(blocks) && (blocks[count] = ear_pool_get(pool, 48)))
        count++;
    assert_int_equal(count, 64); /* 48 and a header of 16 are 64 bytes each */
    assert_null(ear_pool_get(pool, 1));
    assert_null(ear_pool_get(pool, 2000));
    size_t used = ear_pool_used(pool);
    ear_pool_put(pool, blocks[7]);
    assert_true(ear_pool_used(pool) < used);
    void *again = ear_pool_get(pool, 48);
    assert_ptr_equal(again, blocks[7]);
    for (size_t i = 0; i < count; i++)
        ear_pool_put(pool, blocks[i]);
    assert_int_equal(ear_pool_used(pool), 0);
    ear_pool_free(pool);
}

/* Nothing but small blocks filled it once: larger ones find room where those were. */
static void what_is_put_back_serves_any_size(void **state)
{
    (void)state;
    static const size_t bytes[] = {16, 48, 100, 240, 400, 5000, 32 * 1024 - 16};
    static void *blocks[POOL_BYTES / 32];
    size_t odd = 96; /* at its end: it joins nothing */
    struct ear_pool *pool = pool_of(POOL_BYTES + odd);
    for (size_t turn = 0; turn < 2 * EAR_COUNT(bytes); turn++) {
        size_t size = bytes[turn * 3 % EAR_COUNT(bytes)], count = 0, whole = 32;
        while (whole < size + 16)
            whole *= 2;
        while (count < POOL_BYTES / whole && (blocks[count] = ear_pool_get(pool, size)))
            count++;
        assert_int_equal(count, POOL_BYTES / whole);
        for (size_t i = 0; i < count; i += 2)
            ear_pool_put(pool, blocks[i]);
        for (size_t i = 1; i < count; i += 2)
            ear_pool_put(pool, blocks[i]);
        assert_int_equal(ear_pool_used(pool), 0);
    }
    ear_pool_free(pool);
}

static void sizes_without_sense_are_refused(void **state)
{
    (void)state;
    struct ear_pool *pool = pool_of(POOL_BYTES);
    assert_null(ear_pool_get(pool, 32 * 1024));
    assert_null(ear_pool_get(pool, SIZE_MAX));
    assert_null(ear_pool_get(pool, SIZE_MAX - 15));
    assert_null(ear_pool_get(pool, SIZE_MAX / 2));
    assert_int_equal(ear_pool_used(pool), 0);
    void *largest = ear_pool_get(pool, 32 * 1024 - 16), *none = ear_pool_get(pool, 0);
    assert_non_null(largest);
    assert_non_null(none);
    ear_pool_put(pool, none);
    ear_pool_put(pool, largest);
    ear_pool_put(pool, NULL);
    assert_int_equal(ear_pool_used(pool), 0);
    ear_pool_free(pool);
    ear_pool_free(NULL);
}

/* Any order of taking and giving back, each block filled with its own number. */
static void random_use_keeps_contents(void **state)
{
    (void)state;
    struct ear_pool *pool = pool_of(POOL_BYTES);
    struct ear_random random = ear_random_seeded(SEED);
    static struct {
        uint8_t *at;
        size_t bytes;
        uint8_t mark;
    } held[300];
    for (int i = 0; i < 200000; i++) {
        size_t k = ear_random_below(&random, EAR_COUNT(held));
        if (!held[k].at) {
            held[k].bytes = 1 + ear_random_below(&random, 1500);
            held[k].mark = (uint8_t)i;
            held[k].at = ear_pool_get(pool, held[k].bytes);
            if (held[k].at)
                memset(held[k].at, held[k].mark, held[k].bytes);
            continue;
        }
        if (held[k].at[0] != held[k].mark || held[k].at[held[k].bytes - 1] != held[k].mark)
            fail_msg("block %zu was written over at step %d (seed %d)", k, i, SEED);
        ear_pool_put(pool, held[k].at);
        held[k].at = NULL;
    }
    for (size_t k = 0; k < EAR_COUNT(held); k++)
        ear_pool_put(pool, held[k].at);
    assert_int_equal(ear_pool_used(pool), 0);
    ear_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_apart),
        cmocka_unit_test(what_is_put_back_is_got_again),
        cmocka_unit_test(an_empty_pool_says_so_and_recovers),
        cmocka_unit_test(what_is_put_back_serves_any_size),
        cmocka_unit_test(sizes_without_sense_are_refused),
        cmocka_unit_test(random_use_keeps_contents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
