/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The number that two people compare. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "store/safety_number.h"

static struct ear_public_keys keys(uint8_t first)
{
    struct ear_public_keys k;
    for (size_t i = 0; i < EAR_KEY_BYTES; i++) {
        k.static_key[i] = (uint8_t)(first + i);
        k.sign_key[i] = (uint8_t)(first + 100 + i);
    }
    return k;
}

static void is_six_groups_of_five_digits(void **state)
{
    (void)state;
    struct ear_public_keys a = keys(1), b = keys(2);
    char number[EAR_SAFETY_NUMBER_BYTES];
    ear_safety_number(&a, &b, number);
    assert_int_equal(strlen(number), 35);
    for (size_t i = 0; i < 35; i++)
        assert_true(i % 6 == 5 ? number[i] == ' ' : number[i] >= '0' && number[i] <= '9');
    /* Never to change, for people have compared it. Computed by Python's hashlib. */
    assert_string_equal(number, "40614 30507 46576 63132 46578 19041");
    ear_safety_fingerprint(&a, number);
    assert_string_equal(number, "10236 81369 70572 20916 54378 23090");
}

static void is_the_same_on_both_sides(void **state)
{
    (void)state;
    char one[EAR_SAFETY_NUMBER_BYTES], other[EAR_SAFETY_NUMBER_BYTES];
    for (uint8_t i = 0; i < 4; i++) {
        struct ear_public_keys a = keys(i), b = keys((uint8_t)(200 - 60 * i));
        ear_safety_number(&a, &b, one);
        ear_safety_number(&b, &a, other);
        assert_string_equal(one, other);
    }
}

static void every_key_counts(void **state)
{
    (void)state;
    struct ear_public_keys sides[2] = {keys(1), keys(2)};
    uint8_t *all[] = {sides[0].static_key, sides[0].sign_key, sides[1].static_key,
                      sides[1].sign_key};
    char numbers[9][EAR_SAFETY_NUMBER_BYTES];
    ear_safety_number(&sides[0], &sides[1], numbers[8]);
    for (size_t i = 0; i < 8; i++) {
        uint8_t *byte = all[i / 2] + (i % 2 ? EAR_KEY_BYTES - 1 : 0), was = *byte;
        *byte ^= i % 2 ? 0x80 : 1;
        ear_safety_number(&sides[0], &sides[1], numbers[i]);
        *byte = was;
    }
    for (size_t i = 0; i < 9; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(numbers[i], numbers[k]);
}

static void tells_what_it_costs(void **state)
{
    (void)state;
    struct ear_public_keys a = keys(1), b = keys(2);
    char number[EAR_SAFETY_NUMBER_BYTES];
    clock_t begin = clock();
    ear_safety_number(&a, &b, number);
    print_message("safety number: %ld ms\n", (long)(clock() - begin) * 1000 / CLOCKS_PER_SEC);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_six_groups_of_five_digits),
        cmocka_unit_test(is_the_same_on_both_sides),
        cmocka_unit_test(every_key_counts),
        cmocka_unit_test(tells_what_it_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
