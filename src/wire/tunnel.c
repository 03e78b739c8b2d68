/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who sends message 1 when, and what answers do to the keys. */
#include "wire/tunnel.h"

#include <errno.h>
#include <string.h>

/* Handshakes tried in a second: 1 % of one core (bench_seal), and a true one comes in 10 minutes.
 */
#define TRIES_PER_S 20
/* The lower static key renews this share of the limits earlier, so that renewals seldom cross. */
#define LEAD_OF_PACKETS 64
#define LEAD_OF_AGE 60

const struct ear_tunnel_limits ear_tunnel_limits_usual = {
    .packets_max = EAR_SEAL_PACKETS_MAX,
    .failures_max = 1 << 20,
    .renew_packets = 1 << 14,
    .renew_us = 600 * (int64_t)EAR_US_PER_S,
    .erase_us = 180 * (int64_t)EAR_US_PER_S,
    .repeat_us = 1 * (int64_t)EAR_US_PER_S,
    .repeat_silent_us = 5 * (int64_t)EAR_US_PER_S,
    .silent_us = 10 * (int64_t)EAR_US_PER_S,
    .lost_us = 60 * (int64_t)EAR_US_PER_S,
    /* Many round trips of any link, and short for a person who waits for one that restarted. */
    .attempt_us = 20 * (int64_t)EAR_US_PER_S,
    .answered_us = 30 * (int64_t)EAR_US_PER_S,
};

/* When renewals cross, the lower static key goes on and the other answers. */
static bool is_lower(const struct ear_tunnel *tunnel)
{
    return memcmp(tunnel->config.self.public, tunnel->config.peer, EAR_KEY_BYTES) < 0;
}

static void end_attempt(struct ear_tunnel *tunnel)
{
    ear_sodium_wipe(&tunnel->attempt, sizeof tunnel->attempt);
}

static void end_answer(struct ear_tunnel *tunnel)
{
    ear_sodium_wipe(&tunnel->answer, sizeof tunnel->answer);
}

/* max(now, last + 1), where now runs on from what the config said. */
static uint64_t next_clock_ms(const struct ear_tunnel *tunnel, int64_t now_us)
{
    uint64_t clock_ms =
        tunnel->config.clock_ms + (uint64_t)(now_us - tunnel->begun_us) / EAR_US_PER_MS;
    return clock_ms > tunnel->clock_ms ? clock_ms : tunnel->clock_ms + 1;
}

static int begin_attempt(struct ear_tunnel *tunnel, int64_t now_us)
{
    uint8_t ephemeral[EAR_KEY_BYTES];
    struct ear_tunnel_attempt attempt = {.began_us = now_us, .due_us = now_us, .on = true};
    struct ear_call call = {.clock_ms = next_clock_ms(tunnel, now_us),
                            .number = ear_keyring_next_number(&tunnel->keys),
                            .under = ear_keyring_name(&tunnel->keys)};
    if (!tunnel->keys.current.held && !tunnel->callee) {
        memcpy(call.connect, tunnel->connect, tunnel->connect_len);
        call.connect_len = tunnel->connect_len;
    }
    ear_chance_fill(&tunnel->config.chance, ephemeral, sizeof ephemeral);
    int len = ear_handshake_create_call(&attempt.noise, &tunnel->config.self, tunnel->config.peer,
                                        ephemeral, &call, attempt.message);
    if (len > 0) {
        attempt.sealed_len = (size_t)len;
        attempt.number = call.number;
        tunnel->attempt = attempt;
        tunnel->clock_ms = call.clock_ms;
    }
    ear_sodium_wipe(ephemeral, sizeof ephemeral);
    ear_sodium_wipe(&attempt, sizeof attempt);
    return len < 0 ? len : 0;
}

static void init(struct ear_tunnel *tunnel, const struct ear_tunnel_config *config, int64_t now_us)
{
    *tunnel = (struct ear_tunnel){.config = *config, .begun_us = now_us, .heard_us = now_us};
    ear_handshake_mac1_key(config->self.public, tunnel->own_mac1_key);
    ear_handshake_mac1_key(config->peer, tunnel->peer_mac1_key);
    ear_keyring_init(&tunnel->keys, config->limits.erase_us, config->limits.packets_max);
}

