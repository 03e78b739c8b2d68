/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thirty digits that two people read to each other to know that nobody sits between them. */
#ifndef EAR_SAFETY_NUMBER_H
#define EAR_SAFETY_NUMBER_H

#include "port/sodium.h"

/* "01234 56789 01234 56789 01234 56789" with its final 0. */
#define EAR_SAFETY_NUMBER_BYTES 36

/* The public keys of one side. */
struct ear_public_keys {
    uint8_t static_key[EAR_KEY_BYTES];
    uint8_t sign_key[EAR_SIGN_PUBLIC_BYTES];
};

/* The same for both sides, whoever is a. Takes about a tenth of a second on purpose: thread: main
 * or worker. 30 digits are 99.7 bits.
 * One number over all four keys, not one half for each side as in Signal's 60 digits: of 30 digits
 * a half would be 15, and who replaces an invite could look for keys that match one person's half
 * (2^50 tries) long before, once for all who talk with that person. Jointly, nothing can be tried
 * before the keys of both are known; who replaces an invite settles on its keys before it sees
 * those of the invited person, and is left with 2^100 tries. Only one who knows the true keys of
 * both beforehand may choose on both sides and needs 2^50 tries, each of which is made as slow as
 * 2^18 hashes: 2^68. */
void ear_safety_number(const struct ear_public_keys *a, const struct ear_public_keys *b,
                       char ret[static EAR_SAFETY_NUMBER_BYTES]);

/* In the same form, of one side alone: to see whether a profile is the one that it was. */
void ear_safety_fingerprint(const struct ear_public_keys *keys,
                            char ret[static EAR_SAFETY_NUMBER_BYTES]);

#endif
