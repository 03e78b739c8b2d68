/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that keeps and delivers messages: it may wait for the disk, the screen never does. */
#ifndef EARSHOT_MAIL_ROOM_H
#define EARSHOT_MAIL_ROOM_H

#include <gio/gio.h>

#include "bridge/engine_room.h"
#include "bridge/whereabouts.h"
#include "mail/postman.h"

struct earshot_mail_room;

/* What a job works with; the thread's own. */
struct earshot_mail_desk {
    struct ear_store *store;
    struct ear_mail *mail;
    struct ear_postman *postman; /* NULL: nothing goes out now */
};

/* Something was written to this person. */
void earshot_mail_desk_posted(struct earshot_mail_desk *desk, guint person);

/* Runs on the thread; returns the task's result with g_task_return_*. */
typedef void (*earshot_mail_job)(struct earshot_mail_desk *desk, GTask *task);
/* Something changed: called on the main thread. */
typedef void (*earshot_mail_news)(gpointer ctx, const struct ear_mail_event *event);
/* While locked: somebody is in danger and sends an urgent message, again and again. At once, then
 * once a minute at most. On the main thread, maybe just after it was unlocked. */
typedef void (*earshot_mail_urgent)(gpointer ctx);

/* store: the profile's, of which the thread takes a handle of its own. NULL and one sentence where
 * that fails. thread: main, all below. */
struct earshot_mail_room *earshot_mail_room_new(const struct ear_store *store,
                                                earshot_mail_news news, earshot_mail_urgent urgent,
                                                gpointer ctx, GError **error);
/* After all jobs that were given before; joins. No news comes after it. NULL is allowed. */
void earshot_mail_room_free(struct earshot_mail_room *room);
/* From here on mail goes through this engine; both are borrowed until it is disconnected, which
 * waits until nothing touches them any more. */
void earshot_mail_room_connect(struct earshot_mail_room *room, struct earshot_engine_room *engine,
                               struct earshot_whereabouts *where);
void earshot_mail_room_disconnect(struct earshot_mail_room *room);
/* After all jobs that were given before: the thread's handle of the store is closed and its
 * messages are forgotten. Until it is unlocked jobs fail and what comes is passed over without an
 * answer, so that who sent it tries again; then the other sides are asked to begin anew. False: no
 * memory. */
void earshot_mail_room_lock(struct earshot_mail_room *room);
gboolean earshot_mail_room_unlock(struct earshot_mail_room *room, const struct ear_store *store);
/* Jobs run one after the other. Takes a reference to the task, whose data the job reads. */
void earshot_mail_room_run(struct earshot_mail_room *room, GTask *task, earshot_mail_job job);

#endif
