/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing said is lost without a word: whatever the line does, each unit of the talker's journal is
 * heard once (by itself, repaired or caught up), or fetched once and heard when asked for, or
 * listed as lost. test_flow_fates [CALLS [FIRST SEED]] */
#include <inttypes.h>

#include "call/journal.h"
#include "call/listen.h"
#include "rx/missed.h"
#include "scene.h"

#define UNITS_MAX 32768
#define SETTLED_S 300
/* Where a sign of silence is lost meanwhile, it waits for what that may hold: rx/missed.c. */
#define PATIENCE_S 10

/* What the call's own parts are told, looked at on the way (see meson.build, --wrap). */
static struct {
    const void *journal[2], *listen[2], *missed[2];
    const struct ear_gaps *gaps[2];
    int journals, listens, misseds;
    uint8_t spoken[2][UNITS_MAX]; /* by that end */
    uint8_t heard[2][UNITS_MAX];  /* of what that end said: times */
    uint8_t fetched[2][UNITS_MAX];
    int64_t fetched_packets[2];
} seen;

int __real_ear_journal_new(struct ear_journal **ret);
int __wrap_ear_journal_new(struct ear_journal **ret);
int __real_ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                           const uint8_t *data, size_t len);
int __wrap_ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                           const uint8_t *data, size_t len);
int __real_ear_listen_new(struct ear_listen **ret, const struct ear_listen_config *config);
int __wrap_ear_listen_new(struct ear_listen **ret, const struct ear_listen_config *config);
void __real_ear_gaps_init(struct ear_gaps *gaps, const struct ear_gaps_config *config);
void __wrap_ear_gaps_init(struct ear_gaps *gaps, const struct ear_gaps_config *config);
int __real_ear_missed_new(struct ear_missed **ret, struct ear_codec *codec);
int __wrap_ear_missed_new(struct ear_missed **ret, struct ear_codec *codec);
int __real_ear_missed_put(struct ear_missed *missed, int64_t index, int units, const uint8_t *data,
                          size_t len);
int __wrap_ear_missed_put(struct ear_missed *missed, int64_t index, int units, const uint8_t *data,
                          size_t len);

static void count(uint8_t *of, int64_t index, int units)
{
    for (int64_t i = index; i < index + units; i++) {
        assert_true(i >= 0 && i < UNITS_MAX);
        of[i]++;
    }
}

int __wrap_ear_journal_new(struct ear_journal **ret)
{
    int err = __real_ear_journal_new(ret);
    seen.journal[seen.journals++ & 1] = *ret;
    return err;
}

int __wrap_ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                           const uint8_t *data, size_t len)
{
    int err = __real_ear_journal_put(journal, index, units, data, len);
    assert_int_equal(err, 0);
    count(seen.spoken[journal == seen.journal[1]], index, units);
    return err;
}

int __wrap_ear_listen_new(struct ear_listen **ret, const struct ear_listen_config *config)
{
    int err = __real_ear_listen_new(ret, config);
    seen.listen[seen.listens++ & 1] = *ret;
    return err;
}

/* They lie within their listener. */
void __wrap_ear_gaps_init(struct ear_gaps *gaps, const struct ear_gaps_config *config)
{
    uintptr_t at = (uintptr_t)gaps, a = (uintptr_t)seen.listen[0], b = (uintptr_t)seen.listen[1];
    seen.gaps[at >= b && (at < a || b > a)] = gaps;
    __real_ear_gaps_init(gaps, config);
}

int __wrap_ear_missed_new(struct ear_missed **ret, struct ear_codec *codec)
{
    int err = __real_ear_missed_new(ret, codec);
    seen.missed[seen.misseds++ & 1] = *ret;
    return err;
}

int __wrap_ear_missed_put(struct ear_missed *missed, int64_t index, int units, const uint8_t *data,
                          size_t len)
{
    int err = __real_ear_missed_put(missed, index, units, data, len);
    int talker = missed == seen.missed[0]; /* end 0 listens to end 1 */
    if (err == 0) {
        count(seen.fetched[talker], index, units);
        seen.fetched_packets[talker]++;
    }
    return err;
}

/* ---- lines ---- */

struct line {
    char text[256];
    int outages; /* by hand, beside those that the text makes */
};

