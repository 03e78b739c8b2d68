/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps the engines of a party by hand. */
#include "party.h"

#include <inttypes.h>

#include "port/codec.h"
#include "port/enet_link.h"
#include "sim/enet_virtual.h"
#include "sim/introduce.h"
#include "sim/numbered.h"

static struct party the_party;
static struct ear_guests guests[EAR_HUB_PLACES];
static struct ear_guests *const all_know_all[EAR_HUB_PLACES] = {
    &guests[0], &guests[1], &guests[2], &guests[3], &guests[4], &guests[5], &guests[6], &guests[7]};

/* Keys that repeat with the seed. */
static void fill(void *ctx, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(ear_random_u64(ctx) >> 32);
}

static void on_play(void *ctx, const struct ear_play_event *event)
{
    struct party_end *end = ctx;
    if (event->source == EAR_PLAY_CONCEALED)
        return;
    end->heard++;
    end->heard_us = event->heard_us;
}

size_t party_meetings(int i, struct ear_meeting ret[static EAR_HUB_PLACES])
{
    size_t count = 0;
    for (int other = 0; other < PARTY; other++) {
        const struct ear_guest *guest = ear_guests_numbered(all_know_all[i], (uint32_t)other + 1);
        bool invited = i < other;
        if (!guest || other == i)
            continue;
        const struct ear_psk *psk = &guest->psks[invited ? EAR_PSK_TAKEN : EAR_PSK_GIVEN];
        struct ear_meeting *m = &ret[count++];
        *m = (struct ear_meeting){
            .guest = guest->number,
            .relay = ear_hub_address(PARTY_RELAY),
            .role = invited ? EAR_RENDEZVOUS_INVITED : EAR_RENDEZVOUS_INVITER,
        };
        memcpy(m->psk_id, psk->id, sizeof m->psk_id);
        ear_rendezvous_derive(
            psk->secret, invited ? guest->static_key : all_know_all[i]->static_public, m->secret);
    }
    return count;
}

static void open_engine(struct party *p, int i, bool auto_answer, int wire_budget_bps)
{
    struct party_end *end = &p->ends[i];
    struct ear_meeting meetings[EAR_HUB_PLACES];
    size_t meeting_count = p->relay && !(p->unmet & 1u << i) ? party_meetings(i, meetings) : 0;
    const struct ear_engine_config config = {
        .clock = &p->clock,
        .net = ear_hub_end(&p->hub, i),
        .mic = &end->person.mic,
        .speaker = &end->person.speaker,
        .codec = end->codec,
        .guests = all_know_all[i],
        .stamps = {.last = (uint64_t)(++p->stamps * 1000000), .end = UINT64_MAX},
        .chance = {.fill = fill, .ctx = &p->chance},
        .accept = !(p->dialers & 1u << i),
        .meetings = meetings,
        .meeting_count = meeting_count,
        .auto_answer = auto_answer,
        .wire_budget_bps = wire_budget_bps ? wire_budget_bps : 16000,
        .on_play = on_play,
        .ctx = end,
    };
    assert_int_equal(ear_engine_new(&end->engine, &config), 0);
}

static void open_end(struct party *p, int i, const struct party_options *options)
{
    struct party_end *end = &p->ends[i];
    ear_person_init(&end->person, 0);
    end->person.speaks = true;
    assert_int_equal(options->opus ? ear_codec_opus_new(&end->codec, &ear_codec_opus_usual)
                                   : ear_numbered_new(&end->codec),
                     0);
    open_engine(p, i, options->auto_answer, options->wire_budget_bps);
}

static void release(struct party *p)
{
    for (int i = 0; i < p->count; i++) {
        ear_engine_free(p->ends[i].engine);
        if (p->opus)
            ear_codec_opus_free(p->ends[i].codec);
        else
            free(p->ends[i].codec);
    }
    if (p->count > 0)
        ear_enet_stop();
    p->count = 0;
    ear_reflect_free(p->relay);
    p->relay = NULL;
}

static struct ear_reflect *new_relay(void)
{
    struct ear_reflect *relay = NULL;
    struct ear_reflect_config config = ear_reflect_usual;
    memset(config.seed, 7, sizeof config.seed);
    assert_int_equal(ear_reflect_new(&relay, &config), 0);
    return relay;
}

void party_restart_relay(struct party *p)
{
    ear_reflect_free(p->relay);
    p->relay = new_relay();
}

/* A place of the hub's as the relay sees it. */
static struct ear_relay_address relay_address(const struct ear_address *a)
{
    return (struct ear_relay_address){.ip = {[10] = 0xff, [11] = 0xff, [15] = a->bytes[3]},
                                      .port = 1};
}

static void run_relay(struct party *p)
{
    struct ear_datagrams net = ear_hub_end(&p->hub, PARTY_RELAY);
    struct ear_reflect_out out[EAR_REFLECT_OUT_MAX];
    uint8_t data[EAR_DATAGRAM_MAX];
    struct ear_address from;
    for (int len; (len = net.receive(net.ctx, &from, data, sizeof data)) > 0;) {
        const struct ear_relay_address at = relay_address(&from);
        int count = ear_reflect_take(p->relay, p->time.now_us, &at, data, (size_t)len, out);
        for (int i = 0; i < count; i++) {
            const struct ear_address to = ear_hub_address(out[i].to.ip[15]);
            assert_int_equal(net.send(net.ctx, &to, out[i].data, out[i].len), 0);
        }
    }
}

