/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to what the other side asks for: which packets ride again on what is sent now. */
#ifndef EAR_ANSWER_H
#define EAR_ANSWER_H

#include "base/bytes.h"
#include "call/journal.h"
#include "call/repair.h"

#define EAR_ANSWER_AGAIN 8

/* thread: media; nothing allocates. All zero: nothing was asked for. */
struct ear_answer {
    struct ear_repair repair; /* asked for, and waited for */
    struct ear_repair behind; /* asked for, but live speech goes first */
    struct ear_answer_again {
        int64_t index;
        int times;
    } again[EAR_ANSWER_AGAIN]; /* answered, and in so many of the next datagrams once more */
    size_t again_count;
    int64_t sent;  /* packets so far, */
    size_t newest; /* and of them in the newest datagram */
};

/* What an answer rests on. */
struct ear_answer_from {
    const struct ear_journal *journal;
    int64_t spoken; /* journal units so far */
    int64_t rtt_us; /* 0: not known */
    int64_t now_us;
};

void ear_answer_clear(struct ear_answer *answer);
/* The other side lacks [from, to). A packet that was sent again so short a time ago that this ask
 * crossed it is not asked for. */
void ear_answer_ask(struct ear_answer *answer, const struct ear_answer_from *in, int64_t from,
                    int64_t to, bool behind);
bool ear_answer_waits(const struct ear_answer *answer);
/* Bytes of the first packet that waits; 0: none does, at most word that nothing was said. */
size_t ear_answer_next_bytes(const struct ear_answer *answer, const struct ear_answer_from *in);
/* Appends the blocks that fit into room, the oldest first. What is answered now is due again in the
 * next datagram if twice is set, and once more if an answer was lost before. */
void ear_answer_write(struct ear_answer *answer, const struct ear_answer_from *in, bool twice,
                      struct ear_writer *w, size_t room);
/* What was written last did not leave: it was not sent, and whoever lacks it asks anew. */
void ear_answer_stayed(struct ear_answer *answer);

#endif
