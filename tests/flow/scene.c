/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people, two engines and a bad link in virtual time, and all that happened written down. */
#include "scene.h"

#include <inttypes.h>

#include "port/codec.h"
#include "port/enet_link.h"

/* How often events are looked at: they are dated this much late at most. */
#define LOOK_US (20 * MS)

static struct scene the_scene;

static void on_play(struct scene_end *end, const struct ear_play_event *event)
{
    if (event->source == EAR_PLAY_CONCEALED) {
        end->concealed_units += event->units;
        return;
    }
    end->went_back += end->heard_count > 0 && event->index <= end->newest_index;
    end->newest_index = event->index;
    end->heard[end->heard_count++ % SCENE_HEARD] =
        (struct scene_heard){.at_us = event->heard_us,
                             .index = event->index,
                             .arrival_us = event->arrival_us,
                             .units = event->units};
}

static void on_play_any(void *ctx, const struct ear_play_event *event)
{
    on_play(ctx, event);
}

static struct ear_profile *profile_of(const struct scene_options *o)
{
    char error[256] = "";
    struct ear_profile *profile = NULL;
    const char *text = o->text ? o->text : "delay = 50 ms";
    int err = o->link
                  ? ear_profile_load(&profile, o->link, error, sizeof error)
                  : ear_profile_parse(&profile, "scene", text, strlen(text), error, sizeof error);
    if (err)
        fail_msg("%s", error);
    return profile;
}

static void open_end(struct scene *s, int i, struct ear_rig_end *ret)
{
    struct scene_end *end = &s->ends[i];
    ear_person_init(&end->person, s->options.ppm[i]);
    end->person.speaks = true;
    *ret = (struct ear_rig_end){.mic = &end->person.mic,
                                .speaker = &end->person.speaker,
                                .on_play = on_play_any,
                                .ctx = end};
    if (s->options.turns) {
        const struct ear_talker_config config = {
            .seed = s->options.seed, .end = i, .ppm = s->options.ppm[i], .noise_db = -60};
        assert_int_equal(ear_talker_new(&end->voice, &config), 0);
        ret->mic = ear_talker_mic(end->voice);
        ret->speaker = ear_talker_speaker(end->voice);
    }
    assert_int_equal(s->options.opus ? ear_codec_opus_new(&end->codec, &ear_codec_opus_usual)
                                     : ear_numbered_new(&end->codec),
                     0);
    assert_int_equal(ear_numbered_new(&end->again), 0);
    ret->codec = end->codec;
    ret->again = end->again;
    ret->wire_budget_bps = s->options.budget_bps;
}

static void release(struct scene *s)
{
    ear_rig_free(s->rig);
    for (int i = 0; i < 2; i++) {
        free(s->ends[i].voice);
        if (s->options.opus)
            ear_codec_opus_free(s->ends[i].codec);
        else
            free(s->ends[i].codec);
        free(s->ends[i].again);
    }
    ear_profile_free(s->profile);
    memset(s, 0, sizeof *s);
}

struct scene *scene_open(const struct scene_options *options)
{
    struct scene *s = &the_scene;
    release(s); /* what a failed test left */
    memset(s, 0, sizeof *s);
    s->options = *options;
    if (!s->options.seed)
        s->options.seed = SEED;
    s->profile = profile_of(options);
    struct ear_rig_config config = {.profile = s->profile,
                                    .seed = s->options.seed,
                                    .start_us = options->start_us ? options->start_us : 1000 * S,
                                    .enet_offset_ms = options->enet_offset_ms,
                                    .auto_answer = !options->no_auto_answer};
    for (int i = 0; i < 2; i++)
        open_end(s, i, &config.ends[i]);
    assert_int_equal(ear_rig_new(&s->rig, &config), 0);
    return s;
}

void scene_close(struct scene *s)
{
    assert_int_equal(ear_enet_start(), 0);
    release(s);
    assert_int_equal(ear_enet_memory_used(), 0);
    ear_enet_stop();
}

int64_t scene_now(const struct scene *s)
{
    return ear_rig_now_us(s->rig);
}

static void take_events(struct scene *s)
{
    for (int i = 0; i < 2; i++) {
        struct scene_end *end = &s->ends[i];
        struct ear_event event;
        while (ear_engine_event(ear_rig_engine(s->rig, i), &event)) {
            assert_true(end->event_count < SCENE_EVENTS);
            end->events[end->event_count++] =
                (struct scene_event){.at_us = scene_now(s), .event = event};
        }
    }
}

