/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was in force since when: what is a change, and what the file of a call says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "line/rung_log.h"
#include "tools/report.h"

#define S ((int64_t)EAR_US_PER_S)

static const struct ear_codec_format format = {.packet_ms = 120, .rate_bps = 8000};

static struct ear_ladder_say say_of(enum ear_rung rung, int budget_bps, enum ear_ladder_why why)
{
    return (struct ear_ladder_say){
        .rung = rung, .rung_why = why, .budget_bps = budget_bps, .budget_why = why};
}

static void note(struct ear_rung_log *log, enum ear_rung in_force, struct ear_ladder_say say,
                 int64_t at_us)
{
    ear_rung_log_note(log, in_force, &say, &format, at_us);
}

static void a_rung_or_a_budget_is_a_change(void **state)
{
    (void)state;
    struct ear_rung_log log = {0};
    for (int i = 0; i < 20; i++)
        note(&log, EAR_RUNG_FULL, say_of(EAR_RUNG_FULL, 16000, EAR_LADDER_START), i * S / 10);
    assert_int_equal(log.count, 1);
    note(&log, EAR_RUNG_FULL, say_of(EAR_RUNG_FULL, 15000, EAR_LADDER_FULL_LINE), 3 * S);
    note(&log, EAR_RUNG_LONGER, say_of(EAR_RUNG_LONGER, 12000, EAR_LADDER_QUEUE_LOSS), 4 * S);
    note(&log, EAR_RUNG_TURNS, say_of(EAR_RUNG_LONGER, 12000, EAR_LADDER_QUEUE_LOSS), 5 * S);
    assert_int_equal(log.count, 4);
    static const struct {
        enum ear_rung rung;
        enum ear_ladder_why why;
        int budget_bps;
        int64_t at_us;
        bool theirs;
    } want[] = {
        {EAR_RUNG_FULL, EAR_LADDER_START, 16000, 0, false},
        {EAR_RUNG_FULL, EAR_LADDER_FULL_LINE, 15000, 3 * S, false},
        {EAR_RUNG_LONGER, EAR_LADDER_QUEUE_LOSS, 12000, 4 * S, false},
        {EAR_RUNG_TURNS, EAR_LADDER_QUEUE_LOSS, 12000, 5 * S, true},
    };
    for (size_t i = 0; i < EAR_COUNT(want); i++) {
        const struct ear_rung_change *is = ear_rung_log_get(&log, (int64_t)i);
        assert_int_equal(is->rung, want[i].rung);
        assert_int_equal(is->why, want[i].why);
        assert_int_equal(is->budget_bps, want[i].budget_bps);
        assert_int_equal(is->at_us, want[i].at_us);
        assert_int_equal(is->theirs, want[i].theirs);
        assert_int_equal(is->format.packet_ms, 120);
    }
}

static void what_passes_is_none(void **state)
{
    (void)state;
    struct ear_rung_log log = {0};
    struct ear_ladder_say say = say_of(EAR_RUNG_FULL, 16000, EAR_LADDER_BUDGET);
    note(&log, EAR_RUNG_FULL, say, 0);
    say.budget_bps = 9100;
    say.passing = true;
    note(&log, EAR_RUNG_FULL, say, 1 * S);
    say.budget_bps = 18000;
    say.passing = false;
    say.probe_bps = 2000;
    note(&log, EAR_RUNG_FULL, say, 2 * S);
    say.budget_bps = 16000;
    say.probe_bps = 0;
    note(&log, EAR_RUNG_FULL, say, 3 * S);
    assert_int_equal(log.count, 1);
}

static void the_newest_are_kept(void **state)
{
    (void)state;
    struct ear_rung_log log = {0};
    for (int i = 0; i < 200; i++)
        note(&log, EAR_RUNG_FULL, say_of(EAR_RUNG_FULL, 10000 + i, EAR_LADDER_ROOM), i * S);
    assert_int_equal(log.count, 200);
    assert_int_equal(ear_rung_log_first(&log), 200 - EAR_RUNG_LOG_KEPT);
    for (int64_t i = ear_rung_log_first(&log); i < log.count; i++)
        assert_int_equal(ear_rung_log_get(&log, i)->budget_bps, 10000 + i);
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in %s", part, text);
}

static void the_file_of_a_call_tells_them(void **state)
{
    (void)state;
    static struct ear_report report;
    char text[8192] = "";
    note(&report.status.rungs, EAR_RUNG_FULL, say_of(EAR_RUNG_FULL, 16000, EAR_LADDER_START), 0);
    note(&report.status.rungs, EAR_RUNG_TURNS, say_of(EAR_RUNG_TURNS, 9100, EAR_LADDER_TOO_THIN),
         12340 * (int64_t)EAR_US_PER_MS);
    note(&report.status.rungs, EAR_RUNG_STREAM, say_of(EAR_RUNG_TURNS, 9100, EAR_LADDER_TOO_THIN),
         20 * S);
    FILE *file = tmpfile();
    assert_non_null(file);
    ear_report_json(&report, file, 2);
    rewind(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len > 0);
    assert_says(text, "\"rungs\": [\n    {\"at_s\": 0.00, \"rung\": \"full-duplex\", \"reason\": "
                      "\"start\", \"budget_bps\": 16000, \"packet_ms\": 120, \"codec_bps\": 8000, "
                      "\"band\": \"narrow\", \"wire_bps\": ");
    assert_says(text, "{\"at_s\": 12.34, \"rung\": \"take-turns\", \"reason\": \"too-thin\", "
                      "\"budget_bps\": 9100, ");
    assert_says(text, "{\"at_s\": 20.00, \"rung\": \"voice-stream\", \"reason\": \"other-side\", ");
    assert_says(text, "}],\n  \"rung_changes\": 2,\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rung_or_a_budget_is_a_change),
        cmocka_unit_test(what_passes_is_none),
        cmocka_unit_test(the_newest_are_kept),
        cmocka_unit_test(the_file_of_a_call_tells_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
