/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites as text that survives mail, chat, paper and telephone cameras. */
#ifndef EAR_INVITE_TEXT_H
#define EAR_INVITE_TEXT_H

#include "store/invite.h"

/* "EARSHOT:" and Crockford's base32: 8 characters for 5 bytes. Base64 would save 17 % of the
 * characters, but its '-' and '_' are what mail breaks lines at and chat programs make italics of,
 * and it dies when a program changes the case. A QR code packs capitals into 5.5 bits, so there
 * base32 is 18 % smaller than base64. */
#define EAR_INVITE_TEXT_BYTES (8 + (EAR_INVITE_MAX * 8 + 4) / 5 + 1)

void ear_invite_to_text(const uint8_t *data, size_t len, char out[static EAR_INVITE_TEXT_BYTES]);

/* Finds the invite in text, with words before and after it; spaces, line breaks, hyphens, quote
 * marks of mail and changed case inside it do no harm. On failure error holds one sentence.
 * thread: any. Returns 0, -ENOMSG when there is none, or what ear_invite_parse returns. */
EAR_CHECK int ear_invite_from_text(const char *text, size_t len, struct ear_invite *ret,
                                   char *error, size_t error_bytes);

#endif
