/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile with people and calls, and a station on it, for tests of pages. */
#ifndef EARSHOT_STAGE_H
#define EARSHOT_STAGE_H

#include "call/engine.h"
#include "window.h"

struct stage {
    GtkApplication *application; /* borrowed */
    /* owned */
    EarshotProfile *profile;
    EarshotStation *station;
    GtkWindow *parent;
    /* borrowed */
    EarshotPerson *amina;
};

/* Once: GTK, the program's style, and the profile on disk, below XDG_DATA_HOME. */
GtkApplication *stage_start(void);
void stage_open(struct stage *ret, GtkApplication *application);
void stage_close(struct stage *stage);

/* Lets the program live. */
void stage_run(guint ms);

/* The call with Dr. Amina, as if it came over the network. */
void stage_ring(struct stage *stage);
void stage_talk(struct stage *stage);
void stage_lose_line(struct stage *stage);
/* Newest word of the engine, 253 s after the talk began where it does not say. */
void stage_tell(struct stage *stage, struct ear_engine_status status);
void stage_end(struct stage *stage);

/* Messages of every kind and state with Dr. Amina are in the store from then on. */
void stage_write(struct stage *stage);

/* What the window draws, as a PNG. */
void stage_shoot(GtkWindow *window, const char *path);

#endif
