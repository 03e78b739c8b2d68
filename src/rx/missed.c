/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of packets in the order of their index, over a pool of bytes; what of it is still to be
 * heard moves to a second one when there is no more room. */
#include "rx/missed.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"

#define KEPT_S 180
#define KEPT_BPS 32000
#define POOL_BYTES (KEPT_S * KEPT_BPS / 8)
#define PACKETS_MAX (KEPT_S * 1000 / EAR_UNIT_MS)
/* Live speech is 12 dB softer while what was missed is heard: both can be told apart. */
#define LIVE_GAIN 0.25f
/* A line that brings it more slowly than it is heard interrupts it this seldom at least. */
#define RESUME_S 2
/* So long nothing has come: what is there is heard without the rest. Where nothing is there,
 * another outage may have come in between, and is caught up first. */
#define PATIENCE_S 10
#define PATIENCE_BARE_S 60
#define FRAMES(s) ((s)*EAR_RATE_HZ / EAR_FRAME)

struct packet {
    int64_t index;
    int units;
    uint32_t at; /* in the pool */
    uint16_t len;
};

struct ear_missed {
    struct ear_codec *codec; /* borrowed */
    struct packet packet[PACKETS_MAX];
    size_t count, next; /* those before next were heard */
    size_t used;        /* of the pool */
    int pool;           /* that is in use */
    bool plays, waits;  /* waits: for more, before it goes on */
    int64_t awaited;
    int waited; /* frames since something came */
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    size_t pcm_at, pcm_end;
    uint8_t pools[2][POOL_BYTES]; /* the last member: all zero but for what is used */
};

int ear_missed_new(struct ear_missed **ret, struct ear_codec *codec)
{
    struct ear_missed *missed = calloc(1, sizeof *missed);
    if (!missed)
        return -ENOMEM;
    missed->codec = codec;
    missed->awaited = INT64_MAX;
    *ret = missed;
    return 0;
}

void ear_missed_free(struct ear_missed *missed)
{
    if (!missed)
        return;
    ear_missed_wipe(missed);
    free(missed);
}

void ear_missed_wipe(struct ear_missed *missed)
{
    struct ear_codec *codec = missed->codec;
    ear_sodium_wipe(missed->pools[missed->pool], missed->used);
    ear_sodium_wipe(missed, offsetof(struct ear_missed, pools));
    missed->codec = codec;
    missed->awaited = INT64_MAX;
}

static bool has_room(const struct ear_missed *missed, size_t len)
{
    return missed->count < PACKETS_MAX && missed->used + len <= POOL_BYTES;
}

/* What was heard makes room. */
static void forget_heard(struct ear_missed *missed)
{
    uint8_t *from = missed->pools[missed->pool], *to = missed->pools[!missed->pool];
    size_t used = 0;
    missed->count -= missed->next;
    memmove(missed->packet, missed->packet + missed->next,
            missed->count * sizeof missed->packet[0]);
    for (size_t i = 0; i < missed->count; i++) {
        struct packet *packet = &missed->packet[i];
        memcpy(to + used, from + packet->at, packet->len);
        packet->at = (uint32_t)used;
        used += packet->len;
    }
    ear_sodium_wipe(from, missed->used);
    missed->next = 0;
    missed->used = used;
    missed->pool = !missed->pool;
}

int ear_missed_put(struct ear_missed *missed, int64_t index, int units, const uint8_t *data,
                   size_t len)
{
    if (!has_room(missed, len) && missed->next > 0)
        forget_heard(missed);
    size_t at = missed->count;
    while (at > missed->next && missed->packet[at - 1].index > index)
        at--;
    const struct packet *before = at > missed->next ? &missed->packet[at - 1] : NULL;
    const struct packet *after = at < missed->count ? &missed->packet[at] : NULL;
    if ((before && before->index + before->units > index) ||
        (after && index + units > after->index))
        return -EEXIST;
    if (!has_room(missed, len))
        return -ENOBUFS;
    memmove(missed->packet + at + 1, missed->packet + at,
            (missed->count - at) * sizeof missed->packet[0]);
    missed->packet[at] = (struct packet){
        .index = index, .units = units, .at = (uint32_t)missed->used, .len = (uint16_t)len};
    memcpy(missed->pools[missed->pool] + missed->used, data, len);
    missed->used += len;
    missed->count++;
    missed->waited = 0;
    return 0;
}

int64_t ear_missed_us(const struct ear_missed *missed)
{
    int64_t us = ear_samples_us((int64_t)(missed->pcm_end - missed->pcm_at));
    for (size_t i = missed->next; i < missed->count; i++)
        us += missed->packet[i].units * (int64_t)EAR_UNIT_US;
    return us;
}

void ear_missed_play(struct ear_missed *missed, bool on)
{
    missed->plays = on && missed->codec && ear_missed_us(missed) > 0;
    missed->waits = true;
    missed->waited = 0;
}

void ear_missed_await(struct ear_missed *missed, int64_t index)
{
    missed->awaited = index;
}

bool ear_missed_plays(const struct ear_missed *missed)
{
    return missed->plays;
}

/* All was heard: the pool is empty again. */
static void finish(struct ear_missed *missed)
{
    ear_sodium_wipe(missed->pools[missed->pool], missed->used);
    missed->used = missed->count = missed->next = 0;
    missed->plays = false;
}

/* What can be heard before the first unit that is not there. */
static int64_t ready_units(const struct ear_missed *missed)
{
    int64_t units = 0;
    for (size_t i = missed->next; i < missed->count; i++) {
        if (missed->packet[i].index > missed->awaited)
            break;
        units += missed->packet[i].units;
    }
    return units;
}

/* Whether the next packet is heard only when more has come. */
static bool waits(struct ear_missed *missed)
{
    bool bare = missed->next == missed->count;
    if (missed->awaited == INT64_MAX ||
        missed->waited > FRAMES(bare ? PATIENCE_BARE_S : PATIENCE_S))
        return false;
    int64_t units = ready_units(missed);
    missed->waits = units == 0 || (missed->waits && units < RESUME_S * 1000 / EAR_UNIT_MS);
    return missed->waits;
}

static bool decode_next(struct ear_missed *missed)
{
    while (missed->next < missed->count) {
        const struct packet *packet = &missed->packet[missed->next++];
        const uint8_t *data = missed->pools[missed->pool] + packet->at;
        int n = missed->codec->decode(missed->codec->ctx, data, packet->len, missed->pcm,
                                      EAR_PACKET_SAMPLES_MAX);
        if (n <= 0)
            continue;
        missed->pcm_at = 0;
        missed->pcm_end = (size_t)n;
        return true;
    }
    return false;
}

static int16_t mix(int16_t live, int16_t missed)
{
    float sum = (float)live * LIVE_GAIN + (float)missed;
    return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

void ear_missed_mix(struct ear_missed *missed, int16_t frame[static EAR_FRAME])
{
    for (size_t i = 0; i < EAR_FRAME && missed->plays; i++) {
        if (missed->pcm_at == missed->pcm_end && waits(missed)) {
            missed->waited++;
            return;
        }
        if (missed->pcm_at == missed->pcm_end && !decode_next(missed)) {
            finish(missed);
            return;
        }
        frame[i] = mix(frame[i], missed->pcm[missed->pcm_at++]);
    }
}
