/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the engine's events and snapshots to properties. */
#include "bridge/call_state.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "bridge/data_meter.h"
#include "bridge/format.h"
#include "bridge/meter.h"
#include "bridge/record_private.h"

/* Encoder and decoder keep back so much (Opus at its narrowest look-ahead). */
#define CODEC_MS 7

static void notify(EarshotCall *self, enum earshot_call_property id)
{
    earshot_call_notify(self, id);
}

/* ---- what is said about it ---- */

void earshot_call_say(EarshotCall *self)
{
    self->situation.phase = self->phase;
    self->situation.name = self->person ? earshot_person_get_name(self->person) : "";
    self->situation.echo = self->person && earshot_person_is_echo(self->person);
    self->situation.talk_seconds = self->seconds;
    self->situation.sound_trouble = self->sound_trouble;
    EarshotLight light = earshot_situation_light(&self->situation);
    if (light != self->light) {
        self->light = light;
        notify(self, PROP_LIGHT);
    }
    earshot_call_keep_text(self, &self->sentence, earshot_situation_sentence(&self->situation),
                           PROP_SENTENCE);
    earshot_call_keep_text(self, &self->warning,
                           g_strdup(earshot_situation_warning(&self->situation)), PROP_WARNING);
    /* Buttons that go with it appear when it can be read. */
    earshot_call_keep_text(self, &self->aid_sentence,
                           earshot_situation_aid_sentence(&self->situation), PROP_AID_SENTENCE);
    EarshotAid aid = earshot_situation_aid(&self->situation);
    if (aid != self->aid) {
        self->aid = aid;
        notify(self, PROP_AID);
    }
}

static char *price_of(EarshotCall *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    double price = earshot_data_price(settings);
    if (price <= 0)
        return g_strdup("");
    return earshot_format_money(price * (double)self->bytes / 1e6,
                                earshot_settings_get_string(settings, "currency"));
}

/* ---- phases ---- */

void earshot_call_command(EarshotCall *self, const struct ear_command *command)
{
    if (self->host.command)
        self->host.command(self->host.ctx, command);
}

static void forget_last(EarshotCall *self)
{
    g_list_store_remove_all(self->texts);
    self->situation = (struct earshot_situation){.muted = FALSE};
    earshot_call_forget_line(self);
    self->answered = self->failed = FALSE;
    self->ending_kind = EAR_ENDING_NONE;
    self->figures_count = 0;
    self->begin_s = g_get_real_time() / G_USEC_PER_SEC;
    self->bytes_before =
        self->status.sent.bytes + self->status.received_bytes; /* the engine counts on */
    self->bytes = 0;
    self->next_number = 1;
    earshot_call_keep_count(self, &self->seconds, 0, PROP_SECONDS);
    earshot_call_keep_count(self, &self->gaps, 0, PROP_GAPS);
    earshot_call_keep_count(self, &self->gap_seconds, 0, PROP_GAP_SECONDS);
    earshot_call_keep_text(self, &self->ending, g_strdup(""), PROP_ENDING);
    earshot_call_keep_text(self, &self->money, g_strdup(""), PROP_MONEY);
    earshot_call_keep_text(self, &self->call_back, g_strdup(""), PROP_CALL_BACK);
    earshot_call_keep_text(self, &self->place, g_strdup(""), PROP_PLACE);
    notify(self, PROP_BYTES);
    notify(self, PROP_MUTED);
}

/* When the line was away, and how the talk was carried. */
static void fill_ways(EarshotCall *self, struct ear_call_record *ret)
{
    const struct ear_engine_status *status = &self->status;
    ret->gaps_kept = (uint8_t)CLAMP(status->outages, 0, EAR_CALL_WAYS_KEPT);
    for (guint i = 0; i < ret->gaps_kept; i++)
        ret->gap[i] = (struct ear_call_gap){
            .at_s = (uint32_t)(status->outage[i].begin_us / EAR_US_PER_S),
            .length_s = (uint32_t)(status->outage[i].duration_us / EAR_US_PER_S),
        };
    for (int64_t i = ear_rung_log_first(&status->rungs); i < status->rungs.count; i++) {
        const struct ear_rung_change *change = ear_rung_log_get(&status->rungs, i);
        bool same =
            ret->rungs_kept > 0 && ret->rung[ret->rungs_kept - 1].rung == (uint8_t)change->rung;
        if (!same && ret->rungs_kept < EAR_CALL_WAYS_KEPT)
            ret->rung[ret->rungs_kept++] = (struct ear_call_rung){
                .at_s = (uint32_t)(change->at_us / EAR_US_PER_S),
                .rung = (uint8_t)change->rung,
            };
    }
}

