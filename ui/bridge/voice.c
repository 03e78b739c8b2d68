/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound cards on one side, the mail's thread on the other, the screen's properties between. */
#include "bridge/voice_private.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <math.h>

#include "bridge/message_private.h"
#include "bridge/meter.h"
#include "bridge/tape.h"

struct _EarshotVoice {
    GObject parent_instance;

    EarshotVoiceState state;
    guint seconds;
    double level, speed;

    guint unheard_seconds, unheard_person;
    gboolean leaves; /* what is unheard is sent when it is known */

    /* borrowed; NULL once left */
    struct ear_unheard *unheard; /* NULL: none */
    EarshotMail *mail;
    struct earshot_sound_room *room;

    /* owned */
    struct earshot_tape *tape;
    EarshotMessage *message; /* PLAYING */
    char *problem;
};

G_DEFINE_FINAL_TYPE(EarshotVoice, earshot_voice, G_TYPE_OBJECT)

enum {
    PROP_0,
    PROP_STATE,
    PROP_PERSON,
    PROP_SECONDS,
    PROP_LEVEL,
    PROP_PROBLEM,
    PROP_SPEED,
    PROP_UNHEARD,
    PROPERTIES
};
static GParamSpec *properties[PROPERTIES];

#define VALUE(Name, nick)                                                                          \
    {                                                                                              \
        EARSHOT_VOICE_##Name, "EARSHOT_VOICE_" #Name, nick                                         \
    }
GType earshot_voice_state_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(IDLE, "idle"), VALUE(RECORDING, "recording"), VALUE(PLAYING, "playing"), {0}};
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotVoiceState", values));
    return type;
}

static void notify(EarshotVoice *self, guint property)
{
    g_object_notify_by_pspec(G_OBJECT(self), properties[property]);
}

static void set_problem(EarshotVoice *self, const char *sentence)
{
    if (g_strcmp0(self->problem, sentence) == 0)
        return;
    g_free(self->problem);
    self->problem = g_strdup(sentence);
    notify(self, PROP_PROBLEM);
}

static void set_state(EarshotVoice *self, EarshotVoiceState state)
{
    self->seconds = 0;
    self->level = 0;
    notify(self, PROP_SECONDS);
    notify(self, PROP_LEVEL);
    if (self->state == state)
        return;
    self->state = state;
    notify(self, PROP_PERSON);
    notify(self, PROP_STATE);
}

/* ---- jobs ---- */

static void on_done(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotVoice) self = data;
    g_autoptr(GError) error = NULL;
    const struct earshot_tape *tape = g_task_get_task_data(G_TASK(result));
    gboolean done = g_task_propagate_boolean(G_TASK(result), &error);
    if (self->mail)
        earshot_mail_refresh(self->mail, tape->person);
    if (done)
        return;
    if (self->tape == tape)
        earshot_voice_stop(self);
    set_problem(self, error->message);
}

static void give(EarshotVoice *self, earshot_mail_job job)
{
    g_autoptr(GTask) task = g_task_new(self->mail, NULL, on_done, g_object_ref(self));
    g_task_set_task_data(task, g_atomic_rc_box_acquire(self->tape),
                         (GDestroyNotify)earshot_tape_unref);
    earshot_mail_room_run(earshot_mail_get_room(self->mail), task, job);
}

static void forget_tape(EarshotVoice *self)
{
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_NONE);
    if (self->message)
        earshot_message_set_played(self->message, FALSE, 0);
    g_clear_object(&self->message);
    g_clear_pointer(&self->tape, earshot_tape_unref);
    set_state(self, EARSHOT_VOICE_IDLE);
}

/* ---- what the user does ---- */

EarshotVoiceState earshot_voice_get_state(EarshotVoice *self)
{
    return self->state;
}

void earshot_voice_record(EarshotVoice *self, guint person)
{
    if (!self->mail || self->state == EARSHOT_VOICE_RECORDING)
        return;
    earshot_voice_stop(self);
    set_problem(self, "");
    self->tape = earshot_tape_new(earshot_sound_room_recorded(self->room));
    self->tape->person = person;
    give(self, earshot_job_record);
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_RECORD);
    set_state(self, EARSHOT_VOICE_RECORDING);
}