static double between(struct ear_random *r, double low, double high)
{
    return low + (high - low) * ear_random_below(r, 10001) / 10000.0;
}

/* Chance, bursts, disorder, spikes and outages, alone or together, each way by itself. */
static struct line random_line(struct ear_random *r)
{
    struct line line = {.outages =
                            ear_random_below(r, 3) == 0 ? 1 + (int)ear_random_below(r, 4) : 0};
    int at = snprintf(line.text, sizeof line.text, "delay = %d ms\n",
                      20 + (int)ear_random_below(r, 580));
    unsigned kinds = 1u << ear_random_below(r, 5) | 1u << ear_random_below(r, 5);
    char *end = line.text + at;
    size_t left = sizeof line.text - (size_t)at;
    if (kinds & 1)
        end += snprintf(end, left, "loss = %.1f %%\n", between(r, 0.5, 55));
    left = sizeof line.text - (size_t)(end - line.text);
    if (kinds & 2)
        end += snprintf(end, left, "burst = %.1f %% of %d datagrams\n", between(r, 0.5, 8),
                        2 + (int)ear_random_below(r, 10));
    left = sizeof line.text - (size_t)(end - line.text);
    if (kinds & 4)
        end += snprintf(end, left, "jitter = %d ms\nreorder = %.1f %%\n",
                        1 + (int)ear_random_below(r, 80), between(r, 1, 20));
    left = sizeof line.text - (size_t)(end - line.text);
    if (kinds & 8)
        end += snprintf(end, left, "spike = 200-1500 ms every %d s\n",
                        4 + (int)ear_random_below(r, 12));
    left = sizeof line.text - (size_t)(end - line.text);
    if (kinds & 16)
        snprintf(end, left, "outage = %d-%d s every %d s\n", 1 + (int)ear_random_below(r, 3),
                 5 + (int)ear_random_below(r, 9), 20 + (int)ear_random_below(r, 20));
    return line;
}

/* ---- one call ---- */

static void collect_heard(struct scene *s)
{
    for (int end = 0; end < 2; end++) {
        const struct scene_end *e = &s->ends[end];
        assert_true(e->heard_count < SCENE_HEARD);
        for (int64_t i = 0; i < e->heard_count; i++)
            count(seen.heard[!end], e->heard[i].index, e->heard[i].units);
    }
}

static bool is_settled(const struct ear_gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->range[i].kind != EAR_GAP_LOST)
            return false;
    return true;
}

/* What is still owed comes, whatever the line does; at the budget's rate as fast as it was said,
 * and what is older than the journal is given up. */
static void settle(struct scene *s)
{
    scene_run(s, 20 * S);
    for (int i = 0; i < SETTLED_S && !(is_settled(seen.gaps[0]) && is_settled(seen.gaps[1])); i++)
        scene_run(s, 1 * S);
}

static void assert_settled(const struct ear_gaps *gaps, uint64_t seed, int talker)
{
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->range[i].kind != EAR_GAP_LOST)
            fail_msg("units %" PRId64 " to %" PRId64 " of end %d are still %s (seed %" PRIu64 ")",
                     gaps->range[i].from, gaps->range[i].to, talker,
                     gaps->range[i].kind == EAR_GAP_MISSED ? "missed" : "awaited", seed);
}

static bool is_listed(const struct ear_gaps *gaps, int64_t unit)
{
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->range[i].from <= unit && unit < gaps->range[i].to)
            return true;
    return false;
}

struct sums {
    int64_t spoken, heard, fetched, lost;
};

/* Each unit that end `talker` spoke had one fate, and none that it did not speak was heard. */
static void assert_one_fate_each(int talker, uint64_t seed, struct sums *sums)
{
    const struct ear_gaps *gaps = seen.gaps[!talker];
    int64_t unlisted = 0;
    assert_settled(gaps, seed, talker);
    for (int64_t unit = 0; unit < UNITS_MAX; unit++) {
        int spoken = seen.spoken[talker][unit], heard = seen.heard[talker][unit];
        int fetched = seen.fetched[talker][unit], lost = is_listed(gaps, unit);
        if (heard + fetched > spoken || (lost && heard + fetched > 0))
            fail_msg("unit %" PRId64 " of end %d: spoken %d, heard %d, fetched %d, lost %d (seed "
                     "%" PRIu64 ")",
                     unit, talker, spoken, heard, fetched, lost, seed);
        if (spoken && heard + fetched + lost == 0 && unlisted++ >= gaps->forgotten_units)
            fail_msg("unit %" PRId64 " of end %d went without a word (seed %" PRIu64 ")", unit,
                     talker, seed);
        sums->spoken += spoken;
        sums->heard += heard;
        sums->fetched += fetched;
        sums->lost += spoken && lost;
    }
}

