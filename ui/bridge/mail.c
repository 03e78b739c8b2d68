/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversations as lists of objects; every question to the store is a job of the mail room. */
#include "bridge/mail_private.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/mail_jobs.h"
#include "bridge/message_private.h"
#include "mail/recorder.h"

/* Messages read at a time: more than any screen shows. */
#define PAGE 60

struct conversation {
    guint person, wanted;
    gboolean loading, stale, more;
    GListStore *list; /* EarshotMessage, the oldest first */
};

struct _EarshotMail {
    GObject parent_instance;

    guint unseen;
    gboolean locked, urgent_waits;
    struct earshot_mail_room *room;
    GHashTable *conversations; /* person: struct conversation */
    GHashTable *hidden;        /* ids of messages: out of their lists */
};

G_DEFINE_FINAL_TYPE(EarshotMail, earshot_mail, G_TYPE_OBJECT)

enum { PROP_0, PROP_UNSEEN, PROP_URGENT_WAITS, PROPERTIES };
static GParamSpec *properties[PROPERTIES];
enum { CAME, URGENT, UNSEEN_OF, NOTES_CHANGED, SIGNALS };
static guint signals[SIGNALS];

/* ---- jobs ---- */

static GTask *task_for(EarshotMail *self, gpointer errand, GAsyncReadyCallback callback,
                       gpointer data)
{
    GTask *task = g_task_new(self, NULL, callback, data);
    g_task_set_task_data(task, errand, earshot_errand_free);
    return task;
}

/* Takes the errand. */
static void give(EarshotMail *self, struct earshot_errand *errand, earshot_mail_job job,
                 GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr(GTask) task = task_for(self, errand, callback, data);
    earshot_mail_room_run(self->room, task, job);
}

gboolean earshot_mail_done(EarshotMail *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

/* ---- conversations ---- */

static void load(EarshotMail *self, struct conversation *talk);

static void free_conversation(gpointer data)
{
    struct conversation *talk = data;
    g_object_unref(talk->list);
    g_free(talk);
}

static GHashTable *known_messages(GListModel *list)
{
    GHashTable *known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
        g_autoptr(EarshotMessage) message = g_list_model_get_item(list, i);
        const gint64 id = earshot_message_get_id(message);
        g_hash_table_insert(known, g_memdup2(&id, sizeof id), message);
    }
    return known;
}

/* Objects of messages that were there stay the same; texts never change. */
static GPtrArray *objects_of(GListModel *list, const struct earshot_rows *rows, GHashTable *hidden)
{
    g_autoptr(GHashTable) known = known_messages(list);
    GPtrArray *objects = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = rows->count; i-- > 0;) {
        const struct ear_message *row = &rows->rows[i];
        EarshotMessage *message = g_hash_table_lookup(known, &row->id);
        if (message)
            earshot_message_update(message, row);
        if (!g_hash_table_contains(hidden, &row->id))
            g_ptr_array_add(objects, message ? g_object_ref(message)
                                             : earshot_message_new(row, rows->long_texts[i]));
    }
    return objects;
}

static gboolean is_at(GListModel *list, guint position, gpointer object)
{
    g_autoptr(GObject) item = g_list_model_get_item(list, position);
    return item == object;
}

/* One change of the list, as small as can be: what the user looks at stays where it is. */
static void show(GListStore *store, GPtrArray *objects)
{
    GListModel *list = G_LIST_MODEL(store);
    guint had = g_list_model_get_n_items(list), has = objects->len, head = 0, tail = 0;
    while (head < had && head < has && is_at(list, head, objects->pdata[head]))
        head++;
    while (tail < had - head && tail < has - head &&
           is_at(list, had - 1 - tail, objects->pdata[has - 1 - tail]))
        tail++;
    if (head + tail < had || head + tail < has)
        g_list_store_splice(store, head, had - head - tail, objects->pdata + head,
                            has - head - tail);
}

static void on_loaded(GObject *source, GAsyncResult *result, gpointer data)
{
    EarshotMail *self = EARSHOT_MAIL(source);
    struct conversation *talk = g_hash_table_lookup(self->conversations, data);
    g_autoptr(GError) error = NULL;
    struct earshot_rows *rows = g_task_propagate_pointer(G_TASK(result), &error);
    if (!talk) { /* locked meanwhile */
        if (rows)
            earshot_rows_free(rows);
        return;
    }
    talk->loading = FALSE;
    if (!rows) {
        g_message("mail: a conversation cannot be read: %s", error->message);
        return;
    }
    talk->more = rows->count == talk->wanted;
    g_autoptr(GPtrArray) objects = objects_of(G_LIST_MODEL(talk->list), rows, self->hidden);
    earshot_rows_free(rows);
    show(talk->list, objects);
    if (talk->stale)
        load(self, talk);
}

