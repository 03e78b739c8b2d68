/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a call could not carry is left as a voice message. */
#ifndef EAR_LEAVE_H
#define EAR_LEAVE_H

#include "call/unheard.h"
#include "store/messages.h"

/* Puts what was not heard into the store, to be sent. Returns how long it is in ms, 0 when there is
 * nothing, -errno: then it is gone. ret: the message. thread: the store's. */
EAR_CHECK int64_t ear_leave_unheard(struct ear_unheard *unheard, struct ear_store *store,
                                    int64_t written_s, struct ear_message *ret);

#endif
