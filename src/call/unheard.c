/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets in a row, each with the silence before it, handed from thread to thread by one flag. */
#include "call/unheard.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"

#define SILENCE_MAX (1000 / EAR_UNIT_MS)
/* All that a journal holds, with 4 bytes before each packet of 20 ms at worst. */
#define BYTES (EAR_JOURNAL_RATE_BPS / 8 * EAR_JOURNAL_S + 4 * EAR_JOURNAL_UNITS)

struct ear_unheard {
    /* False: media's; true: the taker's. */
    _Atomic bool full;
    uint32_t guest;
    size_t len, at;
    bool silence_given;
    uint8_t bytes[BYTES];
};

int ear_unheard_new(struct ear_unheard **ret)
{
    struct ear_unheard *unheard = calloc(1, sizeof *unheard);
    if (!unheard)
        return -ENOMEM;
    *ret = unheard;
    return 0;
}

static void wipe(struct ear_unheard *unheard)
{
    ear_sodium_wipe(unheard->bytes, unheard->len);
    unheard->len = unheard->at = 0;
    unheard->silence_given = false;
}

void ear_unheard_free(struct ear_unheard *unheard)
{
    if (unheard)
        wipe(unheard);
    free(unheard);
}

void ear_unheard_set_guest(struct ear_unheard *unheard, uint32_t guest)
{
    if (!atomic_load_explicit(&unheard->full, memory_order_acquire))
        unheard->guest = guest;
}

uint32_t ear_unheard_guest(const struct ear_unheard *unheard)
{
    return atomic_load_explicit(&unheard->full, memory_order_acquire) ? unheard->guest : 0;
}

static bool was_asked(const struct ear_repair *repair, const struct ear_journal_entry *entry)
{
    for (size_t i = 0; i < repair->count; i++)
        if (entry->index < repair->ask[i].to && entry->index + entry->units > repair->ask[i].from)
            return true;
    return false;
}

/* A walk over what was not heard. */
struct walk {
    const struct ear_journal *journal;
    const struct ear_answer *answer;
    int64_t known;
    int64_t unit;    /* where it goes on: behind the packet before, heard or not */
    int64_t silence; /* units between that and the entry */
    struct ear_journal_entry entry;
};

static bool find_next(struct walk *walk)
{
    struct ear_journal_entry *entry = &walk->entry;
    while (ear_journal_next(walk->journal, walk->unit, entry) == 0) {
        walk->silence = entry->index - walk->unit;
        walk->unit = entry->index + entry->units;
        if (entry->index > walk->known || was_asked(&walk->answer->repair, entry) ||
            was_asked(&walk->answer->behind, entry))
            return true;
    }
    return false;
}

static void put(struct ear_unheard *unheard, int64_t silence, const struct ear_journal_entry *entry)
{
    struct ear_writer w =
        ear_writer_on(unheard->bytes + unheard->len, sizeof unheard->bytes - unheard->len);
    ear_writer_u16(&w, (uint16_t)ear_min64(silence, SILENCE_MAX));
    ear_writer_u16(&w, (uint16_t)entry->len);
    ear_writer_bytes(&w, entry->data, entry->len);
    if (!w.bad)
        unheard->len += w.at;
}

int64_t ear_unheard_keep(struct ear_unheard *unheard, const struct ear_journal *journal,
                         const struct ear_answer *answer, int64_t known)
{
    if (!unheard || atomic_load_explicit(&unheard->full, memory_order_acquire))
        return 0;
    const struct walk start = {.journal = journal, .answer = answer, .known = known};
    int64_t units = 0;
    for (struct walk walk = start; find_next(&walk);)
        units += walk.entry.units;
    if (units * EAR_UNIT_US < EAR_UNHEARD_LEAST_US)
        return 0;
    for (struct walk walk = start; find_next(&walk);)
        put(unheard, unheard->len > 0 ? walk.silence : 0, &walk.entry);
    atomic_store_explicit(&unheard->full, true, memory_order_release);
    return units * EAR_UNIT_US;
}

void ear_unheard_drop(struct ear_unheard *unheard)
{
    if (!atomic_load_explicit(&unheard->full, memory_order_acquire))
        return;
    wipe(unheard);
    atomic_store_explicit(&unheard->full, false, memory_order_release);
}

bool ear_unheard_next(struct ear_unheard *unheard, struct ear_unheard_piece *ret)
{
    if (!atomic_load_explicit(&unheard->full, memory_order_acquire))
        return false;
    struct ear_reader r = ear_reader_on(unheard->bytes + unheard->at, unheard->len - unheard->at);
    uint16_t silence = ear_reader_u16(&r);
    size_t len = ear_reader_u16(&r);
    const uint8_t *packet = ear_reader_bytes(&r, len);
    if (!packet) {
        ear_unheard_drop(unheard);
        return false;
    }
    if (silence > 0 && !unheard->silence_given) {
        unheard->silence_given = true;
        *ret = (struct ear_unheard_piece){.silence_units = silence};
        return true;
    }
    unheard->silence_given = false;
    unheard->at += r.at;
    *ret = (struct ear_unheard_piece){.packet = packet, .len = len};
    return true;
}
