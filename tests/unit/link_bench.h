/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link under test in virtual time, and what becomes of each datagram. */
#ifndef EAR_LINK_BENCH_H
#define EAR_LINK_BENCH_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/link.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define ROOM 200000
#define NEVER (-1)
#define SEED 20240611

/* A link under test, and what became of each datagram that ran through it. */
struct bench {
    struct ear_clock_virtual time;
    struct ear_clock clock;
    struct ear_profile *profile;
    struct ear_link *link;
    int sent, arrived, overtaken; /* overtaken: came after a later one */
    int64_t sent_us[ROOM], arrived_us[ROOM], second_us[ROOM];
};

static inline struct bench *open_bench(struct ear_profile *profile, uint64_t seed)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->time.now_us = 1000 * S;
    b->clock = ear_clock_from_virtual(&b->time);
    b->profile = profile;
    assert_int_equal(ear_link_new(&b->link, profile, &b->clock, seed), 0);
    return b;
}

static inline struct bench *bench_of(const char *text, uint64_t seed)
{
    char error[256] = "";
    struct ear_profile *profile = NULL;
    if (ear_profile_parse(&profile, "test", text, strlen(text), error, sizeof error) != 0)
        fail_msg("%s", error);
    return open_bench(profile, seed);
}

static inline void close_bench(struct bench *b)
{
    struct ear_link_counts c;
    for (int end = 0; end < 2; end++) {
        ear_link_get_counts(b->link, end, &c);
        if (ear_link_next_us(b->link) == INT64_MAX)
            assert_int_equal(c.sent + c.duplicated, c.lost + c.overflowed + c.delivered);
    }
    ear_link_free(b->link);
    ear_profile_free(b->profile);
    free(b);
}

static inline void send_number(struct bench *b, int end, int number, size_t len)
{
    uint8_t bytes[EAR_DATAGRAM_MAX] = {0};
    struct ear_datagrams d = ear_link_end(b->link, end);
    struct ear_address to = ear_link_address(!end);
    memcpy(bytes, &number, sizeof number);
    assert_int_equal(d.send(d.ctx, &to, bytes, len), 0);
}

static inline void receive_all(struct bench *b, int end)
{
    uint8_t bytes[EAR_DATAGRAM_MAX];
    struct ear_address from, other = ear_link_address(!end);
    struct ear_datagrams d = ear_link_end(b->link, end);
    static int last;
    for (int len; (len = d.receive(d.ctx, &from, bytes, sizeof bytes)) >= 0;) {
        int number;
        assert_true(len >= (int)sizeof number);
        memcpy(&number, bytes, sizeof number);
        assert_true(ear_address_equal(&from, &other));
        if (b->arrived_us[number] != NEVER) {
            b->second_us[number] = b->time.now_us;
            continue;
        }
        b->arrived_us[number] = b->time.now_us;
        b->overtaken += b->arrived++ > 0 && number < last;
        last = number;
    }
}

/* Sends count datagrams of len bytes from end, one every interval_us, and waits for the last. */
static inline void run(struct bench *b, int end, int64_t interval_us, size_t len, int count)
{
    int64_t send_us = b->time.now_us;
    assert_true(b->sent + count <= ROOM);
    for (int left = count; left > 0 || ear_link_next_us(b->link) != INT64_MAX;) {
        int64_t next_us = ear_link_next_us(b->link);
        if (left > 0 && send_us < next_us) {
            b->time.now_us = send_us;
            b->sent_us[b->sent] = send_us;
            b->arrived_us[b->sent] = b->second_us[b->sent] = NEVER;
            send_number(b, end, b->sent++, len);
            send_us += interval_us;
            left--;
        } else {
            b->time.now_us = next_us;
        }
        receive_all(b, !end);
    }
}

static inline bool is_lost(const struct bench *b, int i)
{
    return b->arrived_us[i] == NEVER;
}

static inline int64_t delay_us(const struct bench *b, int i)
{
    return b->arrived_us[i] - b->sent_us[i];
}

static inline double loss(const struct bench *b)
{
    return 1 - (double)b->arrived / b->sent;
}

static inline void near_to(const char *what, double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%s is %g, expected %g +- %g (seed %d)", what, value, expected, within, SEED);
}

#endif
