/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a pause belongs to a spurt. */
#include "fake/test.h"
#include <setjmp.h>

#include "call/linger.h"

#define START_US (100 * S)

/* ms of a pause that are sent after a second of speech. */
static int lingers_ms(struct ear_linger *linger, bool whole, int64_t now_us)
{
    int ms = 0;
    for (int i = 0; i < 100; i++)
        assert_true(ear_linger_on(linger, true, whole, now_us += EAR_FRAME_US));
    while (ear_linger_on(linger, false, whole, now_us += EAR_FRAME_US))
        ms += EAR_FRAME_MS;
    return ms;
}

static void short_pauses_are_sent_where_bits_are_to_be_had(void **state)
{
    (void)state;
    struct ear_linger linger;
    ear_linger_init(&linger, 16000, 16000, START_US);
    assert_false(ear_linger_on(&linger, false, true, START_US)); /* nothing was said yet */
    assert_in_range(lingers_ms(&linger, true, START_US), 580, 600);
    assert_int_equal(lingers_ms(&linger, false, START_US + 5 * S), 0);
    ear_linger_init(&linger, 26000, 0, START_US);
    assert_in_range(lingers_ms(&linger, true, START_US), 580, 600);
}

static void least_data_ends_with_the_word(void **state)
{
    (void)state;
    struct ear_linger linger;
    ear_linger_init(&linger, 16000, 0, START_US);
    assert_int_equal(lingers_ms(&linger, true, START_US), 0);
}

static void a_gap_leaves_pauses_to_who_is_late(void **state)
{
    (void)state;
    struct ear_linger linger;
    ear_linger_init(&linger, 20000, 20000, START_US);
    ear_linger_asked(&linger, 6, START_US);
    assert_in_range(lingers_ms(&linger, true, START_US), 580, 600);
    ear_linger_asked(&linger, 50, START_US + 5 * S);
    assert_int_equal(lingers_ms(&linger, true, START_US + 5 * S), 0);
    assert_in_range(lingers_ms(&linger, true, START_US + 20 * S), 580, 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_pauses_are_sent_where_bits_are_to_be_had),
        cmocka_unit_test(least_data_ends_with_the_word),
        cmocka_unit_test(a_gap_leaves_pauses_to_who_is_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
