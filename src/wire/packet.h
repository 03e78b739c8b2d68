/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every layout on one page. All numbers in network order. */
#ifndef EAR_PACKET_H
#define EAR_PACKET_H

#include <assert.h>

#include "base/bytes.h"
#include "port/datagrams.h"
#include "port/sodium.h"
#include "wire/block.h"
#include "wire/link_report.h"

/* Two programs talk only when they agree on this number. */
#define EAR_WIRE_VERSION 1

/* A datagram on the network begins with one of these, or with EAR_SEALED set.
 *
 *   CALL, 125 + n bytes (Noise message 1; n = 0 to 64)
 *      1 kind | 32 ephemeral | 48 static key, sealed | 12 + n + 16 payload, sealed | 16 mac1
 *      payload: 6 bytes handshake clock (ms), 2 bytes number of the keys to be, 4 bytes name of the
 *      keys that the caller seals under now (0: none); n bytes: 8 that name the pre-shared secret,
 *      then ENet's CONNECT (none: a renewal)
 *   CALL_COOKIE, 141 + n bytes: the same with 16 bytes mac2 behind
 *   ANSWER, 69 bytes (Noise message 2)
 *      1 kind | 32 ephemeral | 4 + 16 payload, sealed | 16 mac1
 *      payload: 4 bytes name of the keys that the answerer seals under until these are confirmed
 *   COOKIE, 57 bytes
 *      1 kind | 24 nonce | 16 + 16 cookie, sealed
 *
 *   FLARE, 129 + n bytes (Noise message 1 of a handshake of its own; n = 1 to 300): wire/flare.h
 *      1 kind | 32 ephemeral | 48 static key, sealed | 16 + n + 16 payload, sealed | 16 mac1
 *      payload: 8 bytes clock (ms), 8 that name the pre-shared secret, n: a frame of mail
 *   FLARE_COOKIE, 145 + n bytes: the same with 16 bytes mac2 behind
 *   FLARE_ANSWER, 75 bytes (its message 2)
 *      1 kind | 32 ephemeral | 10 + 16 payload, sealed | 16 mac1
 *      payload: a frame of mail that tells what became of it
 *
 * mac1 is keyed by the receiver's public key and covers all before it; mac2 is keyed by the cookie
 * and covers all before it, mac1 included. */
enum ear_handshake_kind {
    EAR_MESSAGE_CALL = 0x01,
    EAR_MESSAGE_ANSWER = 0x02,
    EAR_MESSAGE_COOKIE = 0x03,
    EAR_MESSAGE_CALL_COOKIE = 0x04,
    EAR_MESSAGE_FLARE = 0x05,
    EAR_MESSAGE_FLARE_ANSWER = 0x06,
    EAR_MESSAGE_FLARE_COOKIE = 0x07,
};

#define EAR_MESSAGE_BYTES 1
#define EAR_MAC_BYTES 16
#define EAR_COOKIE_BYTES 16
#define EAR_COOKIE_NONCE_BYTES 24
#define EAR_CALL_PAYLOAD_BYTES 12 /* without the CONNECT */
#define EAR_CALL_CLOCK_BITS 48
#define EAR_CALL_CONNECT_MAX 64
#define EAR_CALL_SEALED_BYTES                                                                      \
    (EAR_MESSAGE_BYTES + EAR_KEY_BYTES + EAR_KEY_BYTES + EAR_TAG_BYTES + EAR_CALL_PAYLOAD_BYTES +  \
     EAR_TAG_BYTES)
#define EAR_CALL_BYTES (EAR_CALL_SEALED_BYTES + EAR_MAC_BYTES)
#define EAR_CALL_BYTES_MAX (EAR_CALL_BYTES + EAR_CALL_CONNECT_MAX + EAR_MAC_BYTES)
#define EAR_ANSWER_PAYLOAD_BYTES 4
#define EAR_ANSWER_SEALED_BYTES                                                                    \
    (EAR_MESSAGE_BYTES + EAR_KEY_BYTES + EAR_ANSWER_PAYLOAD_BYTES + EAR_TAG_BYTES)
#define EAR_ANSWER_BYTES (EAR_ANSWER_SEALED_BYTES + EAR_MAC_BYTES)
#define EAR_COOKIE_REPLY_BYTES                                                                     \
    (EAR_MESSAGE_BYTES + EAR_COOKIE_NONCE_BYTES + EAR_COOKIE_BYTES + EAR_TAG_BYTES)

#define EAR_FLARE_PAYLOAD_BYTES 16 /* without the frame */
#define EAR_FLARE_PSK_ID_BYTES 8
#define EAR_FLARE_SAID_MAX 300
#define EAR_FLARE_BYTES                                                                            \
    (EAR_MESSAGE_BYTES + EAR_KEY_BYTES + EAR_KEY_BYTES + EAR_TAG_BYTES + EAR_FLARE_PAYLOAD_BYTES + \
     EAR_TAG_BYTES + EAR_MAC_BYTES)
