/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listener's side whole, against networks of every kind, in virtual time. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "play_scene.h"

/* Packets of 60 ms, without a pause. */
static void say_a_spurt(int packets, int64_t delay_us)
{
    for (int i = 0; i < packets; i++)
        say(3, delay_us)->spurt_start = i == 0;
}

static void an_even_network_costs_a_frame(void **state)
{
    (void)state;
    tear_down(NULL);
    for (int phase = 0; phase < 10; phase++) {
        set_up(NULL);
        say_a_spurt(500, 200 * MS + phase * MS);
        run_to_end();
        for (int i = 150; i < 500; i++) /* what was guessed at first goes after 8 s */
            assert_true(over_network_ms(i, 200 * MS + phase * MS) <= 15.1);
        assert_int_equal(unplayed(), 0);
        assert_int_equal(scene.stats.packets_lost, 0);
        assert_int_equal(scene.stats.concealed_us, 0);
        assert_true(scene.stats.spoken_us == 500 * 60 * MS);
        assert_true(scene.stats.target_ms <= 20 && scene.stats.queueing_ms == 0);
        assert_true(fabs((double)(scene.stats.offset_median_us - scene.stats.offset_us)) <= 5 * MS);
        tear_down(NULL);
    }
    set_up(NULL);
}

static void nothing_sounds_before_the_first_packet(void **state)
{
    (void)state;
    int16_t pcm[EAR_FRAME];
    assert_int_equal(ear_play_expected_index(scene.play, 5 * S), 0);
    for (int i = 0; i < 100; i++) {
        frame(pcm);
        for (int k = 0; k < EAR_FRAME; k++)
            assert_true(abs(pcm[k]) < 300);
    }
    assert_false(ear_play_speaking(scene.play));
    assert_int_equal(scene.tone.concealed, 0);
}

static void loss_is_concealed_for_its_length(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        say(3, i % 10 == 7 ? LOST : 300 * MS);
    run_to_end();
    assert_int_equal(scene.stats.packets_lost, 100);
    assert_int_equal(scene.concealed_units, 300);
    assert_int_equal(unplayed(), 0);
    /* Somewhat less where the delay was above its target, never more. */
    assert_in_range(scene.stats.concealed_us, 90 * 60 * MS, 100 * 60 * MS + 100);
    assert_true(scene.stats.stalled_us < 500 * MS);
    assert_true(over_network_ms(999, 300 * MS) < 16);
    assert_true(fabs(scene.stats.loss - 0.1) < 0.03);
    assert_true(scene.steepest <= TONE_STEP + 260);
}

/* But for those that were given back. */
static void assert_none_delayed(int from, int to, int64_t network_us, double most_ms)
{
    for (int i = from; i < to; i++) {
        bool back = scene.sent[i].source == EAR_PLAY_REPAIRED;
        assert_true(back || over_network_ms(i, network_us) < most_ms);
    }
}

