/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The change of keys. An invariant: this end holds every key that the other end may seal under. */
#include "wire/keyring.h"

#include <assert.h>
#include <errno.h>

#include "wire/handshake.h"

void ear_keyring_init(struct ear_keyring *ring, int64_t erase_after_us, uint32_t packets_max)
{
    *ring = (struct ear_keyring){.erase_after_us = erase_after_us, .packets_max = packets_max};
}

static void erase(struct ear_epoch *epoch)
{
    ear_sodium_wipe(epoch, sizeof *epoch);
}

/* Leaves no copy: a counter must not live twice. */
static void move(struct ear_epoch *to, struct ear_epoch *from)
{
    *to = *from;
    erase(from);
}

uint32_t ear_keyring_name(const struct ear_keyring *ring)
{
    return ring->current.name;
}

uint16_t ear_keyring_next_number(const struct ear_keyring *ring)
{
    if (!ring->current.held && !ring->next.held)
        return 0;
    return (uint16_t)((ring->next.held ? ring->next.number : ring->current.number) + 1);
}

static void make(struct ear_epoch *epoch, const struct ear_keyring *ring,
                 struct ear_noise_state *noise, uint16_t number, int64_t now_us)
{
    uint8_t out[EAR_KEY_BYTES], in[EAR_KEY_BYTES];
    *epoch = (struct ear_epoch){
        .made_us = now_us,
        .erase_us = INT64_MAX,
        .number = number,
        .name = ear_handshake_name(noise),
        .held = true,
    };
    ear_handshake_finish(noise, out, in);
    ear_seal_init(&epoch->seal, out, in, number, ring->packets_max);
    ear_sodium_wipe(out, sizeof out);
    ear_sodium_wipe(in, sizeof in);
}

void ear_keyring_put_answered(struct ear_keyring *ring, struct ear_noise_state *noise,
                              uint16_t number, int64_t now_us)
{
    erase(&ring->next);
    make(&ring->next, ring, noise, number, now_us);
}

/* previous := what the other end still seals under. It tells us, as our own view may lag: it may
 * not have heard our current keys, or have confirmed our next ones where we have heard nothing. */
static void keep_for_other(struct ear_keyring *ring, uint32_t other_name)
{
    if (ring->previous.held && ring->previous.name == other_name)
        erase(&ring->current);
    else if (ring->next.held && ring->next.name == other_name)
        move(&ring->previous, &ring->next);
    else if (ring->current.held)
        move(&ring->previous, &ring->current);
    ring->previous.erase_us = INT64_MAX;
}

void ear_keyring_put_called(struct ear_keyring *ring, struct ear_noise_state *noise,
                            uint16_t number, uint32_t other_name, int64_t now_us)
{
    keep_for_other(ring, other_name);
    erase(&ring->current);
    erase(&ring->next);
    make(&ring->current, ring, noise, number, now_us);
}

int ear_keyring_seal(struct ear_keyring *ring, enum ear_class class, const uint8_t *body,
                     size_t len, uint8_t *out, size_t cap)
{
    struct ear_epoch *epoch = ring->current.held ? &ring->current : &ring->next;
    if (!epoch->held)
        return -ENOTCONN;
    return ear_seal_seal(&epoch->seal, class, body, len, out, cap);
}

/* The caller has the answer: its keys are ours now. */
static void confirm_next(struct ear_keyring *ring, int64_t now_us)
{
    /* Keys that the other end has never used are not what it used until now. */
    if (ring->current.held && (ring->current.heard || !ring->previous.held))
        move(&ring->previous, &ring->current);
    ring->previous.erase_us = now_us + ring->erase_after_us;
    move(&ring->current, &ring->next);
}

static void opened_under(struct ear_keyring *ring, struct ear_epoch *epoch, int64_t now_us)
{
    if (epoch == &ring->previous)
        return;
    if (epoch == &ring->next)
        confirm_next(ring, now_us);
    else if (!epoch->heard)
        ring->previous.erase_us = now_us + ring->erase_after_us;
    ring->current.heard = true;
}

bool ear_keyring_confirm(struct ear_keyring *ring, uint32_t name, int64_t now_us)
{
    if (!ring->next.held || ring->next.name != name)
        return false;
    opened_under(ring, &ring->next, now_us);
    return true;
}

int ear_keyring_open(struct ear_keyring *ring, const struct ear_bytes *datagram, int64_t now_us,
                     uint8_t *out, size_t cap, struct ear_opened *ret)
{
    struct ear_epoch *epochs[] = {&ring->current, &ring->next, &ring->previous};
    struct ear_opened opened;
    int worst = -EBADMSG;
    ear_keyring_expire(ring, now_us);
    for (size_t i = 0; i < EAR_COUNT(epochs); i++) {
        if (!epochs[i]->held)
            continue;
        int r = ear_seal_open(&epochs[i]->seal, datagram->data, datagram->len, out, cap, &opened);
        if (r >= 0) {
            opened.newest &= epochs[i] != &ring->previous || !ring->current.heard;
            *ret = opened;
            opened_under(ring, epochs[i], now_us);
            return r;
        }
        if (r != -EPROTO)
            worst = r;
    }
    return worst;
}

void ear_keyring_expire(struct ear_keyring *ring, int64_t now_us)
{
    if (ring->previous.held && now_us >= ring->previous.erase_us)
        erase(&ring->previous);
}
