/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speech to feed a simulation with: recordings read whole, one after the other, again and again. */
#ifndef EAR_SPEECH_H
#define EAR_SPEECH_H

#include "base/ear.h"

struct ear_speech {
    int16_t *samples;
    size_t count; /* a multiple of EAR_FRAME */
    size_t next;
};

/* path: a recording, or NULL for the read sentences of Debian's pocketsphinx-testdata. On failure
 * error holds one sentence. Returns 0, -ENOENT, -EINVAL, -ENOMEM, -EIO. */
EAR_CHECK int ear_speech_open(struct ear_speech *ret, const char *path, char *error,
                              size_t error_bytes);
void ear_speech_close(struct ear_speech *speech);
/* The next so many samples. */
void ear_speech_read(struct ear_speech *speech, int16_t *ret_pcm, size_t samples);

#endif