void scene_run(struct scene *s, int64_t duration_us)
{
    int64_t end = scene_now(s) + duration_us;
    while (scene_now(s) < end) {
        ear_rig_run(s->rig, ear_min64(LOOK_US, end - scene_now(s)));
        take_events(s);
    }
}

void scene_command(struct scene *s, int end, enum ear_command_kind kind, bool on)
{
    ear_rig_command(s->rig, end, kind, on);
}

struct ear_engine_status scene_status(struct scene *s, int end)
{
    struct ear_engine_status status;
    ear_engine_get_status(ear_rig_engine(s->rig, end), &status);
    return status;
}

int64_t scene_until_phase(struct scene *s, int end, enum ear_phase phase, int64_t limit_us)
{
    int64_t begin = scene_now(s);
    while (scene_status(s, end).phase != phase) {
        if (scene_now(s) - begin > limit_us)
            fail_msg("end %d is %s, not %s, after %" PRId64 " ms (seed %" PRIu64 ")", end,
                     ear_phase_name(scene_status(s, end).phase), ear_phase_name(phase),
                     limit_us / MS, s->options.seed);
        scene_run(s, LOOK_US);
    }
    return scene_now(s);
}

void scene_call(struct scene *s)
{
    ear_rig_dial(s->rig);
    scene_until_phase(s, 0, EAR_PHASE_TALKING, 30 * S);
    scene_until_phase(s, 1, EAR_PHASE_TALKING, 30 * S);
}

void scene_hang_up(struct scene *s, int end)
{
    scene_command(s, end, EAR_COMMAND_HANG_UP, false);
    scene_until_phase(s, end, EAR_PHASE_IDLE, 10 * S);
    scene_until_phase(s, !end, EAR_PHASE_IDLE, 10 * S);
    assert_int_equal(scene_status(s, end).ending, EAR_ENDING_HUNG_UP);
    assert_int_equal(scene_status(s, !end).ending, EAR_ENDING_OTHER_HUNG_UP);
}

static bool is_phase_event(const struct scene_event *e, enum ear_phase phase)
{
    return e->event.kind == EAR_EVENT_PHASE && e->event.phase == phase;
}

int64_t scene_find(const struct scene *s, int end, enum ear_event_kind kind, bool on,
                   int64_t since_us)
{
    for (int i = 0; i < s->ends[end].event_count; i++) {
        const struct scene_event *e = &s->ends[end].events[i];
        if (e->at_us >= since_us && e->event.kind == kind && e->event.on == on)
            return e->at_us;
    }
    return -1;
}

int64_t scene_find_phase(const struct scene *s, int end, enum ear_phase phase, int64_t since_us)
{
    for (int i = 0; i < s->ends[end].event_count; i++)
        if (s->ends[end].events[i].at_us >= since_us &&
            is_phase_event(&s->ends[end].events[i], phase))
            return s->ends[end].events[i].at_us;
    return -1;
}

int scene_count_phase(const struct scene *s, int end, enum ear_phase phase)
{
    int count = 0;
    for (int i = 0; i < s->ends[end].event_count; i++)
        count += is_phase_event(&s->ends[end].events[i], phase);
    return count;
}

int64_t scene_first_heard_after(const struct scene *s, int end, int64_t since_us)
{
    const struct scene_end *e = &s->ends[end];
    for (int64_t i = ear_max64(0, e->heard_count - SCENE_HEARD); i < e->heard_count; i++) {
        const struct scene_heard *heard = &e->heard[i % SCENE_HEARD];
        if (heard->at_us >= since_us && heard->arrival_us >= since_us)
            return heard->at_us;
    }
    return -1;
}

void scene_assert_both_hear(struct scene *s, int64_t limit_us)
{
    int64_t now = scene_now(s);
    scene_run(s, limit_us + 500 * MS); /* a packet is told once it has been played */
    for (int end = 0; end < 2; end++) {
        int64_t heard = scene_first_heard_after(s, end, now);
        assert_int_equal(scene_status(s, end).phase, EAR_PHASE_TALKING);
        if (heard < 0 || heard > now + limit_us)
            fail_msg("end %d hears nothing within %" PRId64 " ms (seed %" PRIu64 ")", end,
                     limit_us / MS, s->options.seed);
    }
}
