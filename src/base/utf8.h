/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 told strictly (RFC 3629). */
#ifndef EAR_UTF8_H
#define EAR_UTF8_H

#include "base/ear.h"

/* The next character of len > 0 bytes; surrogates are passed on. Returns its length in bytes, or 0
 * for what is not UTF-8. Pure. */
size_t ear_utf8_next(const char *text, size_t len, uint32_t *ret);

/* Whether it is UTF-8 without control characters but the newline, and without those that turn the
 * order of letters and figures round: a dose must read as it was written. Pure. */
bool ear_utf8_is_plain(const char *text, size_t len);

#endif