static void load(EarshotMail *self, struct conversation *talk)
{
    talk->stale = talk->loading;
    if (talk->loading)
        return;
    talk->loading = TRUE;
    struct earshot_errand *errand = earshot_errand_new(talk->person);
    errand->count = talk->wanted;
    give(self, errand, earshot_job_list, on_loaded, GUINT_TO_POINTER(talk->person));
}

static struct conversation *find(EarshotMail *self, guint person)
{
    return g_hash_table_lookup(self->conversations, GUINT_TO_POINTER(person));
}

GListModel *earshot_mail_get_conversation(EarshotMail *self, guint person)
{
    struct conversation *talk = find(self, person);
    if (talk)
        return G_LIST_MODEL(talk->list);
    talk = g_new0(struct conversation, 1);
    talk->person = person;
    talk->wanted = PAGE;
    talk->list = g_list_store_new(EARSHOT_TYPE_MESSAGE);
    g_hash_table_insert(self->conversations, GUINT_TO_POINTER(person), talk);
    load(self, talk);
    return G_LIST_MODEL(talk->list);
}

gboolean earshot_mail_has_older(EarshotMail *self, guint person)
{
    const struct conversation *talk = find(self, person);
    return talk && talk->more;
}

void earshot_mail_load_older(EarshotMail *self, guint person)
{
    struct conversation *talk = find(self, person);
    if (!talk || !talk->more)
        return;
    talk->wanted += PAGE;
    load(self, talk);
}

void earshot_mail_refresh(EarshotMail *self, guint person)
{
    struct conversation *talk = find(self, person);
    if (talk)
        load(self, talk);
}

/* ---- what nobody has seen ---- */

static void on_counted(GObject *source, GAsyncResult *result, gpointer person)
{
    EarshotMail *self = EARSHOT_MAIL(source);
    gssize count = g_task_propagate_int(G_TASK(result), NULL);
    if (count < 0)
        return;
    if (person) {
        g_signal_emit(self, signals[UNSEEN_OF], 0, GPOINTER_TO_UINT(person), (guint)count);
    } else if (self->unseen != (guint)count) {
        self->unseen = (guint)count;
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_UNSEEN]);
    }
}

void earshot_mail_count(EarshotMail *self, guint person)
{
    give(self, earshot_errand_new(person), earshot_job_count, on_counted, GUINT_TO_POINTER(person));
}

/* ---- news ---- */

static void on_came(GObject *source, GAsyncResult *result, gpointer data)
{
    struct earshot_rows *rows = g_task_propagate_pointer(G_TASK(result), NULL);
    if (rows && rows->count == 1) {
        g_autoptr(EarshotMessage) message =
            earshot_message_new(&rows->rows[0], rows->long_texts[0]);
        g_signal_emit(source, signals[CAME], 0, message);
    }
    if (rows)
        earshot_rows_free(rows);
}

static void refresh_all(EarshotMail *self)
{
    GHashTableIter iter;
    gpointer person;
    g_hash_table_iter_init(&iter, self->conversations);
    while (g_hash_table_iter_next(&iter, &person, NULL))
        earshot_mail_refresh(self, GPOINTER_TO_UINT(person));
}

static void count_again(EarshotMail *self, guint person)
{
    earshot_mail_count(self, 0);
    if (person)
        earshot_mail_count(self, person);
}

static void take_news(gpointer ctx, const struct ear_mail_event *event)
{
    EarshotMail *self = ctx;
    if (event->change == EAR_MAIL_REFRESH) {
        refresh_all(self);
        count_again(self, 0);
        return;
    }
    earshot_mail_refresh(self, event->person);
    if (event->change != EAR_MAIL_CAME)
        return;
    count_again(self, event->person);
    struct earshot_errand *errand = earshot_errand_new(event->person);
    errand->id = event->id;
    give(self, errand, earshot_job_one, on_came, NULL);
}

/* ---- what the user does ---- */

/* Passes the result on, after the lists know of it. */
static void on_changed(GObject *source, GAsyncResult *result, gpointer data)
{
    EarshotMail *self = EARSHOT_MAIL(source);
    g_autoptr(GTask) outer = data;
    g_autoptr(GError) error = NULL;
    const struct earshot_errand *errand = g_task_get_task_data(G_TASK(result));
    gboolean done = g_task_propagate_boolean(G_TASK(result), &error);
    earshot_mail_refresh(self, errand->person);
    count_again(self, errand->person);
    if (!done)
        g_task_return_error(outer, g_steal_pointer(&error));
    else
        g_task_return_boolean(outer, TRUE);
}

