/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles and traces: what they mean, what is refused, and that no bytes crash the parser. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/profile.h"
#include "sim/profile_text.h"

#define ERROR_BYTES 512
#define MUTATIONS 100000

static const char everything[] = "# all keys\n"
                                 "delay = 280 ms\n"
                                 "jitter = 40.5 ms   # comment\n"
                                 "up = 45 kbit/s\r\n"
                                 "down=0.09 Mbit/s\n"
                                 "queue = 1.5 s\n"
                                 "cross = 30 kbit/s\n"
                                 "loss = 1.5 %\n"
                                 "burst = 4 % of 4 datagrams\n"
                                 "up.fade = 250 ms every 1 s, losing 80 %\n"
                                 "down.fade = 100 ms every 5 s\n"
                                 "spike = 300 ms every 7 s\n"
                                 "\n"
                                 "stall = 600-1500 ms every 12 s\n"
                                 "outage = 3 s every 20 s\n"
                                 "ramp = 1.5 s in 4 s, hold 2 s, back 3 s, every 20 s\n"
                                 "duplicate = 0.5 %\n"
                                 "up.reorder = 1 %\n"
                                 "down.reorder = 2 %, by 30-60 ms";

static void every_key_means_what_it_says(void **state)
{
    (void)state;
    char error[ERROR_BYTES] = "";
    struct ear_profile *profile = NULL;
    int r = ear_profile_parse(&profile, "all.link", everything, strlen(everything), error,
                              sizeof error);
    assert_string_equal(error, "");
    assert_int_equal(r, 0);
    assert_string_equal(ear_profile_name(profile), "all");
    assert_int_equal(ear_profile_delay_us(profile), 280000);
    const struct ear_effects *up = ear_profile_effects(profile, 0);
    const struct ear_effects *down = ear_profile_effects(profile, 1);
    assert_int_equal(up->delay_us, 280000);
    assert_int_equal(up->jitter_us, 40500);
    assert_int_equal(up->rate_bps, 45000);
    assert_int_equal(down->rate_bps, 90000);
    assert_int_equal(up->queue_us, 1500000);
    assert_int_equal(up->cross_bps, 30000);
    assert_int_equal(up->loss_ppm, 15000);
    assert_int_equal(up->burst.ppm, 40000);
    assert_int_equal(up->burst.datagrams_ppm, 4000000);
    assert_int_equal(up->fade.length_us, 250000);
    assert_int_equal(up->fade.every_us, 1000000);
    assert_int_equal(up->fade.losing_ppm, 800000);
    assert_int_equal(down->fade.length_us, 100000);
    assert_int_equal(down->fade.losing_ppm, 1000000);
    assert_int_equal(up->spike.length.least_us, 300000);
    assert_int_equal(up->spike.length.most_us, 300000);
    assert_int_equal(up->spike.every_us, 7000000);
    assert_int_equal(up->stall.length.least_us, 600000);
    assert_int_equal(up->stall.length.most_us, 1500000);
    assert_int_equal(up->stall.every_us, 12000000);
    assert_int_equal(up->outage.length.most_us, 3000000);
    assert_int_equal(up->outage.every_us, 20000000);
    assert_int_equal(up->ramp.peak_us, 1500000);
    assert_int_equal(up->ramp.rise_us, 4000000);
    assert_int_equal(up->ramp.hold_us, 2000000);
    assert_int_equal(up->ramp.fall_us, 3000000);
    assert_int_equal(up->ramp.every_us, 20000000);
    assert_int_equal(up->duplicate_ppm, 5000);
    assert_int_equal(up->reorder.ppm, 10000);
    assert_int_equal(up->reorder.held.least_us, 50000);
    assert_int_equal(down->reorder.ppm, 20000);
    assert_int_equal(down->reorder.held.most_us, 60000);
    ear_profile_free(profile);
}

