/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Challenges strangers, binds those who prove themselves, forwards what the bound send. */
#include "relay/reflect.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port/datagrams.h"
#include "relay/table.h"

/* An end keeps its place with one datagram every 15 s; the longest outage that a call survives is
 * 120 s, and who has been away for longer than this begins anew. */
#define FORGET_US (300 * (int64_t)EAR_US_PER_S)
/* "There" to the other end: four KEEPs missed mean gone, for now. */
#define THERE_US (60 * (int64_t)EAR_US_PER_S)
/* From challenge to proof: three tries over a link that takes 3 s for the way and back. */
#define COOKIE_US (20 * (int64_t)EAR_US_PER_S)
#define COOKIE_STAMP_BYTES 4

#define SECONDS 60 /* in a minute: quotas are written per second */
/* Speech after an outage comes in one go: 10 s of 8 kbit/s fit into 2 s of 64. */
#define BURST_S 2
/* Carrier NATs put many calls behind one address: so many at their full rate (and four times as
 * many at the 16 kbit/s that a call takes in the usual case). */
#define CALLS_PER_ADDRESS 16
/* The most datagrams that bits come in: 28 bytes of headers and 36 of content each. */
#define BITS_PER_DATAGRAM (64 * 8)

/* The table of addresses has room for both ends of all bindings, and as many passers-by. */
#define NETWORKS_PER_BINDING 4

const struct ear_reflect_config ear_reflect_usual = {
    .max_bindings = 10000,
    .per_address = 64,
    .call_bps = 64000,
    .total_bps = 100000000,
};

struct ear_reflect {
    struct ear_reflect_config config;
    struct ear_quota call_bits;
    struct ear_limits *limits;
    struct ear_table *table;
    uint8_t cookie_key[EAR_KEY_BYTES];
    uint8_t secret[EAR_KEY_BYTES], public[EAR_KEY_BYTES];
    struct ear_reflect_counts counts;
};

/* One datagram on its way through. */
struct transit {
    int64_t now_us;
    const struct ear_relay_address *from;
    const uint8_t *data;
    size_t len;
    struct ear_reflect_out *out;
    int count;
};

const char *ear_drop_name(enum ear_drop drop)
{
    static const char *const names[EAR_DROP_COUNT] = {[EAR_DROP_STRANGER] = "stranger",
                                                      [EAR_DROP_ALONE] = "alone",
                                                      [EAR_DROP_MALFORMED] = "malformed",
                                                      [EAR_DROP_COOKIE] = "cookie",
                                                      [EAR_DROP_PROOF] = "proof",
                                                      [EAR_DROP_STALE] = "stale",
                                                      [EAR_DROP_FULL] = "full",
                                                      [EAR_DROP_CALL] = "call rate",
                                                      [EAR_DROP_ADDRESS] = "address rate",
                                                      [EAR_DROP_TOTAL] = "total rate",
                                                      [EAR_DROP_UNSENT] = "unsent",
                                                      [EAR_DROP_LONG] = "too long"};
    return names[drop];
}

static struct ear_quota per_second(int64_t rate, int64_t burst)
{
    return (struct ear_quota){.per_minute = rate * SECONDS, .burst = burst};
}

