/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grey pictures as PNG files. */
#ifndef EAR_PNG_H
#define EAR_PNG_H

#include "base/ear.h"

/* pixels: side * side bytes, 0 black to 255 white. ret is new memory, freed by the caller.
 * thread: any but media. Returns 0, -ENOMEM, -EINVAL. */
EAR_CHECK int ear_png_encode(const uint8_t *pixels, int side, uint8_t **ret, size_t *ret_len);

#endif
