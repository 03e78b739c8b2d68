/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A QR code for eyes of telephones: in the terminal, and as a picture. */
#ifndef EAR_QR_SHOW_H
#define EAR_QR_SHOW_H

#include <stdio.h>

#include "port/qr.h"

/* Two dots a character, by half blocks; black on white by colour where file is a terminal, because
 * it may be a dark one. */
void ear_qr_print(const struct ear_qr *qr, FILE *file);
/* New memory, freed by the caller. Returns 0, -ENOMEM, -EINVAL. */
EAR_CHECK int ear_qr_to_png(const struct ear_qr *qr, uint8_t **ret, size_t *ret_len);

#endif
