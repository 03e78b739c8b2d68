/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivers and takes messages while listen or dial runs: a thread that may wait for the disk. */
#ifndef EAR_MAILING_H
#define EAR_MAILING_H

#include "call/media.h"
#include "mail/postman.h"
#include "tools/contacts.h"

#define EAR_MAILING_SENTENCE_BYTES                                                                 \
    (EAR_MESSAGE_NAME_BYTES + EAR_MESSAGE_TEXT_MAX + EAR_NAME_BYTES + 80)

struct ear_mailing; /* thread: main */

struct ear_mailing_config {
    const struct ear_contacts *contacts; /* of a profile; looked at by start alone */
    struct ear_address bound;            /* of the socket: what does not fit it is no way */
    struct ear_engine *engine;           /* borrowed; its mail's doors are used here alone */
    struct ear_media *media;             /* borrowed */
};

/* Looks up where people are. Complains in one line where that fails. Returns 0, -errno. */
EAR_CHECK int ear_mailing_start(struct ear_mailing **ret, const struct ear_mailing_config *config);
/* What is to be told next; false when there is nothing. */
bool ear_mailing_news(struct ear_mailing *mailing, char ret[static EAR_MAILING_SENTENCE_BYTES]);
/* Nothing goes or comes any more, and what the call that ended did not carry is kept: there may be
 * news of that. NULL is allowed. */
void ear_mailing_settle(struct ear_mailing *mailing);
/* Before engine and media end. NULL is allowed. */
void ear_mailing_stop(struct ear_mailing *mailing);

#endif