static void bad_profiles_are_refused_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"delay = 1 ms\ndealy = 2 ms\n", "t.link, line 2: \"dealy\" is not a key; the keys are up, "
                                         "down, delay, jitter, spike, stall, loss, burst, fade, "
                                         "rate, queue, cross, outage, ramp, duplicate, reorder, "
                                         "trace."},
        {"delay 280 ms\n", "t.link, line 1: a line is \"key = value\"."},
        {"\n\ndelay = 280\n",
         "t.link, line 3: delay does not understand \"280\"; write it as in delay = 280 ms."},
        {"delay = -3 ms", "does not understand"},
        {"delay = nan ms", "does not understand"},
        {"delay = 1e3 ms", "does not understand"},
        {"delay = 1. ms", "does not understand"},
        {"delay = 1.2345678 ms", "does not understand"},
        {"delay = 1234567890 us", "does not understand"},
        {"delay = 2 ms 3 ms", "does not understand"},
        {"delay = 20 km", "does not understand"},
        {"delay =", "does not understand"},
        {"delay = \x01\xff\x80", "\"???\""},
        {"delay = 61 min", "goes too far"},
        {"loss = 101 %", "goes too far"},
        {"rate = 2000 Mbit/s", "goes too far"},
        {"rate = 0 kbit/s", "a rate must be above 0"},
        {"loss = 1 %\nup.loss = 2 %", "t.link, line 2: loss already stands in line 1."},
        {"up = 1 kbit/s\nup.rate = 2 kbit/s", "already stands in line 1"},
        {"queue = 1 s", "queue needs a rate"},
        {"up = 9 kbit/s\nqueue = 1 s", "line 2: queue needs a rate"},
        {"rate = 9 kbit/s\nqueue = 61 s", "no queue is longer"},
        {"rate = 9 kbit/s\ncross = 9 kbit/s", "must leave some rate"},
        {"rate = 90 Mbit/s\ncross = 11 Mbit/s", "ends at 10 Mbit/s"},
        {"fade = 2 s every 1 s", "over before it begins anew"},
        {"outage = 20 s every 20 s", "over before it begins anew"},
        {"stall = 9-5 ms every 20 s", "does not understand"},
        {"spike = 10 ms every 50 ms", "faster than every 100 ms"},
        {"ramp = 1 s in 4 s, hold 2 s, back 3 s, every 9 s", "over before it begins anew"},
        {"burst = 60 % of 4 datagrams", "bursts lose up to 50 %"},
        {"burst = 6 % of 0.5 datagrams", "bursts lose up to 50 %"},
        {"fade = 250 ms every 1 s losing", "does not understand"},
        {"trace = ", "trace needs the name of a file"},
        {"trace = a.csv", "t.link names a trace, which needs a file."},
        {"up. = 3 ms", "is not a key"},
        {".loss = 3 %", "is not a key"},
        {"= 3", "is not a key"},
    };
    for (size_t i = 0; i < EAR_COUNT(cases); i++) {
        char error[ERROR_BYTES] = "";
        struct ear_profile *profile = NULL;
        int r = ear_profile_parse(&profile, "t.link", cases[i].text, strlen(cases[i].text), error,
                                  sizeof error);
        if (r != -EINVAL || profile || !strstr(error, cases[i].said))
            fail_msg("\"%s\" gave %d, \"%s\"", cases[i].text, r, error);
        assert_int_equal(error[strlen(error) - 1], '.');
    }
}

static void a_nul_or_an_endless_file_is_refused(void **state)
{
    (void)state;
    char error[ERROR_BYTES];
    struct ear_profile *profile = NULL;
    static const char nul[] = "delay = 3\0 ms\n";
    assert_int_equal(ear_profile_parse(&profile, "t", nul, sizeof nul - 1, error, sizeof error),
                     -EINVAL);
    size_t len = EAR_PROFILE_TEXT_MAX + 1;
    char *large = malloc(len);
    assert_non_null(large);
    memset(large, '#', len);
    assert_int_equal(ear_profile_parse(&profile, "t", large, len, error, sizeof error), -EINVAL);
    assert_int_equal(ear_profile_parse(&profile, "t", large, len - 1, error, sizeof error), 0);
    ear_profile_free(profile);
    free(large);
}

