/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the media thread, which resamples, through a ring to the callback. */
#include "port/cardspeaker.h"

#include <string.h>

/* What a late media thread may cost before there is a gap. It grows with each gap, and shrinks
 * after 5 minutes without one: delay is bounded and does not creep. */
#define MARGIN_LEAST_US 10000.0
#define MARGIN_MOST_US 80000.0
#define MARGIN_UP_US 10000.0
#define MARGIN_DOWN_US 5000.0
#define MARGIN_CALM_US (300 * (int64_t)EAR_US_PER_S)
/* Gaps nearer together than this are one. */
#define MARGIN_AGAIN_US 250000
#define MIX_FRAMES 256
#define MADE_SAMPLES 512

int ear_cardspeaker_init(struct ear_cardspeaker *s, uint32_t card_hz, int64_t now_us,
                         struct ear_cardline_counts *counts)
{
    memset(s, 0, sizeof *s);
    atomic_init(&s->fed, false);
    s->margin_us = MARGIN_LEAST_US;
    s->gaps = atomic_load(&counts->gaps);
    return ear_cardline_init(&s->line, card_hz, true, now_us, counts);
}

void ear_cardspeaker_fini(struct ear_cardspeaker *s)
{
    ear_cardline_fini(&s->line);
}

EAR_RT static size_t take_spread(struct ear_ring *ring, int16_t *out, int channels, size_t frames)
{
    int16_t mono[MIX_FRAMES];
    size_t done = 0, count;
    do {
        size_t most = frames - done < MIX_FRAMES ? frames - done : MIX_FRAMES;
        count = ear_ring_take(ring, mono, most);
        for (size_t i = 0; i < count; i++)
            for (int c = 0; c < channels; c++)
                *out++ = mono[i];
        done += count;
    } while (count == MIX_FRAMES);
    return done;
}

EAR_RT void ear_cardspeaker_play(struct ear_cardspeaker *s, const struct ear_cardline_block *block)
{
    struct ear_cardline *l = &s->line;
    size_t frames = block->frames;
    memset(block->sound, 0, frames * (size_t)block->channels * sizeof block->sound[0]);
    size_t got = block->channels == 1
                     ? ear_ring_take(&l->samples, block->sound, frames)
                     : take_spread(&l->samples, block->sound, block->channels, frames);
    if (got < frames && atomic_load_explicit(&s->fed, memory_order_relaxed))
        atomic_fetch_add_explicit(&l->counts->gaps, 1, memory_order_relaxed);
    l->idle += (int64_t)(frames - got);
    ear_cardline_tell(l, block, l->frames);
    l->frames += (int64_t)frames;
}

static void adapt_margin(struct ear_cardspeaker *s, int64_t now_us)
{
    int64_t gaps = atomic_load_explicit(&s->line.counts->gaps, memory_order_relaxed);
    if (gaps != s->gaps) {
        s->gaps = gaps;
        s->calm_us = now_us;
        if (now_us - s->raised_us > MARGIN_AGAIN_US && s->margin_us < MARGIN_MOST_US) {
            s->margin_us += MARGIN_UP_US;
            s->raised_us = now_us;
        }
    } else if (now_us - s->calm_us > MARGIN_CALM_US && s->margin_us > MARGIN_LEAST_US) {
        s->margin_us -= MARGIN_DOWN_US;
        s->calm_us = now_us;
    }
}

/* The card's number of the frame that is put into the ring next. */
static double next_frame(const struct ear_cardspeaker *s)
{
    return (double)(s->line.moved + s->line.mark.idle);
}

static bool is_low(const struct ear_cardspeaker *s)
{
    const struct ear_cardline *l = &s->line;
    double margin = s->margin_us * ear_cardline_hz(l) / EAR_US_PER_S;
    return (double)ear_ring_level(&l->samples) < ear_cardline_burst(l) + margin;
}

int ear_cardspeaker_wants(struct ear_cardspeaker *s, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_cardline *l = &s->line;
    ear_cardline_follow(l);
    if (l->mark.time_us == 0)
        return 0;
    adapt_margin(s, now_us);
    if (!is_low(s))
        return 0;
    double lag_us =
        (double)ear_resampler_latency(l->resampler) * ((double)EAR_US_PER_S / EAR_RATE_HZ);
    double heard_us = ear_drift_time_us(&l->drift, next_frame(s)) + lag_us + l->latency_us;
    *ret_heard_us = ear_max64(now_us, (int64_t)heard_us);
    atomic_store_explicit(&l->counts->late_us, (int32_t)(*ret_heard_us - now_us),
                          memory_order_relaxed);
    return 1;
}

void ear_cardspeaker_write(struct ear_cardspeaker *s, int64_t now_us,
                           const int16_t frame[static EAR_FRAME])
{
    struct ear_cardline *l = &s->line;
    size_t at = 0, made;
    do {
        int16_t out[MADE_SAMPLES];
        size_t used = EAR_FRAME - at;
        made = MADE_SAMPLES;
        ear_resampler_run(l->resampler, frame + at, &used, out, &made);
        at += used;
        l->moved += (int64_t)ear_ring_put(&l->samples, out, made);
    } while (at < EAR_FRAME || made == MADE_SAMPLES);
    (void)ear_cardline_advance(l, now_us, next_frame(s));
    atomic_store_explicit(&s->fed, true, memory_order_relaxed);
}

int64_t ear_cardspeaker_due_us(const struct ear_cardspeaker *s, int64_t now_us)
{
    if (s->line.mark.time_us && is_low(s))
        return now_us;
    return ear_cardline_next_us(&s->line, now_us);
}
