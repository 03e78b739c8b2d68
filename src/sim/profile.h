/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a link does to datagrams, as read from a small text file. */
#ifndef EAR_PROFILE_H
#define EAR_PROFILE_H

#include "sim/effects.h"

/* ear_profile_load takes a NAME with a slash or a dot as a path, else finds NAME.link in the folder
 * EARSHOT_LINKS of the environment, else in the source's or the installed links folder.
 * The keys are explained in profile_text.h. */
struct ear_profile;

/* On failure error holds one sentence for a person. Returns 0, -ENOENT, -EINVAL, -ENOMEM. */
EAR_CHECK int ear_profile_load(struct ear_profile **ret, const char *name, char *error,
                               size_t error_bytes);
/* The same from text in memory, where a trace is refused. name is for messages. */
EAR_CHECK int ear_profile_parse(struct ear_profile **ret, const char *name, const char *text,
                                size_t len, char *error, size_t error_bytes);
void ear_profile_free(struct ear_profile *profile);
const char *ear_profile_name(const struct ear_profile *profile);
/* One line of names that load without a path, separated by spaces, into out. */
void ear_profile_names(char *out, size_t out_bytes);
/* Least one-way delay. */
int64_t ear_profile_delay_us(const struct ear_profile *profile);
/* What happens to datagrams that start at end: 0 the clinic (up), 1 the psychiatrist (down). */
const struct ear_effects *ear_profile_effects(const struct ear_profile *profile, int end);

#endif
