/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and name of a profile. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "store/identity.h"

static int try_open(const char *path, struct ear_identity *ret, bool *ret_made, char *error)
{
    struct ear_home *home = folder_open(path);
    int err = ear_identity_open(home, ret, ret_made, error, 600);
    ear_home_close(home);
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
    assert_int_equal(stat(folder_file(*state, "identity"), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    ear_identity_wipe(&first);
    for (size_t i = 0; i < sizeof first; i++)
        assert_int_equal(((uint8_t *)&first)[i], 0);
}

static void has_a_name(void **state)
{
    char error[600] = "";
    struct ear_identity identity = open_identity(*state, true);
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_identity_set_name(home, &identity, "a\nb", error, sizeof error), -EINVAL);
    assert_string_equal(identity.name, "");
    assert_int_equal(ear_identity_set_name(home, &identity,
                                           " Dr. Ay\xc5\x9f"
                                           "e ",
                                           error, 600),
                     0);
    ear_home_close(home);
    identity = open_identity(*state, false);
    assert_string_equal(identity.name, "Dr. Ay\xc5\x9f"
                                       "e");
}

static void renewal_changes_all_keys_and_no_name(void **state)
{
    char error[600] = "";
    struct ear_identity old = open_identity(*state, true), fresh = {0};
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_identity_set_name(home, &old, "Ann", error, sizeof error), 0);
    assert_int_equal(ear_identity_renew(home, &fresh, error, sizeof error), 0);
    ear_home_close(home);
    assert_memory_not_equal(old.static_public, fresh.static_public, EAR_KEY_BYTES);
    assert_memory_not_equal(old.sign_public, fresh.sign_public, EAR_SIGN_PUBLIC_BYTES);
    assert_memory_not_equal(old.static_secret, fresh.static_secret, EAR_KEY_BYTES);
    assert_string_equal(fresh.name, "Ann");
    old = open_identity(*state, false);
    assert_memory_equal(&old, &fresh, sizeof old);
}

static void damage_is_told_and_overwrites_nothing(void **state)
{
    char error[600] = "";
    uint8_t data[200], again[200], body[96] = {1};
    bool made = false;
    struct ear_identity identity = open_identity(*state, true);
    const struct ear_identity unchanged = identity;
    size_t len = folder_read(*state, "identity", data, sizeof data);
    assert_int_equal(len, 122);
    data[40] ^= 0x10;
    folder_write(*state, "identity", data, len);
    assert_int_equal(try_open(*state, &identity, &made, error), -EBADMSG);
    assert_non_null(strstr(error, "is damaged"));
    assert_non_null(strstr(error, "--renew"));
    assert_memory_equal(&identity, &unchanged, sizeof identity);
    assert_int_equal(folder_read(*state, "identity", again, sizeof again), len);
    assert_memory_equal(data, again, len);
    /* a right checksum over keys that do not fit each other, or are too few */
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_home_save(home, EAR_HOME_IDENTITY, body, 96, error, sizeof error), 0);
    assert_int_equal(ear_identity_open(home, &identity, &made, error, sizeof error), -EBADMSG);
    assert_int_equal(ear_home_save(home, EAR_HOME_IDENTITY, body, 95, error, sizeof error), 0);
    assert_int_equal(ear_identity_open(home, &identity, &made, error, sizeof error), -EBADMSG);
    assert_int_equal(ear_identity_renew(home, &identity, error, sizeof error), 0);
    ear_home_close(home);
    identity = open_identity(*state, false);
}

static void keys_that_are_lost_are_not_replaced_silently(void **state)
{
    char error[600] = "";
    bool made = false;
    struct ear_identity identity = open_identity(*state, true);
    struct ear_home *home = folder_open(*state);
    assert_int_equal(ear_home_save(home, EAR_HOME_PEOPLE, (uint8_t *)"x", 1, error, 600), 0);
    ear_home_close(home);
    assert_int_equal(unlink(folder_file(*state, "identity")), 0);
    assert_int_equal(try_open(*state, &identity, &made, error), -EBADMSG);
    assert_non_null(strstr(error, "has people but no keys"));
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
