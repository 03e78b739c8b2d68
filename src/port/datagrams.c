/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all ways to send datagrams share. */
#include "port/datagrams.h"

#include <string.h>

bool ear_address_equal(const struct ear_address *a, const struct ear_address *b)
{
    return a->len == b->len && a->len <= sizeof a->bytes && memcmp(a->bytes, b->bytes, a->len) == 0;
}