void ear_tunnel_fini(struct ear_tunnel *tunnel)
{
    ear_sodium_wipe(tunnel, sizeof *tunnel);
}

int ear_tunnel_init_caller(struct ear_tunnel *tunnel, const struct ear_tunnel_config *config,
                           const struct ear_bytes *connect, int64_t now_us)
{
    if (connect->len > EAR_CALL_CONNECT_MAX)
        return -EINVAL;
    init(tunnel, config, now_us);
    if (connect->len > 0)
        memcpy(tunnel->connect, connect->data, connect->len);
    tunnel->connect_len = connect->len;
    int err = begin_attempt(tunnel, now_us);
    if (err)
        ear_tunnel_fini(tunnel);
    return err;
}

static bool has_keys(const struct ear_tunnel *tunnel)
{
    return tunnel->keys.current.held || tunnel->keys.next.held;
}

/* The call that this end answered, said anew; another CONNECT is another call. */
static bool is_same_call(const struct ear_tunnel *tunnel, const struct ear_call *call)
{
    return tunnel->callee && tunnel->connect_len == call->connect_len &&
           memcmp(tunnel->connect, call->connect, call->connect_len) == 0;
}

/* Whether an authentic message 1 of the peer may be answered. */
static int judge(const struct ear_tunnel *tunnel, const struct ear_call *call)
{
    bool unconfirmed_callee = is_same_call(tunnel, call) && !tunnel->keys.current.held;
    if (call->clock_ms <= tunnel->peer_clock_ms)
        return -EALREADY;
    if (call->connect_len > 0 && !unconfirmed_callee)
        return -ECONNRESET;
    if (call->connect_len == 0 && !has_keys(tunnel) && !tunnel->callee)
        return -ENOTCONN;
    return 0;
}

static int answer(struct ear_tunnel *tunnel, struct ear_door_call *call, int64_t now_us,
                  uint8_t reply[static EAR_ANSWER_BYTES])
{
    uint8_t ephemeral[EAR_KEY_BYTES];
    struct ear_tunnel_answer given = {.on = true};
    ear_chance_fill(&tunnel->config.chance, ephemeral, sizeof ephemeral);
    int err = ear_handshake_create_answer(&call->noise, tunnel->config.psk, ephemeral,
                                          ear_keyring_name(&tunnel->keys), given.message);
    ear_sodium_wipe(ephemeral, sizeof ephemeral);
    if (err)
        return err;
    ear_keyring_put_answered(&tunnel->keys, &call->noise, call->call.number, now_us);
    end_attempt(tunnel);
    memcpy(given.digest, call->digest, sizeof given.digest);
    tunnel->answer = given;
    tunnel->peer_clock_ms = call->call.clock_ms;
    memcpy(reply, given.message, EAR_ANSWER_BYTES);
    return EAR_ANSWER_BYTES;
}

int ear_tunnel_renew_callee(struct ear_tunnel *tunnel, struct ear_door_call *call, int64_t now_us,
                            uint8_t reply[static EAR_ANSWER_BYTES])
{
    int r = -EPERM;
    if (memcmp(call->peer, tunnel->config.peer, EAR_KEY_BYTES) == 0)
        r = judge(tunnel, &call->call);
    if (r == 0 && ear_keyring_confirm(&tunnel->keys, call->call.under, now_us))
        end_answer(tunnel);
    if (r == 0 && tunnel->attempt.on && is_lower(tunnel))
        tunnel->peer_clock_ms = call->call.clock_ms; /* ours goes on; theirs is spent */
    else if (r == 0)
        r = answer(tunnel, call, now_us, reply);
    ear_door_call_wipe(call);
    return r;
}

int ear_tunnel_init_callee(struct ear_tunnel *tunnel, const struct ear_tunnel_config *config,
                           struct ear_door_call *call, int64_t now_us,
                           uint8_t reply[static EAR_ANSWER_BYTES])
{
    init(tunnel, config, now_us);
    memcpy(tunnel->config.peer, call->peer, EAR_KEY_BYTES);
    memcpy(tunnel->config.psk, call->psk, EAR_KEY_BYTES);
    ear_handshake_mac1_key(call->peer, tunnel->peer_mac1_key);
    tunnel->callee = true;
    memcpy(tunnel->connect, call->call.connect, call->call.connect_len);
    tunnel->connect_len = call->call.connect_len;
    int r = ear_tunnel_renew_callee(tunnel, call, now_us, reply);
    if (r < 0)
        ear_tunnel_fini(tunnel);
    return r;
}