static bool has_missed(struct scene *s)
{
    return scene_status(s, 0).talk.missed_us > 0 || scene_status(s, 1).talk.missed_us > 0;
}

/* What was missed is heard to the end when asked for, each packet once. */
static void play_missed(struct scene *s, uint64_t seed)
{
    int64_t longest = 0;
    for (int end = 0; end < 2; end++) {
        scene_command(s, end, EAR_COMMAND_PLAY_MISSED, true);
        longest = ear_max64(longest, scene_status(s, end).talk.missed_us);
    }
    scene_run(s, longest + 1 * S);
    for (int i = 0; i < PATIENCE_S && has_missed(s); i++)
        scene_run(s, 1 * S);
    for (int end = 0; end < 2; end++) {
        struct ear_numbered_counts counts;
        ear_numbered_get_counts(s->ends[end].again, &counts);
        if (counts.decoded != seen.fetched_packets[!end] || counts.repeated > 0 ||
            scene_status(s, end).talk.missed_us != 0)
            fail_msg("of %" PRId64 " missed packets %" PRId64 " were heard (seed %" PRIu64 ")",
                     seen.fetched_packets[!end], counts.decoded, seed);
    }
}

static void run_call(uint64_t seed, struct sums *sums)
{
    struct ear_random r = ear_random_seeded(seed);
    struct line line = random_line(&r);
    memset(&seen, 0, sizeof seen);
    if (getenv("FATES_SHOW"))
        fprintf(stderr, "seed %" PRIu64 ": %d outages\n%s", seed, line.outages, line.text);
    struct scene *s = scene_open(&(struct scene_options){.text = line.text, .seed = seed});
    s->ends[1].person.speaks = ear_random_below(&r, 3) > 0;
    scene_call(s);
    scene_run(s, 20 * S);
    for (int i = 0; i < line.outages; i++) {
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, (int64_t)(between(&r, 0.2, 1) * between(&r, 0.2, 60) * S));
        ear_link_cut(ear_rig_link(s->rig), false);
        scene_run(s, (int64_t)(between(&r, 1, 30) * S));
    }
    scene_run(s, 40 * S);
    for (int end = 0; end < 2; end++)
        s->ends[end].person.speaks = false;
    settle(s);
    collect_heard(s);
    for (int talker = 0; talker < 2; talker++)
        assert_one_fate_each(talker, seed, sums);
    play_missed(s, seed);
    scene_close(s);
}

static void hold_rung(struct scene *s, bool on, enum ear_rung rung)
{
    const struct ear_command command = {.kind = EAR_COMMAND_RUNG, .on = on, .rung = rung};
    ear_engine_command(ear_rig_engine(s->rig, 0), &command);
}

/* An outage, and the listeners skip what they are behind; then turns, over another one. */
static void live_through(struct scene *s, int64_t outage_us)
{
    for (int i = 0; i < 2; i++) {
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, outage_us);
        ear_link_cut(ear_rig_link(s->rig), false);
        scene_run(s, 4 * S);
        scene_command(s, i, EAR_COMMAND_SKIP, false);
        scene_run(s, 16 * S);
        hold_rung(s, true, EAR_RUNG_TURNS);
        for (int turn = 0; turn < 4; turn++) {
            scene_command(s, turn % 2, EAR_COMMAND_TURN, true);
            scene_run(s, 7 * S);
            scene_command(s, turn % 2, EAR_COMMAND_TURN, false);
            scene_run(s, 1 * S);
        }
    }
    hold_rung(s, false, EAR_RUNG_TURNS);
    scene_run(s, 10 * S);
}

static const char *const named[] = {"edge",   "gprs",    "3g-congested", "wifi-long",  "vsat",
                                    "loss20", "burst20", "outage",       "bufferbloat"};

