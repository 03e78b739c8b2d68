/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay in virtual time, and ends that talk to it. */
#ifndef EAR_RELAY_WORLD_H
#define EAR_RELAY_WORLD_H

#include "relay/reflect.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define PROVED_MAX 4096

/* One relay and all who talk to it. Every datagram goes through pass(), which holds the relay to
 * its promises: nothing longer than what asked for it, nothing to those who have not proved
 * themselves. */
struct world {
    struct ear_reflect *reflect;
    int64_t now_us;
    struct ear_reflect_out out[EAR_REFLECT_OUT_MAX];
    struct ear_relay_address proved[PROVED_MAX];
    int proved_count;
};

/* An end with its address. */
struct end {
    struct ear_rendezvous r;
    struct ear_relay_address address;
};

struct ear_relay_address v4(uint32_t host, uint16_t port);
struct ear_relay_address v6(uint64_t network, uint64_t host, uint16_t port);

/* Free its reflect. */
struct world world_with(struct ear_reflect_config config);

/* Returns how many datagrams the relay sent, in out. */
int pass(struct world *w, const struct ear_relay_address *from, const uint8_t *data, size_t len);

int64_t dropped(const struct world *w, enum ear_drop why);

struct end end_at(struct world *w, uint8_t meeting, uint8_t role, struct ear_relay_address address);

/* Sends what the end wants to send until it wants no more, answers at once. */
void talk(struct world *w, struct end *e);

struct end bound_end(struct world *w, uint8_t meeting, uint8_t role,
                     struct ear_relay_address address);

/* Sealed data from one end; true if just that comes to the other. */
bool reaches(struct world *w, const struct end *from, const struct end *to);

/* Does all but know the secret; keeps the last PROOF for those who replay it. */
size_t spy_on_proof(struct world *w, struct end *e, uint8_t data[EAR_RENDEZVOUS_BYTES_MAX]);

#endif