#define EAR_FLARE_BYTES_MAX (EAR_FLARE_BYTES + EAR_FLARE_SAID_MAX + EAR_MAC_BYTES)
#define EAR_FLARE_ANSWER_SAID 10
#define EAR_FLARE_ANSWER_SEALED_BYTES                                                              \
    (EAR_MESSAGE_BYTES + EAR_KEY_BYTES + EAR_FLARE_ANSWER_SAID + EAR_TAG_BYTES)
#define EAR_FLARE_ANSWER_BYTES (EAR_FLARE_ANSWER_SEALED_BYTES + EAR_MAC_BYTES)

static_assert(EAR_FLARE_BYTES == 129 && EAR_FLARE_BYTES_MAX <= EAR_DATAGRAM_MAX, "flare");
static_assert(EAR_FLARE_ANSWER_BYTES == 75 && EAR_FLARE_ANSWER_BYTES < EAR_FLARE_BYTES,
              "its answer: no gain");
static_assert(EAR_CALL_BYTES == 125 && EAR_CALL_BYTES_MAX == 205, "message 1");
static_assert(EAR_ANSWER_BYTES == 69 && EAR_ANSWER_BYTES < EAR_CALL_BYTES, "message 2: no gain");
static_assert(EAR_COOKIE_REPLY_BYTES == 57 && EAR_COOKIE_REPLY_BYTES < EAR_CALL_BYTES,
              "cookie: no gain");

/* What is sealed, once keys are there. Bit 7 of the first byte is set, bit 6 is the parity of the
 * keys' epoch, bit 5 the class.
 *   class 0, speech:   2 bytes header, its low 13 bits those of the counter | body | 8 tag
 *   class 1, control:  1 byte header, its low 5 bits zero | 4 bytes of the counter | body | 16 tag
 * The body begins with its kind. */
#define EAR_SEALED 0x80
#define EAR_SEALED_PHASE 0x40
#define EAR_SEALED_CONTROL 0x20
#define EAR_SEALED_SPEECH_HEADER_BYTES 2
#define EAR_SEALED_COUNTER_BITS 13
#define EAR_SEALED_CONTROL_HEADER_BYTES 5
#define EAR_SEALED_SPEECH_BYTES (EAR_SEALED_SPEECH_HEADER_BYTES + EAR_SHORT_TAG_BYTES)
#define EAR_SEALED_CONTROL_BYTES (EAR_SEALED_CONTROL_HEADER_BYTES + EAR_TAG_BYTES)

static_assert(EAR_SEALED_SPEECH_BYTES == 10 && EAR_SEALED_CONTROL_BYTES == 21, "seal");

/* The first byte of what is inside a datagram. */
enum ear_kind {
    EAR_KIND_ENET = 0x10,         /* one datagram of ENet's */
    EAR_KIND_SPEECH = 0x11,       /* one speech packet, squeezed: see wire/squeeze.h */
    EAR_KIND_PROBE = 0x12,        /* are you there? */
    EAR_KIND_PROBE_ANSWER = 0x13, /* I am */
    EAR_KIND_PATH_PROBE = 0x14,   /* 2 bytes number: how good is this path? */
    EAR_KIND_PATH_ANSWER = 0x15,  /* 2 bytes, the same number, on the path that it came on */
    EAR_KIND_MAIL = 0x16, /* a frame of mail, apart from all others, once or several times */
};

/* Whoever measures a path does not move there: PATH_PROBE and PATH_ANSWER say nothing about where
 * the other end wants to be answered. */

#define EAR_KIND_BYTES 1
#define EAR_PATH_NUMBER_BYTES 2

/* What a speech packet costs beyond its speech, once sealed: IPv4 and UDP 28, the seal's header 2
 * and tag 8, kind 1, audio header 2. Rates are planned with it. */
#define EAR_SPEECH_FIXED_BYTES 41

/* The speech header: 2 bytes before each packet of speech.
 *   bit 15      a talk spurt starts here: what lies before is silence, not loss
 *   bit 14      a rider follows the header
 *   bits 13-0   journal index of the packet's first 20 ms, modulo 2^14
 * Behind it: the rider if any, then one Opus packet, or (silence) one byte of noise level;
 * 0x80 there says nothing at all: the packet only carries what rides on it. */
#define EAR_AUDIO_HEADER_BYTES 2

static_assert(EAR_SPEECH_FIXED_BYTES == EAR_DATAGRAM_OVERHEAD + EAR_SEALED_SPEECH_BYTES +
                                            EAR_KIND_BYTES + EAR_AUDIO_HEADER_BYTES,
              "what a speech packet costs beyond its speech");

#define EAR_INDEX_BITS 14
#define EAR_INDEX_MODULO (1 << EAR_INDEX_BITS)

