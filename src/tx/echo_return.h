/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of what the loudspeaker plays comes back through the microphone. */
#ifndef EAR_ECHO_RETURN_H
#define EAR_ECHO_RETURN_H

#include "base/ear.h"

/* Echo is looked for up to this much later than what was played. */
#define EAR_ECHO_RETURN_LAGS 24

/* The loudness of both sides by frames, and how the one follows the other: needs no alignment, and
 * sees what a canceller leaves as well as what a room returns. One thread; no pointers within. */
struct ear_echo_return {
    float past[EAR_ECHO_RETURN_LAGS]; /* amplitudes played, newest at `at` */
    int at;
    double weight;      /* frames, old ones counting less */
    double here, here2; /* of the microphone: sums of amplitude and its square */
    double played[EAR_ECHO_RETURN_LAGS], played2[EAR_ECHO_RETURN_LAGS], both[EAR_ECHO_RETURN_LAGS];
    double played_s; /* how much was played in all */
    float loudest;   /* of the last while */
};

struct ear_echo_verdict {
    float most_db, least_db; /* the return lies between them; 0 and -100: not known */
    int lag_ms;              /* at which it is strongest */
};

void ear_echo_return_init(struct ear_echo_return *e);
/* A frame that was played and what the microphone heard at that time. */
void ear_echo_return_put(struct ear_echo_return *e, const int16_t played[static EAR_FRAME],
                         const int16_t heard[static EAR_FRAME]);
struct ear_echo_verdict ear_echo_return_get(const struct ear_echo_return *e);

#endif
