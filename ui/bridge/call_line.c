/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the line makes of the talk: ways of talking, turns, catching up, what was lost. */
#include "bridge/call_state.h"

#include <string.h>

#include "bridge/format.h"

/* Long enough to be read twice. */
#define NEWS_US (8 * INT64_C(1000000))
/* Playout is always a little behind: from here on a person would say so, until it is less than
 * half a second for a second. */
#define BEHIND_US INT64_C(1000000)
#define BEHIND_LESS_US INT64_C(500000)
#define BEHIND_OVER_US INT64_C(1000000)
/* A shorter piece of lost speech is a word: it is listed from one second on, and told at once from
 * two. Whoever is told of each word no longer listens. */
#define LISTED_US INT64_C(1000000)
#define TOLD_US INT64_C(2000000)
/* A talk is over so long after the last that was told of it, at most. */
#define END_US (2 * INT64_C(1000000))
/* Queues come on top of what a line is long. */
#define RTT_STEP_MS 50

static guint in_seconds(int64_t us)
{
    return (guint)((us + EAR_US_PER_S / 2) / EAR_US_PER_S);
}

/* ---- news ---- */

/* Takes the sentence over. shown: in place of what is said of the line otherwise. */
static void tell_news(EarshotCall *self, char *sentence, gboolean shown)
{
    g_free(self->news);
    self->news = sentence;
    self->situation.news = shown ? self->news : NULL;
    self->news_until_us = self->status.talk_us + NEWS_US;
    earshot_call_say(self);
    earshot_call_notify(self, PROP_NEWS);
}

static void drop_news(EarshotCall *self)
{
    self->situation.news = NULL;
    earshot_call_keep_text(self, &self->news, g_strdup(""), PROP_NEWS);
}

/* ---- ways of talking ---- */

/* Whether the line asks for this way, and not the user's wish for little data or a steady call. */
static gboolean is_by_line(const struct ear_engine_status *status)
{
    const struct ear_ladder_say *mine = &status->talk.ladder;
    if (status->rung > mine->rung) /* they ask for it, and do not say why */
        return status->rung >= EAR_RUNG_TURNS;
    return mine->rung_why != EAR_LADDER_START && mine->rung_why != EAR_LADDER_USER &&
           mine->rung_why != EAR_LADDER_BUDGET;
}

static void take_rung(EarshotCall *self)
{
    struct earshot_situation *s = &self->situation;
    EarshotRung before = s->rung;
    gboolean could = earshot_call_can_steady(self);
    s->rung = (EarshotRung)self->status.rung;
    s->rung_by_line = is_by_line(&self->status);
    if (before == s->rung)
        return;
    if (s->rung != EARSHOT_RUNG_TURNS && self->wants_turn) {
        self->wants_turn = FALSE;
        earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_TURN});
    }
    earshot_call_notify(self, PROP_RUNG);
    if (could != earshot_call_can_steady(self))
        earshot_call_notify(self, PROP_CAN_STEADY);
}

static void tell_rung(EarshotCall *self, EarshotRung before)
{
    const char *news = earshot_situation_rung_news(&self->situation, before);
    if (news && self->rung_known)
        tell_news(self, g_strdup(news), self->situation.rung < EARSHOT_RUNG_TURNS);
    else if (before != self->situation.rung)
        drop_news(self);
    self->rung_known = TRUE;
}

static void take_offer(EarshotCall *self)
{
    self->situation.turns_offered =
        self->status.talk.ladder.turns_offered && !self->turns_refused && !self->situation.echo;
}

gboolean earshot_call_can_steady(EarshotCall *self)
{
    /* The Echo test takes no turns. */
    EarshotRung last = self->situation.echo ? EARSHOT_RUNG_LONGER : EARSHOT_RUNG_STREAM;
    return self->hold != EARSHOT_HOLD_NONE || self->situation.rung < last;
}

void earshot_call_set_hold(EarshotCall *self, int hold)
{
    const gboolean holds = hold != EARSHOT_HOLD_NONE;
    /* The Echo test has nobody who takes a turn or answers a message. */
    gboolean alone = hold == EARSHOT_RUNG_TURNS || hold == EARSHOT_RUNG_MESSAGE;
    if (self->situation.echo && alone) {
        earshot_call_notify(self, PROP_HOLD);
        return;
    }
    if (hold == self->hold || (holds && !earshot_call_is_talk(self)))
        return;
    self->hold = hold;
    earshot_call_command(
        self, &(struct ear_command){.kind = EAR_COMMAND_RUNG,
                                    .on = holds,
                                    .rung = holds ? (enum ear_rung)hold : EAR_RUNG_FULL});
    earshot_call_notify(self, PROP_HOLD);
    earshot_call_notify(self, PROP_STEADIER);
    earshot_call_notify(self, PROP_CAN_STEADY);
}

