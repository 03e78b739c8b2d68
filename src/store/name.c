/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a name may hold, and the lower case of it. */
#include "store/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

/* First and last of the characters that no name holds. The joiners 200C and 200D are allowed:
 * Persian and Indian names are spelt with them. */
static const uint32_t refused[][2] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x061c, 0x061c},    {0x200b, 0x200b},
    {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0xd800, 0xdfff},    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

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
        size_t bytes = ear_utf8_next(text + at, len - at, &c);
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

/* The lower case of capitals from first to last, each of them or every second one, is so much
 * further on (Unicode's simple folding for the alphabets that have two cases). Not the C library's:
 * two names that are the same here are the same on every computer, and a locale costs 30 us. */
static const struct {
    uint32_t first, last, every, further;
} capitals[] = {
    {'A', 'Z', 1, 32},        {0x00c0, 0x00d6, 1, 32},  {0x00d8, 0x00de, 1, 32},
    {0x0100, 0x012e, 2, 1},   {0x0132, 0x0136, 2, 1},   {0x0139, 0x0147, 2, 1},
    {0x014a, 0x0176, 2, 1},   {0x0179, 0x017d, 2, 1},   {0x0181, 0x0181, 1, 210},
    {0x0186, 0x0186, 1, 206}, {0x0187, 0x0187, 1, 1},   {0x0189, 0x0189, 1, 205},
    {0x018a, 0x018a, 1, 205}, {0x018b, 0x018b, 1, 1},   {0x018e, 0x018e, 1, 79},
    {0x018f, 0x018f, 1, 202}, {0x0190, 0x0190, 1, 203}, {0x0191, 0x0191, 1, 1},
    {0x0193, 0x0193, 1, 205}, {0x0194, 0x0194, 1, 207}, {0x0196, 0x0196, 1, 211},
    {0x0198, 0x0198, 1, 1},   {0x019d, 0x019d, 1, 213}, {0x01a0, 0x01a0, 1, 1},
    {0x01a4, 0x01a4, 1, 1},   {0x01a9, 0x01a9, 1, 218}, {0x01ac, 0x01ac, 1, 1},
    {0x01af, 0x01af, 1, 1},   {0x01b2, 0x01b2, 1, 217}, {0x01b3, 0x01b3, 1, 1},
    {0x01cd, 0x01db, 2, 1},   {0x01de, 0x01ee, 2, 1},   {0x01f8, 0x021e, 2, 1},
    {0x0222, 0x0232, 2, 1},   {0x0386, 0x0386, 1, 38},  {0x0388, 0x038a, 1, 37},
    {0x038c, 0x038c, 1, 64},  {0x038e, 0x038f, 1, 63},  {0x0391, 0x03a1, 1, 32},
    {0x03a3, 0x03ab, 1, 32},  {0x03c2, 0x03c2, 1, 1},   {0x0400, 0x040f, 1, 80},
    {0x0410, 0x042f, 1, 32},  {0x0460, 0x0480, 2, 1},   {0x048a, 0x04be, 2, 1},
    {0x04c1, 0x04cd, 2, 1},   {0x04d0, 0x052e, 2, 1},   {0x0531, 0x0556, 1, 48},
    {0x1e00, 0x1e94, 2, 1},   {0x1ea0, 0x1efe, 2, 1},
};

uint32_t ear_name_lower(uint32_t c)
{
    for (size_t i = 0; i < EAR_COUNT(capitals) && c >= capitals[i].first; i++)
        if (c <= capitals[i].last && (c - capitals[i].first) % capitals[i].every == 0)
            return c + capitals[i].further;
    return c == 0x178 ? 0xff : c;
}

/* The next character of a name that is in order, in lower case and without the joiners; 0 at its
 * end. */
static uint32_t next_folded(const char **at)
{
    uint32_t c = 0;
    do {
        size_t bytes = **at ? ear_utf8_next(*at, strlen(*at), &c) : 0;
        if (bytes == 0)
            return 0;
        *at += bytes;
    } while (c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER);
    return ear_name_lower(c);
}

bool ear_name_same(const char *a, const char *b)
{
    uint32_t c;
    do {
        c = next_folded(&a);
        if (c != next_folded(&b))
            return false;
    } while (c);
    return true;
}
