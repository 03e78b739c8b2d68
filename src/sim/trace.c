/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded series of delays and losses, replayed in a loop. */
#include "sim/trace.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/file.h"
#include "sim/words.h"

/* A day of packets every 20 ms. */
#define ROWS_MAX 4320000

struct row {
    int64_t t_us; /* since the first row */
    int64_t delay_us;
};

struct ear_trace {
    size_t count;
    int64_t begin_us; /* of the first row, on the trace's own clock */
    int64_t interval_us;
    int64_t period_us;
    int64_t least_us;
    struct row rows[];
};

static struct ear_words take_line(const char **at, const char *end)
{
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    struct ear_words line = {*at, stop ? stop : end};
    *at = stop ? stop + 1 : end;
    if (line.end > line.at && line.end[-1] == '\r')
        line.end--;
    return line;
}

/* A header starts with a letter and names its second column. */
static bool is_header(struct ear_words line, bool *ret_arrivals)
{
    if (line.at == line.end || !isalpha((unsigned char)*line.at))
        return false;
    size_t len = (size_t)(line.end - line.at);
    *ret_arrivals = memmem(line.at, len, "arrive", strlen("arrive")) != NULL;
    return *ret_arrivals || memmem(line.at, len, "delay", strlen("delay")) != NULL;
}

/* One row; t_us is still absolute. Returns NULL or what is wrong. */
static const char *parse_row(struct ear_words line, bool arrivals, struct row *ret)
{
    double t_ms, second_ms;
    const char *comma = memchr(line.at, ',', (size_t)(line.end - line.at));
    if (!comma)
        return "a row is t_ms,delay_ms";
    struct ear_words first = {line.at, comma}, second = {comma + 1, line.end};
    if (!ear_words_number(&first, &t_ms) || first.at != first.end)
        return "the time is not a number";
    ret->t_us = llround(t_ms * EAR_US_PER_MS);
    ret->delay_us = EAR_TRACE_LOST;
    if (second.at == second.end)
        return NULL;
    if (!ear_words_number(&second, &second_ms) || second.at != second.end)
        return "the delay is not a number";
    ret->delay_us = llround((second_ms - (arrivals ? t_ms : 0)) * EAR_US_PER_MS);
    return ret->delay_us < 0 ? "it arrives before it is sent" : NULL;
}

static size_t count_lines(const char *text, size_t len)
{
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

static const char *add_row(struct ear_trace *trace, struct ear_words line, bool arrivals)
{
    struct row row;
    const char *wrong = parse_row(line, arrivals, &row);
    if (wrong)
        return wrong;
    if (trace->count > 0 && row.t_us < trace->rows[trace->count - 1].t_us)
        return "time runs backwards";
    trace->rows[trace->count++] = row;
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int find_interval(struct ear_trace *trace)
{
    size_t steps = trace->count - 1;
    int64_t *step_us = malloc(steps * sizeof *step_us);
    if (!step_us)
        return -ENOMEM;
    for (size_t i = 0; i < steps; i++)
        step_us[i] = trace->rows[i + 1].t_us - trace->rows[i].t_us;
    qsort(step_us, steps, sizeof *step_us, by_size);
    trace->interval_us = step_us[steps / 2];
    free(step_us);
    return 0;
}

static int finish(struct ear_trace *trace)
{
    int64_t first_us = trace->begin_us = trace->rows[0].t_us;
    trace->least_us = INT64_MAX;
    for (size_t i = 0; i < trace->count; i++) {
        trace->rows[i].t_us -= first_us;
        if (trace->rows[i].delay_us != EAR_TRACE_LOST)
            trace->least_us = ear_min64(trace->least_us, trace->rows[i].delay_us);
    }
    if (trace->least_us == INT64_MAX)
        trace->least_us = 0;
    int64_t span_us = trace->rows[trace->count - 1].t_us;
    trace->period_us = span_us + span_us / (int64_t)(trace->count - 1);
    return find_interval(trace);
}

int ear_trace_parse(struct ear_trace **ret, const char *name, const char *text, size_t len,
                    char *error, size_t error_bytes)
{
    const char *at = text, *end = text + len, *wrong = NULL;
    bool arrivals = false;
    size_t lines = count_lines(text, len), number = 0;
    if (lines > ROWS_MAX) {
        snprintf(error, error_bytes, "%s has more than %d rows.", name, ROWS_MAX);
        return -EINVAL;
    }
    struct ear_trace *trace = calloc(1, sizeof *trace + lines * sizeof trace->rows[0]);
    if (!trace) {
        snprintf(error, error_bytes, "There is no memory for %s.", name);
        return -ENOMEM;
    }
    while (at < end && !wrong) {
        struct ear_words line = take_line(&at, end);
        number++;
        if (line.at == line.end || (number == 1 && is_header(line, &arrivals)))
            continue;
        wrong = add_row(trace, line, arrivals);
    }
    if (!wrong && (trace->count < 2 ||
                   trace->rows[trace->count - 1].t_us - trace->rows[0].t_us < EAR_US_PER_MS))
        wrong = "a trace needs two rows at different times";
    if (wrong) {
        snprintf(error, error_bytes, "%s, line %zu: %s.", name, number, wrong);
        free(trace);
        return -EINVAL;
    }
    if (finish(trace) < 0) {
        snprintf(error, error_bytes, "There is no memory for %s.", name);
        free(trace);
        return -ENOMEM;
    }
    *ret = trace;
    return 0;
}

int ear_trace_load(struct ear_trace **ret, const char *path, char *error, size_t error_bytes)
{
    char *text;
    size_t len;
    int err = ear_file_read(path, EAR_TRACE_BYTES_MAX, &text, &len);
    if (err) {
        snprintf(error, error_bytes, "The trace %s cannot be read: %s.", path, strerror(-err));
        return err;
    }
    err = ear_trace_parse(ret, path, text, len, error, error_bytes);
    free(text);
    return err;
}

void ear_trace_free(struct ear_trace *trace)
{
    free(trace);
}

size_t ear_trace_rows(const struct ear_trace *trace)
{
    return trace->count;
}

int64_t ear_trace_sent_us(const struct ear_trace *trace, size_t row)
{
    return trace->rows[row].t_us;
}

int64_t ear_trace_begin_us(const struct ear_trace *trace)
{
    return trace->begin_us;
}

int64_t ear_trace_interval_us(const struct ear_trace *trace)
{
    return trace->interval_us;
}

int64_t ear_trace_delay_us(const struct ear_trace *trace, int64_t since_start_us)
{
    int64_t t_us = since_start_us % trace->period_us;
    size_t low = 0, high = trace->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (trace->rows[middle].t_us <= t_us)
            low = middle;
        else
            high = middle;
    }
    return trace->rows[low].delay_us;
}

int64_t ear_trace_least_us(const struct ear_trace *trace)
{
    return trace->least_us;
}