void earshot_call_set_steadier(EarshotCall *self, gboolean steadier)
{
    gboolean held = self->hold != EARSHOT_HOLD_NONE;
    if (steadier == held || (steadier && !earshot_call_can_steady(self)))
        return;
    earshot_call_set_hold(self, steadier ? (int)self->situation.rung + 1 : EARSHOT_HOLD_NONE);
}

/* ---- turns ---- */

static EarshotTurn turn_of(EarshotCall *self)
{
    if (self->situation.rung != EARSHOT_RUNG_TURNS)
        return EARSHOT_TURN_NONE;
    if (self->status.turn == EAR_TURNS_OTHER)
        return self->wants_turn ? EARSHOT_TURN_ASKED : EARSHOT_TURN_THEIRS;
    /* The engine takes or leaves it in the moment it is told to. */
    return self->wants_turn ? EARSHOT_TURN_MINE : EARSHOT_TURN_FREE;
}

static void take_turn(EarshotCall *self)
{
    EarshotTurn turn = turn_of(self);
    if (turn == self->situation.turn)
        return;
    self->situation.turn = turn;
    self->situation.news = NULL;
    earshot_call_say(self);
    earshot_call_notify(self, PROP_TURN);
}

void earshot_call_turn(EarshotCall *self)
{
    if (!earshot_call_is_talk(self) || self->situation.turn == EARSHOT_TURN_NONE)
        return;
    self->wants_turn = !self->wants_turn;
    earshot_call_command(self,
                         &(struct ear_command){.kind = EAR_COMMAND_TURN, .on = self->wants_turn});
    take_turn(self);
}

gboolean earshot_call_may_speak(EarshotCall *self)
{
    const struct earshot_situation *s = &self->situation;
    return !s->muted && (s->turn == EARSHOT_TURN_NONE || s->turn == EARSHOT_TURN_MINE);
}

/* ---- what was missed ---- */

static guint behind_of(EarshotCall *self)
{
    const struct ear_engine_status *status = &self->status;
    int64_t behind_us = status->talk.catching_up_us;
    gboolean was = self->situation.behind_s > 0;
    if (behind_us >= (was ? BEHIND_LESS_US : BEHIND_US))
        self->behind_until_us = status->talk_us + BEHIND_OVER_US;
    if (status->talk_us >= self->behind_until_us || status->talk_us < self->skip_until_us)
        return 0;
    return MAX(in_seconds(behind_us), 1);
}

static void take_missed(EarshotCall *self)
{
    const struct ear_talk_status *talk = &self->status.talk;
    struct earshot_situation *s = &self->situation;
    guint missed_s = in_seconds(talk->missed_us + talk->fetching_us);
    s->plays_missed = talk->plays_missed;
    s->missed_is_here = talk->missed_us >= EAR_US_PER_S;
    self->missed_here_s = in_seconds(talk->missed_us);
    earshot_call_keep_count(self, &s->behind_s, behind_of(self), PROP_BEHIND_SECONDS);
    earshot_call_keep_count(self, &s->missed_s, missed_s, PROP_MISSED_SECONDS);
    if (missed_s == 0)
        self->put_off_s = 0;
    /* What comes on top of what was put off is offered anew. */
    earshot_call_keep_flag(self, &s->put_off,
                           missed_s > 0 && missed_s <= self->put_off_s && !s->plays_missed,
                           PROP_PUT_OFF);
}

/* What the user did is seen at once. */
static void look_again(EarshotCall *self)
{
    if (earshot_call_is_talk(self))
        earshot_call_take_line(self);
    earshot_call_say(self);
}

void earshot_call_skip(EarshotCall *self)
{
    earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_SKIP});
    self->behind_until_us = 0;
    self->skip_until_us = self->status.talk_us + BEHIND_OVER_US;
    look_again(self);
}

void earshot_call_play_missed(EarshotCall *self, gboolean play)
{
    earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_PLAY_MISSED, .on = play});
    /* Who stops does not want to be asked at once. */
    self->put_off_s = self->situation.missed_s;
}

void earshot_call_put_off(EarshotCall *self)
{
    if (self->aid == EARSHOT_AID_TURNS)
        self->turns_refused = TRUE;
    if (self->aid == EARSHOT_AID_MISSED)
        self->put_off_s = self->situation.missed_s;
    look_again(self);
}

/* ---- what nobody will hear ---- */

