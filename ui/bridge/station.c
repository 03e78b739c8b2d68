/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins engine, sound and the call's properties; ten looks a second. */
#include "bridge/station_state.h"

#include <glib/gi18n.h>

#include "bridge/call_private.h"
#include "bridge/dialling.h"
#include "bridge/store_care.h"
#include "bridge/support_report.h"
#include "bridge/unseen.h"
#include "port/enet_link.h"

#define TICK_MS 100
/* The reserve of stamps holds a minute. */
#define TEND_TICKS 200
/* Somebody awaited is asked for this often: a knock is a few hundred bytes. */
#define KNOCK_TICKS 300
/* The Echo test's line, as a clinic has it. */
#define ECHO_LINK "edge"

G_DEFINE_FINAL_TYPE(EarshotStation, earshot_station, G_TYPE_OBJECT)

enum { PROP_0, PROP_TROUBLE, PROPERTIES };
static GParamSpec *properties[PROPERTIES];
enum { CARDS_CHANGED, SIGNALS };
static guint signals[SIGNALS];

static void set_trouble(EarshotStation *self, const char *sentence)
{
    if (g_strcmp0(self->trouble, sentence) == 0)
        return;
    g_free(self->trouble);
    self->trouble = g_strdup(sentence);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_TROUBLE]);
}

static int wire_budget(EarshotStation *self)
{
    enum ear_quality quality = EAR_QUALITY_BALANCED;
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    (void)!ear_quality_parse(earshot_settings_get_string(settings, "quality"), &quality);
    return ear_rate_usual_budget_bps(quality);
}

/* ---- engine ---- */

static void close_engine(EarshotStation *self)
{
    if (self->engine)
        earshot_voice_offer_unheard(self->voice, NULL, 0, 0);
    if (self->engine)
        earshot_mail_room_disconnect(earshot_mail_get_room(self->mail));
    g_clear_pointer(&self->relays, earshot_relays_free);
    g_clear_pointer(&self->engine, earshot_engine_room_free);
}

void earshot_station_open_engine(EarshotStation *self)
{
    g_autoptr(GError) error = NULL;
    if (earshot_profile_is_locked(self->profile))
        return;
    self->engine = earshot_engine_room_new(self->profile, earshot_sound_room_switch(self->sound),
                                           wire_budget(self), &error);
    set_trouble(self, error ? error->message : "");
    if (!self->engine)
        return;
    guint port = earshot_engine_room_port(self->engine);
    earshot_profile_set_port(self->profile, port);
    earshot_mail_room_connect(earshot_mail_get_room(self->mail), self->engine, self->where);
    self->relays = earshot_relays_new(self->profile, self->engine);
    /* Invites name the port: it stays what it was. */
    g_object_set(earshot_profile_get_settings(self->profile), "port", (double)port, NULL);
}

static void close_echo(EarshotStation *self)
{
    g_clear_pointer(&self->echo, earshot_echo_room_free);
    self->speaks_to_echo = FALSE;
}

static void on_engine_settings_changed(EarshotStation *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    guint port = (guint)earshot_settings_get_number(settings, "port");
    if (self->engine && port == earshot_engine_room_port(self->engine))
        return;
    if (earshot_call_get_phase(self->call) != EARSHOT_CALL_IDLE)
        return; /* with the next start */
    close_engine(self);
    earshot_station_open_engine(self);
}

/* Quality, or whether silence is sent. */
static void on_speech_changed(EarshotStation *self)
{
    if (earshot_call_get_phase(self->call) != EARSHOT_CALL_IDLE)
        return; /* with the next start */
    close_engine(self);
    earshot_station_open_engine(self);
}

static void on_guest_changed(EarshotStation *self, guint number)
{
    if (number && !ear_people_numbered(earshot_profile_people(self->profile), number))
        earshot_mail_forget(self->mail, number);
    earshot_whereabouts_update(self->where, self->profile);
    if (!self->engine || !number)
        return;
    earshot_engine_room_update_guest(self->engine, number);
    earshot_relays_look_up(self->relays);
}

/* ---- what the call asks for ---- */