/* What is given back in the middle of its time is heard from there on, and moves nothing. */
static void what_comes_back_late_delays_nobody(void **state)
{
    (void)state;
    ear_play_hold(scene.play, 200 * MS);
    say_a_spurt(400, 300 * MS);
    for (int i = 100; i < 400; i += 50) {
        scene.sent[i].source = EAR_PLAY_REPAIRED;
        scene.sent[i].arrival_us += 250 * MS;
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(played_twice(), 0);
    assert_int_equal(scene.stats.packets_repaired, 6);
    assert_int_equal(scene.stats.stalled_us, 0);
    assert_in_range(scene.stats.concealed_us, 6 * 20 * MS, 6 * 55 * MS);
    assert_none_delayed(90, 400, 300 * MS, 216);
}

/* Of three that are given back at once when the time of two is over, only the third is heard. */
static void what_comes_back_after_its_time_is_passed(void **state)
{
    (void)state;
    ear_play_hold(scene.play, 200 * MS);
    say_a_spurt(400, 300 * MS);
    for (int i = 100; i < 400; i += 50) {
        int64_t back_us = scene.sent[i].arrival_us + (200 + 140) * MS;
        for (int k = 0; k < 3; k++) {
            scene.sent[i + k].source = EAR_PLAY_REPAIRED;
            scene.sent[i + k].arrival_us = back_us;
        }
    }
    run_to_end();
    assert_int_equal(unplayed(), 6 * 2);
    assert_int_equal(scene.stats.packets_lost, 6 * 2);
    assert_int_equal(scene.stats.packets_discarded, 6 * 2);
    assert_int_equal(scene.stats.packets_repaired, 6);
    assert_int_equal(scene.stats.stalled_us, 0);
    assert_int_equal(scene.stats.lost_us, 6 * 2 * 60 * MS);
    assert_none_delayed(90, 400, 300 * MS, 216);
}

/* What the line made late by less than a packet moves little, and something of it is heard. */
static void what_is_late_by_a_packet_is_heard_from_there_on(void **state)
{
    (void)state;
    say_a_spurt(400, 100 * MS);
    for (int i = 150; i < 400; i += 100)
        scene.sent[i].arrival_us += 50 * MS;
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(played_twice(), 0);
    assert_in_range(scene.stats.concealed_us, 3 * 10 * MS, 3 * 50 * MS);
    assert_true(scene.stats.stalled_us <= 3 * 30 * MS);
    assert_true(over_network_ms(399, 100 * MS) < 40);
}

static void a_late_burst_is_heard_and_caught_up(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++) {
        int64_t delay = 200 * MS;
        if (i >= 200 && i < 230) /* 1.8 s of queue, delivered at once */
            delay += (230 - i) * 60 * MS;
        say(3, delay);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(played_twice(), 0);
    assert_int_equal(scene.stats.packets_discarded, 0);
    assert_int_equal(scene.stats.packets_lost, 0);
    assert_in_range(scene.stats.stalled_us, 1500 * MS, 1900 * MS);
    assert_true(over_network_ms(200, 200 * MS) > 1500);
    /* Pauses would do for some 9 s; then 1.8 s at a quarter; gone after 15 s of speech. */
    assert_true(over_network_ms(200 + 120, 200 * MS) > 1000);
    assert_true(over_network_ms(200 + 280, 200 * MS) < 60);
    assert_true(over_network_ms(599, 200 * MS) < 25);
    assert_true(scene.stats.scaled_us > 0);
}

static void an_outage_of_minutes_is_not_concealed(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        say(3, 250 * MS);
    scene.next_index += 3 * 60 * 50; /* three minutes that nobody sent */
    int64_t resumed = scene.next_index;
    for (int i = 0; i < 200; i++)
        say(3, 250 * MS);
    run_until((resumed - 50) * EAR_UNIT_US);
    assert_false(ear_play_speaking(scene.play));
    assert_true(scene.tone.concealed < 400 * EAR_SAMPLES_PER_MS);
    int16_t pcm[EAR_FRAME];
    frame(pcm);
    for (int k = 0; k < EAR_FRAME; k++)
        assert_true(abs(pcm[k]) < 1000);
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_true(over_network_ms(100, 250 * MS) < 60);
    assert_true(over_network_ms(299, 250 * MS) < 16);
    assert_true(scene.stats.comfort_us > 170 * S);
}

static void a_backlog_under_six_seconds_is_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 400; i++) {
        int64_t delay = 150 * MS;
        if (i >= 100 && i < 195)
            delay += (195 - i) * 60 * MS; /* 5.7 s */
        say(3, delay);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_discarded, 0);
}

static void a_backlog_beyond_fifteen_seconds_is_shortened(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++) {
        int64_t delay = 150 * MS;
        if (i >= 100 && i < 435)
            delay += (435 - i) * 60 * MS; /* 20 s */
        say(3, delay);
    }
    run_to_end();
    assert_int_equal(unplayed(), scene.stats.packets_discarded);
    assert_in_range(scene.stats.packets_discarded, 70, 90);
    for (int i = 0; i < 600; i++)
        if (!scene.sent[i].played)
            assert_in_range(i, 100, 435 - 100);
}

static void drift(double ppm)
{
    const int packets = 30 * 60 * 1000 / 60;
    set_up(NULL);
    scene.drift = ppm * 1e-6;
    for (int i = 0; i < packets; i++)
        say(3, 200 * MS);
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 0);
    double most = 0;
    for (int i = 100; i < packets; i++)
        most = fmax(most, over_network_ms(i, 200 * MS));
    print_message("  %+.0f ppm: most %.1f ms over the network, stalled %.3f s, scaled %.1f s\n",
                  ppm, most, (double)scene.stats.stalled_us / S, (double)scene.stats.scaled_us / S);
    assert_true(most < 30);
    assert_true(scene.stats.stalled_us < S);
    tear_down(NULL);
}

