/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names to addresses, on a thread of GLib's pool. */
#include "bridge/dialling.h"

#include <glib/gi18n.h>

#include "port/udp.h"

struct request {
    enum ear_command_kind kind;
    guint number;
    struct ear_places places;
    gboolean relayed; /* met at a relay, so that an address is not needed */
};

static void run(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct request *request = data;
    struct ear_command *command = g_new0(struct ear_command, 1);
    char sentence[256] = "";
    guint count = 0;
    command->kind = request->kind;
    command->guest = request->number;
    for (guint i = 0; i < request->places.count; i++) {
        struct ear_address *next = count == 0 ? &command->address : &command->others[count - 1];
        if (count <= EAR_SWITCHBOARD_OTHERS &&
            ear_udp_resolve(request->places.at[i].text, next, sentence, sizeof sentence) == 0)
            count++;
    }
    if (count > 0 || request->relayed) {
        g_task_return_pointer(task, command, g_free);
        return;
    }
    g_free(command);
    g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, "%s",
                            _("Where this person is cannot be found now: check that this computer "
                              "is connected."));
}

void earshot_dialling_start(EarshotProfile *profile, EarshotPerson *person,
                            enum ear_command_kind kind, GCancellable *cancellable,
                            GAsyncReadyCallback done, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(profile, cancellable, done, data);
    struct request *request = g_new0(struct request, 1);
    guint number = earshot_person_get_number(person);
    const struct ear_person *known = ear_people_numbered(earshot_profile_people(profile), number);
    request->kind = kind;
    request->number = number;
    g_task_set_task_data(task, request, g_free);
    if (known)
        ear_person_places(known, &request->places);
    request->relayed = known && (known->relays.count > 0 || known->meets.count > 0);
    if (!earshot_profile_can_reach(profile, person))
        g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, "%s",
                                _("It is not known where to reach this person: wait for their "
                                  "call, or ask for an invite of theirs."));
    else
        g_task_run_in_thread(task, run);
}

gboolean earshot_dialling_finish(GAsyncResult *result, struct ear_command *ret, GError **error)
{
    g_autofree struct ear_command *command = g_task_propagate_pointer(G_TASK(result), error);
    if (command)
        *ret = *command;
    return command != NULL;
}
