/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table says which happening leads from which phase to which. */
#include "call/phase.h"

#include "base/log.h"

/* Stands for "not from here" in the table, because 0 is a phase. */
#define NO EAR_PHASES
#define IDLE EAR_PHASE_IDLE
#define CALLING EAR_PHASE_CALLING
#define RINGING EAR_PHASE_RINGING
#define INCOMING EAR_PHASE_INCOMING
#define TALKING EAR_PHASE_TALKING
#define LOST EAR_PHASE_LOST
#define ENDING EAR_PHASE_ENDING
#define ENDED EAR_PHASE_ENDED

/* clang-format off */
static const uint8_t phase_table[EAR_PHASES][EAR_HAPPENINGS] = {
    /*             dial     ring     ring      answer   answer   line  line     hang    other   goodbye forget
                            there    here      here     there    lost  back     up      leaves  done         */
    [IDLE]     = { CALLING, NO,      INCOMING, NO,      NO,      NO,   NO,      NO,     NO,     NO,     NO   },
    [CALLING]  = { NO,      RINGING, NO,       NO,      TALKING, NO,   NO,      ENDING, ENDED,  NO,     NO   },
    [RINGING]  = { NO,      RINGING, NO,       NO,      TALKING, NO,   NO,      ENDING, ENDED,  NO,     NO   },
    [INCOMING] = { NO,      NO,      NO,       TALKING, NO,      NO,   NO,      ENDING, ENDED,  NO,     NO   },
    [TALKING]  = { NO,      NO,      NO,       NO,      TALKING, LOST, NO,      ENDING, ENDED,  NO,     NO   },
    [LOST]     = { NO,      NO,      NO,       NO,      NO,      NO,   TALKING, ENDING, ENDED,  NO,     NO   },
    [ENDING]   = { NO,      NO,      NO,       NO,      NO,      NO,   NO,      NO,     ENDED,  ENDED,  NO   },
    [ENDED]    = { NO,      NO,      NO,       NO,      NO,      NO,   NO,      NO,     NO,     NO,     IDLE },
};
/* clang-format on */

static const char *const happening_names[EAR_HAPPENINGS] = {
    "dial",      "ring there", "ring here",    "answer here",  "answer there", "line lost",
    "line back", "hang up",    "other leaves", "goodbye done", "forget",
};

bool ear_phase_go(enum ear_phase *phase, enum ear_happening happening)
{
    uint8_t next = phase_table[*phase][happening];
    if (next == NO) {
        ear_log(EAR_LOG_DEBUG, "phase: %s does not lead from %s anywhere",
                happening_names[happening], ear_phase_name(*phase));
        return false;
    }
    *phase = (enum ear_phase)next;
    return true;
}

bool ear_phase_is_call(enum ear_phase phase)
{
    return phase != EAR_PHASE_IDLE && phase != EAR_PHASE_ENDED;
}

bool ear_phase_is_talk(enum ear_phase phase)
{
    return phase == EAR_PHASE_TALKING || phase == EAR_PHASE_LOST;
}

const char *ear_phase_name(enum ear_phase phase)
{
    static const char *const names[EAR_PHASES] = {
        "idle", "calling", "ringing", "incoming", "talking", "line lost", "ending", "ended",
    };
    return names[phase];
}

static const struct {
    const char *name;
    const char *sentence;
    bool normal;
} endings[EAR_ENDINGS] = {
    [EAR_ENDING_NONE] = {"none", "The call goes on.", false},
    [EAR_ENDING_HUNG_UP] = {"hung up", "You ended the call.", true},
    [EAR_ENDING_OTHER_HUNG_UP] = {"other hung up", "The other side ended the call.", true},
    [EAR_ENDING_DECLINED] = {"declined", "The other side did not take the call.", false},
    [EAR_ENDING_DECLINED_HERE] = {"declined here", "You did not take the call.", true},
    [EAR_ENDING_BUSY] = {"busy", "The other side is talking to somebody else. Try again later.",
                         false},
    [EAR_ENDING_NO_ANSWER] = {"no answer", "Nobody answered. Try again later.", false},
    [EAR_ENDING_UNREACHABLE] =
        {"unreachable", "Nobody answers at this address. Check it, and that Earshot runs there.",
         false},
    [EAR_ENDING_VANISHED] = {"vanished", "The line did not come back, so the call was ended.",
                             false},
    [EAR_ENDING_REPLACED] = {"replaced", "The same person called again; that call goes on.", true},
};

const char *ear_ending_name(enum ear_ending ending)
{
    return endings[ending].name;
}

const char *ear_ending_sentence(enum ear_ending ending)
{
    return endings[ending].sentence;
}

bool ear_ending_is_normal(enum ear_ending ending)
{
    return endings[ending].normal;
}
