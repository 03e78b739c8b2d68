/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen's questions to the store, and its wishes. */
#include "bridge/mail_jobs.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/profile.h"
#include "mail/stored.h"
#include "store/notes.h"

/* Found by one search: more than anybody reads. */
#define FOUND_MAX 100

struct earshot_errand *earshot_errand_new(guint person)
{
    struct earshot_errand *errand = g_new0(struct earshot_errand, 1);
    errand->person = person;
    return errand;
}

static void free_secret(char *text)
{
    if (text)
        ear_sodium_wipe(text, strlen(text));
    g_free(text);
}

void earshot_errand_free(gpointer data)
{
    struct earshot_errand *errand = data;
    free_secret(errand->text);
    g_clear_object(&errand->file);
    g_clear_object(&errand->cancellable);
    g_free(errand);
}

void earshot_rows_free(gpointer data)
{
    struct earshot_rows *rows = data;
    for (guint i = 0; i < rows->count; i++)
        free_secret(rows->long_texts[i]);
    ear_sodium_wipe(rows->rows, rows->count * sizeof *rows->rows);
    g_free(rows->rows);
    g_free(rows->long_texts);
    g_free(rows);
}

/* ---- errors ---- */

static const char *sentence_of(int err)
{
    switch (err) {
    case -ENOSPC:
        return _("The disk is full: make room on it, then try again.");
    case -ENOKEY:
        return _("Earshot is locked: unlock it first.");
    case -EMSGSIZE:
        return _("This is too large to be sent.");
    case -ENODATA:
        return _("Nothing was recorded.");
    case -ENOENT:
        return _("This message is no longer there.");
    case -EILSEQ:
        return _("This text holds signs that cannot be sent.");
    default:
        return _("This cannot be kept on the disk: look whether it is full or damaged.");
    }
}

void earshot_job_fail(GTask *task, int err)
{
    g_task_return_new_error(task, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, "%s", sentence_of(err));
}

void earshot_job_finish(GTask *task, int err)
{
    if (err < 0)
        earshot_job_fail(task, err);
    else
        g_task_return_boolean(task, TRUE);
}

/* ---- questions ---- */

static struct earshot_rows *rows_new(guint cap)
{
    struct earshot_rows *rows = g_new0(struct earshot_rows, 1);
    rows->rows = g_new0(struct ear_message, cap);
    rows->long_texts = g_new0(char *, cap);
    return rows;
}

static gboolean is_long_text(const struct ear_message *row)
{
    return (row->kind == EAR_MESSAGE_TEXT || row->kind == EAR_MESSAGE_URGENT) &&
           row->size > EAR_MESSAGE_TEXT_MAX && row->state != EAR_MESSAGE_COMING;
}

static char *read_text(struct ear_store *store, const struct ear_message *row)
{
    char *text = g_malloc0(row->size + 1);
    guint64 at = 0;
    while (at < row->size) {
        int64_t got = ear_messages_read(store, row->id, at, text + at, row->size - at);
        if (got <= 0)
            break;
        at += (guint64)got;
    }
    if (at == row->size && g_utf8_validate(text, (gssize)at, NULL))
        return text;
    g_free(text);
    return NULL;
}

static void return_rows(struct earshot_mail_desk *desk, GTask *task, struct earshot_rows *rows,
                        int count)
{
    if (count < 0) {
        earshot_rows_free(rows);
        earshot_job_fail(task, count);
        return;
    }
    rows->count = (guint)count;
    for (guint i = 0; i < rows->count; i++)
        if (is_long_text(&rows->rows[i]))
            rows->long_texts[i] = read_text(desk->store, &rows->rows[i]);
    g_task_return_pointer(task, rows, earshot_rows_free);
}

void earshot_job_list(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    struct earshot_rows *rows = rows_new(errand->count);
    int count = ear_messages_list(desk->store, errand->person, 0, rows->rows, errand->count);
    return_rows(desk, task, rows, count);
}

void earshot_job_one(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    struct earshot_rows *rows = rows_new(1);
    int err = ear_messages_with_id(desk->store, errand->id, rows->rows);
    return_rows(desk, task, rows, err < 0 ? err : 1);
}

void earshot_job_count(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    int64_t count = ear_messages_unseen(desk->store, errand->person);
    if (count < 0)
        earshot_job_fail(task, (int)count);
    else
        g_task_return_int(task, (gssize)count);
}

void earshot_job_search(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    if (g_task_return_error_if_cancelled(task))
        return;
    struct earshot_rows *rows = rows_new(FOUND_MAX);
    int count =
        ear_messages_search(desk->store, errand->person, errand->text, 0, rows->rows, FOUND_MAX);
    return_rows(desk, task, rows, count);
}

