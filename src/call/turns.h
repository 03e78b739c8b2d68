/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking turns: a floor that one of two ends holds, or nobody. */
#ifndef EAR_TURNS_H
#define EAR_TURNS_H

#include "base/ear.h"

/* The floor is taken in the moment one asks, for a line may need seconds to say yes. TAKE and GRANT
 * begin a term, one more than the newest known, and of two TAKEs of one term that of the end with
 * the lower number holds; GIVE ends one's own term and no other. So both hold it for one way's
 * delay at most, and what is on its way settles all without an answer (test_turns tries every
 * order). The channel is reliable, keeps order, and lives as long as the call. */
enum ear_turns_kind {
    EAR_TURNS_TAKE,  /* I hold it now */
    EAR_TURNS_GIVE,  /* nobody holds it now */
    EAR_TURNS_GRANT, /* you hold it now */
    EAR_TURNS_WISH,  /* I would like to have it from you; your term */
};

/* 3 bytes on the wire: kind, term. */
struct ear_turns_message {
    enum ear_turns_kind kind;
    uint16_t term;
};

enum ear_turns_holder { EAR_TURNS_NOBODY, EAR_TURNS_ME, EAR_TURNS_OTHER };

/* A holder of whom nothing was heard for so long has lost the floor. */
#define EAR_TURNS_VANISHED_US (10 * (int64_t)EAR_US_PER_S)
/* At most so many messages come of one call. */
#define EAR_TURNS_MESSAGES 2

/* thread: media. Pure in time. */
struct ear_turns {
    bool lower; /* our number is the lower one */
    uint16_t term;
    enum ear_turns_holder holder;
    bool took;        /* the term, by a TAKE of ours */
    bool wants;       /* we wish to speak */
    bool other_wants; /* the other said so */
    bool wish_sent;   /* in this term */
    struct ear_turns_message out[EAR_TURNS_MESSAGES];
    size_t out_count;
};

void ear_turns_init(struct ear_turns *turns, bool lower);
/* We wish to speak, or are done. Told of anew when nothing changed it does nothing. */
void ear_turns_want(struct ear_turns *turns, bool wants);
/* A message came. */
void ear_turns_take(struct ear_turns *turns, const struct ear_turns_message *message);
/* Nothing has come from the other side for silent_us. A holder that vanished loses the floor as
 * soon as we want it; its end learns that when the line is back. */
void ear_turns_tick(struct ear_turns *turns, int64_t silent_us);
/* What is to be sent, in order: call after each of the above until false. */
bool ear_turns_next(struct ear_turns *turns, struct ear_turns_message *ret);

/* Whether we may speak now. */
bool ear_turns_may_speak(const struct ear_turns *turns);

#endif
