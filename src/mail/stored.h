/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message of the store as a source of voice. */
#ifndef EAR_STORED_H
#define EAR_STORED_H

#include "mail/voice.h"
#include "store/messages.h"

/* thread: the store's. It must outlive the source. */
struct ear_stored {
    struct ear_store *store; /* borrowed */
    int64_t id;
};

struct ear_voice_source ear_stored_source(struct ear_stored *stored);

#endif
