/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running transfer beside a talk: what it takes of the line, and what it does to speech. */
#include <inttypes.h>
#include <math.h>

#include "line/pace.h"

#include "letters.h"
#include "scene.h"

#define WORKER_US (50 * MS)
/* Speech is looked at once the pace has found the line. */
#define SETTLE_S 60
/* More than any line brings. */
#define LETTERS 10000000
/* Talks of each kind: what chance does to each is to be lost among them. */
#define SEEDS 10
#define DELAYS (2 * SEEDS * SCENE_HEARD)
/* What mail may cost speech: of the 95th percentile of its delay, and of what is missing. */
#define COST_MS 40.0
#define COST_POINTS 0.2
/* A talk is no reason to wait longer. */
#define FIRST_S 4.0

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

/* What became of speech in one direction, over one talk or several. */
struct speech {
    int64_t *played_us; /* of each packet, from its first sample to the loudspeaker */
    size_t count;
    int64_t units, concealed; /* what was heard, and what was missing */
    double bps;
};

/* A call with mail from end 0 to end 1, or without. */
struct talk {
    struct speech ways[2]; /* by the end that hears: 1 is the one that gets the mail */
    double mail_bps;       /* frames that came, with all that the network adds */
    double first_s;        /* when the first came, since the talk began */
    double talk_s;
};

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile_ms(struct speech *way, int percent)
{
    assert_true(way->count > 100);
    qsort(way->played_us, way->count, sizeof way->played_us[0], by_value);
    return (double)way->played_us[(way->count - 1) * (size_t)percent / 100] / MS;
}

static double missing_percent(const struct speech *way)
{
    return 100.0 * (double)way->concealed / (double)(way->concealed + way->units);
}

/* What end there has heard since. */
static void add_speech(struct scene *s, int there, int64_t heard, int64_t concealed,
                       struct speech *ret)
{
    const struct scene_end *end = &s->ends[there];
    const struct ear_engine_status from = scene_status(s, !there);
    assert_true(end->heard_count - heard <= SCENE_HEARD);
    for (int64_t i = heard; i < end->heard_count; i++) {
        const struct scene_heard *h = &end->heard[i % SCENE_HEARD];
        assert_true(ret->count < DELAYS);
        ret->played_us[ret->count++] =
            h->at_us - from.talk.journal_t0_us - h->index * (EAR_UNIT_MS * MS);
        ret->units += h->units;
    }
    ret->concealed += end->concealed_units - concealed;
}

static void add_talk(const struct scene_options *options, bool mail, int64_t talk_s,
                     struct talk *ret)
{
    struct scene *s = open_scene(options);
    int64_t heard[2], concealed[2];
    scene_call(s);
    int64_t begin_us = scene_now(s);
    letters[0].left = mail ? LETTERS : 0;
    while (mail && letters[1].came == 0 && scene_now(s) < begin_us + SETTLE_S * S)
        run(s, WORKER_US);
    ret->first_s = fmax(ret->first_s, (double)(scene_now(s) - begin_us) / S);
    run(s, begin_us + SETTLE_S * S - scene_now(s));
    const struct ear_engine_status before = scene_status(s, 0);
    for (int i = 0; i < 2; i++) {
        heard[i] = s->ends[i].heard_count;
        concealed[i] = s->ends[i].concealed_units;
    }
    int64_t came = letters[1].came, came_bytes = letters[1].came_bytes;
    run(s, talk_s * S);
    const struct ear_engine_status after = scene_status(s, 0);
    for (int i = 0; i < 2; i++)
        add_speech(s, i, heard[i], concealed[i], &ret->ways[i]);
    int64_t wire =
        letters[1].came_bytes - came_bytes + (letters[1].came - came) * EAR_PACE_FRAME_FIXED_BYTES;
    double before_s = ret->talk_s, all_s = before_s + (double)talk_s;
    int64_t speech = after.sent.speech_bytes - before.sent.speech_bytes;
    ret->ways[1].bps = (ret->ways[1].bps * before_s + 8.0 * (double)speech) / all_s;
    ret->mail_bps = (ret->mail_bps * before_s + 8.0 * (double)wire) / all_s;
    ret->talk_s = all_s;
    assert_int_equal(letters[1].doubled + letters[1].misplaced, 0);
    scene_close(s);
}

/* Two directions, with mail and without. */
static int64_t delays_us[2][2][DELAYS];

static struct talk new_talk(bool mail)
{
    return (struct talk){
        .ways = {{.played_us = delays_us[mail][0]}, {.played_us = delays_us[mail][1]}}};
}

/* What mail costs speech. */
struct cost {
    double p95_ms[2], missing_points[2];
    double mail_bps, speech_bps;
};

