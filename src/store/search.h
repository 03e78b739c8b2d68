/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking for words in a text, capitals or not. */
#ifndef EAR_SEARCH_H
#define EAR_SEARCH_H

#include "base/ear.h"

/* thread: the owner's. Holds words that somebody looked for: wiped when freed. */
struct ear_search;

/* Returns 0, -EINVAL for no words or what is not UTF-8, -ENOMEM. */
EAR_CHECK int ear_search_new(struct ear_search **ret, const char *words);
/* NULL is allowed. */
void ear_search_free(struct ear_search *search);
/* Whether the text holds the words as they stand. */
bool ear_search_in(const struct ear_search *search, const char *text, size_t len);

#endif
