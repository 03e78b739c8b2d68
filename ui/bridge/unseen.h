/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each person's count of messages that nobody has seen follows the mail's. */
#ifndef EARSHOT_UNSEEN_H
#define EARSHOT_UNSEEN_H

#include "bridge/mail.h"

/* Counts all people now; those who are changed later are told by the mail. As long as both live. */
void earshot_unseen_follow(EarshotProfile *profile, EarshotMail *mail);
/* Once more: the people are other objects now. */
void earshot_unseen_count(EarshotProfile *profile, EarshotMail *mail);

#endif
