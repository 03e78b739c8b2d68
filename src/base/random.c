/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xoshiro256** and the few distributions that links and noise need. */
#include "base/random.h"

#include <math.h>
#include <sys/random.h>
#include <time.h>

static const double two_pi = 6.283185307179586;

struct ear_random ear_random_seeded(uint64_t seed)
{
    struct ear_random r;
    for (size_t i = 0; i < EAR_COUNT(r.state); i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        r.state[i] = z ^ (z >> 31);
    }
    return r;
}

struct ear_random ear_random_fresh(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        seed = (uint64_t)t.tv_nsec << 32 ^ (uint64_t)t.tv_sec;
    }
    return ear_random_seeded(seed);
}

static uint64_t rotate_left(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t ear_random_u64(struct ear_random *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double ear_random_unit(struct ear_random *r)
{
    return (double)(ear_random_u64(r) >> 11) * 0x1p-53;
}

uint32_t ear_random_below(struct ear_random *r, uint32_t limit)
{
    return (uint32_t)((ear_random_u64(r) >> 32) * limit >> 32);
}

double ear_random_exponential(struct ear_random *r, double mean)
{
    return -mean * log1p(-ear_random_unit(r));
}

double ear_random_normal(struct ear_random *r)
{
    double radius = sqrt(-2.0 * log1p(-ear_random_unit(r)));
    return radius * cos(two_pi * ear_random_unit(r));
}
