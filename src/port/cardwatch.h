/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells when a sound card was plugged in or pulled out: PortAudio's list knows only those that were
 * there when it started. */
#ifndef EAR_CARDWATCH_H
#define EAR_CARDWATCH_H

#include "base/ear.h"

/* Where the kernel puts what belongs to sound cards, ALSA's, PulseAudio's and PipeWire's alike. */
#define EAR_CARDWATCH_FOLDER "/dev/snd"

/* One owner, one thread at a time. */
struct ear_cardwatch {
    const char *folder; /* borrowed */
    int fd, watch;      /* negative: none */
    int64_t news_us;    /* of the newest change; 0: none that was not told */
};

/* The folder need not be there yet. Where the kernel gives no watch nothing is ever told. */
void ear_cardwatch_init(struct ear_cardwatch *watch, const char *folder);
void ear_cardwatch_fini(struct ear_cardwatch *watch);
/* True once after each change, when all is quiet again: a card brings several files, and may be
 * used only when each has its owner. Does not block. */
bool ear_cardwatch_changed(struct ear_cardwatch *watch, int64_t now_us);
/* Whether there is a card that this account may not use. */
bool ear_cardwatch_forbidden(const struct ear_cardwatch *watch);

#endif
