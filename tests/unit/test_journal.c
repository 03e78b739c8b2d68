/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was said is found again for 180 s, byte for byte, and then no more. */
#include <errno.h>

#include "fake/test.h"

#include "base/random.h"
#include "call/journal.h"
#include "unit/allocations.h"

static struct ear_journal *journal;

static int open_journal(void **state)
{
    (void)state;
    return ear_journal_new(&journal);
}

static int close_journal(void **state)
{
    (void)state;
    ear_journal_free(journal);
    return 0;
}

/* The bytes of the packet that begins at index. */
static void make(int64_t index, uint8_t *bytes, size_t len)
{
    struct ear_random r = ear_random_seeded((uint64_t)index);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)ear_random_u64(&r);
}

static void put(int64_t index, int units, size_t len)
{
    uint8_t bytes[EAR_PAYLOAD_MAX];
    make(index, bytes, len);
    assert_int_equal(ear_journal_put(journal, index, units, bytes, len), 0);
}

static void check(const struct ear_journal_entry *entry)
{
    uint8_t bytes[EAR_PAYLOAD_MAX];
    make(entry->index, bytes, entry->len);
    assert_memory_equal(entry->data, bytes, entry->len);
}

static void units_find_their_packet(void **state)
{
    (void)state;
    struct ear_journal_entry entry = {.index = 77};
    assert_int_equal(ear_journal_find(journal, 0, &entry), -ENOENT);
    assert_int_equal(ear_journal_next(journal, 0, &entry), -ENOENT);
    assert_int_equal(entry.index, 77);
    put(3, 3, 60);
    put(6, 6, 120);
    put(20, 1, 2);
    for (int64_t unit = 0; unit < 25; unit++) {
        int64_t covers = unit >= 3 && unit < 6    ? 3
                         : unit >= 6 && unit < 12 ? 6
                         : unit == 20             ? 20
                                                  : -1;
        int64_t next = covers >= 0 ? covers : unit < 3 ? 3 : unit < 20 ? 20 : -1;
        assert_int_equal(ear_journal_find(journal, unit, &entry), covers < 0 ? -ENOENT : 0);
        if (covers >= 0) {
            assert_int_equal(entry.index, covers);
            check(&entry);
        }
        assert_int_equal(ear_journal_next(journal, unit, &entry), next < 0 ? -ENOENT : 0);
        if (next >= 0)
            assert_int_equal(entry.index, next);
    }
    assert_int_equal(ear_journal_end(journal), 21);
    assert_int_equal(ear_journal_kept_from(journal), 0);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[EAR_PAYLOAD_MAX + 1] = {0};
    put(3, 3, 60);
    assert_int_equal(ear_journal_put(journal, 5, 1, bytes, 2), -EINVAL);
    assert_int_equal(ear_journal_put(journal, 6, 0, bytes, 2), -EINVAL);
    assert_int_equal(ear_journal_put(journal, 6, 7, bytes, 2), -EINVAL);
    assert_int_equal(ear_journal_put(journal, 6, 1, bytes, 1), -EINVAL);
    assert_int_equal(ear_journal_put(journal, 6, 1, bytes, EAR_PAYLOAD_MAX + 1), -EINVAL);
    assert_int_equal(ear_journal_end(journal), 6);
    put(6, 1, 2);
}

/* Walks all that is kept; returns how many packets. */
static int walk(int64_t from)
{
    struct ear_journal_entry entry;
    int64_t last = -1;
    int packets = 0;
    for (int64_t unit = from; ear_journal_next(journal, unit, &entry) == 0; packets++) {
        assert_true(entry.index > last && entry.index + entry.units > unit);
        check(&entry);
        last = entry.index;
        unit = entry.index + entry.units;
    }
    return packets;
}

/* 20 ms packets of 32 kbit/s: 180 s of them are kept, just so. */
static void the_fastest_talk_is_kept_for_180_s(void **state)
{
    (void)state;
    struct ear_journal_entry entry;
    const int before = allocations;
    for (int64_t i = 0; i < 3 * EAR_JOURNAL_UNITS; i++)
        put(i, 1, 80);
    assert_int_equal(walk(0), EAR_JOURNAL_UNITS);
    assert_int_equal(ear_journal_kept_from(journal), 2 * EAR_JOURNAL_UNITS);
    assert_int_equal(ear_journal_find(journal, 2 * EAR_JOURNAL_UNITS - 1, &entry), -ESTALE);
    assert_int_equal(ear_journal_find(journal, 2 * EAR_JOURNAL_UNITS, &entry), 0);
    assert_int_equal(allocations, before);
}

