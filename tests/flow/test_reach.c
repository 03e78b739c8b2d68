/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How soon and how surely a call gets through: test_flow_reach [CALLS] */
#include "party.h"

#define LIMIT_US (15 * S)
/* Of 10000 calls all rang at both ends, the slowest after 13.5 s; of 2000 at most two may be late.
 */
#define QUICK_CALLS 2000
#define SHARE 0.999
/* On average, both ends together, with all headers: what the resends cost. */
#define BYTES_MAX 2000

static int64_t phase_us(const struct party *p, int end, enum ear_phase phase)
{
    for (int i = 0; i < p->ends[end].event_count; i++)
        if (p->ends[end].events[i].kind == EAR_EVENT_PHASE && p->ends[end].events[i].phase == phase)
            return p->ends[end].event_us[i];
    return INT64_MAX;
}

/* The callee's INCOMING needs the caller's RING, which is sent once the caller is connected, and
 * takes half a round trip. */
static void connected_in_one_round_trip(void **state)
{
    (void)state;
    struct party *p = party_open(&(struct party_options){.count = 2, .seed = SEED});
    p->hub.delay_us = 500 * MS;
    int64_t dialled = p->time.now_us;
    party_dial(p, 0, 1);
    party_run(p, 5 * S);
    int64_t incoming = phase_us(p, 1, EAR_PHASE_INCOMING) - dialled;
    int64_t ringing = phase_us(p, 0, EAR_PHASE_RINGING) - dialled;
    printf("caller_connected_at_1_s_rtt: %lld ms\n", (long long)(incoming / MS - 500));
    printf("caller_hears_it_ring_at_1_s_rtt: %lld ms\n", (long long)(ringing / MS));
    assert_at_most(incoming, 1600 * MS);
    assert_at_most(ringing, 2200 * MS);
    party_close(p);
}

struct reach {
    int calls, incoming, ringing;
    int64_t slowest_us, bytes;
};

static void tap(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    struct reach *r = ctx;
    (void)from;
    (void)to;
    (void)data;
    r->bytes += (int64_t)len + EAR_DATAGRAM_OVERHEAD;
}

static void call_once(struct reach *r, uint64_t seed)
{
    struct party *p = party_open(&(struct party_options){.count = 2, .seed = seed});
    p->hub.delay_us = 500 * MS;
    p->hub.loss = 0.3;
    p->hub.tap = tap;
    p->hub.ctx = r;
    int64_t dialled = p->time.now_us;
    party_dial(p, 0, 1);
    while (p->time.now_us < dialled + LIMIT_US && party_phase(p, 0) != EAR_PHASE_RINGING)
        party_run(p, 100 * MS);
    int64_t incoming = phase_us(p, 1, EAR_PHASE_INCOMING) - dialled;
    int64_t ringing = phase_us(p, 0, EAR_PHASE_RINGING) - dialled;
    r->calls++;
    r->incoming += incoming <= LIMIT_US;
    r->ringing += ringing <= LIMIT_US;
    if (ringing <= LIMIT_US)
        r->slowest_us = ear_max64(r->slowest_us, ringing);
    party_close(p);
}

static void calls_get_through(void **state)
{
    int calls = *(int *)*state;
    struct reach r = {0};
    for (int i = 0; i < calls; i++)
        call_once(&r, SEED + (uint64_t)i);
    printf("calls_that_ring_there: %d of %d\ncalls_that_ring_here: %d of %d\n"
           "slowest_that_rings_here: %lld ms\nbytes_until_it_rings_here: %lld\n",
           r.incoming, r.calls, r.ringing, r.calls, (long long)(r.slowest_us / MS),
           (long long)(r.bytes / r.calls));
    assert_at_least(r.incoming, SHARE * calls);
    assert_at_least(r.ringing, SHARE * calls);
    assert_at_most(r.bytes, (int64_t)BYTES_MAX * calls);
}

int main(int argc, char **argv)
{
    int calls = argc > 1 ? atoi(argv[1]) : QUICK_CALLS;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connected_in_one_round_trip),
        cmocka_unit_test_prestate(calls_get_through, &calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