static void fill_record(EarshotCall *self, struct ear_call_record *ret)
{
    *ret = (struct ear_call_record){
        .person = self->person ? earshot_person_get_number(self->person) : 0,
        .begin_s = self->begin_s,
        .talk_s = self->seconds,
        .bytes = self->bytes,
        .gaps = (uint16_t)MIN(self->gaps, G_MAXUINT16),
        .gap_s = self->gap_seconds,
        .direction = self->outgoing ? EAR_CALL_OUT : EAR_CALL_IN,
        .ending = (uint8_t)self->ending_kind,
        .missed =
            !self->outgoing && !self->answered && self->ending_kind != EAR_ENDING_DECLINED_HERE,
    };
    if (self->answered)
        fill_ways(self, ret);
    g_strlcpy(ret->name, self->person ? earshot_person_get_name(self->person) : "",
              sizeof ret->name);
    g_strlcpy(ret->callback, self->call_back, sizeof ret->callback);
    g_strlcpy(ret->place, self->place, sizeof ret->place);
}

static void set_phase(EarshotCall *self, EarshotCallPhase phase)
{
    struct ear_call_record record;
    if (self->phase == phase)
        return;
    self->phase = phase;
    if (phase == EARSHOT_CALL_TALKING)
        self->answered = TRUE;
    if (phase == EARSHOT_CALL_ENDED) {
        earshot_call_leave_line(self);
        self->failed = !self->answered;
        self->hidden = FALSE;
        notify(self, PROP_FAILED);
        notify(self, PROP_HIDDEN);
        fill_record(self, &record);
    }
    earshot_call_say(self);
    notify(self, PROP_PHASE);
    if (self->host.phase)
        self->host.phase(self->host.ctx, phase, phase == EARSHOT_CALL_ENDED ? &record : NULL);
}

static void begin(EarshotCall *self, EarshotPerson *person, gboolean outgoing)
{
    forget_last(self);
    g_set_object(&self->person, person);
    self->outgoing = outgoing;
    notify(self, PROP_PERSON);
    notify(self, PROP_OUTGOING);
    set_phase(self, outgoing ? EARSHOT_CALL_CALLING : EARSHOT_CALL_INCOMING);
}

static void end(EarshotCall *self, enum ear_ending ending)
{
    if (self->phase == EARSHOT_CALL_IDLE || self->phase == EARSHOT_CALL_ENDED)
        return;
    gboolean answered = self->phase == EARSHOT_CALL_TALKING || self->phase == EARSHOT_CALL_LOST;
    self->ending_kind = ending;
    earshot_call_keep_text(self, &self->ending, g_strdup(earshot_ending_sentence(ending, answered)),
                           PROP_ENDING);
    set_phase(self, EARSHOT_CALL_ENDED);
}

void earshot_call_fail(EarshotCall *self, const char *sentence)
{
    if (self->phase != EARSHOT_CALL_CALLING)
        return;
    self->leaving = FALSE;
    self->ending_kind = EAR_ENDING_UNREACHABLE;
    earshot_call_keep_text(self, &self->ending, g_strdup(sentence), PROP_ENDING);
    set_phase(self, EARSHOT_CALL_ENDED);
}

/* The engine has said goodbye at last: who was called meanwhile is called now. */
static void leave(EarshotCall *self)
{
    self->leaving = FALSE;
    if (self->phase == EARSHOT_CALL_CALLING && self->host.dial)
        self->host.dial(self->host.ctx, self->person);
}

