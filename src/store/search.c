/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words in a text: bytes where they are plain ASCII, characters else. */
#include "store/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "port/sodium.h"
#include "store/name.h"

/* All alphabets that have two cases lie below: asked once for all, as one question takes as long
 * as reading ten characters. */
#define FOLDED 0x2000

struct ear_search {
    bool is_ascii; /* nothing else folds to ASCII: bytes may be compared */
    size_t count;
    uint32_t *words; /* count characters, folded */
    uint32_t folded[FOLDED];
};

static uint32_t fold(const struct ear_search *search, uint32_t c)
{
    return c < FOLDED ? search->folded[c] : c;
}

static int take_words(struct ear_search *search, const char *words)
{
    size_t len = strlen(words);
    uint32_t c = 0;
    search->words = calloc(len + 1, sizeof *search->words);
    if (!search->words)
        return -ENOMEM;
    search->is_ascii = true;
    for (size_t at = 0; at < len;) {
        size_t bytes = ear_utf8_next(words + at, len - at, &c);
        if (bytes == 0)
            return -EINVAL;
        search->is_ascii &= c < 0x80;
        search->words[search->count++] = fold(search, c);
        at += bytes;
    }
    return search->count > 0 ? 0 : -EINVAL;
}

int ear_search_new(struct ear_search **ret, const char *words)
{
    struct ear_search *search = calloc(1, sizeof *search);
    if (!search)
        return -ENOMEM;
    for (uint32_t c = 0; c < FOLDED; c++)
        search->folded[c] = ear_name_lower(c);
    int err = take_words(search, words);
    if (err)
        ear_search_free(search);
    else
        *ret = search;
    return err;
}

void ear_search_free(struct ear_search *search)
{
    if (search && search->words) {
        ear_sodium_wipe(search->words, search->count * sizeof *search->words);
        free(search->words);
    }
    free(search);
}

static bool begins_ascii(const struct ear_search *search, const char *text)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->folded[(uint8_t)text[i]] != search->words[i] || (uint8_t)text[i] >= 0x80)
            return false;
    return true;
}

/* Whether the words stand at the text's beginning. */
static bool begins(const struct ear_search *search, const char *text, size_t len)
{
    uint32_t c = 0;
    for (size_t i = 0, at = 0; i < search->count; i++) {
        size_t bytes = at < len ? ear_utf8_next(text + at, len - at, &c) : 0;
        if (bytes == 0 || fold(search, c) != search->words[i])
            return false;
        at += bytes;
    }
    return true;
}

bool ear_search_in(const struct ear_search *search, const char *text, size_t len)
{
    if (search->is_ascii) {
        for (size_t at = 0; at + search->count <= len; at++)
            if (begins_ascii(search, text + at))
                return true;
        return false;
    }
    uint32_t c = 0;
    for (size_t at = 0; at < len;) {
        if (begins(search, text + at, len - at))
            return true;
        size_t bytes = ear_utf8_next(text + at, len - at, &c);
        at += bytes > 0 ? bytes : 1;
    }
    return false;
}