/* A rider's first bits tell which it is. The end of a spurt, 1 byte, on speech only: a packet of
 * silence right behind would cost 42.
 *    1 bit   0: silence begins where this packet ends
 *    7 bits  its noise level, -dBFS, at least 16: what is less tells a parcel
 * What the receiver tells the talker, 6 or 2 bytes: wire/link_report.h.
 * A parcel holds several of these, and more:
 *    4 bits  0000
 *    1 bit   each: a report, the end of a spurt, wants, blocks follow, in this order
 *   the report, in full or brief | the end, 1 byte | the wants: 1 byte how many, 1 to 8; each 2
 *   bytes: bit 15 clear: the packet that covers this journal unit (14 bits); set: all from there
 *   on, 2 bytes how many units; bit 14: there is no hurry, live speech goes first | before blocks:
 * the length of the payload (wire/block.h) | the payload | the blocks, to the end. What a rider of
 * one kind can say no parcel says: each datagram has one form. */
#define EAR_SPURT_END_BYTES 1

/* A spurt's end is never louder: as a rider of its own it could not be told from a parcel. */
#define EAR_SPURT_END_DB_MAX (-16)

#define EAR_WANTS_MAX 8
#define EAR_WANTS_BYTES_MAX (1 + EAR_WANTS_MAX * 4)
#define EAR_PARCEL_BYTES 1
/* The longest that one datagram can carry. */
#define EAR_AUDIO_BYTES_MAX (EAR_DATAGRAM_MAX - EAR_SEALED_SPEECH_BYTES - EAR_KIND_BYTES)

/* ENet cuts a longer one into pieces that it sends reliably: its mtu of 480 less its headers, and a
 * little for squeeze. */
#define EAR_AUDIO_WHOLE_BYTES 440
/* What hides the length of repairs. */
#define EAR_REPAIR_STEP_BYTES 16
/* What speech and repairs share of that: the rest is header, report, wants and padding. */
#define EAR_AUDIO_SHARED_BYTES                                                                     \
    (EAR_AUDIO_WHOLE_BYTES - EAR_AUDIO_HEADER_BYTES - EAR_LINK_REPORT_BYTES -                      \
     EAR_WANTS_BYTES_MAX - EAR_REPAIR_STEP_BYTES)
/* Around a repair: the parcel's byte, for most datagrams carry one or none, and its block's. */
#define EAR_REPAIR_BLOCK_BYTES 5

/* What both ends of an ask count with. A range up to this is asked for with each datagram until it
 * comes, and given up after so long without any of it, and so many round trips; the other side
 * forgets it then. */
#define EAR_WANT_SHORT_UNITS (1200 / EAR_UNIT_MS)
#define EAR_WANT_PATIENCE_US (3 * (int64_t)EAR_US_PER_S)
#define EAR_WANT_PATIENCE_RTTS 3

/* What a listener asks for again, of the other one's journal. */
struct ear_want {
    uint16_t index; /* modulo 2^14 */
    uint16_t units; /* 0: the packet that covers index; otherwise all from index on */
    bool behind;    /* live speech goes first */
};

/* One datagram of speech. payload and blocks point into the datagram. */
struct ear_audio {
    bool spurt_start;
    bool spurt_end; /* of speech: silence follows, and noise_db holds the level of the room */
    bool has_report;
    bool silence;    /* no speech: noise_db holds the level of the room ... */
    bool bare;       /* ... or says nothing: the talker may be speaking */
    int8_t noise_db; /* dBFS, -127 to 0; of a spurt's end at most EAR_SPURT_END_DB_MAX */
    uint8_t wants_count;
    uint16_t index; /* modulo 2^14 */
    struct ear_link_report report;
    struct ear_want wants[EAR_WANTS_MAX];
    const uint8_t *payload;
    size_t payload_len;
    const uint8_t *blocks; /* for ear_block_next */
    size_t blocks_len;     /* 0: none */
    /* For building alone: */
    size_t size;  /* of the whole; what is shorter is padded to it. 0: as long as it is */
    bool is_opus; /* the payload may be padded as Opus; otherwise it travels in a parcel */
};

/* Parses header, rider, payload and blocks: all of it is sound, or nothing is touched. Returns 0,
 * -EBADMSG. Pure. */
EAR_CHECK int ear_audio_parse(const uint8_t *data, size_t len, struct ear_audio *ret);
/* Builds one; returns its length, or -ENOBUFS. A spurt's end that is too loud is said softer.
 * Padding makes it exactly size bytes, but for 1 to 3 that only Opus could add: then it stays
 * shorter. Pure.
 */
EAR_CHECK int ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap);
/* How many bytes it takes unpadded without its payload and blocks' bytes: what a datagram size
 * leaves is theirs. blocks_len > 0 counts the length of a payload of payload_len. Pure. */
size_t ear_audio_needs(const struct ear_audio *audio);

/* The full index that is congruent to the 14 bits on the wire and at most newest: of what was said
 * before, as repairs and wants name it. Pure. */
int64_t ear_index_before(uint16_t wire_index, int64_t newest);
/* The full index nearest to `near` that is congruent to the 14 bits on the wire. Pure. */
int64_t ear_index_expand(uint16_t wire_index, int64_t near);

#endif
