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
    struct earshot_engine_room *engine; /* borrowed, while connected */
    struct earshot_whereabouts *where;  /* likewise */
    GSource *round;                     /* of the postman */
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

/* ---- what goes out and comes in ---- */

void earshot_mail_desk_posted(struct earshot_mail_desk *desk, guint person)
{
    if (desk->postman)
        ear_postman_posted(desk->postman, person);
    else
        ear_mail_posted(desk->mail, person);
}

static bool put(void *ctx, const struct ear_pipe_item *item)
{
    struct earshot_mail_room *room = ctx;
    return earshot_engine_room_mail_put(room->engine, item);
}

static bool take(void *ctx, struct ear_pipe_item *ret)
{
    struct earshot_mail_room *room = ctx;
    return earshot_engine_room_mail_take(room->engine, ret);
}

/* Addresses that our socket cannot reach are left out. */
static bool find(void *ctx, uint32_t person, struct ear_pipe_item *item)
{
    struct earshot_mail_room *room = ctx;
    if (!earshot_whereabouts_find(room->where, person, item))
        return false;
    if (!earshot_engine_room_fit(room->engine, &item->address))
        item->address.len = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(item->others); i++)
        if (!earshot_engine_room_fit(room->engine, &item->others[i]))
            item->others[i].len = 0;
    return true;
}

static gboolean go_round(gpointer data)
{
    struct earshot_mail_room *room = data;
    int64_t due_us = ear_postman_step(room->desk.postman, g_get_monotonic_time());
    g_source_set_ready_time(room->round, due_us);
    tell_news(room);
    return G_SOURCE_CONTINUE;
}

static gboolean dispatch_round(GSource *source, GSourceFunc callback, gpointer data)
{
    return callback(data);
}

static GSourceFuncs round_funcs = {.dispatch = dispatch_round};

static gboolean connect(gpointer data)
{
    struct earshot_mail_room *room = data;
    const struct ear_postman_config config = {.mail = room->desk.mail,
                                              .store = room->desk.store,
                                              .put = put,
                                              .take = take,
                                              .find = find,
                                              .ctx = room};
    if (ear_postman_new(&room->desk.postman, &config) < 0)
        return G_SOURCE_REMOVE;
    room->round = g_source_new(&round_funcs, sizeof(GSource));
    g_source_set_callback(room->round, go_round, room, NULL);
    g_source_set_ready_time(room->round, 0);
    g_source_attach(room->round, room->context);
    return G_SOURCE_REMOVE;
}

static void disconnect(struct earshot_mail_room *room)
{
    if (room->round) {
        g_source_destroy(room->round);
        g_clear_pointer(&room->round, g_source_unref);
    }
    g_clear_pointer(&room->desk.postman, ear_postman_free);
}

/* The main thread waits for it. */
struct parting {
    struct earshot_mail_room *room;
    GMutex lock;
    GCond done;
    gboolean is_done;
};

static gboolean part(gpointer data)
{
    struct parting *parting = data;
    disconnect(parting->room);
    g_mutex_lock(&parting->lock);
    parting->is_done = TRUE;
    g_cond_signal(&parting->done);
    g_mutex_unlock(&parting->lock);
    return G_SOURCE_REMOVE;
}

static void on_thread(struct earshot_mail_room *room, GSourceFunc call, gpointer data)
{
    g_autoptr(GSource) source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, call, data, NULL);
    g_source_attach(source, room->context);
}

void earshot_mail_room_connect(struct earshot_mail_room *room, struct earshot_engine_room *engine,
                               struct earshot_whereabouts *where)
{
    room->engine = engine;
    room->where = where;
    on_thread(room, connect, room);
}

void earshot_mail_room_disconnect(struct earshot_mail_room *room)
{
    struct parting parting = {.room = room};
    g_mutex_init(&parting.lock);
    g_cond_init(&parting.done);
    g_mutex_lock(&parting.lock);
    on_thread(room, part, &parting);
    while (!parting.is_done)
        g_cond_wait(&parting.done, &parting.lock);
    g_mutex_unlock(&parting.lock);
    g_mutex_clear(&parting.lock);
    g_cond_clear(&parting.done);
    room->engine = NULL;
    room->where = NULL;
}

/* ---- jobs ---- */

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
    disconnect(room);
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
    on_thread(room, leave, room);
    g_thread_join(room->thread);
    room->bell->news = NULL;
    clear(room);
}
