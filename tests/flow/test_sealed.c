/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a whole call puts on the network: how many bytes, and nothing that can be read. */
#include "party.h"

#include "call/switchboard.h"
#include "port/enet_link.h"
#include "sim/enet_virtual.h"
#include "sim/introduce.h"

#define DATAGRAMS 8192
#define MARKERS 25
#define RTT_US (100 * MS)
/* 41 and what the whole call costs besides, a packet. */
#define COST_MAX 43.2
#define PEAK_BPS_MAX 9100

/* All that end 0 and end 1 sent, and what they had made of it. */
static struct {
    const struct party *party;
    int (*encode)(void *, const struct ear_codec_format *, const int16_t *, uint8_t *);
    int64_t at_us[2][DATAGRAMS], bytes[2][DATAGRAMS];
    int count[2];
    int64_t packets[2], wrong_cost;
    /* Of packets of speech, in bytes. What protects speech is speech once more, and padding hides
     * how long it is: both are paid for by choice, and counted apart from what each packet costs.
     */
    int64_t fixed_bytes[2], report_bytes[2], rider_bytes[2], speech_bytes[2], protection_bytes[2];
    int64_t handshake_bytes[2], control_bytes[2], silence_bytes[2];
    bool found; /* a marker */
} seen;

/* ---- what is in a datagram: it is looked at as it is built, before it is sealed ---- */

static struct {
    bool waits, silence;
    int len, report, riders, speech, protection; /* bytes */
} built;

int __real_ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap);
int __wrap_ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap);

int __wrap_ear_audio_build(const struct ear_audio *audio, uint8_t *out, size_t cap)
{
    int len = __real_ear_audio_build(audio, out, cap);
    struct ear_audio bare = *audio;
    bare.blocks_len = 0;
    built.waits = len > 0;
    built.silence = audio->silence;
    built.len = len;
    built.report = audio->has_report ? (int)ear_link_report_bytes(&audio->report) : 0;
    built.riders = (int)ear_audio_needs(&bare) - EAR_AUDIO_HEADER_BYTES - built.report;
    built.speech = audio->silence ? 0 : (int)audio->payload_len;
    built.protection = len - EAR_AUDIO_HEADER_BYTES - built.report - built.riders - built.speech;
    return len;
}

static const char *marker(int number)
{
    static char text[16];
    snprintf(text, sizeof text, "<Marker-%02d>", number);
    return text;
}

static bool holds(const uint8_t *data, size_t len, const void *what, size_t what_len)
{
    for (size_t i = 0; i + what_len <= len; i++)
        if (memcmp(data + i, what, what_len) == 0)
            return true;
    return false;
}

static bool holds_marker(const uint8_t *data, size_t len)
{
    for (int i = 0; i < 2 * MARKERS; i++)
        if (holds(data, len, marker(i), strlen(marker(i))))
            return true;
    return false;
}

static bool is_speech(const uint8_t *data)
{
    return (data[0] & EAR_SEALED) && !(data[0] & EAR_SEALED_CONTROL);
}

static void tap(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    (void)to;
    int64_t bytes = (int64_t)len + EAR_DATAGRAM_OVERHEAD;
    assert_true(from < 2 && seen.count[from] < DATAGRAMS);
    seen.found = seen.found || holds_marker(data, len);
    seen.at_us[from][seen.count[from]] = seen.party->time.now_us;
    seen.bytes[from][seen.count[from]++] = bytes;
    seen.handshake_bytes[from] += data[0] & EAR_SEALED ? 0 : bytes;
    seen.control_bytes[from] += (data[0] & EAR_SEALED) && !is_speech(data) ? bytes : 0;
    if (!is_speech(data))
        return;
    bool silence = !built.waits || built.silence; /* probes are of this class as well */
    seen.silence_bytes[from] += silence ? bytes : 0;
    if (silence)
        return;
    built.waits = false;
    int fixed = (int)bytes - built.len + EAR_AUDIO_HEADER_BYTES;
    seen.wrong_cost += fixed != EAR_SPEECH_FIXED_BYTES;
    seen.packets[from]++;
    seen.fixed_bytes[from] += fixed;
    seen.report_bytes[from] += built.report;
    seen.rider_bytes[from] += built.riders;
    seen.speech_bytes[from] += built.speech;
    seen.protection_bytes[from] += built.protection;
}

/* Numbered packets whose padding can be read. */
static int encode_markers(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                          uint8_t *ret_packet)
{
    int len = seen.encode(ctx, format, pcm, ret_packet);
    const char *text = marker(ret_packet[4] % MARKERS); /* last byte of the number */
    for (int i = 0; 5 + i < len; i++)
        ret_packet[5 + i] = (uint8_t)text[(size_t)i % strlen(text)];
    assert_true(holds_marker(ret_packet, (size_t)len));
    return len;
}

