/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person who is removed is taken back whole, or gone with all the calls, on the disk too. */
#include "bridge/profile_private.h"
#include "stage.h"

static guint calls_with(EarshotProfile *profile, guint number)
{
    const struct ear_calls *calls = earshot_profile_calls(profile);
    guint count = 0;
    for (size_t i = 0; i < ear_calls_count(calls); i++)
        count += ear_calls_at(calls, i)->person == number;
    return count;
}

static guint calls_listed(EarshotProfile *profile)
{
    return g_list_model_get_n_items(earshot_profile_get_history(profile));
}

static void test_removal(gconstpointer application)
{
    struct stage stage;
    stage_open(&stage, (GtkApplication *)application);
    EarshotProfile *profile = stage.profile;
    g_autoptr(EarshotPerson) amina = g_object_ref(stage.amina);
    guint number = earshot_person_get_number(amina), all = calls_listed(profile);
    guint hers = calls_with(profile, number);
    g_assert_cmpuint(hers, >, 0);
    g_assert_cmpuint(hers, <, all);

    earshot_profile_remove(profile, amina);
    g_assert_null(earshot_profile_find(profile, number));
    earshot_profile_restore(profile, amina);
    g_assert_nonnull(earshot_profile_find(profile, number));
    g_assert_cmpuint(calls_with(profile, number), ==, hers);

    earshot_profile_remove(profile, amina);
    earshot_profile_settle(profile, amina);
    g_assert_null(earshot_profile_find(profile, number));
    g_assert_cmpuint(calls_with(profile, number), ==, 0);
    g_assert_cmpuint(calls_listed(profile), ==, all - hers);

    struct ear_calls *kept;
    char sentence[600];
    g_assert_cmpint(
        ear_calls_load(&kept, earshot_profile_store(profile), sentence, sizeof sentence), ==, 0);
    g_assert_cmpuint(ear_calls_count(kept), ==, all - hers);
    ear_calls_free(kept);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GtkApplication) application = stage_start();
    g_test_add_data_func("/removal", application, test_removal);
    return g_test_run();
}
