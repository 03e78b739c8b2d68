/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock of handshakes never goes back. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "port/sodium.h"
#include "store/stamps.h"

#define YEAR_MS (UINT64_C(31557600000))
#define NOW_MS (54 * YEAR_MS)
#define RESERVE 60000

static struct ear_stamps reserve(const char *path, uint64_t now_ms)
{
    char error[600] = "";
    struct ear_stamps stamps = {0};
    struct ear_home *home = folder_open(path);
    if (ear_stamps_reserve(home, now_ms, &stamps, error, sizeof error) != 0)
        fail_msg("%s", error);
    ear_home_close(home);
    return stamps;
}

static void follows_the_date_where_it_may(void **state)
{
    struct ear_stamps stamps = reserve(*state, NOW_MS);
    assert_int_equal(ear_stamps_next(&stamps, NOW_MS), NOW_MS);
    assert_int_equal(ear_stamps_next(&stamps, NOW_MS), NOW_MS + 1);
    assert_int_equal(ear_stamps_next(&stamps, NOW_MS + 5000), NOW_MS + 5000);
    assert_int_equal(ear_stamps_next(&stamps, NOW_MS + YEAR_MS), NOW_MS + 5001);
    stamps = reserve(*state, NOW_MS + 10 * RESERVE);
    assert_int_equal(ear_stamps_next(&stamps, NOW_MS + 10 * RESERVE), NOW_MS + 10 * RESERVE);
}

static void never_goes_back(void **state)
{
    static const uint64_t dates[] = {
        NOW_MS, NOW_MS,     NOW_MS + 30000, NOW_MS - 10 * YEAR_MS, 0, 1, NOW_MS + 80 * YEAR_MS,
        NOW_MS, UINT64_MAX, NOW_MS,
    };
    uint64_t last = 0;
    for (size_t i = 0; i < EAR_COUNT(dates); i++) {
        struct ear_stamps stamps = reserve(*state, dates[i]);
        for (int calls = 0; calls < 1000; calls++) {
            uint64_t next = ear_stamps_next(&stamps, dates[(i + (size_t)calls) % EAR_COUNT(dates)]);
            assert_true(next > last);
            last = next;
        }
    }
    assert_true(last < NOW_MS + 81 * YEAR_MS);
}

static void the_disk_knows_before_the_first_stamp(void **state)
{
    struct ear_stamps first = reserve(*state, NOW_MS), second = reserve(*state, NOW_MS);
    uint64_t last = 0, next;
    int count = 0;
    for (; (next = ear_stamps_next(&first, 0)) != 0; count++)
        last = next;
    assert_int_equal(count, RESERVE);
    assert_int_equal(ear_stamps_next(&first, NOW_MS), 0);
    assert_true(ear_stamps_next(&second, NOW_MS) > last);
}

static void a_damaged_clock_is_told_and_kept(void **state)
{
    char error[600] = "";
    uint8_t data[100], again[100];
    struct ear_stamps stamps = reserve(*state, NOW_MS);
    const struct ear_stamps unchanged = stamps;
    size_t len = folder_read(*state, "clock", data, sizeof data);
    data[12] ^= 1;
    folder_write(*state, "clock", data, len);
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_stamps_reserve(home, NOW_MS, &stamps, error, sizeof error), -EBADMSG);
    assert_non_null(strstr(error, "knows the date, then delete it"));
    assert_memory_equal(&stamps, &unchanged, sizeof stamps);
    assert_int_equal(folder_read(*state, "clock", again, sizeof again), len);
    assert_memory_equal(data, again, len);
    const uint8_t end[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    assert_int_equal(ear_home_save(home, EAR_HOME_CLOCK, end, 8, error, sizeof error), 0);
    assert_int_equal(ear_stamps_reserve(home, NOW_MS, &stamps, error, sizeof error), -EBADMSG);
    assert_int_equal(ear_home_save(home, EAR_HOME_CLOCK, end, 7, error, sizeof error), 0);
    assert_int_equal(ear_stamps_reserve(home, NOW_MS, &stamps, error, sizeof error), -EBADMSG);
    ear_home_close(home);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_the_date_where_it_may, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(never_goes_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(the_disk_knows_before_the_first_stamp, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_clock_is_told_and_kept, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