static struct party *open_seen(const struct party_options *options,
                               int (*encode)(void *, const struct ear_codec_format *,
                                             const int16_t *, uint8_t *))
{
    memset(&seen, 0, sizeof seen);
    struct party *p = party_open(options);
    seen.party = p;
    seen.encode = p->ends[0].codec->encode;
    for (int end = 0; encode && end < 2; end++)
        p->ends[end].codec->encode = encode;
    p->hub.delay_us = RTT_US / 2;
    p->hub.tap = tap;
    return p;
}

/* A call of a minute with hanging up; end 0 speaks all the time. */
static void call_of_a_minute(struct party *p, bool both)
{
    p->ends[1].person.speaks = both;
    party_dial(p, 0, 1);
    party_until(p, 0, EAR_PHASE_TALKING, 5 * S);
    party_run(p, 60 * S);
    assert_int_equal(party_phase(p, 1), EAR_PHASE_TALKING);
    party_command(p, 0, EAR_COMMAND_HANG_UP, false);
    party_until(p, 0, EAR_PHASE_IDLE, 5 * S);
    party_until(p, 1, EAR_PHASE_IDLE, 5 * S);
}

/* All that was sent but speech and what protects it, for each packet of speech. */
static double cost(int from)
{
    int64_t bytes = 0;
    for (int i = 0; i < seen.count[from]; i++)
        bytes += seen.bytes[from][i];
    return (double)(bytes - seen.speech_bytes[from] - seen.protection_bytes[from]) /
           (double)seen.packets[from];
}

/* Most that an end sent in any 10 s, bit/s. */
static double peak_bps(int from)
{
    int64_t sum = 0, most = 0;
    for (int i = 0, first = 0; i < seen.count[from]; i++) {
        sum += seen.bytes[from][i];
        while (seen.at_us[from][first] <= seen.at_us[from][i] - 10 * S)
            sum -= seen.bytes[from][first++];
        most = ear_max64(most, sum);
    }
    return (double)most * 8 / 10;
}

static void print_cost(const char *talker, int from)
{
    double packets = (double)seen.packets[from];
    printf("cost_of_a_packet_%s: %.2f byte (fixed %.2f, reports %.2f, other riders %.2f, handshake "
           "%.2f, control %.2f, silences %.2f; %.0f packets; apart: speech %.2f, protection and "
           "padding %.2f)\n",
           talker, cost(from), (double)seen.fixed_bytes[from] / packets,
           (double)seen.report_bytes[from] / packets, (double)seen.rider_bytes[from] / packets,
           (double)seen.handshake_bytes[from] / packets, (double)seen.control_bytes[from] / packets,
           (double)seen.silence_bytes[from] / packets, packets,
           (double)seen.speech_bytes[from] / packets,
           (double)seen.protection_bytes[from] / packets);
}

static void measure_cost(const struct party_options *options)
{
    struct party *p = open_seen(options, NULL);
    call_of_a_minute(p, false);
    assert_at_least(seen.packets[0], 400); /* 60 s of 120 ms are 500 */
    assert_int_equal(seen.wrong_cost, 0);
    assert_at_least(seen.report_bytes[0], 60 * EAR_LINK_REPORT_BRIEF_BYTES);
    char talker[32];
    snprintf(talker, sizeof talker, "%s_%d", options->opus ? "opus" : "numbered",
             options->wire_budget_bps);
    print_cost(talker, 0);
    printf("sent_by_the_listener_%s: %.0f bit/s\n", talker, peak_bps(1));
    assert_at_most(cost(0), COST_MAX);
    /* What is apart is no place to hide in: speech has the most of each datagram's body. */
    assert_at_least(seen.speech_bytes[0], (double)seen.protection_bytes[0]);
    party_close(p);
}

/* 41 bytes, and now and then a rider: a report of 2 or 6, 1 that ends a spurt, or wants. */
static void a_packet_of_speech_costs_41(void **state)
{
    (void)state;
    for (int opus = 0; opus < 2; opus++) {
        struct party_options options = {
            .count = 2, .seed = SEED, .opus = opus, .auto_answer = true, .wire_budget_bps = 16000};
        measure_cost(&options);
        options.wire_budget_bps = 9100;
        measure_cost(&options);
    }
}

static void six_kbits_cost_little_more_than_nine(void **state)
{
    (void)state;
    for (int opus = 0; opus < 2; opus++) {
        struct party *p = open_seen(&(struct party_options){.count = 2,
                                                            .seed = SEED,
                                                            .opus = opus,
                                                            .auto_answer = true,
                                                            .wire_budget_bps = 9100},
                                    NULL);
        call_of_a_minute(p, true);
        printf("peak_10s_%s: %.0f %.0f bit/s\n", opus ? "opus" : "numbered", peak_bps(0),
               peak_bps(1));
        assert_at_least(peak_bps(0), 7500);
        assert_at_most(peak_bps(0), PEAK_BPS_MAX);
        assert_at_most(peak_bps(1), PEAK_BPS_MAX);
        party_close(p);
    }
}

