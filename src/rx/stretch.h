/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The samples in line for the loudspeaker, made shorter or longer by whole pitch periods. */
#ifndef EAR_STRETCH_H
#define EAR_STRETCH_H

#include "base/ear.h"

/* Played samples kept to look back on, and the longest line. */
#define EAR_STRETCH_PAST (20 * EAR_SAMPLES_PER_MS)
#define EAR_STRETCH_LINE (260 * EAR_SAMPLES_PER_MS)
/* What a search likes to see ahead: 15 ms period, 10 ms fade, 10 ms for onsets, a frame. */
#define EAR_STRETCH_AHEAD (45 * EAR_SAMPLES_PER_MS)

/* What is made shorter, and how fast. */
enum ear_stretch_pace {
    EAR_STRETCH_PAUSES,     /* pauses alone, by 40 % */
    EAR_STRETCH_ALL_PAUSES, /* the same, by 60 % */
    EAR_STRETCH_BOTH,       /* pauses by 60 %, speech by 25 % */
    EAR_STRETCH_HURRY,      /* the same, and places that fit less well */
    EAR_STRETCH_TWICE       /* all by half and more, so that it holds: a recording, as its listener
                             * asks */
};

/* thread: media. Nothing allocates. */
struct ear_stretch {
    int16_t samples[EAR_STRETCH_PAST + EAR_STRETCH_LINE];
    size_t level;
    double may_cut;    /* samples that may be taken out by now */
    double may_insert; /* samples that may be put in by now */
    size_t since_edit; /* samples played since the last edit */
};

/* Samples before `at` stayed; `fade` samples from there are a cross-fade, and what was at
 * `at + fade + removed` follows (removed < 0: so many were put in). */
struct ear_stretch_edit {
    int removed;
    int fade;
};

void ear_stretch_init(struct ear_stretch *stretch);
size_t ear_stretch_level(const struct ear_stretch *stretch);
/* Where the next `samples` go; they count after ear_stretch_put. */
int16_t *ear_stretch_room(struct ear_stretch *stretch, size_t samples);
void ear_stretch_put(struct ear_stretch *stretch, size_t samples);
/* Takes one frame; the level must hold it. */
void ear_stretch_take(struct ear_stretch *stretch, enum ear_stretch_pace pace, double room,
                      int16_t frame[static EAR_FRAME]);

/* Takes out at most `excess` samples at the line's start, if a period fits and the pace allows.
 * room: energy up to which sound is the room's. removed is 0 when nothing was done. */
struct ear_stretch_edit ear_stretch_shorten(struct ear_stretch *stretch, int64_t excess,
                                            double room, enum ear_stretch_pace pace);
/* Puts in at most `lack` samples. */
struct ear_stretch_edit ear_stretch_lengthen(struct ear_stretch *stretch, int64_t lack,
                                             double room);

#endif
