/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, told strictly, and the lower case of it. */
#include "store/name.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

/* First and last of the characters that no name holds. The joiners 200C and 200D are allowed:
 * Persian and Indian names are spelt with them. */
static const uint32_t refused[][2] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x061c, 0x061c},    {0x200b, 0x200b},
    {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0xd800, 0xdfff},    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

/* The next character (RFC 3629) and its length in bytes, or 0 for what is not UTF-8. */
static size_t read_character(const char *text, size_t len, uint32_t *ret)
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

static bool is_refused(uint32_t c)
{
    for (size_t i = 0; i < EAR_COUNT(refused); i++)
        if (c >= refused[i][0] && c <= refused[i][1])
            return true;
    return false;
}

/* The number of characters, -EILSEQ for what is not UTF-8, -EINVAL for one that is refused. */
static int count_characters(const char *text, size_t len)
{
    int count = 0;
    uint32_t c = 0;
    for (size_t at = 0; at < len; count++) {
        size_t bytes = read_character(text + at, len - at, &c);
        if (bytes == 0)
            return -EILSEQ;
        if (is_refused(c))
            return -EINVAL;
        at += bytes;
    }
    return count;
}

int ear_name_parse(const char *text, size_t len, char ret[static EAR_NAME_BYTES], char *error,
                   size_t error_bytes)
{
    const char *wrong = NULL;
    while (len > 0 && text[len - 1] == ' ')
        len--;
    for (; len > 0 && *text == ' '; len--)
        text++;
    int count = count_characters(text, len);
    if (count == -EILSEQ)
        wrong = "is not text in UTF-8";
    else if (count < 0)
        wrong = "holds characters that cannot be seen";
    else if (count == 0)
        wrong = "is empty";
    else if (count > EAR_NAME_CHARACTERS)
        wrong = "is longer than 40 characters";
    if (wrong) {
        snprintf(error, error_bytes, "The name %s: give one of 1 to 40 letters.", wrong);
        return -EINVAL;
    }
    memset(ret, 0, EAR_NAME_BYTES);
    memcpy(ret, text, len);
    return 0;
}

/* Characters in lower case without the joiners; returns how many. */
static size_t fold(const char *name, locale_t locale, uint32_t ret[static EAR_NAME_CHARACTERS])
{
    size_t len = strlen(name), count = 0;
    uint32_t c = 0;
    for (size_t at = 0, bytes; at < len && count < EAR_NAME_CHARACTERS; at += bytes) {
        bytes = read_character(name + at, len - at, &c);
        if (bytes == 0)
            break;
        if (c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER)
            continue;
        if (locale)
            c = (uint32_t)towlower_l((wint_t)c, locale);
        else if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        ret[count++] = c;
    }
    return count;
}

bool ear_name_same(const char *a, const char *b)
{
    uint32_t folded_a[EAR_NAME_CHARACTERS], folded_b[EAR_NAME_CHARACTERS];
    /* Not the user's locale: the same two names are the same on every computer. */
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    size_t count_a = fold(a, locale, folded_a), count_b = fold(b, locale, folded_b);
    if (locale)
        freelocale(locale);
    return count_a == count_b && memcmp(folded_a, folded_b, count_a * sizeof folded_a[0]) == 0;
}