static void an_unknown_link_names_the_known(void **state)
{
    (void)state;
    char error[ERROR_BYTES] = "";
    struct ear_profile *profile = NULL;
    assert_int_equal(ear_profile_load(&profile, "moon", error, sizeof error), -ENOENT);
    assert_string_equal(error,
                        "There is no link \"moon\"; the known ones are: 3g 3g-congested "
                        "bufferbloat burst20 clean edge gprs loss10 loss20 loss30 loss50 outage "
                        "thin12 thin16 vsat wifi-long.");
    assert_int_equal(ear_profile_load(&profile, "/nowhere/x.link", error, sizeof error), -ENOENT);
    assert_int_equal(ear_profile_load(&profile, "", error, sizeof error), -ENOENT);
    assert_int_equal(ear_profile_load(&profile, "/dev/zero", error, sizeof error), -ENOENT);
    char small[17];
    ear_profile_names(small, sizeof small);
    assert_string_equal(small, "3g 3g-congested");
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* The folder named from outside, where a build for a distribution finds its links before they are
 * installed; empty where there is none. */
static char links_given[4096];

static void restore_links(void)
{
    if (links_given[0])
        setenv("EARSHOT_LINKS", links_given, 1);
    else
        unsetenv("EARSHOT_LINKS");
}

static void links_are_found_by_folder_and_by_path(void **state)
{
    (void)state;
    char folder[] = "/tmp/ear-links-XXXXXX", path[64], trace[64], error[ERROR_BYTES] = "";
    struct ear_profile *profile = NULL;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/moon.link", folder);
    snprintf(trace, sizeof trace, "%s/moon.csv", folder);
    write_file(path, "delay = 1.3 s\ntrace = moon.csv\n");
    assert_int_equal(ear_profile_load(&profile, path, error, sizeof error), -ENOENT);
    assert_non_null(strstr(error, "moon names the trace"));
    write_file(trace, "t_ms,delay_ms\n0,30\n60,x\n");
    assert_int_equal(ear_profile_load(&profile, path, error, sizeof error), -EINVAL);
    assert_string_equal(error, "moon.csv, line 3: the delay is not a number.");
    write_file(trace, "t_ms,delay_ms\n0,30\n60,\n120,20.5\n");
    setenv("EARSHOT_LINKS", folder, 1);
    assert_int_equal(ear_profile_load(&profile, "moon", error, sizeof error), 0);
    assert_string_equal(ear_profile_name(profile), "moon");
    assert_int_equal(ear_profile_delay_us(profile), 1320500);
    assert_int_equal(ear_trace_rows(ear_profile_effects(profile, 1)->trace), 3);
    ear_profile_free(profile);
    if (!links_given[0]) { /* what is built for a distribution has no other folder yet */
        assert_int_equal(ear_profile_load(&profile, "clean", error, sizeof error), 0);
        ear_profile_free(profile);
    }
    restore_links();
    unlink(path);
    unlink(trace);
    rmdir(folder);
}

static int parse_trace(const char *text, struct ear_trace **ret, char *error)
{
    return ear_trace_parse(ret, "t.csv", text, strlen(text), error, ERROR_BYTES);
}

static void traces_are_read_and_loop(void **state)
{
    (void)state;
    char error[ERROR_BYTES] = "";
    struct ear_trace *t = NULL;
    assert_int_equal(parse_trace("t_ms,delay_ms\r\n1000,30\r\n1060,\r\n1120,20.25", &t, error), 0);
    assert_int_equal(ear_trace_rows(t), 3);
    assert_int_equal(ear_trace_least_us(t), 20250);
    assert_int_equal(ear_trace_delay_us(t, 0), 30000);
    assert_int_equal(ear_trace_delay_us(t, 59999), 30000);
    assert_true(ear_trace_delay_us(t, 60000) == EAR_TRACE_LOST);
    assert_int_equal(ear_trace_delay_us(t, 179999), 20250);
    assert_int_equal(ear_trace_delay_us(t, 180000), 30000);
    ear_trace_free(t);
    assert_int_equal(parse_trace("t_send_ms,t_arrive_ms\n0,100\n20,150\n40,\n", &t, error), 0);
    assert_int_equal(ear_trace_delay_us(t, 20000), 130000);
    assert_true(ear_trace_delay_us(t, 40000) == EAR_TRACE_LOST);
    ear_trace_free(t);
}

static void bad_traces_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "t.csv, line 0: a trace needs two rows at different times."},
        {"t_ms,delay_ms\n0,1\n", "two rows"},
        {"0,1\n0,2\n", "two rows"},
        {"0,1\n60,2\n59,2\n", "t.csv, line 3: time runs backwards."},
        {"0,1\nx,2\n", "the time is not a number"},
        {"0,1\n60 2\n", "a row is t_ms,delay_ms"},
        {"0,1\n60,2,3\n", "the delay is not a number"},
        {"0,1\n60,-2\n", "the delay is not a number"},
        {"t_send_ms,t_arrive_ms\n0,1\n60,2\n", "it arrives before it is sent"},
        {"time,wait\n0,1\n60,2\n", "line 1: the time is not a number"},
    };
    for (size_t i = 0; i < EAR_COUNT(cases); i++) {
        char error[ERROR_BYTES] = "";
        struct ear_trace *t = NULL;
        int r = parse_trace(cases[i].text, &t, error);
        if (r != -EINVAL || t || !strstr(error, cases[i].said))
            fail_msg("\"%s\" gave %d, \"%s\"", cases[i].text, r, error);
    }
}

