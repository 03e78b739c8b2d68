/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a line, and what is offered on it, in English. */
#include <gio/gio.h>

#include "bridge/sentences.h"

static struct earshot_situation good(void)
{
    return (struct earshot_situation){.phase = EARSHOT_CALL_TALKING,
                                      .name = "Dr. Amina",
                                      .they_hear_you = TRUE,
                                      .delay_ms = 250,
                                      .rtt_ms = 200,
                                      .talk_seconds = 60};
}

static void check(const struct earshot_situation *s, EarshotLight light, const char *sentence)
{
    g_autofree char *said = earshot_situation_sentence(s);
    g_assert_cmpstr(said, ==, sentence);
    g_assert_cmpint(earshot_situation_light(s), ==, light);
}

static void lines(void)
{
    struct earshot_situation s = good();
    check(&s, EARSHOT_LIGHT_GOOD, "They hear you.");
    s.delay_ms = 1200;
    check(&s, EARSHOT_LIGHT_THIN, "The line is thin: sound comes 1.2 seconds late. Leave pauses.");
    s.rtt_ms = 600;
    check(&s, EARSHOT_LIGHT_FAR, "The line is long: sound comes 1.2 seconds late. Leave pauses.");
    s = good();
    s.loss = 0.2;
    check(&s, EARSHOT_LIGHT_LOSSY, "The line is poor: ask again where words are missing.");
    s = good();
    s.rung = EARSHOT_RUNG_LONGER; /* the user's own wish for little data */
    check(&s, EARSHOT_LIGHT_GOOD, "They hear you.");
    s.rung_by_line = TRUE;
    check(&s, EARSHOT_LIGHT_THIN, "They hear you. The line is thin.");
    s.they_hear_you = FALSE;
    check(&s, EARSHOT_LIGHT_LATE, "They may not hear you now.");
}

static void outage(void)
{
    struct earshot_situation s = good();
    s.phase = EARSHOT_CALL_LOST;
    s.lost_seconds = 12;
    check(&s, EARSHOT_LIGHT_GONE, "The line is gone. Keep talking: it is being kept. Trying… 0:12");
    s.lost_seconds = 252;
    check(&s, EARSHOT_LIGHT_GONE,
          "The line is gone. Your last three minutes are being kept. Trying… 4:12");
    s.lost_seconds = 12;
    s.muted = TRUE;
    check(&s, EARSHOT_LIGHT_GONE, "The line is gone. The call waits. Trying… 0:12");
    s.muted = FALSE;
    s.rung = EARSHOT_RUNG_TURNS;
    s.turn = EARSHOT_TURN_THEIRS;
    check(&s, EARSHOT_LIGHT_GONE, "The line is gone. The call waits. Trying… 0:12");
    s.turn = EARSHOT_TURN_MINE;
    check(&s, EARSHOT_LIGHT_GONE, "The line is gone. Keep talking: it is being kept. Trying… 0:12");
}

static void turns(void)
{
    static const struct {
        EarshotTurn turn;
        const char *sentence;
    } cases[] = {
        {EARSHOT_TURN_FREE, "Take turns: one speaks at a time. Press My turn, or Space, to speak."},
        {EARSHOT_TURN_MINE, "Your turn: they hear you. Press Over when you have finished."},
        {EARSHOT_TURN_THEIRS, "Their turn: your microphone waits."},
        {EARSHOT_TURN_ASKED, "Their turn. You are next."},
    };
    struct earshot_situation s = good();
    s.rung = EARSHOT_RUNG_TURNS;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        s.turn = cases[i].turn;
        check(&s, EARSHOT_LIGHT_GOOD, cases[i].sentence);
    }
    s.they_hear_you = FALSE;
    s.turn = EARSHOT_TURN_MINE;
    check(&s, EARSHOT_LIGHT_LATE, "Your turn. Press Over when you have finished.");
}

static const char *news(EarshotRung before, EarshotRung now, gboolean by_line)
{
    struct earshot_situation s = good();
    s.rung = now;
    s.rung_by_line = by_line;
    return earshot_situation_rung_news(&s, before);
}

