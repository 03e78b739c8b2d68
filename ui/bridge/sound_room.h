/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sound cards of the program: open only while they are needed, by a thread that may wait. */
#ifndef EARSHOT_SOUND_ROOM_H
#define EARSHOT_SOUND_ROOM_H

#include <glib.h>

#include "base/ring.h"
#include "call/earcon.h"
#include "call/soundcheck.h"
#include "port/soundswitch.h"
#include "tx/cleaning.h"

/* What the cards are needed for now. */
enum earshot_sound_use {
    EARSHOT_SOUND_FOR_NONE,
    EARSHOT_SOUND_FOR_TONE,   /* loudspeaker alone: an earcon, again and again or once */
    EARSHOT_SOUND_FOR_TALK,   /* both, for the engine, through the switch */
    EARSHOT_SOUND_FOR_CHECK,  /* both, to hear oneself */
    EARSHOT_SOUND_FOR_RECORD, /* microphone alone, into a ring */
    EARSHOT_SOUND_FOR_PLAY,   /* loudspeaker alone, from a ring */
};

struct earshot_sound_room;

/* thread: main, all below. NULL where memory is short. */
struct earshot_sound_room *earshot_sound_room_new(void);
void earshot_sound_room_free(struct earshot_sound_room *room); /* joins; NULL is allowed */

/* For the engines; valid while the room lives. */
struct ear_soundswitch *earshot_sound_room_switch(struct earshot_sound_room *room);
/* Frames of EAR_FRAME samples: what RECORD hears, to be taken by one other thread; and what PLAY
 * is to sound, to be put by one. Valid while the room lives. */
struct ear_ring *earshot_sound_room_recorded(struct earshot_sound_room *room);
struct ear_ring *earshot_sound_room_to_play(struct earshot_sound_room *room);

/* Names of cards, "" for the system's; takes effect within a second, in mid-call too. */
void earshot_sound_room_set_cards(struct earshot_sound_room *room, const char *microphone,
                                  const char *loudspeaker);
/* When the loudspeaker's echo is taken out; in mid-call too. */
void earshot_sound_room_set_echo(struct earshot_sound_room *room, enum ear_cleaning_echo echo);
void earshot_sound_room_use(struct earshot_sound_room *room, enum earshot_sound_use use);
/* In TONE instead of all that sounds; in TALK over it. */
void earshot_sound_room_play(struct earshot_sound_room *room, enum ear_earcon earcon);
/* FALSE until the check has a card. */
gboolean earshot_sound_room_get_check(struct earshot_sound_room *room,
                                      struct ear_soundcheck_status *ret);
/* Why the cards could not be opened, one sentence, or NULL; to be freed. */
char *earshot_sound_room_get_trouble(struct earshot_sound_room *room);
/* Asks for the list of cards; changed() below says when it is there. */
void earshot_sound_room_look(struct earshot_sound_room *room);
/* TRUE once after each look: the lists, NULL-terminated, to be freed. */
gboolean earshot_sound_room_take_cards(struct earshot_sound_room *room, char ***ret_microphones,
                                       char ***ret_loudspeakers);

#endif
