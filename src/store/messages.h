/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cannot be said live: messages, voice messages and files, on disk before anything else. */
#ifndef EAR_MESSAGES_H
#define EAR_MESSAGES_H

#include "store/store.h"

#define EAR_MESSAGE_MARK_BYTES 8
#define EAR_MESSAGE_HASH_BYTES 32
/* A text up to here comes with its message; a longer one, voice and files are read piece by piece.
 */
#define EAR_MESSAGE_TEXT_MAX 280
/* UTF-8 with its final 0. */
#define EAR_MESSAGE_NAME_BYTES 256
/* Larger ones are refused: 64 MB are 15 hours of a 10 kbit/s line. */
#define EAR_MESSAGE_SIZE_MAX (UINT64_C(64) << 20)
/* A day before the end of the year 9999, after which no calendar of the screen's has a date: a
 * later one of a sender's clock is that. */
#define EAR_MESSAGE_WRITTEN_MAX INT64_C(253402214399)
/* Of one append: what is lost at most when the power fails in the middle of a file. */
#define EAR_MESSAGE_APPEND_MAX 16384

enum ear_message_direction {
    EAR_MESSAGE_OUT,
    EAR_MESSAGE_IN,
};

enum ear_message_kind {
    EAR_MESSAGE_TEXT,
    EAR_MESSAGE_VOICE,
    EAR_MESSAGE_FILE,
    EAR_MESSAGE_URGENT, /* "in danger", place, call-back number: a text that goes first */
    EAR_MESSAGE_KINDS,
};

/* Only forward: out as far as SEEN or FAILED, in as COMING > UNSEEN > SEEN. */
enum ear_message_state {
    EAR_MESSAGE_RECORDING, /* out: not whole yet; after a crash with what it holds */
    EAR_MESSAGE_WAITING,   /* out: whole, on disk */
    EAR_MESSAGE_SENT,      /* out: left here, not acknowledged */
    EAR_MESSAGE_ARRIVED,   /* out: on their disk */
    EAR_MESSAGE_COMING,    /* in: pieces are still missing */
    EAR_MESSAGE_UNSEEN,    /* in: whole, its hash is right */
    EAR_MESSAGE_SEEN,      /* out: they said so; in: heard or read here */
    EAR_MESSAGE_FAILED,    /* out: refused there; WAITING again only when the user says so */
    EAR_MESSAGE_STATES,
};

/* Why one failed; the numbers stay, they are on disk and on the wire. */
enum ear_message_reason {
    EAR_MESSAGE_NO_REASON,
    EAR_MESSAGE_TOO_LARGE,
    EAR_MESSAGE_NO_ROOM,    /* their quota for us is used up, or their disk */
    EAR_MESSAGE_UNWANTED,   /* they take none from us */
    EAR_MESSAGE_NOT_COPIED, /* the program ended while the file was copied: nothing of it is here */
    EAR_MESSAGE_REASONS,
};

struct ear_message {
    int64_t id;                           /* row; never again, not after a deletion either */
    uint8_t mark[EAR_MESSAGE_MARK_BYTES]; /* random, the sender's: against doubles */
    uint64_t serial; /* the sender's order, from 1, per person and direction; never again */
    uint32_t person; /* number in ear_people */
    uint8_t direction, kind, state, reason;
    bool seen_told;      /* in: the sender knows that it was seen */
    int64_t written_s;   /* by the sender's clock, seconds of UTC since 1970 */
    uint64_t size, have; /* bytes; in: on this disk, out: acknowledged as on theirs */
    uint8_t hash[EAR_MESSAGE_HASH_BYTES]; /* BLAKE2b of the whole; 0 while RECORDING */
    uint32_t duration_ms;                 /* voice */
    char name[EAR_MESSAGE_NAME_BYTES];    /* file: its last part alone, no folder */
    char text[EAR_MESSAGE_TEXT_MAX + 1];  /* text and urgent of up to so many bytes; else empty */
};

/* thread: the store's. Every function waits for the disk; a change is on it (fsync) before the
 * return, and is there as a whole or not at all after a crash. All return 0 or more, or -errno:
 * -ENOKEY while the store is locked, -ENOENT where there is no such message, -EBADMSG when what is
 * on disk was altered, -ENOSPC, -EIO. After an error nothing has changed.
 * Free of C strings' traps: text of messages is UTF-8 without 0, checked at these doors (-EILSEQ).
 */

/* What is written here. person, kind, written_s; name for a file; duration_ms for voice. */
struct ear_message_draft {
    uint32_t person;
    uint8_t kind;
    int64_t written_s;
    uint32_t duration_ms;
    const char *name; /* NULL: none */
};

/* A whole message: WAITING at once, with the next serial and a new mark. Returns 0, -EMSGSIZE. */
EAR_CHECK int ear_messages_write(struct ear_store *store, const struct ear_message_draft *draft,
                                 const void *body, size_t len, int64_t *ret_id);

/* One that grows on disk: RECORDING until finished. Voice is appended every 200 ms, a file in
 * pieces of EAR_MESSAGE_APPEND_MAX: each append is one fsync. */
EAR_CHECK int ear_messages_begin(struct ear_store *store, const struct ear_message_draft *draft,
                                 int64_t *ret_id);
/* at: where it belongs, which is the end (have of an incoming, size of an outgoing one); bytes that
 * are there already are passed over, so a piece may come twice. Also for a COMING one.
 * Returns the new end, -ERANGE for a hole before it, -EMSGSIZE, -EPERM in any other state. */
EAR_CHECK int64_t ear_messages_append(struct ear_store *store, int64_t id, uint64_t at,
                                      const void *data, size_t len);
