/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chance as an argument: seeded for simulations and tests, from the system otherwise. Not for keys.
 */
#ifndef EAR_RANDOM_H
#define EAR_RANDOM_H

#include "base/ear.h"

/* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64. thread: its owner. */
struct ear_random {
    uint64_t state[4];
};

struct ear_random ear_random_seeded(uint64_t seed);
/* Seeded by the operating system. */
struct ear_random ear_random_fresh(void);

uint64_t ear_random_u64(struct ear_random *r);
/* Uniform in [0, 1). */
double ear_random_unit(struct ear_random *r);
/* Uniform in [0, limit), limit > 0. */
uint32_t ear_random_below(struct ear_random *r, uint32_t limit);
/* Exponential with this mean. */
double ear_random_exponential(struct ear_random *r, double mean);
/* Standard normal. */
double ear_random_normal(struct ear_random *r);

#endif
