/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thirty digits from public keys. */
#include "store/safety_number.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define GROUPS 6
#define GROUP_LIMIT 100000u
#define ROUNDS (1 << 18)
#define LABEL_PAIR "Earshot safety number 1"
#define LABEL_ONE "Earshot fingerprint 1"

static_assert(sizeof(struct ear_public_keys) == EAR_KEY_BYTES + EAR_SIGN_PUBLIC_BYTES,
              "keys are hashed as they lie");
static_assert(GROUPS * 8 <= EAR_HASH_BYTES, "eight bytes a group: no digit is likelier by 2^-47");

static void number(const struct ear_bytes *pieces, size_t count,
                   char ret[static EAR_SAFETY_NUMBER_BYTES])
{
    uint8_t hash[EAR_HASH_BYTES];
    ear_sodium_hash(hash, sizeof hash, NULL, 0, pieces, count);
    const struct ear_bytes again = {hash, sizeof hash};
    for (int i = 0; i < ROUNDS; i++)
        ear_sodium_hash(hash, sizeof hash, NULL, 0, &again, 1);
    struct ear_reader r = ear_reader_on(hash, sizeof hash);
    for (size_t i = 0; i < GROUPS; i++)
        snprintf(ret + 6 * i, EAR_SAFETY_NUMBER_BYTES - 6 * i, i < GROUPS - 1 ? "%05u " : "%05u",
                 (unsigned)(ear_reader_u64(&r) % GROUP_LIMIT));
}

void ear_safety_number(const struct ear_public_keys *a, const struct ear_public_keys *b,
                       char ret[static EAR_SAFETY_NUMBER_BYTES])
{
    bool sorted = memcmp(a, b, sizeof *a) <= 0;
    const struct ear_bytes pieces[] = {
        {LABEL_PAIR, sizeof LABEL_PAIR - 1},
        {sorted ? a : b, sizeof *a},
        {sorted ? b : a, sizeof *a},
    };
    number(pieces, EAR_COUNT(pieces), ret);
}

void ear_safety_fingerprint(const struct ear_public_keys *keys,
                            char ret[static EAR_SAFETY_NUMBER_BYTES])
{
    const struct ear_bytes pieces[] = {{LABEL_ONE, sizeof LABEL_ONE - 1}, {keys, sizeof *keys}};
    number(pieces, EAR_COUNT(pieces), ret);
}