static void take_unheard(EarshotCall *self)
{
    const struct ear_talk_status *talk = &self->status.talk;
    g_autoptr(GPtrArray) spans = g_ptr_array_new_with_free_func(g_free);
    int64_t words_us = talk->lost_us;
    for (size_t i = 0; i < talk->lost_count; i++) {
        const struct ear_lost_speech *lost = &talk->lost[i];
        if (lost->duration_us < LISTED_US)
            continue;
        words_us -= lost->duration_us;
        g_ptr_array_add(spans, earshot_format_span(
                                   (guint)(lost->begin_us / EAR_US_PER_S),
                                   (guint)((lost->begin_us + lost->duration_us) / EAR_US_PER_S)));
    }
    g_ptr_array_add(spans, NULL);
    if (!g_strv_equal((const char *const *)spans->pdata, (const char *const *)self->unheard)) {
        g_strfreev(self->unheard);
        self->unheard = (GStrv)g_ptr_array_free(g_steal_pointer(&spans), FALSE);
        earshot_call_notify(self, PROP_UNHEARD);
    }
    earshot_call_keep_count(self, &self->unheard_s, in_seconds(talk->lost_us),
                            PROP_UNHEARD_SECONDS);
    earshot_call_keep_count(self, &self->unheard_words_s, in_seconds(MAX(words_us, 0)),
                            PROP_UNHEARD_WORDS_SECONDS);
}

/* How much longer a piece has become since it was told of. */
static int64_t growth_of(EarshotCall *self, const struct ear_lost_speech *lost)
{
    for (size_t i = 0; i < self->lost_told_count; i++)
        if (self->lost_told[i].begin_us == lost->begin_us)
            return lost->duration_us - self->lost_told[i].duration_us;
    return lost->duration_us;
}

static void tell_lost(EarshotCall *self)
{
    const struct ear_talk_status *talk = &self->status.talk;
    const struct ear_lost_speech *most = NULL;
    for (size_t i = 0; i < talk->lost_count; i++)
        if (growth_of(self, &talk->lost[i]) >= (most ? growth_of(self, most) : TOLD_US))
            most = &talk->lost[i];
    if (!most)
        return;
    tell_news(self,
              earshot_lost_news(in_seconds(most->duration_us),
                                (guint)(most->begin_us / EAR_US_PER_S),
                                (guint)((most->begin_us + most->duration_us) / EAR_US_PER_S)),
              TRUE);
    memcpy(self->lost_told, talk->lost, sizeof self->lost_told);
    self->lost_told_count = talk->lost_count;
}

/* ---- a call ---- */

void earshot_call_take_line(EarshotCall *self)
{
    const struct ear_engine_status *status = &self->status;
    EarshotRung before = self->situation.rung;
    self->talk_us = status->talk_us;
    double far_ms = status->talk.rtt_ms - status->talk.line.queueing_ms;
    self->situation.rtt_ms = (guint)(MAX(far_ms, 0) / RTT_STEP_MS) * RTT_STEP_MS;
    if (self->situation.news && status->talk_us >= self->news_until_us)
        drop_news(self);
    take_rung(self);
    take_turn(self);
    take_offer(self);
    take_missed(self);
    tell_rung(self, before);
    if (self->phase == EARSHOT_CALL_TALKING)
        tell_lost(self);
    take_unheard(self);
}

void earshot_call_take_end(EarshotCall *self)
{
    /* After the Echo test it is another engine that reports, of another talk. */
    int64_t more_us = self->status.talk_us - self->talk_us;
    gboolean ours = more_us >= 0 && more_us < END_US;
    if (ours && in_seconds(self->status.talk.lost_us) >= self->unheard_s)
        take_unheard(self);
}

void earshot_call_forget_line(EarshotCall *self)
{
    self->rung_known = self->wants_turn = self->turns_refused = FALSE;
    self->put_off_s = self->missed_here_s = 0;
    self->behind_until_us = self->skip_until_us = 0;
    self->lost_told_count = 0;
    g_clear_pointer(&self->unheard, g_strfreev);
    self->unheard = g_new0(char *, 1);
    static const enum earshot_call_property all[] = {
        PROP_RUNG,           PROP_TURN,    PROP_CAN_STEADY, PROP_BEHIND_SECONDS,
        PROP_MISSED_SECONDS, PROP_PUT_OFF, PROP_UNHEARD,
    };
    earshot_call_keep_text(self, &self->news, g_strdup(""), PROP_NEWS);
    earshot_call_keep_count(self, &self->unheard_s, 0, PROP_UNHEARD_SECONDS);
    earshot_call_keep_count(self, &self->unheard_words_s, 0, PROP_UNHEARD_WORDS_SECONDS);
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        earshot_call_notify(self, all[i]);
}

void earshot_call_leave_line(EarshotCall *self)
{
    earshot_call_set_hold(self, EARSHOT_HOLD_NONE);
    drop_news(self);
    self->situation.plays_missed = FALSE;
    /* What was still being fetched is counted as lost. */
    earshot_call_keep_count(self, &self->situation.missed_s, self->missed_here_s,
                            PROP_MISSED_SECONDS);
}
