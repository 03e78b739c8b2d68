/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call's properties and commands on a bad line, from what the engine says. */
#include <string.h>

#include "bridge/call_private.h"
#include "stage.h"

#define COMMANDS 16
#define SECOND INT64_C(1000000)

struct line {
    struct stage stage;
    EarshotCall *call;
    struct ear_command commands[COMMANDS];
    guint count;
};

static void on_command(gpointer ctx, const struct ear_command *command)
{
    struct line *line = ctx;
    g_assert_cmpuint(line->count, <, COMMANDS);
    line->commands[line->count++] = *command;
}

/* The next command that was given. */
static struct ear_command given(struct line *line)
{
    g_assert_cmpuint(line->count, >, 0);
    struct ear_command first = line->commands[0];
    memmove(line->commands, line->commands + 1, --line->count * sizeof first);
    return first;
}

static void assert_given(struct line *line, enum ear_command_kind kind, gboolean on)
{
    struct ear_command command = given(line);
    g_assert_cmpint(command.kind, ==, kind);
    g_assert_cmpint(command.on, ==, on);
}

static void tell_phase(struct line *line, enum ear_phase phase)
{
    const struct ear_event event = {.kind = EAR_EVENT_PHASE,
                                    .phase = phase,
                                    .guest = earshot_person_get_number(line->stage.amina)};
    earshot_call_take_event(line->call, &event);
}

static void tell(struct line *line, struct ear_engine_status status)
{
    status.phase = EAR_PHASE_TALKING;
    status.talk.hears_me = true;
    earshot_call_take_status(line->call, &status);
}

static void begin(struct line *line, gconstpointer application)
{
    *line = (struct line){.count = 0};
    stage_open(&line->stage, (GtkApplication *)application);
    const struct earshot_call_host host = {.command = on_command, .ctx = line};
    line->call = earshot_call_new(line->stage.profile, &host);
    tell_phase(line, EAR_PHASE_INCOMING);
    tell_phase(line, EAR_PHASE_TALKING);
    line->count = 0;
}

static void end(struct line *line)
{
    g_assert_cmpuint(line->count, ==, 0);
    g_clear_object(&line->call);
    stage_close(&line->stage);
}

static void assert_enum(struct line *line, const char *property, int expected)
{
    int value;
    g_object_get(line->call, property, &value, NULL);
    g_assert_cmpint(value, ==, expected);
}

static void assert_text(struct line *line, const char *property, const char *expected)
{
    g_autofree char *text = NULL;
    g_object_get(line->call, property, &text, NULL);
    g_assert_cmpstr(text, ==, expected);
}

static void test_news(gconstpointer application)
{
    struct line line;
    struct ear_engine_status status = {.talk_us = SECOND,
                                       .talk.ladder.rung_why = EAR_LADDER_BUDGET};
    begin(&line, application);
    tell(&line, status); /* how a talk begins is no news */
    assert_text(&line, "news", "");
    status.talk_us = 10 * SECOND;
    status.rung = status.talk.ladder.rung = EAR_RUNG_LONGER;
    status.talk.ladder.rung_why = EAR_LADDER_FULL_LINE;
    tell(&line, status);
    assert_text(&line, "news", "The line is thin: sound comes a little later.");
    assert_text(&line, "sentence", "The line is thin: sound comes a little later.");
    assert_enum(&line, "light", EARSHOT_LIGHT_THIN);
    status.talk_us = 17 * SECOND;
    tell(&line, status);
    assert_text(&line, "sentence", "The line is thin: sound comes a little later.");
    status.talk_us = 18 * SECOND;
    tell(&line, status);
    assert_text(&line, "sentence", "They hear you. The line is thin.");
    end(&line);
}

