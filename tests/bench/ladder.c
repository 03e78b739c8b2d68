/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the wire budget does over the known links: what it uses, what queues, what changes falsely.
 */
#include "../fake/line_scene.h"

#define SEEDS 3
#define HOUR_S 3600

static void drop(int user_bps)
{
    double queue_ms = 0, lost = 0, most_ms = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct line_scene *s =
            line_scene_new("delay = 100 ms\nrate = 64 kbit/s\nqueue = 1 s", user_bps, seed);
        line_run(s, 120 + 0.17 * (double)seed);
        s->effects[0].rate_bps = 20000;
        line_run(s, 180);
        queue_ms = fmax(queue_ms, line_sum(s, 130, 131).queue_most_ms);
        most_ms = fmax(most_ms, line_sum(s, 120, 131).queue_most_ms);
        lost = fmax(lost, (double)s->overflowed);
        line_scene_free(s);
    }
    int kbit = user_bps / 1000;
    printf("queue 10 s after 64 to 20 kbit/s, budget %d: %.0f ms\n", kbit, queue_ms);
    printf("longest queue of that: %.0f ms\n", most_ms);
    printf("packets lost in it: %.0f packets\n", lost);
}

static void stable(int kbit)
{
    char text[100];
    snprintf(text, sizeof text, "delay = 100 ms\nrate = %d kbit/s\nqueue = 1 s", kbit);
    struct line_scene *s = line_scene_new(text, 48000, 1);
    line_run(s, 660);
    struct line_sum sum = line_sum(s, 60, 660);
    printf("share used of a stable %d kbit/s: %.1f %%\n", kbit, sum.budget_bps / kbit / 10);
    printf("mean queue on it: %.0f ms\n", sum.queue_ms);
    line_scene_free(s);
}

static void start(void)
{
    struct line_scene *s = line_scene_new("thin12", 16000, 1);
    line_run(s, 30);
    double found_s = 0;
    for (size_t i = 0; i < s->note_count; i++)
        found_s = s->notes[i].budget_bps > 12000 ? (double)(i + 1) / 10 : found_s;
    printf("time to find 12 kbit/s from a start at 16: %.1f s\n", found_s);
    printf("longest queue of that: %.0f ms\n", line_sum(s, 0, 30).queue_most_ms);
    printf("packets lost in it: %d packets\n", (int)s->overflowed);
    line_scene_free(s);
}

static void hours(const char *name, int user_bps)
{
    double budget_bps = 0, queue_ms = 0, over = 0, downs = 0, tests = 0, probes = 0, rungs = 0;
    double least_bps = INFINITY;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct line_scene *s = line_scene_new(name, user_bps, seed);
        line_run(s, HOUR_S);
        struct line_sum sum = line_sum(s, 60, HOUR_S);
        budget_bps += sum.budget_bps / SEEDS;
        queue_ms += sum.queue_ms / SEEDS;
        least_bps = fmin(least_bps, sum.steady_least_bps);
        over += 100.0 * (double)s->overflowed / (double)s->packets / SEEDS;
        downs += (double)s->downs / SEEDS;
        tests += (double)s->tests / SEEDS;
        probes += (double)s->probes / SEEDS;
        rungs += (double)s->rung_changes / SEEDS;
        line_scene_free(s);
    }
    printf("%s at %d, budget: %.2f kbit/s\n", name, user_bps / 1000, budget_bps / 1000);
    printf("%s at %d, least: %.1f kbit/s\n", name, user_bps / 1000, least_bps / 1000);
    printf("%s at %d, mean queue: %.0f ms\n", name, user_bps / 1000, queue_ms);
    printf("%s at %d, lost in queues: %.3f %%\n", name, user_bps / 1000, over);
    printf("%s at %d, steps down: %.1f an hour\n", name, user_bps / 1000, downs);
    printf("%s at %d, tests: %.1f an hour\n", name, user_bps / 1000, tests);
    printf("%s at %d, probes: %.1f an hour\n", name, user_bps / 1000, probes);
    printf("%s at %d, rung changes: %.1f an hour\n", name, user_bps / 1000, rungs);
}

int main(int argc, char **argv)
{
    static const char *const links[] = {
        "clean",       "loss10", "loss20", "loss30", "loss50",       "burst20",
        "wifi-long",   "edge",   "gprs",   "3g",     "3g-congested", "vsat",
        "bufferbloat", "outage", "thin12", "thin16",
    };
    if (argc == 3) { /* NAME BUDGET: one link alone */
        hours(argv[1], atoi(argv[2]));
        return 0;
    }
    drop(26000);
    drop(32000);
    drop(48000);
    stable(20);
    stable(24);
    stable(30);
    start();
    for (size_t i = 0; i < EAR_COUNT(links); i++) {
        hours(links[i], 16000);
        hours(links[i], 26000);
    }
    return 0;
}