static void set_limits(struct ear_limits_config *limits, const struct ear_reflect_config *config)
{
    int64_t address_bps = CALLS_PER_ADDRESS * config->call_bps;
    *limits = (struct ear_limits_config){
        .address =
            {
                /* A key agreement takes some 60 us: all proofs together stay below 6 % of a core,
                 * and one address gets a hundredth of that. */
                [EAR_LIMIT_CHALLENGES] = per_second(20, 100),
                [EAR_LIMIT_PROOFS] = per_second(10, 100),
                [EAR_LIMIT_BINDINGS] = {.per_minute = 60, .burst = config->per_address},
                [EAR_LIMIT_DATAGRAMS] = per_second(address_bps / BITS_PER_DATAGRAM,
                                                   BURST_S * address_bps / BITS_PER_DATAGRAM),
                [EAR_LIMIT_BITS] = per_second(address_bps, BURST_S * address_bps),
            },
        .total =
            {
                [EAR_LIMIT_CHALLENGES] = per_second(5000, 5000),
                [EAR_LIMIT_PROOFS] = per_second(1000, 1000),
                /* After a restart a full table is there again within half a minute. */
                [EAR_LIMIT_BINDINGS] = {.per_minute = 30000, .burst = 2000},
                [EAR_LIMIT_DATAGRAMS] = per_second(config->total_bps / BITS_PER_DATAGRAM,
                                                   config->total_bps / BITS_PER_DATAGRAM),
                /* Half a second: a queue at the relay's own line would be heard in every call. */
                [EAR_LIMIT_BITS] = per_second(config->total_bps, config->total_bps / 2),
            },
        .networks = NETWORKS_PER_BINDING * config->max_bindings,
    };
}

static void derive(const struct ear_reflect_config *config, const char *label, uint8_t *ret,
                   size_t len)
{
    const struct ear_bytes piece = {label, strlen(label)};
    ear_sodium_hash(ret, len, config->seed, sizeof config->seed, &piece, 1);
}

static bool is_possible(const struct ear_reflect_config *c)
{
    return c->max_bindings > 0 && c->max_bindings <= 1u << 20 && c->per_address > 0 &&
           c->call_bps >= BITS_PER_DATAGRAM && c->call_bps <= 100000000 &&
           c->total_bps >= c->call_bps && c->total_bps <= 10000000000;
}

int ear_reflect_new(struct ear_reflect **ret, const struct ear_reflect_config *config)
{
    uint8_t table_key[EAR_SIPHASH_KEY_BYTES];
    struct ear_limits_config limits;
    if (!is_possible(config))
        return -EINVAL;
    struct ear_reflect *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->config = *config;
    r->call_bits = per_second(config->call_bps, BURST_S * config->call_bps);
    derive(config, "table", table_key, sizeof table_key);
    derive(config, "cookie", r->cookie_key, sizeof r->cookie_key);
    derive(config, "secret", r->secret, sizeof r->secret);
    ear_sodium_public(r->secret, r->public);
    ear_sodium_wipe(r->config.seed, sizeof r->config.seed);
    set_limits(&limits, config);
    derive(config, "limits", limits.key, sizeof limits.key);
    int err = ear_table_new(&r->table, config->max_bindings, table_key);
    if (!err)
        err = ear_limits_new(&r->limits, &limits);
    if (err) {
        ear_reflect_free(r);
        return err;
    }
    *ret = r;
    return 0;
}

void ear_reflect_free(struct ear_reflect *r)
{
    if (!r)
        return;
    ear_table_free(r->table);
    ear_limits_free(r->limits);
    ear_sodium_wipe(r, sizeof *r);
    free(r);
}

uint32_t ear_reflect_bindings(const struct ear_reflect *r)
{
    return ear_table_count(r->table);
}

struct ear_reflect_counts *ear_reflect_counts(struct ear_reflect *r)
{
    return &r->counts;
}

static void drop(struct ear_reflect *r, enum ear_drop why)
{
    r->counts.dropped[why]++;
}

static void put_out(struct ear_reflect *r, struct transit *t, const struct ear_relay_address *to,
                    const uint8_t *data, size_t len)
{
    struct ear_reflect_out *out = &t->out[t->count++];
    assert(t->count <= EAR_REFLECT_OUT_MAX);
    out->to = *to;
    out->data = data ? data : out->own;
    out->len = len;
    r->counts.out_datagrams++;
    r->counts.out_bytes += (int64_t)len;
}

