/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes on disk: written again and again, listed, searched, gone. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "store/notes.h"
#include "store_folder.h"

static int64_t note(struct ear_store *store, uint32_t person, uint64_t call, const char *text)
{
    const struct ear_note draft = {
        .person = person, .call = call, .begun_s = 100, .changed_s = 100};
    int64_t id = 0;
    assert_int_equal(ear_notes_write(store, &draft, text, &id), 0);
    assert_true(id > 0);
    return id;
}

static void a_note_is_written_again_and_again(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_note found = {.person = 1, .call = 7, .begun_s = 999, .changed_s = 200};
    char text[100] = "";
    int64_t id = note(store, 1, 7, "Slept b");
    assert_int_equal(ear_notes_write(store, &found, "Slept badly,\n\tno appetite", &id), 0);
    store_shut(store);
    store = store_at(*state);
    assert_int_equal(ear_notes_of_call(store, 7, &found), 0);
    assert_true(found.id == id && found.begun_s == 100 && found.changed_s == 200);
    assert_int_equal(ear_notes_read(store, id, text, sizeof text), found.len);
    assert_string_equal(text, "Slept badly,\n\tno appetite");
    assert_int_equal(ear_notes_read(store, id, text, found.len), -ENOBUFS);
    assert_int_equal(ear_notes_of_call(store, 8, &found), -ENOENT);
    assert_int_equal(ear_notes_of_call(store, 0, &found), -ENOENT);
    store_shut(store);
}

static void nonsense_is_not_written(void **state)
{
    struct ear_store *store = store_at(*state);
    const struct ear_note draft = {.person = 1};
    static char large[EAR_NOTE_BYTES_MAX + 2];
    char text[9];
    int64_t id = 0, none = 77;
    memset(large, 'x', EAR_NOTE_BYTES_MAX + 1);
    assert_int_equal(ear_notes_write(store, &draft, large, &id), -EMSGSIZE);
    assert_int_equal(ear_notes_write(store, &draft, "\xff", &id), -EILSEQ);
    assert_int_equal(ear_notes_write(store, &draft, "x", &none), -ENOENT);
    assert_int_equal(ear_notes_read(store, 1, text, sizeof text), -ENOENT);
    large[EAR_NOTE_BYTES_MAX] = '\0';
    assert_int_equal(ear_notes_write(store, &draft, large, &id), 0);
    store_shut(store);
}

static void notes_are_found_and_go(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_note found[5];
    int64_t first = note(store, 1, 0, "Lithium 900"), second = note(store, 2, 0, "sleep"),
            third = note(store, 1, 0, "LITHIUM 600");
    assert_int_equal(ear_notes_list(store, 0, 0, found, 5), 3);
    assert_true(found[0].id == third && found[2].id == first);
    assert_int_equal(ear_notes_list(store, 1, third, found, 5), 1);
    assert_true(found[0].id == first);
    assert_int_equal(ear_notes_search(store, 0, "lithium", 0, found, 5), 2);
    assert_int_equal(ear_notes_search(store, 2, "lithium", 0, found, 5), 0);
    assert_int_equal(ear_notes_delete(store, third), 0);
    assert_int_equal(ear_notes_delete(store, third), -ENOENT);
    assert_int_equal(ear_notes_forget_person(store, 1), 0);
    assert_int_equal(ear_notes_list(store, 0, 0, found, 5), 1);
    assert_true(found[0].id == second && note(store, 1, 0, "x") > third);
    assert_int_equal(ear_db_run(store->db, "UPDATE notes SET version = 9"), 0);
    assert_int_equal(ear_notes_list(store, 0, 0, found, 5), -EBADMSG);
    store_shut(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_note_is_written_again_and_again, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_not_written, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(notes_are_found_and_go, folder_setup, folder_teardown),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