static struct cost cost_of(const char *name, struct talk *without, struct talk *with)
{
    struct cost r = {.mail_bps = with->mail_bps, .speech_bps = with->ways[1].bps};
    print_message("%-13s mail %6.1f KB/min from %4.1f s;", name, r.mail_bps * 60 / 8000,
                  with->first_s);
    for (int i = 1; i >= 0; i--) {
        double p95 = percentile_ms(&without->ways[i], 95);
        double missing = missing_percent(&without->ways[i]);
        r.p95_ms[i] = percentile_ms(&with->ways[i], 95) - p95;
        r.missing_points[i] = missing_percent(&with->ways[i]) - missing;
        print_message(" speech %s: p95 %4.0f %+4.0f ms, missing %5.2f %+.2f %%%s",
                      i ? "there" : "back", p95, r.p95_ms[i], missing, r.missing_points[i],
                      i ? ";" : "\n");
    }
    return r;
}

static const char wide[] = "delay = 300 ms\nrate = 64 kbit/s";

static void speech_does_not_wait_for_mail(void **state)
{
    (void)state;
    for (int turns = 0; turns < 2; turns++) {
        const struct scene_options options = {.text = wide, .turns = turns};
        struct talk without = new_talk(false), with = new_talk(true);
        add_talk(&options, false, 240, &without);
        add_talk(&options, true, 240, &with);
        struct cost cost = cost_of(turns ? "64k turns" : "64k both talk", &without, &with);
        print_message("%.0f %% of the spare line used\n",
                      100 * cost.mail_bps / (64000 - cost.speech_bps));
        assert_at_most(with.first_s, FIRST_S);
        assert_at_most(cost.p95_ms[1], COST_MS);
        assert_at_most(cost.missing_points[1], COST_POINTS);
        assert_true(cost.mail_bps >= 0.5 * (64000 - cost.speech_bps));
    }
}

/* Chance moves both figures, which is why there are so many talks; on thin12, where the plan is one
 * of two for minutes, ten without mail are this far from ten others ("chance"), and so much more is
 * allowed. */
static const struct named {
    const char *link, *text;
    double chance_ms;
} named[] = {
    {"edge", NULL, 0},
    {"vsat", NULL, 0},
    {"3g", NULL, 0},
    {"3g-congested", NULL, 0},
    {"gprs", NULL, 0},
    {"bufferbloat", NULL, 0},
    {"clean24", "delay = 50 ms\nrate = 24 kbit/s\nqueue = 1 s", 0},
    {"thin16", NULL, 0},
    {"thin12", NULL, 60},
    {"loss10", NULL, 0},
    {"loss20", NULL, 0},
    {"64k", wide, 0},
};

/* mail false: what chance makes of it, with other seeds. */
static struct cost measure(const struct named *line, int64_t talk_s, bool mail)
{
    struct talk without = new_talk(false), with = new_talk(true);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct scene_options options = {.link = line->text ? NULL : line->link,
                                              .text = line->text,
                                              .seed = seed,
                                              .turns = true};
        add_talk(&options, false, talk_s, &without);
        struct scene_options other = options;
        other.seed += mail ? 0 : SEEDS;
        add_talk(&other, mail, talk_s, &with);
    }
    return cost_of(line->link, &without, &with);
}

/* Returns whether mail costs speech too much. */
static bool is_bad(const struct named *line, const struct cost *cost)
{
    bool bad = false;
    for (int i = 0; i < 2; i++)
        bad = bad || cost->p95_ms[i] > COST_MS + line->chance_ms ||
              cost->missing_points[i] > COST_POINTS;
    if (line->text == wide)
        bad = bad || cost->mail_bps < 0.5 * (64000 - cost->speech_bps);
    return bad;
}

/* The named links, or those that are wanted, with talks of so many seconds; "chance" before them:
 * without mail. */
static int measure_links(int64_t talk_s, int count, char **only)
{
    int bad = 0;
    bool chance = count > 0 && strcmp(only[0], "chance") == 0;
    count -= chance;
    only += chance;
    for (size_t i = 0; i < EAR_COUNT(named); i++) {
        bool wanted = count == 0;
        for (int k = 0; k < count; k++)
            wanted = wanted || strcmp(only[k], named[i].link) == 0;
        if (!wanted)
            continue;
        const struct cost cost = measure(&named[i], talk_s, !chance);
        if (chance || !is_bad(&named[i], &cost))
            continue;
        print_message("%s: mail costs speech too much\n", named[i].link);
        bad++;
    }
    return bad > 0;
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
    if (argc > 1)
        return measure_links(atoi(argv[1]), argc - 2, argv + 2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_does_not_wait_for_mail),
        cmocka_unit_test(a_quiet_line_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