static void answer(struct ear_reflect *r, struct transit *t, const struct ear_relay_address *to,
                   const struct ear_rendezvous_message *m)
{
    uint8_t *own = t->out[t->count].own;
    int len = ear_rendezvous_build(m, own, EAR_RENDEZVOUS_BYTES_MAX);
    assert(len > 0);
    put_out(r, t, to, NULL, (size_t)len);
}

/* When it was made (ms, cut to 32 bits), and an authenticator of that and the address. */
static void make_cookie(const struct ear_reflect *r, const struct ear_relay_address *address,
                        uint32_t stamp_ms, uint8_t ret[static EAR_RENDEZVOUS_COOKIE_BYTES])
{
    uint8_t tag[EAR_RENDEZVOUS_COOKIE_BYTES];
    for (int i = 0; i < COOKIE_STAMP_BYTES; i++)
        ret[i] = (uint8_t)(stamp_ms >> (24 - 8 * i));
    const struct ear_bytes pieces[] = {{ret, COOKIE_STAMP_BYTES}, {address, sizeof *address}};
    ear_sodium_hash(tag, sizeof tag, r->cookie_key, sizeof r->cookie_key, pieces,
                    EAR_COUNT(pieces));
    memcpy(ret + COOKIE_STAMP_BYTES, tag, EAR_RENDEZVOUS_COOKIE_BYTES - COOKIE_STAMP_BYTES);
}

static uint32_t stamp_at(int64_t now_us)
{
    return (uint32_t)(now_us / EAR_US_PER_MS);
}

static bool open_cookie(const struct ear_reflect *r, const struct transit *t,
                        const uint8_t cookie[static EAR_RENDEZVOUS_COOKIE_BYTES],
                        int64_t *ret_made_us)
{
    uint8_t expected[EAR_RENDEZVOUS_COOKIE_BYTES];
    uint32_t stamp = 0;
    for (int i = 0; i < COOKIE_STAMP_BYTES; i++)
        stamp = stamp << 8 | cookie[i];
    int64_t age_us = (int64_t)(uint32_t)(stamp_at(t->now_us) - stamp) * EAR_US_PER_MS;
    if (age_us > COOKIE_US)
        return false;
    make_cookie(r, t->from, stamp, expected);
    if (!ear_sodium_equal(cookie, expected, sizeof expected))
        return false;
    *ret_made_us = (t->now_us / EAR_US_PER_MS) * EAR_US_PER_MS - age_us;
    return true;
}

