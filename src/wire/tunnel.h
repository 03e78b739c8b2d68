/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sealed way between two ends over its whole life: handshakes, renewals, roaming, outages. */
#ifndef EAR_TUNNEL_H
#define EAR_TUNNEL_H

#include "wire/door.h"
#include "wire/keyring.h"

/* What to do with a datagram from the network:
 *   bit 7 of byte 0 set  ear_tunnel_open on the tunnel of that source, then on the others; where
 *                        it opens as newest, the tunnel's address becomes that source
 *   ANSWER, COOKIE       ear_tunnel_take_handshake on the tunnel of that source, then the others
 *   CALL, CALL_COOKIE    ear_tunnel_take_handshake on the tunnel of that source, if there is one;
 *                        otherwise ear_tunnel_repeats on each. What nobody took goes to
 *                        ear_door_take, and who calls there to ear_tunnel_renew_callee when its
 *                        tunnel is there and there is no CONNECT, else to ear_tunnel_init_callee,
 *                        in place of its old tunnel.
 * Whatever these return as positive length is a reply, sent to the source at once. */

struct ear_tunnel_limits {
    uint32_t packets_max;  /* under one key: ear_tunnel_seal refuses more */
    uint32_t failures_max; /* failed opens under one key that ask for a renewal */
    uint32_t renew_packets;
    int64_t renew_us;         /* age of keys that asks for a renewal */
    int64_t erase_us;         /* old keys are erased as long after their successor is heard */
    int64_t repeat_us;        /* message 1 is repeated as often */
    int64_t repeat_silent_us; /* and as often in a silence, when it is a renewal */
    int64_t silent_us;        /* nothing opened for as long is a silence */
    int64_t lost_us;          /* nothing opened for as long asks for a renewal */
    int64_t attempt_us;       /* as long the same message 1 is repeated; then a fresh one */
    int64_t answered_us;      /* after answering no renewal of our own for as long */
};

/* What calls use. */
extern const struct ear_tunnel_limits ear_tunnel_limits_usual;

struct ear_tunnel_config {
    struct ear_keypair self;
    uint8_t peer[EAR_KEY_BYTES]; /* peer and psk: a callee's are those of the call */
    uint8_t psk[EAR_KEY_BYTES];
    /* This moment: max(wall clock in ms, the last one used + 1), at least 1. Keep
     * ear_tunnel.clock_ms over restarts, or a clock that was set back locks us out. */
    uint64_t clock_ms;
    struct ear_chance chance;
    struct ear_tunnel_limits limits;
};

/* A handshake that we began and nobody has answered. */
struct ear_tunnel_attempt {
    struct ear_noise_state noise;
    uint8_t message[EAR_CALL_BYTES_MAX];
    size_t sealed_len;
    uint8_t mac1[EAR_MAC_BYTES]; /* of what was sent last */
    uint16_t number;
    int64_t began_us, due_us;
    bool on;
    bool cookie_welcome; /* one for each message sent */
};

/* The answer that we gave, until the other end proves that it has it. */
struct ear_tunnel_answer {
    uint8_t digest[EAR_KEY_BYTES]; /* of the message 1 that it answers */
    uint8_t message[EAR_ANSWER_BYTES];
    bool on;
};

/* thread: media. Nothing allocates. Readers may look at clock_ms, peer_clock_ms, heard_us; the
 * rest is the tunnel's own. Never copied. */
struct ear_tunnel {
    struct ear_tunnel_config config;
    uint8_t own_mac1_key[EAR_KEY_BYTES], peer_mac1_key[EAR_KEY_BYTES];
    struct ear_keyring keys;
    struct ear_tunnel_attempt attempt;
    struct ear_tunnel_answer answer;
    struct ear_cookie cookie;
    struct ear_load tries;
    uint8_t connect[EAR_CALL_CONNECT_MAX];
    size_t connect_len;
    uint64_t clock_ms;      /* of our last message 1 */
    uint64_t peer_clock_ms; /* of the other end's newest */
    int64_t begun_us;
    int64_t heard_us; /* when something of the other end last proved fresh */
    bool callee;
    bool asked; /* somebody wants a renewal */
};

