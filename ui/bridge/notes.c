/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes through the mail's thread, which may wait for the disk. */
#include "bridge/notes.h"

#include <errno.h>
#include <string.h>

#include "bridge/mail_jobs.h"
#include "bridge/mail_private.h"
#include "store/notes.h"

#define LISTED_MAX 100

struct _EarshotNote {
    GObject parent_instance;

    struct ear_note row;
    /* owned */
    char *text;
    GDateTime *when;
};

G_DEFINE_FINAL_TYPE(EarshotNote, earshot_note, G_TYPE_OBJECT)

enum { PROP_0, PROP_ID, PROP_PERSON, PROP_CALL, PROP_WHEN, PROP_TEXT, PROPERTIES };
static GParamSpec *properties[PROPERTIES];

gint64 earshot_note_get_id(EarshotNote *self)
{
    return self->row.id;
}

guint earshot_note_get_person(EarshotNote *self)
{
    return self->row.person;
}

guint64 earshot_note_get_call(EarshotNote *self)
{
    return self->row.call;
}

const char *earshot_note_get_text(EarshotNote *self)
{
    return self->text;
}

GDateTime *earshot_note_get_when(EarshotNote *self)
{
    return self->when;
}

static void earshot_note_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotNote *self = EARSHOT_NOTE(object);
    switch (id) {
    case PROP_ID:
        g_value_set_int64(value, self->row.id);
        break;
    case PROP_PERSON:
        g_value_set_uint(value, self->row.person);
        break;
    case PROP_CALL:
        g_value_set_uint64(value, self->row.call);
        break;
    case PROP_WHEN:
        g_value_set_boxed(value, self->when);
        break;
    case PROP_TEXT:
        g_value_set_string(value, self->text);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_note_finalize(GObject *object)
{
    EarshotNote *self = EARSHOT_NOTE(object);
    if (self->text)
        ear_sodium_wipe(self->text, strlen(self->text));
    g_free(self->text);
    g_clear_pointer(&self->when, g_date_time_unref);
    G_OBJECT_CLASS(earshot_note_parent_class)->finalize(object);
}

static void earshot_note_class_init(EarshotNoteClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_note_get_property;
    object_class->finalize = earshot_note_finalize;
    properties[PROP_ID] = g_param_spec_int64("id", NULL, NULL, 0, G_MAXINT64, 0, read);
    properties[PROP_PERSON] = g_param_spec_uint("person", NULL, NULL, 0, G_MAXUINT, 0, read);
    properties[PROP_CALL] = g_param_spec_uint64("call", NULL, NULL, 0, G_MAXUINT64, 0, read);
    properties[PROP_WHEN] = g_param_spec_boxed("when", NULL, NULL, G_TYPE_DATE_TIME, read);
    properties[PROP_TEXT] = g_param_spec_string("text", NULL, NULL, "", read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_note_init(EarshotNote *self)
{
}

/* ---- jobs, on the mail's thread ---- */

/* NULL where its text cannot be read. */
static EarshotNote *read_note(struct ear_store *store, const struct ear_note *row)
{
    EarshotNote *note = g_object_new(EARSHOT_TYPE_NOTE, NULL);
    note->row = *row;
    note->when = g_date_time_new_from_unix_local(row->changed_s);
    note->text = g_malloc0(row->len + 1);
    if (ear_notes_read(store, row->id, note->text, row->len + 1) < 0)
        g_clear_object(&note);
    return note;
}

static void list(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    g_autofree struct ear_note *rows = g_new0(struct ear_note, LISTED_MAX);
    int count = errand->text ? ear_notes_search(desk->store, errand->person, errand->text, 0, rows,
                                                LISTED_MAX)
                             : ear_notes_list(desk->store, errand->person, 0, rows, LISTED_MAX);
    if (count < 0) {
        earshot_job_fail(task, count);
        return;
    }
    GListStore *found = g_list_store_new(EARSHOT_TYPE_NOTE);
    for (int i = 0; i < count; i++) {
        g_autoptr(EarshotNote) note = read_note(desk->store, &rows[i]);
        if (note)
            g_list_store_append(found, note);
    }
    g_task_return_pointer(task, found, g_object_unref);
}

static void find(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    struct ear_note row;
    int err = ear_notes_of_call(desk->store, (uint64_t)errand->id, &row);
    if (err && err != -ENOENT)
        earshot_job_fail(task, err);
    else
        g_task_return_pointer(task, err ? NULL : read_note(desk->store, &row), g_object_unref);
}

struct draft {
    struct ear_note row;
    char *text;
};

static void free_draft(gpointer data)
{
    struct draft *draft = data;
    ear_sodium_wipe(draft->text, strlen(draft->text));
    g_free(draft->text);
    g_free(draft);
}

static void write_note(struct earshot_mail_desk *desk, GTask *task)
{
    struct draft *draft = g_task_get_task_data(task);
    int64_t id = draft->row.id;
    int err = 0;
    if (*draft->text)
        err = ear_notes_write(desk->store, &draft->row, draft->text, &id);
    else if (id)
        err = ear_notes_delete(desk->store, id);
    if (err)
        earshot_job_fail(task, err);
    else
        g_task_return_int(task, *draft->text ? (gssize)id : 0);
}

/* ---- questions and wishes ---- */

static void give(EarshotMail *mail, struct earshot_errand *errand, earshot_mail_job job,
                 GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(mail, NULL, callback, data);
    g_task_set_task_data(task, errand, earshot_errand_free);
    earshot_mail_room_run(earshot_mail_get_room(mail), task, job);
}

void earshot_notes_list_async(EarshotMail *mail, guint person, const char *words,
                              GAsyncReadyCallback callback, gpointer data)
{
    struct earshot_errand *errand = earshot_errand_new(person);
    errand->text = g_strdup(words);
    give(mail, errand, list, callback, data);
}

GListModel *earshot_notes_list_finish(EarshotMail *mail, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

void earshot_notes_of_call_async(EarshotMail *mail, guint64 call, GAsyncReadyCallback callback,
                                 gpointer data)
{
    struct earshot_errand *errand = earshot_errand_new(0);
    errand->id = (gint64)call;
    give(mail, errand, find, callback, data);
}

EarshotNote *earshot_notes_of_call_finish(EarshotMail *mail, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

void earshot_notes_write_async(EarshotMail *mail, guint person, guint64 call, gint64 id,
                               const char *text, GAsyncReadyCallback callback, gpointer data)
{
    const gint64 now_s = g_get_real_time() / G_USEC_PER_SEC;
    struct draft *draft = g_new0(struct draft, 1);
    draft->row = (struct ear_note){
        .id = id, .person = person, .call = call, .begun_s = now_s, .changed_s = now_s};
    draft->text = g_strdup(text);
    g_autoptr(GTask) task = g_task_new(mail, NULL, callback, data);
    g_task_set_task_data(task, draft, free_draft);
    earshot_mail_room_run(earshot_mail_get_room(mail), task, write_note);
}

gint64 earshot_notes_write_finish(EarshotMail *mail, GAsyncResult *result, GError **error)
{
    gssize id = g_task_propagate_int(G_TASK(result), error);
    if (id >= 0)
        g_signal_emit_by_name(mail, "notes-changed");
    return id;
}
