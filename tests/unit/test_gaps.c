/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has not come: found, asked for, given back or given up, each unit once. */
#include "fake/test.h"

#include "base/random.h"
#include "rx/gaps.h"

static const struct ear_gaps_config config = {.live_units = 25, .awaited_units = 500};

static struct ear_gaps gaps;

static void start(void)
{
    ear_gaps_init(&gaps, &config);
}

static int64_t units_of(enum ear_gap_kind kind)
{
    int64_t sum = 0;
    for (size_t i = 0; i < gaps.count; i++) {
        assert_true(gaps.range[i].from < gaps.range[i].to);
        assert_true(i == 0 || gaps.range[i - 1].to <= gaps.range[i].from);
        if (gaps.range[i].kind == kind)
            sum += gaps.range[i].to - gaps.range[i].from;
    }
    return sum;
}

static void a_gap_is_what_its_length_says(void **state)
{
    (void)state;
    start();
    assert_int_equal(ear_gaps_speech(&gaps, 0, 3, true, 0), 0);
    assert_int_equal(ear_gaps_speech(&gaps, 6, 3, false, 0), 3);
    assert_int_equal(units_of(EAR_GAP_LIVE), 3);
    assert_int_equal(ear_gaps_speech(&gaps, 109, 3, false, 0), 100);
    assert_int_equal(units_of(EAR_GAP_AWAITED), 100);
    assert_int_equal(ear_gaps_awaited(&gaps), 9);
    assert_int_equal(ear_gaps_speech(&gaps, 1112, 3, false, 0), 1000);
    assert_int_equal(units_of(EAR_GAP_MISSED), 1000);
}

/* Silence is told seldom: what was lost beside it is shorter than it looks. */
static void a_gap_at_silence_may_be_longer(void **state)
{
    (void)state;
    const struct ear_gaps_config with_signs = {
        .live_units = 25, .sign_units = 20, .awaited_units = 500};
    ear_gaps_init(&gaps, &with_signs);
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    assert_int_equal(ear_gaps_silence(&gaps, 48, true, 0), 45);
    assert_int_equal(units_of(EAR_GAP_LIVE), 45);
    ear_gaps_speech(&gaps, 50, 3, true, 0);
    assert_int_equal(ear_gaps_silence(&gaps, 99, false, 0), 46);
    assert_int_equal(units_of(EAR_GAP_AWAITED), 46);
    ear_gaps_speech(&gaps, 110, 3, true, 0);
    assert_int_equal(ear_gaps_speech(&gaps, 139, 3, false, 0), 26);
    assert_int_equal(units_of(EAR_GAP_AWAITED), 46 + 26);
    /* Nor is it fetched before it is longer by as much. */
    ear_gaps_pass(&gaps, 52, 25);
    assert_int_equal(units_of(EAR_GAP_MISSED), 45);
    ear_gaps_pass(&gaps, 142, 27);
    assert_int_equal(units_of(EAR_GAP_MISSED), 45);
    assert_int_equal(units_of(EAR_GAP_LOST), 46 + 26);
    /* Nothing is live where all is waited for. */
    const struct ear_gaps_config whole = {.sign_units = 20, .awaited_units = 500};
    ear_gaps_init(&gaps, &whole);
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    assert_int_equal(ear_gaps_silence(&gaps, 13, true, 0), 10);
    assert_int_equal(units_of(EAR_GAP_AWAITED), 10);
}

static void a_pause_is_no_gap(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    assert_int_equal(ear_gaps_silence(&gaps, 3, true, 0), 0);
    assert_int_equal(ear_gaps_silence(&gaps, 28, true, 0), 0);
    assert_int_equal(ear_gaps_speech(&gaps, 40, 3, true, 0), 0);
    assert_int_equal(gaps.count, 0);
    /* The end of that spurt is lost: silence that begins later leaves its tail unknown. */
    assert_int_equal(ear_gaps_silence(&gaps, 49, false, 0), 6);
    /* So is what lies before a spurt whose predecessor never ended. */
    ear_gaps_speech(&gaps, 60, 3, true, 0);
    assert_int_equal(ear_gaps_speech(&gaps, 80, 3, true, 0), 17);
}

