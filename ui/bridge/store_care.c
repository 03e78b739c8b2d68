/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every page of the database is read: 0.1 s for each 10 MB, which nobody waits for. */
#include "bridge/store_care.h"

#include <errno.h>

#include "bridge/profile_private.h"

#define EVERY_S (24 * 3600)
/* The window is there by then, and what the user does first is done. */
#define AFTER_S 5

static gboolean is_due(EarshotSettings *settings)
{
    double checked_s = earshot_settings_get_number(settings, "checked");
    double now_s = (double)(g_get_real_time() / G_USEC_PER_SEC);
    return !earshot_settings_get_bool(settings, "ended") || checked_s > now_s ||
           now_s - checked_s > EVERY_S;
}

static void check(GTask *task, gpointer source, gpointer data, GCancellable *unused)
{
    char sentence[600];
    int err =
        ear_store_check(earshot_profile_home(EARSHOT_PROFILE(source)), sentence, sizeof sentence);
    g_task_return_int(task, err);
}

static void on_checked(GObject *source, GAsyncResult *result, gpointer data)
{
    EarshotProfile *profile = EARSHOT_PROFILE(source);
    gssize err = g_task_propagate_int(G_TASK(result), NULL);
    if (err == 0)
        g_object_set(earshot_profile_get_settings(profile), "checked",
                     (double)(g_get_real_time() / G_USEC_PER_SEC), NULL);
    else if (err == -EBADMSG)
        g_signal_emit_by_name(profile, "damaged");
}

static gboolean begin_check(gpointer data)
{
    g_autoptr(EarshotProfile) profile = g_weak_ref_get(data);
    if (profile) {
        g_autoptr(GTask) task = g_task_new(profile, NULL, on_checked, NULL);
        g_task_run_in_thread(task, check);
    }
    return G_SOURCE_REMOVE;
}

static void free_ref(gpointer data)
{
    g_weak_ref_clear(data);
    g_free(data);
}

void earshot_store_care_begin(EarshotProfile *profile)
{
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    gboolean due = is_due(settings);
    g_object_set(settings, "ended", FALSE, NULL);
    if (!due)
        return;
    GWeakRef *ref = g_new0(GWeakRef, 1);
    g_weak_ref_init(ref, profile);
    g_timeout_add_seconds_full(G_PRIORITY_LOW, AFTER_S, begin_check, ref, free_ref);
}

void earshot_store_care_end(EarshotProfile *profile)
{
    g_object_set(earshot_profile_get_settings(profile), "ended", TRUE, NULL);
}
