/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was said in this call, by number: the last 180 s of encoded speech, in memory alone. */
#ifndef EAR_JOURNAL_H
#define EAR_JOURNAL_H

#include "base/ear.h"

#define EAR_JOURNAL_S 180
#define EAR_JOURNAL_UNITS (EAR_JOURNAL_S * 1000 / EAR_UNIT_MS)
/* Beyond this rate over the 180 s the oldest packets are forgotten sooner. */
#define EAR_JOURNAL_RATE_BPS 32000

struct ear_journal_entry {
    int64_t index; /* of its first unit */
    int units;
    const uint8_t *data; /* valid until the next put, pass or wipe */
    size_t len;
};

struct ear_journal; /* thread: media; after new nothing allocates */

/* Takes 0.94 MB. Returns 0, -ENOMEM. */
EAR_CHECK int ear_journal_new(struct ear_journal **ret);
/* Wipes it first. */
void ear_journal_free(struct ear_journal *journal);
/* At the end of a call: nothing of it remains in memory, the next one begins at index 0. */
void ear_journal_wipe(struct ear_journal *journal);

/* Adds the packet just made. Returns 0; -EINVAL for one that begins before the end
 * of the last, or for lengths that no packet has: units 1 to 6, len 2 to EAR_PAYLOAD_MAX. */
EAR_CHECK int ear_journal_put(struct ear_journal *journal, int64_t index, int units,
                              const uint8_t *data, size_t len);
/* The call has come to unit `now`, be it in silence: forgets what lies 180 s before. */
void ear_journal_pass(struct ear_journal *journal, int64_t now);

/* The packet that covers a unit. Returns 0; -ENOENT: nothing was said there (or not yet);
 * -ESTALE: no longer kept. */
int ear_journal_find(const struct ear_journal *journal, int64_t unit,
                     struct ear_journal_entry *ret);
/* The first packet kept that ends behind `unit`: the one that covers it, or the next one. So a
 * range is walked: unit = entry.index + entry.units. Returns 0, -ENOENT. */
int ear_journal_next(const struct ear_journal *journal, int64_t unit,
                     struct ear_journal_entry *ret);
/* From this unit on everything that was said is kept. */
int64_t ear_journal_kept_from(const struct ear_journal *journal);
/* The unit behind the last packet; 0 before the first. */
int64_t ear_journal_end(const struct ear_journal *journal);

#endif
