/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few flares that go and a few that came. */
#include "call/flares.h"

#include <string.h>

#include "wire/mail_frame.h"

/* A fresh message 1 after this: whoever has begun anew meanwhile takes it for no replay. */
#define FRESH_US (20 * (int64_t)EAR_US_PER_S)
/* What has not been sent, or has not come, for so long is forgotten. */
#define OVER_US (60 * (int64_t)EAR_US_PER_S)
/* Each copy that comes is answered so often, so far apart: at 95 % loss each way all but 7 of
 * 10,000 senders know within a minute, and a copy that somebody else sends makes four answers of
 * 103 bytes a second at most. */
#define ANSWERS 24
#define ANSWER_US (250 * EAR_US_PER_MS)
/* With every second copy one goes to another place: all of them together would fill a thin line,
 * and wait in its queue. At 250 bytes and four a second these are 12 kbit/s. */
#define OTHERS_EVERY 2
/* The mail is told again of one that it did not answer. */
#define HAND_US ((int64_t)EAR_US_PER_S)
/* Answers looked at in a second, 2 % of one core (bench_seal). */
#define TRIES_PER_S 20

static_assert(EAR_FLARE_PSK_ID_BYTES == EAR_PSK_ID_BYTES, "names of secrets");
static_assert(EAR_FLARE_SAID_MAX == EAR_PIPE_FRAME_MAX, "all frames");

void ear_flares_init(struct ear_flares *f, const struct ear_flares_parts *parts)
{
    *f = (struct ear_flares){.parts = *parts};
}

void ear_flares_fini(struct ear_flares *f)
{
    ear_sodium_wipe(f, sizeof *f);
}

/* The mark of an urgent message or of a TOLD about one; NULL: it is neither. */
static const uint8_t *mark_of(struct ear_mail_frame *frame, const uint8_t *data, size_t len)
{
    if (ear_mail_frame_parse(data, len, frame) != 0)
        return NULL;
    if (frame->kind == EAR_MAIL_WHOLE && frame->label.what == EAR_MAIL_URGENT)
        return frame->label.mark;
    return frame->kind == EAR_MAIL_TOLD && frame->count == 1 ? frame->tolds[0].mark : NULL;
}

static bool same_mark(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    struct ear_mail_frame frames[2];
    const uint8_t *marks[2] = {mark_of(&frames[0], a, a_len), mark_of(&frames[1], b, b_len)};
    return marks[0] && marks[1] && frames[0].kind != frames[1].kind &&
           memcmp(marks[0], marks[1], EAR_MAIL_MARK_BYTES) == 0;
}

/* ---- ours ---- */

static struct ear_flares_out *out_of(struct ear_flares *f, const struct ear_pipe_item *item)
{
    struct ear_flares_out *oldest = &f->out[0];
    for (size_t i = 0; i < EAR_FLARES_OUT; i++) {
        struct ear_flares_out *out = &f->out[i];
        if (out->person == item->person && out->len == item->len &&
            memcmp(out->said, item->data, item->len) == 0)
            return out;
        if (oldest->person && (!out->person || out->sent_us < oldest->sent_us))
            oldest = out;
    }
    ear_sodium_wipe(oldest, sizeof *oldest);
    oldest->person = item->person;
    oldest->len = item->len;
    memcpy(oldest->said, item->data, item->len);
    return oldest;
}

