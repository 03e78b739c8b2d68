/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text in a call: each one arrives once, in order, and is told to be seen, whatever the link does.
 */
#include "scene.h"

static void write_to(struct scene *s, int end, uint16_t number, const char *text)
{
    struct ear_command command = {.kind = EAR_COMMAND_TEXT, .number = number};
    memcpy(command.text, text, strlen(text) + 1);
    assert_true(ear_engine_command(ear_rig_engine(s->rig, end), &command));
}

/* Events of this kind at an end in their order; returns how many. */
static int find(const struct scene *s, int end, enum ear_event_kind kind,
                const struct scene_event **ret, int most)
{
    int count = 0;
    for (int i = 0; i < s->ends[end].event_count; i++)
        if (s->ends[end].events[i].event.kind == kind) {
            if (count < most)
                ret[count] = &s->ends[end].events[i];
            count++;
        }
    return count;
}

static void assert_arrived(struct scene *s, int to, const char *const *texts, int count)
{
    const struct scene_event *got[64], *seen[64];
    assert_int_equal(find(s, to, EAR_EVENT_TEXT, got, 64), count);
    assert_int_equal(find(s, !to, EAR_EVENT_TEXT_SEEN, seen, 64), count);
    for (int i = 0; i < count; i++) {
        assert_string_equal(got[i]->event.text, texts[i]);
        assert_int_equal(got[i]->event.number, 100 + i);
        assert_int_equal(seen[i]->event.number, 100 + i);
    }
}

static void texts_arrive_and_are_seen(void **state)
{
    (void)state;
    static const char *const links[] = {"delay = 300 ms", "delay = 300 ms\nloss = 30 %",
                                        "delay = 600 ms\nloss = 50 %"};
    static const char *const texts[] = {"Sertraline 50 mg", "once a day,\nin the morning",
                                        "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", "ok"};
    for (size_t link = 0; link < EAR_COUNT(links); link++) {
        struct scene *s = scene_open(&(struct scene_options){.text = links[link]});
        scene_call(s);
        for (int i = 0; i < 4; i++) {
            write_to(s, 0, (uint16_t)(100 + i), texts[i]);
            scene_run(s, 700 * MS);
        }
        for (int i = 0; i < 4; i++)
            write_to(s, 1, (uint16_t)(100 + i), texts[i]); /* all at once */
        scene_run(s, 40 * S);
        assert_arrived(s, 1, texts, 4);
        assert_arrived(s, 0, texts, 4);
        scene_close(s);
    }
}

static void what_is_written_without_a_line_arrives_once_after_it(void **state)
{
    (void)state;
    static const char *const texts[] = {"Are you there?", "Please telephone", "+43 1 234"};
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms\nloss = 10 %"});
    scene_call(s);
    scene_run(s, 10 * S);
    ear_link_cut(ear_rig_link(s->rig), true);
    scene_until_phase(s, 0, EAR_PHASE_LOST, 5 * S);
    for (int i = 0; i < 3; i++) {
        write_to(s, 0, (uint16_t)(100 + i), texts[i]);
        scene_run(s, 20 * S);
    }
    const struct scene_event *got[1] = {NULL};
    assert_int_equal(find(s, 1, EAR_EVENT_TEXT, got, 1), 0);
    ear_link_cut(ear_rig_link(s->rig), false);
    int64_t back_us = scene_now(s);
    scene_run(s, 60 * S);
    assert_arrived(s, 1, texts, 3);
    find(s, 1, EAR_EVENT_TEXT, got, 1);
    print_message("first text after 60 s of outage: %.1f s\n",
                  (double)(got[0]->at_us - back_us) / S);
    assert_at_most(got[0]->at_us - back_us, 5 * S);
    scene_hang_up(s, 1);
    scene_close(s);
}

/* The longest, while both speak: it gets through, and speech does not break. */
static void the_longest_text_fits(void **state)
{
    (void)state;
    char text[EAR_TEXT_BYTES_MAX + 1];
    const char *const texts[] = {text};
    memset(text, 'W', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct scene *s = scene_open(&(struct scene_options){.link = "edge", .turns = true});
    scene_call(s);
    scene_run(s, 20 * S);
    write_to(s, 0, 100, text);
    scene_run(s, 20 * S);
    assert_arrived(s, 1, texts, 1);
    assert_int_equal(scene_count_phase(s, 1, EAR_PHASE_LOST), 0);
    scene_close(s);
}

static void what_is_no_text_stays_here(void **state)
{
    (void)state;
    struct scene *s = scene_open(&(struct scene_options){0});
    const struct scene_event *got[1] = {NULL};
    write_to(s, 0, 1, "before the call");
    scene_run(s, 1 * S);
    scene_call(s);
    write_to(s, 0, 2, "");
    write_to(s, 0, 3, "\x1b[2J");
    write_to(s, 0, 4, "a\xff");
    struct ear_command endless = {.kind = EAR_COMMAND_TEXT, .number = 5};
    memset(endless.text, 'x', sizeof endless.text);
    assert_true(ear_engine_command(ear_rig_engine(s->rig, 0), &endless));
    scene_run(s, 5 * S);
    assert_int_equal(find(s, 1, EAR_EVENT_TEXT, got, 1), 0);
    scene_hang_up(s, 0);
    write_to(s, 0, 6, "after the call");
    scene_run(s, 5 * S);
    assert_int_equal(find(s, 1, EAR_EVENT_TEXT, got, 1), 0);
    scene_close(s);
}

/* The last words before hanging up. */
static void the_last_words_arrive(void **state)
{
    (void)state;
    static const char *const texts[] = {"Same time on Friday."};
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 300 ms\nloss = 10 %"});
    scene_call(s);
    scene_run(s, 10 * S);
    write_to(s, 0, 100, texts[0]);
    scene_hang_up(s, 0);
    scene_run(s, 5 * S);
    const struct scene_event *got[1] = {NULL};
    assert_int_equal(find(s, 1, EAR_EVENT_TEXT, got, 1), 1);
    assert_string_equal(got[0]->event.text, texts[0]);
    scene_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_arrive_and_are_seen),
        cmocka_unit_test(what_is_written_without_a_line_arrives_once_after_it),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(what_is_no_text_stays_here),
        cmocka_unit_test(the_last_words_arrive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