/* The card's clock runs 200 ppm off for half an hour: 360 ms to be absorbed. */
static void drift_is_absorbed(void **state)
{
    (void)state;
    tear_down(NULL);
    drift(200);
    drift(-200);
    set_up(NULL);
}

static void silence_is_no_loss(void **state)
{
    (void)state;
    for (int spurt = 0; spurt < 20; spurt++) {
        for (int i = 0; i < 20; i++)
            say(3, 300 * MS + (i % 3) * 20 * MS)->spurt_start = i == 0;
        pause_for(40 + spurt, 300 * MS);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 0);
    assert_int_equal(scene.stats.concealed_us, 0);
    assert_true(scene.stats.loss == 0);
    assert_true(scene.stats.comfort_us > 20 * 700 * MS);
    /* Pauses keep their length, give or take the change of target. */
    for (int spurt = 5; spurt < 20; spurt++) {
        const struct sent *last = &scene.sent[spurt * 21 - 2], *first = &scene.sent[spurt * 21];
        int64_t said = (first->index - last->index) * EAR_UNIT_US;
        int64_t heard = first->heard_us - last->heard_us;
        assert_true(llabs(heard - said) < 60 * MS);
    }
    assert_true(scene.steepest <= TONE_STEP + 260);
}

static void a_lost_silence_packet_is_forgiven(void **state)
{
    (void)state;
    for (int spurt = 0; spurt < 2; spurt++) {
        say_a_spurt(50, 300 * MS);
        pause_for(200, LOST);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 0);
    assert_true(over_network_ms(51, 300 * MS) < 40);
}

static void a_lost_spurt_start_is_one_loss(void **state)
{
    (void)state;
    for (int spurt = 0; spurt < 2; spurt++) {
        for (int i = 0; i < 50; i++)
            say(3, i == 0 && spurt == 1 ? LOST : 300 * MS)->spurt_start = i == 0;
        pause_for(100, 300 * MS);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 1);
}

/* A spike leaves the delay above its target; a pause of a second brings it down. */
static int64_t pause_after_spike_us(int packets)
{
    set_up(NULL);
    for (int i = 0; i < 200; i++)
        say(3, 300 * MS);
    for (int i = 0; i < packets; i++)
        say(3, 300 * MS + (packets - i) * 60 * MS);
    pause_for(50, 300 * MS);
    say_a_spurt(10, 300 * MS);
    run_to_end();
    assert_int_equal(unplayed(), 0);
    int last = 200 + packets - 1;
    int64_t ret = scene.sent[last + 2].heard_us - scene.sent[last].heard_us - 60 * MS;
    print_message("  a pause of 1000 ms after a spike of %d ms lasts %lld ms\n", packets * 60,
                  (long long)(ret / MS));
    tear_down(NULL);
    return ret;
}

/* 60 % of a pause stay, 3 % while an outage is caught up. */
static void pauses_are_cut_within_bounds(void **state)
{
    (void)state;
    tear_down(NULL);
    assert_in_range(pause_after_spike_us(6), 600 * MS, 900 * MS);
    /* The packet before it is shortened too, by 15 ms. */
    assert_in_range(pause_after_spike_us(30), 15 * MS, 60 * MS);
    set_up(NULL);
}

static void reordered_and_doubled_packets_are_sorted(void **state)
{
    (void)state;
    struct ear_random random = ear_random_seeded(8);
    for (int i = 0; i < 1000; i++)
        say(1, 200 * MS + ear_random_below(&random, 100) * MS);
    run_until(10 * S);
    uint8_t packet[2];
    size_t len = tone_packet(packet, 1);
    int doubles = 0;
    for (int i = 0; i < 400; i++) {
        int result = ear_play_put(
            scene.play, &(struct ear_play_packet){.index = i, .bytes = packet, .len = len},
            scene.now_us);
        assert_int_equal(result, scene.sent[i].played ? -EEXIST : -ESTALE);
        doubles += result == -EEXIST;
    }
    run_to_end();
    assert_int_equal(played_twice(), 0);
    assert_int_equal(scene.stats.packets_received, 1400 - doubles);
    assert_int_equal(scene.stats.packets_duplicate, doubles);
    /* It takes some packets to see how wild the network is. */
    print_message("  %lld of 1000 came too late\n", (long long)scene.stats.packets_discarded);
    assert_true(scene.stats.packets_discarded < 60);
}