static void send_command(gpointer ctx, const struct ear_command *command)
{
    EarshotStation *self = ctx;
    if (self->speaks_to_echo && self->echo) {
        ear_engine_command(earshot_echo_room_engine(self->echo), command);
        earshot_echo_room_wake(self->echo);
    } else if (self->engine) {
        earshot_engine_room_command(self->engine, command);
    }
}

static void dial_echo(EarshotStation *self)
{
    g_autoptr(GError) error = NULL;
    close_echo(self);
    self->echo = earshot_echo_room_new(
        ECHO_LINK, ear_soundswitch_mic(earshot_sound_room_switch(self->sound)),
        ear_soundswitch_speaker(earshot_sound_room_switch(self->sound)), wire_budget(self), &error);
    if (!self->echo) {
        earshot_call_fail(self->call, error->message);
        return;
    }
    self->speaks_to_echo = TRUE;
    earshot_echo_room_dial(self->echo);
}

/* Addresses that our socket cannot reach are left out. */
static void call_at(EarshotStation *self, struct ear_command *dial)
{
    if (!earshot_engine_room_fit(self->engine, &dial->address))
        dial->address.len = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(dial->others); i++)
        if (!earshot_engine_room_fit(self->engine, &dial->others[i]))
            dial->others[i].len = 0;
    earshot_engine_room_command(self->engine, dial);
}

static void check_line(gpointer ctx, struct ear_command *command)
{
    EarshotStation *self = ctx;
    if (self->engine)
        call_at(self, command);
}

static void on_found(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotStation) self = data;
    g_autoptr(GError) error = NULL;
    struct ear_command dial;
    gboolean found = earshot_dialling_finish(result, &dial, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (found && self->engine)
        call_at(self, &dial);
    else
        earshot_call_fail(self->call, found ? self->trouble : error->message);
}

static void dial(gpointer ctx, EarshotPerson *person)
{
    EarshotStation *self = ctx;
    earshot_sound_check_stop(self->sound_check);
    earshot_voice_stop(self->voice);
    if (earshot_person_is_echo(person)) {
        dial_echo(self);
        return;
    }
    g_clear_object(&self->dialling);
    self->dialling = g_cancellable_new();
    self->speaks_to_echo = FALSE;
    earshot_dialling_start(self->profile, person, EAR_COMMAND_DIAL, self->dialling, on_found,
                           g_object_ref(self));
}

static void await_person(gpointer ctx, EarshotPerson *person, gboolean await)
{
    EarshotStation *self = ctx;
    g_ptr_array_remove(self->awaited, person);
    if (await)
        g_ptr_array_add(self->awaited, g_object_ref(person));
}

static void sound_for(EarshotStation *self, EarshotCallPhase phase)
{
    if (phase == EARSHOT_CALL_INCOMING) {
        earshot_sound_check_stop(self->sound_check);
        earshot_voice_stop(self->voice);
    }
    earshot_call_sounds_phase(&self->sounds, self->sound, phase);
}

static void on_turn(EarshotStation *self)
{
    EarshotTurn turn;
    g_object_get(self->call, "turn", &turn, NULL);
    earshot_call_sounds_turn(&self->sounds, self->sound, turn);
}

static void phase_changed(gpointer ctx, EarshotCallPhase phase,
                          const struct ear_call_record *record)
{
    EarshotStation *self = ctx;
    sound_for(self, phase);
    if (phase == EARSHOT_CALL_CALLING || phase == EARSHOT_CALL_INCOMING)
        earshot_voice_leave_unheard(self->voice, FALSE);
    if (phase == EARSHOT_CALL_ENDED) {
        if (self->dialling)
            g_cancellable_cancel(self->dialling);
        earshot_profile_add_call(self->profile, record);
    }
}

/* ---- ten times a second ---- */

static void hear_relay(EarshotStation *self, const struct ear_event *event)
{
    earshot_relays_take_event(self->relays, event);
    g_autofree char *trouble = earshot_relays_trouble(self->relays);
    set_trouble(self, trouble ? trouble : "");
}