static void take_phase(EarshotCall *self, const struct ear_event *event)
{
    switch (event->phase) {
    case EAR_PHASE_RINGING:
        set_phase(self, EARSHOT_CALL_RINGING);
        break;
    case EAR_PHASE_INCOMING:
        self->leaving = FALSE;
        begin(self, earshot_profile_find(self->profile, event->guest), FALSE);
        earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_MUTE});
        break;
    case EAR_PHASE_TALKING:
        set_phase(self, EARSHOT_CALL_TALKING);
        break;
    case EAR_PHASE_LOST:
        set_phase(self, EARSHOT_CALL_LOST);
        break;
    case EAR_PHASE_ENDED:
        if (self->leaving)
            leave(self);
        else
            end(self, event->ending);
        break;
    case EAR_PHASE_IDLE:
    case EAR_PHASE_CALLING:
    case EAR_PHASE_ENDING:
    case EAR_PHASES:
        break;
    }
}

static void see_text(EarshotCall *self, guint number)
{
    guint count = g_list_model_get_n_items(G_LIST_MODEL(self->texts));
    for (guint i = 0; i < count; i++) {
        g_autoptr(EarshotText) text = g_list_model_get_item(G_LIST_MODEL(self->texts), i);
        gboolean mine;
        guint its;
        g_object_get(text, "mine", &mine, "number", &its, NULL);
        if (mine && its == number)
            g_object_set(text, "seen", TRUE, NULL);
    }
}

static void take_text(EarshotCall *self, const struct ear_event *event)
{
    g_autoptr(EarshotText) text = earshot_text_new(event->text, FALSE, event->number);
    g_list_store_append(self->texts, text);
    g_signal_emit(self, earshot_call_signals[TEXT], 0, text);
}

static void take_there(EarshotCall *self, const struct ear_event *event)
{
    EarshotPerson *person = earshot_profile_find(self->profile, event->guest);
    if (!person)
        return;
    g_object_set(person, "there", event->on, NULL);
    if (event->on)
        g_signal_emit(self, earshot_call_signals[THERE], 0, person);
}

void earshot_call_take_event(EarshotCall *self, const struct ear_event *event)
{
    struct earshot_situation *s = &self->situation;
    switch (event->kind) {
    case EAR_EVENT_PHASE:
        take_phase(self, event);
        break;
    case EAR_EVENT_THEY_MUTED:
        earshot_call_keep_flag(self, &s->they_muted, event->on, PROP_THEY_MUTED);
        break;
    case EAR_EVENT_THEIR_MIC_DEAD:
        earshot_call_keep_flag(self, &s->their_mic_dead, event->on, PROP_THEIR_MIC_DEAD);
        break;
    case EAR_EVENT_MIC_DEAD:
        earshot_call_keep_flag(self, &s->mic_dead, event->on, PROP_MIC_DEAD);
        break;
    case EAR_EVENT_MIC_GONE:
        earshot_call_keep_flag(self, &s->mic_gone, event->on, PROP_MIC_GONE);
        break;
    case EAR_EVENT_MIC_ECHOES:
        s->mic_echoes = event->on;
        break;
    case EAR_EVENT_SPEAKER_GONE:
        earshot_call_keep_flag(self, &s->speaker_gone, event->on, PROP_SPEAKER_GONE);
        break;
    case EAR_EVENT_TEXT:
        take_text(self, event);
        break;
    case EAR_EVENT_TEXT_SEEN:
        see_text(self, event->number);
        break;
    case EAR_EVENT_THERE:
        take_there(self, event);
        break;
    case EAR_EVENT_RELAY:
    case EAR_EVENT_RELAYED:
    case EAR_EVENT_TURNED_AWAY:
    case EAR_EVENT_CHECKED:
    case EAR_EVENT_UNHEARD:
    case EAR_EVENT_SEEN_AT:
    case EAR_EVENT_CALLED:
    case EAR_EVENT_KEYS:
    case EAR_EVENT_PINNED:
        break;
    }
    earshot_call_say(self);
}

/* ---- snapshots ---- */

static void set_level(EarshotCall *self, double *kept, double level, enum earshot_call_property id)
{
    if (fabs(*kept - level) < 0.004)
        return;
    *kept = level;
    notify(self, id);
}