/* Returns whether there is a message 1 to send. */
static bool freshen(struct ear_flares *f, struct ear_flares_out *out, const struct ear_guest *guest,
                    const struct ear_psk *psk, int64_t now_us)
{
    uint8_t ephemeral[EAR_KEY_BYTES];
    struct ear_flares_try fresh = {.on = true};
    struct ear_flare flare = {.len = out->len};
    if (out->tries[0].on && now_us - out->began_us < FRESH_US)
        return true;
    flare.clock_ms = f->parts.stamp(f->parts.ctx);
    memcpy(flare.psk_id, psk->id, sizeof flare.psk_id);
    memcpy(flare.said, out->said, out->len);
    ear_chance_fill(&f->parts.chance, ephemeral, sizeof ephemeral);
    int len = ear_flare_create(&fresh.noise, &f->parts.door->config.self, guest->static_key,
                               ephemeral, &flare, fresh.message);
    if (len > 0) {
        fresh.sealed_len = (size_t)len;
        out->tries[1] = out->tries[0];
        out->tries[0] = fresh;
        out->began_us = now_us;
    }
    ear_sodium_wipe(ephemeral, sizeof ephemeral);
    ear_sodium_wipe(&fresh, sizeof fresh);
    ear_sodium_wipe(&flare, sizeof flare);
    return len > 0;
}

/* Where else the person may be: the n-th of those places; false: there is none. */
static bool place_in_turn(struct ear_flares *f, const struct ear_pipe_item *item,
                          const struct ear_address *first, uint32_t turn, struct ear_address *ret)
{
    struct ear_address places[1 + EAR_PIPE_OTHERS + EAR_MEETINGS_RELAYS];
    size_t count = ear_meetings_with(f->parts.meetings, item->person, places, EAR_MEETINGS_RELAYS);
    places[count++] = item->address;
    for (size_t i = 0; i < EAR_PIPE_OTHERS; i++)
        places[count++] = item->others[i];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (places[i].len > 0 && !ear_address_equal(&places[i], first))
            places[kept++] = places[i];
    if (kept == 0)
        return false;
    *ret = places[turn % kept];
    return true;
}

void ear_flares_send(struct ear_flares *f, const struct ear_pipe_item *item,
                     const struct ear_address *heard, int64_t now_us)
{
    uint8_t mac1_key[EAR_KEY_BYTES];
    struct ear_address first = heard ? *heard : item->address, other;
    const struct ear_guest *guest = ear_guests_numbered(f->parts.guests, item->person);
    const struct ear_psk *psk =
        guest && guest->has_key && !guest->blocked ? ear_guests_call_with(guest) : NULL;
    if (!psk || item->len > EAR_FLARE_SAID_MAX || !ear_mail_frame_is_urgent(item->data, item->len))
        return;
    struct ear_flares_out *out = out_of(f, item);
    if (!freshen(f, out, guest, psk, now_us))
        return;
    struct ear_flares_try *try = &out->tries[0];
    ear_handshake_mac1_key(guest->static_key, mac1_key);
    size_t len = ear_flare_stamp(try->message, try->sealed_len, mac1_key,
                                 ear_cookie_at(&out->cookie, now_us));
    memcpy(try->mac1, try->message + try->sealed_len, EAR_MAC_BYTES);
    try->cookie_welcome = true;
    out->sent_us = now_us;
    if (first.len > 0)
        ear_send_handshake(f->parts.send, &first, try->message, len);
    uint32_t turn = out->turn++;
    if (turn % OTHERS_EVERY == 0 && place_in_turn(f, item, &first, turn / OTHERS_EVERY, &other))
        ear_send_handshake(f->parts.send, &other, try->message, len);
}

bool ear_flares_take_cookie(struct ear_flares *f, const struct ear_bytes *datagram, int64_t now_us)
{
    for (size_t i = 0; i < EAR_FLARES_OUT; i++) {
        struct ear_flares_out *out = &f->out[i];
        const struct ear_guest *guest =
            out->person ? ear_guests_numbered(f->parts.guests, out->person) : NULL;
        if (!guest || !out->tries[0].on || !out->tries[0].cookie_welcome ||
            ear_cookie_take(&out->cookie, guest->static_key, out->tries[0].mac1, datagram->data,
                            datagram->len, now_us) != 0)
            continue;
        out->tries[0].cookie_welcome = false;
        return true;
    }
    return false;
}