/* What the engine tells of calls; during an Echo test only that somebody real calls, which ends it.
 */
static void take_event(EarshotStation *self, const struct ear_event *event)
{
    gboolean rings = event->kind == EAR_EVENT_PHASE && event->phase == EAR_PHASE_INCOMING;
    if (self->speaks_to_echo && !rings && event->kind != EAR_EVENT_THERE)
        return;
    if (self->speaks_to_echo && rings) {
        earshot_call_hang_up(self->call);
        close_echo(self);
    }
    earshot_call_take_event(self->call, event);
}

static void take_engine(EarshotStation *self)
{
    struct ear_event event;
    while (self->engine && earshot_engine_room_event(self->engine, &event)) {
        if (event.kind == EAR_EVENT_CALLED || event.kind == EAR_EVENT_PINNED ||
            event.kind == EAR_EVENT_KEYS || event.kind == EAR_EVENT_SEEN_AT)
            earshot_profile_keep(self->profile, &event);
        else if (event.kind == EAR_EVENT_RELAY)
            hear_relay(self, &event);
        else if (event.kind == EAR_EVENT_CHECKED)
            earshot_line_check_take(self->line_check, &event.check);
        else if (event.kind == EAR_EVENT_UNHEARD && !earshot_profile_is_locked(self->profile))
            earshot_voice_offer_unheard(self->voice, earshot_engine_room_unheard(self->engine),
                                        event.guest,
                                        (guint)(event.unheard_us / (int64_t)EAR_US_PER_S));
        else
            take_event(self, &event);
    }
    if (self->engine && earshot_engine_room_status(self->engine, &self->status) &&
        !self->speaks_to_echo)
        earshot_call_take_status(self->call, &self->status);
}

static void take_echo(EarshotStation *self)
{
    struct ear_event event;
    gboolean over = FALSE;
    if (self->echo)
        earshot_echo_room_tend(self->echo);
    while (!over && self->echo && ear_engine_event(earshot_echo_room_engine(self->echo), &event)) {
        over = event.kind == EAR_EVENT_PHASE && event.phase == EAR_PHASE_ENDED;
        if (over) /* before it is told: whoever hears of it may begin the next test */
            close_echo(self);
        earshot_call_take_event(self->call, &event);
    }
    if (self->echo && ear_engine_poll_status(earshot_echo_room_engine(self->echo), &self->status))
        earshot_call_take_status(self->call, &self->status);
}

static void on_asked(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotStation) self = data;
    struct ear_command knock;
    if (earshot_dialling_finish(result, &knock, NULL) && self->engine)
        call_at(self, &knock);
}

/* One of the awaited at a time, in turn. */
static void ask_for_awaited(EarshotStation *self)
{
    if (self->awaited->len == 0 || earshot_call_get_phase(self->call) != EARSHOT_CALL_IDLE)
        return;
    EarshotPerson *person = self->awaited->pdata[self->next_awaited++ % self->awaited->len];
    earshot_dialling_start(self->profile, person, EAR_COMMAND_KNOCK, NULL, on_asked,
                           g_object_ref(self));
}

static void take_sound(EarshotStation *self)
{
    char **microphones, **loudspeakers;
    earshot_sound_check_tick(self->sound_check);
    g_autofree char *trouble = earshot_sound_room_get_trouble(self->sound);
    earshot_call_set_sound_trouble(self->call, trouble);
    if (!earshot_sound_room_take_cards(self->sound, &microphones, &loudspeakers))
        return;
    g_strfreev(self->microphones);
    g_strfreev(self->loudspeakers);
    self->microphones = microphones;
    self->loudspeakers = loudspeakers;
    g_signal_emit(self, signals[CARDS_CHANGED], 0);
}

static gboolean on_tick(gpointer data)
{
    EarshotStation *self = data;
    g_object_ref(self);
    take_engine(self);
    take_echo(self);
    take_sound(self);
    earshot_voice_tick(self->voice);
    earshot_line_check_tick(self->line_check);
    earshot_station_lock_tick(self);
    self->ticks++;
    if (self->ticks % KNOCK_TICKS == 0)
        ask_for_awaited(self);
    if (self->engine && self->ticks % TEND_TICKS == 0)
        earshot_engine_room_tend(self->engine);
    g_object_unref(self);
    return G_SOURCE_CONTINUE;
}