void earshot_voice_finish(EarshotVoice *self, gboolean send)
{
    if (!self->mail || self->state != EARSHOT_VOICE_RECORDING)
        return;
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_NONE);
    give(self, send ? earshot_job_record_send : earshot_job_record_drop);
    forget_tape(self);
}

void earshot_voice_play(EarshotVoice *self, EarshotMessage *message, double from)
{
    double seconds = 0;
    if (!self->mail)
        return;
    earshot_voice_stop(self);
    set_problem(self, "");
    g_object_get(message, "seconds", &seconds, NULL);
    self->message = g_object_ref(message);
    self->tape = earshot_tape_new(earshot_sound_room_to_play(self->room));
    self->tape->id = earshot_message_get_id(message);
    self->tape->person = earshot_message_get_person(message);
    self->tape->ms = (gint)(from * seconds * 1000);
    self->tape->speed_percent = (gint)lround(self->speed * 100);
    give(self, earshot_job_play);
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_PLAY);
    earshot_mail_see(self->mail, message);
    earshot_message_set_played(message, TRUE, from);
    set_state(self, EARSHOT_VOICE_PLAYING);
}

void earshot_voice_stop(EarshotVoice *self)
{
    if (!self->mail || self->state == EARSHOT_VOICE_IDLE)
        return;
    /* A recording that nobody finished stays as a crash would leave it: to be sent or deleted. */
    give(self, earshot_job_stop);
    forget_tape(self);
}

/* ---- what a call did not carry ---- */

void earshot_voice_offer_unheard(EarshotVoice *self, struct ear_unheard *unheard, guint person,
                                 guint seconds)
{
    self->unheard = unheard;
    self->unheard_person = person;
    self->unheard_seconds = unheard ? seconds : 0;
    notify(self, PROP_UNHEARD);
    if (unheard && self->leaves)
        earshot_voice_send_unheard(self);
}

void earshot_voice_leave_unheard(EarshotVoice *self, gboolean leave)
{
    self->leaves = leave;
}

void earshot_voice_send_unheard(EarshotVoice *self)
{
    if (!self->mail || !self->unheard)
        return;
    struct earshot_tape *before = self->tape;
    self->tape = earshot_tape_new(NULL);
    self->tape->person = self->unheard_person;
    self->tape->unheard = self->unheard;
    give(self, earshot_job_unheard);
    earshot_tape_unref(self->tape);
    self->tape = before;
    earshot_voice_offer_unheard(self, NULL, 0, 0);
}

void earshot_voice_forget_unheard(EarshotVoice *self)
{
    if (self->unheard)
        ear_unheard_drop(self->unheard);
    earshot_voice_offer_unheard(self, NULL, 0, 0);
}

/* ---- ten times a second ---- */

static void show_seconds(EarshotVoice *self)
{
    guint seconds = (guint)g_atomic_int_get(&self->tape->ms) / 1000;
    if (seconds == self->seconds)
        return;
    self->seconds = seconds;
    notify(self, PROP_SECONDS);
}

static void show_level(EarshotVoice *self)
{
    int loudest = g_atomic_int_get(&self->tape->level);
    double level = loudest > 0 ? earshot_meter((float)(20 * log10(loudest / 32768.0))) : 0;
    if (level == self->level)
        return;
    self->level = level;
    notify(self, PROP_LEVEL);
}

static void show_played(EarshotVoice *self)
{
    int duration_ms = g_atomic_int_get(&self->tape->duration_ms);
    double played = duration_ms > 0 ? (double)g_atomic_int_get(&self->tape->ms) / duration_ms : 0;
    earshot_message_set_played(self->message, TRUE, CLAMP(played, 0, 1));
}