/* Beyond the rate that memory was made for, less is kept, and it is told. */
static void a_faster_talk_is_kept_for_less(void **state)
{
    (void)state;
    const int64_t packets = 4000, units = 2; /* 96 kbit/s, 160 s */
    for (int64_t i = 0; i < packets; i++)
        put(i * units, (int)units, EAR_PAYLOAD_MAX);
    int kept = walk(0);
    assert_in_range(kept, 1499, 1501);
    assert_int_equal(ear_journal_kept_from(journal), (packets - kept) * units);
}

static void time_forgets_in_silence_too(void **state)
{
    (void)state;
    struct ear_journal_entry entry;
    put(10, 3, 60);
    put(13, 3, 60);
    ear_journal_pass(journal, EAR_JOURNAL_UNITS + 10);
    assert_int_equal(ear_journal_find(journal, 10, &entry), 0);
    ear_journal_pass(journal, EAR_JOURNAL_UNITS + 11);
    assert_int_equal(ear_journal_find(journal, 10, &entry), -ESTALE);
    assert_int_equal(ear_journal_find(journal, 13, &entry), 0);
    ear_journal_pass(journal, 3 * EAR_JOURNAL_UNITS);
    assert_int_equal(ear_journal_find(journal, 13, &entry), -ESTALE);
    assert_int_equal(ear_journal_kept_from(journal), 2 * EAR_JOURNAL_UNITS);
    put(3 * EAR_JOURNAL_UNITS, 6, EAR_PAYLOAD_MAX);
    assert_int_equal(walk(0), 1);
}

/* Against a plain list: packets of all lengths with pauses between, for hours. */
static void random_talk_is_found_again(void **state)
{
    (void)state;
    enum { LISTED = 16384 };
    static struct {
        int64_t index;
        int units;
        size_t len;
    } list[LISTED];
    struct ear_random r = ear_random_seeded(SEED);
    int64_t end = 0, n = 0;
    for (; n < 60000; n++) {
        int64_t pause = ear_random_below(&r, 10) ? 0 : ear_random_below(&r, 200);
        int units = 1 + (int)ear_random_below(&r, 6);
        size_t len = 2 + ear_random_below(&r, 80u * (uint32_t)units - 1);
        list[n % LISTED].index = end + pause;
        list[n % LISTED].units = units;
        list[n % LISTED].len = len;
        put(end + pause, units, len);
        end += pause + units;
        if (n % 1000 != 999)
            continue;
        int64_t kept = 0;
        for (int64_t k = n; k >= 0 && k > n - LISTED; k--, kept++) {
            struct ear_journal_entry entry;
            int64_t index = list[k % LISTED].index;
            if (index < end - EAR_JOURNAL_UNITS)
                break;
            if (ear_journal_find(journal, index + list[k % LISTED].units - 1, &entry) != 0 ||
                entry.index != index || entry.len != list[k % LISTED].len)
                fail_msg("packet %lld of %lld, seed %d", (long long)k, (long long)n, SEED);
        }
        assert_int_equal(walk(0), kept);
    }
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    static const uint8_t words[] = "what the patient said";
    struct ear_journal_entry entry;
    assert_int_equal(ear_journal_put(journal, 0, 6, words, sizeof words), 0);
    assert_int_equal(ear_journal_find(journal, 0, &entry), 0);
    const uint8_t *place = entry.data;
    /* What is too old is wiped too. */
    ear_journal_pass(journal, EAR_JOURNAL_UNITS + 1);
    for (size_t i = 0; i < sizeof words; i++)
        assert_int_equal(place[i], 0);
    assert_int_equal(ear_journal_put(journal, EAR_JOURNAL_UNITS + 1, 6, words, sizeof words), 0);
    assert_int_equal(ear_journal_find(journal, EAR_JOURNAL_UNITS + 1, &entry), 0);
    place = entry.data;
    ear_journal_wipe(journal);
    for (size_t i = 0; i < sizeof words; i++)
        assert_int_equal(place[i], 0);
    assert_int_equal(ear_journal_find(journal, 0, &entry), -ENOENT);
    assert_int_equal(ear_journal_end(journal), 0);
    put(0, 6, 60);
    assert_int_equal(walk(0), 1);
    ear_journal_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(units_find_their_packet, open_journal, close_journal),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, open_journal, close_journal),
        cmocka_unit_test_setup_teardown(the_fastest_talk_is_kept_for_180_s, open_journal,
                                        close_journal),
        cmocka_unit_test_setup_teardown(a_faster_talk_is_kept_for_less, open_journal,
                                        close_journal),
        cmocka_unit_test_setup_teardown(time_forgets_in_silence_too, open_journal, close_journal),
        cmocka_unit_test_setup_teardown(random_talk_is_found_again, open_journal, close_journal),
        cmocka_unit_test_setup_teardown(nothing_is_left_behind, open_journal, close_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