/* At the end of a stall the first packet to come need not be the one due. */
static void packets_that_overtake_at_the_end_of_a_stall_lose_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        int64_t delay = 200 * MS;
        if (i >= 100 && i < 120)
            delay += (120 - i) * 60 * MS + (i == 100 ? 15 * MS : 0);
        say(3, delay);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 0);
}

static void garbage_is_counted_and_concealed(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        say(3, 200 * MS)->garbage = i % 10 == 5;
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 10);
    assert_int_equal(scene.stats.concealed_us, 10 * 60 * MS);
    uint8_t junk[EAR_PAYLOAD_MAX + 20] = {1, 2, 3};
    struct ear_play_packet in = {.index = 9000, .bytes = junk, .len = 3};
    assert_int_equal(ear_play_put(scene.play, &in, 0), -EBADMSG);
    in.len = 0;
    assert_int_equal(ear_play_put(scene.play, &in, 0), -EBADMSG);
    junk[0] = TONE_TAG;
    junk[1] = 1;
    in.len = sizeof junk;
    assert_int_equal(ear_play_put(scene.play, &in, 0), -EBADMSG);
}

static void lengths_may_mix(void **state)
{
    (void)state;
    struct ear_random random = ear_random_seeded(4);
    int64_t units = 0;
    for (int i = 0; i < 2000; i++) {
        int length = 1 + (int)ear_random_below(&random, 6);
        bool lost = ear_random_below(&random, 20) == 0;
        units += lost ? length : 0;
        say(length, lost ? LOST : 200 * MS + ear_random_below(&random, 30) * MS);
    }
    run_to_end();
    assert_int_equal(unplayed(), 0);
    assert_true(llabs(scene.concealed_units - units) < 10);
    assert_true(scene.steepest <= TONE_STEP + 260);
}

/* Of a call that has lasted for hours. */
static void hear_at_a_million(void)
{
    scene.next_index = 1000000;
    scene.now_us = 1000000 * (int64_t)EAR_UNIT_US;
    for (int i = 0; i < 100; i++)
        say(3, 200 * MS);
    run_until((scene.next_index + 100) * EAR_UNIT_US);
}

static void a_talker_who_starts_anew_is_followed(void **state)
{
    (void)state;
    hear_at_a_million();
    scene.count = scene.next = 0;
    scene.next_index = 0;
    scene.forgiving = true;
    int64_t offset = scene.now_us;
    for (int i = 0; i < 200; i++)
        say(3, 200 * MS)->arrival_us += offset;
    run_until(offset + 15 * S);
    assert_true(scene.sent[199].played == 1);
    assert_true(unplayed() < 40);
}

/* What was given up long ago and is sent again nevertheless is no new beginning. */
static void repairs_of_long_ago_change_nothing(void **state)
{
    (void)state;
    hear_at_a_million();
    int64_t next = ear_play_next(scene.play);
    uint8_t bytes[2];
    struct ear_play_packet old = {
        .source = EAR_PLAY_CAUGHT_UP, .bytes = bytes, .len = tone_packet(bytes, 3)};
    for (old.index = 0; old.index < 300; old.index += 3)
        assert_int_equal(ear_play_put(scene.play, &old, scene.now_us), -EEXIST);
    assert_int_equal(ear_play_next(scene.play), next);
}

static void the_expected_index_follows_the_talker(void **state)
{
    (void)state;
    scene.next_index = 500000;
    scene.now_us = 500000 * (int64_t)EAR_UNIT_US;
    for (int i = 0; i < 100; i++)
        say(3, 200 * MS);
    run_until((scene.next_index + 50) * EAR_UNIT_US);
    int64_t minute = ear_play_expected_index(scene.play, scene.now_us + 60 * S);
    /* Now, less the delay of 260 ms from the first sample on. */
    assert_int_equal(minute, (scene.now_us + 60 * S - 260 * MS) / EAR_UNIT_US);
}

/* Someone who only listens for an hour is still kept in time by the silence packets. */
static void silence_keeps_the_expected_index(void **state)
{
    (void)state;
    for (int minute = 0; minute < 60; minute++) {
        pause_for(3000, 0);
        run_until((scene.next_index - 1000) * EAR_UNIT_US);
        scene.next = scene.count;
        assert_int_equal(ear_play_expected_index(scene.play, scene.now_us),
                         scene.now_us / EAR_UNIT_US);
        assert_false(ear_play_speaking(scene.play));
    }
    assert_int_equal(scene.tone.concealed, 0);
}