/* What came and cannot be kept is listed, and what else is fetched: once each. */
static void what_finds_no_room_is_lost(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_speech(&gaps, 603, 3, false, 0); /* 600 are fetched */
    ear_gaps_speech(&gaps, 616, 3, false, 0); /* 10 are wanted now */
    enum ear_gap_kind kind;
    assert_true(ear_gaps_clear(&gaps, 203, 206, 0, &kind));
    assert_int_equal(units_of(EAR_GAP_MISSED), 597);
    ear_gaps_overflow(&gaps, 203, 206);
    assert_int_equal(units_of(EAR_GAP_LOST), 600);
    assert_true(ear_gaps_is_lost(&gaps, 3, 603));
    assert_int_equal(units_of(EAR_GAP_MISSED), 0);
    assert_int_equal(units_of(EAR_GAP_LIVE), 10);
    assert_int_equal(ear_gaps_fetched(&gaps), INT64_MAX);
}

/* What came when its time was over is lost, and nothing else. */
static void what_comes_late_is_lost(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_speech(&gaps, 9, 3, false, 0);
    ear_gaps_speech(&gaps, 612, 3, false, 0);
    enum ear_gap_kind kind;
    assert_true(ear_gaps_clear(&gaps, 3, 6, 0, &kind));
    ear_gaps_late(&gaps, 3, 6);
    assert_true(ear_gaps_is_lost(&gaps, 3, 6));
    assert_int_equal(units_of(EAR_GAP_LOST), 3);
    assert_int_equal(units_of(EAR_GAP_LIVE), 3);
    assert_int_equal(units_of(EAR_GAP_MISSED), 600);
}

/* Silence is told until a spurt is noticed, and the spurt began before. */
static void a_spurt_begins_in_told_silence(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_silence(&gaps, 3, true, 0);
    ear_gaps_silence(&gaps, 20, true, 0);
    /* Its first two packets are lost: [16, 18) and [18, 20). */
    assert_int_equal(ear_gaps_speech(&gaps, 20, 2, false, 0), 5);
    assert_int_equal(gaps.range[0].from, 15);
    /* Its first packet alone, the next one ends where silence was told. */
    start();
    ear_gaps_silence(&gaps, 20, false, 0);
    assert_int_equal(ear_gaps_speech(&gaps, 18, 2, false, 0), 3);
    assert_int_equal(ear_gaps_speech(&gaps, 20, 2, false, 0), 0);
    assert_int_equal(units_of(EAR_GAP_LIVE), 3);
    /* Its second packet. The first has come and counts: silence behind the spurt fits. */
    start();
    ear_gaps_silence(&gaps, 20, false, 0);
    assert_int_equal(ear_gaps_speech(&gaps, 16, 2, true, 0), 0);
    assert_int_equal(ear_gaps_speech(&gaps, 16, 2, true, 0), 0);
    assert_int_equal(ear_gaps_speech(&gaps, 20, 2, false, 0), 2);
    assert_int_equal(gaps.range[0].from, 18);
    assert_int_equal(ear_gaps_silence(&gaps, 22, true, 0), 0);
}

static void a_spurt_lost_as_a_whole_is_missed(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_silence(&gaps, 3, true, 0);
    /* Silent again, but behind one spurt more than we heard. */
    assert_int_equal(ear_gaps_silence(&gaps, 28, false, 0), 25);
    /* Another is lost in the pause before a spurt that came: seen when that one ends. */
    assert_int_equal(ear_gaps_silence(&gaps, 50, false, 0), 0);
    assert_int_equal(ear_gaps_speech(&gaps, 70, 3, true, 0), 0);
    assert_int_equal(ear_gaps_silence(&gaps, 73, false, 0), 20);
    assert_int_equal(gaps.range[1].from, 50);
    assert_int_equal(gaps.range[1].to, 70);
}

static void an_ask_is_repeated_and_the_nearest_comes_first(void **state)
{
    (void)state;
    start();
    struct ear_gap due[4];
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_speech(&gaps, 603, 3, false, 0); /* missed */
    ear_gaps_speech(&gaps, 609, 3, false, 0); /* live */
    assert_int_equal(ear_gaps_due(&gaps, 0, 100, due, 4), 2);
    assert_int_equal(due[0].kind, EAR_GAP_LIVE);
    assert_int_equal(due[1].kind, EAR_GAP_MISSED);
    for (int i = 0; i < 2; i++)
        ear_gaps_asked(&gaps, due[i].from, 0);
    assert_int_equal(ear_gaps_due(&gaps, 99, 100, due, 4), 0);
    assert_int_equal(ear_gaps_due(&gaps, 100, 100, due, 4), 1);
    assert_int_equal(due[0].from, 606);
    assert_int_equal(ear_gaps_due(&gaps, 400, 100, due, 4), 2);
}

