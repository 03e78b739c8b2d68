/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way in: what is missing is asked for, and waited for, fetched behind live speech or listed.
 */
#include "fake/person.h"
#include "fake/test.h"

#include "call/listen.h"
#include "sim/numbered.h"
#include "wire/block.h"

#define PACKET_UNITS 3
#define PACKET_MS (PACKET_UNITS * EAR_UNIT_MS)
#define PACKETS 20480
#define RTT_US (200 * MS)

static struct {
    struct ear_person person;
    struct ear_codec *talker, *codec, *again;
    struct ear_listen *listen;
    uint8_t packets[PACKETS][64]; /* of the talker's journal, PACKET_UNITS each */
    size_t len[PACKETS];
    int next; /* packet that comes by itself now */
    int64_t begin_us, now_us;
    uint8_t heard[PACKETS];
    int64_t last_heard, went_back, caught_up;
    struct ear_audio ride; /* the newest that left */
    int asks;              /* datagrams with wants */
} w;

static void on_event(void *ctx, const struct ear_play_event *event)
{
    (void)ctx;
    if (event->source == EAR_PLAY_CONCEALED)
        return;
    w.went_back += event->index <= w.last_heard;
    w.last_heard = event->index;
    w.heard[event->index / PACKET_UNITS]++;
    w.caught_up += event->source == EAR_PLAY_CAUGHT_UP;
}

static int open_world(void **state)
{
    (void)state;
    static const struct ear_codec_format format = {
        .packet_ms = PACKET_MS, .rate_bps = 4000, .max_bytes = 60};
    static const int16_t pcm[PACKET_UNITS * EAR_UNIT];
    memset(&w, 0, sizeof w);
    w.last_heard = -1;
    w.begin_us = w.now_us = 1000 * S;
    ear_person_init(&w.person, 0);
    if (ear_numbered_new(&w.talker) < 0 || ear_numbered_new(&w.codec) < 0 ||
        ear_numbered_new(&w.again) < 0)
        return -1;
    for (int i = 0; i < PACKETS; i++)
        w.len[i] = (size_t)w.talker->encode(w.talker->ctx, &format, pcm, w.packets[i]);
    const struct ear_listen_config config = {
        .speaker = &w.person.speaker, .codec = w.codec, .again = w.again, .on_event = on_event};
    if (ear_listen_new(&w.listen, &config) < 0)
        return -1;
    ear_listen_start(w.listen, w.now_us);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    ear_listen_free(w.listen);
    free(w.talker);
    free(w.codec);
    free(w.again);
    return 0;
}

static struct ear_listen_status status(void)
{
    struct ear_listen_status s;
    ear_listen_get_status(w.listen, &s);
    return s;
}

/* 10 ms: sound, and a datagram of ours each 60 ms, which carries what is due. */
static void tick(void)
{
    w.now_us += EAR_FRAME_US;
    ear_listen_step(w.listen, RTT_US, w.now_us);
    if ((w.now_us - w.begin_us) % (60 * MS) != 0)
        return;
    w.ride = (struct ear_audio){0};
    ear_listen_ride(w.listen, RTT_US, w.now_us, &w.ride);
    ear_listen_rode(w.listen, &w.ride, w.now_us);
    w.asks += w.ride.wants_count > 0;
}

static void take(int packet, const struct ear_block *block)
{
    uint8_t bytes[256];
    struct ear_writer blocks = ear_writer_on(bytes, sizeof bytes);
    struct ear_audio audio = {.index = (uint16_t)(packet * PACKET_UNITS % EAR_INDEX_MODULO),
                              .spurt_start = packet == 0,
                              .payload = w.packets[packet],
                              .payload_len = w.len[packet]};
    if (block)
        ear_block_build(&blocks, block);
    audio.blocks = bytes;
    audio.blocks_len = blocks.at;
    assert_int_equal(ear_listen_take(w.listen, &audio, w.now_us), 0);
}

/* The next packets come as they are spoken, one with that block, or are lost. */
static void speak(int packets, bool lost)
{
    for (int i = 0; i < packets; i++) {
        for (int ms = 0; ms < PACKET_MS; ms += EAR_FRAME_MS)
            tick();
        if (!lost)
            take(w.next, NULL);
        w.next++;
    }
}

static struct ear_block repair_of(int packet)
{
    return (struct ear_block){.kind = EAR_BLOCK_REPAIR,
                              .index = (uint16_t)(packet * PACKET_UNITS % EAR_INDEX_MODULO),
                              .data = w.packets[packet],
                              .len = w.len[packet]};
}

