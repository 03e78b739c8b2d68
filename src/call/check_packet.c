/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring packets to bytes and back, and the rate of a train. */
#include "call/check_packet.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert(1 + 4 + 2 + 2 + 2 <= EAR_CHECK_PING_BYTES, "a pong is as long as a ping");
static_assert(EAR_CHECK_BYTES_MAX + EAR_CHECK_FIXED_BYTES < 480 - 10, "ENet does not cut it");

static bool is_zero(struct ear_reader *r)
{
    while (ear_reader_left(r) > 0)
        if (ear_reader_u8(r) != 0)
            return false;
    return true;
}

static void parse_train(struct ear_reader *r, struct ear_check_packet *p)
{
    p->at_100us = ear_reader_u32(r);
    p->train = ear_reader_u8(r);
    p->place = ear_reader_u8(r);
    p->back = ear_reader_u8(r);
    p->bytes = ear_reader_u16(r);
    if (p->train >= EAR_CHECK_TRAINS || p->place >= EAR_CHECK_TRAIN_MAX ||
        p->back > EAR_CHECK_TRAIN_MAX || p->bytes < EAR_CHECK_PING_BYTES ||
        p->bytes > EAR_CHECK_BYTES_MAX || (p->kind == EAR_CHECK_ASK && p->place > 0))
        r->bad = true;
}

int ear_check_packet_parse(const uint8_t *data, size_t len, struct ear_check_packet *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    uint8_t kind = ear_reader_u8(&r);
    if (kind < EAR_CHECK_PING || kind > EAR_CHECK_BUSY || len < EAR_CHECK_PING_BYTES ||
        len > EAR_CHECK_BYTES_MAX)
        return -EBADMSG;
    struct ear_check_packet p = {.kind = (enum ear_check_kind)kind};
    switch (p.kind) {
    case EAR_CHECK_PING:
    case EAR_CHECK_PONG:
        p.at_100us = ear_reader_u32(&r);
        p.number = ear_reader_u16(&r);
        r.bad = r.bad || p.number >= EAR_CHECK_PINGS_MAX;
        if (p.kind == EAR_CHECK_PING)
            break;
        p.first = ear_reader_u16(&r);
        p.received = ear_reader_u16(&r);
        break;
    case EAR_CHECK_OUT:
    case EAR_CHECK_BACK:
    case EAR_CHECK_ASK:
        parse_train(&r, &p);
        break;
    case EAR_CHECK_TOLD:
        p.train = ear_reader_u8(&r);
        p.received = ear_reader_u8(&r);
        p.rate_bps = ear_reader_u32(&r);
        r.bad = r.bad || p.train >= EAR_CHECK_TRAINS;
        break;
    case EAR_CHECK_BUSY:
        break;
    }
    if (r.bad || !is_zero(&r))
        return -EBADMSG;
    *ret = p;
    return 0;
}

void ear_check_packet_build(const struct ear_check_packet *packet, uint8_t *out, size_t len)
{
    assert(len >= EAR_CHECK_PING_BYTES);
    struct ear_writer w = ear_writer_on(out, len);
    memset(out, 0, len);
    ear_writer_u8(&w, (uint8_t)packet->kind);
    switch (packet->kind) {
    case EAR_CHECK_PING:
        ear_writer_u32(&w, packet->at_100us);
        ear_writer_u16(&w, packet->number);
        break;
    case EAR_CHECK_PONG:
        ear_writer_u32(&w, packet->at_100us);
        ear_writer_u16(&w, packet->number);
        ear_writer_u16(&w, packet->first);
        ear_writer_u16(&w, packet->received);
        break;
    case EAR_CHECK_OUT:
    case EAR_CHECK_BACK:
    case EAR_CHECK_ASK:
        ear_writer_u32(&w, packet->at_100us);
        ear_writer_u8(&w, packet->train);
        ear_writer_u8(&w, packet->place);
        ear_writer_u8(&w, packet->back);
        ear_writer_u16(&w, packet->bytes);
        break;
    case EAR_CHECK_TOLD:
        ear_writer_u8(&w, packet->train);
        ear_writer_u8(&w, (uint8_t)packet->received);
        ear_writer_u32(&w, packet->rate_bps);
        break;
    case EAR_CHECK_BUSY:
        break;
    }
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t ear_check_median_us(int64_t *us, int count)
{
    qsort(us, (size_t)count, sizeof us[0], by_time);
    return count > 0 ? us[(count - 1) / 2] : 0;
}

int64_t ear_check_delay_us(const struct ear_check_packet *packet, int64_t now_us)
{
    return (int64_t)(int32_t)((uint32_t)(now_us / 100) - packet->at_100us) * 100;
}

void ear_check_arrivals_add(struct ear_check_arrivals *arrivals,
                            const struct ear_check_packet *packet, size_t len, int64_t now_us)
{
    if (arrivals->count >= EAR_CHECK_TRAIN_MAX)
        return;
    arrivals->bytes = len + EAR_CHECK_FIXED_BYTES;
    arrivals->place[arrivals->count] = packet->place;
    arrivals->delay_us[arrivals->count++] = ear_check_delay_us(packet, now_us);
}

uint32_t ear_check_arrivals_rate_bps(const struct ear_check_arrivals *arrivals, int64_t base_us)
{
    int64_t us_each_kb[EAR_CHECK_TRAIN_MAX];
    int count = 0;
    for (int i = arrivals->count / 2; i < arrivals->count; i++) {
        /* A ping takes the time of its own bytes too. */
        int64_t bytes = (arrivals->place[i] + 1) * (int64_t)arrivals->bytes - EAR_CHECK_PING_BYTES -
                        EAR_CHECK_FIXED_BYTES;
        us_each_kb[count++] = ear_max64(arrivals->delay_us[i] - base_us, 0) * 1000 / bytes;
    }
    if (count == 0)
        return 0;
    int64_t us = ear_max64(ear_check_median_us(us_each_kb, count), 1);
    return (uint32_t)ear_min64(8000 * (int64_t)EAR_US_PER_S / us, UINT32_MAX);
}
