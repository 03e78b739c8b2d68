/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a call stands, and the only door through which that changes. */
#ifndef EAR_PHASE_H
#define EAR_PHASE_H

#include "base/ear.h"

enum ear_phase {
    EAR_PHASE_IDLE,
    EAR_PHASE_CALLING,  /* we look for the other side */
    EAR_PHASE_RINGING,  /* it rings there */
    EAR_PHASE_INCOMING, /* it rings here */
    EAR_PHASE_TALKING,
    EAR_PHASE_LOST,   /* talking, but nothing comes from the other side */
    EAR_PHASE_ENDING, /* our goodbye is on its way */
    EAR_PHASE_ENDED,
    EAR_PHASES
};

enum ear_happening {
    EAR_HAPPENING_DIAL,         /* the user calls */
    EAR_HAPPENING_RING_THERE,   /* the other side says that it rings */
    EAR_HAPPENING_RING_HERE,    /* the other side calls */
    EAR_HAPPENING_ANSWER_HERE,  /* the user answers */
    EAR_HAPPENING_ANSWER_THERE, /* the other side answered */
    EAR_HAPPENING_LINE_LOST,    /* nothing has come for a while */
    EAR_HAPPENING_LINE_BACK,    /* something came again */
    EAR_HAPPENING_HANG_UP,      /* the user hangs up, declines or gives up calling */
    EAR_HAPPENING_OTHER_LEAVES, /* goodbye, decline or busy from the other side, or it cannot be
                                   reached */
    EAR_HAPPENING_GOODBYE_DONE, /* our goodbye arrived, or was given up */
    EAR_HAPPENING_FORGET,       /* the ended call is put away */
    EAR_HAPPENINGS
};

/* Why a call ended. */
enum ear_ending {
    EAR_ENDING_NONE,
    EAR_ENDING_HUNG_UP, /* by us */
    EAR_ENDING_OTHER_HUNG_UP,
    EAR_ENDING_DECLINED, /* by the other side */
    EAR_ENDING_DECLINED_HERE,
    EAR_ENDING_BUSY,        /* the other side talks to somebody else */
    EAR_ENDING_NO_ANSWER,   /* it rang and nobody answered */
    EAR_ENDING_UNREACHABLE, /* nobody is there */
    EAR_ENDING_VANISHED,    /* the line stayed dead for longer than a call is held */
    EAR_ENDING_REPLACED,    /* the same person called anew */
    EAR_ENDINGS
};

/* Takes the phase through the table; returns whether it may go that way. An illegal pair changes
 * nothing and is logged. thread: media. */
bool ear_phase_go(enum ear_phase *phase, enum ear_happening happening);

/* Pure questions. */
bool ear_phase_is_call(enum ear_phase phase); /* somebody is or will be at the other end */
bool ear_phase_is_talk(enum ear_phase phase); /* speech flows or would, were the line there */
/* One word for logs and reports: "talking". */
const char *ear_phase_name(enum ear_phase phase);
/* One word for logs and reports: "busy". */
const char *ear_ending_name(enum ear_ending ending);
/* One sentence for a person. */
const char *ear_ending_sentence(enum ear_ending ending);
/* The call ended as calls should. */
bool ear_ending_is_normal(enum ear_ending ending);

#endif
