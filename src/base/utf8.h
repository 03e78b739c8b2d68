/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 told strictly (RFC 3629). */
#ifndef EAR_UTF8_H
#define EAR_UTF8_H

#include "base/ear.h"

/* The next character of len > 0 bytes; surrogates are passed on. Returns its length in bytes, or 0
 * for what is not UTF-8. Pure. */
size_t ear_utf8_next(const char *text, size_t len, uint32_t *ret);

#endif
