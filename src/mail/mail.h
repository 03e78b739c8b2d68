/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for a line: messages out of the store, told to the other side's store and back. */
#ifndef EAR_MAIL_H
#define EAR_MAIL_H

#include "store/messages.h"
#include "wire/mail_frame.h"

/* Between two stores lies a pipe of frames for each person with a session: reliable and ordered
 * while it is up, and lost at any frame when it breaks. What counts is in the stores alone: a
 * message is on disk before its first byte leaves, is acknowledged once it is on the other disk,
 * and is begun again from what that one holds whenever a session or a program ends. What is kept
 * here beside is worth no more than a few repeated bytes.
 *
 * Order: answers, urgent ones, those that fit one frame in the order of their serials, then the
 * others, of which the one with the fewest bytes left goes first.
 *
 * thread: worker, whose store it is; every function may wait for the disk. */
struct ear_mail;

/* No line is so thin that a cap must be less. */
#define EAR_MAIL_FRAME_LEAST 100

/* What others may put on this disk. Beyond it they are told, and their message says why it failed.
 */
struct ear_mail_limits {
    uint64_t text_bytes, voice_bytes, file_bytes; /* one message */
    uint64_t person_bytes;                        /* all that one person sent, deleted ones apart */
    uint64_t person_count;
    uint64_t coming_count; /* begun and not whole, of one person */
};

extern const struct ear_mail_limits ear_mail_limits_usual;

struct ear_mail_config {
    struct ear_store *store;       /* borrowed */
    struct ear_mail_limits limits; /* all 0: the usual ones */
    bool keeps_seen_secret;        /* others are not told what was read or heard here */
};

enum ear_mail_change {
    EAR_MAIL_CAME,    /* a message is here as a whole */
    EAR_MAIL_COMES,   /* one has begun, or has more than it had */
    EAR_MAIL_WENT,    /* an outgoing one has another state, or more of it is there */
    EAR_MAIL_REFRESH, /* more than was told: look at everybody's messages again; id is 0 */
    EAR_MAIL_CHANGES,
};

struct ear_mail_event {
    enum ear_mail_change change;
    uint32_t person;
    int64_t id;
};

struct ear_mail_view {
    uint64_t waiting; /* messages that are not on their disk yet, and seen ones they do not know */
    uint64_t bytes;   /* of the bodies, less what they hold */
    bool moving;      /* a session is up, and something is to be sent or awaited */
    bool urgent;      /* one of them is urgent */
};

/* Returns 0, -ENOMEM, -EINVAL. */
EAR_CHECK int ear_mail_new(struct ear_mail **ret, const struct ear_mail_config *config);
/* What came in and is not on disk yet is put there first. NULL is allowed. */
void ear_mail_free(struct ear_mail *mail);

/* A session with a person begins: nothing of an earlier one is on its way any more. Returns 0,
 * -ENOMEM; -ENOKEY and what else the store says. */
EAR_CHECK int ear_mail_up(struct ear_mail *mail, uint32_t person, int64_t now_us);
/* After up, where the session is older than this mail (the user has unlocked the store only now):
 * asks the other side to begin anew. */
void ear_mail_ready(struct ear_mail *mail, uint32_t person);
void ear_mail_down(struct ear_mail *mail, uint32_t person);

/* A frame that came, in the order of the pipe or (urgent ones and their acknowledgement) beside it.
 * Returns 0; -EBADMSG, -ENOTSUP for what was passed over; what the store says, and then the other
 * side is told to try later. */
int ear_mail_take(struct ear_mail *mail, uint32_t person, const uint8_t *frame, size_t len,
                  int64_t now_us);
/* The next frame for the pipe, to be called when it has room for it. With a cap below
 * EAR_MAIL_FRAME_MAX, on a line that is thin, pieces are as small, texts that do not fit go in
 * pieces, and files of long names wait. Returns its length, 0: none now. */
size_t ear_mail_next(struct ear_mail *mail, uint32_t person, uint8_t *out, size_t cap,
                     int64_t now_us);
/* What is worth an unreliable packet while the line is bad: an urgent message that is not
 * acknowledged, or the acknowledgement of one that came; the same again and again, the caller sets
 * the pace. Returns its length, 0: none. */
size_t ear_mail_urgent(struct ear_mail *mail, uint32_t person, uint8_t *out, size_t cap,
                       int64_t now_us);
/* An urgent message to this person that is not acknowledged, for a packet apart from any session;
 * several by turns. Returns its length, 0: none. */
size_t ear_mail_flare(struct ear_mail *mail, uint32_t person, uint8_t *out, size_t cap);
/* One of theirs that came so, or what became of one of ours; there may be a session or not. Writes
 * what is to be said back the same way, ret_len 0: nothing. Returns as take, -EBADMSG for all
 * others. */
int ear_mail_take_flare(struct ear_mail *mail, uint32_t person, const uint8_t *frame, size_t len,
                        int64_t now_us, uint8_t out[static EAR_MAIL_FRAME_MAX], size_t *ret_len);
/* When next may have something that nobody fed in; INT64_MAX: never. */
int64_t ear_mail_due_us(const struct ear_mail *mail, uint32_t person);

/* The user wrote something to this person, or wants one that failed to be tried again: the store
 * has it. */
void ear_mail_posted(struct ear_mail *mail, uint32_t person);
/* The user read or heard it. Returns what the store says. */
EAR_CHECK int ear_mail_seen(struct ear_mail *mail, int64_t id);
/* The user deletes it, in whatever state: the other side learns of one on its way, if it can be
 * told. Returns what the store says. */
EAR_CHECK int ear_mail_delete(struct ear_mail *mail, int64_t id);

EAR_CHECK int ear_mail_view(struct ear_mail *mail, uint32_t person, struct ear_mail_view *ret);
/* Returns true and the oldest event not taken yet. */
bool ear_mail_event(struct ear_mail *mail, struct ear_mail_event *ret);

/* Bytes on the wire of both directions for a message of this size, all headers of the session, its
 * acknowledgements and ENet's included; the session's own beginning (about 500 bytes) is not. name:
 * of a file, else NULL. Pure. */
uint64_t ear_mail_price_bytes(enum ear_message_kind kind, uint64_t size, const char *name);

/* The body of an urgent message: the place, and on a line of its own the number to call back. Cut
 * to what fits, at whole characters, the place first. Returns its length. Pure. */
size_t ear_mail_urgent_text(const char *place, const char *number,
                            char ret[static EAR_MESSAGE_TEXT_MAX + 1]);

#endif
