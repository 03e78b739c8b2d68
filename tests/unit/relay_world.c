/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the relay share: the relay's promises are held to in pass(). */
#include "relay_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct ear_relay_address v4(uint32_t host, uint16_t port)
{
    struct ear_relay_address a = {.port = port};
    a.ip[10] = a.ip[11] = 0xff;
    for (int i = 0; i < 4; i++)
        a.ip[12 + i] = (uint8_t)(host >> (24 - 8 * i));
    return a;
}

struct ear_relay_address v6(uint64_t network, uint64_t host, uint16_t port)
{
    struct ear_relay_address a = {.port = port};
    for (int i = 0; i < 8; i++) {
        a.ip[i] = (uint8_t)(network >> (56 - 8 * i));
        a.ip[8 + i] = (uint8_t)(host >> (56 - 8 * i));
    }
    return a;
}

struct world world_with(struct ear_reflect_config config)
{
    struct world w = {.now_us = 1000 * S};
    memset(config.seed, 7, sizeof config.seed);
    assert_int_equal(ear_reflect_new(&w.reflect, &config), 0);
    return w;
}

static bool is_proved(const struct world *w, const struct ear_relay_address *address)
{
    for (int i = 0; i < w->proved_count; i++)
        if (ear_relay_address_equal(&w->proved[i], address))
            return true;
    return false;
}

/* IP and UDP. */
static size_t headers(const struct ear_relay_address *a)
{
    return a->ip[10] == 0xff ? 28 : 48;
}

int pass(struct world *w, const struct ear_relay_address *from, const uint8_t *data, size_t len)
{
    int64_t dropped = 0, dropped_before = 0;
    const struct ear_reflect_counts *c = ear_reflect_counts(w->reflect);
    for (int i = 0; i < EAR_DROP_COUNT; i++)
        dropped_before += c->dropped[i];
    int count = ear_reflect_take(w->reflect, w->now_us, from, data, len, w->out);
    for (int i = 0; i < EAR_DROP_COUNT; i++)
        dropped += c->dropped[i];
    size_t sum = 0, own = 0;
    for (int i = 0; i < count; i++) {
        const struct ear_reflect_out *o = &w->out[i];
        sum += o->len;
        own += o->data == o->own ? o->len + headers(&o->to) : 0;
        if (o->data[0] == EAR_RENDEZVOUS_BOUND && data[0] == EAR_RENDEZVOUS_PROOF && i == 0) {
            assert_true(ear_relay_address_equal(&o->to, from));
            assert_true(w->proved_count < PROVED_MAX);
            if (!is_proved(w, from))
                w->proved[w->proved_count++] = *from;
        }
        bool back = ear_relay_address_equal(&o->to, from);
        bool told = o->data[0] == EAR_RENDEZVOUS_CHALLENGE || o->data[0] == EAR_RENDEZVOUS_FULL;
        assert_true(is_proved(w, &o->to) || (back && told));
    }
    assert_true(sum <= len && own <= len + headers(from));
    /* Whatever is not answered is counted. */
    assert_true(count > 0 || dropped == dropped_before + 1);
    return count;
}

int64_t dropped(const struct world *w, enum ear_drop why)
{
    return ear_reflect_counts(w->reflect)->dropped[why];
}

struct end end_at(struct world *w, uint8_t meeting, uint8_t role, struct ear_relay_address address)
{
    struct end e = {.address = address};
    uint8_t secret[EAR_KEY_BYTES] = {0, meeting}; /* X25519 leaves out the lowest bits */
    ear_rendezvous_start(&e.r, secret, role, w->now_us);
    return e;
}

void talk(struct world *w, struct end *e)
{
    uint8_t data[EAR_RENDEZVOUS_BYTES_MAX];
    for (int len; (len = ear_rendezvous_next(&e->r, w->now_us, data)) > 0;) {
        int count = pass(w, &e->address, data, (size_t)len);
        for (int i = 0; i < count; i++)
            if (ear_relay_address_equal(&w->out[i].to, &e->address))
                (void)ear_rendezvous_take(&e->r, w->now_us, w->out[i].data, w->out[i].len);
    }
}

struct end bound_end(struct world *w, uint8_t meeting, uint8_t role,
                     struct ear_relay_address address)
{
    struct end e = end_at(w, meeting, role, address);
    talk(w, &e);
    assert_int_equal(e.r.state, EAR_RENDEZVOUS_HELD);
    return e;
}

bool reaches(struct world *w, const struct end *from, const struct end *to)
{
    static const uint8_t data[100] = {0x80, 1, 2, 3};
    if (pass(w, &from->address, data, sizeof data) != 1)
        return false;
    assert_ptr_equal(w->out[0].data, data); /* as it came, unread */
    assert_int_equal(w->out[0].len, sizeof data);
    return ear_relay_address_equal(&w->out[0].to, &to->address);
}

size_t spy_on_proof(struct world *w, struct end *e, uint8_t data[EAR_RENDEZVOUS_BYTES_MAX])
{
    int len = ear_rendezvous_next(&e->r, w->now_us, data);
    assert_int_equal(pass(w, &e->address, data, (size_t)len), 1);
    assert_int_equal(ear_rendezvous_take(&e->r, w->now_us, w->out[0].data, w->out[0].len), 0);
    len = ear_rendezvous_next(&e->r, w->now_us, data);
    assert_int_equal(data[0], EAR_RENDEZVOUS_PROOF);
    assert_true(pass(w, &e->address, data, (size_t)len) > 0);
    assert_int_equal(ear_rendezvous_take(&e->r, w->now_us, w->out[0].data, w->out[0].len), 0);
    return (size_t)len;
}
