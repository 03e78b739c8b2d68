/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two mails tell each other: frames in a reliable, ordered pipe that may break at any of them.
 */
#ifndef EAR_MAIL_FRAME_H
#define EAR_MAIL_FRAME_H

#include <assert.h>

#include "base/bytes.h"

/* A frame begins with its kind. All numbers in network order.
 *
 *   READY   nothing more: my mail is there only now; tell me again what you have for me
 *   WHOLE   label | body, 1 byte or more: a message that fits
 *   BEGIN   label | 4 bytes size | 32 hash: a message in pieces; HOLD says from where on
 *   PIECE   5 serial | 4 offset | 1 to 290 bytes of the body
 *   HOLD    1 to 33 times 5 serial | 4 offset: so many bytes of it are on my disk
 *   TOLD    1 to 33 times 1 what | 8 mark: what became of it here
 *   NOTED   1 to 37 times 8 mark: I know that you have seen it
 *   DROP    8 mark: it will not come after all
 *
 * label: 8 mark | 5 serial | 1 what | 5 written, UTC in seconds | VOICE: 4 duration in ms |
 *        FILE: 1 length of its name, 1 to 200 | name
 *
 * The mark is random and names a message for ever; the serial gives its place among those of its
 * sender: seconds since 1970 or more, hence 40 bits. Every frame may come twice without harm, also
 * in another session. Nothing is sent again within a session but what was not answered for long:
 * the pipe is reliable, and what is told here is told end to end, by a store, once it is on disk.
 */
enum ear_mail_kind {
    EAR_MAIL_READY = 1,
    EAR_MAIL_WHOLE = 2,
    EAR_MAIL_BEGIN = 3,
    EAR_MAIL_PIECE = 4,
    EAR_MAIL_HOLD = 5,
    EAR_MAIL_TOLD = 6,
    EAR_MAIL_NOTED = 7,
    EAR_MAIL_DROP = 8,
};

/* Longer ones would stand in the way of speech. */
#define EAR_MAIL_FRAME_MAX 300
#define EAR_MAIL_MARK_BYTES 8
#define EAR_MAIL_HASH_BYTES 32 /* BLAKE2b-256 of the body */
#define EAR_MAIL_NAME_MAX 200
#define EAR_MAIL_PIECE_BYTES 10
#define EAR_MAIL_PIECE_MAX (EAR_MAIL_FRAME_MAX - EAR_MAIL_PIECE_BYTES)
#define EAR_MAIL_HOLDS_MAX 33
#define EAR_MAIL_TOLDS_MAX 33
#define EAR_MAIL_NOTEDS_MAX 37

static_assert(1 + EAR_MAIL_HOLDS_MAX * 9 <= EAR_MAIL_FRAME_MAX, "HOLD");
static_assert(1 + EAR_MAIL_TOLDS_MAX * (1 + EAR_MAIL_MARK_BYTES) <= EAR_MAIL_FRAME_MAX, "TOLD");
static_assert(1 + EAR_MAIL_NOTEDS_MAX * EAR_MAIL_MARK_BYTES <= EAR_MAIL_FRAME_MAX, "NOTED");

/* What a message is. */
enum ear_mail_what {
    EAR_MAIL_TEXT = 1,  /* UTF-8 */
    EAR_MAIL_VOICE = 2, /* mail/voice.h */
    EAR_MAIL_FILE = 3,  /* has a name */
    EAR_MAIL_URGENT =
        4, /* "in danger": UTF-8, the place and the number to call back; WHOLE alone */
};

/* What became of a message. */
enum ear_mail_fate {
    EAR_MAIL_ARRIVED = 1,
    EAR_MAIL_SEEN = 2,      /* read, heard or opened */
    EAR_MAIL_TOO_LARGE = 3, /* for its kind: will never be taken */
    EAR_MAIL_NO_ROOM = 4,   /* for more of yours */
    EAR_MAIL_UNWANTED = 5,  /* deleted before all of it was there */
    EAR_MAIL_BROKEN = 6,    /* its hash is another: from the beginning, please */
    EAR_MAIL_LATER = 7,     /* not now (the disk is full): try again after a while */
};

struct ear_mail_label {
    uint8_t mark[EAR_MAIL_MARK_BYTES];
    uint64_t serial; /* below 2^40 */
    enum ear_mail_what what;
    int64_t written_s;                /* UTC, 0 to 2^40 - 1 */
    uint32_t duration_ms;             /* VOICE */
    char name[EAR_MAIL_NAME_MAX + 1]; /* FILE: ends with 0 */
};

struct ear_mail_hold {
    uint64_t serial;
    uint32_t offset;
};

struct ear_mail_told {
    enum ear_mail_fate fate;
    uint8_t mark[EAR_MAIL_MARK_BYTES];
};

struct ear_mail_frame {
    enum ear_mail_kind kind;
    union {
        struct {
            struct ear_mail_label label; /* WHOLE, BEGIN */
            uint32_t size;               /* BEGIN: of the body, at least 1 */
            uint8_t hash[EAR_MAIL_HASH_BYTES];
        };
        struct ear_mail_hold piece; /* PIECE: where its body belongs */
        struct ear_mail_hold holds[EAR_MAIL_HOLDS_MAX];
        struct ear_mail_told tolds[EAR_MAIL_TOLDS_MAX];
        uint8_t marks[EAR_MAIL_NOTEDS_MAX][EAR_MAIL_MARK_BYTES]; /* NOTED; DROP: the first */
    };
    size_t count;        /* HOLD, TOLD, NOTED */
    const uint8_t *body; /* WHOLE, PIECE: borrowed, from the bytes that were parsed */
    size_t body_len;
};

/* All of it is sound, or nothing is touched. Returns 0; -EBADMSG for nonsense, -ENOTSUP for a kind
 * of a later version. Pure. */
EAR_CHECK int ear_mail_frame_parse(const uint8_t *data, size_t len, struct ear_mail_frame *ret);
/* Returns its length, at least 1; 0 when it takes more than cap or is none that could be parsed.
 * Pure. */
size_t ear_mail_frame_build(const struct ear_mail_frame *frame, uint8_t *out, size_t cap);
/* How many bytes of a body fit into a WHOLE with this label. Pure. */
size_t ear_mail_frame_room(const struct ear_mail_label *label);

/* Somebody is in danger: for whoever may not open the store now. Pure. */
bool ear_mail_frame_is_urgent(const uint8_t *data, size_t len);

/* 1 to EAR_MAIL_NAME_MAX bytes: plain UTF-8 (base/utf8.h) that names no folder and is not hidden.
 * Pure. */
bool ear_mail_name_is_valid(const char *name, size_t len);

#endif
