/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembers key agreements for fuzz targets, linked with --wrap: what costs 0.1 ms the first time
 * costs nothing when the same keys meet again, and a fuzzer tries the same keys for hours. */
#include <string.h>

#include "fuzz/memo.h"

#define PLACES 4096 /* one for each hash; the newest stays */
#define HASH_PRIME 2654435761u

struct agreement {
    uint8_t secret[EAR_KEY_BYTES], public[EAR_KEY_BYTES], result[EAR_KEY_BYTES];
    bool held, fine;
};

static struct agreement agreements[PLACES];
/* The same for the base point, whose public key is left zero. */
static struct agreement publics[PLACES];

static const uint8_t base_point[EAR_KEY_BYTES];

static struct agreement *place(struct agreement *table, const uint8_t *secret,
                               const uint8_t *public)
{
    uint32_t hash = 0, word;
    for (size_t i = 0; i < EAR_KEY_BYTES; i += sizeof word) {
        memcpy(&word, secret + i, sizeof word);
        hash = (hash ^ word) * HASH_PRIME;
        memcpy(&word, public + i, sizeof word);
        hash = (hash ^ word) * HASH_PRIME;
    }
    return &table[(hash >> 16 ^ hash) % PLACES];
}

static bool holds(const struct agreement *a, const uint8_t *secret, const uint8_t *public)
{
    return a->held && memcmp(a->secret, secret, EAR_KEY_BYTES) == 0 &&
           memcmp(a->public, public, EAR_KEY_BYTES) == 0;
}

static void begin(struct agreement *a, const uint8_t *secret, const uint8_t *public)
{
    memcpy(a->secret, secret, EAR_KEY_BYTES);
    memcpy(a->public, public, EAR_KEY_BYTES);
    a->held = true;
}

bool __wrap_ear_sodium_dh(const uint8_t secret[static EAR_KEY_BYTES],
                          const uint8_t public[static EAR_KEY_BYTES],
                          uint8_t ret_shared[static EAR_KEY_BYTES])
{
    struct agreement *a = place(agreements, secret, public);
    if (!holds(a, secret, public)) {
        begin(a, secret, public);
        a->fine = __real_ear_sodium_dh(secret, public, a->result);
    }
    if (a->fine)
        memcpy(ret_shared, a->result, EAR_KEY_BYTES);
    return a->fine;
}

void __wrap_ear_sodium_public(const uint8_t secret[static EAR_KEY_BYTES],
                              uint8_t ret_public[static EAR_KEY_BYTES])
{
    struct agreement *a = place(publics, secret, base_point);
    if (!holds(a, secret, base_point)) {
        begin(a, secret, base_point);
        __real_ear_sodium_public(secret, a->result);
    }
    memcpy(ret_public, a->result, EAR_KEY_BYTES);
}
