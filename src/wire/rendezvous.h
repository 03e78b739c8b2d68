/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meeting through a relay: the datagrams between an end and earshot-relay, and the end's side. */
#ifndef EAR_RENDEZVOUS_H
#define EAR_RENDEZVOUS_H

#include "port/sodium.h"

/* Two people who share a secret meet at a relay that knows neither of them. From their secret both
 * derive one X25519 key pair; its public half is the token that names their meeting, and each end
 * takes one of its two places (role 0, role 1). Numbers in network order:
 *
 *   BIND       0x20  version  token 32  zeros 24             58 bytes  end to relay: may I?
 *   CHALLENGE  0x23  version  token's first 8  cookie 16  relay's key 32
 *                                                            58 bytes  answers BIND
 *   PROOF      0x24  version  role  token 32  cookie 16  proof 24
 *                                                            75 bytes  end to relay: it is I
 *   BOUND      0x21  token's first 8  flags                  10 bytes  answers PROOF and KEEP;
 *                                     also told to the other end when a place is taken anew
 *                    flags: 1 the other end is there, 2 this address speaks from here
 *   FULL       0x22  token's first 8  reason                 10 bytes  answers PROOF
 *   KEEP       0x25  version  token's first 8                10 bytes  end to relay: still here
 *   SAY        0x26  token's first 8  what is said            9 bytes and what is said
 *
 * No answer is longer than what asked for it: BIND is padded to be as long as CHALLENGE, and PROOF
 * is longer than two BOUND, headers of IPv6 included. All else that a bound address sends goes to
 * the other place as it came, with nothing added: sealed data begins with a bit 1, handshakes with
 * 0x01 to 0x04, the relay's own datagrams with 0x20 to 0x2f.
 *
 * An address may hold places in many meetings. It hears from all of them, and what it sends as it
 * is goes to the one that it speaks from: the one proved by the newest cookie. Through the others
 * it sends with SAY, of which the relay forwards what is said; that is never one of the relay's
 * own kinds, so that nobody can speak in the relay's name.
 *
 * proof = BLAKE2b-192 under the key DH(secret, relay's key) over a label, role, token, relay's key
 * and cookie. The cookie is the relay's own authenticator of the address that it was sent to and
 * the time; the relay keeps nothing for it.
 *
 * Who can take a place from its owner?
 *   - A stranger who does not know the token: nobody can guess 32 bytes.
 *   - A listener who has seen every byte: the token is a public key and the proof is made anew for
 *     each cookie, so what he saw serves him nowhere. Replayed from the owner's address it changes
 *     nothing; replayed from an address that the owner has left it is refused, because a place
 *     never goes back to an older cookie.
 *   - Somebody on the path who can also send in the relay's name: he may hand the owner a cookie
 *     of his own address, let him prove it, and so receive sealed datagrams that he could have read
 *     off the wire, and drop those that he could have dropped on it. He gains no more, and the
 *     owner takes the place back with the next BIND.
 *   - The other end, which knows the secret too: it could as well hang up.
 */
#define EAR_RENDEZVOUS_VERSION 1
#define EAR_RENDEZVOUS_TOKEN_BYTES EAR_KEY_BYTES
#define EAR_RENDEZVOUS_SHORT_BYTES 8 /* of the token, where it has only to be told from others */
#define EAR_RENDEZVOUS_COOKIE_BYTES 16
#define EAR_RENDEZVOUS_PROOF_BYTES 24
#define EAR_RENDEZVOUS_BYTES_MAX 75

enum ear_rendezvous_kind {
    EAR_RENDEZVOUS_BIND = 0x20,
    EAR_RENDEZVOUS_BOUND = 0x21,
    EAR_RENDEZVOUS_FULL = 0x22,
    EAR_RENDEZVOUS_CHALLENGE = 0x23,
    EAR_RENDEZVOUS_PROOF = 0x24,
    EAR_RENDEZVOUS_KEEP = 0x25,
    EAR_RENDEZVOUS_SAY = 0x26, /* neither built nor parsed as a message: ear_rendezvous_say */
};

#define EAR_RENDEZVOUS_SAY_BYTES (1 + EAR_RENDEZVOUS_SHORT_BYTES)

/* The flags of BOUND. */
#define EAR_RENDEZVOUS_THERE 1
#define EAR_RENDEZVOUS_SPEAKS 2

/* Who takes which place of a meeting that an invite makes. */
enum ear_rendezvous_role {
    EAR_RENDEZVOUS_INVITER = 0,
    EAR_RENDEZVOUS_INVITED = 1,
};

/* Why the relay has no room (FULL). */
enum ear_rendezvous_reason {
    EAR_RENDEZVOUS_NO_ROOM = 1, /* as many meetings as it may hold */
    EAR_RENDEZVOUS_CROWDED = 2, /* as many as your address may hold */
};

/* One of the relay's datagrams, parsed. What a kind does not carry is zero. */
struct ear_rendezvous_message {
    enum ear_rendezvous_kind kind;
    uint8_t version;
    uint8_t role;                              /* PROOF: 0 or 1 */
    uint8_t detail;                            /* BOUND: flags; FULL: reason */
    uint8_t token[EAR_RENDEZVOUS_TOKEN_BYTES]; /* whole in BIND and PROOF alone */
    uint8_t cookie[EAR_RENDEZVOUS_COOKIE_BYTES];
    uint8_t relay_key[EAR_KEY_BYTES];
    uint8_t proof[EAR_RENDEZVOUS_PROOF_BYTES];
};

