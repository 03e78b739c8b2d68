/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only the mail makes of a message. */
#ifndef EARSHOT_MESSAGE_PRIVATE_H
#define EARSHOT_MESSAGE_PRIVATE_H

#include "bridge/message.h"
#include "store/messages.h"

/* long_text: the whole of a text that does not come with its message; else NULL. */
EarshotMessage *earshot_message_new(const struct ear_message *row, const char *long_text);
/* The same message as the store has it now; notifies what changed. */
void earshot_message_update(EarshotMessage *message, const struct ear_message *row);
void earshot_message_set_played(EarshotMessage *message, gboolean playing, double played);

#endif
