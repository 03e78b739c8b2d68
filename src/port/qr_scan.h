/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds and reads a QR code in a grey picture. */
#ifndef EAR_QR_SCAN_H
#define EAR_QR_SCAN_H

#include "base/ear.h"

/* Whether this build can: libzbar was there. thread: any. */
bool ear_qr_scan_available(void);

/* grey: width * height bytes, row by row, 0 black to 255 white; borrowed. ret_text gets the text of
 * the first code that holds text, with its final 0, wiped by the caller where that is secret.
 * thread: any but media. Returns 0; -ENOENT when no code is to be seen; -EMSGSIZE when the text
 * does not fit into cap; -EINVAL for a picture without size or above 100 million pixels; -ENOMEM;
 * -ENOSYS when not available. On failure ret_text is empty (if cap > 0). */
EAR_CHECK int ear_qr_scan(const uint8_t *grey, int width, int height, char *ret_text, size_t cap);

#endif
