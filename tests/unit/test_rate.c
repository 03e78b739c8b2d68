/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Budgets to formats: never above, never poorer with more, always one that Opus can encode. */
#include <errno.h>

#include "fake/test.h"

#include "line/rate.h"
#include "wire/packet.h"

#define BUDGET_MAX 64000

static void every_budget_is_kept(void **state)
{
    (void)state;
    struct ear_codec_format leanest = ear_rate_format(0);
    int least = ear_rate_wire_bps(&leanest);
    for (int budget = 0; budget <= BUDGET_MAX; budget++) {
        struct ear_codec_format format = ear_rate_format(budget);
        int wire = ear_rate_wire_bps(&format);
        if (wire > budget && wire != least)
            fail_msg("%d bit/s wire for a budget of %d", wire, budget);
    }
}

static void more_never_brings_less(void **state)
{
    (void)state;
    int wire_before = 0, rate_before = 0, formats = 0;
    bool wideband_before = false;
    for (int budget = 0; budget <= BUDGET_MAX; budget++) {
        struct ear_codec_format format = ear_rate_format(budget);
        int wire = ear_rate_wire_bps(&format);
        assert_true(wire >= wire_before);
        assert_true(format.rate_bps >= rate_before);
        assert_true(format.wideband || !wideband_before);
        formats += wire > wire_before;
        wire_before = wire;
        rate_before = format.rate_bps;
        wideband_before = format.wideband;
    }
    assert_true(formats >= 5); /* it does choose */
}

/* A budget of just what a format needs buys that format; one bit/s less does not. */
static void budgets_are_used_up(void **state)
{
    (void)state;
    struct ear_codec_format leanest = ear_rate_format(0);
    for (int budget = ear_rate_wire_bps(&leanest) + 1; budget <= BUDGET_MAX; budget++) {
        struct ear_codec_format format = ear_rate_format(budget);
        int wire = ear_rate_wire_bps(&format);
        struct ear_codec_format same = ear_rate_format(wire), less = ear_rate_format(wire - 1);
        assert_int_equal(ear_rate_wire_bps(&same), wire);
        assert_true(ear_rate_wire_bps(&less) < wire || wire == ear_rate_wire_bps(&leanest));
    }
}

static void opus_can_encode_them_and_packets_carry_them(void **state)
{
    (void)state;
    for (int budget = 0; budget <= BUDGET_MAX; budget += 50) {
        struct ear_codec_format format = ear_rate_format(budget);
        assert_true(ear_codec_format_is_possible(&format));
        assert_true(format.max_bytes <= EAR_PAYLOAD_MAX);
        assert_true(format.max_bytes * 8000 >= (size_t)(format.rate_bps * format.packet_ms));
    }
}

static void the_wire_counts_all_bytes(void **state)
{
    (void)state;
    const struct ear_codec_format format = {.packet_ms = 120, .rate_bps = 6000};
    /* 90 bytes of speech and 41 of headers, each 120 ms. */
    assert_int_equal(ear_rate_wire_bps(&format), (90 + EAR_SPEECH_FIXED_BYTES) * 8 * 1000 / 120);
    assert_true(ear_rate_wire_bps(&format) <= 9100); /* DESIGN, section 7 */
}

static void qualities_have_names_and_budgets(void **state)
{
    (void)state;
    const char *names[EAR_QUALITIES] = {"least-data", "balanced", "clear"};
    int before = 0;
    for (int i = 0; i < EAR_QUALITIES; i++) {
        enum ear_quality quality = EAR_QUALITIES;
        assert_string_equal(ear_quality_name((enum ear_quality)i), names[i]);
        assert_int_equal(ear_quality_parse(names[i], &quality), 0);
        assert_int_equal(quality, i);
        int budget = ear_rate_usual_budget_bps((enum ear_quality)i);
        struct ear_codec_format format = ear_rate_format(budget);
        assert_true(budget > before);
        assert_true(ear_rate_wire_bps(&format) <= budget);
        before = budget;
    }
    enum ear_quality untouched = EAR_QUALITY_CLEAR;
    assert_int_equal(ear_quality_parse("Clear", &untouched), -EINVAL);
    assert_int_equal(ear_quality_parse("", &untouched), -EINVAL);
    assert_int_equal(untouched, EAR_QUALITY_CLEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_budget_is_kept),
        cmocka_unit_test(more_never_brings_less),
        cmocka_unit_test(budgets_are_used_up),
        cmocka_unit_test(opus_can_encode_them_and_packets_carry_them),
        cmocka_unit_test(the_wire_counts_all_bytes),
        cmocka_unit_test(qualities_have_names_and_budgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
