/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebRTC's audio processing as a back-end: frames of 16 bit to +-1 and back. */
#include <errno.h>
#include <math.h>

#include "port/cleaner_back.h"
#include "port/webrtc.h"

#if EAR_WITH_WEBRTC >= 1
#define NAME "WebRTC 1"
#else
#define NAME "WebRTC 0.3"
#endif

static int webrtc_new(void **ret, const struct ear_cleaner_config *config, bool cancel)
{
    const struct ear_webrtc_config c = {.rate_hz = EAR_RATE_HZ,
                                        .delay_ms = EAR_CLEANER_LEAD_MS,
                                        .cancel = cancel,
                                        .denoise = config->denoise,
                                        .gain = config->gain};
    struct ear_webrtc *w;
    int err = ear_webrtc_new(&w, &c);
    if (!err)
        *ret = w;
    return err;
}

static void webrtc_free(void *state)
{
    ear_webrtc_free(state);
}

static void webrtc_run(void *state, const int16_t *played, int16_t frame[static EAR_FRAME])
{
    float far[EAR_FRAME], near[EAR_FRAME];
    for (int i = 0; i < EAR_FRAME; i++) {
        far[i] = played ? (float)played[i] / 32768 : 0;
        near[i] = (float)frame[i] / 32768;
    }
    ear_webrtc_run(state, far, near);
    for (int i = 0; i < EAR_FRAME; i++)
        frame[i] = (int16_t)lrintf(fmaxf(-32768, fminf(32767, near[i] * 32768)));
}

const struct ear_cleaner_back ear_cleaner_webrtc = {
    .name = NAME, .new = webrtc_new, .free = webrtc_free, .run = webrtc_run};
