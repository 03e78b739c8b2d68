/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much one address, and all of them together, may ask of the relay. */
#ifndef EAR_RELAY_LIMITS_H
#define EAR_RELAY_LIMITS_H

#include "relay/address.h"

/* A token bucket. Time goes in and never back. */
struct ear_quota {
    int64_t per_minute; /* 1 to 2^40 */
    int64_t burst;      /* 1 to 2^32 */
};

struct ear_bucket {
    int64_t spent; /* in units of 1/60,000,000: what has not yet flowed back */
    int64_t at_us;
};

/* Whether there is room for amount, which is then spent. All zero is a bucket unused. Pure. */
EAR_CHECK bool ear_bucket_take(struct ear_bucket *bucket, const struct ear_quota *quota,
                               int64_t now_us, int64_t amount);

/* What is limited. */
enum ear_limit {
    EAR_LIMIT_CHALLENGES, /* answers to addresses not yet proved */
    EAR_LIMIT_PROOFS,     /* each costs the relay a key agreement */
    EAR_LIMIT_BINDINGS,   /* new ones */
    EAR_LIMIT_DATAGRAMS,  /* forwarded */
    EAR_LIMIT_BITS,       /* forwarded, IP and UDP headers included */
};
#define EAR_LIMIT_COUNT (EAR_LIMIT_BITS + 1)

struct ear_limits_config {
    struct ear_quota address[EAR_LIMIT_COUNT];
    struct ear_quota total[EAR_LIMIT_COUNT];
    uint32_t networks; /* how many addresses are remembered, at most 2^24 */
    uint8_t key[EAR_SIPHASH_KEY_BYTES];
};

enum ear_limits_verdict {
    EAR_LIMITS_GRANTED,
    EAR_LIMITS_ADDRESS, /* this address asks too much */
    EAR_LIMITS_TOTAL,   /* all together do */
};

/* A table of one size; thread: its owner's. */
struct ear_limits;
#define EAR_LIMITS_NOWHERE UINT32_MAX

EAR_CHECK int ear_limits_new(struct ear_limits **ret, const struct ear_limits_config *config);
void ear_limits_free(struct ear_limits *limits);

/* Where this address is counted: good until the next call, or as long as it holds something. An
 * address not seen lately takes the oldest place that holds nothing; EAR_LIMITS_NOWHERE when there
 * is none within reach. */
uint32_t ear_limits_find(struct ear_limits *limits, const struct ear_relay_address *address,
                         int64_t now_us);
enum ear_limits_verdict ear_limits_take(struct ear_limits *limits, uint32_t where,
                                        enum ear_limit what, int64_t now_us, int64_t amount);

/* Places in bindings that an address holds: it is not forgotten while it holds any. */
void ear_limits_hold(struct ear_limits *limits, uint32_t where);
void ear_limits_release(struct ear_limits *limits, uint32_t where);
uint32_t ear_limits_held(const struct ear_limits *limits, uint32_t where);

#endif