static void take_bind(struct ear_reflect *r, struct transit *t,
                      const struct ear_rendezvous_message *m)
{
    struct ear_rendezvous_message challenge = {.kind = EAR_RENDEZVOUS_CHALLENGE,
                                               .version = EAR_RENDEZVOUS_VERSION};
    uint32_t where = ear_limits_find(r->limits, t->from, t->now_us);
    if (where == EAR_LIMITS_NOWHERE) {
        drop(r, EAR_DROP_TOTAL);
        return;
    }
    enum ear_limits_verdict verdict =
        ear_limits_take(r->limits, where, EAR_LIMIT_CHALLENGES, t->now_us, 1);
    if (verdict != EAR_LIMITS_GRANTED) {
        drop(r, verdict == EAR_LIMITS_ADDRESS ? EAR_DROP_ADDRESS : EAR_DROP_TOTAL);
        return;
    }
    memcpy(challenge.token, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
    memcpy(challenge.relay_key, r->public, sizeof challenge.relay_key);
    make_cookie(r, t->from, stamp_at(t->now_us), challenge.cookie);
    r->counts.challenges++;
    answer(r, t, t->from, &challenge);
}

static bool is_gone(const struct ear_place *place, int64_t now_us)
{
    return !place->taken || now_us - place->heard_us >= FORGET_US;
}

static bool is_there(const struct ear_place *place, int64_t now_us)
{
    return place->taken && now_us - place->heard_us < THERE_US;
}

static void leave(struct ear_reflect *r, struct ear_binding *b, int role)
{
    uint32_t where = b->places[role].where;
    ear_table_unseat(r->table, b, role);
    ear_limits_release(r->limits, where);
}

static void forget_if_empty(struct ear_reflect *r, struct ear_binding *b)
{
    if (b->places[0].taken || b->places[1].taken)
        return;
    ear_table_remove(r->table, b);
    r->counts.bindings_forgotten++;
}

/* A datagram came from one place: the other is cleared if it has long been silent. */
static void hear(struct ear_reflect *r, struct ear_binding *b, int role, int64_t now_us)
{
    ear_table_touch(r->table, b, role, now_us);
    if (b->places[!role].taken && is_gone(&b->places[!role], now_us))
        leave(r, b, !role);
}

void ear_reflect_expire(struct ear_reflect *r, int64_t now_us)
{
    struct ear_binding *b;
    while ((b = ear_table_oldest(r->table)) != NULL && now_us - b->heard_us >= FORGET_US) {
        for (int role = 0; role < 2; role++)
            if (b->places[role].taken)
                leave(r, b, role);
        forget_if_empty(r, b);
    }
}

static void refuse(struct ear_reflect *r, struct transit *t, const struct ear_rendezvous_message *m,
                   enum ear_rendezvous_reason reason)
{
    struct ear_rendezvous_message full = {.kind = EAR_RENDEZVOUS_FULL, .detail = (uint8_t)reason};
    memcpy(full.token, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
    drop(r, EAR_DROP_FULL);
    answer(r, t, t->from, &full);
}

static void tell_bound(struct ear_reflect *r, struct transit *t, const struct ear_binding *b,
                       int role)
{
    unsigned flags = (is_there(&b->places[!role], t->now_us) ? EAR_RENDEZVOUS_THERE : 0u) |
                     (b->places[role].speaks ? EAR_RENDEZVOUS_SPEAKS : 0u);
    struct ear_rendezvous_message bound = {.kind = EAR_RENDEZVOUS_BOUND, .detail = (uint8_t)flags};
    memcpy(bound.token, b->token, EAR_RENDEZVOUS_SHORT_BYTES);
    answer(r, t, &b->places[role].address, &bound);
}

/* The binding that a proof is for, made if there is none; NULL if there can be none. */
static struct ear_binding *find_or_add(struct ear_reflect *r, struct transit *t, uint32_t where,
                                       const struct ear_rendezvous_message *m)
{
    struct ear_binding *b = ear_table_find(r->table, m->token);
    if (b)
        return b;
    enum ear_limits_verdict verdict =
        ear_limits_take(r->limits, where, EAR_LIMIT_BINDINGS, t->now_us, 1);
    if (verdict != EAR_LIMITS_GRANTED) {
        drop(r, verdict == EAR_LIMITS_ADDRESS ? EAR_DROP_ADDRESS : EAR_DROP_TOTAL);
        return NULL;
    }
    ear_reflect_expire(r, t->now_us);
    b = ear_table_add(r->table, t->now_us, m->token);
    if (b)
        r->counts.bindings_made++;
    else
        refuse(r, t, m, EAR_RENDEZVOUS_NO_ROOM);
    return b;
}

/* Puts whoever sent a good proof into its place. */
static void seat(struct ear_reflect *r, struct transit *t, struct ear_binding *b, uint32_t where,
                 const struct ear_rendezvous_message *m)
{
    struct ear_place *place = &b->places[m->role], *other = &b->places[!m->role];
    bool moved = place->taken;
    if (moved)
        leave(r, b, m->role);
    /* Whoever takes both places from one address would hear but itself. */
    if (other->taken && ear_relay_address_equal(&other->address, t->from))
        leave(r, b, !m->role);
    if (ear_table_seat(r->table, b, m->role, t->from) < 0) {
        refuse(r, t, m, EAR_RENDEZVOUS_NO_ROOM);
        forget_if_empty(r, b);
        return;
    }
    place->where = where;
    ear_limits_hold(r->limits, where);
    ear_table_touch(r->table, b, m->role, t->now_us);
    r->counts.moves += moved;
    if (r->config.on_bound)
        r->config.on_bound(r->config.ctx, t->from);
    tell_bound(r, t, b, m->role);
    if (is_there(other, t->now_us))
        tell_bound(r, t, b, !m->role);
}

static void bind_place(struct ear_reflect *r, struct transit *t, uint32_t where,
                       const struct ear_rendezvous_message *m, int64_t cookie_us)
{
    struct ear_binding *b = ear_table_find(r->table, m->token);
    struct ear_place *place = b ? &b->places[m->role] : NULL;
    bool here = place && place->taken && ear_relay_address_equal(&place->address, t->from);
    if (place && !here && !is_gone(place, t->now_us) && cookie_us <= place->cookie_us) {
        drop(r, EAR_DROP_STALE);
        return;
    }
    bool holds = place && place->taken && place->where == where;
    if (!holds && ear_limits_held(r->limits, where) >= r->config.per_address) {
        refuse(r, t, m, EAR_RENDEZVOUS_CROWDED);
        return;
    }
    b = find_or_add(r, t, where, m);
    if (!b)
        return;
    place = &b->places[m->role];
    if (!here) {
        seat(r, t, b, where, m);
        if (place->taken)
            place->cookie_us = cookie_us;
        return;
    }
    /* The same proof again, perhaps late, takes the word from nobody. */
    bool fresh = cookie_us > place->cookie_us;
    place->cookie_us = ear_max64(place->cookie_us, cookie_us);
    ear_table_touch(r->table, b, m->role, t->now_us);
    if (fresh && ear_table_let_speak(r->table, b, m->role) < 0)
        refuse(r, t, m, EAR_RENDEZVOUS_NO_ROOM);
    else
        tell_bound(r, t, b, m->role);
}

static void take_proof(struct ear_reflect *r, struct transit *t, struct ear_rendezvous_message *m)
{
    uint8_t expected[EAR_RENDEZVOUS_PROOF_BYTES];
    int64_t cookie_us;
    if (!open_cookie(r, t, m->cookie, &cookie_us)) {
        drop(r, EAR_DROP_COOKIE);
        return;
    }
    uint32_t where = ear_limits_find(r->limits, t->from, t->now_us);
    if (where == EAR_LIMITS_NOWHERE) {
        drop(r, EAR_DROP_TOTAL);
        return;
    }
    enum ear_limits_verdict verdict =
        ear_limits_take(r->limits, where, EAR_LIMIT_PROOFS, t->now_us, 1);
    if (verdict != EAR_LIMITS_GRANTED) {
        drop(r, verdict == EAR_LIMITS_ADDRESS ? EAR_DROP_ADDRESS : EAR_DROP_TOTAL);
        return;
    }
    memcpy(m->relay_key, r->public, sizeof m->relay_key);
    if (!ear_rendezvous_prove(m, r->secret, m->token, expected) ||
        !ear_sodium_equal(expected, m->proof, sizeof expected)) {
        drop(r, EAR_DROP_PROOF);
        return;
    }
    bind_place(r, t, where, m, cookie_us);
}

static void take_keep(struct ear_reflect *r, struct transit *t,
                      const struct ear_rendezvous_message *m)
{
    int role;
    struct ear_binding *b = ear_table_find_place(r->table, m->token, t->from, &role);
    if (!b || is_gone(&b->places[role], t->now_us)) {
        drop(r, EAR_DROP_STRANGER);
        return;
    }
    int64_t bits = ((int64_t)t->len + EAR_DATAGRAM_OVERHEAD) * 8;
    if (!ear_bucket_take(&b->places[role].bits, &r->call_bits, t->now_us, bits)) {
        drop(r, EAR_DROP_CALL);
        return;
    }
    hear(r, b, role, t->now_us);
    tell_bound(r, t, b, role);
}

/* Whether a call, its address and the whole may still send so much. */
static bool is_within_limits(struct ear_reflect *r, struct ear_place *place,
                             const struct transit *t)
{
    int64_t bits = ((int64_t)t->len + EAR_DATAGRAM_OVERHEAD) * 8;
    if (!ear_bucket_take(&place->bits, &r->call_bits, t->now_us, bits)) {
        drop(r, EAR_DROP_CALL);
        return false;
    }
    enum ear_limits_verdict verdict =
        ear_limits_take(r->limits, place->where, EAR_LIMIT_DATAGRAMS, t->now_us, 1);
    if (verdict == EAR_LIMITS_GRANTED)
        verdict = ear_limits_take(r->limits, place->where, EAR_LIMIT_BITS, t->now_us, bits);
    if (verdict != EAR_LIMITS_GRANTED)
        drop(r, verdict == EAR_LIMITS_ADDRESS ? EAR_DROP_ADDRESS : EAR_DROP_TOTAL);
    return verdict == EAR_LIMITS_GRANTED;
}

/* To the other place of whoever sent it. */
static void pass_on(struct ear_reflect *r, struct transit *t, struct ear_binding *b, int role,
                    const struct ear_bytes *said)
{
    if (!b || is_gone(&b->places[role], t->now_us)) {
        drop(r, EAR_DROP_STRANGER);
        return;
    }
    hear(r, b, role, t->now_us);
    if (!b->places[!role].taken) {
        drop(r, EAR_DROP_ALONE);
        return;
    }
    if (is_within_limits(r, &b->places[role], t))
        put_out(r, t, &b->places[!role].address, said->data, said->len);
}

static void forward(struct ear_reflect *r, struct transit *t)
{
    int role = 0;
    struct ear_binding *b = ear_table_speaker(r->table, t->from, &role);
    pass_on(r, t, b, role, &(struct ear_bytes){t->data, t->len});
}

static void take_say(struct ear_reflect *r, struct transit *t)
{
    const uint8_t *token, *said;
    int role = 0, len = ear_rendezvous_said(t->data, t->len, &token, &said);
    if (len < 0) {
        drop(r, EAR_DROP_MALFORMED);
        return;
    }
    struct ear_binding *b = ear_table_find_place(r->table, token, t->from, &role);
    pass_on(r, t, b, role, &(struct ear_bytes){said, (size_t)len});
}

static void take_own(struct ear_reflect *r, struct transit *t)
{
    struct ear_rendezvous_message m;
    if (t->data[0] == EAR_RENDEZVOUS_SAY) {
        take_say(r, t);
        return;
    }
    bool parsed = ear_rendezvous_parse(t->data, t->len, &m) >= 0;
    bool ours = parsed && m.version == EAR_RENDEZVOUS_VERSION;
    if (parsed && m.kind == EAR_RENDEZVOUS_BIND)
        take_bind(r, t, &m);
    else if (ours && m.kind == EAR_RENDEZVOUS_PROOF)
        take_proof(r, t, &m);
    else if (ours && m.kind == EAR_RENDEZVOUS_KEEP)
        take_keep(r, t, &m);
    else
        drop(r, EAR_DROP_MALFORMED);
}

int ear_reflect_take(struct ear_reflect *r, int64_t now_us, const struct ear_relay_address *from,
                     const uint8_t *data, size_t len,
                     struct ear_reflect_out out[static EAR_REFLECT_OUT_MAX])
{
    struct transit t = {.now_us = now_us, .from = from, .data = data, .len = len, .out = out};
    r->counts.in_datagrams++;
    r->counts.in_bytes += (int64_t)len;
    if (len == 0)
        drop(r, EAR_DROP_MALFORMED);
    else if (ear_rendezvous_is_relays(data, len))
        take_own(r, &t);
    else
        forward(r, &t);
    return t.count;
}
