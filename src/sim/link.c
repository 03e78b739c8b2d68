/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bad link between two ends, in real or virtual time. */
#include "sim/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/path.h"

/* On their way in one direction at once: 60 s at 60 small datagrams a second, and some. */
#define POOL 4096

#define STEP_US 100000
#define STEPS 100 /* 10 s */

#define ADDRESS_BYTES 4

struct datagram {
    int64_t arrive_us;
    uint64_t number; /* ties arrive in the order they were sent in */
    uint32_t from_move, to_move;
    uint16_t len;
    uint8_t bytes[EAR_DATAGRAM_MAX];
};

/* Bytes handed in during the last 10 s, in steps of 100 ms. */
struct meter {
    int64_t step;
    int64_t sum;
    int64_t bytes[STEPS];
};

struct direction {
    struct ear_path path;
    struct ear_link_counts counts;
    struct meter meter;
    uint64_t next_number;
    size_t waiting;        /* heap[0] to heap[waiting - 1] are on their way, the rest is free */
    uint16_t heap[POOL];   /* places in pool; the earliest arrival first */
    struct datagram *pool; /* POOL of them */
};

struct end {
    struct ear_link *link;
    int number;
    uint32_t moves;
};

struct ear_link {
    const struct ear_clock *clock;
    bool cut;
    struct end ends[2];
    struct direction from[2]; /* by the end it starts at */
};

static struct ear_address make_address(int end, uint32_t moves)
{
    struct ear_address a = {.len = ADDRESS_BYTES};
    a.bytes[0] = 'L';
    a.bytes[1] = (uint8_t)end;
    a.bytes[2] = (uint8_t)(moves >> 8);
    a.bytes[3] = (uint8_t)moves;
    return a;
}

static bool is_earlier(const struct direction *d, uint16_t a, uint16_t b)
{
    const struct datagram *x = &d->pool[a], *y = &d->pool[b];
    return x->arrive_us != y->arrive_us ? x->arrive_us < y->arrive_us : x->number < y->number;
}

static void swap(struct direction *d, size_t i, size_t j)
{
    uint16_t place = d->heap[i];
    d->heap[i] = d->heap[j];
    d->heap[j] = place;
}

static void sift_up(struct direction *d, size_t i)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!is_earlier(d, d->heap[i], d->heap[parent]))
            return;
        swap(d, i, parent);
        i = parent;
    }
}

static void sift_down(struct direction *d, size_t i)
{
    for (;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < d->waiting; child++) {
            if (is_earlier(d, d->heap[child], d->heap[first]))
                first = child;
        }
        if (first == i)
            return;
        swap(d, i, first);
        i = first;
    }
}

static struct datagram *earliest(const struct direction *d)
{
    return d->waiting > 0 ? &d->pool[d->heap[0]] : NULL;
}

static void remove_earliest(struct direction *d)
{
    swap(d, 0, --d->waiting);
    sift_down(d, 0);
}

static void meter_add(struct meter *m, int64_t now_us, int64_t bytes, int64_t *peak)
{
    int64_t step = now_us / STEP_US;
    if (step - m->step >= STEPS) {
        memset(m->bytes, 0, sizeof m->bytes);
        m->sum = 0;
        m->step = step;
    }
    while (m->step < step) {
        int64_t *oldest = &m->bytes[++m->step % STEPS];
        m->sum -= *oldest;
        *oldest = 0;
    }
    m->bytes[step % STEPS] += bytes;
    m->sum += bytes;
    *peak = ear_max64(*peak, m->sum);
}

static void put_on_way(struct direction *d, const struct datagram *head, int64_t arrive_us,
                       const uint8_t *data)
{
    size_t last = d->waiting;
    if (last >= POOL) {
        d->counts.overflowed++;
        return;
    }
    struct datagram *g = &d->pool[d->heap[last]];
    g->arrive_us = arrive_us;
    g->number = d->next_number++;
    g->from_move = head->from_move;
    g->to_move = head->to_move;
    g->len = head->len;
    memcpy(g->bytes, data, head->len);
    d->waiting = last + 1;
    sift_up(d, last);
}

