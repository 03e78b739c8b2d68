/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One character after the other. */
#include "base/utf8.h"

size_t ear_utf8_next(const char *text, size_t len, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *b = (const uint8_t *)text;
    size_t bytes = b[0] < 0x80 ? 1 : b[0] >> 5 == 6 ? 2 : b[0] >> 4 == 14 ? 3 : 4;
    if ((bytes == 4 && b[0] >> 3 != 30) || bytes > len)
        return 0;
    uint32_t c = bytes == 1 ? b[0] : b[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if (b[i] >> 6 != 2)
            return 0;
        c = c << 6 | (b[i] & 0x3fu);
    }
    if (c < least[bytes] || c > 0x10ffff)
        return 0;
    *ret = c;
    return bytes;
}