static void on_there(EarshotStation *self, EarshotPerson *person)
{
    await_person(self, person, FALSE);
    g_object_set(person, "awaited", FALSE, NULL);
}

/* ---- sound ---- */

static void on_cards_chosen(EarshotStation *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    earshot_sound_room_set_cards(self->sound, earshot_settings_get_string(settings, "microphone"),
                                 earshot_settings_get_string(settings, "loudspeaker"));
}

static void on_echo_chosen(EarshotStation *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    const char *echo = earshot_settings_get_string(settings, "echo");
    earshot_sound_room_set_echo(self->sound, strcmp(echo, "always") == 0 ? EAR_CLEANING_ECHO_ALWAYS
                                             : strcmp(echo, "never") == 0
                                                 ? EAR_CLEANING_ECHO_NEVER
                                                 : EAR_CLEANING_ECHO_MEASURED);
}

static void on_volume_changed(EarshotStation *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    ear_soundswitch_set_gain_db(earshot_sound_room_switch(self->sound),
                                (float)earshot_settings_get_number(settings, "volume"));
}

void earshot_station_look_for_cards(EarshotStation *self)
{
    earshot_sound_room_look(self->sound);
}

static const char *const none[] = {NULL};

const char *const *earshot_station_get_microphones(EarshotStation *self)
{
    return self->microphones ? (const char *const *)self->microphones : none;
}

const char *const *earshot_station_get_loudspeakers(EarshotStation *self)
{
    return self->loudspeakers ? (const char *const *)self->loudspeakers : none;
}

/* ---- beginning and end ---- */

static void listen_to_settings(EarshotStation *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    static const struct {
        const char *name;
        void (*changed)(EarshotStation *);
    } wires[] = {
        {"notify::microphone", on_cards_chosen},
        {"notify::loudspeaker", on_cards_chosen},
        {"notify::volume", on_volume_changed},
        {"notify::quality", on_speech_changed},
        {"notify::hide-pattern", on_speech_changed},
        {"notify::port", on_engine_settings_changed},
        {"notify::echo", on_echo_chosen},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wires); i++)
        g_signal_connect_object(settings, wires[i].name, G_CALLBACK(wires[i].changed), self,
                                G_CONNECT_SWAPPED);
    on_cards_chosen(self);
    on_echo_chosen(self);
    on_volume_changed(self);
}

EarshotStation *earshot_station_new(EarshotProfile *profile, GError **error)
{
    g_autoptr(EarshotStation) self = g_object_new(EARSHOT_TYPE_STATION, NULL);
    const struct earshot_call_host host = {.dial = dial,
                                           .command = send_command,
                                           .await = await_person,
                                           .phase = phase_changed,
                                           .ctx = self};
    self->profile = g_object_ref(profile);
    self->sound = ear_enet_start() < 0 ? NULL : earshot_sound_room_new();
    if (!self->sound) {
        g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
                            _("There is not enough memory for calls."));
        return NULL;
    }
    self->privacy = earshot_privacy_new(profile);
    self->mail = earshot_mail_new(earshot_profile_store(profile), error);
    if (!self->mail)
        return NULL;
    self->voice = earshot_voice_new(self->mail, self->sound);
    self->call = earshot_call_new(profile, &host);
    self->sound_check = earshot_sound_check_new(self->sound);
    self->line_check = earshot_line_check_new(
        profile, &(struct earshot_line_check_host){.command = check_line, .ctx = self});
    self->where = earshot_whereabouts_new();
    earshot_whereabouts_update(self->where, profile);
    earshot_station_open_engine(self);
    listen_to_settings(self);
    g_signal_connect_object(profile, "guest-changed", G_CALLBACK(on_guest_changed), self,
                            G_CONNECT_SWAPPED);
    earshot_unseen_follow(profile, self->mail);
    earshot_station_follow_lock(self);
    earshot_store_care_begin(profile);
    g_signal_connect_object(self->call, "there", G_CALLBACK(on_there), self, G_CONNECT_SWAPPED);
    g_signal_connect_object(self->call, "notify::turn", G_CALLBACK(on_turn), self,
                            G_CONNECT_SWAPPED);
    self->tick_source = g_timeout_add(TICK_MS, on_tick, self);
    return g_steal_pointer(&self);
}

