/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cheapest question first: mac1, load, handshake, name, clock. */
#include "wire/door.h"

#include <errno.h>
#include <string.h>

bool ear_load_admits(struct ear_load *load, uint32_t limit, int64_t now_us)
{
    if (load->count == 0 || now_us - load->begin_us >= EAR_US_PER_S)
        *load = (struct ear_load){.begin_us = now_us};
    if (load->count < UINT32_MAX)
        load->count++;
    return load->count <= limit;
}

void ear_door_init(struct ear_door *door, const struct ear_door_config *config)
{
    *door = (struct ear_door){.config = *config};
    ear_handshake_mac1_key(config->self.public, door->mac1_key);
    ear_cookie_jar_init(&door->jar, config->self.public);
}

void ear_door_fini(struct ear_door *door)
{
    ear_sodium_wipe(door, sizeof *door);
}

void ear_door_call_wipe(struct ear_door_call *call)
{
    ear_sodium_wipe(call, sizeof *call);
}

void ear_door_digest(const uint8_t *datagram, size_t len, uint8_t ret[static EAR_KEY_BYTES])
{
    const struct ear_bytes piece = {datagram + EAR_MESSAGE_BYTES,
                                    ear_handshake_sealed_len(datagram, len) - EAR_MESSAGE_BYTES};
    ear_sodium_hash(ret, EAR_KEY_BYTES, NULL, 0, &piece, 1);
}

/* Who may go on to the handshake, which costs: 0, the length of a reply, -EAGAIN. */
static int pass_load(struct ear_door *door, const struct ear_bytes *source,
                     const struct ear_bytes *datagram, int64_t now_us,
                     uint8_t reply[static EAR_COOKIE_REPLY_BYTES])
{
    if (ear_load_admits(&door->calls, door->config.calls_per_s, now_us))
        return 0;
    ear_cookie_jar_turn(&door->jar, &door->config.chance, now_us);
    if (ear_cookie_jar_fits(&door->jar, source, datagram->data, datagram->len))
        return ear_load_admits(&door->cookies, door->config.cookies_per_s, now_us) ? 0 : -EAGAIN;
    ear_cookie_jar_reply(&door->jar, &door->config.chance, source,
                         ear_handshake_mac1_of(datagram->data, datagram->len), reply);
    return EAR_COOKIE_REPLY_BYTES;
}

/* The handshake itself, and whether we know who calls. */
static int admit(struct ear_door *door, const struct ear_bytes *datagram,
                 struct ear_door_call *call)
{
    struct ear_door_peer peer = {0};
    int err = ear_handshake_consume_call(&call->noise, &door->config.self, datagram->data,
                                         datagram->len, &call->call);
    if (err)
        return err;
    if (!door->config.lookup(door->config.ctx, call->noise.rs, &call->call, &peer))
        err = -EPERM;
    else if (call->call.clock_ms <= peer.clock_ms)
        err = -EALREADY;
    memcpy(call->peer, call->noise.rs, EAR_KEY_BYTES);
    memcpy(call->psk, peer.psk, EAR_KEY_BYTES);
    ear_door_digest(datagram->data, datagram->len, call->digest);
    ear_sodium_wipe(&peer, sizeof peer);
    return err;
}

int ear_door_take(struct ear_door *door, const struct ear_bytes *source,
                  const struct ear_bytes *datagram, int64_t now_us, struct ear_door_call *ret,
                  uint8_t reply[static EAR_COOKIE_REPLY_BYTES])
{
    struct ear_door_call call = {0};
    if (!ear_handshake_is_call(datagram->data, datagram->len) ||
        !ear_handshake_mac1_fits(door->mac1_key, datagram->data, datagram->len))
        return -EBADMSG;
    int r = pass_load(door, source, datagram, now_us, reply);
    if (r == 0)
        r = admit(door, datagram, &call);
    if (r == 0)
        *ret = call;
    ear_door_call_wipe(&call);
    return r;
}

int ear_door_take_flare(struct ear_door *door, const struct ear_bytes *source,
                        const struct ear_bytes *datagram, int64_t now_us,
                        struct ear_door_flare *ret, uint8_t reply[static EAR_COOKIE_REPLY_BYTES])
{
    if (!ear_flare_is_one(datagram->data, datagram->len) ||
        !ear_flare_mac1_fits(door->mac1_key, datagram->data, datagram->len))
        return -EBADMSG;
    int r = pass_load(door, source, datagram, now_us, reply);
    if (r == 0)
        r = ear_flare_consume(&ret->noise, &door->config.self, datagram->data, datagram->len,
                              &ret->flare);
    return r;
}