static void a_short_one_is_asked_for_until_it_comes(void **state)
{
    (void)state;
    start();
    struct ear_gap due[4];
    gaps.config.short_units = 30;
    gaps.config.short_us = 15;
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_speech(&gaps, 9, 3, false, 0);
    for (int64_t now = 0; now < 100; now += 20) {
        assert_int_equal(ear_gaps_due(&gaps, now, 1000, due, 4), 1);
        ear_gaps_asked(&gaps, due[0].from, now);
        assert_int_equal(ear_gaps_due(&gaps, now + 14, 1000, due, 4), 0);
    }
    /* A part of it came, the rest is asked for all the same. */
    enum ear_gap_kind kind;
    assert_true(ear_gaps_settle(&gaps, 3, 6, 100, &kind));
    assert_int_equal(ear_gaps_due(&gaps, 101, 1000, due, 4), 1);
    assert_int_equal(due[0].from, 6);
}

static void what_playout_passes_is_lost_or_missed(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_speech(&gaps, 9, 3, false, 0);
    ear_gaps_speech(&gaps, 112, 3, false, 0);
    ear_gaps_pass(&gaps, 9, 20);
    assert_int_equal(units_of(EAR_GAP_LOST), 6);
    assert_int_equal(units_of(EAR_GAP_AWAITED), 100);
    ear_gaps_expire(&gaps, 1000, 2000);
    assert_int_equal(units_of(EAR_GAP_AWAITED), 100);
    ear_gaps_expire(&gaps, 3000, 2000);
    assert_int_equal(units_of(EAR_GAP_MISSED), 100);
    enum ear_gap_kind kind;
    assert_true(ear_gaps_settle(&gaps, 20, 30, 0, &kind));
    assert_int_equal(kind, EAR_GAP_MISSED);
    assert_false(ear_gaps_settle(&gaps, 3, 9, 0, &kind));
    assert_true(ear_gaps_clear(&gaps, 3, 6, 0, &kind));
    assert_int_equal(units_of(EAR_GAP_LOST), 3);
    ear_gaps_lose(&gaps, 25, 50);
    assert_int_equal(units_of(EAR_GAP_LOST), 23);
    assert_int_equal(units_of(EAR_GAP_MISSED), 70);
    /* A long one is fetched though its turn has passed, what of it has not passed waits on. */
    start();
    ear_gaps_speech(&gaps, 0, 3, true, 0);
    ear_gaps_speech(&gaps, 23, 3, false, 0);
    ear_gaps_speech(&gaps, 45, 3, false, 0);
    ear_gaps_pass(&gaps, 40, 20);
    assert_int_equal(units_of(EAR_GAP_MISSED), 20);
    assert_int_equal(units_of(EAR_GAP_LOST), 14);
    assert_int_equal(units_of(EAR_GAP_LIVE), 5);
}

