/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The datagrams of one epoch: keys for both directions, counters, and what was received. */
#ifndef EAR_SEAL_H
#define EAR_SEAL_H

#include "wire/packet.h"
#include "wire/replay.h"

/* Speech: 2 bytes header, ChaCha20 and keyed BLAKE2b cut to 8 bytes, encrypt-then-MAC. The MAC is
 * a PRF, and a PRF may be cut; a cut Poly1305 has no proof. It covers the whole counter, header
 * and ciphertext. Control: 5 bytes header, ChaCha20-Poly1305 (RFC 8439).
 *
 * Keys: of the key k that Noise's Split gives a direction, three are made, each
 * BLAKE2b-256(key = k, "Earshot speech cipher" | "Earshot speech mac" | "Earshot control"); k is
 * wiped. So no two algorithms share one.
 *
 * Both classes share one counter and one receive window: whatever arrives of control, which
 * carries 32 bits, also tells the place of the 13 bits of speech. With a counter each, control
 * would have to carry speech's too. The nonce is the counter; it never repeats as the counter only
 * rises and the keys die with the struct: never copy one that is in use. */
enum ear_class {
    EAR_CLASS_SPEECH,
    EAR_CLASS_CONTROL,
};

/* No more datagrams than this under one key; far below what either cipher bears, and far below
 * 2^32, so that control's counter is always whole. */
#define EAR_SEAL_PACKETS_MAX (1 << 20)

/* As many lost in a row, and speech alone finds its place again: 7.1 min of 60 ms packets. What is
 * older than the window need not be found, so all the rest of the 13 bits looks forward. */
#define EAR_SEAL_LOST_MAX ((1 << EAR_SEALED_COUNTER_BITS) - EAR_REPLAY_WINDOW - 1)

struct ear_seal_keys {
    uint8_t cipher[EAR_KEY_BYTES];
    uint8_t mac[EAR_KEY_BYTES];
    uint8_t control[EAR_KEY_BYTES];
};

/* thread: media. */
struct ear_seal {
    struct ear_seal_keys out, in;
    struct ear_replay received;
    uint64_t sent;        /* the next counter */
    uint32_t packets_max; /* no more may be sent */
    uint32_t failed;      /* datagrams that were not authentic; stays at UINT32_MAX */
    bool phase;
};

/* out and in: the keys of what this end sends and receives, as Split gave them; number gives the
 * phase; packets_max <= EAR_SEAL_PACKETS_MAX. */
void ear_seal_init(struct ear_seal *seal, const uint8_t out[static EAR_KEY_BYTES],
                   const uint8_t in[static EAR_KEY_BYTES], uint16_t number, uint32_t packets_max);
void ear_seal_wipe(struct ear_seal *seal);

/* Seals one body; out must not overlap it. Returns the datagram's length, -ENOBUFS, -EKEYEXPIRED
 * when packets_max have been sent; on failure nothing has changed. */
EAR_CHECK int ear_seal_seal(struct ear_seal *seal, enum ear_class class, const uint8_t *body,
                            size_t len, uint8_t *out, size_t cap);

struct ear_opened {
    enum ear_class class;
    bool newest; /* no newer one came before: its source is where the other end is */
};

/* Opens one datagram; out must not overlap it and may be overwritten by zeros on failure. Returns
 * the body's length, or
 *   -EPROTO   not of this phase, or no sealed datagram at all
 *   -EALREADY received before, or older than the window
 *   -ENOBUFS  out is too small
 *   -EBADMSG  not authentic: counted in failed
 * and nothing else has changed then. */
EAR_CHECK int ear_seal_open(struct ear_seal *seal, const uint8_t *datagram, size_t len,
                            uint8_t *out, size_t cap, struct ear_opened *ret);

#endif
