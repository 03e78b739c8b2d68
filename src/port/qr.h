/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QR codes: dots, dark and light. */
#ifndef EAR_QR_H
#define EAR_QR_H

#include "base/ear.h"

/* Version 40: the largest there is. */
#define EAR_QR_SIDE_MAX 177
/* Light dots around it (ISO/IEC 18004). */
#define EAR_QR_QUIET 4

struct ear_qr {
    int side; /* dots, without the quiet zone */
    bool dark[EAR_QR_SIDE_MAX * EAR_QR_SIDE_MAX];
};

/* Error correction M: 15 % of it may be glare or a fold in the paper. Capitals, digits and ":" take
 * 5.5 bits each. Holds what text says: wiped where that is secret. thread: any but media.
 * Returns 0, -EMSGSIZE, -ENOMEM. */
EAR_CHECK int ear_qr_make(const char *text, struct ear_qr *ret);
/* A dot with its quiet zone around it; x and y from -EAR_QR_QUIET to side + EAR_QR_QUIET - 1. */
bool ear_qr_is_dark(const struct ear_qr *qr, int x, int y);

#endif
