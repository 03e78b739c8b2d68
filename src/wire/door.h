/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening side before tunnels: who calls, and whether we know them. Silent to strangers. */
#ifndef EAR_DOOR_H
#define EAR_DOOR_H

#include "wire/cookie.h"
#include "wire/flare.h"
#include "wire/handshake.h"

/* Message 1s with right mac1 that are served in a second without asking for a cookie: at .46 ms
 * each (bench_seal) they cost 1 % of one core. */
#define EAR_DOOR_CALLS_PER_S 20
/* Those served in a second with a cookie: 5 % of one core. */
#define EAR_DOOR_COOKIES_PER_S 100

/* How many came in this second. */
struct ear_load {
    int64_t begin_us;
    uint32_t count;
};

/* Counts one more; returns whether it is within limit. */
bool ear_load_admits(struct ear_load *load, uint32_t limit, int64_t now_us);

/* What is known of one who may call. */
struct ear_door_peer {
    uint8_t psk[EAR_KEY_BYTES];
    uint64_t clock_ms; /* the newest ear_call.clock_ms ever accepted from this peer; 0: none */
};

struct ear_door_config {
    struct ear_keypair self;
    /* Fills ret and returns true for a key that may call, and says this. */
    bool (*lookup)(void *ctx, const uint8_t peer[static EAR_KEY_BYTES], const struct ear_call *call,
                   struct ear_door_peer *ret);
    void *ctx;
    struct ear_chance chance;
    uint32_t calls_per_s;   /* EAR_DOOR_CALLS_PER_S */
    uint32_t cookies_per_s; /* EAR_DOOR_COOKIES_PER_S */
};

/* thread: media. Of calls that failed nothing is kept but how many came in this second. */
struct ear_door {
    struct ear_door_config config;
    uint8_t mac1_key[EAR_KEY_BYTES];
    struct ear_cookie_jar jar;
    struct ear_load calls, cookies;
};

/* One who is known and calls: peer is the caller's key, call what was said. Give it to
 * ear_tunnel_init_callee (it has a CONNECT, or no tunnel with this peer is there) or to
 * ear_tunnel_renew_callee (none, and one is there), which answers and wipes it; or refuse it with
 * ear_door_call_wipe, and the caller hears nothing. When accepted, keep call.clock_ms for the next
 * lookup, over restarts too: it is all that stops a replay. */
struct ear_door_call {
    uint8_t peer[EAR_KEY_BYTES];
    struct ear_call call;
    uint8_t psk[EAR_KEY_BYTES];
    uint8_t digest[EAR_KEY_BYTES]; /* knows a repetition again */
    struct ear_noise_state noise;
};

void ear_door_init(struct ear_door *door, const struct ear_door_config *config);
void ear_door_fini(struct ear_door *door);

/* Takes a CALL from a source, whose address counts as bytes. Returns
 *   0                       ret is one who calls
 *   EAR_COOKIE_REPLY_BYTES  reply holds as many, to be sent back: we are busy
 *   -EBADMSG  not for us, -EAGAIN too many, -EPERM nobody we know, -EALREADY a clock that has not
 *             risen: in all these cases nothing may be answered, and ret and reply are untouched */
EAR_CHECK int ear_door_take(struct ear_door *door, const struct ear_bytes *source,
                            const struct ear_bytes *datagram, int64_t now_us,
                            struct ear_door_call *ret,
                            uint8_t reply[static EAR_COOKIE_REPLY_BYTES]);
void ear_door_call_wipe(struct ear_door_call *call);

/* What came as a flare; noise->rs is the key that it is proved to come from. Wipe it. */
struct ear_door_flare {
    struct ear_flare flare;
    struct ear_noise_state noise;
};

/* Takes a FLARE as take does a CALL, and counts it among them; who its sender is, and whether its
 * clock has risen, the caller of this decides. Returns as take, but for -EPERM and -EALREADY. */
EAR_CHECK int ear_door_take_flare(struct ear_door *door, const struct ear_bytes *source,
                                  const struct ear_bytes *datagram, int64_t now_us,
                                  struct ear_door_flare *ret,
                                  uint8_t reply[static EAR_COOKIE_REPLY_BYTES]);

/* Knows the same message 1, or flare, again, whatever cookie it carries. For one whose mac1 fits.
 */
void ear_door_digest(const uint8_t *datagram, size_t len, uint8_t ret[static EAR_KEY_BYTES]);

#endif
