/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two rings: which packets are kept, in order, and their bytes, each packet in one piece. */
#include "call/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port/sodium.h"

#define UNITS_MAX (EAR_PACKET_MS_MAX / EAR_UNIT_MS)
#define PACKET_MIN 2
/* As many as 20 ms packets fill, and the bytes of all that time; a packet that would cross the
 * ring's end leaves a gap there. */
#define PACKETS EAR_JOURNAL_UNITS
#define BYTES ((size_t)EAR_JOURNAL_RATE_BPS / 8 * EAR_JOURNAL_S + EAR_PAYLOAD_MAX)

struct said {
    int64_t index;
    uint32_t at; /* of its bytes */
    uint16_t len;
    uint8_t units;
};

struct ear_journal {
    int64_t kept_from;
    int64_t end;
    uint64_t first, count; /* packets kept: numbers first to first + count - 1, modulo PACKETS */
    size_t free_at;        /* behind the bytes of the last packet */
    struct said said[PACKETS];
    uint8_t bytes[BYTES];
};

int ear_journal_new(struct ear_journal **ret)
{
    struct ear_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return -ENOMEM;
    *ret = journal;
    return 0;
}

void ear_journal_wipe(struct ear_journal *journal)
{
    ear_sodium_wipe(journal, sizeof *journal);
}

void ear_journal_free(struct ear_journal *journal)
{
    if (!journal)
        return;
    ear_journal_wipe(journal);
    free(journal);
}

static const struct said *said_at(const struct ear_journal *journal, uint64_t n)
{
    return &journal->said[(journal->first + n) % PACKETS];
}

static int64_t end_of(const struct said *said)
{
    return said->index + said->units;
}

static void forget_first(struct ear_journal *journal)
{
    const struct said *said = said_at(journal, 0);
    journal->kept_from = ear_max64(journal->kept_from, end_of(said));
    ear_sodium_wipe(journal->bytes + said->at, said->len);
    journal->first++;
    journal->count--;
}

void ear_journal_pass(struct ear_journal *journal, int64_t now)
{
    int64_t from = now - EAR_JOURNAL_UNITS;
    while (journal->count > 0 && said_at(journal, 0)->index < from)
        forget_first(journal);
    journal->kept_from = ear_max64(journal->kept_from, from);
}

/* Whether len bytes from `at` on belong to no packet. The oldest one's bytes lie ahead of the
 * newest one's; when they do not, all behind the newest is free. */
static bool is_free(const struct ear_journal *journal, size_t at, size_t len)
{
    if (journal->count == 0)
        return true;
    size_t oldest = said_at(journal, 0)->at;
    size_t newest = said_at(journal, journal->count - 1)->at;
    if (oldest <= newest)
        return at > newest || at + len <= oldest;
    return at > newest && at + len <= oldest;
}

/* A place for so many bytes; the oldest packets make room for it. */
static size_t make_room(struct ear_journal *journal, size_t len)
{
    size_t at = journal->free_at + len <= BYTES ? journal->free_at : 0;
    while (!is_free(journal, at, len))
        forget_first(journal);
    return at;
}

int ear_journal_put(struct ear_journal *journal, int64_t index, int units, const uint8_t *data,
                    size_t len)
{
    if (index < journal->end || units < 1 || units > UNITS_MAX || len < PACKET_MIN ||
        len > EAR_PAYLOAD_MAX)
        return -EINVAL;
    ear_journal_pass(journal, index + units);
    if (journal->count == PACKETS)
        forget_first(journal);
    size_t at = make_room(journal, len);
    memcpy(journal->bytes + at, data, len);
    journal->said[(journal->first + journal->count) % PACKETS] = (struct said){
        .index = index, .at = (uint32_t)at, .len = (uint16_t)len, .units = (uint8_t)units};
    journal->count++;
    journal->free_at = at + len;
    journal->end = index + units;
    return 0;
}

/* How many of the packets kept end at unit or before. */
static uint64_t count_before(const struct ear_journal *journal, int64_t unit)
{
    uint64_t low = 0, high = journal->count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (end_of(said_at(journal, middle)) <= unit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void tell(const struct ear_journal *journal, uint64_t n, struct ear_journal_entry *ret)
{
    const struct said *said = said_at(journal, n);
    *ret = (struct ear_journal_entry){
        .index = said->index,
        .units = said->units,
        .data = journal->bytes + said->at,
        .len = said->len,
    };
}

int ear_journal_next(const struct ear_journal *journal, int64_t unit, struct ear_journal_entry *ret)
{
    uint64_t n = count_before(journal, unit);
    if (n == journal->count)
        return -ENOENT;
    tell(journal, n, ret);
    return 0;
}

/* Number of the packet that covers a unit, or what find says. */
static int64_t number_of(const struct ear_journal *journal, int64_t unit)
{
    uint64_t n = count_before(journal, unit);
    if (n < journal->count && said_at(journal, n)->index <= unit)
        return (int64_t)n;
    return unit < journal->kept_from ? -ESTALE : -ENOENT;
}

int ear_journal_find(const struct ear_journal *journal, int64_t unit, struct ear_journal_entry *ret)
{
    int64_t n = number_of(journal, unit);
    if (n < 0)
        return (int)n;
    tell(journal, (uint64_t)n, ret);
    return 0;
}

int64_t ear_journal_kept_from(const struct ear_journal *journal)
{
    return journal->kept_from;
}

int64_t ear_journal_end(const struct ear_journal *journal)
{
    return journal->end;
}
