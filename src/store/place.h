/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a person or a relay is reached: "HOST:PORT", kept as text, sent as few bytes. */
#ifndef EAR_PLACE_H
#define EAR_PLACE_H

#include "base/bytes.h"

#define EAR_PLACE_BYTES 128
#define EAR_PLACES_MAX 4

/* "203.0.113.9:4000", "[2001:db8::1]:4000" or "clinic.example:4000", in its only spelling. */
struct ear_place {
    char text[EAR_PLACE_BYTES];
};

/* The best one first. */
struct ear_places {
    uint8_t count;
    struct ear_place at[EAR_PLACES_MAX];
};

enum ear_place_form {
    EAR_PLACE_IPV4,
    EAR_PLACE_IPV6,
    EAR_PLACE_NAME,
};

/* Looks nothing up. On failure error holds one sentence. Returns 0, -EINVAL. thread: any. */
EAR_CHECK int ear_place_parse(const char *text, struct ear_place *ret, char *error,
                              size_t error_bytes);

/* Port (2 bytes) and host (4, 16, or the letters of its name). Returns its form. */
enum ear_place_form ear_place_build(const struct ear_place *place, struct ear_writer *w);
/* Reads what is left in r. Returns 0, -EBADMSG. */
EAR_CHECK int ear_place_read(enum ear_place_form form, struct ear_reader *r, struct ear_place *ret);

#endif