/* Whether it answers this one, and what it says. */
static bool is_answered(struct ear_flares *f, struct ear_flares_out *out,
                        const struct ear_bytes *datagram, struct ear_flares_news *ret)
{
    const struct ear_guest *guest = ear_guests_numbered(f->parts.guests, out->person);
    const struct ear_psk *psk = guest ? ear_guests_call_with(guest) : NULL;
    uint8_t said[EAR_FLARE_ANSWER_SAID];
    bool taken = false;
    for (size_t i = 0; psk && i < EAR_FLARES_TRIES && !taken; i++)
        taken =
            out->tries[i].on && ear_flare_consume_answer(&out->tries[i].noise, psk->secret,
                                                         datagram->data, datagram->len, said) == 0;
    if (!taken || !same_mark(said, sizeof said, out->said, out->len))
        return false;
    ret->person = out->person;
    ret->len = sizeof said;
    memcpy(ret->data, said, sizeof said);
    return true;
}

static bool take_answer(struct ear_flares *f, const struct ear_bytes *datagram, int64_t now_us,
                        struct ear_flares_news *ret)
{
    if (!ear_flare_mac1_fits(f->parts.door->mac1_key, datagram->data, datagram->len))
        return false;
    for (size_t i = 0; i < EAR_FLARES_OUT; i++) {
        struct ear_flares_out *out = &f->out[i];
        if (!out->person || !ear_load_admits(&f->tries, TRIES_PER_S, now_us) ||
            !is_answered(f, out, datagram, ret))
            continue;
        ear_sodium_wipe(out, sizeof *out);
        return true;
    }
    return false;
}

/* ---- theirs ---- */

static void tell(const struct ear_flares_in *in, struct ear_flares_news *ret)
{
    ret->person = in->person;
    ret->len = in->flare.len;
    memcpy(ret->data, in->flare.said, in->flare.len);
}

static void answer_now(struct ear_flares *f, struct ear_flares_in *in, const struct ear_address *to,
                       int64_t now_us)
{
    in->answered_us = now_us;
    ear_send_handshake(f->parts.send, to, in->answer, sizeof in->answer);
}

/* A copy of one that is known. Returns whether the mail is to be told again. */
static bool take_again(struct ear_flares *f, struct ear_flares_in *in, int64_t now_us,
                       struct ear_flares_news *ret)
{
    in->came_us = now_us;
    if (in->answered) {
        in->answers_left = ANSWERS;
        if (now_us - in->answered_us >= ANSWER_US)
            answer_now(f, in, &in->from, now_us);
        return false;
    }
    if (now_us - in->handed_us < HAND_US)
        return false;
    in->handed_us = now_us;
    tell(in, ret);
    return true;
}

/* One for each person; the oldest gives place. */
static struct ear_flares_in *in_of(struct ear_flares *f, uint32_t person)
{
    struct ear_flares_in *best = &f->in[0];
    for (size_t i = 0; i < EAR_FLARES_IN; i++) {
        struct ear_flares_in *in = &f->in[i];
        if (in->person == person)
            return in;
        if (best->person && (!in->person || in->came_us < best->came_us))
            best = in;
    }
    return best;
}

/* An authentic one that is not known yet: whether it is from somebody whom we know, and new. */
static bool admit(struct ear_flares *f, const struct ear_door_flare *came,
                  const struct ear_received *received, int64_t now_us, struct ear_flares_news *ret)
{
    const struct ear_guests_answer who =
        ear_guests_decide(f->parts.guests, came->noise.rs, came->flare.psk_id);
    if (who.verdict != EAR_GUESTS_KNOWN || !who.psk ||
        !ear_mail_frame_is_urgent(came->flare.said, came->flare.len) ||
        !ear_guests_take_flare(f->parts.guests, who.number, came->flare.clock_ms))
        return false;
    struct ear_flares_in *in = in_of(f, who.number);
    ear_sodium_wipe(in, sizeof *in);
    *in = (struct ear_flares_in){
        .person = who.number,
        .flare = came->flare,
        .noise = came->noise,
        .from = ear_meetings_complete(f->parts.meetings, &received->from, who.psk->id, who.number),
        .came_us = now_us,
        .handed_us = now_us,
    };
    ear_door_digest(received->datagram.data, received->datagram.len, in->digest);
    tell(in, ret);
    return true;
}