static void see_end(EarshotVoice *self)
{
    g_autofree char *trouble = earshot_sound_room_get_trouble(self->room);
    int error = g_atomic_int_get(&self->tape->error);
    gboolean ended = g_atomic_int_get(&self->tape->ended);
    if (!trouble && !ended)
        return;
    if (trouble)
        set_problem(self, trouble);
    else if (error == -ENOSPC)
        set_problem(self, _("The disk is full. What was said until now is kept."));
    else if (error)
        set_problem(self, _("The rest of this voice message cannot be kept or heard."));
    earshot_voice_stop(self);
}

void earshot_voice_tick(EarshotVoice *self)
{
    if (!self->mail || !self->tape)
        return;
    show_seconds(self);
    if (self->state == EARSHOT_VOICE_RECORDING)
        show_level(self);
    if (self->state == EARSHOT_VOICE_PLAYING)
        show_played(self);
    see_end(self);
}

/* ---- beginning and end ---- */

EarshotVoice *earshot_voice_new(EarshotMail *mail, struct earshot_sound_room *room)
{
    EarshotVoice *self = g_object_new(EARSHOT_TYPE_VOICE, NULL);
    self->mail = mail;
    self->room = room;
    return self;
}

void earshot_voice_leave(EarshotVoice *self)
{
    earshot_voice_stop(self);
    self->unheard = NULL;
    self->mail = NULL;
    self->room = NULL;
}

static void earshot_voice_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotVoice *self = EARSHOT_VOICE(object);
    switch (id) {
    case PROP_STATE:
        g_value_set_enum(value, self->state);
        break;
    case PROP_PERSON:
        g_value_set_uint(value, self->tape ? self->tape->person : 0);
        break;
    case PROP_SECONDS:
        g_value_set_uint(value, self->seconds);
        break;
    case PROP_LEVEL:
        g_value_set_double(value, self->level);
        break;
    case PROP_PROBLEM:
        g_value_set_string(value, self->problem);
        break;
    case PROP_SPEED:
        g_value_set_double(value, self->speed);
        break;
    case PROP_UNHEARD:
        g_value_set_uint(value, self->unheard_seconds);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_voice_set_property(GObject *object, guint id, const GValue *value,
                                       GParamSpec *spec)
{
    EarshotVoice *self = EARSHOT_VOICE(object);
    if (id != PROP_SPEED || self->speed == g_value_get_double(value))
        return;
    self->speed = g_value_get_double(value);
    if (self->tape)
        g_atomic_int_set(&self->tape->speed_percent, (gint)lround(self->speed * 100));
    g_object_notify_by_pspec(object, spec);
}

static void earshot_voice_finalize(GObject *object)
{
    EarshotVoice *self = EARSHOT_VOICE(object);
    g_clear_object(&self->message);
    g_clear_pointer(&self->tape, earshot_tape_unref);
    g_free(self->problem);
    G_OBJECT_CLASS(earshot_voice_parent_class)->finalize(object);
}

static void earshot_voice_class_init(EarshotVoiceClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = earshot_voice_get_property;
    object_class->set_property = earshot_voice_set_property;
    object_class->finalize = earshot_voice_finalize;
    properties[PROP_STATE] =
        g_param_spec_enum("state", NULL, NULL, EARSHOT_TYPE_VOICE_STATE, EARSHOT_VOICE_IDLE, read);
    properties[PROP_PERSON] = g_param_spec_uint("person", NULL, NULL, 0, G_MAXUINT, 0, read);
    properties[PROP_SECONDS] = g_param_spec_uint("seconds", NULL, NULL, 0, G_MAXUINT, 0, read);
    properties[PROP_LEVEL] = g_param_spec_double("level", NULL, NULL, 0, 1, 0, read);
    properties[PROP_PROBLEM] = g_param_spec_string("problem", NULL, NULL, "", read);
    properties[PROP_SPEED] =
        g_param_spec_double("speed", NULL, NULL, 1, 2, 1, read | G_PARAM_WRITABLE);
    properties[PROP_UNHEARD] = g_param_spec_uint("unheard", NULL, NULL, 0, G_MAXUINT, 0, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_voice_init(EarshotVoice *self)
{
    self->speed = 1;
    self->problem = g_strdup("");
}