/* Whether a datagram is one of the relay's (0x20 to 0x2f) rather than one that it forwards. Pure.
 */
bool ear_rendezvous_is_relays(const uint8_t *data, size_t len);
/* Returns the length, -ENOBUFS, -EINVAL for SAY. Pure. */
EAR_CHECK int ear_rendezvous_build(const struct ear_rendezvous_message *message, uint8_t *out,
                                   size_t cap);
/* Returns 0, -EBADMSG for anything that is not exactly one of the layouts above. The version may be
 * another: BIND and CHALLENGE keep their layout in all versions, so that both sides can tell. Pure.
 */
EAR_CHECK int ear_rendezvous_parse(const uint8_t *data, size_t len,
                                   struct ear_rendezvous_message *ret);
/* Writes a SAY of len bytes under a token. Returns its length, -ENOBUFS. Pure. */
EAR_CHECK int ear_rendezvous_say(const uint8_t token[static EAR_RENDEZVOUS_SHORT_BYTES],
                                 const uint8_t *data, size_t len, uint8_t *out, size_t cap);
/* What is said in a SAY, in place, and under which token. Returns its length, -EBADMSG for what is
 * no SAY, is empty, or holds one of the relay's own kinds. Pure. */
EAR_CHECK int ear_rendezvous_said(const uint8_t *data, size_t len, const uint8_t **ret_token,
                                  const uint8_t **ret_said);
/* Writes the proof that belongs to message's role, token, relay's key and cookie: with the
 * meeting's secret and the relay's public key at an end, the other way round at the relay. False
 * when public is no key (of small order). */
EAR_CHECK bool ear_rendezvous_prove(const struct ear_rendezvous_message *message,
                                    const uint8_t secret[static EAR_KEY_BYTES],
                                    const uint8_t public[static EAR_KEY_BYTES],
                                    uint8_t ret[static EAR_RENDEZVOUS_PROOF_BYTES]);

/* The end's side. Pure: says what to send and when; the caller owns socket and clock. Sends may
 * begin in PROVING: a datagram right behind the proof arrives bound. */
enum ear_rendezvous_state {
    EAR_RENDEZVOUS_ASKING,  /* BIND is out */
    EAR_RENDEZVOUS_PROVING, /* PROOF is out */
    EAR_RENDEZVOUS_HELD,    /* bound; KEEP now and then */
    EAR_RENDEZVOUS_REFUSED, /* the relay is full or speaks another version; asks again later */
};

struct ear_rendezvous {
    uint8_t secret[EAR_KEY_BYTES];
    struct ear_rendezvous_message
        proof; /* token and role from the start, the rest once challenged */
    enum ear_rendezvous_state state;
    uint8_t refusal;   /* in REFUSED: enum ear_rendezvous_reason, 0 for another version */
    bool other_there;  /* in HELD: what the relay said last */
    bool speaks;       /* likewise */
    bool has_place;    /* the relay has said BOUND, and not FULL since: it may still hold */
    int tries;         /* datagrams since the relay last answered */
    int64_t due_us;    /* when the next datagram is to be sent */
    int64_t asked_us;  /* when the last one was sent */
    int64_t sent_us;   /* last sent anything through the relay */
    int64_t heard_us;  /* last heard anything through the relay */
    int64_t answer_us; /* how long the relay last took to answer; 0: not known */
};

/* An invite's secret comes to here: the secret of the meeting that belongs to it. The inviter does
 * not know yet who will come, so it depends on nothing of the invited. Pure. */
void ear_rendezvous_derive(const uint8_t psk[static EAR_KEY_BYTES],
                           const uint8_t inviter[static EAR_KEY_BYTES],
                           uint8_t ret_secret[static EAR_KEY_BYTES]);

/* Begins to ask at once. thread of all below: the owner's. */
void ear_rendezvous_start(struct ear_rendezvous *r, const uint8_t secret[static EAR_KEY_BYTES],
                          uint8_t role, int64_t now_us);
void ear_rendezvous_wipe(struct ear_rendezvous *r);

/* When next is worth calling again. */
int64_t ear_rendezvous_due_us(const struct ear_rendezvous *r);
/* Writes what is to be sent to the relay now; out holds EAR_RENDEZVOUS_BYTES_MAX. Returns its
 * length, 0 when nothing is due. */
int ear_rendezvous_next(struct ear_rendezvous *r, int64_t now_us,
                        uint8_t out[static EAR_RENDEZVOUS_BYTES_MAX]);
/* Takes one datagram that came from the relay's address and is the relay's. Returns 0, -EBADMSG
 * for what answers nothing that was asked. */
int ear_rendezvous_take(struct ear_rendezvous *r, int64_t now_us, const uint8_t *data, size_t len);

/* Something went out, or came in authentic, through the relay: no KEEP is needed for a while. */
void ear_rendezvous_sent(struct ear_rendezvous *r, int64_t now_us);
void ear_rendezvous_heard(struct ear_rendezvous *r, int64_t now_us);
/* Nothing is heard any more, or the network came back: asks the relay at once whether the place
 * still holds. To be called when that begins, not all the while. */
void ear_rendezvous_doubt(struct ear_rendezvous *r, int64_t now_us);
/* This computer has another address: the place is surely lost and asked for anew at once. */
void ear_rendezvous_moved(struct ear_rendezvous *r, int64_t now_us);
/* Whether what is sent now may be forwarded: the relay has said so, or a proof is out. */
bool ear_rendezvous_may_send(const struct ear_rendezvous *r);

#endif
