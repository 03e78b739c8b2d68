/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a message, as the voice asks for them. */
#include "mail/stored.h"

static int64_t read_stored(void *ctx, uint64_t at, void *out, size_t cap)
{
    struct ear_stored *stored = ctx;
    return ear_messages_read(stored->store, stored->id, at, out, cap);
}

struct ear_voice_source ear_stored_source(struct ear_stored *stored)
{
    return (struct ear_voice_source){.read = read_stored, .ctx = stored};
}