static void test_steadier(gconstpointer application)
{
    struct line line;
    begin(&line, application);
    tell(&line, (struct ear_engine_status){.talk_us = SECOND});
    g_object_set(line.call, "steadier", TRUE, NULL);
    struct ear_command held = given(&line);
    g_assert_cmpint(held.kind, ==, EAR_COMMAND_RUNG);
    g_assert_true(held.on);
    g_assert_cmpint(held.rung, ==, EAR_RUNG_LONGER);
    assert_enum(&line, "hold", EARSHOT_RUNG_LONGER);
    g_object_set(line.call, "steadier", FALSE, NULL);
    assert_given(&line, EAR_COMMAND_RUNG, FALSE);
    /* There is no safer way with live talk. */
    tell(&line, (struct ear_engine_status){.talk_us = 2 * SECOND, .rung = EAR_RUNG_STREAM});
    assert_enum(&line, "can-steady", FALSE);
    g_object_set(line.call, "steadier", TRUE, NULL);
    g_assert_cmpuint(line.count, ==, 0);
    /* What was held is let go with the call. */
    g_object_set(line.call, "hold", EARSHOT_RUNG_MESSAGE, NULL);
    assert_given(&line, EAR_COMMAND_RUNG, TRUE);
    tell_phase(&line, EAR_PHASE_ENDED);
    assert_given(&line, EAR_COMMAND_RUNG, FALSE);
    assert_enum(&line, "hold", EARSHOT_HOLD_NONE);
    end(&line);
}

static void test_turns(gconstpointer application)
{
    struct line line;
    begin(&line, application);
    tell(&line, (struct ear_engine_status){.talk_us = SECOND});
    earshot_call_turn(line.call);
    g_assert_cmpuint(line.count, ==, 0); /* nobody takes turns */
    tell(&line, (struct ear_engine_status){.talk_us = 2 * SECOND, .rung = EAR_RUNG_TURNS});
    assert_enum(&line, "turn", EARSHOT_TURN_FREE);
    earshot_call_turn(line.call);
    assert_given(&line, EAR_COMMAND_TURN, TRUE);
    assert_enum(&line, "turn", EARSHOT_TURN_MINE);
    /* They were first. */
    tell(&line, (struct ear_engine_status){
                    .talk_us = 3 * SECOND, .rung = EAR_RUNG_TURNS, .turn = EAR_TURNS_OTHER});
    assert_enum(&line, "turn", EARSHOT_TURN_ASKED);
    earshot_call_turn(line.call);
    assert_given(&line, EAR_COMMAND_TURN, FALSE);
    assert_enum(&line, "turn", EARSHOT_TURN_THEIRS);
    earshot_call_turn(line.call);
    assert_given(&line, EAR_COMMAND_TURN, TRUE);
    /* Whoever hides gives it back; so does a line that is better. */
    g_object_set(line.call, "hidden", TRUE, NULL);
    assert_given(&line, EAR_COMMAND_TURN, FALSE);
    assert_given(&line, EAR_COMMAND_MUTE, TRUE);
    g_object_set(line.call, "hidden", FALSE, NULL);
    assert_given(&line, EAR_COMMAND_MUTE, FALSE);
    earshot_call_turn(line.call);
    assert_given(&line, EAR_COMMAND_TURN, TRUE);
    tell(&line, (struct ear_engine_status){.talk_us = 4 * SECOND});
    assert_given(&line, EAR_COMMAND_TURN, FALSE);
    assert_enum(&line, "turn", EARSHOT_TURN_NONE);
    end(&line);
}

static struct ear_engine_status behind(int64_t at_us, int64_t behind_us)
{
    return (struct ear_engine_status){.talk_us = at_us, .talk.catching_up_us = behind_us};
}

static void test_catching_up(gconstpointer application)
{
    struct line line;
    begin(&line, application);
    tell(&line, behind(SECOND, SECOND / 5));
    assert_enum(&line, "aid", EARSHOT_AID_NONE);
    tell(&line, behind(2 * SECOND, 6 * SECOND));
    assert_text(&line, "aid-sentence", "Catching up: 6 s behind");
    tell(&line, behind(5 * SECOND / 2, 0)); /* a pause between words */
    assert_enum(&line, "aid", EARSHOT_AID_CATCHING_UP);
    tell(&line, behind(4 * SECOND, 0));
    assert_enum(&line, "aid", EARSHOT_AID_NONE);
    tell(&line, behind(5 * SECOND, 6 * SECOND));
    earshot_call_skip(line.call);
    assert_given(&line, EAR_COMMAND_SKIP, FALSE);
    assert_enum(&line, "aid", EARSHOT_AID_NONE);
    tell(&line, behind(5 * SECOND + SECOND / 10, 6 * SECOND)); /* the engine has not done it yet */
    assert_enum(&line, "aid", EARSHOT_AID_NONE);
    end(&line);
}

