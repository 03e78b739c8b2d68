/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines: "stage: what, numbers with units". Never a key, a name, an address or audio. */
#ifndef EAR_LOG_H
#define EAR_LOG_H

#include "base/ear.h"

enum ear_log_level {
    EAR_LOG_ERROR,
    EAR_LOG_NOTICE,
    EAR_LOG_DEBUG,
};

/* Takes one line without its newline. thread: any but the sound card's. */
typedef void ear_log_sink(enum ear_log_level level, const char *line);

/* The only mutable global of the engine. NULL: nothing is logged (the default). Set before threads
 * start. */
void ear_log_set_sink(ear_log_sink *sink);
/* A sink that writes errors and notices to stderr, debug lines too where EARSHOT_DEBUG is set. */
void ear_log_to_stderr(enum ear_log_level level, const char *line);

void ear_log(enum ear_log_level level, const char *format, ...) EAR_PRINTF(2, 3);

#endif
