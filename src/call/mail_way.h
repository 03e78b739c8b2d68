/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mail's way through an engine: which sessions carry it, and when each frame goes. */
#ifndef EAR_MAIL_WAY_H
#define EAR_MAIL_WAY_H

#include "call/mailbox.h"
#include "line/pace.h"
#include "wire/pipe.h"

/* Frames that wait here for their time: as many as are wanted from the worker at once. */
#define EAR_MAIL_WAY_WAITING 16

struct ear_mail_way_frame {
    uint16_t len;
    uint8_t data[EAR_PIPE_FRAME_MAX];
};

/* One for each place of a session. */
struct ear_mail_way_line {
    bool opening;    /* we want it, and it does not stand yet */
    bool up;         /* it carries frames */
    bool choked;     /* the worker did not take what came: it begins anew once it does */
    uint32_t number; /* of the pipe, never used again */
    uint32_t person;
    uint32_t told, told_person; /* number and person as the worker knows them; 0: it is down */
    int64_t opened_us;          /* the session's, by which it is known to be the same */
    int64_t until_us;           /* opening: when it was in vain */
    int64_t moved_us;           /* when a frame last went or came */
    int64_t pressing_us;        /* when one at once did */
    uint32_t wanted;            /* that have not come yet */
    size_t cap;                 /* as told last */
    struct ear_mail_way_frame waiting[EAR_MAIL_WAY_WAITING];
    uint32_t first, count;
    struct ear_pace pace;
};

/* What the engine says of the call each time. */
struct ear_mail_way_call {
    const struct ear_session *current;  /* of the call; NULL: there is none */
    const struct ear_talk_status *talk; /* NULL: it is no talk, or its line is lost */
    int user_bps;                       /* what the user lets speech take */
    bool busy;                          /* others open lines: none is opened for mail */
};

/* thread: media. Zero but for the borrowed ones: nothing is carried. */
struct ear_mail_way {
    struct ear_switchboard *board;
    struct ear_mailbox *mail;
    struct ear_mail_way_line lines[EAR_SWITCHBOARD_SESSIONS];
    uint32_t newest;    /* number */
    int64_t sent_bytes; /* all that went out, as seen last */
    int64_t spoken;     /* packets of speech, and those sent again, likewise */
    int64_t heard;      /* ... and those that came */
    int64_t spoke_us, heard_us;
    int64_t stepped_us;
};

void ear_mail_way_init(struct ear_mail_way *way, struct ear_switchboard *board,
                       struct ear_mailbox *mail);
/* Sees each event of the switchboard first. */
void ear_mail_way_take(struct ear_mail_way *way, const struct ear_switchboard_event *event,
                       const struct ear_session *current, int64_t now_us);
/* The other end brings mail over this session. */
void ear_mail_way_greet(struct ear_mail_way *way, struct ear_session *session,
                        const struct ear_session *current, bool accept, int64_t now_us);
/* The other end has no time for it. */
void ear_mail_way_refuse(struct ear_mail_way *way, struct ear_session *session, int64_t now_us);
/* A call comes first; keep: the session that it goes over, if there is one. */
void ear_mail_way_drop(struct ear_mail_way *way, const struct ear_session *keep, int64_t now_us);
/* The talk of a call begins: mail may go beside it. */
void ear_mail_way_begin(struct ear_mail_way *way, struct ear_session *session, int64_t now_us);
/* Whether a step is worth making now. */
bool ear_mail_way_is_due(const struct ear_mail_way *way, int64_t now_us);
/* Sends and ends what is due. */
void ear_mail_way_step(struct ear_mail_way *way, const struct ear_mail_way_call *call,
                       int64_t now_us);
/* When the next step is worth making; INT64_MAX: not for mail. */
int64_t ear_mail_way_due_us(const struct ear_mail_way *way, int64_t now_us);

#endif