static void change(EarshotMail *self, struct earshot_errand *errand, earshot_mail_job job,
                   GAsyncReadyCallback callback, gpointer data)
{
    give(self, errand, job, on_changed, g_task_new(self, NULL, callback, data));
}

void earshot_mail_write_async(EarshotMail *self, guint person, EarshotMessageKind kind,
                              const char *text, GAsyncReadyCallback callback, gpointer data)
{
    struct earshot_errand *errand = earshot_errand_new(person);
    errand->kind = (enum ear_message_kind)kind;
    errand->text = g_strdup(text);
    change(self, errand, earshot_job_write, callback, data);
}

void earshot_mail_write_urgent_async(EarshotMail *self, guint person, const char *place,
                                     const char *number, GAsyncReadyCallback callback,
                                     gpointer data)
{
    char text[EAR_MESSAGE_TEXT_MAX + 1];
    (void)ear_mail_urgent_text(place, number, text);
    earshot_mail_write_async(self, person, EARSHOT_MESSAGE_URGENT, text, callback, data);
    ear_sodium_wipe(text, sizeof text);
}

void earshot_mail_send_file_async(EarshotMail *self, guint person, GFile *file,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer data)
{
    struct earshot_errand *errand = earshot_errand_new(person);
    errand->kind = EAR_MESSAGE_FILE;
    errand->file = g_object_ref(file);
    errand->cancellable = cancellable ? g_object_ref(cancellable) : NULL;
    change(self, errand, earshot_job_send_file, callback, data);
}

static struct earshot_errand *errand_about(EarshotMessage *message)
{
    struct earshot_errand *errand = earshot_errand_new(earshot_message_get_person(message));
    errand->id = earshot_message_get_id(message);
    return errand;
}

static void on_seen(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    if (!earshot_mail_done(EARSHOT_MAIL(source), result, &error))
        g_message("mail: what was seen cannot be kept: %s", error->message);
}

void earshot_mail_see(EarshotMail *self, EarshotMessage *message)
{
    if (!earshot_message_is_mine(message) &&
        earshot_message_get_state(message) == EARSHOT_MESSAGE_UNSEEN)
        change(self, errand_about(message), earshot_job_see, on_seen, NULL);
}

void earshot_mail_hide(EarshotMail *self, EarshotMessage *message, gboolean hide)
{
    const gint64 id = earshot_message_get_id(message);
    if (hide)
        g_hash_table_add(self->hidden, g_memdup2(&id, sizeof id));
    else
        g_hash_table_remove(self->hidden, &id);
    earshot_mail_refresh(self, earshot_message_get_person(message));
}

void earshot_mail_delete_async(EarshotMail *self, EarshotMessage *message,
                               GAsyncReadyCallback callback, gpointer data)
{
    change(self, errand_about(message), earshot_job_delete, callback, data);
}

void earshot_mail_retry_async(EarshotMail *self, EarshotMessage *message,
                              GAsyncReadyCallback callback, gpointer data)
{
    change(self, errand_about(message), earshot_job_retry, callback, data);
}

void earshot_mail_save_async(EarshotMail *self, EarshotMessage *message, GFile *file,
                             GAsyncReadyCallback callback, gpointer data)
{
    struct earshot_errand *errand = errand_about(message);
    errand->file = g_object_ref(file);
    change(self, errand, earshot_job_save, callback, data);
}

void earshot_mail_peaks_async(EarshotMail *self, EarshotMessage *message, guint count,
                              GAsyncReadyCallback callback, gpointer data)
{
    struct earshot_errand *errand = errand_about(message);
    errand->count = count;
    give(self, errand, earshot_job_peaks, callback, data);
}

GBytes *earshot_mail_peaks_finish(EarshotMail *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

void earshot_mail_search_async(EarshotMail *self, const char *words, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data)
{
    struct earshot_errand *errand = earshot_errand_new(0);
    errand->text = g_strdup(words);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, data);
    g_task_set_task_data(task, errand, earshot_errand_free);
    earshot_mail_room_run(self->room, task, earshot_job_search);
}

GListModel *earshot_mail_search_finish(EarshotMail *self, GAsyncResult *result, GError **error)
{
    struct earshot_rows *rows = g_task_propagate_pointer(G_TASK(result), error);
    if (!rows)
        return NULL;
    GListStore *found = g_list_store_new(EARSHOT_TYPE_MESSAGE);
    for (guint i = 0; i < rows->count; i++) {
        g_autoptr(EarshotMessage) message =
            earshot_message_new(&rows->rows[i], rows->long_texts[i]);
        g_list_store_append(found, message);
    }
    earshot_rows_free(rows);
    return G_LIST_MODEL(found);
}