/* Bytes that lie near the grammar find more than plain noise. */
static size_t mutate(struct ear_random *r, char *text, size_t len, size_t cap)
{
    static const char likely[] = "\n=#.,-% 0123456789smkbit/upT\0\xff";
    for (uint32_t n = 1 + ear_random_below(r, 4); n > 0; n--) {
        size_t at = ear_random_below(r, (uint32_t)len);
        char byte = likely[ear_random_below(r, sizeof likely)];
        uint32_t kind = ear_random_below(r, 4);
        if (kind == 0) {
            text[at] = byte;
        } else if (kind == 1) {
            text[at] ^= (char)(1 << ear_random_below(r, 8));
        } else if (kind == 2 && len > 2) {
            size_t cut = 1 + ear_random_below(r, (uint32_t)(len - at < 20 ? len - at : 20));
            memmove(text + at, text + at + cut, len - at - cut);
            len -= cut;
            len = len ? len : 1;
        } else if (len < cap) {
            memmove(text + at + 1, text + at, len - at);
            text[at] = byte;
            len++;
        }
    }
    return len;
}

static void no_mutation_crashes_the_parsers(void **state)
{
    (void)state;
    const uint64_t seed = 1;
    static const char rows[] = "t_ms,delay_ms\n0,30\n60,\n120,20.5\n180,1000\n";
    struct ear_random r = ear_random_seeded(seed);
    int accepted = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        const char *source = i % 4 ? everything : rows;
        size_t len = strlen(source), cap = len + 8;
        char error[64] = "", *text = malloc(cap);
        assert_non_null(text);
        memcpy(text, source, len);
        len = mutate(&r, text, len, cap);
        text = realloc(text, len); /* so that sanitizers see a read past the end */
        assert_non_null(text);
        struct ear_profile_text parsed;
        struct ear_trace *trace = NULL;
        int got;
        if (i % 4) {
            got = ear_profile_text_parse(&parsed, "m", text, len, error, sizeof error);
        } else {
            got = ear_trace_parse(&trace, "m", text, len, error, sizeof error);
            ear_trace_free(trace);
        }
        if ((got == 0) != (error[0] == '\0'))
            fail_msg("seed %llu, mutation %d: %d with \"%s\"", (unsigned long long)seed, i, got,
                     error);
        accepted += got == 0;
        free(text);
    }
    assert_in_range(accepted, MUTATIONS / 100, MUTATIONS * 9 / 10);
}

int main(void)
{
    const char *links = getenv("EARSHOT_LINKS");
    snprintf(links_given, sizeof links_given, "%s", links ? links : "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_means_what_it_says),
        cmocka_unit_test(bad_profiles_are_refused_in_one_sentence),
        cmocka_unit_test(a_nul_or_an_endless_file_is_refused),
        cmocka_unit_test(an_unknown_link_names_the_known),
        cmocka_unit_test(links_are_found_by_folder_and_by_path),
        cmocka_unit_test(traces_are_read_and_loop),
        cmocka_unit_test(bad_traces_are_refused),
        cmocka_unit_test(no_mutation_crashes_the_parsers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
