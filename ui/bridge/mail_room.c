/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A main loop of its own for jobs and for what comes; news go to the main thread's. */
#include "bridge/mail_room.h"

#include <glib/gi18n.h>

#include "bridge/profile.h"
#include "wire/mail_frame.h"

/* While locked: often enough that the engine's ring (256 frames) never fills on a line that we
 * know.
 */
#define LOCKED_ROUND_US (500 * (gint64)1000)
/* While locked: of what is urgent, and said again four times a second, the user hears so often. */
#define URGENT_AGAIN_US (60 * (gint64)1000000)

/* Where news go; outlives the room as long as some are under way. */
struct bell {
    earshot_mail_news news; /* main thread's; NULL: nobody listens any more */
    earshot_mail_urgent urgent;
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
    GArray *lines;                      /* struct line: those that are up */
    guint retold, to_retell;            /* of them to a postman who was not there, by halves */
    gboolean anew;                      /* the other sides are to begin anew */
    gint64 urgent_us;                   /* told last; 0: not since it was locked */
    const struct ear_store *opening;    /* borrowed while it is unlocked */
};

/* What a postman who comes later has to be told. */
struct line {
    guint person;
    uint32_t session, wanted;
    uint16_t cap;
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

static gboolean ring_urgent(gpointer data)
{
    struct ring *ring = data;
    if (ring->bell->news)
        ring->bell->urgent(ring->bell->ctx);
    return G_SOURCE_REMOVE;
}

static void tell_urgent(struct earshot_mail_room *room)
{
    const gint64 now_us = g_get_monotonic_time();
    if (room->urgent_us && now_us - room->urgent_us < URGENT_AGAIN_US)
        return;
    room->urgent_us = now_us;
    struct ring *ring = g_new0(struct ring, 1);
    ring->bell = g_atomic_rc_box_acquire(room->bell);
    g_idle_add_full(G_PRIORITY_DEFAULT, ring_urgent, ring, free_ring);
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

static struct line *line_of(struct earshot_mail_room *room, uint32_t session, guint *ret_at)
{
    for (guint i = 0; i < room->lines->len; i++) {
        struct line *line = &g_array_index(room->lines, struct line, i);
        if (line->session == session) {
            *ret_at = i;
            return line;
        }
    }
    return NULL;
}

static bool put(void *ctx, const struct ear_pipe_item *item)
{
    struct earshot_mail_room *room = ctx;
    guint at;
    struct line *line =
        item->kind == EAR_PIPE_FRAME && !item->at_once ? line_of(room, item->session, &at) : NULL;
    if (line && line->wanted > 0)
        line->wanted--;
    return earshot_engine_room_mail_put(room->engine, item);
}

static void follow(struct earshot_mail_room *room, const struct ear_pipe_item *item)
{
    guint at = 0;
    struct line *line = line_of(room, item->session, &at);
    if (item->kind == EAR_PIPE_UP) {
        const struct line up = {.person = item->person, .session = item->session};
        g_array_append_val(room->lines, up);
    } else if (item->kind == EAR_PIPE_DOWN && line) {
        g_array_remove_index(room->lines, at);
    } else if (item->kind == EAR_PIPE_WANT && line) {
        line->wanted += item->count;
        line->cap = item->cap;
    }
}

/* First that a line is up, then how much it wants. */
static void retell(struct earshot_mail_room *room, struct ear_pipe_item *ret)
{
    const struct line *line = &g_array_index(room->lines, struct line, room->retold / 2);
    *ret = (struct ear_pipe_item){.kind = room->retold % 2 == 0 ? EAR_PIPE_UP : EAR_PIPE_WANT,
                                  .person = line->person,
                                  .session = line->session,
                                  .count = (uint16_t)line->wanted,
                                  .cap = line->cap};
    room->retold++;
}

static bool take(void *ctx, struct ear_pipe_item *ret)
{
    struct earshot_mail_room *room = ctx;
    if (room->retold < room->to_retell) {
        retell(room, ret);
        return true;
    }
    if (!earshot_engine_room_mail_take(room->engine, ret))
        return false;
    follow(room, ret);
    return true;
}

/* Locked: nothing can be kept, so nothing is acknowledged, and who sends tries again later. Of
 * somebody in danger the user learns all the same, without a name or a word. */
static void pass_over(struct earshot_mail_room *room)
{
    struct ear_pipe_item item;
    while (take(room, &item)) {
        if ((item.kind == EAR_PIPE_FRAME || item.kind == EAR_PIPE_FLARE) &&
            ear_mail_frame_is_urgent(item.data, item.len))
            tell_urgent(room);
        ear_sodium_wipe(item.data, sizeof item.data);
    }
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
    if (!room->desk.postman) {
        pass_over(room);
        g_source_set_ready_time(room->round, g_get_monotonic_time() + LOCKED_ROUND_US);
        return G_SOURCE_CONTINUE;
    }
    int64_t due_us = ear_postman_step(room->desk.postman, g_get_monotonic_time());
    for (guint i = 0; room->anew && i < room->lines->len; i++)
        ear_mail_ready(room->desk.mail, g_array_index(room->lines, struct line, i).person);
    room->anew = FALSE;
    g_source_set_ready_time(room->round, due_us);
    tell_news(room);
    return G_SOURCE_CONTINUE;
}

static gboolean dispatch_round(GSource *source, GSourceFunc callback, gpointer data)
{
    return callback(data);
}

static GSourceFuncs round_funcs = {.dispatch = dispatch_round};

static void employ(struct earshot_mail_room *room)
{
    const struct ear_postman_config config = {.mail = room->desk.mail,
                                              .store = room->desk.store,
                                              .put = put,
                                              .take = take,
                                              .find = find,
                                              .ctx = room};
    if (ear_postman_new(&room->desk.postman, &config) < 0)
        g_message("mail: there is not enough memory to deliver any");
}

static gboolean connect(gpointer data)
{
    struct earshot_mail_room *room = data;
    g_array_set_size(room->lines, 0);
    room->retold = room->to_retell = 0;
    if (room->desk.mail)
        employ(room);
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

static void lock_desk(struct earshot_mail_room *room)
{
    g_clear_pointer(&room->desk.postman, ear_postman_free);
    g_clear_pointer(&room->desk.mail, ear_mail_free);
    g_clear_pointer(&room->desk.store, ear_store_close);
    room->urgent_us = 0;
}

/* Returns 0, -errno. */
static int open_desk(struct earshot_mail_room *room, const struct ear_store *store)
{
    int err = ear_store_beside(&room->desk.store, store);
    if (!err)
        err = ear_mail_new(&room->desk.mail, &(struct ear_mail_config){.store = room->desk.store});
    if (err)
        g_clear_pointer(&room->desk.store, ear_store_close);
    return err;
}

static void unlock_desk(struct earshot_mail_room *room)
{
    if (open_desk(room, room->opening) < 0 || !room->round)
        return;
    room->retold = 0;
    room->to_retell = 2 * room->lines->len;
    room->anew = TRUE;
    employ(room);
    g_source_set_ready_time(room->round, 0);
}

/* The main thread waits for it. */
struct parting {
    struct earshot_mail_room *room;
    void (*part)(struct earshot_mail_room *room);
    GMutex lock;
    GCond done;
    gboolean is_done;
};

static gboolean part(gpointer data)
{
    struct parting *parting = data;
    parting->part(parting->room);
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

static void on_thread_now(struct earshot_mail_room *room,
                          void (*call)(struct earshot_mail_room *room))
{
    struct parting parting = {.room = room, .part = call};
    g_mutex_init(&parting.lock);
    g_cond_init(&parting.done);
    g_mutex_lock(&parting.lock);
    on_thread(room, part, &parting);
    while (!parting.is_done)
        g_cond_wait(&parting.done, &parting.lock);
    g_mutex_unlock(&parting.lock);
    g_mutex_clear(&parting.lock);
    g_cond_clear(&parting.done);
}

void earshot_mail_room_disconnect(struct earshot_mail_room *room)
{
    on_thread_now(room, disconnect);
    room->engine = NULL;
    room->where = NULL;
}

/* ---- the lock ---- */

void earshot_mail_room_lock(struct earshot_mail_room *room)
{
    on_thread_now(room, lock_desk);
}

gboolean earshot_mail_room_unlock(struct earshot_mail_room *room, const struct ear_store *store)
{
    room->opening = store;
    on_thread_now(room, unlock_desk);
    return room->desk.mail != NULL;
}

/* ---- jobs ---- */

static gboolean work(gpointer data)
{
    struct work *work = data;
    if (!work->room->desk.mail) {
        g_task_return_new_error(work->task, EARSHOT_ERROR, EARSHOT_ERROR_LOCKED, "%s",
                                _("This profile is locked: give its passphrase."));
        return G_SOURCE_REMOVE;
    }
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
    lock_desk(room);
    g_clear_pointer(&room->lines, g_array_unref);
    g_clear_pointer(&room->loop, g_main_loop_unref);
    g_clear_pointer(&room->context, g_main_context_unref);
    g_clear_pointer(&room->bell, g_atomic_rc_box_release);
    g_free(room);
}

struct earshot_mail_room *earshot_mail_room_new(const struct ear_store *store,
                                                earshot_mail_news news, earshot_mail_urgent urgent,
                                                gpointer ctx, GError **error)
{
    struct earshot_mail_room *room = g_new0(struct earshot_mail_room, 1);
    int err = open_desk(room, store);
    room->lines = g_array_new(FALSE, FALSE, sizeof(struct line));
    if (err) {
        g_set_error(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
                    _("Messages cannot be kept on this computer now: %s."), g_strerror(-err));
        clear(room);
        return NULL;
    }
    room->bell = g_atomic_rc_box_new(struct bell);
    *room->bell = (struct bell){.news = news, .urgent = urgent, .ctx = ctx};
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
