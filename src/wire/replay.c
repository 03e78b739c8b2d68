/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of bits: the word of a counter is its number modulo the ring's size. */
#include "wire/replay.h"

#include <assert.h>
#include <string.h>

static uint64_t *word_of(struct ear_replay *replay, uint64_t counter)
{
    return &replay->words[counter / EAR_REPLAY_WORD_BITS % EAR_REPLAY_WORDS];
}

static uint64_t bit_of(uint64_t counter)
{
    return (uint64_t)1 << (counter % EAR_REPLAY_WORD_BITS);
}

bool ear_replay_is_new(const struct ear_replay *replay, uint64_t counter)
{
    if (counter >= replay->end)
        return true;
    if (replay->end - counter > EAR_REPLAY_WINDOW)
        return false;
    uint64_t word = replay->words[counter / EAR_REPLAY_WORD_BITS % EAR_REPLAY_WORDS];
    return (word & bit_of(counter)) == 0;
}

/* Empties the words that the window enters. */
static void advance(struct ear_replay *replay, uint64_t counter)
{
    uint64_t from = replay->end ? (replay->end - 1) / EAR_REPLAY_WORD_BITS : 0;
    uint64_t to = counter / EAR_REPLAY_WORD_BITS;
    if (to - from >= EAR_REPLAY_WORDS)
        memset(replay->words, 0, sizeof replay->words);
    else
        for (uint64_t i = from + 1; i <= to; i++)
            replay->words[i % EAR_REPLAY_WORDS] = 0;
    replay->end = counter + 1;
}

void ear_replay_mark(struct ear_replay *replay, uint64_t counter)
{
    assert(counter < UINT64_MAX && ear_replay_is_new(replay, counter));
    if (counter >= replay->end)
        advance(replay, counter);
    *word_of(replay, counter) |= bit_of(counter);
}
