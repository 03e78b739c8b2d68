/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One real end: sound, codec, engine, and the threads that drive them. */
#ifndef EAR_STATION_H
#define EAR_STATION_H

#include "call/engine.h"
#include "call/media.h"
#include "call/worker.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/sounds.h"

/* thread: main. */
struct ear_station {
    struct ear_sounds sounds;
    struct ear_codec *codec, *again; /* the call's; for what was missed */
    struct ear_engine *engine;
    struct ear_engine_status status; /* newest snapshot */
};

struct ear_station_config {
    const char *mic, *speaker;
    enum ear_cleaning_echo echo;
    struct ear_datagrams net;
    int wire_budget_bps;
    int known_bps;                   /* see call/engine.h */
    const struct ear_guests *guests; /* borrowed while opening */
    struct ear_stamps stamps;
    const uint8_t *binding; /* borrowed while opening; NULL: none */
    bool accept, auto_answer;
    const struct ear_meeting *meetings; /* borrowed while opening */
    size_t meeting_count;
};

/* Opens sound, codec and engine; complains in one line where that fails. Returns 0 or -errno. */
EAR_CHECK int ear_station_open(struct ear_station *station,
                               const struct ear_station_config *config);
/* After the media thread has ended: fills the report with what is final, then closes all. */
void ear_station_report(struct ear_station *station, struct ear_report *ret);
/* Returns the error that the recording met, 0 for none. */
int ear_station_close(struct ear_station *station);

/* Ctrl-C and SIGTERM: counts them from now on instead of dying. */
void ear_interrupts_count(void);
int ear_interrupts(void);

/* Prints line over the last one where stderr is a terminal, else once in `seldom` calls. */
struct ear_live_line {
    int calls;
    int seldom;
    bool shown;
};
void ear_live_line_show(struct ear_live_line *live, const char *line);
void ear_live_line_end(struct ear_live_line *live);

#endif