static void changes(void)
{
    g_assert_null(news(EARSHOT_RUNG_FULL, EARSHOT_RUNG_FULL, TRUE));
    g_assert_null(news(EARSHOT_RUNG_FULL, EARSHOT_RUNG_LONGER, FALSE));
    g_assert_cmpstr(news(EARSHOT_RUNG_FULL, EARSHOT_RUNG_LONGER, TRUE), ==,
                    "The line is thin: sound comes a little later.");
    g_assert_cmpstr(news(EARSHOT_RUNG_LONGER, EARSHOT_RUNG_FULL, TRUE), ==, "The line is better.");
    g_assert_cmpstr(news(EARSHOT_RUNG_LONGER, EARSHOT_RUNG_TURNS, TRUE), ==,
                    "Take turns: one speaks at a time. Press My turn, or Space, to speak.");
    g_assert_cmpstr(news(EARSHOT_RUNG_TURNS, EARSHOT_RUNG_STREAM, TRUE), ==,
                    "Speech arrives late but whole. Leave long pauses.");
    g_assert_cmpstr(news(EARSHOT_RUNG_STREAM, EARSHOT_RUNG_MESSAGE, TRUE), ==,
                    "Leave a message: the line does not carry talk. What you say is kept.");
    g_assert_cmpstr(news(EARSHOT_RUNG_TURNS, EARSHOT_RUNG_LONGER, TRUE), ==,
                    "The line is better: speak freely.");
    g_assert_cmpstr(news(EARSHOT_RUNG_TURNS, EARSHOT_RUNG_FULL, FALSE), ==, "Speak freely.");
    /* What is new stands where the line's state stands otherwise. */
    struct earshot_situation s = good();
    s.news = "The line is better.";
    check(&s, EARSHOT_LIGHT_GOOD, "The line is better.");
}

/* About sound, the gravest first. */
static void warnings(void)
{
    struct earshot_situation s = {.phase = EARSHOT_CALL_TALKING, .they_hear_you = TRUE};
    g_assert_cmpstr(earshot_situation_warning(&s), ==, "");
    s.they_muted = TRUE;
    g_assert_cmpstr(earshot_situation_warning(&s), ==, "They have muted their microphone.");
    s.mic_echoes = TRUE;
    g_assert_cmpstr(earshot_situation_warning(&s), ==,
                    "They hear themselves from your loudspeaker: a headset would help.");
    s.muted = TRUE;
    g_assert_cmpstr(earshot_situation_warning(&s), ==, "You are muted: they do not hear you.");
    s.mic_gone = TRUE;
    g_assert_true(g_str_has_prefix(earshot_situation_warning(&s), "Your microphone is gone"));
    s.phase = EARSHOT_CALL_ENDED;
    g_assert_cmpstr(earshot_situation_warning(&s), ==, "");
}

static void check_aid(const struct earshot_situation *s, EarshotAid aid, const char *sentence)
{
    g_autofree char *said = earshot_situation_aid_sentence(s);
    g_assert_cmpstr(said, ==, sentence);
    g_assert_cmpint(earshot_situation_aid(s), ==, aid);
}

/* One thing at a time, the most urgent first. */
static void aids(void)
{
    struct earshot_situation s = good();
    check_aid(&s, EARSHOT_AID_NONE, "");
    s.turns_offered = TRUE;
    check_aid(&s, EARSHOT_AID_TURNS, "It may go better in turns: one speaks at a time.");
    s.missed_s = 45;
    check_aid(&s, EARSHOT_AID_FETCHING, "45 s you missed are being fetched.");
    s.missed_is_here = TRUE;
    check_aid(&s, EARSHOT_AID_MISSED, "45 s you missed. Hear them now?");
    s.put_off = TRUE;
    check_aid(&s, EARSHOT_AID_TURNS, "It may go better in turns: one speaks at a time.");
    s.put_off = FALSE;
    s.behind_s = 6;
    check_aid(&s, EARSHOT_AID_CATCHING_UP, "Catching up: 6 s behind");
    s.plays_missed = TRUE;
    check_aid(&s, EARSHOT_AID_PLAYS, "You hear what you missed: 45 s to go");
    s.phase = EARSHOT_CALL_LOST;
    check_aid(&s, EARSHOT_AID_PLAYS, "You hear what you missed: 45 s to go");
    s.plays_missed = FALSE;
    check_aid(&s, EARSHOT_AID_NONE, "");
    s.phase = EARSHOT_CALL_ENDED;
    s.plays_missed = TRUE;
    check_aid(&s, EARSHOT_AID_NONE, "");
}

static void lost(void)
{
    g_autofree char *said = earshot_lost_news(4, 252, 256);
    g_assert_cmpstr(said, ==, "4 s could not be recovered (4:12–4:16). Ask them to say it again.");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sentences/lines", lines);
    g_test_add_func("/sentences/outage", outage);
    g_test_add_func("/sentences/turns", turns);
    g_test_add_func("/sentences/changes", changes);
    g_test_add_func("/sentences/warnings", warnings);
    g_test_add_func("/sentences/aids", aids);
    g_test_add_func("/sentences/lost", lost);
    return g_test_run();
}