int ear_tunnel_seal(struct ear_tunnel *tunnel, enum ear_class class, const uint8_t *body,
                    size_t len, uint8_t *out, size_t cap)
{
    return ear_keyring_seal(&tunnel->keys, class, body, len, out, cap);
}

static bool is_silent(const struct ear_tunnel *tunnel, int64_t now_us)
{
    return now_us - tunnel->heard_us >= tunnel->config.limits.silent_us;
}

int ear_tunnel_open(struct ear_tunnel *tunnel, const struct ear_bytes *datagram, int64_t now_us,
                    uint8_t *out, size_t cap, struct ear_opened *ret)
{
    bool next_was_held = tunnel->keys.next.held;
    int r = ear_keyring_open(&tunnel->keys, datagram, now_us, out, cap, ret);
    if (r < 0)
        return r;
    if (next_was_held && !tunnel->keys.next.held) { /* confirmed: the other end has our answer */
        end_answer(tunnel);
        tunnel->asked = false;
    }
    if (tunnel->attempt.on && is_silent(tunnel, now_us))
        tunnel->attempt.due_us = ear_min64(tunnel->attempt.due_us, now_us); /* the link is back */
    tunnel->heard_us = now_us;
    return r;
}

int ear_tunnel_repeats(const struct ear_tunnel *tunnel, const struct ear_bytes *datagram,
                       uint8_t reply[static EAR_ANSWER_BYTES])
{
    uint8_t digest[EAR_KEY_BYTES];
    if (!tunnel->answer.on || !ear_handshake_is_call(datagram->data, datagram->len) ||
        !ear_handshake_mac1_fits(tunnel->own_mac1_key, datagram->data, datagram->len))
        return 0;
    ear_door_digest(datagram->data, datagram->len, digest);
    if (!ear_sodium_equal(digest, tunnel->answer.digest, sizeof digest))
        return 0;
    memcpy(reply, tunnel->answer.message, EAR_ANSWER_BYTES);
    return EAR_ANSWER_BYTES;
}

static int take_call(struct ear_tunnel *tunnel, const struct ear_bytes *datagram, int64_t now_us,
                     uint8_t reply[static EAR_ANSWER_BYTES])
{
    struct ear_door_call call;
    int r = ear_tunnel_repeats(tunnel, datagram, reply);
    if (r > 0)
        return r;
    if (!ear_load_admits(&tunnel->tries, TRIES_PER_S, now_us))
        return -EAGAIN;
    r = ear_handshake_consume_call(&call.noise, &tunnel->config.self, datagram->data, datagram->len,
                                   &call.call);
    if (r)
        return r;
    memcpy(call.peer, call.noise.rs, EAR_KEY_BYTES);
    ear_door_digest(datagram->data, datagram->len, call.digest);
    return ear_tunnel_renew_callee(tunnel, &call, now_us, reply);
}

static int take_answer(struct ear_tunnel *tunnel, const struct ear_bytes *datagram, int64_t now_us)
{
    uint32_t under;
    struct ear_tunnel_attempt *attempt = &tunnel->attempt;
    if (!attempt->on)
        return -EBADMSG;
    if (!ear_load_admits(&tunnel->tries, TRIES_PER_S, now_us))
        return -EAGAIN;
    int err = ear_handshake_consume_answer(&attempt->noise, tunnel->config.psk, datagram->data,
                                           datagram->len, &under);
    if (err)
        return err;
    ear_keyring_put_called(&tunnel->keys, &attempt->noise, attempt->number, under, now_us);
    end_attempt(tunnel);
    end_answer(tunnel);
    tunnel->asked = false;
    tunnel->heard_us = now_us;
    return 0;
}

