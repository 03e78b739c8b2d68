/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the callback through a ring to the media thread, which resamples. */
#include "port/cardmic.h"

#include <math.h>
#include <string.h>

/* When the media thread was kept for longer than this, what has gathered is too old to be sent. */
#define STALE_US 250000
#define MIX_FRAMES 256

int ear_cardmic_init(struct ear_cardmic *m, uint32_t card_hz, int64_t now_us,
                     struct ear_cardline_counts *counts)
{
    memset(m, 0, sizeof *m);
    return ear_cardline_init(&m->line, card_hz, false, now_us, counts);
}

void ear_cardmic_fini(struct ear_cardmic *m)
{
    ear_cardline_fini(&m->line);
}

EAR_RT static void put_mixed(struct ear_ring *ring, const int16_t *in, int channels, size_t frames)
{
    int16_t mono[MIX_FRAMES];
    while (frames > 0) {
        size_t count = frames < MIX_FRAMES ? frames : MIX_FRAMES;
        for (size_t i = 0; i < count; i++) {
            int sum = 0;
            for (int c = 0; c < channels; c++)
                sum += *in++;
            mono[i] = (int16_t)(sum / channels);
        }
        (void)ear_ring_put(ring, mono, count);
        frames -= count;
    }
}

EAR_RT void ear_cardmic_hear(struct ear_cardmic *m, const struct ear_cardline_block *block)
{
    struct ear_cardline *l = &m->line;
    size_t frames = block->frames;
    bool room = ear_ring_room(&l->samples) >= frames;
    if (room && block->channels == 1)
        (void)ear_ring_put(&l->samples, block->sound, frames);
    else if (room)
        put_mixed(&l->samples, block->sound, block->channels, frames);
    else
        atomic_fetch_add_explicit(&l->counts->gaps, 1, memory_order_relaxed);
    l->frames += (int64_t)frames;
    l->idle += room ? 0 : (int64_t)frames;
    ear_cardline_tell(l, block, l->frames);
}

static void drop_stale(struct ear_cardmic *m)
{
    struct ear_cardline *l = &m->line;
    int64_t level = (int64_t)ear_ring_level(&l->samples);
    if (level * EAR_US_PER_S / ear_cardline_hz(l) < STALE_US)
        return;
    l->moved += (int64_t)ear_ring_take(&l->samples, NULL, (size_t)level);
    m->pending_at = m->pending_count = 0;
    m->filled = 0;
    l->origin_us = NAN;
}

/* Converts until the frame is full or the ring empty. */
static bool fill_frame(struct ear_cardmic *m)
{
    struct ear_cardline *l = &m->line;
    while (m->filled < EAR_FRAME) {
        if (m->pending_at == m->pending_count) {
            m->pending_at = 0;
            m->pending_count = ear_ring_take(&l->samples, m->pending, EAR_CARDMIC_PENDING);
            l->moved += (int64_t)m->pending_count;
            if (m->pending_count == 0)
                return false;
        }
        size_t used = m->pending_count - m->pending_at, made = EAR_FRAME - m->filled;
        ear_resampler_run(l->resampler, m->pending + m->pending_at, &used, m->frame + m->filled,
                          &made);
        m->pending_at += used;
        m->filled += made;
    }
    return true;
}

int ear_cardmic_read(struct ear_cardmic *m, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    struct ear_cardline *l = &m->line;
    ear_cardline_follow(l);
    drop_stale(m);
    if (!fill_frame(m) || l->mark.time_us == 0)
        return 0;
    memcpy(frame, m->frame, sizeof m->frame);
    m->filled = 0;
    int64_t left = (int64_t)(m->pending_count - m->pending_at);
    int64_t at = l->moved - left + l->mark.idle - ear_resampler_latency(l->resampler);
    double end_us = ear_cardline_advance(l, now_us, (double)at) - l->latency_us;
    *ret_end_us = ear_min64(now_us, (int64_t)end_us);
    atomic_store_explicit(&l->counts->late_us, (int32_t)(now_us - *ret_end_us),
                          memory_order_relaxed);
    return 1;
}

int64_t ear_cardmic_due_us(const struct ear_cardmic *m, int64_t now_us)
{
    const struct ear_cardline *l = &m->line;
    uint32_t hz = ear_cardline_hz(l);
    size_t there = ear_ring_level(&l->samples) + m->pending_count - m->pending_at;
    size_t wanted = (EAR_FRAME - m->filled) * (size_t)hz / EAR_RATE_HZ;
    return there > wanted ? now_us : ear_cardline_next_us(l, now_us);
}
