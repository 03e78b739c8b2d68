/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Echo person's ears and mouth: what is said to them comes back a little later. */
#ifndef EAR_ECHO_H
#define EAR_ECHO_H

#include "base/clock.h"
#include "base/sound.h"

/* Late enough that nobody takes it for a faulty line. */
#define EAR_ECHO_US (1500 * EAR_US_PER_MS)

/* thread: media, which steps both engines. After new nothing allocates. */
struct ear_echo;

/* clock tells when it begins. Returns 0, -ENOMEM. */
EAR_CHECK int ear_echo_new(struct ear_echo **ret, const struct ear_clock *clock);
void ear_echo_free(struct ear_echo *echo);
/* Owned by echo. The mouth is never digitally silent: a soft room noise is under what it says. */
struct ear_mic *ear_echo_mic(struct ear_echo *echo);
struct ear_speaker *ear_echo_speaker(struct ear_echo *echo);

#endif
