/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A main loop of its own for jobs and for what comes; news go to the main thread's. */
#include "bridge/mail_room.h"

#include <glib/gi18n.h>

#include "bridge/profile.h"

/* Where news go; outlives the room as long as some are under way. */
struct bell {
    earshot_mail_news news; /* main thread's; NULL: nobody listens any more */
    gpointer ctx;
};

struct earshot_mail_room {
    GThread *thread;
    GMainContext *context;
    GMainLoop *loop;
    struct bell *bell; /* counted */

    /* the thread's own */
    struct earshot_mail_desk desk;
};

struct work {
    struct earshot_mail_room *room;
    GTask *task;
    earshot_mail_job job;
};

struct ring {
    struct bell *bell; /* counted */
    struct ear_mail_event event;
};

static gboolean ring_bell(gpointer data)
{
    struct ring *ring = data;
    if (ring->bell->news)
        ring->bell->news(ring->bell->ctx, &ring->event);
    return G_SOURCE_REMOVE;
}

static void free_ring(gpointer data)
{
    struct ring *ring = data;
    g_atomic_rc_box_release(ring->bell);
    g_free(ring);
}

static void tell_news(struct earshot_mail_room *room)
{
    struct ear_mail_event event;
    while (ear_mail_event(room->desk.mail, &event)) {
        struct ring *ring = g_new0(struct ring, 1);
        *ring = (struct ring){.bell = g_atomic_rc_box_acquire(room->bell), .event = event};
        g_idle_add_full(G_PRIORITY_DEFAULT, ring_bell, ring, free_ring);
    }
}

static gboolean work(gpointer data)
{
    struct work *work = data;
    work->job(&work->room->desk, work->task);
    tell_news(work->room);
    return G_SOURCE_REMOVE;
}

static void free_work(gpointer data)
{
    struct work *work = data;
    g_object_unref(work->task);
    g_free(work);
}

void earshot_mail_room_run(struct earshot_mail_room *room, GTask *task, earshot_mail_job job)
{
    struct work *given = g_new0(struct work, 1);
    *given = (struct work){.room = room, .task = g_object_ref(task), .job = job};
    g_autoptr(GSource) source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, work, given, free_work);
    g_source_attach(source, room->context);
}

static gpointer run(gpointer data)
{
    struct earshot_mail_room *room = data;
    g_main_context_push_thread_default(room->context);
    g_main_loop_run(room->loop);
    g_main_context_pop_thread_default(room->context);
    return NULL;
}

static gboolean leave(gpointer data)
{
    struct earshot_mail_room *room = data;
    g_main_loop_quit(room->loop);
    return G_SOURCE_REMOVE;
}

static void clear(struct earshot_mail_room *room)
{
    ear_mail_free(room->desk.mail);
    ear_store_close(room->desk.store);
    g_clear_pointer(&room->loop, g_main_loop_unref);
    g_clear_pointer(&room->context, g_main_context_unref);
    g_clear_pointer(&room->bell, g_atomic_rc_box_release);
    g_free(room);
}

struct earshot_mail_room *earshot_mail_room_new(const struct ear_store *store,
                                                earshot_mail_news news, gpointer ctx,
                                                GError **error)
{
    struct earshot_mail_room *room = g_new0(struct earshot_mail_room, 1);
    int err = ear_store_beside(&room->desk.store, store);
    if (!err)
        err = ear_mail_new(&room->desk.mail, &(struct ear_mail_config){.store = room->desk.store});
    if (err) {
        g_set_error(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
                    _("Messages cannot be kept on this computer now: %s."), g_strerror(-err));
        clear(room);
        return NULL;
    }
    room->bell = g_atomic_rc_box_new(struct bell);
    *room->bell = (struct bell){.news = news, .ctx = ctx};
    room->context = g_main_context_new();
    room->loop = g_main_loop_new(room->context, FALSE);
    room->thread = g_thread_new("mail", run, room);
    return room;
}

void earshot_mail_room_free(struct earshot_mail_room *room)
{
    if (!room)
        return;
    g_autoptr(GSource) last = g_idle_source_new();
    g_source_set_priority(last, G_PRIORITY_DEFAULT);
    g_source_set_callback(last, leave, room, NULL);
    g_source_attach(last, room->context);
    g_thread_join(room->thread);
    room->bell->news = NULL;
    clear(room);
}
