/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address as the relay keeps it: IPv4 in IPv6's clothes, so that there is one kind. */
#ifndef EAR_RELAY_ADDRESS_H
#define EAR_RELAY_ADDRESS_H

#include "base/ear.h"

#define EAR_RELAY_IP_BYTES 16

/* Compared and hashed as bytes: no padding. */
struct ear_relay_address {
    uint8_t ip[EAR_RELAY_IP_BYTES]; /* ::ffff:a.b.c.d for IPv4 */
    uint32_t scope;                 /* of link-local addresses, else 0 */
    uint32_t port;                  /* 0 to 65535 */
};

bool ear_relay_address_equal(const struct ear_relay_address *a, const struct ear_relay_address *b);
/* What counts as one address where limits are kept: IPv4 whole, of IPv6 the /64 that one household
 * or phone has for itself. */
void ear_relay_address_network(const struct ear_relay_address *a,
                               uint8_t ret[static EAR_RELAY_IP_BYTES]);

#define EAR_SIPHASH_KEY_BYTES 16
/* SipHash-2-4 (Aumasson and Bernstein 2012): whoever does not know the key cannot make tables
 * collide. */
uint64_t ear_siphash(const uint8_t key[static EAR_SIPHASH_KEY_BYTES], const void *data, size_t len);

#endif