/* Live speech goes on, and each packet of it brings one that was asked for. */
static void speak_repairing(int from, int to)
{
    for (int i = from; i < to; i++) {
        const struct ear_block block = repair_of(i);
        speak(1, true);
        take(w.next - 1, &block);
    }
}

static void assert_heard_once(int from, int to)
{
    for (int i = from; i < to; i++)
        if (w.heard[i] != 1)
            fail_msg("packet %d was heard %d times", i, w.heard[i]);
    assert_int_equal(w.went_back, 0);
}

static bool asks_for(int64_t index)
{
    for (size_t i = 0; i < w.ride.wants_count; i++)
        if (w.ride.wants[i].index == index)
            return true;
    return false;
}

static void what_is_whole_asks_for_nothing(void **state)
{
    (void)state;
    speak(100, false);
    assert_int_equal(w.asks, 0);
    assert_false(ear_listen_urges(w.listen, RTT_US, w.now_us));
    speak(20, false);
    assert_heard_once(0, 100);
    assert_int_equal(status().lost_us, 0);
}

static void a_packet_is_asked_for_until_it_comes(void **state)
{
    (void)state;
    ear_listen_hold(w.listen, 400 * MS, false);
    speak(40, false);
    speak(1, true);
    speak(1, false);
    assert_true(ear_listen_urges(w.listen, RTT_US, w.now_us));
    for (int i = 0; i < 3; i++) {
        speak(1, false);
        assert_true(asks_for(40 * PACKET_UNITS));
        assert_int_equal(w.ride.wants[0].units, 0);
        assert_false(w.ride.wants[0].behind);
    }
    speak_repairing(40, 41);
    int asks = w.asks;
    speak(40, false);
    assert_int_equal(w.asks, asks);
    assert_heard_once(0, 70);
    assert_int_equal(status().play.packets_repaired, 1);
    assert_int_equal(status().lost_us, 0);
}

/* Where something was lost lately nobody waits for the next packet to tell of a loss. */
static void what_is_overdue_is_asked_for(void **state)
{
    (void)state;
    ear_listen_hold(w.listen, 400 * MS, false);
    for (int lossy = 0; lossy < 2; lossy++) {
        speak(40, false);
        speak(1, true);
        for (int ms = 0; ms < PACKET_MS; ms += EAR_FRAME_MS)
            tick();
        assert_int_equal(asks_for((w.next - 1) * PACKET_UNITS), lossy);
        assert_int_equal(w.ride.wants_count, lossy);
        take(w.next++, NULL);
        speak_repairing(w.next - 2, w.next - 1);
        speak(40, false);
        assert_int_equal(w.ride.wants_count, 0);
    }
}

/* Nothing could be sent: it is tried again, but not at once. */
static void an_ask_that_stayed_is_due_again(void **state)
{
    (void)state;
    speak(40, false);
    speak(1, true);
    speak(1, false);
    assert_true(ear_listen_urges(w.listen, RTT_US, w.now_us));
    ear_listen_stayed(w.listen, w.now_us);
    assert_false(ear_listen_urges(w.listen, RTT_US, w.now_us + 30 * MS));
    assert_true(ear_listen_urges(w.listen, RTT_US, w.now_us + 40 * MS));
}

static void an_outage_is_waited_for_and_caught_up(void **state)
{
    (void)state;
    speak(40, false);
    int from = w.next, outage = 5 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(1, false);
    assert_int_equal(w.heard[from + outage], 0);
    speak_repairing(from, from + outage);
    assert_at_least(status().catching_up_us, 1 * S);
    speak(400, false);
    assert_heard_once(0, w.next - 20);
    assert_int_equal(w.caught_up, outage);
    assert_at_most(status().catching_up_us, 20 * MS);
    assert_int_equal(status().lost_us, 0);
}

static void a_long_one_is_fetched_and_offered(void **state)
{
    (void)state;
    speak(40, false);
    int from = w.next, outage = 15 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(20, false);
    assert_int_equal(w.heard[from + outage], 1); /* live at once */
    assert_in_range(status().fetching_us, 14 * S, 16 * S);
    assert_true(w.asks > 0);
    speak_repairing(from, from + outage);
    assert_int_equal(status().fetching_us, 0);
    assert_in_range(status().missed_us, 14 * S, 16 * S);
    assert_false(status().plays_missed);
    ear_listen_play_missed(w.listen, true);
    assert_true(status().plays_missed);
    speak(outage + 40, false);
    assert_false(status().plays_missed);
    struct ear_numbered_counts counts;
    ear_numbered_get_counts(w.again, &counts);
    assert_int_equal(counts.decoded, outage);
    assert_int_equal(counts.repeated, 0);
    assert_int_equal(status().missed_us + status().lost_us, 0);
    for (int i = from; i < from + outage; i++)
        assert_int_equal(w.heard[i], 0);
}