/* ---- wishes ---- */

static struct ear_message_draft draft_of(const struct earshot_errand *errand)
{
    return (struct ear_message_draft){.person = errand->person,
                                      .kind = (uint8_t)errand->kind,
                                      .written_s = g_get_real_time() / G_USEC_PER_SEC};
}

void earshot_job_write(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    const struct ear_message_draft draft = draft_of(errand);
    int64_t id;
    int err = ear_messages_write(desk->store, &draft, errand->text, strlen(errand->text), &id);
    if (!err)
        earshot_mail_desk_posted(desk, errand->person);
    earshot_job_finish(task, err);
}

void earshot_job_see(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    earshot_job_finish(task, ear_mail_seen(desk->mail, errand->id));
}

void earshot_job_delete(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    earshot_job_finish(task, ear_mail_delete(desk->mail, errand->id));
}

/* All that was ever written with or about a person who was removed. */
void earshot_job_forget(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    int err = ear_messages_forget_person(desk->store, errand->person);
    if (!err)
        err = ear_notes_forget_person(desk->store, errand->person);
    earshot_job_finish(task, err);
}

/* One that a crash left unfinished is sent with what it holds. */
void earshot_job_retry(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    struct ear_message row;
    int err = ear_messages_with_id(desk->store, errand->id, &row);
    if (!err && row.state == EAR_MESSAGE_RECORDING)
        err = ear_messages_finish(desk->store, row.id, row.duration_ms);
    else if (!err)
        err =
            ear_messages_set_state(desk->store, row.id, EAR_MESSAGE_WAITING, EAR_MESSAGE_NO_REASON);
    if (!err)
        earshot_mail_desk_posted(desk, errand->person);
    earshot_job_finish(task, err);
}

/* ---- a file comes in pieces, so that others are served in between ---- */

struct copying {
    struct earshot_mail_desk *desk;
    GTask *task;
    GInputStream *stream;
    int64_t id;
    guint64 at;
};

static void free_copying(gpointer data)
{
    struct copying *copying = data;
    g_clear_object(&copying->stream);
    g_clear_object(&copying->task);
    g_free(copying);
}

static void stop_copying(struct copying *copying, int err)
{
    (void)!ear_messages_delete(copying->desk->store, copying->id);
    earshot_job_fail(copying->task, err);
}

static void finish_copying(struct copying *copying)
{
    const struct earshot_errand *errand = g_task_get_task_data(copying->task);
    int err = ear_messages_finish(copying->desk->store, copying->id, 0);
    if (err < 0) {
        stop_copying(copying, err);
        return;
    }
    earshot_mail_desk_posted(copying->desk, errand->person);
    g_task_return_boolean(copying->task, TRUE);
}

static gboolean copy_piece(gpointer data)
{
    struct copying *copying = data;
    const struct earshot_errand *errand = g_task_get_task_data(copying->task);
    static const gsize piece_bytes = EAR_MESSAGE_APPEND_MAX;
    g_autofree guint8 *piece = g_malloc(piece_bytes);
    g_autoptr(GError) error = NULL;
    gsize got = 0;
    if (!copying->desk->store) { /* locked meanwhile */
        earshot_job_fail(copying->task, -ENOKEY);
        return G_SOURCE_REMOVE;
    }
    if (!g_input_stream_read_all(copying->stream, piece, piece_bytes, &got, errand->cancellable,
                                 &error)) {
        (void)!ear_messages_delete(copying->desk->store, copying->id);
        g_task_return_error(copying->task, g_steal_pointer(&error));
        return G_SOURCE_REMOVE;
    }
    int64_t end =
        got ? ear_messages_append(copying->desk->store, copying->id, copying->at, piece, got)
            : (int64_t)copying->at;
    ear_sodium_wipe(piece, piece_bytes);
    if (end < 0) {
        stop_copying(copying, (int)end);
        return G_SOURCE_REMOVE;
    }
    copying->at = (guint64)end;
    if (got == piece_bytes)
        return G_SOURCE_CONTINUE;
    finish_copying(copying);
    return G_SOURCE_REMOVE;
}

static int begin_copying(struct copying *copying, const struct earshot_errand *errand)
{
    g_autofree char *name = g_file_get_basename(errand->file);
    g_autofree char *plain = g_filename_display_name(name);
    struct ear_message_draft draft = draft_of(errand);
    draft.name = plain;
    return ear_messages_begin(copying->desk->store, &draft, &copying->id);
}

