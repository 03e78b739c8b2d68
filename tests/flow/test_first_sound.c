/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How soon after the answer either hears the other. */
#include "scene.h"

#define CALLS 20

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Both speak all the time. Fills the times of both ends from the callee's answer on. */
static void call_once(const char *link, uint64_t seed, int64_t took_us[static 2])
{
    struct scene *s =
        scene_open(&(struct scene_options){.text = link, .seed = seed, .no_auto_answer = true});
    ear_rig_dial(s->rig);
    scene_until_phase(s, 1, EAR_PHASE_INCOMING, 30 * S);
    scene_run(s, 3 * S + (int64_t)seed % 10 * 33 * MS); /* it rings */
    int64_t answered_us = scene_now(s);
    scene_command(s, 1, EAR_COMMAND_ANSWER, true);
    scene_run(s, 10 * S);
    for (int end = 0; end < 2; end++) {
        assert_at_least(s->ends[end].heard_count, 10);
        took_us[end] = s->ends[end].heard[0].at_us - answered_us;
    }
    scene_close(s);
}

static void the_first_sound_comes_soon(void **state)
{
    (void)state;
    static const struct {
        const char *name, *link;
        double most_s;
    } lines[] = {
        {"200 ms RTT", "delay = 100 ms", 1.0},
        {"200 ms RTT, 20 % loss", "delay = 100 ms\nloss = 20 %", 1.0},
        {"800 ms RTT", "delay = 400 ms", 2.5},
        {"800 ms RTT, 20 % loss", "delay = 400 ms\nloss = 20 %", 2.5},
    };
    int beyond = 0;
    for (size_t i = 0; i < EAR_COUNT(lines); i++) {
        int64_t took_us[2 * CALLS];
        for (int call = 0; call < CALLS; call++)
            call_once(lines[i].link, SEED + (uint64_t)call, took_us + (ptrdiff_t)2 * call);
        qsort(took_us, EAR_COUNT(took_us), sizeof *took_us, by_size);
        double median_s = (double)took_us[CALLS] / S, worst_s = (double)took_us[2 * CALLS - 1] / S;
        printf("answer to first sound, %s, median: %.2f s\n", lines[i].name, median_s);
        printf("answer to first sound, %s, worst of %d: %.2f s\n", lines[i].name, 2 * CALLS,
               worst_s);
        beyond += worst_s > lines[i].most_s;
    }
    assert_int_equal(beyond, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_sound_comes_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
