/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rings, bytes, chance and clocks. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/ring.h"

static void ring_keeps_order_across_its_end(void **state)
{
    (void)state;
    struct ear_ring ring;
    assert_int_equal(ear_ring_init(&ring, sizeof(int), 5), 0);
    assert_int_equal(ring.capacity, 8);
    int next = 0, expected = 0;
    for (int round = 0; round < 1000; round++) {
        int in[3] = {next, next + 1, next + 2};
        next += (int)ear_ring_put(&ring, in, 3);
        int out[2];
        size_t n = ear_ring_take(&ring, out, 2);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(out[i], expected++);
    }
    assert_int_equal(ear_ring_level(&ring), (size_t)(next - expected));
    assert_int_equal(ear_ring_room(&ring), 8 - (size_t)(next - expected));
    ear_ring_fini(&ring);
}

static void ring_survives_the_wrap_of_its_positions(void **state)
{
    (void)state;
    struct ear_ring ring;
    assert_int_equal(ear_ring_init(&ring, 1, 4), 0);
    atomic_store(&ring.written, UINT32_MAX - 1);
    atomic_store(&ring.taken, UINT32_MAX - 1);
    assert_int_equal(ear_ring_put(&ring, "abcde", 5), 4);
    char out[5] = {0};
    assert_int_equal(ear_ring_take(&ring, out, 5), 4);
    assert_string_equal(out, "abcd");
    assert_int_equal(ear_ring_take(&ring, out, 1), 0);
    ear_ring_fini(&ring);
}

static void ring_refuses_nonsense(void **state)
{
    (void)state;
    struct ear_ring ring;
    assert_int_equal(ear_ring_init(&ring, 0, 4), -EINVAL);
    assert_int_equal(ear_ring_init(&ring, 4, 0), -EINVAL);
    assert_int_equal(ear_ring_init(&ring, 4, (size_t)1 << 25), -EINVAL);
}

#define THREAD_ITEMS 200000

static void *fill_ring(void *arg)
{
    struct ear_ring *ring = arg;
    for (uint32_t i = 0; i < THREAD_ITEMS;)
        i += (uint32_t)ear_ring_put(ring, &i, 1);
    return NULL;
}

static void ring_joins_two_threads(void **state)
{
    (void)state;
    struct ear_ring ring;
    assert_int_equal(ear_ring_init(&ring, sizeof(uint32_t), 64), 0);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, fill_ring, &ring), 0);
    for (uint32_t expected = 0; expected < THREAD_ITEMS;) {
        uint32_t got;
        if (ear_ring_take(&ring, &got, 1) == 1)
            assert_int_equal(got, expected++);
    }
    pthread_join(writer, NULL);
    ear_ring_fini(&ring);
}

static void bytes_round_trip(void **state)
{
    (void)state;
    uint8_t buffer[18];
    struct ear_writer w = ear_writer_on(buffer, sizeof buffer);
    ear_writer_u8(&w, 0x01);
    ear_writer_u16(&w, 0x0203);
    ear_writer_u32(&w, 0x04050607);
    ear_writer_u64(&w, 0x08090a0b0c0d0e0f);
    ear_writer_bytes(&w, (const uint8_t *)"xyz", 3);
    assert_false(w.bad);
    assert_int_equal(w.at, 18);
    for (int i = 0; i < 15; i++)
        assert_int_equal(buffer[i], i + 1);
    ear_writer_u8(&w, 0);
    assert_true(w.bad);

    struct ear_reader r = ear_reader_on(buffer, sizeof buffer);
    assert_int_equal(ear_reader_u8(&r), 0x01);
    assert_int_equal(ear_reader_u16(&r), 0x0203);
    assert_int_equal(ear_reader_u32(&r), 0x04050607);
    assert_true(ear_reader_u64(&r) == 0x08090a0b0c0d0e0f);
    assert_int_equal(ear_reader_left(&r), 3);
    assert_memory_equal(ear_reader_bytes(&r, 3), "xyz", 3);
    assert_false(r.bad);
    assert_int_equal(ear_reader_u16(&r), 0);
    assert_true(r.bad);
    assert_null(ear_reader_bytes(&r, 0));
}

static void random_is_repeatable_and_fair(void **state)
{
    (void)state;
    struct ear_random a = ear_random_seeded(7), b = ear_random_seeded(7), c = ear_random_seeded(8);
    assert_true(ear_random_u64(&a) == ear_random_u64(&b));
    assert_true(ear_random_u64(&a) != ear_random_u64(&c));
    double sum = 0, exponential = 0, normal = 0, square = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        double u = ear_random_unit(&a);
        assert_true(u >= 0 && u < 1);
        sum += u;
        exponential += ear_random_exponential(&a, 3);
        double z = ear_random_normal(&a);
        normal += z;
        square += z * z;
        assert_true(ear_random_below(&a, 10) < 10);
    }
    assert_true(fabs(sum / n - 0.5) < 0.01);
    assert_true(fabs(exponential / n - 3) < 0.1);
    assert_true(fabs(normal / n) < 0.02);
    assert_true(fabs(square / n - 1) < 0.03);
    struct ear_random fresh = ear_random_fresh(), other = ear_random_fresh();
    assert_true(ear_random_u64(&fresh) != ear_random_u64(&other));
}

static void clocks_tell_time(void **state)
{
    (void)state;
    int64_t first = ear_clock_now_us(&ear_clock_monotonic);
    assert_true(ear_clock_now_us(&ear_clock_monotonic) >= first);
    struct ear_clock_virtual v = {.now_us = 42};
    struct ear_clock clock = ear_clock_from_virtual(&v);
    assert_int_equal(ear_clock_now_us(&clock), 42);
    v.now_us = 43;
    assert_int_equal(ear_clock_now_us(&clock), 43);
}

static char logged[256];

static void keep_line(enum ear_log_level level, const char *line)
{
    snprintf(logged, sizeof logged, "%d %s", (int)level, line);
}

static void log_goes_to_its_sink(void **state)
{
    (void)state;
    ear_log(EAR_LOG_ERROR, "nobody listens");
    ear_log_set_sink(keep_line);
    ear_log(EAR_LOG_NOTICE, "jitter: target %d ms", 40);
    assert_string_equal(logged, "1 jitter: target 40 ms");
    ear_log_set_sink(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_keeps_order_across_its_end),
        cmocka_unit_test(ring_survives_the_wrap_of_its_positions),
        cmocka_unit_test(ring_refuses_nonsense),
        cmocka_unit_test(ring_joins_two_threads),
        cmocka_unit_test(bytes_round_trip),
        cmocka_unit_test(random_is_repeatable_and_fair),
        cmocka_unit_test(clocks_tell_time),
        cmocka_unit_test(log_goes_to_its_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
