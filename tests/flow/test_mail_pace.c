/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running transfer beside a talk: what it takes of the line, and what it does to speech. */
#include <inttypes.h>

#include "call/pace.h"

#include "letters.h"
#include "scene.h"

#define WORKER_US (50 * MS)
/* Speech is looked at once the pace has found the line. */
#define SETTLE_S 60
#define TALK_S 240
#define DELAYS 65536

static struct letters letters[2];

static struct scene *open_scene(const struct scene_options *options)
{
    struct scene *s = scene_open(options);
    for (int i = 0; i < 2; i++)
        letters[i] = (struct letters){.engine = ear_rig_engine(s->rig, i)};
    return s;
}

static void run(struct scene *s, int64_t duration_us)
{
    for (int64_t end = scene_now(s) + duration_us; scene_now(s) < end;) {
        for (int i = 0; i < 2; i++)
            letters_step(&letters[i], scene_now(s));
        scene_run(s, WORKER_US);
    }
}

/* What became of speech from end 0 to end 1. */
struct speech {
    double p50_ms, p95_ms; /* from its first sample to the loudspeaker */
    double net_p95_ms;     /* ... to its arrival */
    double late_percent;   /* of its units those that were concealed */
    double mail_bps;       /* wire rate of frames that came */
    double all_bps, speech_bps;
};

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(int64_t *us, size_t count, int percent)
{
    assert_true(count > 100);
    qsort(us, count, sizeof us[0], by_value);
    return (double)us[(count - 1) * (size_t)percent / 100] / MS;
}

static struct speech talk(const struct scene_options *options, bool mail)
{
    static int64_t played_us[DELAYS], came_us[DELAYS];
    struct scene *s = open_scene(options);
    scene_call(s);
    letters[0].left = mail ? 1000000 : 0;
    run(s, SETTLE_S * S);
    struct scene_end *there = &s->ends[1];
    const struct ear_engine_status before = scene_status(s, 0);
    int64_t heard = there->heard_count, concealed = there->concealed_units, units = 0;
    int64_t came = letters[1].came, came_bytes = letters[1].came_bytes;
    run(s, TALK_S * S);
    const struct ear_engine_status after = scene_status(s, 0);
    size_t count = 0;
    for (int64_t i = heard; i < there->heard_count; i++) {
        const struct scene_heard *h = &there->heard[i % SCENE_HEARD];
        int64_t said_us = after.talk.journal_t0_us + h->index * (EAR_UNIT_MS * MS);
        played_us[count] = h->at_us - said_us;
        came_us[count++] = h->arrival_us - said_us;
        units += h->units;
    }
    struct speech r = {
        .p50_ms = percentile_ms(played_us, count, 50),
        .p95_ms = percentile_ms(played_us, count, 95),
        .net_p95_ms = percentile_ms(came_us, count, 95),
    };
    concealed = there->concealed_units - concealed;
    r.late_percent = 100.0 * (double)concealed / (double)(concealed + units);
    int64_t wire =
        letters[1].came_bytes - came_bytes + (letters[1].came - came) * EAR_PACE_FRAME_FIXED_BYTES;
    r.mail_bps = 8.0 * (double)wire / TALK_S;
    r.all_bps = 8.0 * (double)(after.sent.bytes - before.sent.bytes) / TALK_S;
    r.speech_bps = 8.0 * (double)(after.sent.speech_bytes - before.sent.speech_bytes) / TALK_S;
    assert_int_equal(letters[1].doubled + letters[1].misplaced, 0);
    print_message("%-28s %-5s p50 %4.0f p95 %4.0f net p95 %4.0f ms, missing %.2f %%, speech %5.1f "
                  "mail %5.1f all %5.1f kbit/s\n",
                  options->link ? options->link : "64 kbit/s, 600 ms", mail ? "mail" : "none",
                  r.p50_ms, r.p95_ms, r.net_p95_ms, r.late_percent, r.speech_bps / 1000,
                  r.mail_bps / 1000, r.all_bps / 1000);
    scene_close(s);
    return r;
}

static const char wide[] = "delay = 300 ms\nrate = 64 kbit/s";

static void speech_does_not_wait_for_mail(void **state)
{
    (void)state;
    for (int turns = 0; turns < 2; turns++) {
        const struct scene_options options = {.text = wide, .turns = turns};
        const struct speech without = talk(&options, false), with = talk(&options, true);
        double spare = 64000 - with.speech_bps;
        print_message("p95 %+.0f ms, missing %+.2f points, %.0f %% of the spare line used\n",
                      with.p95_ms - without.p95_ms, with.late_percent - without.late_percent,
                      100 * with.mail_bps / spare);
        assert_true(with.p95_ms - without.p95_ms <= 40);
        assert_true(with.late_percent - without.late_percent <= 0.2);
        assert_true(with.mail_bps >= 0.5 * spare);
    }
}

/* Without a talk: how long a file of so many bytes takes, and what of the line that is. */
static double bring(const char *text, int64_t frames, uint64_t seed)
{
    struct scene *s = open_scene(&(struct scene_options){.text = text, .seed = seed});
    const struct ear_address to = ear_link_address(1);
    letters_open(&letters[0], 2, &to);
    letters[0].left = frames;
    int64_t begin_us = scene_now(s);
    while (letters[1].came < frames && scene_now(s) < begin_us + 3600 * S)
        run(s, WORKER_US);
    double took_s = (double)(scene_now(s) - begin_us) / S;
    const struct ear_engine_status here = scene_status(s, 0);
    double wire = (double)(letters[1].came_bytes + frames * EAR_PACE_FRAME_FIXED_BYTES) * 8;
    print_message("%.*s: %" PRId64 " bytes in %.0f s, %.1f kbit/s of it, out %" PRId64
                  " in %" PRId64 "\n",
                  (int)strcspn(text, "\n") + 20, text, letters[1].came_bytes, took_s,
                  wire / took_s / 1000, here.sent.bytes, here.received_bytes);
    assert_int_equal(letters[1].came, frames);
    assert_int_equal(letters[1].doubled + letters[1].misplaced, 0);
    scene_close(s);
    return wire / took_s;
}

static void a_quiet_line_is_used(void **state)
{
    (void)state;
    assert_true(bring(wide, 1000, 0) >= 0.5 * 64000);
    assert_true(bring("delay = 300 ms\nrate = 64 kbit/s\nloss = 10 %", 1000, 0) >= 0.4 * 64000);
    assert_true(bring("delay = 300 ms\nrate = 16 kbit/s\nqueue = 1 s", 300, 0) >= 0.5 * 16000);
}

int main(int argc, char **argv)
{
    if (argc > 1) { /* any named links, to look at */
        for (int i = 1; i < argc; i++) {
            const struct scene_options options = {.link = argv[i], .turns = true};
            talk(&options, false);
            talk(&options, true);
        }
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_does_not_wait_for_mail),
        cmocka_unit_test(a_quiet_line_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