/* Skip: what playout waits for is fetched behind live speech from now on. */
static void who_skips_loses_nothing(void **state)
{
    (void)state;
    speak(40, false);
    int from = w.next, outage = 6 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(5, false);
    ear_listen_skip(w.listen);
    speak(20, false);
    assert_int_equal(status().catching_up_us, 0);
    assert_true(w.last_heard > (from + outage) * PACKET_UNITS);
    speak_repairing(from, from + outage);
    assert_in_range(status().missed_us, 5 * S, 7 * S);
    assert_int_equal(status().lost_us, 0);
}

static void what_is_kept_no_more_is_listed(void **state)
{
    (void)state;
    speak(40, false);
    int from = w.next, outage = 12 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(1, false);
    const struct ear_block forgotten = {.kind = EAR_BLOCK_NOTHING,
                                        .index = (uint16_t)(from * PACKET_UNITS),
                                        .units = 200,
                                        .forgotten = true};
    const struct ear_block silence = {.kind = EAR_BLOCK_NOTHING,
                                      .index = (uint16_t)(from * PACKET_UNITS + 200),
                                      .units = (uint16_t)(outage * PACKET_UNITS - 200)};
    speak(1, true);
    take(w.next - 1, &forgotten);
    speak(1, true);
    take(w.next - 1, &silence);
    assert_int_equal(status().fetching_us, 0);
    assert_int_equal(status().lost_us, 200 * EAR_UNIT_US);
    assert_int_equal(status().lost_count, 1);
    assert_int_equal(status().lost[0].begin_us, from * PACKET_UNITS * EAR_UNIT_US);
    assert_int_equal(status().lost[0].duration_us, 200 * EAR_UNIT_US);
    int asks = w.asks;
    speak(40, false);
    assert_int_equal(w.asks, asks);
}

/* No answer comes for five minutes: nothing is asked for that could be taken for something else. */
static void what_cannot_be_named_is_lost(void **state)
{
    (void)state;
    speak(40, false);
    int from = w.next, outage = 12 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(290 * 1000 / PACKET_MS, false);
    assert_int_equal(status().fetching_us, outage * PACKET_MS * MS);
    assert_int_equal(status().lost_us, 0);
    speak(36 * 1000 / PACKET_MS, false);
    assert_int_equal(status().fetching_us, 0);
    assert_int_equal(status().lost_count, 1);
    assert_int_equal(status().lost[0].begin_us, from * PACKET_MS * MS);
    assert_int_equal(status().lost[0].duration_us, outage * PACKET_MS * MS);
    int asks = w.asks;
    speak(400, false);
    assert_int_equal(w.asks, asks);
}

/* However many pieces are lost, none that matters is left out of the list. */
static void the_longest_are_listed(void **state)
{
    (void)state;
    const int pieces = EAR_LISTEN_LOST + 8;
    speak(40, false);
    for (int i = 0; i < pieces; i++) {
        speak(i == 2 ? 6 : 5, true);
        speak(60, false);
    }
    int from = w.next, outage = 12 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(2, false);
    const struct ear_block forgotten = {.kind = EAR_BLOCK_NOTHING,
                                        .index = (uint16_t)(from * PACKET_UNITS),
                                        .units = (uint16_t)(outage * PACKET_UNITS),
                                        .forgotten = true};
    take(w.next - 1, &forgotten);
    struct ear_listen_status s = status();
    assert_int_equal(s.lost_us, (5 * pieces + 1 + outage) * PACKET_MS * MS);
    assert_int_equal(s.lost_count, EAR_LISTEN_LOST);
    for (size_t i = 1; i < s.lost_count; i++)
        assert_true(s.lost[i].begin_us > s.lost[i - 1].begin_us);
    const struct ear_lost_speech *last = &s.lost[EAR_LISTEN_LOST - 1];
    assert_int_equal(last->begin_us, from * PACKET_MS * MS);
    assert_int_equal(last->duration_us, outage * PACKET_MS * MS);
    int64_t third_us = (40 + 2 * 65) * PACKET_MS * MS;
    assert_true(s.lost[0].begin_us == third_us || s.lost[1].begin_us == third_us ||
                s.lost[2].begin_us == third_us);
}

