/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two queues of asks, and what was answered in the last datagram. */
#include "call/answer.h"

#include "wire/block.h"
#include "wire/packet.h"

/* A packet sent again less than this share of a round trip ago is still on its way: the listener
 * asks with each of its datagrams until it comes. The rest is for timers and jitter. */
#define CROSSED_RTTS 1.1
/* A longer range was an outage's: it is asked for seldom, and crosses nothing. */
#define CROSSED_UNITS (2000 / EAR_UNIT_MS)

void ear_answer_clear(struct ear_answer *answer)
{
    *answer = (struct ear_answer){0};
}

static bool is_crossed(const struct ear_answer *answer, const struct ear_answer_from *in,
                       int64_t index)
{
    int64_t since_us = in->now_us - (int64_t)(CROSSED_RTTS * (double)in->rtt_us);
    return ear_repair_is_recent(&answer->repair, index, since_us);
}

void ear_answer_ask(struct ear_answer *answer, const struct ear_answer_from *in, int64_t from,
                    int64_t to, bool behind)
{
    struct ear_repair *queue = behind ? &answer->behind : &answer->repair;
    struct ear_journal_entry entry;
    /* Where repairs have little room short asks that nobody renewed stood before the fresh ones, up
     * to half a minute old, and what was sent again came too late. */
    ear_repair_forget(&answer->repair, EAR_WANT_SHORT_UNITS,
                      in->now_us - EAR_WANT_PATIENCE_US - EAR_WANT_PATIENCE_RTTS * in->rtt_us);
    while (to - from <= CROSSED_UNITS && from < to &&
           ear_journal_next(in->journal, from, &entry) == 0 && entry.index < to) {
        if (is_crossed(answer, in, entry.index))
            ear_repair_ask(queue, from, entry.index, in->now_us);
        else
            ear_repair_ask(queue, from, ear_min64(to, entry.index + entry.units), in->now_us);
        from = entry.index + entry.units;
    }
    ear_repair_ask(queue, from, to, in->now_us);
}

static struct ear_repair *first_queue(struct ear_answer *answer)
{
    return ear_repair_waits(&answer->repair) ? &answer->repair : &answer->behind;
}

bool ear_answer_waits(const struct ear_answer *answer)
{
    return ear_repair_waits(&answer->repair) || ear_repair_waits(&answer->behind);
}

size_t ear_answer_next_bytes(const struct ear_answer *answer, const struct ear_answer_from *in)
{
    struct ear_journal_entry entry;
    const struct ear_repair *queue =
        ear_repair_waits(&answer->repair) ? &answer->repair : &answer->behind;
    for (size_t i = 0; i < queue->count; i++)
        if (ear_journal_next(in->journal, queue->ask[i].from, &entry) == 0 &&
            entry.index < queue->ask[i].to)
            return entry.len;
    return 0;
}

/* Tells that nothing was said from `from` to `to`, or is kept no more. */
static struct ear_block nothing(const struct ear_answer_from *in, int64_t from, int64_t to)
{
    return (struct ear_block){
        .kind = EAR_BLOCK_NOTHING,
        .index = (uint16_t)(from % EAR_INDEX_MODULO),
        .units = (uint16_t)ear_min64(to - from, EAR_BLOCK_UNITS_MAX),
        .forgotten = from < ear_journal_kept_from(in->journal),
    };
}

static bool write_packet(struct ear_answer *answer, const struct ear_answer_from *in,
                         const struct ear_journal_entry *entry, struct ear_writer *w, size_t end)
{
    const struct ear_block block = {.kind = EAR_BLOCK_REPAIR,
                                    .index = (uint16_t)(entry->index % EAR_INDEX_MODULO),
                                    .data = entry->data,
                                    .len = entry->len};
    if (w->at + ear_block_bytes(&block) > end)
        return false;
    ear_block_build(w, &block);
    ear_repair_note(&answer->repair, entry->index, in->now_us);
    answer->sent++;
    answer->newest++;
    return true;
}

static void note_again(struct ear_answer *answer, int64_t index, int times)
{
    if (times > 0 && answer->again_count < EAR_ANSWER_AGAIN)
        answer->again[answer->again_count++] =
            (struct ear_answer_again){.index = index, .times = times};
}

/* The oldest packet of a queue, or word that there is none. Returns false when it does not fit. */
static bool write_first(struct ear_answer *answer, const struct ear_answer_from *in, bool twice,
                        struct ear_writer *w, size_t end)
{
    struct ear_repair *queue = first_queue(answer);
    struct ear_repair_ask ask = ear_repair_first(queue);
    struct ear_journal_entry entry;
    bool next = ear_journal_next(in->journal, ask.from, &entry) == 0;
    bool found = next && entry.index < ask.to;
    bool kept = ask.from >= ear_journal_kept_from(in->journal);
    /* All the silence there is, for the same bytes: pieces of it would be asked for one by one. */
    int64_t silent_to = found || (next && kept) ? entry.index : ear_min64(ask.to, in->spoken);
    if (!kept) /* what is told of this is lost: no silence that is known behind it */
        silent_to = ear_min64(silent_to, ear_journal_kept_from(in->journal));
    if (silent_to > ask.from) {
        const struct ear_block block = nothing(in, ask.from, silent_to);
        if (w->at + ear_block_bytes(&block) > end)
            return false;
        ear_block_build(w, &block);
        ear_repair_done(queue, silent_to);
        return true;
    }
    if (!found) {
        ear_repair_done(queue, ask.to);
        return true;
    }
    if (!is_crossed(answer, in, entry.index)) {
        bool lost = ear_repair_is_recent(&answer->repair, entry.index, INT64_MIN);
        if (!write_packet(answer, in, &entry, w, end))
            return false;
        if (queue == &answer->repair)
            note_again(answer, entry.index, twice + lost);
    }
    ear_repair_done(queue, entry.index + entry.units);
    return true;
}

/* What the last datagrams answered, once more. */
static void write_again(struct ear_answer *answer, const struct ear_answer_from *in,
                        struct ear_writer *w, size_t end)
{
    size_t count = answer->again_count;
    struct ear_journal_entry entry;
    answer->again_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct ear_answer_again again = answer->again[i];
        if (ear_journal_find(in->journal, again.index, &entry) == 0 &&
            write_packet(answer, in, &entry, w, end))
            note_again(answer, again.index, again.times - 1);
    }
}

void ear_answer_write(struct ear_answer *answer, const struct ear_answer_from *in, bool twice,
                      struct ear_writer *w, size_t room)
{
    size_t end = w->at + room;
    answer->newest = 0;
    write_again(answer, in, w, end);
    while (ear_answer_waits(answer) && w->at < end && write_first(answer, in, twice, w, end))
        ;
}

void ear_answer_stayed(struct ear_answer *answer)
{
    answer->sent -= (int64_t)answer->newest;
    ear_repair_unnote(&answer->repair, answer->newest);
    answer->newest = 0;
}
