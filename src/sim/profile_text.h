/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a link's profile: lines of "key = value", '#' begins a comment. */
#ifndef EAR_PROFILE_TEXT_H
#define EAR_PROFILE_TEXT_H

#include "sim/effects.h"

#define EAR_PROFILE_TEXT_MAX 65536
#define EAR_PROFILE_PATH_BYTES 256

/* What the text says of each direction: [0] up, from end 0 (the clinic) to end 1; [1] down.
 *
 *   delay = 280 ms                              one way
 *   jitter = 40 ms                              sd of half a normal on top of it, in order
 *   up = 45 kbit/s, down = 90 kbit/s            (two lines) bottleneck; "rate" sets both
 *   queue = 1.5 s                               longest wait before it; 1 s unless given
 *   cross = 30 kbit/s                           others' traffic through it
 *   loss = 1.5 %                                each datagram on its own
 *   burst = 4 % of 4 datagrams                  share lost in runs of this mean length
 *   fade = 250 ms every 1 s, losing 80 %        mean lengths; losing 100 % unless given
 *   spike = 300 ms every 7 s                    sudden extra delay that decays to 0 in this time
 *   stall = 600-1500 ms every 12 s              nothing arrives, then all at once
 *   outage = 3 s every 20 s                     at the end of each period, both directions
 *   ramp = 1.5 s in 4 s, hold 2 s, back 3 s, every 20 s      extra delay, end of each period
 *   duplicate = 0.5 %
 *   reorder = 1 %, by 50-150 ms                 held back and overtaken
 *   trace = FILE.csv                            see trace.h; beside the profile
 *
 * "up." or "down." before a key restricts it to one direction. No key may stand twice. */
struct ear_profile_text {
    struct ear_effects effects[2];         /* trace is NULL */
    char trace[2][EAR_PROFILE_PATH_BYTES]; /* "": none */
};

/* Pure. name is for messages. On failure error holds one sentence that names file and line.
 * Returns 0, -EINVAL. */
EAR_CHECK int ear_profile_text_parse(struct ear_profile_text *ret, const char *name,
                                     const char *text, size_t len, char *error, size_t error_bytes);

#endif
