/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binds at relays, keeps the places, and sends through them. */
#include "call/meetings.h"

#include <errno.h>
#include <string.h>

/* What comes first in an address that is made up here; then the relay's place in the list, then
 * four bytes of the meeting's serial number, 0 for somebody there. */
#define MARK "meet"
#define MARK_BYTES 4
#define ADDRESS_BYTES (MARK_BYTES + 1 + 4)

/* A relay that has not answered for so long is said to be silent: six questions have been asked in
 * vain by then. */
#define SILENT_US (15 * (int64_t)EAR_US_PER_S)
/* The 9 bytes that SAY adds are cheaper than a new proof (313 bytes both ways, headers included)
 * up to here. */
#define SAID_MAX 35
/* Two calls by one relay do not take the word from each other more often than that. */
#define PROVE_AGAIN_US (30 * (int64_t)EAR_US_PER_S)
/* A cookie for somebody there goes to those who might be meant, and costs no more than so many. */
#define SOMEBODY_MAX 8
/* A flood in a relay's name does not keep us from everything else. */
#define OWN_MAX 64

struct ear_meeting ear_meeting_at(const struct ear_person_meeting *meeting,
                                  const struct ear_address *relay)
{
    struct ear_meeting at = {.guest = meeting->guest, .relay = *relay, .role = meeting->role};
    memcpy(at.psk_id, meeting->psk_id, sizeof at.psk_id);
    memcpy(at.secret, meeting->secret, sizeof at.secret);
    return at;
}

void ear_meetings_init(struct ear_meetings *m, const struct ear_datagrams *net, bool keeps_all)
{
    *m = (struct ear_meetings){.net = *net, .keeps_all = keeps_all};
}

void ear_meetings_fini(struct ear_meetings *m)
{
    ear_sodium_wipe(m, sizeof *m);
}

/* ---- addresses ---- */

static struct ear_address make_address(uint32_t relay, uint32_t serial)
{
    struct ear_address a = {.len = ADDRESS_BYTES};
    memcpy(a.bytes, MARK, MARK_BYTES);
    a.bytes[MARK_BYTES] = (uint8_t)relay;
    for (int i = 0; i < 4; i++)
        a.bytes[MARK_BYTES + 1 + i] = (uint8_t)(serial >> (24 - 8 * i));
    return a;
}

bool ear_meetings_is_relayed(const struct ear_address *address)
{
    return address->len == ADDRESS_BYTES && memcmp(address->bytes, MARK, MARK_BYTES) == 0;
}

static uint32_t relay_of(const struct ear_address *address)
{
    return address->bytes[MARK_BYTES];
}

static uint32_t serial_of(const struct ear_address *address)
{
    uint32_t serial = 0;
    for (int i = 0; i < 4; i++)
        serial = serial << 8 | address->bytes[MARK_BYTES + 1 + i];
    return serial;
}

bool ear_meetings_same_relay(const struct ear_address *a, const struct ear_address *b)
{
    return ear_meetings_is_relayed(a) && ear_meetings_is_relayed(b) && relay_of(a) == relay_of(b);
}

static struct ear_meetings_entry *find_serial(struct ear_meetings *m, uint32_t serial)
{
    for (uint32_t i = 0; serial > 0 && i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial == serial)
            return &m->list[i];
    return NULL;
}

static struct ear_meetings_entry *entry_at(struct ear_meetings *m,
                                           const struct ear_address *address)
{
    return ear_meetings_is_relayed(address) ? find_serial(m, serial_of(address)) : NULL;
}

/* The relay at a socket's address, or -1. */
static int find_relay(const struct ear_meetings *m, const struct ear_address *address)
{
    for (int i = 0; i < EAR_MEETINGS_RELAYS; i++)
        if (m->relays[i].address.len > 0 && ear_address_equal(&m->relays[i].address, address))
            return i;
    return -1;
}

size_t ear_meetings_with(const struct ear_meetings *m, uint32_t guest, struct ear_address *ret,
                         size_t cap)
{
    size_t count = 0;
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX && count < cap; i++)
        if (m->list[i].serial > 0 && m->list[i].guest == guest)
            ret[count++] = make_address(m->list[i].relay, m->list[i].serial);
    return count;
}