/* What the user does is no excuse either. */
static void skips_and_turns_lose_nothing(void **state)
{
    (void)state;
    struct sums sums = {0};
    for (size_t i = 0; i < EAR_COUNT(named); i++) {
        uint64_t seed = SEED + i;
        memset(&seen, 0, sizeof seen);
        struct scene *s = scene_open(&(struct scene_options){.link = named[i], .seed = seed});
        scene_call(s);
        scene_run(s, 20 * S);
        live_through(s, i % 3 == 2 ? 25 * S : 6 * S);
        for (int end = 0; end < 2; end++)
            s->ends[end].person.speaks = false;
        settle(s);
        collect_heard(s);
        for (int talker = 0; talker < 2; talker++)
            assert_one_fate_each(talker, seed, &sums);
        play_missed(s, seed);
        scene_close(s);
    }
    print_message("fates with skips and turns: heard %.4f, fetched %.4f, listed as lost %.4f\n",
                  (double)sums.heard / (double)sums.spoken,
                  (double)sums.fetched / (double)sums.spoken,
                  (double)sums.lost / (double)sums.spoken);
    assert_int_equal(sums.heard + sums.fetched + sums.lost, sums.spoken);
}

/* Nor is it lost where speech comes late, or is not sent live at all: on the way there, over an
 * outage, and on the way back. */
static void no_rung_loses_anything(void **state)
{
    (void)state;
    static const char *const links[] = {"edge", "loss20", "burst20", "vsat", "thin16"};
    struct sums sums = {0};
    for (size_t i = 0; i < 2 * EAR_COUNT(links); i++) {
        uint64_t seed = SEED + i;
        enum ear_rung rung = i % 2 ? EAR_RUNG_STREAM : EAR_RUNG_MESSAGE;
        memset(&seen, 0, sizeof seen);
        struct scene *s = scene_open(&(struct scene_options){.link = links[i / 2], .seed = seed});
        s->ends[1].person.speaks = i % 3 == 0;
        scene_call(s);
        scene_run(s, 20 * S);
        hold_rung(s, true, rung);
        scene_run(s, 30 * S);
        assert_int_equal(scene_status(s, 0).rung, rung);
        assert_int_equal(scene_status(s, 1).rung, rung);
        ear_link_cut(ear_rig_link(s->rig), true);
        scene_run(s, 8 * S);
        ear_link_cut(ear_rig_link(s->rig), false);
        scene_run(s, 30 * S);
        hold_rung(s, false, rung);
        scene_run(s, 30 * S);
        for (int end = 0; end < 2; end++)
            s->ends[end].person.speaks = false;
        settle(s);
        collect_heard(s);
        for (int talker = 0; talker < 2; talker++)
            assert_one_fate_each(talker, seed, &sums);
        play_missed(s, seed);
        scene_close(s);
    }
    print_message("fates on low rungs: heard %.4f, fetched %.4f, listed as lost %.4f\n",
                  (double)sums.heard / (double)sums.spoken,
                  (double)sums.fetched / (double)sums.spoken,
                  (double)sums.lost / (double)sums.spoken);
    assert_int_equal(sums.heard + sums.fetched + sums.lost, sums.spoken);
}

static int calls = 24;
static uint64_t first_seed = 1;

static void each_unit_has_one_fate(void **state)
{
    (void)state;
    struct sums sums = {0};
    for (int i = 0; i < calls; i++)
        run_call(first_seed + (uint64_t)i, &sums);
    print_message(
        "fates: %d calls, %.0f s spoken, heard %.4f, fetched %.4f, listed as lost %.4f\n", calls,
        (double)sums.spoken * EAR_UNIT_MS / 1000, (double)sums.heard / (double)sums.spoken,
        (double)sums.fetched / (double)sums.spoken, (double)sums.lost / (double)sums.spoken);
    assert_int_equal(sums.heard + sums.fetched + sums.lost, sums.spoken);
    assert_at_least(sums.spoken, 1000.0 * calls);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unit_has_one_fate),
        cmocka_unit_test(skips_and_turns_lose_nothing),
        cmocka_unit_test(no_rung_loses_anything),
    };
    if (argc > 1)
        calls = atoi(argv[1]);
    if (argc > 2)
        first_seed = strtoull(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
