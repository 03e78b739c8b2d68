/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Token buckets, one set for each address in a table of fixed size. */
#include "relay/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An address may lie in one of so many neighbouring entries: a search costs that much at the most,
 * whatever addresses come. */
#define WAYS 8
#define ENTRIES_MIN 256
#define ENTRIES_MAX (1u << 24)
#define US_PER_MINUTE (60 * (int64_t)EAR_US_PER_S)

struct entry {
    uint8_t network[EAR_RELAY_IP_BYTES];
    struct ear_bucket buckets[EAR_LIMIT_COUNT];
    int64_t seen_us;
    uint32_t held;
    bool used;
};

struct ear_limits {
    struct ear_limits_config config;
    struct ear_bucket total[EAR_LIMIT_COUNT];
    uint32_t mask; /* of the first of WAYS entries */
    struct entry entries[];
};

/* What flows back in the meantime; never more than had been spent. */
static int64_t spent_now(const struct ear_bucket *bucket, const struct ear_quota *quota,
                         int64_t now_us)
{
    int64_t passed = now_us - bucket->at_us;
    if (passed <= 0)
        return bucket->spent;
    if (passed > bucket->spent / quota->per_minute)
        return 0;
    return bucket->spent - passed * quota->per_minute;
}

static bool has_room(const struct ear_bucket *bucket, const struct ear_quota *quota, int64_t now_us,
                     int64_t amount)
{
    return spent_now(bucket, quota, now_us) <= (quota->burst - amount) * US_PER_MINUTE;
}

static void spend(struct ear_bucket *bucket, const struct ear_quota *quota, int64_t now_us,
                  int64_t amount)
{
    bucket->spent = spent_now(bucket, quota, now_us) + amount * US_PER_MINUTE;
    bucket->at_us = now_us;
}

bool ear_bucket_take(struct ear_bucket *bucket, const struct ear_quota *quota, int64_t now_us,
                     int64_t amount)
{
    assert(quota->per_minute > 0 && amount >= 0);
    if (!has_room(bucket, quota, now_us, amount))
        return false;
    spend(bucket, quota, now_us, amount);
    return true;
}

int ear_limits_new(struct ear_limits **ret, const struct ear_limits_config *config)
{
    uint32_t count = ENTRIES_MIN;
    if (config->networks > ENTRIES_MAX)
        return -EINVAL;
    while (count < config->networks)
        count *= 2;
    struct ear_limits *limits = calloc(1, sizeof *limits + count * sizeof(struct entry));
    if (!limits)
        return -ENOMEM;
    limits->config = *config;
    limits->mask = (count - 1) & ~(uint32_t)(WAYS - 1);
    *ret = limits;
    return 0;
}

void ear_limits_free(struct ear_limits *limits)
{
    free(limits);
}

uint32_t ear_limits_find(struct ear_limits *limits, const struct ear_relay_address *address,
                         int64_t now_us)
{
    uint8_t network[EAR_RELAY_IP_BYTES];
    ear_relay_address_network(address, network);
    uint32_t first =
        (uint32_t)ear_siphash(limits->config.key, network, sizeof network) & limits->mask;
    uint32_t oldest = EAR_LIMITS_NOWHERE;
    for (uint32_t i = first; i < first + WAYS; i++) {
        struct entry *e = &limits->entries[i];
        if (e->used && memcmp(e->network, network, sizeof network) == 0) {
            e->seen_us = now_us;
            return i;
        }
        bool older = oldest == EAR_LIMITS_NOWHERE || !e->used ||
                     (limits->entries[oldest].used && e->seen_us < limits->entries[oldest].seen_us);
        if (e->held == 0 && older)
            oldest = i;
    }
    if (oldest != EAR_LIMITS_NOWHERE) {
        struct entry *e = &limits->entries[oldest];
        *e = (struct entry){.used = true, .seen_us = now_us};
        memcpy(e->network, network, sizeof network);
    }
    return oldest;
}

enum ear_limits_verdict ear_limits_take(struct ear_limits *limits, uint32_t where,
                                        enum ear_limit what, int64_t now_us, int64_t amount)
{
    const struct ear_quota *address = &limits->config.address[what];
    const struct ear_quota *total = &limits->config.total[what];
    struct ear_bucket *bucket = &limits->entries[where].buckets[what];
    if (!has_room(bucket, address, now_us, amount))
        return EAR_LIMITS_ADDRESS;
    if (!has_room(&limits->total[what], total, now_us, amount))
        return EAR_LIMITS_TOTAL;
    spend(bucket, address, now_us, amount);
    spend(&limits->total[what], total, now_us, amount);
    return EAR_LIMITS_GRANTED;
}

void ear_limits_hold(struct ear_limits *limits, uint32_t where)
{
    limits->entries[where].held++;
}

void ear_limits_release(struct ear_limits *limits, uint32_t where)
{
    assert(limits->entries[where].held > 0);
    limits->entries[where].held--;
}

uint32_t ear_limits_held(const struct ear_limits *limits, uint32_t where)
{
    return limits->entries[where].held;
}
