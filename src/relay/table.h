/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is bound to whom: meetings by token, and the place that each address speaks from. */
#ifndef EAR_RELAY_TABLE_H
#define EAR_RELAY_TABLE_H

#include "relay/limits.h"
#include "wire/rendezvous.h"

/* One end of a meeting. */
struct ear_place {
    struct ear_relay_address address;
    bool taken;
    bool speaks;       /* what comes from this address is this place's */
    uint32_t where;    /* in the limits */
    uint32_t next;     /* of those that speak and hash alike */
    int64_t heard_us;  /* last datagram from it */
    int64_t cookie_us; /* when the cookie that it was proved with was made */
    struct ear_bucket bits;
};

struct ear_binding {
    uint8_t token[EAR_RENDEZVOUS_TOKEN_BYTES];
    struct ear_place places[2]; /* by role */
    uint32_t next;              /* of those that hash alike, or of the unused */
    uint32_t older, newer;      /* in the order of when they were last heard */
    int64_t heard_us;
};

/* Fixed in size from the start. An address may have places in several bindings and is spoken to
 * from all of them; it speaks from the one that it took last. thread: its owner's. */
struct ear_table;

/* capacity: bindings, 1 to 2^22. Returns 0, -EINVAL, -ENOMEM. */
EAR_CHECK int ear_table_new(struct ear_table **ret, uint32_t capacity,
                            const uint8_t key[static EAR_SIPHASH_KEY_BYTES]);
void ear_table_free(struct ear_table *table);
uint32_t ear_table_count(const struct ear_table *table);

/* NULL when there is none. */
struct ear_binding *ear_table_find(struct ear_table *table,
                                   const uint8_t token[static EAR_RENDEZVOUS_TOKEN_BYTES]);
/* The place of this address whose token begins like this, whether or not it speaks from there. */
struct ear_binding *ear_table_find_place(struct ear_table *table,
                                         const uint8_t begin[static EAR_RENDEZVOUS_SHORT_BYTES],
                                         const struct ear_relay_address *address, int *ret_role);
/* The place that this address speaks from. */
struct ear_binding *ear_table_speaker(struct ear_table *table,
                                      const struct ear_relay_address *address, int *ret_role);
/* The one that has been silent longest, NULL if there is none. */
struct ear_binding *ear_table_oldest(struct ear_table *table);

/* A new one without anybody in it; NULL when the table is full. Not yet there: find it first. */
struct ear_binding *ear_table_add(struct ear_table *table, int64_t now_us,
                                  const uint8_t token[static EAR_RENDEZVOUS_TOKEN_BYTES]);
/* Both places must be free. */
void ear_table_remove(struct ear_table *table, struct ear_binding *binding);
/* Heard from one of its ends just now. */
void ear_table_touch(struct ear_table *table, struct ear_binding *binding, int role,
                     int64_t now_us);

/* Puts an address into a free place, and lets it speak from there. Returns 0, -ENOSPC when too many
 * addresses hash alike. */
EAR_CHECK int ear_table_seat(struct ear_table *table, struct ear_binding *binding, int role,
                             const struct ear_relay_address *address);
/* Lets the address of a taken place speak from there, and from nowhere else. -ENOSPC as above. */
EAR_CHECK int ear_table_let_speak(struct ear_table *table, struct ear_binding *binding, int role);
/* Frees a place that is taken. */
void ear_table_unseat(struct ear_table *table, struct ear_binding *binding, int role);

#endif
