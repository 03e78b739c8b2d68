/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SpeexDSP's echo canceller and preprocessor. */
#include <errno.h>
#include <stdlib.h>

#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>

#include "port/cleaner_back.h"

/* The lead, untold latencies and the room; each 10 ms more cost 0.3 ms of CPU a second. */
#define TAIL_MS 200
#define NOISE_DB (-6)
/* Of what the canceller leaves of the echo: while nobody speaks here, and while somebody does. */
#define ECHO_DB (-45)
#define ECHO_ACTIVE_DB (-12)

/* Its own gain raises the echo's rest with the speech: of 25 dB 16 are left, and speech of -23 dBFS
 * sinks by 4. It is not used. */

struct speex {
    SpeexEchoState *echo; /* NULL: no canceller */
    SpeexPreprocessState *preprocess;
};

static void speex_free(void *state)
{
    struct speex *s = state;
    if (s->echo)
        speex_echo_state_destroy(s->echo);
    if (s->preprocess)
        speex_preprocess_state_destroy(s->preprocess);
    free(s);
}

static void set(struct speex *s, int request, spx_int32_t value)
{
    speex_preprocess_ctl(s->preprocess, request, &value);
}

static void set_up(struct speex *s, const struct ear_cleaner_config *config)
{
    set(s, SPEEX_PREPROCESS_SET_DENOISE, config->denoise);
    set(s, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, NOISE_DB);
    set(s, SPEEX_PREPROCESS_SET_DEREVERB, 0);
    set(s, SPEEX_PREPROCESS_SET_AGC, 0);
    if (!s->echo)
        return;
    spx_int32_t rate = EAR_RATE_HZ;
    speex_echo_ctl(s->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    speex_preprocess_ctl(s->preprocess, SPEEX_PREPROCESS_SET_ECHO_STATE, s->echo);
    set(s, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, ECHO_DB);
    set(s, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, ECHO_ACTIVE_DB);
}

static int speex_new(void **ret, const struct ear_cleaner_config *config, bool cancel)
{
    struct speex *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->preprocess = speex_preprocess_state_init(EAR_FRAME, EAR_RATE_HZ);
    if (cancel)
        s->echo = speex_echo_state_init(EAR_FRAME, TAIL_MS * EAR_SAMPLES_PER_MS);
    if (!s->preprocess || (cancel && !s->echo)) {
        speex_free(s);
        return -ENOMEM;
    }
    set_up(s, config);
    *ret = s;
    return 0;
}

static void speex_run(void *state, const int16_t *played, int16_t frame[static EAR_FRAME])
{
    struct speex *s = state;
    if (s->echo) {
        int16_t heard[EAR_FRAME];
        for (int i = 0; i < EAR_FRAME; i++)
            heard[i] = frame[i];
        speex_echo_cancellation(s->echo, heard, played, frame);
    }
    speex_preprocess_run(s->preprocess, frame);
}

const struct ear_cleaner_back ear_cleaner_speex = {
    .name = "SpeexDSP", .new = speex_new, .free = speex_free, .run = speex_run};