static void speech_cannot_be_read(void **state)
{
    (void)state;
    struct party *p = open_seen(
        &(struct party_options){.count = 2, .seed = SEED, .auto_answer = true}, encode_markers);
    call_of_a_minute(p, true);
    assert_at_least(seen.packets[0], 400); /* 60 s of 120 ms are 500 */
    assert_at_least(p->ends[1].heard, 400);
    assert_false(seen.found);
    party_close(p);
}

/* ---- control messages: two switchboards without engines ---- */

static void fill(void *ctx, void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)(ear_random_u64(ctx) >> 32);
}

static struct {
    struct ear_hub hub;
    struct ear_guests guests[2];
    struct ear_switchboard boards[2];
    struct ear_session *session[2]; /* once connected */
    int64_t heard[2];
    bool found, key_found;
} desk;

static void tap_desk(void *ctx, int from, int to, const uint8_t *data, size_t len)
{
    (void)ctx;
    (void)from;
    (void)to;
    desk.found = desk.found || holds_marker(data, len);
    for (int i = 0; i < 2; i++) {
        const struct ear_psk *psk = ear_guests_call_with(&desk.guests[i].list[0]);
        desk.key_found = desk.key_found ||
                         holds(data, len, desk.guests[i].static_public, EAR_KEY_BYTES) ||
                         holds(data, len, psk->id, EAR_PSK_ID_BYTES);
    }
}

static void serve_desk(int64_t now_us)
{
    struct ear_switchboard_event event;
    for (int i = 0; i < 2; i++) {
        while (ear_switchboard_next(&desk.boards[i], now_us, &event)) {
            if (event.kind == EAR_SWITCHBOARD_CONNECTED)
                desk.session[i] = event.session;
            desk.heard[i] +=
                event.kind == EAR_SWITCHBOARD_CONTROL && holds_marker(event.data, event.len);
        }
    }
}

static void open_desk(struct ear_clock *clock, struct ear_random *random)
{
    struct ear_guests *const guests[] = {&desk.guests[0], &desk.guests[1]};
    const struct ear_chance chance = {.fill = fill, .ctx = random};
    memset(&desk, 0, sizeof desk);
    assert_int_equal(ear_sodium_start(), 0);
    ear_enet_virtual_start(clock, 0);
    assert_int_equal(ear_enet_start(), 0);
    ear_introduce(guests, 2, &chance);
    ear_hub_init(&desk.hub, clock, SEED);
    desk.hub.tap = tap_desk;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ear_switchboard_init(&desk.boards[i],
                                              &(struct ear_switchboard_config){
                                                  .net = ear_hub_end(&desk.hub, i),
                                                  .guests = &desk.guests[i],
                                                  .stamps = {.last = 1000, .end = UINT64_MAX},
                                                  .chance = chance,
                                                  .accept = true}),
                         0);
}

static void run_desk(struct ear_clock_virtual *time, int64_t duration_us)
{
    for (int64_t until = time->now_us + duration_us; time->now_us < until; time->now_us += 5 * MS)
        serve_desk(time->now_us);
}

static void control_cannot_be_read(void **state)
{
    (void)state;
    struct ear_clock_virtual time = {.now_us = 1000 * S};
    struct ear_clock clock = ear_clock_from_virtual(&time);
    struct ear_random random = ear_random_seeded(SEED);
    const struct ear_address there = ear_hub_address(1);
    open_desk(&clock, &random);
    assert_non_null(ear_switchboard_call(&desk.boards[0], 2, &there, NULL, time.now_us));
    run_desk(&time, 2 * S);
    assert_non_null(desk.session[0]);
    assert_non_null(desk.session[1]);
    desk.hub.loss = 0.2; /* so that they are said again */
    for (int i = 0; i < MARKERS; i++) {
        const char *text = marker(MARKERS + i);
        for (int end = 0; end < 2; end++)
            assert_int_equal(ear_enet_link_send_control(desk.session[end]->link,
                                                        (const uint8_t *)text, strlen(text)),
                             0);
        run_desk(&time, 1 * S);
    }
    run_desk(&time, 60 * S);
    assert_int_equal(desk.heard[0], MARKERS);
    assert_int_equal(desk.heard[1], MARKERS);
    assert_false(desk.found);
    assert_false(desk.key_found);
    for (int i = 0; i < 2; i++)
        ear_switchboard_fini(&desk.boards[i]);
    ear_enet_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_of_speech_costs_41),
        cmocka_unit_test(six_kbits_cost_little_more_than_nine),
        cmocka_unit_test(speech_cannot_be_read),
        cmocka_unit_test(control_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
