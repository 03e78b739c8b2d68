/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two tunnels that have shaken hands: for tests of what goes through them. */
#ifndef EAR_TUNNELS_H
#define EAR_TUNNELS_H

#include "fake/test.h"

#include "wire/tunnel.h"

struct ear_tunnels {
    struct ear_tunnel caller, callee;
    struct ear_keypair keys[2];
};

static inline bool ear_tunnels_lookup(void *ctx, const uint8_t peer[static EAR_KEY_BYTES],
                                      const struct ear_call *call, struct ear_door_peer *ret)
{
    (void)ctx;
    (void)peer;
    (void)call;
    memset(ret->psk, 7, EAR_KEY_BYTES);
    return true;
}

static inline void ear_tunnels_join(struct ear_tunnels *t)
{
    uint8_t message[EAR_CALL_BYTES_MAX], answer[EAR_ANSWER_BYTES], cookie[EAR_COOKIE_REPLY_BYTES];
    struct ear_tunnel_config config = {.clock_ms = 1, .limits = ear_tunnel_limits_usual};
    struct ear_door door;
    struct ear_door_call call;
    assert_int_equal(ear_sodium_start(), 0);
    for (int i = 0; i < 2; i++)
        ear_sodium_keypair(t->keys[i].secret, t->keys[i].public);
    memset(config.psk, 7, EAR_KEY_BYTES);
    memcpy(config.peer, t->keys[1].public, EAR_KEY_BYTES);
    config.self = t->keys[0];
    const struct ear_bytes connect = {"connect", 7}, source = {"there", 5};
    assert_int_equal(ear_tunnel_init_caller(&t->caller, &config, &connect, 0), 0);
    size_t len = ear_tunnel_next_handshake(&t->caller, 0, message);
    assert_true(len > 0);
    config.self = t->keys[1];
    const struct ear_door_config at = {.self = t->keys[1],
                                       .lookup = ear_tunnels_lookup,
                                       .calls_per_s = EAR_DOOR_CALLS_PER_S,
                                       .cookies_per_s = EAR_DOOR_COOKIES_PER_S};
    ear_door_init(&door, &at);
    const struct ear_bytes said = {message, len}, answered = {answer, sizeof answer};
    assert_int_equal(ear_door_take(&door, &source, &said, 0, &call, cookie), 0);
    assert_int_equal(ear_tunnel_init_callee(&t->callee, &config, &call, 0, answer),
                     EAR_ANSWER_BYTES);
    assert_int_equal(ear_tunnel_take_handshake(&t->caller, &answered, 0, message), 0);
    ear_door_fini(&door);
}

#endif
