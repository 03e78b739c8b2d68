/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every layout on one page. All numbers in network order. */
#ifndef EAR_PACKET_H
#define EAR_PACKET_H

#include "base/bytes.h"

/* Two programs talk only when they agree on this number. */
#define EAR_WIRE_VERSION 1

/* The first byte of what is inside a datagram. */
enum ear_kind {
    EAR_KIND_HELLO = 0x01,        /* opens a session: see wire/hello.h */
    EAR_KIND_REFUSAL = 0x02,      /* answers a hello of another version */
    EAR_KIND_ENET = 0x10,         /* one datagram of ENet's */
    EAR_KIND_SPEECH = 0x11,       /* one speech packet, squeezed: see wire/squeeze.h */
    EAR_KIND_PROBE = 0x12,        /* are you there? */
    EAR_KIND_PROBE_ANSWER = 0x13, /* I am */
};

#define EAR_KIND_BYTES 1

/* What a speech packet costs beyond its speech, once sealed: IPv4 and UDP 28, the seal's header 2
 * and tag 8, kind 1, audio header 2. Rates are planned with it. */
#define EAR_SPEECH_FIXED_BYTES 41

/* The speech header: 2 bytes before each packet of speech.
 *   bit 15      a talk spurt starts here: what lies before is silence, not loss
 *   bit 14      a link report follows the header
 *   bits 13-0   journal index of the packet's first 20 ms, modulo 2^14
 * Behind it: the link report if any, then one Opus packet, or (silence) one byte of noise level. */
#define EAR_AUDIO_HEADER_BYTES 2
#define EAR_INDEX_BITS 14
#define EAR_INDEX_MODULO (1 << EAR_INDEX_BITS)

/* What the receiver tells the talker, 6 bytes:
 *   14 bits  highest journal index received, modulo 2^14
 *    8 bits  how long ago that was, in units of 4 ms; 255: a second or more
 *   10 bits  queueing delay of that packet over the least of the last 10 s, units of 8 ms
 *    8 bits  share of the last 10 s' speech that the network lost, units of 1/255
 *    8 bits  playout delay over the least network delay, units of 16 ms */
#define EAR_LINK_REPORT_BYTES 6
#define EAR_LINK_REPORT_AGE_UNKNOWN 255

struct ear_link_report {
    uint16_t highest_index;
    uint8_t age_4ms;
    uint16_t queueing_8ms;
    uint8_t loss_255;
    uint8_t playout_16ms;
};

/* One datagram of speech, parsed. payload points into the datagram. */
struct ear_audio {
    bool spurt_start;
    bool has_report;
    bool silence;    /* no speech: noise_db holds the level of the room */
    int8_t noise_db; /* dBFS, -127 to 0 */
    uint16_t index;  /* modulo 2^14 */
    struct ear_link_report report;
    const uint8_t *payload;
    size_t payload_len;
};

/* Parses header, report and payload. Returns 0, -EBADMSG. Pure. */
EAR_CHECK int ear_audio_parse(const uint8_t *data, size_t len, struct ear_audio *ret);
/* Builds one; returns its length, or -ENOBUFS. Pure. */
EAR_CHECK int ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap);

/* The full index nearest to `near` that is congruent to the 14 bits on the wire. Pure. */
int64_t ear_index_expand(uint16_t wire_index, int64_t near);

#endif