struct ear_address ear_meetings_complete(const struct ear_meetings *m,
                                         const struct ear_address *from,
                                         const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                                         uint32_t guest)
{
    struct ear_address found = *from;
    if (!ear_meetings_is_relayed(from) || serial_of(from) > 0)
        return found;
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++) {
        const struct ear_meetings_entry *e = &m->list[i];
        if (e->serial == 0 || e->relay != relay_of(from))
            continue;
        if (memcmp(e->psk_id, psk_id, EAR_PSK_ID_BYTES) == 0)
            return make_address(e->relay, e->serial);
        if (e->guest == guest)
            found = make_address(e->relay, e->serial);
    }
    return found;
}

/* ---- sending ---- */

static int send_own(struct ear_meetings *m, struct ear_meetings_relay *relay, const uint8_t *data,
                    size_t len)
{
    m->counts.sent_datagrams++;
    m->counts.sent_bytes += (int64_t)len + EAR_DATAGRAM_OVERHEAD;
    if (!relay->asked) {
        relay->asked = true;
        relay->asked_us = m->now_us;
    }
    return m->net.send(m->net.ctx, &relay->address, data, len);
}

/* Sends what a meeting has to ask. */
static void drive(struct ear_meetings *m, struct ear_meetings_entry *e)
{
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    struct ear_meetings_relay *relay = &m->relays[e->relay];
    int len;
    while ((len = ear_rendezvous_next(&e->rendezvous, m->now_us, data)) > 0) {
        if (data[0] == EAR_RENDEZVOUS_PROOF)
            relay->speaker = 0; /* until the relay says who it is now */
        send_own(m, relay, data, (size_t)len);
    }
}

/* Whether what is sent to the relay as it is goes through that meeting: a proof that is on its way
 * might change that before it arrives. */
static bool speaks(const struct ear_meetings *m, const struct ear_meetings_entry *e)
{
    if (m->relays[e->relay].speaker != e->serial)
        return false;
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial > 0 && m->list[i].relay == e->relay &&
            m->list[i].rendezvous.state == EAR_RENDEZVOUS_PROVING)
            return false;
    return true;
}

/* Who sends much wants to send it as it is. */
static void count_said(struct ear_meetings *m, struct ear_meetings_entry *e)
{
    e->said++;
    if (e->said < SAID_MAX || e->rendezvous.state != EAR_RENDEZVOUS_HELD ||
        m->now_us - e->proved_us < PROVE_AGAIN_US)
        return;
    e->said = 0;
    e->proved_us = m->now_us;
    ear_rendezvous_moved(&e->rendezvous, m->now_us);
    drive(m, e);
}

static int say(struct ear_meetings *m, struct ear_meetings_entry *e, const uint8_t *data,
               size_t len)
{
    uint8_t out[EAR_DATAGRAM_MAX];
    int said = ear_rendezvous_say(e->rendezvous.proof.token, data, len, out, sizeof out);
    if (said < 0)
        return -EMSGSIZE;
    m->counts.sent_bytes += EAR_RENDEZVOUS_SAY_BYTES;
    return m->net.send(m->net.ctx, &m->relays[e->relay].address, out, (size_t)said);
}

static int send_through(struct ear_meetings *m, struct ear_meetings_entry *e, const uint8_t *data,
                        size_t len)
{
    if (!e || !ear_rendezvous_may_send(&e->rendezvous))
        return -ENOTCONN;
    /* Handshakes always say whom they are for: a call must not hang on who speaks. */
    bool sealed = len > 0 && data[0] & 0x80;
    ear_rendezvous_sent(&e->rendezvous, m->now_us);
    if (sealed && speaks(m, e))
        return m->net.send(m->net.ctx, &m->relays[e->relay].address, data, len);
    int err = say(m, e, data, len);
    if (sealed)
        count_said(m, e);
    return err;
}

/* To somebody at a relay who has not proved who it is: to all who are there. */
static int send_to_somebody(struct ear_meetings *m, uint32_t relay, const uint8_t *data, size_t len)
{
    int sent = 0;
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX && sent < SOMEBODY_MAX; i++) {
        struct ear_meetings_entry *e = &m->list[i];
        if (e->serial > 0 && e->relay == relay && e->rendezvous.other_there)
            sent += send_through(m, e, data, len) == 0;
    }
    return sent > 0 ? 0 : -ENOTCONN;
}

