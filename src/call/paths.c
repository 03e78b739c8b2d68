/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks direct paths and the relay side by side, and compares how they answer. */
#include "call/paths.h"

#include <string.h>

/* Two questions a second: 10 s of them on two paths are 4 kB with their answers. */
#define ROUND_US (500 * EAR_US_PER_MS)
/* 5 s of answers are compared. */
#define COMPARED 10
/* One answer may be chance. */
#define ANSWERS_MIN 2
/* A direct path may be that much slower: it spares the relay, and half the ways to break. */
#define SLOWER_US (20 * EAR_US_PER_MS)
/* An answer is waited for as long as others took, and half as long again. */
#define SETTLE_US (100 * EAR_US_PER_MS)
#define SETTLE_MAX_US (3 * (int64_t)EAR_US_PER_S)
/* Where no direct path answers, two questions are asked on each after 15, 30, 60 and then every
 * 120 s: 3 kB an hour. At 20 % loss each way seven in eight tries notice that a way has opened. */
#define SELDOM_ROUNDS 2
#define WAIT_US (15 * (int64_t)EAR_US_PER_S)
#define WAIT_MAX_US (120 * (int64_t)EAR_US_PER_S)

void ear_paths_clear(struct ear_paths *p)
{
    memset(p, 0, sizeof *p);
}

struct ear_path *ear_paths_find(struct ear_paths *p, const struct ear_address *address)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (ear_address_equal(&p->at[i].address, address))
            return &p->at[i];
    return NULL;
}

void ear_paths_add(struct ear_paths *p, const struct ear_address *address, bool relayed)
{
    if (address->len > 0 && p->count < EAR_PATHS_MAX - EAR_PATHS_SEEN &&
        !ear_paths_find(p, address))
        p->at[p->count++] = (struct ear_path){.address = *address, .relayed = relayed};
}

void ear_paths_see(struct ear_paths *p, const struct ear_address *address, bool relayed)
{
    uint32_t seen = 0, place = 0;
    if (ear_paths_find(p, address))
        return;
    for (uint32_t i = 0; i < p->count; i++)
        if (p->at[i].seen && seen++ == p->seen)
            place = i;
    if (seen < EAR_PATHS_SEEN && p->count < EAR_PATHS_MAX)
        place = p->count++;
    else
        p->seen = (p->seen + 1) % EAR_PATHS_SEEN;
    p->at[place] = (struct ear_path){.address = *address, .relayed = relayed, .seen = true};
}

static void begin(struct ear_paths *p, bool seldom, int64_t due_us)
{
    p->seldom = seldom;
    p->first = (uint16_t)(p->first + p->rounds);
    p->rounds = 0;
    p->due_us = due_us;
    for (uint32_t i = 0; i < p->count; i++)
        memset(p->at[i].rtt_us, 0, sizeof p->at[i].rtt_us);
}

/* The next try, later than the last. */
static void put_off(struct ear_paths *p, int64_t now_us)
{
    p->wait_us = p->wait_us > 0 ? ear_min64(2 * p->wait_us, WAIT_MAX_US) : WAIT_US;
    begin(p, true, now_us + p->wait_us);
}

void ear_paths_relayed(struct ear_paths *p, int64_t now_us)
{
    if (p->on)
        return;
    for (uint32_t i = 0; i < p->count; i++)
        p->on = p->on || !p->at[i].relayed;
    if (!p->on)
        return;
    if (p->falls++ < 2)
        begin(p, false, now_us);
    else
        put_off(p, now_us);
}

void ear_paths_direct(struct ear_paths *p)
{
    p->on = false;
}

static int rounds_of(const struct ear_paths *p)
{
    return p->seldom ? SELDOM_ROUNDS : EAR_PATHS_ROUNDS;
}

bool ear_paths_round(struct ear_paths *p, int64_t now_us, uint16_t *ret_number)
{
    if (!p->on || now_us < p->due_us)
        return false;
    if (p->rounds == rounds_of(p)) {
        put_off(p, now_us);
        return false;
    }
    *ret_number = (uint16_t)(p->first + p->rounds);
    p->round_us[p->rounds++] = now_us;
    p->due_us = now_us + (p->rounds == rounds_of(p) ? SETTLE_MAX_US : ROUND_US);
    return true;
}

bool ear_paths_asks(const struct ear_paths *p, const struct ear_path *path,
                    const struct ear_address *current)
{
    return !path->relayed || (!p->seldom && ear_address_equal(&path->address, current));
}

void ear_paths_answered(struct ear_paths *p, const struct ear_address *from, uint16_t number,
                        int64_t now_us)
{
    struct ear_path *path = ear_paths_find(p, from);
    int round = (uint16_t)(number - p->first);
    if (!p->on || !path || round >= p->rounds || path->rtt_us[round] > 0)
        return;
    path->rtt_us[round] = (int32_t)ear_max64(1, ear_min64(now_us - p->round_us[round], INT32_MAX));
    if (p->seldom)
        begin(p, false, now_us); /* there is a way: now see what it is worth */
}

/* The answers of the rounds that are compared, in order of time; returns how many. */
static int sorted(const struct ear_path *path, int last, int32_t ret[static COMPARED])
{
    int count = 0;
    for (int i = last - COMPARED + 1; i <= last; i++) {
        int32_t rtt = path->rtt_us[i];
        int at = count;
        if (rtt == 0)
            continue;
        for (; at > 0 && ret[at - 1] > rtt; at--)
            ret[at] = ret[at - 1];
        ret[at] = rtt;
        count++;
    }
    return count;
}

/* The newest round whose answers are all here, or lost. */
static int last_settled(const struct ear_paths *p, int64_t now_us)
{
    int64_t longest = 0;
    int last = p->rounds - 1;
    for (uint32_t i = 0; i < p->count; i++)
        for (int k = 0; k < p->rounds; k++)
            longest = ear_max64(longest, p->at[i].rtt_us[k]);
    int64_t settle = ear_min64(longest + longest / 2 + SETTLE_US, SETTLE_MAX_US);
    while (last >= 0 && now_us - p->round_us[last] < settle)
        last--;
    return last;
}

const struct ear_path *ear_paths_better(const struct ear_paths *p,
                                        const struct ear_address *current, int64_t now_us)
{
    int32_t times[COMPARED] = {0};
    const struct ear_path *relay = ear_paths_find((struct ear_paths *)p, current), *best = NULL;
    int last = p->on && !p->seldom ? last_settled(p, now_us) : -1;
    if (last < COMPARED - 1)
        return NULL;
    int answers_min = relay ? sorted(relay, last, times) : 0;
    int64_t limit = answers_min > 0 ? times[answers_min / 2] + SLOWER_US : INT32_MAX;
    for (uint32_t i = 0; i < p->count; i++) {
        int answers = p->at[i].relayed ? 0 : sorted(&p->at[i], last, times);
        if (answers < ANSWERS_MIN || answers < answers_min || times[answers / 2] > limit)
            continue;
        best = &p->at[i];
        limit = times[answers / 2];
    }
    return best;
}