/* What the user was told is lost is not heard any more, should it come. */
static void what_is_lost_stays_lost(void **state)
{
    (void)state;
    speak(40, false);
    speak(1, true);
    speak(30, false);
    assert_int_equal(status().lost_us, PACKET_MS * MS);
    assert_int_equal(status().lost_count, 0); /* a syllable */
    speak_repairing(40, 41);
    speak(20, false);
    assert_int_equal(w.heard[40], 0);
    assert_int_equal(status().missed_us, 0);
    assert_int_equal(status().lost_us, PACKET_MS * MS);
}

/* An outage of so many packets; all of it comes at once when it is over. */
static int miss_and_fetch(int packets)
{
    int from = w.next;
    speak(packets, true);
    speak(1, false);
    for (int i = from; i < from + packets; i++) {
        const struct ear_block block = repair_of(i);
        take(w.next - 1, &block);
    }
    return from;
}

/* Nine minutes are kept and nobody hears them: what comes on top is listed with its times, and not
 * asked for; what is heard makes room again. */
static void what_finds_no_room_is_listed(void **state)
{
    (void)state;
    const int kept = 180 * 1000 / EAR_UNIT_MS, outage = 30 * 1000 / PACKET_MS;
    speak(40, false);
    for (int i = 0; i < kept / outage; i++)
        miss_and_fetch(outage);
    assert_int_equal(status().missed_us, kept * PACKET_MS * MS);
    assert_int_equal(status().lost_us, 0);
    int64_t from = w.next;
    speak(outage, true);
    speak(5, false);
    assert_true(status().fetching_us > 0);
    speak_repairing((int)from + 10, (int)from + 11);
    assert_int_equal(status().missed_us, kept * PACKET_MS * MS);
    assert_int_equal(status().fetching_us, 0);
    assert_int_equal(status().lost_us, outage * PACKET_MS * MS);
    assert_int_equal(status().lost_count, 1);
    assert_int_equal(status().lost[0].begin_us, from * PACKET_MS * MS);
    assert_int_equal(status().lost[0].duration_us, outage * PACKET_MS * MS);
    int asks = w.asks;
    speak(100, false);
    assert_int_equal(w.asks, asks);

    ear_listen_play_missed(w.listen, true);
    speak(outage + 10, false);
    miss_and_fetch(outage);
    assert_int_equal(status().lost_us, outage * PACKET_MS * MS);
    speak(kept + outage, false);
    assert_false(status().plays_missed);
    struct ear_numbered_counts counts;
    ear_numbered_get_counts(w.again, &counts);
    assert_int_equal(counts.decoded, kept + outage);
    assert_int_equal(counts.repeated, 0);
    assert_int_equal(status().missed_us, 0);
    assert_int_equal(status().lost_us, outage * PACKET_MS * MS);
}

static void at_the_end_what_did_not_come_is_lost(void **state)
{
    (void)state;
    speak(40, false);
    int from = w.next, outage = 12 * 1000 / PACKET_MS;
    speak(outage, true);
    speak(1, false);
    speak_repairing(from, from + 50);
    assert_int_equal(status().missed_us, 50 * PACKET_MS * MS);
    ear_listen_end(w.listen);
    assert_int_equal(status().fetching_us + status().missed_us, 0);
    assert_int_equal(status().lost_us, (outage - 50) * PACKET_MS * MS);
    assert_int_equal(status().lost_count, 1);
    ear_listen_start(w.listen, w.now_us);
    assert_int_equal(status().lost_us + (int64_t)status().lost_count, 0);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(what_is_whole_asks_for_nothing),
        IN_WORLD(a_packet_is_asked_for_until_it_comes),
        IN_WORLD(what_is_overdue_is_asked_for),
        IN_WORLD(an_ask_that_stayed_is_due_again),
        IN_WORLD(an_outage_is_waited_for_and_caught_up),
        IN_WORLD(a_long_one_is_fetched_and_offered),
        IN_WORLD(who_skips_loses_nothing),
        IN_WORLD(what_is_kept_no_more_is_listed),
        IN_WORLD(what_cannot_be_named_is_lost),
        IN_WORLD(the_longest_are_listed),
        IN_WORLD(what_is_lost_stays_lost),
        IN_WORLD(what_finds_no_room_is_listed),
        IN_WORLD(at_the_end_what_did_not_come_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