struct party *party_open(const struct party_options *options)
{
    struct party *p = &the_party;
    release(p); /* what a failed test left */
    memset(p, 0, sizeof *p);
    p->time.now_us = 1000 * S;
    p->clock = ear_clock_from_virtual(&p->time);
    p->count = options->count;
    p->opus = options->opus;
    p->dialers = options->dialers;
    p->unmet = options->unmet;
    ear_hub_init(&p->hub, &p->clock, options->seed);
    p->chance = ear_random_seeded(options->seed);
    assert_int_equal(ear_sodium_start(), 0);
    ear_introduce(all_know_all, EAR_HUB_PLACES,
                  &(struct ear_chance){.fill = fill, .ctx = &p->chance});
    ear_enet_virtual_start(&p->clock, 0);
    assert_int_equal(ear_enet_start(), 0);
    p->relay = options->relay ? new_relay() : NULL;
    for (int i = 0; i < p->count; i++)
        open_end(p, i, options);
    for (int i = p->count; i < EAR_HUB_PLACES - (p->relay != NULL); i++)
        p->hub.cut[i] = true; /* nobody would fetch what comes there */
    return p;
}

void party_close(struct party *p)
{
    assert_int_equal(ear_enet_start(), 0);
    release(p);
    assert_int_equal(ear_enet_memory_used(), 0);
    ear_enet_stop();
}

static void take_events(struct party *p, struct party_end *end)
{
    struct ear_event event;
    while (ear_engine_event(end->engine, &event)) {
        assert_true(end->event_count < PARTY_EVENTS);
        end->event_us[end->event_count] = p->time.now_us;
        end->events[end->event_count++] = event;
    }
}

static void step(struct party *p, bool arrival)
{
    if (p->relay)
        run_relay(p);
    for (int i = 0; i < p->count; i++) {
        struct party_end *end = &p->ends[i];
        if (!arrival && p->time.now_us < end->due_us)
            continue;
        if (p->around)
            p->around(p, true);
        end->due_us = ear_engine_step(end->engine);
        if (p->around)
            p->around(p, false);
        take_events(p, end);
    }
}

void party_run(struct party *p, int64_t duration_us)
{
    int64_t until = p->time.now_us + duration_us;
    for (;;) {
        int64_t arrival = ear_hub_next_us(&p->hub), next = arrival;
        for (int i = 0; i < p->count; i++)
            next = ear_min64(next, p->ends[i].due_us);
        if (next > until)
            break;
        p->time.now_us = ear_max64(p->time.now_us, next);
        step(p, arrival <= p->time.now_us);
    }
    p->time.now_us = until;
}

static void command(struct party *p, int end, const struct ear_command *c)
{
    assert_true(ear_engine_command(p->ends[end].engine, c));
    p->ends[end].due_us = p->time.now_us;
    party_run(p, 0);
}

void party_dial(struct party *p, int from, int to)
{
    command(p, from,
            &(struct ear_command){.kind = EAR_COMMAND_DIAL,
                                  .address = ear_hub_address(to),
                                  .guest = (uint32_t)to + 1});
}

void party_dial_by_relay(struct party *p, int from, int to)
{
    command(p, from, &(struct ear_command){.kind = EAR_COMMAND_DIAL, .guest = (uint32_t)to + 1});
}

void party_command(struct party *p, int end, enum ear_command_kind kind, bool on)
{
    command(p, end, &(struct ear_command){.kind = kind, .on = on});
}

struct ear_engine_status party_status(struct party *p, int end)
{
    struct ear_engine_status status;
    ear_engine_get_status(p->ends[end].engine, &status);
    return status;
}

enum ear_phase party_phase(struct party *p, int end)
{
    return party_status(p, end).phase;
}

enum ear_ending party_ending(struct party *p, int end)
{
    return party_status(p, end).ending;
}

int64_t party_until(struct party *p, int end, enum ear_phase phase, int64_t limit_us)
{
    int64_t begin = p->time.now_us;
    while (party_phase(p, end) != phase) {
        if (p->time.now_us - begin > limit_us)
            fail_msg("end %d is %s, not %s, after %" PRId64 " ms", end,
                     ear_phase_name(party_phase(p, end)), ear_phase_name(phase), limit_us / MS);
        party_run(p, 20 * MS);
    }
    return p->time.now_us;
}

int party_events(const struct party *p, int end, enum ear_event_kind kind)
{
    int count = 0;
    for (int i = 0; i < p->ends[end].event_count; i++)
        count += p->ends[end].events[i].kind == kind;
    return count;
}

void party_forget_secret(struct party *p, int end, int with)
{
    struct ear_guest *guest =
        (struct ear_guest *)ear_guests_numbered(all_know_all[end], (uint32_t)with + 1);
    for (int kind = 0; kind < EAR_PSK_KINDS; kind++)
        guest->psks[kind].secret[0] ^= 1; /* its name stays, so that it is asked for */
    ear_engine_free(p->ends[end].engine);
    open_engine(p, end, false, 0);
}