/* Which of its addresses the other end is called by; -EHOSTUNREACH for none. */
static int find_move(const struct end *other, const struct ear_address *to, uint32_t *ret)
{
    if (to->len != ADDRESS_BYTES)
        return -EHOSTUNREACH;
    uint32_t moves = (uint32_t)to->bytes[2] << 8 | to->bytes[3];
    struct ear_address meant = make_address(other->number, moves);
    if (moves > other->moves || !ear_address_equal(to, &meant))
        return -EHOSTUNREACH;
    *ret = moves;
    return 0;
}

static int link_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    const struct end *end = ctx;
    struct ear_link *link = end->link;
    struct direction *d = &link->from[end->number];
    struct datagram head = {.from_move = end->moves, .len = (uint16_t)len};
    if (len > EAR_DATAGRAM_MAX)
        return -EMSGSIZE;
    int r = find_move(&link->ends[!end->number], to, &head.to_move);
    if (r < 0)
        return r;
    int64_t now_us = ear_clock_now_us(link->clock);
    size_t bytes = len + EAR_DATAGRAM_OVERHEAD;
    d->counts.sent++;
    d->counts.sent_bytes += (int64_t)bytes;
    meter_add(&d->meter, now_us, (int64_t)bytes, &d->counts.peak_bytes_10s);
    struct ear_path_fate fate = {0};
    if (!link->cut)
        fate = ear_path_send(&d->path, now_us, bytes);
    if (fate.overflowed)
        d->counts.overflowed++;
    else if (fate.copies == 0)
        d->counts.lost++;
    else if (fate.copies == 2)
        d->counts.duplicated++;
    for (int i = 0; i < fate.copies; i++)
        put_on_way(d, &head, fate.arrive_us[i], data);
    return 0;
}

static int link_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    const struct end *end = ctx;
    struct ear_link *link = end->link;
    struct direction *d = &link->from[!end->number];
    int64_t now_us = ear_clock_now_us(link->clock);
    for (const struct datagram *g; (g = earliest(d)) != NULL && g->arrive_us <= now_us;) {
        remove_earliest(d);
        if (g->len > cap || g->to_move != end->moves) {
            d->counts.lost++;
            continue;
        }
        if (g->len > 0)
            memcpy(data, g->bytes, g->len);
        *ret_from = make_address(!end->number, g->from_move);
        d->counts.delivered++;
        d->counts.delivered_bytes += g->len + EAR_DATAGRAM_OVERHEAD;
        return g->len;
    }
    return -EAGAIN;
}

int ear_link_new(struct ear_link **ret, const struct ear_profile *profile,
                 const struct ear_clock *clock, uint64_t seed)
{
    if (!profile || !clock)
        return -EINVAL;
    struct ear_link *link = calloc(1, sizeof *link);
    if (!link)
        return -ENOMEM;
    link->clock = clock;
    for (int end = 0; end < 2; end++) {
        struct direction *d = &link->from[end];
        link->ends[end] = (struct end){.link = link, .number = end};
        ear_path_init(&d->path, ear_profile_effects(profile, end), ear_clock_now_us(clock), seed,
                      end);
        d->pool = calloc(POOL, sizeof *d->pool);
        for (uint16_t i = 0; i < POOL; i++)
            d->heap[i] = i;
        if (!d->pool) {
            ear_link_free(link);
            return -ENOMEM;
        }
    }
    *ret = link;
    return 0;
}

void ear_link_free(struct ear_link *link)
{
    if (!link)
        return;
    for (int end = 0; end < 2; end++)
        free(link->from[end].pool);
    free(link);
}

struct ear_datagrams ear_link_end(struct ear_link *link, int end)
{
    return (struct ear_datagrams){
        .send = link_send, .receive = link_receive, .ctx = &link->ends[end]};
}

struct ear_address ear_link_address(int end)
{
    return make_address(end, 0);
}

struct ear_address ear_link_move(struct ear_link *link, int end)
{
    return make_address(end, ++link->ends[end].moves);
}

int64_t ear_link_next_us(const struct ear_link *link)
{
    int64_t next_us = INT64_MAX;
    for (int end = 0; end < 2; end++) {
        const struct datagram *g = earliest(&link->from[end]);
        if (g)
            next_us = ear_min64(next_us, g->arrive_us);
    }
    return next_us;
}

void ear_link_cut(struct ear_link *link, bool cut)
{
    link->cut = cut;
}

void ear_link_get_counts(const struct ear_link *link, int end, struct ear_link_counts *ret)
{
    *ret = link->from[end].counts;
}
