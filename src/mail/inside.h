/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the mail share: one person's session with what goes, comes and is answered. */
#ifndef EAR_MAIL_INSIDE_H
#define EAR_MAIL_INSIDE_H

#include "mail/mail.h"

/* What came is put on disk and told to the sender every so many pieces: what a broken session or a
 * crash costs at most, 8 kB, and 1.6 % of a file's price. */
#define EAR_MAIL_KEPT_PIECES 28
#define EAR_MAIL_KEPT_BYTES (EAR_MAIL_KEPT_PIECES * EAR_MAIL_PIECE_MAX)
/* Begun and not whole, of one person, in one session. What is more is told to come later. */
#define EAR_MAIL_COMINGS 16
#define EAR_MAIL_ANSWERS 64

enum ear_mail_stage {
    EAR_MAIL_QUEUED,
    EAR_MAIL_AWAITS, /* WHOLE has left */
    EAR_MAIL_BEGUN,  /* BEGIN has left: HOLD says from where on */
    EAR_MAIL_FLOWS,  /* pieces leave */
    EAR_MAIL_LEFT,   /* all of them have */
    EAR_MAIL_PARKED, /* the other side cannot take it now */
};

/* One outgoing message in this session. */
struct ear_mail_item {
    int64_t id;
    uint64_t serial;
    uint64_t size;
    uint64_t at;   /* the next piece */
    uint64_t held; /* they have on disk, as they say */
    size_t unheld; /* pieces that left since, about */
    size_t label_bytes;
    uint8_t mark[EAR_MAIL_MARK_BYTES];
    enum ear_message_kind kind;
    enum ear_mail_stage stage;
    int64_t left_us; /* when the last of it left; PARKED: when it was parked */
    unsigned tries;  /* that were not answered, or answered with LATER */
    unsigned broken; /* how often the hash was another one there */
    bool is_short;   /* one frame of full length holds it */
};

struct ear_mail_outbox {
    struct ear_mail_item *items; /* by serial; owned */
    size_t count;
    bool more;        /* the store has more than was read */
    size_t urgent_at; /* whose turn it is beside the pipe */
    /* The body that is being sent, read ahead. */
    int64_t ahead_id;
    uint64_t ahead_from;
    size_t ahead_len;
    uint8_t ahead[EAR_MESSAGE_APPEND_MAX];
};

/* One incoming message in this session. */
struct ear_mail_coming {
    int64_t id; /* 0: free */
    uint64_t serial;
    uint64_t size;
    uint64_t on_disk;
    uint8_t mark[EAR_MAIL_MARK_BYTES];
    size_t held;   /* bytes in kept, behind on_disk */
    uint8_t *kept; /* owned: EAR_MAIL_KEPT_BYTES */
};

/* What is to be said to the other side, each kind gathered into few frames. */
struct ear_mail_answers {
    bool ready;
    size_t tolds, holds, noteds, drops;
    struct ear_mail_told told[EAR_MAIL_ANSWERS];
    struct ear_mail_hold hold[EAR_MAIL_ANSWERS];
    uint8_t noted[EAR_MAIL_ANSWERS][EAR_MAIL_MARK_BYTES];
    uint8_t drop[EAR_MAIL_ANSWERS][EAR_MAIL_MARK_BYTES];
};

struct ear_mail_peer {
    struct ear_mail_peer *next;
    uint32_t person;
    struct ear_mail_outbox outbox;
    struct ear_mail_coming comings[EAR_MAIL_COMINGS];
    struct ear_mail_answers answers;
    int64_t anew_us;                  /* all may be told again from here on */
    size_t unkept;                    /* pieces that came since the last were put on disk */
    struct ear_message_totals totals; /* as of up, and what came since */
    /* The acknowledgement of an urgent message that goes beside the pipe. */
    uint8_t urgent_mark[EAR_MAIL_MARK_BYTES];
    unsigned urgent_echoes;
    bool urgent_turn;
};

#define EAR_MAIL_EVENTS 128

struct ear_mail {
    struct ear_store *store; /* borrowed */
    struct ear_mail_limits limits;
    bool keeps_seen_secret;
    struct ear_mail_peer *peers; /* with a session; owned */
    struct ear_mail_event events[EAR_MAIL_EVENTS];
    size_t event_first, event_count;
    unsigned flare_turn;
};

/* mail.c; NULL: no session. */
struct ear_mail_peer *ear_mail_find_peer(const struct ear_mail *mail, uint32_t person);
void ear_mail_tell(struct ear_mail *mail, enum ear_mail_change change, uint32_t person, int64_t id);

/* answers.c: what does not fit any more is left out; the other side asks again after a while. */
void ear_mail_answer_told(struct ear_mail_answers *answers, const uint8_t *mark,
                          enum ear_mail_fate fate);
void ear_mail_answer_hold(struct ear_mail_answers *answers, uint64_t serial, uint64_t offset);
void ear_mail_answer_noted(struct ear_mail_answers *answers, const uint8_t *mark);
void ear_mail_answer_drop(struct ear_mail_answers *answers, const uint8_t *mark);
bool ear_mail_answers_wait(const struct ear_mail_answers *answers);
/* The next of them as a frame; 0: none. */
size_t ear_mail_answers_next(struct ear_mail_answers *answers, uint8_t *out, size_t cap);

/* outbox.c: reads what is to be sent, keeping what is on its way. */
EAR_CHECK int ear_mail_outbox_load(struct ear_mail *mail, struct ear_mail_peer *peer);
void ear_mail_outbox_restart(struct ear_mail_outbox *outbox);
void ear_mail_outbox_clear(struct ear_mail_outbox *outbox);
/* Seen ones that their sender does not know of are told. */
void ear_mail_outbox_load_seen(struct ear_mail *mail, struct ear_mail_peer *peer);
int64_t ear_mail_outbox_due_us(const struct ear_mail_outbox *outbox);
bool ear_mail_outbox_moves(const struct ear_mail_outbox *outbox);
size_t ear_mail_outbox_next(struct ear_mail *mail, struct ear_mail_peer *peer, uint8_t *out,
                            size_t cap, int64_t now_us);
size_t ear_mail_outbox_urgent(struct ear_mail *mail, struct ear_mail_peer *peer, uint8_t *out,
                              size_t cap);
/* A message as a WHOLE; 0: it cannot be read now, or does not fit. */
size_t ear_mail_outbox_whole(struct ear_mail *mail, int64_t id, uint8_t *out, size_t cap);
int ear_mail_outbox_told(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_told *told, int64_t now_us);
int ear_mail_outbox_held(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_hold *hold);
/* It is deleted here. */
void ear_mail_outbox_remove(struct ear_mail_peer *peer, int64_t id);

/* inbox.c */
int ear_mail_inbox_whole(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_frame *frame);
int ear_mail_inbox_begin(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_frame *frame);
int ear_mail_inbox_piece(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_frame *frame);
int ear_mail_inbox_drop(struct ear_mail *mail, struct ear_mail_peer *peer, const uint8_t *mark);
/* Puts on disk what is not there yet and forgets all that comes. */
void ear_mail_inbox_close(struct ear_mail *mail, struct ear_mail_peer *peer);
void ear_mail_inbox_remove(struct ear_mail_peer *peer, int64_t id);
bool ear_mail_inbox_moves(const struct ear_mail_peer *peer);

#endif
