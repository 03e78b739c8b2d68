/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a situation to a light and a sentence. Pure. */
#include "bridge/sentences.h"

#include <glib/gi18n.h>

#include "bridge/format.h"

/* ITU-T G.114 plans for 400 ms one way at the most; from here on people interrupt each other and
 * are to know why. */
#define LATE_MS 700
/* From here on concealment is heard as gaps in words. */
#define LOSS_BAD 0.12
/* A line over a geostationary satellite takes 540 ms there and back at the least. */
#define FAR_RTT_MS 500
/* The journal holds 180 s of what is said into an outage. */
#define KEPT_S 180
/* Until the first acknowledgement can be there over a satellite. */
#define HEARD_AFTER_S 3

static EarshotLight talk_light(const struct earshot_situation *s)
{
    if (s->rung_by_line && s->rung > EARSHOT_RUNG_LONGER)
        return EARSHOT_LIGHT_THIN;
    if (!s->they_hear_you)
        return EARSHOT_LIGHT_LATE;
    if (s->loss >= LOSS_BAD)
        return EARSHOT_LIGHT_LOSSY;
    if (s->delay_ms >= LATE_MS && s->rtt_ms >= FAR_RTT_MS)
        return EARSHOT_LIGHT_FAR;
    if (s->delay_ms >= LATE_MS || (s->rung_by_line && s->rung == EARSHOT_RUNG_LONGER))
        return EARSHOT_LIGHT_THIN;
    return EARSHOT_LIGHT_GOOD;
}

EarshotLight earshot_situation_light(const struct earshot_situation *s)
{
    switch (s->phase) {
    case EARSHOT_CALL_LOST:
        return EARSHOT_LIGHT_GONE;
    case EARSHOT_CALL_TALKING:
        return talk_light(s);
    case EARSHOT_CALL_IDLE:
    case EARSHOT_CALL_CALLING:
    case EARSHOT_CALL_RINGING:
    case EARSHOT_CALL_INCOMING:
    case EARSHOT_CALL_ENDED:
        break;
    }
    return EARSHOT_LIGHT_OFF;
}

static char *lost_sentence(const struct earshot_situation *s)
{
    g_autofree char *since = earshot_format_duration(s->lost_seconds);
    gboolean speaks = !s->muted && (s->turn == EARSHOT_TURN_NONE || s->turn == EARSHOT_TURN_MINE);
    if (!speaks)
        /* Translators: %s is a time like 0:12. */
        return g_strdup_printf(_("The line is gone. The call waits. Trying… %s"), since);
    if (s->lost_seconds < KEPT_S)
        /* Translators: %s is a time like 0:12. */
        return g_strdup_printf(_("The line is gone. Keep talking: it is being kept. Trying… %s"),
                               since);
    /* Translators: %s is a time like 4:12. */
    return g_strdup_printf(
        _("The line is gone. Your last three minutes are being kept. Trying… %s"), since);
}

static char *late_sentence(const struct earshot_situation *s, gboolean far)
{
    g_autofree char *late = earshot_format_number(s->delay_ms / 1000.0, 1);
    if (far)
        /* Translators: over a satellite, for instance; %s is a number of seconds like 1.2. */
        return g_strdup_printf(_("The line is long: sound comes %s seconds late. Leave pauses."),
                               late);
    /* Translators: %s is a number of seconds like 1.2. */
    return g_strdup_printf(_("The line is thin: sound comes %s seconds late. Leave pauses."), late);
}

/* Whose turn it is. The button says how to change that. */
static const char *turn_sentence(const struct earshot_situation *s)
{
    switch (s->turn) {
    case EARSHOT_TURN_MINE:
        return s->they_hear_you ? _("Your turn: they hear you. Press Over when you have finished.")
                                : _("Your turn. Press Over when you have finished.");
    case EARSHOT_TURN_THEIRS:
        return _("Their turn: your microphone waits.");
    case EARSHOT_TURN_ASKED:
        return _("Their turn. You are next.");
    case EARSHOT_TURN_NONE:
    case EARSHOT_TURN_FREE:
        break;
    }
    return _("Take turns: one speaks at a time. Press My turn, or Space, to speak.");
}

/* On a way of talking other than freely; NULL on these. */
static const char *way_sentence(const struct earshot_situation *s)
{
    switch (s->rung) {
    case EARSHOT_RUNG_TURNS:
        return turn_sentence(s);
    case EARSHOT_RUNG_STREAM:
        return _("Speech arrives late but whole. Leave long pauses.");
    case EARSHOT_RUNG_MESSAGE:
        return _("Leave a message: the line does not carry talk. What you say is kept.");
    case EARSHOT_RUNG_FULL:
    case EARSHOT_RUNG_LONGER:
        break;
    }
    return NULL;
}

static char *talk_sentence(const struct earshot_situation *s)
{
    EarshotLight light = talk_light(s);
    const char *way = way_sentence(s);
    if (s->news)
        return g_strdup(s->news);
    if (way)
        return g_strdup(way);
    if (!s->they_hear_you && s->talk_seconds < HEARD_AFTER_S)
        return g_strdup(_("Connected."));
    if (!s->they_hear_you)
        return g_strdup(_("They may not hear you now."));
    if (s->delay_ms >= LATE_MS)
        return late_sentence(s, light == EARSHOT_LIGHT_FAR);
    if (light == EARSHOT_LIGHT_LOSSY)
        return g_strdup(_("The line is poor: ask again where words are missing."));
    if (light == EARSHOT_LIGHT_THIN && !s->echo)
        return g_strdup(_("They hear you. The line is thin."));
    return g_strdup(s->echo ? _("The Echo test hears you over a poor line that this laptop makes, "
                                "and says it back.")
                            : _("They hear you."));
}

