/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call that ends while the line is dead: what was said into the void is saved, once, and nothing
 * that was heard. */
#include "scene.h"

#include "call/unheard.h"
#include "mail/player.h"
#include "mail/recorder.h"
#include "mail/stored.h"
#include "unit/folder.h"

/* Of speech; the journal's time of a packet is not part of what is kept, its number is. */
struct kept {
    int64_t units, silence_units, packets;
};

static struct kept take(struct scene *s, int end)
{
    struct ear_unheard *unheard = ear_engine_unheard(ear_rig_engine(s->rig, end));
    uint32_t guest = ear_unheard_guest(unheard);
    const struct ear_codec *codec = s->ends[end].codec;
    struct ear_unheard_piece piece;
    struct kept kept = {0};
    while (ear_unheard_next(unheard, &piece))
        if (piece.packet) {
            int samples = codec->packet_samples(piece.packet, piece.len);
            assert_true(samples > 0);
            kept.units += samples / EAR_UNIT;
            kept.packets++;
        } else {
            assert_in_range(piece.silence_units, 1, 50);
            kept.silence_units += piece.silence_units;
        }
    assert_false(ear_unheard_next(unheard, &piece));
    assert_int_equal(guest, kept.packets > 0 ? 2 : 0);
    assert_int_equal(ear_unheard_guest(unheard), 0);
    return kept;
}

static const struct ear_event *told(const struct scene *s, int end)
{
    const struct ear_event *found = NULL;
    for (int i = 0; i < s->ends[end].event_count; i++)
        if (s->ends[end].events[i].event.kind == EAR_EVENT_UNHEARD) {
            assert_null(found);
            found = &s->ends[end].events[i].event;
        }
    return found;
}

/* Units of speech at this end: persons speak half of the time. */
static void dead_line(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms\nloss = 5 %"});
    scene_call(s);
    scene_run(s, 30 * S);
    ear_link_cut(ear_rig_link(s->rig), true);
    scene_run(s, 40 * S);
    int64_t heard_there = s->ends[1].newest_index;
    int64_t t0 = scene_status(s, 0).talk.journal_t0_us;
    int64_t spoken_units = (scene_now(s) - t0) / EAR_UNIT_US;
    scene_command(s, 0, EAR_COMMAND_HANG_UP, false);
    scene_run(s, 5 * S);
    const struct ear_event *event = told(s, 0);
    assert_non_null(event);
    assert_int_equal(event->guest, 2);
    struct kept kept = take(s, 0);
    print_message("%lld units of speech and %lld of silence kept; %lld journal units not heard\n",
                  (long long)kept.units, (long long)kept.silence_units,
                  (long long)(spoken_units - heard_there));
    assert_int_equal(kept.units * EAR_UNIT_US, event->unheard_us);
    int64_t unheard = spoken_units - heard_there;
    /* All of it, and what the line had not told yet when it died. */
    assert_at_most(kept.units + kept.silence_units, unheard + 100);
    assert_at_least(kept.units, unheard / 4);
    scene_close(s);
}

/* What was kept, as a message that waits to be sent; returns its id. */
static int64_t record(struct scene *s, struct ear_store *store)
{
    struct ear_unheard *unheard = ear_engine_unheard(ear_rig_engine(s->rig, 0));
    struct ear_recorder_config config = {.store = store,
                                         .codec = s->ends[0].codec,
                                         .person = 2,
                                         .written_s = 1700000000,
                                         .rate_bps = EAR_RECORDER_BPS_MIN};
    struct ear_recorder *recorder;
    struct ear_unheard_piece piece;
    assert_int_equal(ear_recorder_new(&recorder, &config), 0);
    while (ear_unheard_next(unheard, &piece))
        assert_int_equal(piece.packet ? ear_recorder_put_packet(recorder, piece.packet, piece.len)
                                      : ear_recorder_put_silence(recorder, piece.silence_units),
                         0);
    assert_int_equal(ear_recorder_finish(recorder), 0);
    int64_t id = ear_recorder_id(recorder);
    ear_recorder_free(recorder);
    return id;
}

