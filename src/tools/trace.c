/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace files: two columns of milliseconds. */
#include "tools/trace.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 256
/* A day of 20 ms packets. */
#define ROWS_MAX 4320000

void ear_replay_trace_free(struct ear_replay_trace *trace)
{
    free(trace->rows);
    *trace = (struct ear_replay_trace){0};
}

static int grow(struct ear_replay_trace *trace, size_t *room)
{
    if (trace->count < *room)
        return 0;
    size_t wanted = *room ? 2 * *room : 1024;
    struct ear_replay_trace_row *rows = realloc(trace->rows, wanted * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    trace->rows = rows;
    *room = wanted;
    return 0;
}

/* Returns 1 for a row, 0 for a line to pass over, -EINVAL. */
static int parse_row(const char *text, bool is_delay, struct ear_replay_trace_row *ret)
{
    char *end;
    double sent = strtod(text, &end);
    if (end == text)
        return text[strspn(text, " \t\r\n")] ? -EINVAL : 0;
    if (*end != ',' || !isfinite(sent))
        return -EINVAL;
    const char *second = end + 1;
    double value = strtod(second, &end);
    if (end == second)
        value = INFINITY;
    if (isnan(value) || !strchr(", \t\r\n", *end))
        return -EINVAL;
    *ret = (struct ear_replay_trace_row){sent, is_delay ? sent + value : value};
    return 1;
}

static int read_rows(struct ear_replay_trace *trace, FILE *file, size_t *ret_line)
{
    char text[LINE_BYTES];
    size_t room = 0;
    bool is_delay = false;
    for (*ret_line = 1; fgets(text, sizeof(text), file); ++*ret_line) {
        int result = grow(trace, &room);
        if (result < 0 || trace->count >= ROWS_MAX)
            return -ENOMEM;
        result = parse_row(text, is_delay, &trace->rows[trace->count]);
        if (result < 0 && *ret_line > 1)
            return result;
        if (result < 0)
            is_delay = strstr(text, "delay") != NULL;
        if (result <= 0)
            continue;
        if (trace->count &&
            !(trace->rows[trace->count].sent_ms > trace->rows[trace->count - 1].sent_ms))
            return -EINVAL;
        trace->count++;
    }
    return ferror(file) ? -EIO : 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int find_spacing(struct ear_replay_trace *trace)
{
    size_t n = trace->count - 1;
    double *steps = malloc(n * sizeof(*steps));
    if (!steps)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        steps[i] = trace->rows[i + 1].sent_ms - trace->rows[i].sent_ms;
    qsort(steps, n, sizeof(*steps), compare);
    trace->spacing_ms = steps[n / 2];
    free(steps);
    return 0;
}

int ear_replay_trace_read(struct ear_replay_trace *ret, const char *path, char *error, size_t error_bytes)
{
    struct ear_replay_trace trace = {0};
    size_t line = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        int result = -errno;
        snprintf(error, error_bytes, "The trace %s cannot be opened: %s.", path, strerror(-result));
        return result;
    }
    int result = read_rows(&trace, file, &line);
    fclose(file);
    if (result == -EINVAL)
        snprintf(error, error_bytes,
                 "The trace %s has no \"send time,arrival time\" later than the line above in line "
                 "%zu.",
                 path, line);
    else if (result < 0)
        snprintf(error, error_bytes, "The trace %s cannot be read: %s.", path, strerror(-result));
    else if (trace.count < 2) {
        result = -EINVAL;
        snprintf(error, error_bytes, "The trace %s holds no packets; it needs two at least.", path);
    } else {
        result = find_spacing(&trace);
    }
    if (result < 0)
        ear_replay_trace_free(&trace);
    else
        *ret = trace;
    return result;
}

int ear_replay_trace_respace(struct ear_replay_trace *trace, double spacing_ms)
{
    double from = trace->rows[0].sent_ms;
    double length = trace->rows[trace->count - 1].sent_ms + trace->spacing_ms - from;
    size_t count = (size_t)fmax(1, floor(length / spacing_ms));
    struct ear_replay_trace_row *rows = malloc(count * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    size_t row = 0;
    for (size_t i = 0; i < count; i++) {
        double sent = from + (double)i * spacing_ms;
        while (row + 1 < trace->count && trace->rows[row + 1].sent_ms <= sent)
            row++;
        rows[i].sent_ms = sent;
        rows[i].came_ms = sent + trace->rows[row].came_ms - trace->rows[row].sent_ms;
    }
    free(trace->rows);
    *trace = (struct ear_replay_trace){rows, count, spacing_ms};
    return 0;
}