void earshot_job_send_file(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    struct copying *copying = g_new0(struct copying, 1);
    copying->desk = desk;
    copying->task = g_object_ref(task);
    copying->stream = G_INPUT_STREAM(g_file_read(errand->file, errand->cancellable, &error));
    int err = copying->stream ? begin_copying(copying, errand) : 0;
    if (!copying->stream || err < 0) {
        if (err < 0)
            earshot_job_fail(task, err);
        else
            g_task_return_error(task, g_steal_pointer(&error));
        free_copying(copying);
        return;
    }
    g_autoptr(GSource) source = g_idle_source_new();
    g_source_set_callback(source, copy_piece, copying, free_copying);
    g_source_attach(source, g_main_context_get_thread_default());
}

/* ---- voice ---- */

struct heard {
    struct ear_stored stored;
    struct ear_voice_source source;
    struct ear_codec *codec;
    struct ear_voice voice;
};

static int open_voice(struct heard *heard, struct ear_store *store, int64_t id)
{
    *heard = (struct heard){.stored = {.store = store, .id = id}};
    heard->source = ear_stored_source(&heard->stored);
    int err = ear_codec_opus_new(&heard->codec, &ear_codec_opus_usual);
    if (!err)
        err = ear_voice_open(&heard->voice, &heard->source, heard->codec);
    if (err) {
        ear_codec_opus_free(heard->codec);
        heard->codec = NULL;
    }
    return err;
}

static void close_voice(struct heard *heard)
{
    ear_voice_close(&heard->voice);
    ear_codec_opus_free(heard->codec);
}

void earshot_job_peaks(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    struct heard heard;
    guint8 *peaks = g_malloc0(errand->count);
    int err = open_voice(&heard, desk->store, errand->id);
    if (!err) {
        err = ear_voice_peaks(&heard.voice, &heard.source, heard.codec, peaks, errand->count);
        close_voice(&heard);
    }
    if (!err) {
        g_task_return_pointer(task, g_bytes_new_take(peaks, errand->count),
                              (GDestroyNotify)g_bytes_unref);
        return;
    }
    g_free(peaks);
    earshot_job_fail(task, err);
}

struct sink {
    GOutputStream *out;
    GError **error;
};

static int write_out(void *ctx, const void *data, size_t len)
{
    struct sink *sink = ctx;
    return g_output_stream_write_all(sink->out, data, len, NULL, NULL, sink->error) ? 0 : -EIO;
}

/* Ogg Opus: every player knows it. */
static int export_voice(struct ear_store *store, const struct ear_message *row, GOutputStream *out,
                        GError **error)
{
    struct heard heard;
    struct sink to = {.out = out, .error = error};
    const struct ear_voice_sink sink = {.write = write_out, .ctx = &to};
    int err = open_voice(&heard, store, row->id);
    if (err)
        return err;
    err = ear_voice_export(&heard.voice, &heard.source, g_random_int(), &sink);
    close_voice(&heard);
    return err;
}

/* ---- out of the store, as the user asked ---- */

static int copy_out(struct ear_store *store, const struct ear_message *row, GOutputStream *out,
                    GError **error)
{
    static const gsize piece_bytes = EAR_MESSAGE_APPEND_MAX;
    g_autofree guint8 *piece = g_malloc(piece_bytes);
    int64_t got = 1;
    for (guint64 at = 0; got > 0; at += (guint64)got) {
        got = ear_messages_read(store, row->id, at, piece, piece_bytes);
        if (got > 0 && !g_output_stream_write_all(out, piece, (gsize)got, NULL, NULL, error))
            return -EIO;
    }
    return got < 0 ? (int)got : 0;
}

void earshot_job_save(struct earshot_mail_desk *desk, GTask *task)
{
    const struct earshot_errand *errand = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    struct ear_message row;
    int err = ear_messages_with_id(desk->store, errand->id, &row);
    if (err < 0) {
        earshot_job_fail(task, err);
        return;
    }
    g_autoptr(GFileOutputStream) out =
        g_file_replace(errand->file, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, &error);
    if (out && row.kind == EAR_MESSAGE_VOICE)
        err = export_voice(desk->store, &row, G_OUTPUT_STREAM(out), &error);
    else if (out)
        err = copy_out(desk->store, &row, G_OUTPUT_STREAM(out), &error);
    if (out && !err && !g_output_stream_close(G_OUTPUT_STREAM(out), NULL, &error))
        err = -EIO;
    if (error)
        g_task_return_error(task, g_steal_pointer(&error));
    else
        earshot_job_finish(task, err);
}