guint64 earshot_mail_price_bytes(EarshotMessageKind kind, guint64 size, const char *name)
{
    return ear_mail_price_bytes((enum ear_message_kind)kind, size, name);
}

guint64 earshot_mail_voice_price_bytes(guint seconds)
{
    return ear_mail_price_bytes(EAR_MESSAGE_VOICE, (guint64)seconds * EAR_RECORDER_BPS_MIN / 8,
                                NULL);
}

static void on_forgotten(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    if (!earshot_mail_done(EARSHOT_MAIL(source), result, &error))
        g_message("mail: messages of a removed person are still there: %s", error->message);
}

void earshot_mail_forget(EarshotMail *self, guint person)
{
    change(self, earshot_errand_new(person), earshot_job_forget, on_forgotten, NULL);
}

/* ---- the lock ---- */

static void set_urgent_waits(EarshotMail *self, gboolean waits)
{
    if (self->urgent_waits == waits)
        return;
    self->urgent_waits = waits;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_URGENT_WAITS]);
}

static void take_urgent(gpointer ctx)
{
    EarshotMail *self = ctx;
    if (!self->locked)
        return;
    set_urgent_waits(self, TRUE);
    g_signal_emit(self, signals[URGENT], 0);
}

void earshot_mail_lock(EarshotMail *self)
{
    GHashTableIter iter;
    gpointer talk;
    self->locked = TRUE;
    earshot_mail_room_lock(self->room);
    g_hash_table_iter_init(&iter, self->conversations);
    while (g_hash_table_iter_next(&iter, NULL, &talk))
        g_list_store_remove_all(((struct conversation *)talk)->list);
    g_hash_table_remove_all(self->conversations);
    g_hash_table_remove_all(self->hidden);
    self->unseen = 0;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_UNSEEN]);
}

gboolean earshot_mail_unlock(EarshotMail *self, const struct ear_store *store)
{
    gboolean unlocked = earshot_mail_room_unlock(self->room, store);
    self->locked = FALSE;
    set_urgent_waits(self, FALSE);
    earshot_mail_count(self, 0);
    return unlocked;
}

/* ---- beginning and end ---- */

EarshotMail *earshot_mail_new(const struct ear_store *store, GError **error)
{
    g_autoptr(EarshotMail) self = g_object_new(EARSHOT_TYPE_MAIL, NULL);
    self->room = earshot_mail_room_new(store, take_news, take_urgent, self, error);
    if (!self->room)
        return NULL;
    earshot_mail_count(self, 0);
    return g_steal_pointer(&self);
}

struct earshot_mail_room *earshot_mail_get_room(EarshotMail *self)
{
    return self->room;
}

void earshot_mail_stop(EarshotMail *self)
{
    g_clear_pointer(&self->room, earshot_mail_room_free);
}

static void earshot_mail_finalize(GObject *object)
{
    EarshotMail *self = EARSHOT_MAIL(object);
    earshot_mail_stop(self);
    g_hash_table_unref(self->conversations);
    g_hash_table_unref(self->hidden);
    G_OBJECT_CLASS(earshot_mail_parent_class)->finalize(object);
}

static void earshot_mail_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_UNSEEN)
        g_value_set_uint(value, EARSHOT_MAIL(object)->unseen);
    else if (id == PROP_URGENT_WAITS)
        g_value_set_boolean(value, EARSHOT_MAIL(object)->urgent_waits);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void earshot_mail_class_init(EarshotMailClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->get_property = earshot_mail_get_property;
    object_class->finalize = earshot_mail_finalize;
    properties[PROP_UNSEEN] =
        g_param_spec_uint("unseen", NULL, NULL, 0, G_MAXUINT, 0,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
    properties[PROP_URGENT_WAITS] =
        g_param_spec_boolean("urgent-waits", NULL, NULL, FALSE,
                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
    signals[CAME] = g_signal_new("came", EARSHOT_TYPE_MAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, EARSHOT_TYPE_MESSAGE);
    signals[URGENT] = g_signal_new("urgent", EARSHOT_TYPE_MAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
    signals[UNSEEN_OF] = g_signal_new("unseen-of", EARSHOT_TYPE_MAIL, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
    signals[NOTES_CHANGED] = g_signal_new("notes-changed", EARSHOT_TYPE_MAIL, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void earshot_mail_init(EarshotMail *self)
{
    self->conversations = g_hash_table_new_full(NULL, NULL, NULL, free_conversation);
    self->hidden = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}
