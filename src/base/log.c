/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of log to whoever listens. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_LINE_BYTES 256

static ear_log_sink *log_sink;

void ear_log_set_sink(ear_log_sink *sink)
{
    log_sink = sink;
}

void ear_log_to_stderr(enum ear_log_level level, const char *line)
{
    if (level == EAR_LOG_DEBUG && !getenv("EARSHOT_DEBUG"))
        return;
    fprintf(stderr, "%s\n", line);
}

void ear_log(enum ear_log_level level, const char *format, ...)
{
    if (!log_sink)
        return;
    char line[LOG_LINE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    log_sink(level, line);
}
