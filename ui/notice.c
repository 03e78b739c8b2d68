/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever shows notices is asked first: GIO warns where nobody does. */
#include "notice.h"

#define MESSAGE_NOTE "message"
#define URGENT_NOTE "urgent-message"
#define SERVICE "org.freedesktop.Notifications"

struct notice {
    GApplication *application;
    const char *id;
    GNotification *note;
    gboolean (*is_over)(gpointer application);
};

static void notice_free(struct notice *self)
{
    g_object_unref(self->application);
    g_object_unref(self->note);
    g_free(self);
}

static void on_service(GObject *bus, GAsyncResult *result, gpointer data)
{
    struct notice *self = data;
    g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, NULL);
    if (reply && !(self->is_over && self->is_over(self->application)))
        g_application_send_notification(self->application, self->id, self->note);
    notice_free(self);
}

/* The service is asked who it is, which starts it where it can be started. In a sandbox it is not
 * seen, and the portal is asked. */
void earshot_notice_send(GApplication *application, const char *id, GNotification *note,
                         gboolean (*is_over)(gpointer application))
{
    GDBusConnection *bus = g_application_get_dbus_connection(application);
    struct notice *waiting = g_new0(struct notice, 1);
    g_notification_set_default_action(note, "app.show");
    *waiting = (struct notice){
        .application = g_object_ref(application), .id = id, .note = note, .is_over = is_over};
    if (g_file_test("/.flatpak-info", G_FILE_TEST_EXISTS))
        g_application_send_notification(application, id, note);
    else if (bus) {
        g_dbus_connection_call(bus, SERVICE, "/org/freedesktop/Notifications", SERVICE,
                               "GetServerInformation", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                               on_service, waiting);
        return;
    }
    notice_free(waiting);
}

void earshot_notice_message(GApplication *application, const char *title, const char *body,
                            gboolean urgent)
{
    GNotification *note = g_notification_new(title);
    if (body)
        g_notification_set_body(note, body);
    if (urgent)
        g_notification_set_priority(note, G_NOTIFICATION_PRIORITY_URGENT);
    g_notification_set_category(note, "im.received");
    earshot_notice_send(application, urgent ? URGENT_NOTE : MESSAGE_NOTE, note, NULL);
}

void earshot_notice_withdraw_urgent(GApplication *application)
{
    g_application_withdraw_notification(application, URGENT_NOTE);
}