static void sound_cards_that_take_two_frames_at_once_are_served(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++)
        say(3, 200 * MS);
    sort_arrivals();
    int16_t pcm[EAR_FRAME];
    while (scene.now_us < 40 * S) {
        while (scene.next < scene.count &&
               scene.sent[scene.order[scene.next]].arrival_us <= scene.now_us)
            assert_int_equal(put(&scene.sent[scene.order[scene.next++]]), 0);
        for (int k = 0; k < 2; k++)
            ear_play_frame(scene.play, scene.now_us, scene.now_us + 30 * MS + k * EAR_FRAME_US,
                           pcm);
        scene.now_us += 2 * EAR_FRAME_US;
    }
    ear_play_get_stats(scene.play, &scene.stats);
    assert_int_equal(unplayed(), 0);
    assert_int_equal(scene.stats.packets_lost, 0);
    assert_true(over_network_ms(499, 200 * MS) <= 30 + 20 + 15);
    assert_true(scene.stats.stalled_us < 200 * MS);
}

/* Networks drawn at random: whatever they do, each packet that came is heard once, in order, never
 * before it came. */
static void wild_networks_lose_nothing(void **state)
{
    (void)state;
    tear_down(NULL);
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct ear_random random = ear_random_seeded(seed);
        set_up(NULL);
        scene.next_index = (int64_t)seed << (seed % 24);
        scene.now_us = scene.next_index * EAR_UNIT_US;
        int64_t free_us = 0, stall_us = 0;
        int units = 1 + (int)ear_random_below(&random, 6);
        uint32_t loss = ear_random_below(&random, 50), jitter = ear_random_below(&random, 400) + 1;
        for (int i = 0; i < 1000; i++) {
            int64_t delay = 150 * MS + ear_random_below(&random, jitter) * MS;
            if (ear_random_below(&random, 100) == 0)
                stall_us = (int64_t)ear_random_below(&random, 4000) * MS;
            struct sent *sent =
                say(units, ear_random_below(&random, 100) < loss ? LOST : delay + stall_us);
            stall_us = ear_max64(0, stall_us - units * (int64_t)EAR_UNIT_US);
            /* First in, first out. */
            if (sent->arrival_us != LOST)
                sent->arrival_us = free_us = ear_max64(free_us, sent->arrival_us);
            if (ear_random_below(&random, 200) == 0)
                scene.next_index += ear_random_below(&random, 3000);
        }
        run_to_end();
        if (unplayed() || played_twice() || scene.stats.packets_discarded)
            print_message("seed %llu: unplayed %d, twice %d\n", (unsigned long long)seed,
                          unplayed(), played_twice());
        assert_int_equal(unplayed(), 0);
        assert_int_equal(played_twice(), 0);
        assert_int_equal(scene.stats.packets_discarded, 0);
        tear_down(NULL);
    }
    set_up(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_even_network_costs_a_frame),
        TEST(nothing_sounds_before_the_first_packet),
        TEST(loss_is_concealed_for_its_length),
        TEST(what_comes_back_late_delays_nobody),
        TEST(what_comes_back_after_its_time_is_passed),
        TEST(what_is_late_by_a_packet_is_heard_from_there_on),
        TEST(a_late_burst_is_heard_and_caught_up),
        TEST(an_outage_of_minutes_is_not_concealed),
        TEST(a_backlog_under_six_seconds_is_kept),
        TEST(a_backlog_beyond_fifteen_seconds_is_shortened),
        TEST(drift_is_absorbed),
        TEST(silence_is_no_loss),
        TEST(a_lost_silence_packet_is_forgiven),
        TEST(a_lost_spurt_start_is_one_loss),
        TEST(pauses_are_cut_within_bounds),
        TEST(reordered_and_doubled_packets_are_sorted),
        TEST(packets_that_overtake_at_the_end_of_a_stall_lose_nobody),
        TEST(garbage_is_counted_and_concealed),
        TEST(lengths_may_mix),
        TEST(a_talker_who_starts_anew_is_followed),
        TEST(repairs_of_long_ago_change_nothing),
        TEST(the_expected_index_follows_the_talker),
        TEST(silence_keeps_the_expected_index),
        TEST(sound_cards_that_take_two_frames_at_once_are_served),
        TEST(wild_networks_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
