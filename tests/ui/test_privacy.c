/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person who is removed is taken back whole, or gone with all the calls, on the disk too. What is
 * shown to those who help holds no address and no folder. */
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

static GSocket *take_port(guint port)
{
    g_autoptr(GError) error = NULL;
    GSocket *socket =
        g_socket_new(G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error);
    g_assert_no_error(error);
    g_autoptr(GSocketAddress) at = g_inet_socket_address_new_from_string("::", port);
    g_socket_bind(socket, at, FALSE, &error);
    g_assert_no_error(error);
    return socket;
}

static void test_report(gconstpointer application)
{
    struct stage stage;
    stage_open(&stage, (GtkApplication *)application);
    g_autofree char *usual = earshot_station_support_report(stage.station);
    g_assert_nonnull(strstr(usual, "trouble: none\n"));
    double port = earshot_settings_get_number(earshot_profile_get_settings(stage.profile), "port");
    stage_close(&stage);

    g_autoptr(GSocket) taken = take_port((guint)port);
    stage_open(&stage, (GtkApplication *)application);
    g_autofree char *trouble = NULL, *number = g_strdup_printf("%.0f", port);
    g_object_get(stage.station, "trouble", &trouble, NULL);
    g_assert_nonnull(strstr(trouble, number)); /* the screen tells it */
    g_autofree char *report = earshot_station_support_report(stage.station);
    g_assert_nonnull(strstr(report, "trouble: calls could not be opened\n"));
    g_assert_null(strstr(report, number));
    g_assert_null(strstr(report, earshot_profile_get_path(stage.profile)));
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GtkApplication) application = stage_start();
    g_test_add_data_func("/privacy/report", application, test_report);
    g_test_add_data_func("/privacy/removal", application, test_removal);
    return g_test_run();
}