/* With the real codec: nobody says it again, it waits to be sent and can be played. */
static void it_becomes_a_message(void **state)
{
    static const struct ear_store_config config;
    char error[600] = "";
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms", .opus = true});
    struct ear_home *home = folder_open(*state);
    struct ear_store *store;
    struct ear_message message;
    struct ear_voice voice;
    struct ear_player *player;
    int16_t frame[EAR_FRAME];
    assert_int_equal(ear_store_open(&store, home, &config, error, sizeof error), 0);
    scene_call(s);
    scene_run(s, 10 * S);
    ear_link_cut(ear_rig_link(s->rig), true);
    scene_run(s, 20 * S);
    scene_command(s, 0, EAR_COMMAND_HANG_UP, false);
    scene_run(s, 2 * S);
    const struct ear_event *event = told(s, 0);
    assert_non_null(event);
    assert_int_equal(ear_messages_with_id(store, record(s, store), &message), 0);
    assert_int_equal(message.state, EAR_MESSAGE_WAITING);
    print_message("a message of %u ms in %llu bytes\n", message.duration_ms,
                  (unsigned long long)message.size);
    assert_at_least(message.duration_ms, event->unheard_us / MS);
    struct ear_stored stored = {.store = store, .id = message.id};
    struct ear_voice_source source = ear_stored_source(&stored);
    assert_int_equal(ear_voice_open(&voice, &source, s->ends[0].codec), 0);
    assert_int_equal(voice.units * EAR_UNIT_MS, message.duration_ms);
    assert_int_equal(ear_player_new(&player, &voice, &source, s->ends[0].codec), 0);
    uint32_t frames = 0;
    while (ear_player_take(player, frame) == 1)
        frames++;
    assert_int_equal(frames * EAR_FRAME_MS, message.duration_ms);
    ear_player_free(player);
    ear_voice_close(&voice);
    ear_store_close(store);
    ear_home_close(home);
    scene_close(s);
}

static void good_line(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms\nloss = 5 %"});
        scene_call(s);
        scene_run(s, 60 * S + end * 700 * MS);
        scene_hang_up(s, end);
        for (int i = 0; i < 2; i++) {
            assert_null(told(s, i));
            assert_int_equal(take(s, i).packets, 0);
        }
        scene_close(s);
    }
}

/* What nobody takes stays; the next call's does not take its place; dropped, there is room. */
static void one_at_a_time(void **state)
{
    (void)state;
    static struct ear_answer nothing_asked;
    struct ear_journal *journal;
    struct ear_unheard *unheard;
    struct ear_unheard_piece piece;
    uint8_t packet[100] = {1, 2, 3};
    assert_int_equal(ear_journal_new(&journal), 0);
    assert_int_equal(ear_unheard_new(&unheard), 0);
    for (int i = 0; i < 40; i++)
        assert_int_equal(ear_journal_put(journal, i * 10, 6, packet, sizeof packet), 0);
    assert_int_equal(ear_unheard_keep(NULL, journal, &nothing_asked, -1), 0);
    assert_int_equal(ear_unheard_keep(unheard, journal, &nothing_asked, 300), 0); /* too little */
    assert_int_equal(ear_unheard_keep(unheard, journal, &nothing_asked, 100), 29 * 120 * MS);
    assert_int_equal(ear_unheard_keep(unheard, journal, &nothing_asked, -1), 0);
    assert_true(ear_unheard_next(unheard, &piece));
    assert_int_equal(piece.len, sizeof packet);
    assert_true(ear_unheard_next(unheard, &piece));
    assert_null(piece.packet);
    assert_int_equal(piece.silence_units, 4);
    ear_unheard_drop(unheard);
    assert_false(ear_unheard_next(unheard, &piece));
    /* What they asked for, and what they never knew of. */
    struct ear_answer asked = {.repair = {.ask = {{.from = 40, .to = 141}}, .count = 1}};
    assert_int_equal(ear_unheard_keep(unheard, journal, &asked, 300), (11 + 9) * 120 * MS);
    int packets = 0;
    while (ear_unheard_next(unheard, &piece))
        packets += piece.packet != NULL;
    assert_int_equal(packets, 20);
    ear_unheard_free(unheard);
    ear_journal_free(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dead_line),
        cmocka_unit_test_setup_teardown(it_becomes_a_message, folder_setup, folder_teardown),
        cmocka_unit_test(good_line),
        cmocka_unit_test(one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
