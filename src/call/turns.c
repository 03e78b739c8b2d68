/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking turns: a floor that one of two ends holds, or nobody. */
#include "call/turns.h"

#include <assert.h>

void ear_turns_init(struct ear_turns *turns, bool lower)
{
    *turns = (struct ear_turns){.lower = lower};
}

static void say(struct ear_turns *turns, enum ear_turns_kind kind)
{
    assert(turns->out_count < EAR_TURNS_MESSAGES);
    turns->out[turns->out_count++] = (struct ear_turns_message){.kind = kind, .term = turns->term};
}

static void hold(struct ear_turns *turns, enum ear_turns_holder holder)
{
    turns->holder = holder;
    turns->other_wants = turns->wish_sent = false;
}

static void take_floor(struct ear_turns *turns)
{
    turns->term++;
    turns->took = true;
    hold(turns, EAR_TURNS_ME);
    say(turns, EAR_TURNS_TAKE);
}

static void leave_floor(struct ear_turns *turns)
{
    if (turns->other_wants) {
        turns->term++;
        turns->took = false;
        hold(turns, EAR_TURNS_OTHER);
        say(turns, EAR_TURNS_GRANT);
    } else {
        hold(turns, EAR_TURNS_NOBODY);
        say(turns, EAR_TURNS_GIVE);
    }
}

/* What our wish and the floor ask for now. */
static void act(struct ear_turns *turns)
{
    if (turns->wants && turns->holder == EAR_TURNS_NOBODY) {
        take_floor(turns);
    } else if (!turns->wants && turns->holder == EAR_TURNS_ME) {
        leave_floor(turns);
    } else if (turns->wants && turns->holder == EAR_TURNS_OTHER && !turns->wish_sent) {
        turns->wish_sent = true;
        say(turns, EAR_TURNS_WISH);
    }
}

void ear_turns_want(struct ear_turns *turns, bool wants)
{
    turns->wants = wants;
    act(turns);
}

/* TAKE and GRANT, which begin a term. Two TAKEs of one term: the lower number's holds, even when it
 * was given up since, for the other end has yielded to it by then. */
static void begin_term(struct ear_turns *turns, const struct ear_turns_message *message,
                       int16_t ahead)
{
    bool theirs_holds = message->kind == EAR_TURNS_TAKE && !(turns->took && turns->lower);
    if (ahead < 0 || (ahead == 0 && !theirs_holds))
        return;
    if (ahead == 0 && turns->holder == EAR_TURNS_OTHER)
        return; /* known already */
    turns->term = message->term;
    turns->took = false;
    hold(turns, message->kind == EAR_TURNS_TAKE ? EAR_TURNS_OTHER : EAR_TURNS_ME);
    act(turns);
}

/* GIVE ends the term of whoever says it, and nobody else's. */
static void end_term(struct ear_turns *turns, const struct ear_turns_message *message,
                     int16_t ahead)
{
    if (ahead < 0 || (ahead == 0 && turns->holder != EAR_TURNS_OTHER))
        return;
    turns->term = message->term;
    if (ahead > 0)
        turns->took = false;
    hold(turns, EAR_TURNS_NOBODY);
    act(turns);
}

void ear_turns_take(struct ear_turns *turns, const struct ear_turns_message *message)
{
    int16_t ahead = (int16_t)(uint16_t)(message->term - turns->term);
    switch (message->kind) {
    case EAR_TURNS_TAKE:
    case EAR_TURNS_GRANT:
        begin_term(turns, message, ahead);
        break;
    case EAR_TURNS_GIVE:
        end_term(turns, message, ahead);
        break;
    case EAR_TURNS_WISH:
        if (ahead == 0 && turns->holder == EAR_TURNS_ME)
            turns->other_wants = true;
        break;
    }
}

void ear_turns_tick(struct ear_turns *turns, int64_t silent_us)
{
    if (silent_us >= EAR_TURNS_VANISHED_US && turns->holder == EAR_TURNS_OTHER && turns->wants)
        take_floor(turns);
}

bool ear_turns_next(struct ear_turns *turns, struct ear_turns_message *ret)
{
    if (turns->out_count == 0)
        return false;
    *ret = turns->out[0];
    turns->out_count--;
    for (size_t i = 0; i < turns->out_count; i++)
        turns->out[i] = turns->out[i + 1];
    return true;
}

bool ear_turns_may_speak(const struct ear_turns *turns)
{
    return turns->holder == EAR_TURNS_ME;
}
