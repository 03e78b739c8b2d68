/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of calls: adding, finding, keeping on disk. */
#include <errno.h>
#include <fcntl.h>

#include "fake/test.h"

#include "base/bytes.h"
#include "base/random.h"
#include "store/calls.h"
#include "store_folder.h"

/* In place of the C library's: test_home cuts the power, here nobody waits for the disk. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static char error[600];

static struct ear_call_record example(uint32_t person)
{
    return (struct ear_call_record){
        .id = 4711, /* not looked at */
        .person = person,
        .name = "Dr. M\xc3\xbcller",
        .begin_s = 1718000000 + (int64_t)person,
        .talk_s = 1800,
        .bytes = 2650000000,
        .gaps = 3,
        .gap_s = 95,
        .gaps_kept = 2,
        .gap = {{60, 30}, {1700, 65}},
        .rungs_kept = 3,
        .rung = {{0, 0}, {58, 1}, {1790, 4}},
        .direction = EAR_CALL_IN,
        .ending = 7,
        .missed = true,
        .callback = "+43 1 234 567",
        .place = "Ward 2, the room at the end",
    };
}

static struct ear_calls *make(void)
{
    struct ear_calls *calls = NULL;
    assert_int_equal(ear_calls_new(&calls), 0);
    return calls;
}

static void expect_same(const struct ear_call_record *a, const struct ear_call_record *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->person, b->person);
    assert_string_equal(a->name, b->name);
    assert_true(a->begin_s == b->begin_s);
    assert_int_equal(a->talk_s, b->talk_s);
    assert_true(a->bytes == b->bytes);
    assert_int_equal(a->gaps, b->gaps);
    assert_int_equal(a->gap_s, b->gap_s);
    assert_int_equal(a->direction, b->direction);
    assert_int_equal(a->ending, b->ending);
    assert_int_equal(a->missed, b->missed);
    assert_int_equal(a->seen, b->seen);
    assert_string_equal(a->callback, b->callback);
    assert_string_equal(a->place, b->place);
    assert_int_equal(a->gaps_kept, b->gaps_kept);
    assert_int_equal(a->rungs_kept, b->rungs_kept);
    for (size_t i = 0; i < a->gaps_kept; i++)
        assert_memory_equal(&a->gap[i], &b->gap[i], sizeof a->gap[i]);
    for (size_t i = 0; i < a->rungs_kept; i++)
        assert_true(a->rung[i].at_s == b->rung[i].at_s && a->rung[i].rung == b->rung[i].rung);
}

static void the_newest_is_first(void **state)
{
    (void)state;
    struct ear_calls *calls = make();
    assert_int_equal(ear_calls_count(calls), 0);
    for (uint32_t i = 1; i <= 5; i++) {
        struct ear_call_record record = example(i);
        assert_int_equal(ear_calls_add(calls, &record), i);
        record.id = i;
        expect_same(ear_calls_at(calls, 0), &record);
    }
    assert_int_equal(ear_calls_count(calls), 5);
    assert_int_equal(ear_calls_at(calls, 4)->person, 1);
    assert_int_equal(ear_calls_with_id(calls, 3)->person, 3);
    assert_null(ear_calls_with_id(calls, 6));
    assert_null(ear_calls_with_id(calls, 0));
    ear_calls_free(calls);
}

static void the_oldest_goes(void **state)
{
    (void)state;
    struct ear_calls *calls = make();
    for (uint32_t i = 1; i <= EAR_CALLS_MAX + 7; i++) {
        struct ear_call_record record = example(i);
        ear_calls_add(calls, &record);
    }
    assert_int_equal(ear_calls_count(calls), EAR_CALLS_MAX);
    assert_int_equal(ear_calls_at(calls, 0)->id, EAR_CALLS_MAX + 7);
    assert_int_equal(ear_calls_at(calls, EAR_CALLS_MAX - 1)->id, 8);
    assert_null(ear_calls_with_id(calls, 7));
    ear_calls_free(calls);
}

static void missed_calls_are_seen(void **state)
{
    (void)state;
    struct ear_calls *calls = make();
    for (uint32_t i = 1; i <= 6; i++) {
        struct ear_call_record record = example(i);
        record.missed = i % 2;
        ear_calls_add(calls, &record);
    }
    assert_int_equal(ear_calls_unseen(calls), 3);
    assert_int_equal(ear_calls_mark_seen(calls, 3), 0);
    assert_int_equal(ear_calls_mark_seen(calls, 3), 0);
    assert_int_equal(ear_calls_unseen(calls), 2);
    assert_int_equal(ear_calls_mark_seen(calls, 99), -ENOENT);
    ear_calls_mark_all_seen(calls);
    assert_int_equal(ear_calls_unseen(calls), 0);
    ear_calls_free(calls);
}

static void a_call_is_completed_later(void **state)
{
    (void)state;
    struct ear_calls *calls = make();
    struct ear_call_record record = example(1);
    uint64_t id = ear_calls_add(calls, &record);
    record = *ear_calls_with_id(calls, id);
    strcpy(record.place, "At home");
    record.talk_s = 60;
    assert_int_equal(ear_calls_update(calls, &record), 0);
    expect_same(ear_calls_at(calls, 0), &record);
    record.id = 2;
    assert_int_equal(ear_calls_update(calls, &record), -ENOENT);
    ear_calls_free(calls);
}

