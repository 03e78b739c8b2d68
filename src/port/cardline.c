/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The media thread's view of a sound card, drawn from the traces that its callbacks leave. */
#include "port/cardline.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* 1.4 s at 48 kHz, 0.3 s at 192 kHz. */
#define SAMPLES 65536
/* 2.5 s of callbacks of 5 ms. Lost marks do no harm: they count from the beginning. */
#define MARKS 512

/* The card's own figure jumps by its period; one step of this many moves the smooth one. */
#define LATENCY_STEPS 64
/* Callbacks of one wake-up lie closer together than this, those of two never do. */
#define BURST_GAP_US 2000
#define BURST_TURN_US 5000000
/* A card that stood still may then ask for seconds at once: nobody holds as much ready. */
#define BURSTS_PER_S 5
/* A late block is looked for this often: 1 ms took 2 % of a core more in an Echo call, as caches
 * are cold at each of 800 wakes a second. */
#define POLL_US 4000

static int new_resampler(struct ear_resampler **ret, uint32_t card_hz, bool plays)
{
    return plays ? ear_resampler_new(ret, EAR_RATE_HZ, card_hz)
                 : ear_resampler_new(ret, card_hz, EAR_RATE_HZ);
}

int ear_cardline_init(struct ear_cardline *l, uint32_t card_hz, bool plays, int64_t now_us,
                      struct ear_cardline_counts *counts)
{
    memset(l, 0, sizeof *l);
    l->counts = counts;
    l->plays = plays;
    l->origin_us = NAN;
    atomic_init(&l->called_us, now_us);
    ear_drift_init(&l->drift, card_hz);
    atomic_init(&l->offered, NULL);
    atomic_init(&l->retired, NULL);
    int rc = ear_ring_init(&l->samples, sizeof(int16_t), SAMPLES);
    if (rc == 0)
        rc = ear_ring_init(&l->marks, sizeof(struct ear_cardline_mark), MARKS);
    if (rc == 0)
        rc = new_resampler(&l->resampler, card_hz, plays);
    if (rc)
        ear_cardline_fini(l);
    return rc;
}

void ear_cardline_fini(struct ear_cardline *l)
{
    ear_ring_fini(&l->samples);
    ear_ring_fini(&l->marks);
    ear_resampler_free(l->resampler);
    ear_resampler_free(atomic_load(&l->offered));
    ear_resampler_free(atomic_load(&l->retired));
    memset(l, 0, sizeof *l);
}

void ear_cardline_tend(struct ear_cardline *l)
{
    ear_resampler_free(atomic_exchange(&l->retired, NULL));
    uint32_t hz = atomic_exchange(&l->true_hz, 0);
    struct ear_resampler *r;
    if (hz && !atomic_load(&l->offered) && new_resampler(&r, hz, l->plays) == 0)
        atomic_store(&l->offered, r);
}

EAR_RT void ear_cardline_tell(struct ear_cardline *l, const struct ear_cardline_block *block,
                              int64_t frames)
{
    struct ear_cardline_mark mark = {.frames = frames,
                                     .idle = l->idle,
                                     .time_us = block->now_us,
                                     .latency_us = (int32_t)block->latency_us,
                                     .block = (int32_t)block->frames,
                                     .broken = block->broken};
    (void)ear_ring_put(&l->marks, &mark, 1);
    if (block->broken)
        atomic_fetch_add_explicit(&l->counts->breaks, 1, memory_order_relaxed);
    atomic_store_explicit(&l->called_us, block->now_us, memory_order_release);
}

static void note_burst(struct ear_cardline *l, const struct ear_cardline_mark *mark)
{
    if (mark->time_us - l->burst_us > BURST_GAP_US)
        l->burst = 0;
    l->burst_us = mark->time_us;
    l->burst += mark->block;
    if (mark->time_us - l->burst_turn_us > BURST_TURN_US) {
        l->burst_turn_us = mark->time_us;
        l->burst_most[1] = l->burst_most[0];
        l->burst_most[0] = 0;
    }
    if (l->burst > l->burst_most[0])
        l->burst_most[0] = l->burst;
}

uint32_t ear_cardline_hz(const struct ear_cardline *l)
{
    return l->plays ? ear_resampler_to_hz(l->resampler) : ear_resampler_from_hz(l->resampler);
}

static void swap_resampler(struct ear_cardline *l)
{
    if (atomic_load(&l->retired))
        return;
    struct ear_resampler *r = atomic_exchange(&l->offered, NULL);
    if (!r)
        return;
    atomic_store(&l->retired, l->resampler);
    l->resampler = r;
    ear_drift_init(&l->drift, ear_cardline_hz(l));
    l->mark.time_us = 0;
    l->origin_us = NAN;
}

void ear_cardline_follow(struct ear_cardline *l)
{
    struct ear_cardline_mark mark;
    if (atomic_load_explicit(&l->offered, memory_order_relaxed))
        swap_resampler(l);
    while (ear_ring_take(&l->marks, &mark, 1) == 1) {
        int64_t relocks = l->drift.relocks;
        if (mark.broken)
            ear_drift_break(&l->drift);
        ear_drift_mark(&l->drift, mark.frames, mark.time_us);
        bool fresh = l->mark.time_us == 0 || l->drift.relocks != relocks;
        double step = (mark.latency_us - l->latency_us) / LATENCY_STEPS;
        l->latency_us = fresh ? mark.latency_us : l->latency_us + step;
        note_burst(l, &mark);
        l->mark = mark;
    }
}

double ear_cardline_advance(struct ear_cardline *l, int64_t now_us, double card_frame)
{
    double at_us = ear_drift_time_us(&l->drift, card_frame), ppm;
    l->converted++;
    /* The card stood still or sound was lost: the count begins anew behind the gap. */
    if (isnan(l->origin_us) || l->origin_relocks != l->drift.relocks ||
        l->origin_idle != l->mark.idle) {
        l->origin_us = at_us;
        l->origin_relocks = l->drift.relocks;
        l->origin_idle = l->mark.idle;
        l->converted = 0;
    }
    double late_us = at_us - l->origin_us - (double)(l->converted * EAR_FRAME_US);
    if (ear_drift_steer(&l->drift, now_us, late_us, &ppm)) {
        ear_resampler_steer(l->resampler, l->plays ? -ppm : ppm);
        atomic_store_explicit(&l->counts->ppb, (int32_t)(ear_drift_ppm(&l->drift) * 1000),
                              memory_order_relaxed);
    }
    uint32_t true_hz = ear_drift_true_hz(&l->drift);
    if (true_hz)
        atomic_store_explicit(&l->true_hz, true_hz, memory_order_relaxed);
    return at_us;
}

int ear_cardline_burst(const struct ear_cardline *l)
{
    int most = l->burst_most[0] > l->burst_most[1] ? l->burst_most[0] : l->burst_most[1];
    int limit = (int)(ear_cardline_hz(l) / BURSTS_PER_S);
    return most < limit ? most : limit;
}

int64_t ear_cardline_next_us(const struct ear_cardline *l, int64_t now_us)
{
    int64_t block_us = (int64_t)l->mark.block * EAR_US_PER_S / ear_cardline_hz(l);
    return ear_max64(now_us + POLL_US, l->mark.time_us + block_us);
}
