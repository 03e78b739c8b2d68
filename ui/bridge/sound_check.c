/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sound check's properties, fed from the sound room. */
#include "bridge/sound_check_private.h"

#include <glib/gi18n.h>

#include "bridge/meter.h"

/* A card that is not there by then will not come. */
#define OPEN_TICKS 80

struct _EarshotSoundCheck {
    GObject parent_instance;

    struct earshot_sound_room *room; /* borrowed; NULL once left */
    EarshotSoundCheckState state;
    double level;
    gboolean good;
    guint ticks;
    /* owned */
    char *sentence;
};

G_DEFINE_FINAL_TYPE(EarshotSoundCheck, earshot_sound_check, G_TYPE_OBJECT)

#define VALUE(Name, nick)                                                                          \
    {                                                                                              \
        EARSHOT_SOUND_CHECK_##Name, "EARSHOT_SOUND_CHECK_" #Name, nick                             \
    }
GType earshot_sound_check_state_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(IDLE, "idle"), VALUE(RECORDING, "recording"), VALUE(PLAYING, "playing"),
        VALUE(DONE, "done"), VALUE(FAILED, "failed"),       {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotSoundCheckState", values));
    return type;
}

enum { PROP_0, PROP_STATE, PROP_LEVEL, PROP_SENTENCE, PROP_GOOD, PROPERTIES };
static GParamSpec *properties[PROPERTIES];

static void earshot_sound_check_get_property(GObject *object, guint id, GValue *value,
                                             GParamSpec *spec)
{
    EarshotSoundCheck *self = EARSHOT_SOUND_CHECK(object);
    switch (id) {
    case PROP_STATE:
        g_value_set_enum(value, self->state);
        break;
    case PROP_LEVEL:
        g_value_set_double(value, self->level);
        break;
    case PROP_SENTENCE:
        g_value_set_string(value, self->sentence);
        break;
    case PROP_GOOD:
        g_value_set_boolean(value, self->good);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_sound_check_finalize(GObject *object)
{
    g_free(EARSHOT_SOUND_CHECK(object)->sentence);
    G_OBJECT_CLASS(earshot_sound_check_parent_class)->finalize(object);
}

static void earshot_sound_check_class_init(EarshotSoundCheckClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_sound_check_get_property;
    object_class->finalize = earshot_sound_check_finalize;
    properties[PROP_STATE] = g_param_spec_enum("state", NULL, NULL, EARSHOT_TYPE_SOUND_CHECK_STATE,
                                               EARSHOT_SOUND_CHECK_IDLE, read);
    properties[PROP_LEVEL] = g_param_spec_double("level", NULL, NULL, 0, 1, 0, read);
    properties[PROP_SENTENCE] = g_param_spec_string("sentence", NULL, NULL, "", read);
    properties[PROP_GOOD] = g_param_spec_boolean("good", NULL, NULL, FALSE, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_sound_check_init(EarshotSoundCheck *self)
{
    self->sentence = g_strdup("");
}

static void set_state(EarshotSoundCheck *self, EarshotSoundCheckState state, const char *sentence)
{
    g_free(self->sentence);
    self->sentence = g_strdup(sentence);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_SENTENCE]);
    if (self->state == state)
        return;
    self->state = state;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_STATE]);
}

static void set_level(EarshotSoundCheck *self, double level)
{
    if (self->level == level)
        return;
    self->level = level;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LEVEL]);
}

static const char *verdict_sentence(enum ear_soundcheck_verdict verdict)
{
    switch (verdict) {
    case EAR_SOUNDCHECK_GOOD:
        return _("Your microphone is good: others hear you well.");
    case EAR_SOUNDCHECK_QUIET:
        return _("You are hard to hear: move nearer to the microphone, or turn it up.");
    case EAR_SOUNDCHECK_LOUD:
        return _("You are too loud: move away from the microphone, or turn it down.");
    case EAR_SOUNDCHECK_SILENT:
        return _("Nothing was heard: check that the microphone is plugged in and switched on.");
    case EAR_SOUNDCHECK_NONE:
    case EAR_SOUNDCHECK_VERDICTS:
        break;
    }
    return "";
}

