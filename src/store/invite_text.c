/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crockford's base32, and how to find an invite in a mail. */
#include "store/invite_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PREFIX "EARSHOT:"
#define PREFIX_BYTES (sizeof PREFIX - 1)

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void ear_invite_to_text(const uint8_t *data, size_t len, char out[static EAR_INVITE_TEXT_BYTES])
{
    uint32_t bits = 0;
    int held = 0;
    memcpy(out, PREFIX, PREFIX_BYTES);
    out += PREFIX_BYTES;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | data[i];
        for (held += 8; held >= 5; held -= 5)
            *out++ = digits[bits >> (held - 5) & 31];
    }
    if (held > 0)
        *out++ = digits[bits << (5 - held) & 31];
    *out = '\0';
}

static int value_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* The length of what programs put between the characters of an invite, 0 for anything else. */
static size_t between(const char *text, size_t len)
{
    static const char *const marks[] = {
        " ",
        "\t",
        "\r",
        "\n",
        "\v",
        "\f",
        "-",
        ">",
        "|",
        "=\n",
        "=\r",
        "\xc2\xa0" /* no-break space */,
        "\xc2\xad" /* soft hyphen */,
        "\xe2\x80\x8b" /* zero width space */,
    };
    for (size_t i = 0; i < EAR_COUNT(marks); i++) {
        size_t mark = strlen(marks[i]);
        if (mark <= len && memcmp(text, marks[i], mark) == 0)
            return mark;
    }
    return 0;
}

/* Reads bytes until there are as many as the first two say, or the text ends. Returns how many. */
static size_t decode(const char *text, size_t len, uint8_t out[static EAR_INVITE_MAX])
{
    size_t count = 0, wanted = 2;
    uint32_t bits = 0;
    int held = 0;
    for (size_t at = 0; at < len && count < wanted;) {
        int value = value_of(text[at]);
        size_t skipped = value < 0 ? between(text + at, len - at) : 0;
        if (value < 0 && skipped == 0)
            break;
        at += value < 0 ? skipped : 1;
        if (value < 0)
            continue;
        bits = bits << 5 | (uint32_t)value;
        held += 5;
        if (held < 8)
            continue;
        held -= 8;
        out[count++] = (uint8_t)(bits >> held);
        if (count == 2)
            wanted = (size_t)(out[0] & 15) << 8 | out[1];
        if (wanted > EAR_INVITE_MAX)
            return 0;
    }
    return count;
}

int ear_invite_from_text(const char *text, size_t len, struct ear_invite *ret, char *error,
                         size_t error_bytes)
{
    uint8_t data[EAR_INVITE_MAX];
    int err = -ENOMSG;
    snprintf(error, error_bytes,
             "There is no Earshot invite in it: an invite begins with \"EARSHOT:\".");
    for (size_t at = 0; at + PREFIX_BYTES <= len; at++) {
        if (strncasecmp(text + at, PREFIX, PREFIX_BYTES) != 0)
            continue;
        const char *begin = text + at + PREFIX_BYTES;
        size_t bytes = decode(begin, len - at - PREFIX_BYTES, data);
        err = ear_invite_parse(data, bytes, ret, error, error_bytes);
        if (!err)
            break;
    }
    if (!err && error_bytes > 0)
        error[0] = '\0';
    ear_sodium_wipe(data, sizeof data);
    return err;
}
