/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulated day of calls, or a part of it: test_day EARSHOT-SIM HOURS LINK [--no-codec
 * [--long-outages]]. */
#include <sys/wait.h>

#include "fake/test.h"

static const char *simulator, *hours, *link_name, *codec;
static char report[1 << 18]; /* ten days list some 500 calls that ended */

static int run_simulator(void)
{
    char command[1024];
    snprintf(command, sizeof command, "'%s' --link %s --hours %s %s", simulator, link_name, hours,
             codec);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(report, 1, sizeof report - 1, pipe);
    report[len] = '\0';
    int status = pclose(pipe);
    print_message("%s", report);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static double number(const char *name)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", name);
    const char *at = strstr(report, quoted);
    if (!at)
        fail_msg("no %s in the report", name);
    return strtod(at + strlen(quoted), NULL);
}

static void nothing_is_lost_and_nothing_grows(void **state)
{
    (void)state;
    assert_int_equal(run_simulator(), 0);
    double length = strtod(hours, NULL);
    assert_int_equal(number("calls_lost"), 0);
    assert_at_least(number("calls"), length / 1.2);
    assert_at_least(number("talk_s"), length * 3600 * 0.85);
    assert_at_least(number("outages"), length * 500 / 24 * 0.6);
    if (length >= 240 && strstr(codec, "long"))
        assert_at_least(number("outages"), 5000);
    if (length >= 24)
        assert_at_least(number("outages"), 450);
    /* Every switch of a microphone was told, once, across all outages. */
    assert_at_least(number("signals_said"), length * 60);
    assert_true(number("signals_heard") + number("signals_in_ended_calls") ==
                number("signals_said"));
    assert_int_equal(number("texts_lost"), 0);
    assert_int_equal(number("texts_doubled"), 0);
    assert_int_equal(number("texts_reordered"), 0);
    assert_true(number("texts_heard") + number("texts_in_ended_calls") == number("texts_said"));
    if (!strstr(codec, "long")) { /* outages are of 60 s at most: nothing ends */
        assert_int_equal(number("calls_given_up"), 0);
        assert_int_equal(number("texts_in_ended_calls"), 0);
        assert_int_equal(number("signals_in_ended_calls"), 0);
    } else {
        assert_at_least(number("calls_given_up"), 1);
        assert_at_least(number("longest_outage_survived_s"), 120);
        assert_at_least(number("outages_beyond_120_s"), number("calls_given_up"));
    }
    assert_int_equal(number("packets_heard_twice"), 0);
    /* What came by itself after it had been repaired. */
    assert_at_most(number("packets_duplicate"), number("packets_received") / 50);
    /* What is on its way when a session closes belongs to nobody; who gave up hears the other ask
     * until he gives up as well. */
    assert_at_most(number("datagrams_refused"), number("calls") + 5 * number("calls_given_up"));
    assert_int_equal(number("enet_memory_bytes"), 0);
    assert_at_most(number("memory_slope_bytes_per_hour"), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_nothing_grows),
    };
    if (argc < 4) {
        fprintf(stderr, "usage: %s EARSHOT-SIM HOURS LINK [--no-codec]\n", argv[0]);
        return 2;
    }
    simulator = argv[1];
    hours = argv[2];
    link_name = argv[3];
    codec = argc > 4 ? argv[4] : ""; /* the rest of the options, as one word of the shell */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