static void a_person_is_forgotten(void **state)
{
    (void)state;
    struct ear_calls *calls = make();
    for (uint32_t i = 0; i < 30; i++) {
        struct ear_call_record record = example(i % 3);
        ear_calls_add(calls, &record);
    }
    assert_int_equal(ear_calls_forget_person(calls, 1), 10);
    assert_int_equal(ear_calls_forget_person(calls, 1), 0);
    assert_int_equal(ear_calls_count(calls), 20);
    for (size_t i = 0; i < 20; i++) {
        assert_int_not_equal(ear_calls_at(calls, i)->person, 1);
        assert_true(i == 0 || ear_calls_at(calls, i)->id < ear_calls_at(calls, i - 1)->id);
    }
    struct ear_call_record record = example(1);
    assert_int_equal(ear_calls_add(calls, &record), 31); /* no id is given twice */
    ear_calls_free(calls);
}

static void text_is_cut_where_it_is_none(void **state)
{
    (void)state;
    struct ear_calls *calls = make();
    struct ear_call_record record = example(1);
    memset(record.name, 'n', sizeof record.name); /* no end */
    strcpy(record.callback, "12\x1b[2J");
    memset(record.place, 'p', sizeof record.place);
    memcpy(record.place + sizeof record.place - 2, "\xc3\xbc", 2); /* half of a letter fits */
    record.direction = 9;
    ear_calls_add(calls, &record);
    const struct ear_call_record *kept = ear_calls_at(calls, 0);
    assert_int_equal(strlen(kept->name), EAR_NAME_BYTES - 1);
    assert_string_equal(kept->callback, "12");
    assert_int_equal(strlen(kept->place), EAR_CALL_PLACE_BYTES - 2);
    assert_int_equal(kept->direction, EAR_CALL_OUT);
    ear_calls_free(calls);
}

static struct ear_calls *load(struct ear_store *store, int expected)
{
    struct ear_calls *calls = NULL;
    error[0] = '\0';
    assert_int_equal(ear_calls_load(&calls, store, error, sizeof error), expected);
    assert_true((expected == 0) == (calls != NULL) && (expected == 0) == (error[0] == '\0'));
    return calls;
}

static void calls_are_kept(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_calls *calls = load(store, 0), *again;
    assert_int_equal(ear_calls_count(calls), 0);
    for (uint32_t i = 0; i < EAR_CALLS_MAX + 1; i++) { /* as large as it gets */
        struct ear_call_record record = example(i);
        memset(record.name, 'n', sizeof record.name - 1);
        memset(record.callback, 'c', sizeof record.callback - 1);
        memset(record.place, 'p', sizeof record.place - 1);
        record.begin_s = i % 2 ? INT64_MAX : INT64_MIN;
        record.seen = i % 3 == 0;
        record.missed = i % 5 == 0;
        record.direction = i % 7 == 0;
        record.gaps_kept = record.rungs_kept = (uint8_t)(i % 40); /* more than there is room for */
        ear_calls_add(calls, &record);
    }
    assert_int_equal(ear_calls_save(calls, store, error, sizeof error), 0);
    again = load(store, 0);
    assert_int_equal(ear_calls_count(again), EAR_CALLS_MAX);
    for (size_t i = 0; i < EAR_CALLS_MAX; i++)
        expect_same(ear_calls_at(again, i), ear_calls_at(calls, i));
    struct ear_call_record record = example(1);
    assert_int_equal(ear_calls_add(again, &record), EAR_CALLS_MAX + 2);
    ear_calls_free(again);
    ear_calls_free(calls);
    store_shut(store);
}

static void ids_live_on_after_all_is_forgotten(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_calls *calls = make();
    struct ear_call_record record = example(1);
    ear_calls_add(calls, &record);
    ear_calls_forget_person(calls, 1);
    assert_int_equal(ear_calls_save(calls, store, error, sizeof error), 0);
    ear_calls_free(calls);
    calls = load(store, 0);
    assert_int_equal(ear_calls_add(calls, &record), 2);
    ear_calls_free(calls);
    store_shut(store);
}

/* A row that opens and says nonsense: each byte another, cut anywhere, made longer. */
static void nonsense_is_refused(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_calls *calls = make();
    uint8_t *body = NULL;
    size_t len = 0;
    for (uint32_t i = 1; i <= 3; i++) {
        struct ear_call_record record = example(i);
        ear_calls_add(calls, &record);
    }
    assert_int_equal(ear_calls_save(calls, store, error, sizeof error), 0);
    ear_calls_free(calls);
    assert_int_equal(ear_rows_get(store, EAR_TABLE_CALLS, 2, &body, &len), 0);
    int refused = 0, taken = 0;
    struct ear_random random = ear_random_seeded(SEED);
    for (size_t i = 0; i < len; i++) {
        uint8_t before = body[i];
        body[i] = (uint8_t)ear_random_u64(&random);
        store_write(store, EAR_TABLE_CALLS, 2, body, len);
        calls = NULL;
        int err = ear_calls_load(&calls, store, error, sizeof error);
        assert_true(err == 0 || err == -EBADMSG);
        refused += err != 0;
        taken += err == 0;
        ear_calls_free(calls);
        body[i] = before;
    }
    print_message("%d changed bytes: %d refused\n", refused + taken, refused);
    assert_true(refused > 20); /* lengths, id, flags, and what is no UTF-8 */
    for (size_t cut = 0; cut < len; cut++) {
        store_write(store, EAR_TABLE_CALLS, 2, body, cut);
        load(store, -EBADMSG);
    }
    assert_non_null(strstr(error, "is damaged"));
    ear_home_forget(body, len);
    store_shut(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_is_first),
        cmocka_unit_test(the_oldest_goes),
        cmocka_unit_test(missed_calls_are_seen),
        cmocka_unit_test(a_call_is_completed_later),
        cmocka_unit_test(a_person_is_forgotten),
        cmocka_unit_test(text_is_cut_where_it_is_none),
        cmocka_unit_test_setup_teardown(calls_are_kept, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(ids_live_on_after_all_is_forgotten, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
