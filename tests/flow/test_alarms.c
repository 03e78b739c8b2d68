/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often a line that only loses much is taken for dead, and what silence costs:
 * test_flow_alarms [HOURS [LINK...]]; with HOURS all named links as well, or these alone */
#include "scene.h"

static int hours = 1;
static char **chosen; /* links, up to a NULL */

struct quiet {
    double alarms_an_hour; /* per end */
    double bytes_a_minute; /* per end, all that is sent */
};

/* People who take turns, or say nothing at all. */
static struct quiet watch(const struct scene_options *options, int64_t duration_us)
{
    struct scene *s = scene_open(options);
    struct quiet q = {0};
    for (int end = 0; end < 2; end++)
        s->ends[end].person.speaks = false;
    scene_call(s);
    scene_run(s, duration_us);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        assert_true(ear_phase_is_talk(st.phase));
        q.alarms_an_hour += (double)st.outages * 3600 * S / (double)duration_us / 2;
        q.bytes_a_minute += (double)st.sent.bytes * 60 * S / (double)duration_us / 2;
    }
    scene_close(s);
    return q;
}

static void loss_is_not_taken_for_an_outage(void **state)
{
    (void)state;
    static const struct {
        const char *link;
        bool turns;
    } calls[] = {
        {"delay = 50 ms\nloss = 30 %", false},
        {"delay = 50 ms\nloss = 50 %", false},
        {"delay = 50 ms\nloss = 50 %", true},
        {"delay = 300 ms\nloss = 50 %", false},
    };
    for (size_t i = 0; i < EAR_COUNT(calls); i++) {
        struct scene_options options = {.text = calls[i].link, .turns = calls[i].turns};
        struct quiet q = watch(&options, hours * 3600 * S);
        print_message("%s, %s: %g false alarms an hour\n", strchr(calls[i].link, '\n') + 1,
                      calls[i].turns ? "turns" : "silence", q.alarms_an_hour);
        assert_at_most(q.alarms_an_hour, 1);
    }
}

static bool is_chosen(const char *link)
{
    bool is = !chosen || !*chosen;
    for (char **one = chosen; one && *one; one++)
        is = is || strcmp(*one, link) == 0;
    return is;
}

/* Every named link but the one whose outages are real. */
static void named_links_are_not_taken_for_dead(void **state)
{
    (void)state;
    static const char *const links[] = {
        "clean",  "wifi-long", "3g",     "3g-congested", "edge",
        "gprs",   "vsat",      "loss10", "loss20",       "loss30",
        "loss50", "burst20",   "thin16", "bufferbloat",  "thin12",
    };
    int beyond = 0;
    for (size_t i = 0; i < EAR_COUNT(links); i++) {
        if (!is_chosen(links[i]))
            continue;
        struct scene_options options = {.link = links[i], .turns = true};
        struct quiet q = watch(&options, hours * 3600 * S);
        printf("false alarms an hour and end, %s: %.2f\n", links[i], q.alarms_an_hour);
        beyond += q.alarms_an_hour >= 1;
    }
    assert_int_equal(beyond, 0);
}

/* Ten minutes in which nobody says a word: the call stays, for 120 bytes a second with all headers.
 */
static void silence_is_cheap(void **state)
{
    (void)state;
    static const struct {
        const char *link;
        double bytes;
    } budgets[] = {
        {"delay = 50 ms", 7400},
        {"delay = 300 ms\nloss = 3 %", 8000},
        {"delay = 50 ms\nloss = 10 %", 10500},
        {"delay = 50 ms\nloss = 30 %", 19500},
        {"delay = 50 ms\nloss = 50 %", 33000},
    };
    for (size_t i = 0; i < EAR_COUNT(budgets); i++) {
        struct scene_options options = {.text = budgets[i].link};
        struct quiet q = watch(&options, 600 * S);
        print_message("%s: %.0f bytes a minute\n", budgets[i].link, q.bytes_a_minute);
        assert_at_most(q.bytes_a_minute, budgets[i].bytes);
        if (i + 1 < EAR_COUNT(budgets)) /* the hour above judges 50 % */
            assert_int_equal(q.alarms_an_hour, 0);
    }
}

/* One speaks, the other listens for ten minutes: neither is taken for gone. */
static void one_side_may_be_silent(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct scene *s = scene_open(&(struct scene_options){.link = "edge"});
        s->ends[silent].person.speaks = false;
        scene_call(s);
        struct ear_engine_status before = scene_status(s, silent);
        scene_run(s, 600 * S);
        for (int end = 0; end < 2; end++) {
            struct ear_engine_status st = scene_status(s, end);
            assert_int_equal(st.phase, EAR_PHASE_TALKING);
            assert_int_equal(st.outages, 0);
            assert_true(st.talk.hears_me);
        }
        struct ear_engine_status after = scene_status(s, silent);
        assert_int_equal(after.talk.packets_sent, 0);
        assert_at_most(after.sent.bytes - before.sent.bytes, 10 * 7500);
        assert_at_least(s->ends[silent].heard_count, 4000);
        scene_hang_up(s, silent);
        scene_close(s);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_is_not_taken_for_an_outage),
        cmocka_unit_test(silence_is_cheap),
        cmocka_unit_test(one_side_may_be_silent),
    };
    const struct CMUnitTest named[] = {cmocka_unit_test(named_links_are_not_taken_for_dead)};
    hours = argc > 1 ? atoi(argv[1]) : hours;
    chosen = argc > 2 ? argv + 2 : NULL;
    int failed = argc > 1 ? cmocka_run_group_tests(named, NULL, NULL) : 0;
    if (chosen)
        return failed;
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
