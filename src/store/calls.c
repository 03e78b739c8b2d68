/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of calls in memory. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "port/sodium.h"
#include "store/calls_table.h"

size_t ear_calls_good_length(const char *text, size_t len)
{
    uint32_t c = 0;
    size_t at = 0;
    while (at < len) {
        size_t bytes = ear_utf8_next(text + at, len - at, &c);
        if (bytes == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000))
            break;
        at += bytes;
    }
    return at;
}

static void cut(char *text, size_t size)
{
    size_t len = ear_calls_good_length(text, strnlen(text, size - 1));
    memset(text + len, 0, size - len);
}

/* As it is kept: whole texts, nothing behind their ends. */
static void put(struct ear_call_record *to, const struct ear_call_record *from, uint64_t id)
{
    *to = *from;
    to->id = id;
    to->direction = from->direction == EAR_CALL_IN ? EAR_CALL_IN : EAR_CALL_OUT;
    to->gaps_kept = (uint8_t)ear_min64(from->gaps_kept, EAR_CALL_WAYS_KEPT);
    to->rungs_kept = (uint8_t)ear_min64(from->rungs_kept, EAR_CALL_WAYS_KEPT);
    cut(to->name, sizeof to->name);
    cut(to->callback, sizeof to->callback);
    cut(to->place, sizeof to->place);
}

int ear_calls_new(struct ear_calls **ret)
{
    struct ear_calls *calls = calloc(1, sizeof *calls);
    if (!calls)
        return -ENOMEM;
    calls->next_id = 1;
    *ret = calls;
    return 0;
}

void ear_calls_free(struct ear_calls *calls)
{
    if (calls)
        ear_sodium_wipe(calls->records, calls->count * sizeof calls->records[0]);
    free(calls);
}

/* Nothing of what is dropped stays behind in memory. */
static void drop(struct ear_calls *calls, size_t at)
{
    calls->count--;
    memmove(&calls->records[at], &calls->records[at + 1],
            (calls->count - at) * sizeof calls->records[0]);
    ear_sodium_wipe(&calls->records[calls->count], sizeof calls->records[0]);
}

uint64_t ear_calls_add(struct ear_calls *calls, const struct ear_call_record *record)
{
    if (calls->count == EAR_CALLS_MAX)
        drop(calls, 0);
    put(&calls->records[calls->count++], record, calls->next_id);
    return calls->next_id++;
}

static struct ear_call_record *find(const struct ear_calls *calls, uint64_t id)
{
    for (size_t i = 0; i < calls->count; i++)
        if (calls->records[i].id == id)
            return (struct ear_call_record *)&calls->records[i];
    return NULL;
}

int ear_calls_update(struct ear_calls *calls, const struct ear_call_record *record)
{
    struct ear_call_record *old = find(calls, record->id);
    if (!old)
        return -ENOENT;
    put(old, record, record->id);
    return 0;
}

size_t ear_calls_count(const struct ear_calls *calls)
{
    return calls->count;
}

const struct ear_call_record *ear_calls_at(const struct ear_calls *calls, size_t at)
{
    assert(at < calls->count);
    return &calls->records[calls->count - 1 - at];
}

const struct ear_call_record *ear_calls_with_id(const struct ear_calls *calls, uint64_t id)
{
    return find(calls, id);
}

size_t ear_calls_unseen(const struct ear_calls *calls)
{
    size_t unseen = 0;
    for (size_t i = 0; i < calls->count; i++)
        unseen += calls->records[i].missed && !calls->records[i].seen;
    return unseen;
}

int ear_calls_mark_seen(struct ear_calls *calls, uint64_t id)
{
    struct ear_call_record *record = find(calls, id);
    if (!record)
        return -ENOENT;
    record->seen = true;
    return 0;
}

void ear_calls_mark_all_seen(struct ear_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        calls->records[i].seen = true;
}

size_t ear_calls_forget_person(struct ear_calls *calls, uint32_t person)
{
    size_t before = calls->count;
    for (size_t i = calls->count; i-- > 0;)
        if (calls->records[i].person == person)
            drop(calls, i);
    return before - calls->count;
}