/* Whatever is lost, doubled or late: each unit of speech has come, or is in just one range. */
static void each_unit_is_in_one_place(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        static uint8_t came[20000];
        struct ear_random random = ear_random_seeded(seed);
        memset(came, 0, sizeof came);
        start();
        int64_t index = 0;
        bool odd = false, spurt = true;
        for (int i = 0; i < 600; i++) {
            bool lost = ear_random_below(&random, 100) < seed % 60;
            if (i % 8 == 7 && ear_random_below(&random, 2) == 0) {
                for (int k = 0; k < 5; k++, index += 9) {
                    if (ear_random_below(&random, 100) >= seed % 60)
                        ear_gaps_silence(&gaps, index, odd, i);
                    memset(came + index, 1, 9);
                }
                spurt = true;
                continue;
            }
            odd = odd != spurt;
            if (!lost) {
                ear_gaps_speech(&gaps, index, 3, spurt, i);
                memset(came + index, 1, 3);
            }
            spurt = false;
            index += 3;
            if (ear_random_below(&random, 5) == 0 && gaps.count > 0) {
                const struct ear_gap *gap = &gaps.range[ear_random_below(&random, gaps.count)];
                int64_t from = gap->from, to = gap->to;
                enum ear_gap_kind kind;
                if (ear_gaps_settle(&gaps, from, to, i, &kind))
                    memset(came + from, 1, (size_t)(to - from));
            }
            if (ear_random_below(&random, 9) == 0)
                ear_gaps_pass(&gaps, index - 20, 20);
        }
        ear_gaps_speech(&gaps, index, 3, false, 600);
        ear_gaps_silence(&gaps, index + 3, odd, 600);
        for (size_t i = 0; i < gaps.count; i++) {
            assert_true(i == 0 || gaps.range[i - 1].to <= gaps.range[i].from);
            for (int64_t u = gaps.range[i].from; u < gaps.range[i].to; u++)
                came[u] |= 2;
        }
        int64_t nowhere = 0;
        for (int64_t u = 0; u < index; u++)
            nowhere += came[u] == 0;
        if (nowhere != 0)
            fail_msg("seed %d: %d units nowhere", (int)seed, (int)nowhere);
        assert_int_equal(gaps.forgotten_units, 0);
    }
}

static int64_t units_of_all(void)
{
    int64_t sum = gaps.forgotten_units;
    for (int kind = 0; kind < EAR_GAP_KINDS; kind++)
        sum += units_of((enum ear_gap_kind)kind);
    return sum;
}

/* Hours of a bad line fill the list with single words. What is long stays in it, and what is being
 * fetched is taken apart like at the beginning. */
static void a_full_list_keeps_what_counts(void **state)
{
    (void)state;
    start();
    ear_gaps_speech(&gaps, 0, 1, true, 0);
    int64_t index = 401;
    ear_gaps_speech(&gaps, index, 1, false, 0); /* 400 units, awaited */
    for (int i = 0; i < 2 * EAR_GAPS_RANGES; i++) {
        ear_gaps_speech(&gaps, index += 2, 1, false, 0);
        ear_gaps_pass(&gaps, index, 1000);
    }
    assert_int_equal(gaps.count, EAR_GAPS_RANGES);
    int64_t from = index + 1, all = 400 + 2 * EAR_GAPS_RANGES;
    ear_gaps_speech(&gaps, from + 2000, 1, false, 0);
    assert_int_equal(units_of_all(), all += 2000);
    assert_int_equal(units_of(EAR_GAP_MISSED), 2000);
    assert_true(ear_gaps_is_lost(&gaps, 1, 401));

    enum ear_gap_kind kind;
    assert_true(ear_gaps_settle(&gaps, from + 500, from + 501, 0, &kind));
    assert_int_equal(units_of_all(), all -= 1);
    assert_int_equal(units_of(EAR_GAP_MISSED), 1999);
    ear_gaps_lose(&gaps, from + 600, from + 700);
    assert_int_equal(units_of_all(), all);
    assert_int_equal(units_of(EAR_GAP_MISSED), 1899);
    assert_true(ear_gaps_is_lost(&gaps, from + 600, from + 700));
    ear_gaps_lose(&gaps, from + 1999, from + 3000); /* the last range, at its end */
    assert_int_equal(units_of(EAR_GAP_MISSED), 1898);
    assert_int_equal(units_of_all(), all);
    assert_int_equal(gaps.count, EAR_GAPS_RANGES);
    assert_int_equal(gaps.known, from + 2001);
    assert_true(ear_gaps_is_lost(&gaps, 1, 401));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_what_its_length_says),
        cmocka_unit_test(a_gap_at_silence_may_be_longer),
        cmocka_unit_test(a_pause_is_no_gap),
        cmocka_unit_test(what_finds_no_room_is_lost),
        cmocka_unit_test(what_comes_late_is_lost),
        cmocka_unit_test(a_spurt_begins_in_told_silence),
        cmocka_unit_test(a_spurt_lost_as_a_whole_is_missed),
        cmocka_unit_test(an_ask_is_repeated_and_the_nearest_comes_first),
        cmocka_unit_test(a_short_one_is_asked_for_until_it_comes),
        cmocka_unit_test(what_playout_passes_is_lost_or_missed),
        cmocka_unit_test(each_unit_is_in_one_place),
        cmocka_unit_test(a_full_list_keeps_what_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
