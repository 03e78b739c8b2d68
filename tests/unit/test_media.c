/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The media thread wakes for commands, datagrams and due times, and is gone when stopped. */
#include <stdatomic.h>
#include <time.h>

#include "fake/person.h"
#include "fake/test.h"

#include "call/media.h"
#include "port/enet_link.h"
#include "port/udp.h"
#include "sim/introduce.h"
#include "sim/numbered.h"

#define PATIENCE (20 * S)

/* One end with a socket and a media thread of its own. */
struct end {
    struct ear_person person;
    struct ear_codec *codec;
    struct ear_udp *udp;
    struct ear_engine *engine;
    struct ear_media *media;
    atomic_int looks; /* at the clock, by its engine */
    struct ear_clock clock;
};

static struct ear_guests guests[2];
static struct ear_guests *const both[2] = {&guests[0], &guests[1]};

static int64_t counted_now_us(void *ctx)
{
    struct end *end = ctx;
    atomic_fetch_add(&end->looks, 1);
    return ear_clock_now_us(&ear_clock_monotonic);
}

static int64_t now_us(void)
{
    return ear_clock_now_us(&ear_clock_monotonic);
}

static void start(struct end *end)
{
    const struct ear_media_config config = {
        .clock = &ear_clock_monotonic, .engines = {end->engine}, .fd = ear_udp_fd(end->udp)};
    assert_int_equal(ear_media_start(&end->media, &config), 0);
}

static void open_end(struct end *end, int i)
{
    char error[128];
    struct ear_address at;
    memset(end, 0, sizeof *end);
    ear_person_init(&end->person, 0);
    end->person.speaks = true;
    end->clock = (struct ear_clock){.now_us = counted_now_us, .ctx = end};
    assert_int_equal(ear_udp_resolve("127.0.0.1:0", &at, error, sizeof error), 0);
    assert_int_equal(ear_udp_open(&end->udp, &at, error, sizeof error), 0);
    assert_int_equal(ear_numbered_new(&end->codec), 0);
    const struct ear_engine_config config = {
        .clock = &end->clock,
        .net = ear_udp_datagrams(end->udp),
        .mic = &end->person.mic,
        .speaker = &end->person.speaker,
        .codec = end->codec,
        .guests = both[i],
        .stamps = {.last = (uint64_t)now_us(), .end = UINT64_MAX},
        .accept = true,
        .auto_answer = true,
        .wire_budget_bps = 16000,
    };
    assert_int_equal(ear_engine_new(&end->engine, &config), 0);
}

static void close_end(struct end *end)
{
    ear_media_stop(end->media);
    ear_engine_free(end->engine);
    ear_udp_close(end->udp);
    free(end->codec);
}

static void command(struct end *end, const struct ear_command *c)
{
    assert_true(ear_engine_command(end->engine, c));
    ear_media_wake(end->media);
}

/* Waits for the next event of that phase; returns when it was seen. */
static int64_t wait_for_phase(struct end *end, enum ear_phase phase)
{
    const struct timespec nap = {.tv_nsec = 200000};
    int64_t begin = now_us();
    struct ear_event event;
    for (;;) {
        while (ear_engine_event(end->engine, &event))
            if (event.kind == EAR_EVENT_PHASE && event.phase == phase)
                return now_us();
        assert_true(now_us() - begin < PATIENCE);
        nanosleep(&nap, NULL);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void a_command_wakes_it(void **state)
{
    (void)state;
    static struct end end;
    int64_t took[15];
    open_end(&end, 0);
    start(&end);
    struct ear_address nobody;
    char error[128];
    assert_int_equal(ear_udp_resolve("127.0.0.1:9", &nobody, error, sizeof error), 0);
    for (size_t i = 0; i < EAR_COUNT(took); i++) {
        int64_t begin = now_us();
        command(&end,
                &(struct ear_command){.kind = EAR_COMMAND_DIAL, .address = nobody, .guest = 2});
        took[i] = wait_for_phase(&end, EAR_PHASE_CALLING) - begin;
        command(&end, &(struct ear_command){.kind = EAR_COMMAND_HANG_UP});
        wait_for_phase(&end, EAR_PHASE_IDLE);
    }
    /* Idle it looks five times a second, so that by chance the median would be 100 ms. */
    qsort(took, EAR_COUNT(took), sizeof took[0], compare);
    assert_at_most(took[EAR_COUNT(took) / 2], 50 * MS);
    close_end(&end);
}

static void datagrams_and_due_times_wake_it(void **state)
{
    (void)state;
    static struct end ends[2];
    for (int i = 0; i < 2; i++) {
        open_end(&ends[i], i);
        start(&ends[i]);
    }
    const struct ear_command dial = {
        .kind = EAR_COMMAND_DIAL, .address = ear_udp_address(ends[1].udp), .guest = 2};
    int64_t took[7];
    for (size_t i = 0; i < EAR_COUNT(took); i++) {
        int64_t begin = now_us();
        command(&ends[0], &dial);
        took[i] = wait_for_phase(&ends[0], EAR_PHASE_TALKING) - begin;
        wait_for_phase(&ends[1], EAR_PHASE_TALKING);
        if (i == 0) {
            const struct timespec second = {.tv_sec = 1, .tv_nsec = 500000000};
            nanosleep(&second, NULL);
        }
        command(&ends[i % 2], &(struct ear_command){.kind = EAR_COMMAND_HANG_UP});
        wait_for_phase(&ends[0], EAR_PHASE_IDLE);
        wait_for_phase(&ends[1], EAR_PHASE_IDLE);
    }
    /* Three round trips: with neither end woken by datagrams, 20 ms and more each. */
    qsort(took, EAR_COUNT(took), sizeof took[0], compare);
    assert_at_most(took[EAR_COUNT(took) / 2], 60 * MS);
    for (int i = 0; i < 2; i++)
        close_end(&ends[i]);
    /* Both spoke and heard for a second and a half. */
    for (int i = 0; i < 2; i++)
        assert_at_least(ends[i].person.heard_frames, 100);
}

/* While it waits for nothing it does next to nothing; stopped, it does nothing. */
static void it_sleeps_and_stops(void **state)
{
    (void)state;
    static struct end end;
    open_end(&end, 0);
    start(&end);
    const struct timespec half = {.tv_nsec = 500000000};
    nanosleep(&half, NULL);
    int before = atomic_load(&end.looks);
    nanosleep(&half, NULL);
    assert_at_most(atomic_load(&end.looks) - before, 40);
    int64_t begin = now_us();
    ear_media_stop(end.media);
    assert_at_most(now_us() - begin, 5 * S);
    before = atomic_load(&end.looks);
    nanosleep(&half, NULL);
    assert_int_equal(atomic_load(&end.looks), before);
    end.media = NULL;
    for (int i = 0; i < 20; i++) {
        start(&end);
        ear_media_stop(end.media);
        end.media = NULL;
    }
    close_end(&end);
    ear_media_stop(NULL);
}

static int open_all(void **state)
{
    (void)state;
    if (ear_sodium_start() < 0)
        return -1;
    ear_introduce(both, 2, &(struct ear_chance){0});
    return ear_enet_start();
}

static int close_all(void **state)
{
    (void)state;
    ear_enet_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_wakes_it),
        cmocka_unit_test(datagrams_and_due_times_wake_it),
        cmocka_unit_test(it_sleeps_and_stops),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