static bool take_flare(struct ear_flares *f, const struct ear_received *received, int64_t now_us,
                       struct ear_flares_news *ret)
{
    const struct ear_bytes source = {received->from.bytes, received->from.len};
    uint8_t digest[EAR_KEY_BYTES], cookie[EAR_COOKIE_REPLY_BYTES];
    struct ear_door_flare came;
    ear_door_digest(received->datagram.data, received->datagram.len, digest);
    for (size_t i = 0; i < EAR_FLARES_IN; i++)
        if (f->in[i].person && ear_sodium_equal(f->in[i].digest, digest, sizeof digest))
            return take_again(f, &f->in[i], now_us, ret);
    int r = ear_door_take_flare(f->parts.door, &source, &received->datagram, now_us, &came, cookie);
    if (r > 0)
        ear_send_handshake(f->parts.send, &received->from, cookie, (size_t)r);
    if (r != 0)
        return false;
    bool taken = admit(f, &came, received, now_us, ret);
    ear_sodium_wipe(&came, sizeof came);
    return taken;
}

bool ear_flares_take(struct ear_flares *f, const struct ear_received *in, bool accept,
                     int64_t now_us, struct ear_flares_news *ret)
{
    const uint8_t *data = in->datagram.data;
    if (data[0] == EAR_MESSAGE_FLARE_ANSWER)
        return take_answer(f, &in->datagram, now_us, ret);
    return accept && ear_flare_is_one(data, in->datagram.len) && take_flare(f, in, now_us, ret);
}

void ear_flares_told(struct ear_flares *f, uint32_t person, const uint8_t *frame, size_t len,
                     int64_t now_us)
{
    uint8_t ephemeral[EAR_KEY_BYTES];
    for (size_t i = 0; i < EAR_FLARES_IN; i++) {
        struct ear_flares_in *in = &f->in[i];
        if (in->person != person || in->answered || len != EAR_FLARE_ANSWER_SAID ||
            !same_mark(frame, len, in->flare.said, in->flare.len))
            continue;
        const struct ear_guests_answer who =
            ear_guests_decide(f->parts.guests, in->noise.rs, in->flare.psk_id);
        if (who.verdict != EAR_GUESTS_KNOWN || !who.psk)
            return; /* blocked meanwhile */
        ear_chance_fill(&f->parts.chance, ephemeral, sizeof ephemeral);
        in->answered =
            ear_flare_create_answer(&in->noise, who.psk->secret, ephemeral, frame, in->answer) == 0;
        ear_sodium_wipe(ephemeral, sizeof ephemeral);
        if (!in->answered)
            return;
        in->answers_left = ANSWERS;
        answer_now(f, in, &in->from, now_us);
    }
}

void ear_flares_step(struct ear_flares *f, int64_t now_us)
{
    for (size_t i = 0; i < EAR_FLARES_IN; i++) {
        struct ear_flares_in *in = &f->in[i];
        if (in->person && in->answers_left > 0 && now_us - in->answered_us >= ANSWER_US) {
            in->answers_left--;
            answer_now(f, in, &in->from, now_us);
        }
        if (in->person && now_us - in->came_us >= OVER_US)
            ear_sodium_wipe(in, sizeof *in);
    }
    for (size_t i = 0; i < EAR_FLARES_OUT; i++)
        if (f->out[i].person && now_us - f->out[i].sent_us >= OVER_US)
            ear_sodium_wipe(&f->out[i], sizeof f->out[i]);
}

bool ear_flares_wait(const struct ear_flares *f)
{
    for (size_t i = 0; i < EAR_FLARES_IN; i++)
        if (f->in[i].person && f->in[i].answers_left > 0)
            return true;
    return false;
}