static const char *echo_sentence(enum ear_soundcheck_echo echo)
{
    switch (echo) {
    case EAR_SOUNDCHECK_ECHO_NONE:
        return _("There will be no echo.");
    case EAR_SOUNDCHECK_ECHO_SOME:
        return _("Your microphone hears your loudspeaker: Earshot takes this echo away, but a "
                 "headset sounds better.");
    case EAR_SOUNDCHECK_ECHO_LOUD:
        return _("Your microphone hears your loudspeaker too well: turn it down, or use a "
                 "headset.");
    case EAR_SOUNDCHECK_ECHO_UNKNOWN:
    case EAR_SOUNDCHECK_ECHOES:
        break;
    }
    return "";
}

static void finish(EarshotSoundCheck *self, const struct ear_soundcheck_status *status)
{
    enum ear_soundcheck_verdict verdict = status->verdict;
    const char *echo = echo_sentence(status->echo);
    g_autofree char *said = g_strconcat(verdict_sentence(verdict), *echo ? " " : "", echo, NULL);
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_NONE);
    self->good = verdict == EAR_SOUNDCHECK_GOOD;
    set_level(self, 0);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_GOOD]);
    set_state(self, EARSHOT_SOUND_CHECK_DONE, said);
}

static void fail(EarshotSoundCheck *self, const char *sentence)
{
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_NONE);
    set_level(self, 0);
    set_state(self, EARSHOT_SOUND_CHECK_FAILED, sentence);
}

void earshot_sound_check_tick(EarshotSoundCheck *self)
{
    struct ear_soundcheck_status status;
    if (!earshot_sound_check_is_on(self))
        return;
    if (!earshot_sound_room_get_check(self->room, &status)) {
        g_autofree char *trouble = earshot_sound_room_get_trouble(self->room);
        if (trouble || ++self->ticks > OPEN_TICKS)
            fail(self, trouble ? trouble
                               : _("The sound card does not answer. Pull the headset out and plug "
                                   "it in again, or choose another card."));
        return;
    }
    if (status.state == EAR_SOUNDCHECK_DONE) {
        finish(self, &status);
        return;
    }
    set_level(self, earshot_meter(status.level_db));
    if (status.state == EAR_SOUNDCHECK_PLAYING && self->state != EARSHOT_SOUND_CHECK_PLAYING)
        set_state(self, EARSHOT_SOUND_CHECK_PLAYING, _("Now listen: this is how you sound."));
}

void earshot_sound_check_start(EarshotSoundCheck *self)
{
    if (!self->room || earshot_sound_check_is_on(self))
        return;
    self->ticks = 0;
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_CHECK);
    set_state(self, EARSHOT_SOUND_CHECK_RECORDING, _("Say a sentence now."));
}

void earshot_sound_check_stop(EarshotSoundCheck *self)
{
    if (!self->room || !earshot_sound_check_is_on(self))
        return;
    earshot_sound_room_use(self->room, EARSHOT_SOUND_FOR_NONE);
    set_level(self, 0);
    set_state(self, EARSHOT_SOUND_CHECK_IDLE, "");
}

gboolean earshot_sound_check_is_on(EarshotSoundCheck *self)
{
    return self->state == EARSHOT_SOUND_CHECK_RECORDING ||
           self->state == EARSHOT_SOUND_CHECK_PLAYING;
}

EarshotSoundCheck *earshot_sound_check_new(struct earshot_sound_room *room)
{
    EarshotSoundCheck *self = g_object_new(EARSHOT_TYPE_SOUND_CHECK, NULL);
    self->room = room;
    return self;
}

void earshot_sound_check_leave(EarshotSoundCheck *self)
{
    earshot_sound_check_stop(self);
    self->room = NULL;
}
