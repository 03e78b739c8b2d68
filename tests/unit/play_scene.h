/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A talker, a network and a listener in virtual time, for the tests of playout. */
#ifndef EAR_PLAY_SCENE_H
#define EAR_PLAY_SCENE_H

#include <errno.h>
#include <stdlib.h>

#include "rx/play.h"
#include "tone_codec.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define S ((int64_t)EAR_US_PER_S)
#define PACKETS_MAX 40000
#define LOST INT64_MAX

struct sent {
    int64_t index;
    int units; /* 0: silence */
    bool spurt_start;
    bool garbage;
    enum ear_play_source source;
    int64_t arrival_us;
    int played; /* times */
    int64_t heard_us;
};

/* A talker, a network and a listener. */
struct scene {
    struct tone tone;
    struct ear_play *play;
    struct sent sent[PACKETS_MAX];
    int count;
    int order[PACKETS_MAX];
    int64_t next_index;
    int64_t heard_last_us;
    int64_t concealed_units;
    int out_of_order;
    int too_early;
    bool forgiving; /* packets may be refused */
    double drift;   /* of the listener's sound card: 1e-6 is one ppm */
    int64_t lead_us;
    int64_t now_us;
    int next;
    int steepest;
    int16_t last_sample;
    struct ear_play_stats stats;
};

static struct scene scene;

static inline void on_event(void *ctx, const struct ear_play_event *event)
{
    (void)ctx;
    if (event->source == EAR_PLAY_CONCEALED && event->arrival_us == 0) {
        scene.concealed_units += event->units;
        return;
    }
    for (int i = 0; i < scene.count; i++) {
        struct sent *sent = &scene.sent[i];
        if (sent->index != event->index || !sent->units)
            continue;
        sent->played++;
        sent->heard_us = event->heard_us;
        scene.too_early += event->heard_us < sent->arrival_us + scene.lead_us;
        scene.out_of_order += event->heard_us < scene.heard_last_us;
        scene.heard_last_us = event->heard_us;
    }
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof(scene));
    tone_init(&scene.tone);
    struct ear_play_config config = {.codec = &scene.tone.codec, .on_event = on_event};
    return ear_play_new(&scene.play, &config);
}

static inline int tear_down(void **state)
{
    (void)state;
    ear_play_free(scene.play);
    scene.play = NULL;
    return 0;
}

/* The next packet of speech; its first sample is spoken at index * 20 ms. */
static inline struct sent *say(int units, int64_t delay_us)
{
    assert_true(scene.count < PACKETS_MAX);
    struct sent *sent = &scene.sent[scene.count++];
    *sent = (struct sent){.index = scene.next_index, .units = units};
    sent->arrival_us =
        delay_us == LOST ? LOST : (sent->index + units) * (int64_t)EAR_UNIT_US + delay_us;
    scene.next_index += units;
    return sent;
}

static inline void pause_for(int units, int64_t delay_us)
{
    struct sent *sent = say(0, delay_us);
    (void)sent;
    scene.next_index += units;
}

static inline int by_arrival(const void *a, const void *b)
{
    int64_t x = scene.sent[*(const int *)a].arrival_us, y = scene.sent[*(const int *)b].arrival_us;
    return x == y ? *(const int *)a - *(const int *)b : (x > y) - (x < y);
}

static inline void sort_arrivals(void)
{
    for (int i = 0; i < scene.count; i++)
        scene.order[i] = i;
    qsort(scene.order, (size_t)scene.count, sizeof(int), by_arrival);
}

static inline int put(const struct sent *sent)
{
    uint8_t packet[3] = {0};
    if (!sent->units) {
        ear_play_put_silence(scene.play, sent->index, -60, sent->arrival_us);
        return 0;
    }
    size_t len = tone_packet(packet, sent->units) + (sent->garbage ? 1 : 0);
    const struct ear_play_packet in = {.index = sent->index,
                                       .spurt_start = sent->spurt_start,
                                       .source = sent->source,
                                       .bytes = packet,
                                       .len = len};
    int result = ear_play_put(scene.play, &in, sent->arrival_us);
    return result == -ESTALE ? 0 : result; /* came too late: that may be */
}

/* One frame of the listener's sound card, whose clock may go at another rate. */
static inline void frame(int16_t pcm[EAR_FRAME])
{
    int64_t now = scene.now_us + (int64_t)((double)scene.now_us * scene.drift);
    while (scene.next < scene.count && scene.sent[scene.order[scene.next]].arrival_us <= now)
        assert_true(put(&scene.sent[scene.order[scene.next++]]) == 0 || scene.forgiving);
    ear_play_frame(scene.play, now, now + scene.lead_us, pcm);
    int step = abs(pcm[0] - scene.last_sample);
    scene.steepest = step > scene.steepest ? step : scene.steepest;
    step = steepest(pcm, EAR_FRAME);
    scene.steepest = step > scene.steepest ? step : scene.steepest;
    scene.last_sample = pcm[EAR_FRAME - 1];
    scene.now_us += EAR_FRAME_US;
}

static inline void run_until(int64_t end_us)
{
    int16_t pcm[EAR_FRAME];
    sort_arrivals();
    while (scene.now_us < end_us)
        frame(pcm);
    ear_play_get_stats(scene.play, &scene.stats);
}

static inline void run_to_end(void)
{
    run_until(scene.next_index * EAR_UNIT_US + 20 * S);
    assert_int_equal(scene.out_of_order, 0);
    assert_int_equal(scene.too_early, 0);
}

/* Playout delay of packet i over the moment it was whole. */
static inline double over_network_ms(int i, int64_t delay_us)
{
    const struct sent *sent = &scene.sent[i];
    return (double)(sent->heard_us - (sent->index + sent->units) * EAR_UNIT_US - delay_us) / MS;
}

static inline int unplayed(void)
{
    int n = 0;
    for (int i = 0; i < scene.count; i++)
        n += scene.sent[i].units && scene.sent[i].arrival_us != LOST && !scene.sent[i].played;
    return n;
}

static inline int played_twice(void)
{
    int n = 0;
    for (int i = 0; i < scene.count; i++)
        n += scene.sent[i].played > 1;
    return n;
}

#endif
