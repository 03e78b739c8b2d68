/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fate of datagrams in one direction: when each arrives, if at all. */
#ifndef EAR_PATH_H
#define EAR_PATH_H

#include "base/random.h"
#include "sim/effects.h"

/* Something that comes again and again with exponential spacing. */
struct ear_path_event {
    struct ear_random chance;
    int64_t begin_us;
    int64_t length_us;
    int64_t next_us;
};

/* Spikes, fades, stalls and cross traffic draw from their own chance along their own time: what is
 * sent does not change them, so that two senders can be compared under the same weather. */
struct ear_path {
    const struct ear_effects *effects;
    int64_t start_us;
    struct ear_random chance; /* the same number of draws for every datagram */
    int64_t bottleneck_free_us;
    int64_t last_arrival_us;
    struct ear_path_event spike;
    struct ear_path_event stall;
    struct {
        struct ear_random chance;
        int64_t until_us;
        bool bad;
    } fade;
    struct {
        struct ear_random chance;
        int64_t packet_us; /* the next packet */
        int64_t until_us;  /* of the current on or off time */
        bool on;
    } cross;
    struct {
        struct ear_random chance;
        double normal;
        int64_t at_us;
    } jitter;
    struct {
        uint64_t seed; /* the same for both directions */
        int64_t period;
        int64_t begin_us;
    } outage;
    bool in_burst;
};

struct ear_path_fate {
    int copies; /* 0: lost */
    bool overflowed;
    int64_t arrive_us[2];
};

/* effects is borrowed. direction is 0 or 1: with the same seed the two differ but for outages. */
void ear_path_init(struct ear_path *path, const struct ear_effects *effects, int64_t start_us,
                   uint64_t seed, int direction);
/* Decides on a datagram handed in now; now_us never falls; bytes with overhead. */
struct ear_path_fate ear_path_send(struct ear_path *path, int64_t now_us, size_t bytes);

#endif