/* Hash and serial are made: WAITING. Returns 0, -ENODATA when nothing is in it. */
EAR_CHECK int ear_messages_finish(struct ear_store *store, int64_t id, uint32_t duration_ms);
/* Before anything is recorded or copied: a file that a crash left RECORDING is FAILED, NOT_COPIED,
 * because the rest of it is not to be had; a voice message stays as it is, with all but its last
 * 200 ms, if it holds anything. Returns 0, -errno. */
EAR_CHECK int ear_messages_settle(struct ear_store *store);
/* Those that a crash left RECORDING, the oldest first: finish or delete them as the user says.
 * Returns how many were put into out. */
EAR_CHECK int ear_messages_recordings(struct ear_store *store, struct ear_message *out, size_t cap);

/* What comes in. head: mark, serial, person, kind, written_s, size, hash, duration_ms, name; the
 * rest is not looked at. Returns 0 (ret: as it stands now, COMING or already there; have says where
 * to go on), -EALREADY when it was here and the user deleted it: acknowledge it and say nothing,
 * -ECANCELED when that was before all of it had come: it never arrived, -EMSGSIZE, -EINVAL (kind,
 * name), -EEXIST for a mark with another head. */
EAR_CHECK int ear_messages_begin_incoming(struct ear_store *store, const struct ear_message *head,
                                          struct ear_message *ret);
/* The last step, in one transaction: hash checked, UNSEEN. To be acknowledged after its return, and
 * again each time that the sender asks: UNSEEN and SEEN ones return 0 as well.
 * Returns 0, -ENODATA while bytes are missing, -EBADMSG when the hash is another one: what came is
 * dropped, have is 0, COMING. */
EAR_CHECK int ear_messages_finish_incoming(struct ear_store *store, int64_t id);
/* The three above in one transaction and one fsync, for a body that came whole. Returns 0 also for
 * one that is here already; -EALREADY, -ECANCELED and the rest as there. */
EAR_CHECK int ear_messages_receive(struct ear_store *store, const struct ear_message *head,
                                   const void *body, size_t len, int64_t *ret_id);

EAR_CHECK int ear_messages_with_id(struct ear_store *store, int64_t id, struct ear_message *ret);
EAR_CHECK int ear_messages_find(struct ear_store *store, uint32_t person, uint8_t direction,
                                const uint8_t mark[static EAR_MESSAGE_MARK_BYTES],
                                struct ear_message *ret);
/* Bytes of the body from at on. Returns how many, 0 at its end. */
EAR_CHECK int64_t ear_messages_read(struct ear_store *store, int64_t id, uint64_t at, void *out,
                                    size_t cap);

/* A conversation, the newest first, of those before an id (0: from the newest). What they sent
 * stands in the order of their serials, whenever it came. Returns how many were put into out. */
EAR_CHECK int ear_messages_list(struct ear_store *store, uint32_t person, int64_t before,
                                struct ear_message *out, size_t cap);
/* To be sent: WAITING and SENT with a serial above the given one, in the order of serials. */
EAR_CHECK int ear_messages_outgoing(struct ear_store *store, uint32_t person, uint64_t above,
                                    struct ear_message *out, size_t cap);
/* Of these, the urgent ones. */
EAR_CHECK int ear_messages_urgent(struct ear_store *store, uint32_t person, struct ear_message *out,
                                  size_t cap);
/* Whom something is to be sent to: WAITING, SENT, or seen and not told. Returns how many. */
EAR_CHECK int ear_messages_people_waiting(struct ear_store *store, uint32_t *out, size_t cap);
/* Incoming ones that were seen and whose sender is not told yet, in the order of serials. */
EAR_CHECK int ear_messages_seen_untold(struct ear_store *store, uint32_t person,
                                       struct ear_message *out, size_t cap);
EAR_CHECK int ear_messages_set_seen_told(struct ear_store *store, int64_t id);

/* Returns 0 (also when it is there already or further), -EPERM for a step that no message takes. */
EAR_CHECK int ear_messages_set_state(struct ear_store *store, int64_t id,
                                     enum ear_message_state state, enum ear_message_reason reason);
/* Bytes of an outgoing one that they have on disk: only grows. */
EAR_CHECK int ear_messages_note_have(struct ear_store *store, int64_t id, uint64_t have);

/* UNSEEN ones of a person, of everybody with 0. */
EAR_CHECK int64_t ear_messages_unseen(struct ear_store *store, uint32_t person);
/* All whose text or file name holds the words as they stand, capitals or not, the newest first,
 * before an id (0: from the newest), of a person or of everybody with 0. Returns how many. */
EAR_CHECK int ear_messages_search(struct ear_store *store, uint32_t person, const char *words,
                                  int64_t before, struct ear_message *out, size_t cap);

/* It is gone from the database and its log; its mark stays, so that it does not come again. */
EAR_CHECK int ear_messages_delete(struct ear_store *store, int64_t id);
/* All of one person. Returns 0, -errno. */
EAR_CHECK int ear_messages_forget_person(struct ear_store *store, uint32_t person);

/* For quotas and for what the user sees. */
struct ear_message_totals {
    uint64_t count_in, bytes_in; /* bytes: on this disk */
    uint64_t count_coming;       /* of these: not whole */
    uint64_t promised_bytes;     /* sizes of what is in or coming */
    uint64_t count_out, bytes_out;
    uint64_t count_waiting, bytes_waiting; /* of these: not on their disk yet */
};
EAR_CHECK int ear_messages_totals(struct ear_store *store, uint32_t person,
                                  struct ear_message_totals *ret);

#endif
