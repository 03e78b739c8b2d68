/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station needs of the mail beyond what pages see. */
#ifndef EARSHOT_MAIL_PRIVATE_H
#define EARSHOT_MAIL_PRIVATE_H

#include "bridge/mail.h"
#include "bridge/mail_room.h"

/* NULL and one sentence where messages cannot be kept. */
EarshotMail *earshot_mail_new(const struct ear_store *store, GError **error);
struct earshot_mail_room *earshot_mail_get_room(EarshotMail *mail);
/* The conversation with a person has changed by a job of others. */
void earshot_mail_refresh(EarshotMail *mail, guint person);
/* The person was removed for good: so are messages and notes. */
void earshot_mail_forget(EarshotMail *mail, guint person);
/* Forgets all messages until the store is open again (see mail_room.h). */
void earshot_mail_lock(EarshotMail *mail);
gboolean earshot_mail_unlock(EarshotMail *mail, const struct ear_store *store);
/* All that was written is on disk when it returns; nothing may be asked after it. */
void earshot_mail_stop(EarshotMail *mail);

#endif
