/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebRTC's audio processing, which is C++, as C sees it. */
#ifndef EAR_WEBRTC_H
#define EAR_WEBRTC_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ear_webrtc;

struct ear_webrtc_config {
    int rate_hz;  /* mono; a frame is 10 ms */
    int delay_ms; /* of the echo against what was played, told to the canceller */
    bool cancel, denoise, gain;
};

/* Returns 0 or -ENOMEM. */
int ear_webrtc_new(struct ear_webrtc **ret, const struct ear_webrtc_config *config);
void ear_webrtc_free(struct ear_webrtc *webrtc);
/* Both hold one frame of +-1; played may be NULL without cancel. Frame is cleaned in place. */
void ear_webrtc_run(struct ear_webrtc *webrtc, const float *played, float *frame);

#ifdef __cplusplus
}
#endif

#endif
