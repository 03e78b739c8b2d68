/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One minute with a loudspeaker: the far end speaks, both speak, the near end speaks; measured. */
#ifndef ECHO_SCENE_H
#define ECHO_SCENE_H

#include "fake/room.h"
#include "tx/cleaning.h"

/* Far end: from the beginning; near end: until the end. */
#define SCENE_FAR_END_S 28.0
#define SCENE_NEAR_BEGIN_S 16.0
#define SCENE_S 44.0

struct scene_speech {
    int16_t *far, *far_lossy, *near; /* SCENE_S each */
};

/* Read speech where it is installed, else a buzz of syllables. far_lossy: what 20 % of lost packets
 * leave of it. Returns 0, -ENOMEM. */
EAR_CHECK int scene_speech_load(struct scene_speech *ret);
void scene_speech_free(struct scene_speech *speech);

struct scene {
    struct fake_room_config room; /* near is set by the scene */
    struct ear_cleaner_config cleaner;
    enum ear_cleaning_echo echo;
    bool no_echo;       /* is known from the beginning ... */
    double forget_at_s; /* ... until then; 0: never */
    double seconds;     /* at most SCENE_S; 0: SCENE_S */
    bool lossy;         /* the far end comes over a line that loses 20 % */
    bool near_silent;
    double near_gain_db;
};

struct scene_figures {
    /* How much less of the echo is left, dB: in seconds 2-5, 5-16, 10-16 of the far end's speech.
     */
    double erle_begin, erle_5, erle_10;
    /* Of the frames in which the near end speaks: cut by more than 10 dB, in double talk and alone.
     */
    double cut_double, cut_alone;
    double level_alone_db; /* change of the near end's level alone */
    double cpu_percent;    /* of one core */
    int lag_samples;
    int64_t missing;                   /* of what was played */
    double echoes_s;                   /* for how long it was said that an echo survives */
    double cancel_s;                   /* for how long the canceller worked */
    struct ear_cleaning_status status; /* at the end */
};

/* out: what is sent, SCENE_S of samples, or NULL. Returns 0, -ENOMEM, -ENOTSUP. */
EAR_CHECK int scene_run(const struct scene *scene, const struct scene_speech *speech, int16_t *out,
                        struct scene_figures *ret);

#endif