void earshot_station_stop(EarshotStation *self)
{
    if (self->tick_source)
        earshot_store_care_end(self->profile);
    g_clear_handle_id(&self->tick_source, g_source_remove);
    if (self->call) {
        earshot_call_hang_up(self->call);
        earshot_call_leave_host(self->call);
    }
    if (self->sound_check)
        earshot_sound_check_leave(self->sound_check);
    if (self->line_check)
        earshot_line_check_leave(self->line_check);
    close_echo(self);
    close_engine(self);
    if (self->voice)
        earshot_voice_leave(self->voice);
    if (self->mail)
        earshot_mail_stop(self->mail);
    g_clear_pointer(&self->where, earshot_whereabouts_free);
    g_clear_pointer(&self->sound, earshot_sound_room_free);
}

static void earshot_station_dispose(GObject *object)
{
    EarshotStation *self = EARSHOT_STATION(object);
    earshot_station_stop(self);
    g_clear_object(&self->call);
    g_clear_object(&self->sound_check);
    g_clear_object(&self->line_check);
    g_clear_object(&self->voice);
    g_clear_object(&self->privacy);
    g_clear_object(&self->mail);
    g_clear_object(&self->profile);
    g_clear_object(&self->dialling);
    g_clear_pointer(&self->awaited, g_ptr_array_unref);
    g_clear_pointer(&self->awaited_numbers, g_array_unref);
    G_OBJECT_CLASS(earshot_station_parent_class)->dispose(object);
}

static void earshot_station_finalize(GObject *object)
{
    EarshotStation *self = EARSHOT_STATION(object);
    g_free(self->trouble);
    g_strfreev(self->microphones);
    g_strfreev(self->loudspeakers);
    G_OBJECT_CLASS(earshot_station_parent_class)->finalize(object);
}

static void earshot_station_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    g_value_set_string(value, EARSHOT_STATION(object)->trouble);
}

static void earshot_station_class_init(EarshotStationClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->get_property = earshot_station_get_property;
    object_class->dispose = earshot_station_dispose;
    object_class->finalize = earshot_station_finalize;
    properties[PROP_TROUBLE] =
        g_param_spec_string("trouble", NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
    signals[CARDS_CHANGED] = g_signal_new("cards-changed", G_TYPE_FROM_CLASS(klass),
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void earshot_station_init(EarshotStation *self)
{
    self->trouble = g_strdup("");
    self->awaited = g_ptr_array_new_with_free_func(g_object_unref);
}

EarshotCall *earshot_station_get_call(EarshotStation *self)
{
    return self->call;
}

EarshotProfile *earshot_station_get_profile(EarshotStation *self)
{
    return self->profile;
}

EarshotSoundCheck *earshot_station_get_sound_check(EarshotStation *self)
{
    return self->sound_check;
}

EarshotLineCheck *earshot_station_get_line_check(EarshotStation *self)
{
    return self->line_check;
}

EarshotMail *earshot_station_get_mail(EarshotStation *self)
{
    return self->mail;
}

EarshotPrivacy *earshot_station_get_privacy(EarshotStation *self)
{
    return self->privacy;
}

EarshotVoice *earshot_station_get_voice(EarshotStation *self)
{
    return self->voice;
}

/* The sentence on the screen may hold a relay's address or a folder with a name in it. */
static const char *trouble_kind(EarshotStation *self)
{
    if (!*self->trouble)
        return "none";
    return self->engine ? "a relay does not answer, or has no room" : "calls could not be opened";
}

char *earshot_station_support_report(EarshotStation *self)
{
    return earshot_support_report(&self->status, earshot_station_get_microphones(self),
                                  earshot_station_get_loudspeakers(self), trouble_kind(self));
}
