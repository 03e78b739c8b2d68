/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole calls over every named link. */
#include "scene.h"

struct expected {
    const char *name;
    double lost;      /* share of packets that the link loses */
    double within;    /* of that, over a call of a minute */
    double concealed; /* share of speech, at most */
    double stalled;   /* likewise */
    double delay_ms;  /* of playout over the least network delay, at most, on average */
};

static void print(const char *name, int end, const struct ear_engine_status *st, double spoken)
{
    const struct ear_play_stats *p = &st->talk.play;
    printf("%s end %d: lost %.3f concealed %.3f stalled %.3f delay %.0f target %.0f bps %.0f\n",
           name, end, st->talk.play.loss, (double)p->concealed_us / spoken,
           (double)p->stalled_us / spoken, p->delay_ms, p->target_ms, st->sent_bps);
}

static void named(void **state)
{
    (void)state;
    char names[512];
    ear_profile_names(names, sizeof names);
    for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
        struct scene *s = scene_open(&(struct scene_options){.link = name, .turns = true});
        scene_call(s);
        scene_run(s, 60 * S);
        for (int i = 0; i < 2; i++) {
            struct ear_engine_status st = scene_status(s, i);
            print(name, i, &st, (double)ear_voice_spoken_us(s->ends[!i].voice));
        }
        scene_hang_up(s, 0);
        scene_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
