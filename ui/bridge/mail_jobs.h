/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the mail's thread does for the screen: each job asks or changes the store. */
#ifndef EARSHOT_MAIL_JOBS_H
#define EARSHOT_MAIL_JOBS_H

#include "bridge/mail_room.h"

/* What a job is to do; its task's data. Which fields count is said at the job. */
struct earshot_errand {
    guint person, count;
    gint64 id;
    enum ear_message_kind kind;
    /* owned */
    char *text;
    GFile *file;
    GCancellable *cancellable;
};
struct earshot_errand *earshot_errand_new(guint person);
void earshot_errand_free(gpointer errand); /* wipes */

/* Rows as the store lists them; long_texts[i] is NULL where the row has all of its text. */
struct earshot_rows {
    guint count;
    struct ear_message *rows;
    char **long_texts;
};
void earshot_rows_free(gpointer rows); /* wipes */

/* thread: mail, all below. */

/* The end of a job: one sentence for -errno; TRUE for 0 and more. */
void earshot_job_fail(GTask *task, int err);
void earshot_job_finish(GTask *task, int err);

void earshot_job_list(struct earshot_mail_desk *desk, GTask *task);   /* person, count: rows */
void earshot_job_one(struct earshot_mail_desk *desk, GTask *task);    /* id: one row */
void earshot_job_count(struct earshot_mail_desk *desk, GTask *task);  /* person, 0: all: int */
void earshot_job_peaks(struct earshot_mail_desk *desk, GTask *task);  /* id, count: GBytes */
void earshot_job_search(struct earshot_mail_desk *desk, GTask *task); /* text: rows */
/* TRUE, or one sentence. */
void earshot_job_write(struct earshot_mail_desk *desk, GTask *task);     /* person, kind, text */
void earshot_job_send_file(struct earshot_mail_desk *desk, GTask *task); /* person, file */
void earshot_job_see(struct earshot_mail_desk *desk, GTask *task);       /* id */
void earshot_job_delete(struct earshot_mail_desk *desk, GTask *task);    /* id */
void earshot_job_retry(struct earshot_mail_desk *desk, GTask *task);     /* person, id */
void earshot_job_forget(struct earshot_mail_desk *desk, GTask *task);    /* person */
void earshot_job_save(struct earshot_mail_desk *desk, GTask *task);      /* id, file */

#endif
