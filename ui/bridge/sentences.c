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
/* Until the first acknowledgement can be there over a satellite. */
#define HEARD_AFTER_S 3

EarshotLight earshot_situation_light(const struct earshot_situation *s)
{
    switch (s->phase) {
    case EARSHOT_CALL_LOST:
        return EARSHOT_LIGHT_GONE;
    case EARSHOT_CALL_TALKING:
        if (!s->they_hear_you || s->delay_ms >= LATE_MS || s->loss >= LOSS_BAD)
            return EARSHOT_LIGHT_LATE;
        return EARSHOT_LIGHT_GOOD;
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
    /* Translators: %s is a time like 0:12. */
    return g_strdup_printf(_("The line is gone. The call waits. Trying… %s"), since);
}

static char *late_sentence(const struct earshot_situation *s)
{
    g_autofree char *late = earshot_format_number(s->delay_ms / 1000.0, 1);
    /* Translators: %s is a number of seconds like 1.2. */
    return g_strdup_printf(_("The line is thin: sound comes %s seconds late. Leave pauses."), late);
}

static char *talk_sentence(const struct earshot_situation *s)
{
    if (!s->they_hear_you && s->talk_seconds < HEARD_AFTER_S)
        return g_strdup(_("Connected."));
    if (!s->they_hear_you)
        return g_strdup(_("They may not hear you now."));
    if (s->delay_ms >= LATE_MS)
        return late_sentence(s);
    if (s->loss >= LOSS_BAD)
        return g_strdup(_("The line is poor: ask again where words are missing."));
    return g_strdup(s->echo
                        ? _("The Echo test hears you over a simulated EDGE line, and says it back.")
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
    if (s->their_mic_dead)
        return _("Their microphone gives no sound.");
    if (s->they_muted)
        return _("They have muted their microphone.");
    return "";
}
