/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sound card is meant, and sentences for people where it cannot be had. */
#ifndef EAR_CARDCHOICE_H
#define EAR_CARDCHOICE_H

#include "base/ear.h"

/* The card of this name, or the only one that has it as a part of its name, in either case of
 * letters; "" the usual one. Strict: where there is none, error says so in one sentence; else the
 * usual card will do. Between ear_cards_start and stop. Returns its number, or -1. */
int ear_cardchoice_pick(const char *name, bool plays, bool strict, char *error, size_t error_bytes);

/* Whether that name means this card; "" means any. */
bool ear_cardchoice_is(int card, const char *name);

/* Says in one sentence why this card could not be opened: rc and why as from ear_cards_open. */
void ear_cardchoice_explain(int card, bool plays, int rc, const char *why, char *error,
                            size_t error_bytes);

#endif