/* Towards a peer, with ENet's CONNECT to say. Returns 0, -EINVAL for a CONNECT too long or
 * a clock of more than 48 bits, -EBADMSG for a peer's key of small order. fini is then allowed, not
 * needed. */
EAR_CHECK int ear_tunnel_init_caller(struct ear_tunnel *tunnel,
                                     const struct ear_tunnel_config *config,
                                     const struct ear_bytes *connect, int64_t now_us);
/* For one who called at the door; wipes call. Returns EAR_ANSWER_BYTES, the length of the reply,
 * or -EBADMSG. */
EAR_CHECK int ear_tunnel_init_callee(struct ear_tunnel *tunnel,
                                     const struct ear_tunnel_config *config,
                                     struct ear_door_call *call, int64_t now_us,
                                     uint8_t reply[static EAR_ANSWER_BYTES]);
/* For one who came to the door from a new address with a renewal; wipes call. Returns as
 * ear_tunnel_take_handshake. */
EAR_CHECK int ear_tunnel_renew_callee(struct ear_tunnel *tunnel, struct ear_door_call *call,
                                      int64_t now_us, uint8_t reply[static EAR_ANSWER_BYTES]);
/* Wipes all. */
void ear_tunnel_fini(struct ear_tunnel *tunnel);

/* Seals one body (kind first); out must not overlap it. Returns the datagram's length, -ENOBUFS,
 * -ENOTCONN before the handshake, -EKEYEXPIRED while a renewal is overdue; on failure nothing has
 * changed. */
EAR_CHECK int ear_tunnel_seal(struct ear_tunnel *tunnel, enum ear_class class, const uint8_t *body,
                              size_t len, uint8_t *out, size_t cap);
/* Opens one datagram; out must not overlap it and may be overwritten on failure. Returns the
 * body's length; otherwise the datagram is to be dropped and nothing has changed: -EBADMSG not
 * authentic, -EALREADY seen before or too old, -ENOBUFS. */
EAR_CHECK int ear_tunnel_open(struct ear_tunnel *tunnel, const struct ear_bytes *datagram,
                              int64_t now_us, uint8_t *out, size_t cap, struct ear_opened *ret);

/* Takes a handshake's message. Returns 0 when it was taken, EAR_ANSWER_BYTES with a reply,
 * -EBADMSG not for this tunnel or not authentic, -EALREADY replayed, -EPERM of somebody else,
 * -ENOTCONN a renewal of what we have not, -ECONNRESET the other end began anew and calls (it
 * belongs to the door), -EAGAIN too many in this second; on failure nothing has changed. */
EAR_CHECK int ear_tunnel_take_handshake(struct ear_tunnel *tunnel, const struct ear_bytes *datagram,
                                        int64_t now_us, uint8_t reply[static EAR_ANSWER_BYTES]);
/* The cheap part of it, for sources not known: the same message 1 again. Returns
 * EAR_ANSWER_BYTES with a reply, or 0. */
EAR_CHECK int ear_tunnel_repeats(const struct ear_tunnel *tunnel, const struct ear_bytes *datagram,
                                 uint8_t reply[static EAR_ANSWER_BYTES]);

/* What is to be sent now to keep the tunnel alive; returns its length, 0 for nothing. Also erases
 * old keys: call it whenever ear_tunnel_due_us says, and after anything was sealed or opened. */
size_t ear_tunnel_next_handshake(struct ear_tunnel *tunnel, int64_t now_us,
                                 uint8_t out[static EAR_CALL_BYTES_MAX]);
/* When that has something to do, if nothing else happens; may be in the past; INT64_MAX: never. */
int64_t ear_tunnel_due_us(const struct ear_tunnel *tunnel);
/* Asks for new keys as soon as may be. */
void ear_tunnel_renew(struct ear_tunnel *tunnel);

#endif
