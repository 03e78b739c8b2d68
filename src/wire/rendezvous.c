/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds and parses the relay's datagrams; asks for a place and holds it. */
#include "wire/rendezvous.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"

/* An unanswered datagram is repeated after 0.5, 1, 2 s..., or 1.5 times what the relay took to
 * answer if that is more: 1500 ms links would otherwise ask everything three times. */
#define AGAIN_US (EAR_US_PER_S / 2)
#define AGAIN_MAX_US (8 * (int64_t)EAR_US_PER_S)
/* Carrier NATs forget a UDP mapping after 30 s at the least; half of it survives one lost KEEP. */
#define KEEP_US (15 * (int64_t)EAR_US_PER_S)
/* Unanswered KEEPs until the place is taken for lost: a new address cannot be told from loss. */
#define KEEP_TRIES 2
/* A cookie is good for 20 s; three proofs are out within 3.5 s, or 10 s where answers take 1.5 s.
 */
#define PROOF_TRIES 3
#define REFUSED_US (30 * (int64_t)EAR_US_PER_S)

#define BIND_ZEROS 24
static const uint8_t zeros[BIND_ZEROS];

static_assert(EAR_RENDEZVOUS_SHORT_BYTES + EAR_RENDEZVOUS_COOKIE_BYTES + EAR_KEY_BYTES ==
                  EAR_RENDEZVOUS_TOKEN_BYTES + BIND_ZEROS,
              "BIND is as long as CHALLENGE");

bool ear_rendezvous_is_relays(const uint8_t *data, size_t len)
{
    return len > 0 && (data[0] & 0xf0) == 0x20;
}