static struct ear_engine_status missed(int64_t at_us, int64_t missed_us, int64_t fetching_us)
{
    return (struct ear_engine_status){.talk_us = at_us,
                                      .talk = {.missed_us = missed_us, .fetching_us = fetching_us}};
}

static void test_missed(gconstpointer application)
{
    struct line line;
    begin(&line, application);
    tell(&line, missed(SECOND, 0, 45 * SECOND));
    assert_enum(&line, "aid", EARSHOT_AID_FETCHING);
    tell(&line, missed(2 * SECOND, 5 * SECOND, 40 * SECOND));
    assert_text(&line, "aid-sentence", "45 s you missed. Hear them now?");
    earshot_call_put_off(line.call);
    assert_enum(&line, "aid", EARSHOT_AID_NONE);
    assert_enum(&line, "put-off", TRUE);
    tell(&line, missed(3 * SECOND, 45 * SECOND, 0));
    assert_enum(&line, "aid", EARSHOT_AID_NONE);
    tell(&line, missed(4 * SECOND, 50 * SECOND, 0)); /* another outage */
    assert_enum(&line, "aid", EARSHOT_AID_MISSED);
    earshot_call_play_missed(line.call, TRUE);
    assert_given(&line, EAR_COMMAND_PLAY_MISSED, TRUE);
    struct ear_engine_status plays = missed(5 * SECOND, 49 * SECOND, 0);
    plays.talk.plays_missed = true;
    tell(&line, plays);
    assert_enum(&line, "aid", EARSHOT_AID_PLAYS);
    earshot_call_play_missed(line.call, FALSE);
    assert_given(&line, EAR_COMMAND_PLAY_MISSED, FALSE);
    tell(&line, missed(6 * SECOND, 48 * SECOND, 0));
    assert_enum(&line, "aid", EARSHOT_AID_NONE); /* not asked at once */
    assert_enum(&line, "put-off", TRUE);
    end(&line);
}

static void test_lost(gconstpointer application)
{
    struct line line;
    begin(&line, application);
    struct ear_engine_status status = {
        .talk_us = 70 * SECOND,
        .talk = {.lost_us = 5 * SECOND,
                 .lost_count = 2,
                 .lost = {{12 * SECOND, SECOND / 2}, {62 * SECOND, 4 * SECOND}}}};
    tell(&line, status);
    assert_text(&line, "sentence",
                "4 s could not be recovered (1:02–1:06). Ask them to say it again.");
    status.talk_us = 90 * SECOND;
    tell(&line, status);
    assert_text(&line, "sentence", "They hear you."); /* told once */
    tell_phase(&line, EAR_PHASE_ENDED);
    /* What was still being fetched is known to be lost only now. */
    status.phase = EAR_PHASE_IDLE;
    status.talk.lost[status.talk.lost_count++] = (struct ear_lost_speech){80 * SECOND, 3 * SECOND};
    status.talk.lost_us += 3 * SECOND;
    earshot_call_take_status(line.call, &status);
    g_auto(GStrv) spans = NULL;
    guint seconds, words;
    g_object_get(line.call, "unheard", &spans, "unheard-seconds", &seconds, "unheard-words-seconds",
                 &words, NULL);
    g_autofree char *all = g_strjoinv(" ", spans);
    g_assert_cmpstr(all, ==, "1:02–1:06 1:20–1:23"); /* a single word is not listed */
    g_assert_cmpuint(seconds, ==, 8);
    g_assert_cmpuint(words, ==, 1);
    /* An engine that had no part in it has nothing to say. */
    earshot_call_take_status(line.call, &(struct ear_engine_status){.phase = EAR_PHASE_IDLE});
    g_object_get(line.call, "unheard-seconds", &seconds, NULL);
    g_assert_cmpuint(seconds, ==, 8);
    end(&line);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GtkApplication) application = stage_start();
    g_test_add_data_func("/call-line/news", application, test_news);
    g_test_add_data_func("/call-line/steadier", application, test_steadier);
    g_test_add_data_func("/call-line/turns", application, test_turns);
    g_test_add_data_func("/call-line/catching-up", application, test_catching_up);
    g_test_add_data_func("/call-line/missed", application, test_missed);
    g_test_add_data_func("/call-line/lost", application, test_lost);
    return g_test_run();
}
