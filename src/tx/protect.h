/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the last packets ride again on the one that is made next, as copies or XORs. */
#ifndef EAR_PROTECT_H
#define EAR_PROTECT_H

#include "wire/packet.h"

#define EAR_PROTECT_BLOCKS_MAX 3
/* The farthest packet back that a pattern may name. */
#define EAR_PROTECT_DISTANCE_MAX 15

enum ear_protect_kind {
    EAR_PROTECT_NONE,
    EAR_PROTECT_COPY,     /* of the packets at 1 to 3 distances */
    EAR_PROTECT_LOW_COPY, /* the same of their twins of a lower rate */
    EAR_PROTECT_XOR,      /* of the packets at 2 distances, the nearer one first */
};

/* Distances count carriers back from the one that is made: every packet of speech and every packet
 * of silence is one. So the last packets of a spurt ride on the silence packets behind it and on
 * the first packets of the next spurt, as long as they lie near enough for the wire (63 units; 255
 * for the farther one of an XOR). A pause itself is nobody: the XOR of a packet with it is that
 * packet alone. A packet of silence, whose size nobody plans, also carries copies of all that would
 * ride for the first time later on. */
struct ear_protect_pattern {
    enum ear_protect_kind kind;
    uint8_t count;                            /* 0 to 3; XOR: 2 */
    uint8_t distance[EAR_PROTECT_BLOCKS_MAX]; /* packets, 1 to EAR_PROTECT_DISTANCE_MAX, rising */
};

struct ear_protect; /* thread: media; after new nothing allocates */

EAR_CHECK int ear_protect_new(struct ear_protect **ret);
/* Wipes it first. */
void ear_protect_free(struct ear_protect *protect);
/* Forgets and wipes all packets; the pattern stays. */
void ear_protect_reset(struct ear_protect *protect);
/* From the next plan on. Returns 0, -EINVAL for a pattern that cannot be. */
EAR_CHECK int ear_protect_set(struct ear_protect *protect,
                              const struct ear_protect_pattern *pattern);

/* Plans the blocks of the carrier that will begin at `index`; returns how many bytes they take, at
 * most room. What does not fit is left out whole. */
size_t ear_protect_plan(struct ear_protect *protect, int64_t index, bool silence, size_t room);
/* Appends what was planned last: as many bytes as the plan said, until the next plan or put. */
void ear_protect_write(const struct ear_protect *protect, struct ear_writer *w);
/* The most bytes that the pattern in force can take, packets and twins being that long: by this a
 * datagram size is split. Pure. */
size_t ear_protect_bytes_max(const struct ear_protect_pattern *pattern, size_t packet_bytes,
                             size_t twin_bytes);

/* The carrier made, with what was planned last (nothing goes with it: plan with room 0): a packet
 * of speech as it was encoded (len 2 to EAR_PAYLOAD_MAX), with its twin (twin_len 0: none, the
 * packet takes its place); or silence, len 0. */
struct ear_protect_carrier {
    int64_t index;
    const uint8_t *data;
    size_t len;
    const uint8_t *twin;
    size_t twin_len;
};

void ear_protect_put(struct ear_protect *protect, const struct ear_protect_carrier *carrier);
/* Whether a packet of speech waits for the first of its copies or XORs, as seen from `index`: at
 * the end of a spurt a silence packet is worth sending at once. */
bool ear_protect_owes(const struct ear_protect *protect, int64_t index);

#endif