static int take_cookie(struct ear_tunnel *tunnel, const struct ear_bytes *datagram, int64_t now_us)
{
    if (!tunnel->attempt.on || !tunnel->attempt.cookie_welcome)
        return -EBADMSG;
    int err = ear_cookie_take(&tunnel->cookie, tunnel->config.peer, tunnel->attempt.mac1,
                              datagram->data, datagram->len, now_us);
    if (!err)
        tunnel->attempt.cookie_welcome = false;
    return err;
}

int ear_tunnel_take_handshake(struct ear_tunnel *tunnel, const struct ear_bytes *datagram,
                              int64_t now_us, uint8_t reply[static EAR_ANSWER_BYTES])
{
    const uint8_t *data = datagram->data;
    if (datagram->len == EAR_COOKIE_REPLY_BYTES && data[0] == EAR_MESSAGE_COOKIE)
        return take_cookie(tunnel, datagram, now_us);
    if (!ear_handshake_mac1_fits(tunnel->own_mac1_key, data, datagram->len))
        return -EBADMSG;
    return data[0] == EAR_MESSAGE_ANSWER ? take_answer(tunnel, datagram, now_us)
                                         : take_call(tunnel, datagram, now_us, reply);
}

/* From when on new keys are wanted. */
static int64_t renewal_us(const struct ear_tunnel *tunnel)
{
    const struct ear_tunnel_limits *limits = &tunnel->config.limits;
    const struct ear_keyring *keys = &tunnel->keys;
    const struct ear_seal *seal = &keys->current.seal;
    uint32_t packets = limits->renew_packets;
    int64_t age_us = limits->renew_us;
    uint64_t counted = seal->sent;
    if (!keys->current.held)
        return INT64_MAX;
    if (is_lower(tunnel)) {
        packets -= packets / LEAD_OF_PACKETS;
        age_us -= age_us / LEAD_OF_AGE;
        if (seal->received.end > counted)
            counted = seal->received.end;
    }
    int64_t due_us = ear_min64(keys->current.made_us + age_us, tunnel->heard_us + limits->lost_us);
    if (tunnel->asked || counted >= packets || seal->failed >= limits->failures_max)
        due_us = keys->current.made_us;
    if (keys->next.held)
        due_us = ear_max64(due_us, keys->next.made_us + limits->answered_us);
    return due_us;
}

/* The first call is somebody waiting; a renewal has time while nothing comes through. */
static int64_t repeat_us(const struct ear_tunnel *tunnel, int64_t now_us)
{
    const struct ear_tunnel_limits *limits = &tunnel->config.limits;
    return tunnel->keys.current.held && is_silent(tunnel, now_us) ? limits->repeat_silent_us
                                                                  : limits->repeat_us;
}

size_t ear_tunnel_next_handshake(struct ear_tunnel *tunnel, int64_t now_us,
                                 uint8_t out[static EAR_CALL_BYTES_MAX])
{
    struct ear_tunnel_attempt *attempt = &tunnel->attempt;
    ear_keyring_expire(&tunnel->keys, now_us);
    bool stale = attempt->on && now_us >= attempt->due_us &&
                 now_us - attempt->began_us >= tunnel->config.limits.attempt_us;
    bool wanted = !attempt->on && now_us >= renewal_us(tunnel);
    if ((stale || wanted) && begin_attempt(tunnel, now_us) != 0)
        return 0;
    if (!attempt->on || now_us < attempt->due_us)
        return 0;
    size_t len =
        ear_handshake_stamp_call(attempt->message, attempt->sealed_len, tunnel->peer_mac1_key,
                                 ear_cookie_at(&tunnel->cookie, now_us));
    memcpy(attempt->mac1, attempt->message + attempt->sealed_len, EAR_MAC_BYTES);
    attempt->cookie_welcome = true;
    attempt->due_us = now_us + repeat_us(tunnel, now_us);
    memcpy(out, attempt->message, len);
    return len;
}

int64_t ear_tunnel_due_us(const struct ear_tunnel *tunnel)
{
    int64_t due_us = tunnel->attempt.on ? tunnel->attempt.due_us : renewal_us(tunnel);
    if (tunnel->keys.previous.held)
        due_us = ear_min64(due_us, tunnel->keys.previous.erase_us);
    return due_us;
}

void ear_tunnel_renew(struct ear_tunnel *tunnel)
{
    tunnel->asked = true;
}
