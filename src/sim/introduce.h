/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends that know each other without profiles: the two of a demo, the parties of a test. */
#ifndef EAR_INTRODUCE_H
#define EAR_INTRODUCE_H

#include "store/guests.h"

/* Fills count guest lists with fresh keys, each with all others as known people: to guests[i],
 * guests[j] is number j + 1. Stays below EAR_GUESTS_MAX. thread: main. */
void ear_introduce(struct ear_guests *const *guests, size_t count, const struct ear_chance *chance);

#endif
