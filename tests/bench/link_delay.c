/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the delay is the link's own: what no player and no sender can take away.
 *
 *     bench_link_delay [LINK KBIT]
 *
 * An hour of each link in virtual time, the worse of both directions. A probe is a datagram of 60
 * bytes each second. Speech is packets of 120 ms at the wire rate given, in spurts of 4 s with
 * pauses of 1 s, without protection. The player loses nothing that arrives: it stalls until it is
 * there; then it plays faster by a quarter, and leaves out 40 % of each pause. Who keeps all that
 * arrives is not earlier, whatever he knows of the future. From mouth to ear, the packet's own
 * length included. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/path.h"
#include "sim/profile.h"

#define HOUR_US (3600 * (int64_t)EAR_US_PER_S)
#define PROBE_US ((int64_t)EAR_US_PER_S)
#define PROBE_BYTES 60
#define PACKET_US (120 * (int64_t)EAR_US_PER_MS)
#define SPURT_US (4 * (int64_t)EAR_US_PER_S)
#define PAUSE_US (1 * (int64_t)EAR_US_PER_S)
#define FASTER 0.25
#define PAUSE_SHARE 0.4
#define MOST (HOUR_US / PACKET_US + 1)
#define SEED 1

struct delays {
    double *ms;
    size_t count;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double at_share(struct delays *delays, double share)
{
    qsort(delays->ms, delays->count, sizeof *delays->ms, by_value);
    return delays->count ? delays->ms[(size_t)(share * (double)(delays->count - 1))] : 0;
}

static void add(struct delays *delays, int64_t us)
{
    delays->ms[delays->count++] = (double)us / EAR_US_PER_MS;
}

static void probe(const struct ear_effects *effects, int direction, struct delays *ret)
{
    struct ear_path path;
    ear_path_init(&path, effects, 0, SEED, direction);
    for (int64_t t_us = PROBE_US; t_us < HOUR_US; t_us += PROBE_US) {
        struct ear_path_fate fate = ear_path_send(&path, t_us, PROBE_BYTES);
        if (fate.copies)
            add(ret, fate.arrive_us[0] - t_us);
    }
}

/* What the network takes, and what the player makes of it. */
static void talk(const struct ear_effects *effects, int direction, int bps, struct delays *network,
                 struct delays *played)
{
    struct ear_path path;
    size_t bytes = (size_t)(bps * PACKET_US / EAR_US_PER_S / 8);
    double late_us = 0;
    ear_path_init(&path, effects, 0, SEED, direction);
    for (int64_t t_us = PACKET_US; t_us < HOUR_US; t_us += PACKET_US) {
        bool pause = t_us % (SPURT_US + PAUSE_US) >= SPURT_US;
        late_us -= (pause ? PAUSE_SHARE : FASTER) * (double)PACKET_US;
        if (pause)
            continue;
        struct ear_path_fate fate = ear_path_send(&path, t_us, bytes);
        if (fate.copies) {
            add(network, fate.arrive_us[0] - t_us);
            late_us = fmax(late_us, (double)(fate.arrive_us[0] - t_us));
        }
        add(played, PACKET_US + (int64_t)late_us);
    }
}

static int measure(const char *name, int bps)
{
    struct ear_profile *profile;
    char error[256];
    if (ear_profile_load(&profile, name, error, sizeof error) != 0) {
        fprintf(stderr, "bench_link_delay: %s\n", error);
        return EXIT_FAILURE;
    }
    double probe_ms = 0, network_ms = 0, played_ms = 0;
    for (int end = 0; end < 2; end++) {
        const struct ear_effects *effects = ear_profile_effects(profile, end);
        struct delays sums[3];
        for (size_t i = 0; i < EAR_COUNT(sums); i++)
            sums[i] = (struct delays){.ms = calloc(MOST, sizeof(double))};
        probe(effects, end, &sums[0]);
        talk(effects, end, bps, &sums[1], &sums[2]);
        probe_ms = fmax(probe_ms, at_share(&sums[0], .95));
        network_ms = fmax(network_ms, at_share(&sums[1], .95));
        played_ms = fmax(played_ms, at_share(&sums[2], .95));
        for (size_t i = 0; i < EAR_COUNT(sums); i++)
            free(sums[i].ms);
    }
    printf("%s, a probe's delay, p95: %.0f ms\n", name, probe_ms);
    printf("%s, of packets of speech at %.1f kbit/s, p95: %.0f ms\n", name, bps / 1e3, network_ms);
    printf("%s, mouth to ear where nothing is left out, p95: %.0f ms\n", name, played_ms);
    ear_profile_free(profile);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int bps;
    } links[] = {
        {"clean", 15000},       {"wifi-long", 20000}, {"3g", 20000},           {"edge", 20000},
        {"gprs", 15000},        {"vsat", 20000},      {"3g-congested", 20000}, {"thin16", 15000},
        {"bufferbloat", 18000}, {"thin12", 11000},
    };
    if (argc == 3)
        return measure(argv[1], (int)(atof(argv[2]) * 1000));
    int failed = EXIT_SUCCESS;
    for (size_t i = 0; i < EAR_COUNT(links) && !failed; i++)
        failed = measure(links[i].name, links[i].bps);
    return failed;
}