/* Until the first word has been played its playout delay is not known, and below any sense. */
static double delay_of(const struct ear_engine_status *status)
{
    return status->talk.rtt_ms / 2 + status->format.packet_ms + CODEC_MS +
           fmax(status->talk.play.delay_ms, 0);
}

static void keep_figures(EarshotCall *self)
{
    const struct ear_engine_status *status = &self->status;
    if (self->figures_count == EARSHOT_CALL_FIGURES) {
        memmove(self->figures, self->figures + 1,
                (EARSHOT_CALL_FIGURES - 1) * sizeof *self->figures);
        self->figures_count--;
    }
    self->figures[self->figures_count++] = (struct earshot_figures){
        .at_s = (double)status->talk_us / EAR_US_PER_S,
        .delay_ms = delay_of(status),
        .rtt_ms = status->talk.rtt_ms,
        .loss_here = status->talk.play.loss,
        .loss_there = status->talk.loss_there,
        .in_kbps = status->received_bps / 1000,
        .out_kbps = status->sent_bps / 1000,
        .target_ms = status->talk.play.target_ms,
    };
    g_signal_emit(self, earshot_call_signals[FIGURES_SIGNAL], 0);
}

static void count_gaps(EarshotCall *self)
{
    const struct ear_engine_status *status = &self->status;
    int64_t gap_us = status->lost_us;
    for (int64_t i = 0; i < MIN(status->outages, EAR_OUTAGES_KEPT); i++)
        gap_us += status->outage[i].duration_us;
    earshot_call_keep_count(self, &self->gaps, (guint)status->outages, PROP_GAPS);
    earshot_call_keep_count(self, &self->gap_seconds, (guint)(gap_us / EAR_US_PER_S),
                            PROP_GAP_SECONDS);
}

static void take_talk(EarshotCall *self)
{
    const struct ear_engine_status *status = &self->status;
    struct earshot_situation *s = &self->situation;
    guint seconds = (guint)(status->talk_us / EAR_US_PER_S);
    gboolean next_second = seconds != self->seconds;
    earshot_call_keep_count(self, &self->seconds, seconds, PROP_SECONDS);
    earshot_call_keep_flag(self, &s->they_hear_you, status->talk.hears_me && status->lost_us == 0,
                           PROP_THEY_HEAR_YOU);
    earshot_call_take_line(self);
    set_level(self, &self->my_level,
              !earshot_call_may_speak(self) ? 0 : earshot_meter(status->talk.mic_level_db),
              PROP_MY_LEVEL);
    set_level(self, &self->their_level, earshot_meter(status->talk.heard_level_db),
              PROP_THEIR_LEVEL);
    s->loss = status->talk.play.loss;
    if (!next_second)
        return;
    /* To 50 ms: a figure that never rests tells nothing. */
    earshot_call_keep_count(self, &s->delay_ms, (guint)(delay_of(status) / 50 + 0.5) * 50,
                            PROP_DELAY_MS);
    earshot_call_keep_count(self, &s->lost_seconds, (guint)(status->lost_us / EAR_US_PER_S),
                            PROP_LOST_SECONDS);
    self->bytes = status->sent.bytes + status->received_bytes - self->bytes_before;
    notify(self, PROP_BYTES);
    earshot_call_keep_text(self, &self->money, price_of(self), PROP_MONEY);
    count_gaps(self);
    keep_figures(self);
}

void earshot_call_take_status(EarshotCall *self, const struct ear_engine_status *status)
{
    self->status = *status;
    if (self->phase == EARSHOT_CALL_ENDED && self->answered)
        earshot_call_take_end(self);
    if (!earshot_call_is_talk(self) || !ear_phase_is_talk(status->phase))
        return;
    take_talk(self);
    earshot_call_say(self);
}

void earshot_call_set_sound_trouble(EarshotCall *self, const char *sentence)
{
    if (g_strcmp0(self->sound_trouble, sentence) == 0)
        return;
    g_free(self->sound_trouble);
    self->sound_trouble = g_strdup(sentence);
    earshot_call_say(self);
}

/* ---- what the user does ---- */

void earshot_call_dial(EarshotCall *self, EarshotPerson *person)
{
    if (self->phase == EARSHOT_CALL_ENDED)
        earshot_call_dismiss(self);
    if (self->phase != EARSHOT_CALL_IDLE)
        return;
    begin(self, person, TRUE);
    earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_MUTE});
    if (self->host.dial && !self->leaving)
        self->host.dial(self->host.ctx, person);
}

