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

/* First and last of the characters that no plain text holds. Of those that turn text round only the
 * two that override letters and figures themselves are kept out: right-to-left writing needs the
 * others. */
static const uint32_t refused[][2] = {
    {0x0000, 0x0009}, {0x000b, 0x001f}, {0x007f, 0x009f}, {0x202d, 0x202e}, {0xd800, 0xdfff},
};

static bool is_refused(uint32_t c)
{
    for (size_t i = 0; i < EAR_COUNT(refused); i++)
        if (c >= refused[i][0] && c <= refused[i][1])
            return true;
    return false;
}

bool ear_utf8_is_plain(const char *text, size_t len)
{
    uint32_t c = 0;
    for (size_t at = 0; at < len;) {
        size_t bytes = ear_utf8_next(text + at, len - at, &c);
        if (bytes == 0 || is_refused(c))
            return false;
        at += bytes;
    }
    return true;
}
