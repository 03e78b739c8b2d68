/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares and hashes addresses. */
#include "relay/address.h"

#include <assert.h>
#include <string.h>

#define NETWORK_BYTES 8

static_assert(sizeof(struct ear_relay_address) == EAR_RELAY_IP_BYTES + 8, "no padding");

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool ear_relay_address_equal(const struct ear_relay_address *a, const struct ear_relay_address *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

void ear_relay_address_network(const struct ear_relay_address *a,
                               uint8_t ret[static EAR_RELAY_IP_BYTES])
{
    memcpy(ret, a->ip, EAR_RELAY_IP_BYTES);
    if (memcmp(a->ip, v4_mapped, sizeof v4_mapped) != 0)
        memset(ret + NETWORK_BYTES, 0, EAR_RELAY_IP_BYTES - NETWORK_BYTES);
}

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t read_little(const uint8_t *p, size_t len)
{
    uint64_t x = 0;
    for (size_t i = 0; i < len; i++)
        x |= (uint64_t)p[i] << (8 * i);
    return x;
}

static void sip_rounds(uint64_t v[static 4], int rounds)
{
    for (; rounds > 0; rounds--) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

uint64_t ear_siphash(const uint8_t key[static EAR_SIPHASH_KEY_BYTES], const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t k0 = read_little(key, 8), k1 = read_little(key + 8, 8);
    /* "somepseudorandomlygeneratedbytes" */
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                     k1 ^ 0x7465646279746573};
    for (size_t left = len; left >= 8; left -= 8, p += 8) {
        uint64_t m = read_little(p, 8);
        v[3] ^= m;
        sip_rounds(v, 2);
        v[0] ^= m;
    }
    uint64_t last = read_little(p, len % 8) | (uint64_t)len << 56;
    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
