/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the library, and fades between its path with the canceller and the one without. */
#include "port/cleaner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port/cleaner_back.h"

const struct ear_cleaner_config ear_cleaner_config_usual = {.denoise = true, .gain = true};

enum path { PLAIN, CANCEL, PATHS };

struct ear_cleaner {
    const struct ear_cleaner_back *back;
    void *states[PATHS];
    enum path path; /* of the frame before */
};

static const struct ear_cleaner_back *back_of(enum ear_cleaner_kind kind)
{
#ifdef EAR_WITH_WEBRTC
    return kind == EAR_CLEANER_SPEEX ? &ear_cleaner_speex : &ear_cleaner_webrtc;
#else
    return kind == EAR_CLEANER_WEBRTC ? NULL : &ear_cleaner_speex;
#endif
}

bool ear_cleaner_has(enum ear_cleaner_kind kind)
{
    return back_of(kind) != NULL;
}

int ear_cleaner_new(struct ear_cleaner **ret, const struct ear_cleaner_config *config)
{
    const struct ear_cleaner_back *back = back_of(config->kind);
    if (!back)
        return -ENOTSUP;
    struct ear_cleaner *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->back = back;
    c->path = CANCEL;
    for (int p = 0; p < PATHS; p++) {
        int err = back->new (&c->states[p], config, p == CANCEL);
        if (err) {
            ear_cleaner_free(c);
            return err;
        }
    }
    *ret = c;
    return 0;
}

void ear_cleaner_free(struct ear_cleaner *c)
{
    if (!c)
        return;
    for (int p = 0; p < PATHS; p++)
        if (c->states[p])
            c->back->free(c->states[p]);
    free(c);
}

/* One path to the other in one frame: the two differ in latency by a few samples. */
static void fade(const int16_t *from, int16_t *to)
{
    for (int i = 0; i < EAR_FRAME; i++)
        to[i] = (int16_t)((from[i] * (EAR_FRAME - i) + to[i] * i) / EAR_FRAME);
}

void ear_cleaner_run(struct ear_cleaner *c, const int16_t *played, int16_t frame[static EAR_FRAME])
{
    static const int16_t silence[EAR_FRAME];
    enum path path = played ? CANCEL : PLAIN;
    int16_t former[EAR_FRAME];
    bool turn = path != c->path;
    if (turn) {
        memcpy(former, frame, sizeof former);
        c->back->run(c->states[c->path], c->path == CANCEL ? silence : NULL, former);
    }
    c->back->run(c->states[path], played, frame);
    if (turn)
        fade(former, frame);
    c->path = path;
}

const char *ear_cleaner_name(const struct ear_cleaner *c)
{
    return c->back->name;
}