static int meetings_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    struct ear_meetings *m = ctx;
    if (!ear_meetings_is_relayed(to))
        return m->net.send(m->net.ctx, to, data, len);
    if (serial_of(to) == 0)
        return send_to_somebody(m, relay_of(to), data, len);
    return send_through(m, entry_at(m, to), data, len);
}

/* ---- receiving ---- */

static void note_answer(struct ear_meetings *m, uint32_t at)
{
    struct ear_meetings_relay *relay = &m->relays[at];
    relay->asked = false;
    relay->state = EAR_RELAY_ANSWERS;
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial > 0 && m->list[i].relay == at &&
            m->list[i].rendezvous.state == EAR_RENDEZVOUS_REFUSED)
            relay->state = EAR_RELAY_REFUSES;
}

static void take_own(struct ear_meetings *m, uint32_t relay, const uint8_t *data, size_t len)
{
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++) {
        struct ear_meetings_entry *e = &m->list[i];
        if (e->serial == 0 || e->relay != relay || !e->wanted ||
            ear_rendezvous_take(&e->rendezvous, m->now_us, data, len) < 0)
            continue;
        if (data[0] == EAR_RENDEZVOUS_BOUND) {
            bool spoke = m->relays[relay].speaker == e->serial;
            if (e->rendezvous.speaks)
                m->relays[relay].speaker = e->serial;
            else if (spoke)
                m->relays[relay].speaker = 0;
        }
        note_answer(m, relay);
        drive(m, e);
        return;
    }
}

static int meetings_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    struct ear_meetings *m = ctx;
    for (int own = 0; own < OWN_MAX; own++) {
        int len = m->net.receive(m->net.ctx, ret_from, data, cap);
        int relay = len > 0 && m->count > 0 ? find_relay(m, ret_from) : -1;
        if (relay < 0)
            return len;
        if (!ear_rendezvous_is_relays(data, (size_t)len)) {
            *ret_from = make_address((uint32_t)relay, 0);
            return len;
        }
        m->counts.received_datagrams++;
        m->counts.received_bytes += len + EAR_DATAGRAM_OVERHEAD;
        take_own(m, (uint32_t)relay, data, (size_t)len);
    }
    return -EAGAIN;
}

struct ear_datagrams ear_meetings_datagrams(struct ear_meetings *m)
{
    return (struct ear_datagrams){.send = meetings_send, .receive = meetings_receive, .ctx = m};
}

/* ---- the list ---- */

/* Where a relay is, or may be kept; -ENOSPC. */
static int place_for(struct ear_meetings *m, const struct ear_address *address)
{
    int at = find_relay(m, address);
    for (int i = 0; at < 0 && i < EAR_MEETINGS_RELAYS; i++)
        if (m->relays[i].address.len == 0)
            at = i;
    return at < 0 ? -ENOSPC : at;
}

static struct ear_meetings_entry *find(struct ear_meetings *m, const struct ear_meeting *meeting)
{
    int relay = find_relay(m, &meeting->relay);
    for (uint32_t i = 0; relay >= 0 && i < EAR_MEETINGS_MAX; i++) {
        struct ear_meetings_entry *e = &m->list[i];
        if (e->serial > 0 && e->relay == (uint32_t)relay &&
            memcmp(e->psk_id, meeting->psk_id, EAR_PSK_ID_BYTES) == 0)
            return e;
    }
    return NULL;
}

static struct ear_meetings_entry *find_free(struct ear_meetings *m)
{
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial == 0)
            return &m->list[i];
    return NULL;
}