int ear_rendezvous_build(const struct ear_rendezvous_message *m, uint8_t *out, size_t cap)
{
    struct ear_writer w = ear_writer_on(out, cap);
    ear_writer_u8(&w, (uint8_t)m->kind);
    switch (m->kind) {
    case EAR_RENDEZVOUS_BIND:
        ear_writer_u8(&w, m->version);
        ear_writer_bytes(&w, m->token, EAR_RENDEZVOUS_TOKEN_BYTES);
        ear_writer_bytes(&w, zeros, BIND_ZEROS);
        break;
    case EAR_RENDEZVOUS_CHALLENGE:
        ear_writer_u8(&w, m->version);
        ear_writer_bytes(&w, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
        ear_writer_bytes(&w, m->cookie, EAR_RENDEZVOUS_COOKIE_BYTES);
        ear_writer_bytes(&w, m->relay_key, EAR_KEY_BYTES);
        break;
    case EAR_RENDEZVOUS_PROOF:
        ear_writer_u8(&w, m->version);
        ear_writer_u8(&w, m->role);
        ear_writer_bytes(&w, m->token, EAR_RENDEZVOUS_TOKEN_BYTES);
        ear_writer_bytes(&w, m->cookie, EAR_RENDEZVOUS_COOKIE_BYTES);
        ear_writer_bytes(&w, m->proof, EAR_RENDEZVOUS_PROOF_BYTES);
        break;
    case EAR_RENDEZVOUS_BOUND:
    case EAR_RENDEZVOUS_FULL:
        ear_writer_bytes(&w, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
        ear_writer_u8(&w, m->detail);
        break;
    case EAR_RENDEZVOUS_KEEP:
        ear_writer_u8(&w, m->version);
        ear_writer_bytes(&w, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
        break;
    case EAR_RENDEZVOUS_SAY:
        return -EINVAL;
    }
    return w.bad ? -ENOBUFS : (int)w.at;
}

static void read_into(struct ear_reader *r, uint8_t *to, size_t len)
{
    const uint8_t *from = ear_reader_bytes(r, len);
    if (from)
        memcpy(to, from, len);
}

/* The fields behind the kind. False for a kind or a content that does not exist. */
static bool parse_fields(struct ear_reader *r, struct ear_rendezvous_message *m)
{
    const uint8_t *pad;
    switch (m->kind) {
    case EAR_RENDEZVOUS_BIND:
        m->version = ear_reader_u8(r);
        read_into(r, m->token, EAR_RENDEZVOUS_TOKEN_BYTES);
        pad = ear_reader_bytes(r, BIND_ZEROS);
        return pad && (m->version != EAR_RENDEZVOUS_VERSION || memcmp(pad, zeros, BIND_ZEROS) == 0);
    case EAR_RENDEZVOUS_CHALLENGE:
        m->version = ear_reader_u8(r);
        read_into(r, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
        read_into(r, m->cookie, EAR_RENDEZVOUS_COOKIE_BYTES);
        read_into(r, m->relay_key, EAR_KEY_BYTES);
        return true;
    case EAR_RENDEZVOUS_PROOF:
        m->version = ear_reader_u8(r);
        m->role = ear_reader_u8(r);
        read_into(r, m->token, EAR_RENDEZVOUS_TOKEN_BYTES);
        read_into(r, m->cookie, EAR_RENDEZVOUS_COOKIE_BYTES);
        read_into(r, m->proof, EAR_RENDEZVOUS_PROOF_BYTES);
        return m->role <= 1;
    case EAR_RENDEZVOUS_BOUND:
    case EAR_RENDEZVOUS_FULL:
        read_into(r, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
        m->detail = ear_reader_u8(r);
        return m->kind == EAR_RENDEZVOUS_FULL ||
               m->detail <= (EAR_RENDEZVOUS_THERE | EAR_RENDEZVOUS_SPEAKS);
    case EAR_RENDEZVOUS_KEEP:
        m->version = ear_reader_u8(r);
        read_into(r, m->token, EAR_RENDEZVOUS_SHORT_BYTES);
        return true;
    case EAR_RENDEZVOUS_SAY:
    default:
        return false;
    }
}

int ear_rendezvous_parse(const uint8_t *data, size_t len, struct ear_rendezvous_message *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    struct ear_rendezvous_message m = {.kind = (enum ear_rendezvous_kind)ear_reader_u8(&r)};
    if (!parse_fields(&r, &m) || r.bad || ear_reader_left(&r) > 0)
        return -EBADMSG;
    *ret = m;
    return 0;
}

int ear_rendezvous_say(const uint8_t token[static EAR_RENDEZVOUS_SHORT_BYTES], const uint8_t *data,
                       size_t len, uint8_t *out, size_t cap)
{
    struct ear_writer w = ear_writer_on(out, cap);
    ear_writer_u8(&w, EAR_RENDEZVOUS_SAY);
    ear_writer_bytes(&w, token, EAR_RENDEZVOUS_SHORT_BYTES);
    ear_writer_bytes(&w, data, len);
    return w.bad ? -ENOBUFS : (int)w.at;
}

int ear_rendezvous_said(const uint8_t *data, size_t len, const uint8_t **ret_token,
                        const uint8_t **ret_said)
{
    struct ear_reader r = ear_reader_on(data, len);
    uint8_t kind = ear_reader_u8(&r);
    const uint8_t *token = ear_reader_bytes(&r, EAR_RENDEZVOUS_SHORT_BYTES);
    size_t said = ear_reader_left(&r);
    if (kind != EAR_RENDEZVOUS_SAY || !token || said == 0 ||
        ear_rendezvous_is_relays(data + EAR_RENDEZVOUS_SAY_BYTES, said))
        return -EBADMSG;
    *ret_token = token;
    *ret_said = data + EAR_RENDEZVOUS_SAY_BYTES;
    return (int)said;
}

bool ear_rendezvous_prove(const struct ear_rendezvous_message *m,
                          const uint8_t secret[static EAR_KEY_BYTES],
                          const uint8_t public[static EAR_KEY_BYTES],
                          uint8_t ret[static EAR_RENDEZVOUS_PROOF_BYTES])
{
    static const char label[] = "earshot rendezvous proof 1";
    uint8_t key[EAR_KEY_BYTES];
    bool ok = ear_sodium_dh(secret, public, key);
    const struct ear_bytes pieces[] = {{label, sizeof label},
                                       {&m->role, 1},
                                       {m->token, sizeof m->token},
                                       {m->relay_key, sizeof m->relay_key},
                                       {m->cookie, sizeof m->cookie}};
    if (ok)
        ear_sodium_hash(ret, EAR_RENDEZVOUS_PROOF_BYTES, key, sizeof key, pieces,
                        EAR_COUNT(pieces));
    ear_sodium_wipe(key, sizeof key);
    return ok;
}

void ear_rendezvous_derive(const uint8_t psk[static EAR_KEY_BYTES],
                           const uint8_t inviter[static EAR_KEY_BYTES],
                           uint8_t ret_secret[static EAR_KEY_BYTES])
{
    static const char label[] = "earshot rendezvous 1";
    const struct ear_bytes pieces[] = {{label, sizeof label}, {inviter, EAR_KEY_BYTES}};
    ear_sodium_hash(ret_secret, EAR_KEY_BYTES, psk, EAR_KEY_BYTES, pieces, EAR_COUNT(pieces));
}

void ear_rendezvous_start(struct ear_rendezvous *r, const uint8_t secret[static EAR_KEY_BYTES],
                          uint8_t role, int64_t now_us)
{
    assert(role <= 1);
    *r = (struct ear_rendezvous){
        .proof = {.kind = EAR_RENDEZVOUS_PROOF, .version = EAR_RENDEZVOUS_VERSION, .role = role},
        .state = EAR_RENDEZVOUS_ASKING,
        .due_us = now_us,
        .sent_us = now_us,
        .heard_us = now_us};
    memcpy(r->secret, secret, EAR_KEY_BYTES);
    ear_sodium_public(secret, r->proof.token);
}

void ear_rendezvous_wipe(struct ear_rendezvous *r)
{
    ear_sodium_wipe(r, sizeof *r);
}

int64_t ear_rendezvous_due_us(const struct ear_rendezvous *r)
{
    return r->due_us;
}

static void ask(struct ear_rendezvous *r, int64_t now_us)
{
    r->state = EAR_RENDEZVOUS_ASKING;
    r->other_there = r->speaks = false;
    r->due_us = now_us;
}

/* Nothing heard is as good a reason to ask as nothing sent: the relay may have been restarted. */
static int64_t keep_us(const struct ear_rendezvous *r)
{
    return ear_min64(r->sent_us, r->heard_us) + KEEP_US;
}

/* What has been sent often enough without an answer is given up for the step before it. */
static void give_up(struct ear_rendezvous *r, int64_t now_us)
{
    if (r->state == EAR_RENDEZVOUS_HELD && r->tries >= KEEP_TRIES) {
        r->tries = 0;
        ask(r, now_us);
    } else if ((r->state == EAR_RENDEZVOUS_PROVING && r->tries >= PROOF_TRIES) ||
               r->state == EAR_RENDEZVOUS_REFUSED) {
        ask(r, now_us);
    }
}

static int64_t again_us(const struct ear_rendezvous *r)
{
    int64_t wait = ear_max64(AGAIN_US, r->answer_us + r->answer_us / 2);
    for (int i = 1; i < r->tries && wait < AGAIN_MAX_US; i++)
        wait *= 2;
    return ear_min64(wait, AGAIN_MAX_US);
}

int ear_rendezvous_next(struct ear_rendezvous *r, int64_t now_us,
                        uint8_t out[static EAR_RENDEZVOUS_BYTES_MAX])
{
    if (now_us < r->due_us)
        return 0;
    give_up(r, now_us);
    struct ear_rendezvous_message m = r->proof;
    if (r->state == EAR_RENDEZVOUS_ASKING)
        m.kind = EAR_RENDEZVOUS_BIND;
    else if (r->state == EAR_RENDEZVOUS_HELD)
        m.kind = EAR_RENDEZVOUS_KEEP;
    int len = ear_rendezvous_build(&m, out, EAR_RENDEZVOUS_BYTES_MAX);
    assert(len > 0);
    r->tries++;
    r->asked_us = r->sent_us = now_us;
    r->due_us = now_us + again_us(r);
    return len;
}

/* Only the answer to what was sent once tells how long answers take (Karn and Partridge 1987). */
static void note_answer(struct ear_rendezvous *r, int64_t now_us)
{
    if (r->tries == 1)
        r->answer_us = now_us - r->asked_us;
    r->tries = 0;
    r->heard_us = now_us;
}

static int take_challenge(struct ear_rendezvous *r, int64_t now_us,
                          const struct ear_rendezvous_message *m)
{
    struct ear_rendezvous_message proof = r->proof;
    if (r->state != EAR_RENDEZVOUS_ASKING)
        return -EBADMSG;
    if (m->version == EAR_RENDEZVOUS_VERSION) {
        memcpy(proof.cookie, m->cookie, sizeof proof.cookie);
        memcpy(proof.relay_key, m->relay_key, sizeof proof.relay_key);
        if (!ear_rendezvous_prove(&proof, r->secret, proof.relay_key, proof.proof))
            return -EBADMSG;
        r->proof = proof;
        r->state = EAR_RENDEZVOUS_PROVING;
    } else {
        r->state = EAR_RENDEZVOUS_REFUSED;
        r->refusal = 0;
    }
    note_answer(r, now_us);
    r->due_us = now_us + (r->state == EAR_RENDEZVOUS_REFUSED ? REFUSED_US : 0);
    return 0;
}

int ear_rendezvous_take(struct ear_rendezvous *r, int64_t now_us, const uint8_t *data, size_t len)
{
    struct ear_rendezvous_message m;
    if (ear_rendezvous_parse(data, len, &m) < 0 ||
        memcmp(m.token, r->proof.token, EAR_RENDEZVOUS_SHORT_BYTES) != 0)
        return -EBADMSG;
    if (m.kind == EAR_RENDEZVOUS_CHALLENGE)
        return take_challenge(r, now_us, &m);
    if (m.kind == EAR_RENDEZVOUS_BOUND) {
        note_answer(r, now_us);
        r->state = EAR_RENDEZVOUS_HELD;
        r->other_there = m.detail & EAR_RENDEZVOUS_THERE;
        r->speaks = m.detail & EAR_RENDEZVOUS_SPEAKS;
        r->has_place = true;
        r->due_us = keep_us(r);
        return 0;
    }
    if (m.kind == EAR_RENDEZVOUS_FULL && r->state == EAR_RENDEZVOUS_PROVING) {
        note_answer(r, now_us);
        r->state = EAR_RENDEZVOUS_REFUSED;
        r->has_place = r->speaks = false;
        r->refusal = m.detail;
        r->due_us = now_us + REFUSED_US;
        return 0;
    }
    return -EBADMSG;
}

void ear_rendezvous_sent(struct ear_rendezvous *r, int64_t now_us)
{
    r->sent_us = now_us;
    if (r->state == EAR_RENDEZVOUS_HELD && r->tries == 0)
        r->due_us = keep_us(r);
}

void ear_rendezvous_heard(struct ear_rendezvous *r, int64_t now_us)
{
    r->heard_us = now_us;
    if (r->state == EAR_RENDEZVOUS_HELD) {
        r->tries = 0;
        r->due_us = keep_us(r);
    }
}

void ear_rendezvous_doubt(struct ear_rendezvous *r, int64_t now_us)
{
    if (r->state == EAR_RENDEZVOUS_HELD) {
        /* A KEEP that is out already will tell. */
        if (r->tries == 0)
            r->due_us = now_us;
    } else if (r->state != EAR_RENDEZVOUS_REFUSED) {
        r->tries = 0;
        r->due_us = ear_min64(r->due_us, ear_max64(now_us, r->asked_us + AGAIN_US));
    }
}

void ear_rendezvous_moved(struct ear_rendezvous *r, int64_t now_us)
{
    r->tries = 0;
    ask(r, now_us);
}

bool ear_rendezvous_may_send(const struct ear_rendezvous *r)
{
    return r->has_place || r->state == EAR_RENDEZVOUS_PROVING;
}