char *earshot_situation_sentence(const struct earshot_situation *s)
{
    switch (s->phase) {
    case EARSHOT_CALL_CALLING:
        /* Translators: %s is a person's name. */
        return g_strdup_printf(_("Reaching %s…"), s->name);
    case EARSHOT_CALL_RINGING:
        /* Translators: %s is a person's name. */
        return g_strdup_printf(_("It rings at %s’s computer."), s->name);
    case EARSHOT_CALL_INCOMING:
        /* Translators: %s is a person's name. */
        return g_strdup_printf(_("%s calls."), s->name);
    case EARSHOT_CALL_TALKING:
        return talk_sentence(s);
    case EARSHOT_CALL_LOST:
        return lost_sentence(s);
    case EARSHOT_CALL_IDLE:
    case EARSHOT_CALL_ENDED:
        break;
    }
    return g_strdup("");
}

const char *earshot_situation_warning(const struct earshot_situation *s)
{
    if (s->phase != EARSHOT_CALL_TALKING && s->phase != EARSHOT_CALL_LOST)
        return "";
    if (s->sound_trouble)
        return s->sound_trouble;
    if (s->mic_gone)
        return _("Your microphone is gone: plug it in again, the call waits.");
    if (s->speaker_gone)
        return _("Your loudspeaker is gone: plug it in again, the call waits.");
    if (s->muted)
        return _("You are muted: they do not hear you.");
    if (s->mic_dead)
        return _("Your microphone gives no sound: check that it is switched on.");
    if (s->mic_echoes)
        return _("They hear themselves from your loudspeaker: a headset would help.");
    if (s->their_mic_dead)
        return _("Their microphone gives no sound.");
    if (s->they_muted)
        return _("They have muted their microphone.");
    return "";
}

/* ---- what is offered ---- */

EarshotAid earshot_situation_aid(const struct earshot_situation *s)
{
    gboolean talk = s->phase == EARSHOT_CALL_TALKING;
    if (s->plays_missed && (talk || s->phase == EARSHOT_CALL_LOST))
        return EARSHOT_AID_PLAYS;
    if (!talk)
        return EARSHOT_AID_NONE;
    if (s->behind_s)
        return EARSHOT_AID_CATCHING_UP;
    if (s->missed_s && !s->missed_is_here)
        return EARSHOT_AID_FETCHING;
    if (s->missed_s && !s->put_off)
        return EARSHOT_AID_MISSED;
    return s->turns_offered ? EARSHOT_AID_TURNS : EARSHOT_AID_NONE;
}

char *earshot_situation_aid_sentence(const struct earshot_situation *s)
{
    EarshotAid aid = earshot_situation_aid(s);
    guint seconds = aid == EARSHOT_AID_CATCHING_UP ? s->behind_s : s->missed_s;
    g_autofree char *count = earshot_format_count(seconds);
    switch (aid) {
    case EARSHOT_AID_CATCHING_UP:
        /* Translators: speech that an outage held up is played a little faster; %s are seconds */
        return g_strdup_printf(_("Catching up: %s s behind"), count);
    case EARSHOT_AID_FETCHING:
        /* Translators: %s are seconds of speech that the user did not hear */
        return g_strdup_printf(_("%s s you missed are being fetched."), count);
    case EARSHOT_AID_MISSED:
        /* Translators: %s are seconds of speech; below it are the buttons Play and Later */
        return g_strdup_printf(_("%s s you missed. Hear them now?"), count);
    case EARSHOT_AID_PLAYS:
        /* Translators: %s are seconds */
        return g_strdup_printf(_("You hear what you missed: %s s to go"), count);
    case EARSHOT_AID_TURNS:
        return g_strdup(_("It may go better in turns: one speaks at a time."));
    case EARSHOT_AID_NONE:
        break;
    }
    return g_strdup("");
}

/* ---- news ---- */

const char *earshot_situation_rung_news(const struct earshot_situation *s, EarshotRung before)
{
    if (before == s->rung)
        return NULL;
    switch (s->rung) {
    case EARSHOT_RUNG_FULL:
    case EARSHOT_RUNG_LONGER:
        if (before > EARSHOT_RUNG_LONGER)
            return s->rung_by_line ? _("The line is better: speak freely.") : _("Speak freely.");
        if (!s->rung_by_line)
            return NULL;
        return s->rung == EARSHOT_RUNG_FULL ? _("The line is better.")
                                            : _("The line is thin: sound comes a little later.");
    case EARSHOT_RUNG_TURNS:
    case EARSHOT_RUNG_STREAM:
    case EARSHOT_RUNG_MESSAGE:
        break;
    }
    return way_sentence(s);
}

char *earshot_lost_news(guint seconds, guint begin_s, guint end_s)
{
    g_autofree char *count = earshot_format_count(seconds);
    g_autofree char *span = earshot_format_span(begin_s, end_s);
    /* Translators: of speech; the second %s is when within the call, such as 4:12–4:16 */
    return g_strdup_printf(_("%s s could not be recovered (%s). Ask them to say it again."), count,
                           span);
}