int ear_meetings_add(struct ear_meetings *m, const struct ear_meeting *meeting)
{
    struct ear_meetings_entry *e = find(m, meeting);
    if (e) {
        e->guest = meeting->guest;
        return 0;
    }
    e = find_free(m);
    int relay = place_for(m, &meeting->relay);
    if (!e || relay < 0 || meeting->relay.len == 0)
        return -ENOSPC;
    if (m->relays[relay].address.len == 0)
        m->relays[relay] = (struct ear_meetings_relay){.address = meeting->relay};
    *e = (struct ear_meetings_entry){.serial = ++m->serials,
                                     .wanted = m->keeps_all,
                                     .relay = (uint32_t)relay,
                                     .guest = meeting->guest,
                                     .proved_us = m->now_us};
    memcpy(e->psk_id, meeting->psk_id, sizeof e->psk_id);
    ear_rendezvous_start(&e->rendezvous, meeting->secret, meeting->role, m->now_us);
    m->count++;
    return 0;
}

static void drop(struct ear_meetings *m, struct ear_meetings_entry *e)
{
    uint32_t relay = e->relay;
    ear_sodium_wipe(e, sizeof *e);
    m->count--;
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial > 0 && m->list[i].relay == relay)
            return;
    m->relays[relay] = (struct ear_meetings_relay){.address = {.len = 0}};
}

void ear_meetings_remove(struct ear_meetings *m, const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                         const struct ear_address *relay)
{
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++) {
        struct ear_meetings_entry *e = &m->list[i];
        if (e->serial > 0 && memcmp(e->psk_id, psk_id, EAR_PSK_ID_BYTES) == 0 &&
            (relay->len == 0 || ear_address_equal(&m->relays[e->relay].address, relay)))
            drop(m, e);
    }
}

void ear_meetings_forget(struct ear_meetings *m, uint32_t guest)
{
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial > 0 && m->list[i].guest == guest)
            drop(m, &m->list[i]);
}

void ear_meetings_rename(struct ear_meetings *m, const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                         uint32_t guest)
{
    for (uint32_t i = 0; i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial > 0 && memcmp(m->list[i].psk_id, psk_id, EAR_PSK_ID_BYTES) == 0)
            m->list[i].guest = guest;
}

void ear_meetings_want(struct ear_meetings *m, uint32_t guest, bool wanted)
{
    for (uint32_t i = 0; !m->keeps_all && i < EAR_MEETINGS_MAX; i++) {
        struct ear_meetings_entry *e = &m->list[i];
        if (e->serial == 0 || e->guest != guest || e->wanted == wanted)
            continue;
        e->wanted = wanted;
        if (wanted)
            ear_rendezvous_moved(&e->rendezvous, m->now_us);
        else
            m->relays[e->relay].asked = false;
    }
}

/* ---- time ---- */

void ear_meetings_tend(struct ear_meetings *m, int64_t now_us)
{
    m->now_us = now_us;
    for (uint32_t i = 0; m->count > 0 && i < EAR_MEETINGS_MAX; i++)
        if (m->list[i].serial > 0 && m->list[i].wanted &&
            now_us >= ear_rendezvous_due_us(&m->list[i].rendezvous))
            drive(m, &m->list[i]);
    for (int i = 0; m->count > 0 && i < EAR_MEETINGS_RELAYS; i++)
        if (m->relays[i].asked && now_us - m->relays[i].asked_us >= SILENT_US)
            m->relays[i].state = EAR_RELAY_SILENT;
}

bool ear_meetings_news(struct ear_meetings *m, struct ear_address *ret_relay,
                       enum ear_relay_state *ret)
{
    for (int i = 0; m->count > 0 && i < EAR_MEETINGS_RELAYS; i++) {
        struct ear_meetings_relay *relay = &m->relays[i];
        if (relay->address.len == 0 || relay->state == relay->told)
            continue;
        relay->told = *ret = relay->state;
        *ret_relay = relay->address;
        return true;
    }
    return false;
}

void ear_meetings_heard(struct ear_meetings *m, const struct ear_address *from)
{
    struct ear_meetings_entry *e = entry_at(m, from);
    if (!e)
        return;
    ear_rendezvous_heard(&e->rendezvous, m->now_us);
    note_answer(m, e->relay);
}

void ear_meetings_doubt(struct ear_meetings *m, const struct ear_address *address)
{
    struct ear_meetings_entry *e = entry_at(m, address);
    if (!e)
        return;
    ear_rendezvous_doubt(&e->rendezvous, m->now_us);
    if (e->wanted)
        drive(m, e);
}