void earshot_call_answer(EarshotCall *self)
{
    if (self->phase == EARSHOT_CALL_INCOMING)
        earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_ANSWER});
}

void earshot_call_hang_up(EarshotCall *self)
{
    if (self->phase == EARSHOT_CALL_IDLE || self->phase == EARSHOT_CALL_ENDED)
        return;
    gboolean declines = self->phase == EARSHOT_CALL_INCOMING;
    gboolean waited = self->leaving; /* this call has not reached the engine */
    if (!waited)
        earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_HANG_UP});
    self->leaving = TRUE;
    end(self, declines ? EAR_ENDING_DECLINED_HERE : EAR_ENDING_HUNG_UP);
}

void earshot_call_set_muted(EarshotCall *self, gboolean muted)
{
    if (self->situation.muted == muted || (self->hidden && !muted))
        return;
    self->situation.muted = muted;
    earshot_call_command(self, &(struct ear_command){.kind = EAR_COMMAND_MUTE, .on = muted});
    notify(self, PROP_MUTED);
    earshot_call_say(self);
}

void earshot_call_set_hidden(EarshotCall *self, gboolean hidden)
{
    if (self->hidden == hidden)
        return;
    if (hidden) {
        self->muted_before = self->situation.muted;
        if (self->wants_turn) /* nobody shall wait for us */
            earshot_call_turn(self);
        earshot_call_set_muted(self, TRUE);
    }
    self->hidden = hidden;
    if (!hidden)
        earshot_call_set_muted(self, self->muted_before);
    notify(self, PROP_HIDDEN);
}

gboolean earshot_call_send_text(EarshotCall *self, const char *text, GError **error)
{
    struct ear_command send = {.kind = EAR_COMMAND_TEXT, .number = (uint16_t)self->next_number};
    const char *why = NULL;
    if (!earshot_call_is_talk(self))
        why = _("There is no call to write into.");
    else if (strlen(text) > EAR_TEXT_BYTES_MAX)
        why = _("This is too long for one line: send it in two.");
    else if (!ear_text_is_valid(text, strlen(text)))
        why = _("This text has signs that cannot be sent.");
    if (why) {
        g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, why);
        return FALSE;
    }
    g_strlcpy(send.text, text, sizeof send.text);
    earshot_call_command(self, &send);
    g_autoptr(EarshotText) line = earshot_text_new(text, TRUE, self->next_number);
    g_list_store_append(self->texts, line);
    self->next_number = self->next_number % G_MAXUINT16 + 1;
    return TRUE;
}

void earshot_call_forget(EarshotCall *self)
{
    if (self->phase != EARSHOT_CALL_IDLE && self->phase != EARSHOT_CALL_ENDED)
        return;
    earshot_call_dismiss(self);
    forget_last(self);
    g_clear_object(&self->person);
    notify(self, PROP_PERSON);
    earshot_call_say(self);
}

void earshot_call_dismiss(EarshotCall *self)
{
    if (self->phase == EARSHOT_CALL_ENDED)
        set_phase(self, EARSHOT_CALL_IDLE);
}

void earshot_call_await(EarshotCall *self, EarshotPerson *person, gboolean await)
{
    g_object_set(person, "awaited", await, NULL);
    if (self->host.await)
        self->host.await(self->host.ctx, person, await);
}

EarshotCallPhase earshot_call_get_phase(EarshotCall *self)
{
    return self->phase;
}

gboolean earshot_call_is_talk(EarshotCall *self)
{
    return self->phase == EARSHOT_CALL_TALKING || self->phase == EARSHOT_CALL_LOST;
}

EarshotPerson *earshot_call_get_person(EarshotCall *self)
{
    return self->person;
}

const struct earshot_figures *earshot_call_get_figures(EarshotCall *self, gsize *ret_count)
{
    *ret_count = self->figures_count;
    return self->figures;
}

void earshot_call_leave_host(EarshotCall *self)
{
    self->host = (struct earshot_call_host){0};
}
