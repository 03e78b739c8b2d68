/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and name of a profile. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "store/identity.h"
#include "store_folder.h"

static int try_open(const char *path, struct ear_identity *ret, bool *ret_made, char *error)
{
    struct ear_store *store = store_at(path);
    int err = ear_identity_open(store, ret, ret_made, error, 600);
    store_shut(store);
    return err;
}

static struct ear_identity open_identity(const char *path, bool made)
{
    char error[600] = "";
    struct ear_identity identity = {0};
    bool was_made = !made;
    if (try_open(path, &identity, &was_made, error) != 0)
        fail_msg("%s", error);
    assert_int_equal(was_made, made);
    return identity;
}

static void is_made_once_and_kept(void **state)
{
    struct ear_identity first = open_identity(*state, true), second = open_identity(*state, false);
    uint8_t public[EAR_KEY_BYTES];
    struct stat s;
    assert_memory_equal(&first, &second, sizeof first);
    ear_sodium_public(first.static_secret, public);
    assert_memory_equal(public, first.static_public, sizeof public);
    assert_string_equal(first.name, "");
    assert_int_equal(stat(folder_file(*state, "store.db"), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    ear_identity_wipe(&first);
    for (size_t i = 0; i < sizeof first; i++)
        assert_int_equal(((uint8_t *)&first)[i], 0);
}

static void has_a_name(void **state)
{
    char error[600] = "";
    struct ear_identity identity = open_identity(*state, true);
    struct ear_store *store = store_at(*state);
    assert_int_equal(ear_identity_set_name(store, &identity, "a\nb", error, sizeof error), -EINVAL);
    assert_string_equal(identity.name, "");
    assert_int_equal(ear_identity_set_name(store, &identity,
                                           " Dr. Ay\xc5\x9f"
                                           "e ",
                                           error, 600),
                     0);
    store_shut(store);
    identity = open_identity(*state, false);
    assert_string_equal(identity.name, "Dr. Ay\xc5\x9f"
                                       "e");
}

static void renewal_changes_all_keys_and_no_name(void **state)
{
    char error[600] = "";
    struct ear_identity old = open_identity(*state, true), fresh = {0};
    struct ear_store *store = store_at(*state);
    assert_int_equal(ear_identity_set_name(store, &old, "Ann", error, sizeof error), 0);
    assert_int_equal(ear_identity_renew(store, &fresh, error, sizeof error), 0);
    store_shut(store);
    assert_memory_not_equal(old.static_public, fresh.static_public, EAR_KEY_BYTES);
    assert_memory_not_equal(old.sign_public, fresh.sign_public, EAR_SIGN_PUBLIC_BYTES);
    assert_memory_not_equal(old.static_secret, fresh.static_secret, EAR_KEY_BYTES);
    assert_string_equal(fresh.name, "Ann");
    old = open_identity(*state, false);
    assert_memory_equal(&old, &fresh, sizeof old);
}

/* Rows that open, with keys that do not fit each other or are too few. */
static void damage_is_told_and_overwrites_nothing(void **state)
{
    char error[600] = "";
    const uint8_t body[96] = {1};
    bool made = false;
    struct ear_identity identity = open_identity(*state, true);
    const struct ear_identity unchanged = identity;
    struct ear_store *store = store_at(*state);
    for (size_t len = 95; len <= 96; len++) {
        store_write(store, EAR_TABLE_THINGS, EAR_THING_IDENTITY, body, len);
        assert_int_equal(ear_identity_open(store, &identity, &made, error, sizeof error), -EBADMSG);
        assert_non_null(strstr(error, "is damaged"));
        assert_memory_equal(&identity, &unchanged, sizeof identity);
    }
    assert_int_equal(ear_identity_renew(store, &identity, error, sizeof error), 0);
    store_shut(store);
    identity = open_identity(*state, false);
}

static void keys_that_are_lost_are_not_replaced_silently(void **state)
{
    char error[600] = "";
    bool made = false;
    struct ear_identity identity = open_identity(*state, true);
    struct ear_store *store = store_at(*state);
    store_write(store, EAR_TABLE_PEOPLE, 1, "x", 1);
    assert_int_equal(ear_store_begin(store), 0);
    int err = ear_rows_remove(store, EAR_TABLE_THINGS, EAR_THING_IDENTITY);
    assert_int_equal(ear_store_end(store, err), 0);
    assert_int_equal(ear_identity_open(store, &identity, &made, error, sizeof error), -EBADMSG);
    assert_non_null(strstr(error, "has people but no keys"));
    store_shut(store);
}

static void a_binding_holds_for_one_key(void **state)
{
    uint8_t binding[EAR_BINDING_BYTES], sign_key[EAR_SIGN_PUBLIC_BYTES] = {0};
    struct ear_identity identity = open_identity(*state, true);
    ear_identity_bind(&identity, binding);
    assert_true(ear_identity_check_binding(identity.static_public, binding, sign_key));
    assert_memory_equal(sign_key, identity.sign_public, sizeof sign_key);
    assert_false(ear_identity_check_binding(identity.sign_public, binding, sign_key));
    for (size_t i = 0; i < sizeof binding; i++) {
        binding[i] ^= 4;
        assert_false(ear_identity_check_binding(identity.static_public, binding, sign_key));
        binding[i] ^= 4;
    }
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_made_once_and_kept, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(has_a_name, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(renewal_changes_all_keys_and_no_name, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(damage_is_told_and_overwrites_nothing, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(keys_that_are_lost_are_not_replaced_silently, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_binding_holds_for_one_key, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
