/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call as a GObject: types, properties, signals. */
#include "bridge/call_state.h"

#include <string.h>

G_DEFINE_FINAL_TYPE(EarshotCall, earshot_call, G_TYPE_OBJECT)

GParamSpec *earshot_call_properties[PROPERTIES];
guint earshot_call_signals[SIGNALS];

#define VALUE(Name, nick)                                                                          \
    {                                                                                              \
        EARSHOT_##Name, "EARSHOT_" #Name, nick                                                     \
    }
GType earshot_call_phase_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(CALL_IDLE, "idle"),       VALUE(CALL_CALLING, "calling"),
        VALUE(CALL_RINGING, "ringing"), VALUE(CALL_INCOMING, "incoming"),
        VALUE(CALL_TALKING, "talking"), VALUE(CALL_LOST, "lost"),
        VALUE(CALL_ENDED, "ended"),     {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotCallPhase", values));
    return type;
}

GType earshot_light_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(LIGHT_OFF, "off"),
        VALUE(LIGHT_GOOD, "good"),
        VALUE(LIGHT_LATE, "late"),
        VALUE(LIGHT_GONE, "gone"),
        {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotLight", values));
    return type;
}

void earshot_call_notify(EarshotCall *self, enum earshot_call_property id)
{
    g_object_notify_by_pspec(G_OBJECT(self), earshot_call_properties[id]);
}

void earshot_call_set_volume(EarshotCall *self, double volume)
{
    g_object_set(earshot_profile_get_settings(self->profile), "volume", CLAMP(volume, -30.0, 18.0),
                 NULL);
}

static void on_volume_changed(EarshotCall *self)
{
    earshot_call_notify(self, PROP_VOLUME);
}

/* Flags. */
static gboolean get_flag(EarshotCall *self, guint id)
{
    const struct earshot_situation *s = &self->situation;
    switch (id) {
    case PROP_OUTGOING:
        return self->outgoing;
    case PROP_THEY_HEAR_YOU:
        return s->they_hear_you;
    case PROP_THEY_MUTED:
        return s->they_muted;
    case PROP_THEIR_MIC_DEAD:
        return s->their_mic_dead;
    case PROP_MIC_DEAD:
        return s->mic_dead;
    case PROP_MIC_GONE:
        return s->mic_gone;
    case PROP_SPEAKER_GONE:
        return s->speaker_gone;
    case PROP_MUTED:
        return s->muted;
    case PROP_FAILED:
        return self->failed;
    default:
        return self->hidden;
    }
}

static guint get_count(EarshotCall *self, guint id)
{
    switch (id) {
    case PROP_SECONDS:
        return self->seconds;
    case PROP_DELAY_MS:
        return self->situation.delay_ms;
    case PROP_LOST_SECONDS:
        return self->situation.lost_seconds;
    case PROP_GAPS:
        return self->gaps;
    default:
        return self->gap_seconds;
    }
}

static const char *get_text(EarshotCall *self, guint id)
{
    switch (id) {
    case PROP_SENTENCE:
        return self->sentence;
    case PROP_WARNING:
        return self->warning;
    case PROP_ENDING:
        return self->ending;
    case PROP_MONEY:
        return self->money;
    case PROP_CALL_BACK:
        return self->call_back;
    default:
        return self->place;
    }
}

static double get_number(EarshotCall *self, guint id)
{
    if (id == PROP_MY_LEVEL)
        return self->my_level;
    if (id == PROP_THEIR_LEVEL)
        return self->their_level;
    return earshot_settings_get_number(earshot_profile_get_settings(self->profile), "volume");
}

static void get_other(EarshotCall *self, guint id, GValue *value)
{
    if (id == PROP_PHASE)
        g_value_set_enum(value, self->phase);
    else if (id == PROP_LIGHT)
        g_value_set_enum(value, self->light);
    else if (id == PROP_PERSON)
        g_value_set_object(value, self->person);
    else if (id == PROP_TEXTS)
        g_value_set_object(value, self->texts);
    else
        g_value_set_int64(value, self->bytes);
}

static void earshot_call_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotCall *self = EARSHOT_CALL(object);
    if (spec->value_type == G_TYPE_BOOLEAN)
        g_value_set_boolean(value, get_flag(self, id));
    else if (spec->value_type == G_TYPE_UINT)
        g_value_set_uint(value, get_count(self, id));
    else if (spec->value_type == G_TYPE_STRING)
        g_value_set_string(value, get_text(self, id));
    else if (spec->value_type == G_TYPE_DOUBLE)
        g_value_set_double(value, get_number(self, id));
    else
        get_other(self, id, value);
}

static void keep_text(EarshotCall *self, char **kept, const GValue *value, GParamSpec *spec)
{
    const char *text = g_value_get_string(value);
    if (g_strcmp0(*kept, text) == 0)
        return;
    g_free(*kept);
    *kept = g_strdup(text ? text : "");
    g_object_notify_by_pspec(G_OBJECT(self), spec);
}

static void earshot_call_set_property(GObject *object, guint id, const GValue *value,
                                      GParamSpec *spec)
{
    EarshotCall *self = EARSHOT_CALL(object);
    switch (id) {
    case PROP_MUTED:
        earshot_call_set_muted(self, g_value_get_boolean(value));
        break;
    case PROP_HIDDEN:
        earshot_call_set_hidden(self, g_value_get_boolean(value));
        break;
    case PROP_VOLUME:
        earshot_call_set_volume(self, g_value_get_double(value));
        break;
    case PROP_CALL_BACK:
        keep_text(self, &self->call_back, value, spec);
        break;
    case PROP_PLACE:
        keep_text(self, &self->place, value, spec);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_call_finalize(GObject *object)
{
    EarshotCall *self = EARSHOT_CALL(object);
    g_clear_object(&self->profile);
    g_clear_object(&self->person);
    g_clear_object(&self->texts);
    g_free(self->sentence);
    g_free(self->warning);
    g_free(self->ending);
    g_free(self->money);
    g_free(self->call_back);
    g_free(self->place);
    g_free(self->sound_trouble);
    G_OBJECT_CLASS(earshot_call_parent_class)->finalize(object);
}

#define READ (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)
#define READ_WRITE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static GParamSpec *flag(const char *name, GParamFlags flags)
{
    return g_param_spec_boolean(name, NULL, NULL, FALSE, flags);
}

static GParamSpec *count(const char *name)
{
    return g_param_spec_uint(name, NULL, NULL, 0, G_MAXUINT, 0, READ);
}

static GParamSpec *number(const char *name, double low, double high, GParamFlags flags)
{
    return g_param_spec_double(name, NULL, NULL, low, high, 0, flags);
}

static GParamSpec *text(const char *name, GParamFlags flags)
{
    return g_param_spec_string(name, NULL, NULL, "", flags);
}

static void install_properties(GObjectClass *object_class)
{
    GParamSpec *specs[PROPERTIES] = {
        [PROP_PHASE] = g_param_spec_enum("phase", NULL, NULL, EARSHOT_TYPE_CALL_PHASE,
                                         EARSHOT_CALL_IDLE, READ),
        [PROP_PERSON] = g_param_spec_object("person", NULL, NULL, EARSHOT_TYPE_PERSON, READ),
        [PROP_OUTGOING] = flag("outgoing", READ),
        [PROP_SECONDS] = count("seconds"),
        [PROP_THEY_HEAR_YOU] = flag("they-hear-you", READ),
        [PROP_THEY_MUTED] = flag("they-muted", READ),
        [PROP_THEIR_MIC_DEAD] = flag("their-mic-dead", READ),
        [PROP_MIC_DEAD] = flag("mic-dead", READ),
        [PROP_MIC_GONE] = flag("mic-gone", READ),
        [PROP_SPEAKER_GONE] = flag("speaker-gone", READ),
        [PROP_MUTED] = flag("muted", READ_WRITE),
        [PROP_VOLUME] = number("volume", -30, 18, READ_WRITE),
        [PROP_DELAY_MS] = count("delay-ms"),
        [PROP_BYTES] = g_param_spec_int64("bytes", NULL, NULL, 0, G_MAXINT64, 0, READ),
        [PROP_MY_LEVEL] = number("my-level", 0, 1, READ),
        [PROP_THEIR_LEVEL] = number("their-level", 0, 1, READ),
        [PROP_LOST_SECONDS] = count("lost-seconds"),
        [PROP_LIGHT] =
            g_param_spec_enum("light", NULL, NULL, EARSHOT_TYPE_LIGHT, EARSHOT_LIGHT_OFF, READ),
        [PROP_SENTENCE] = text("sentence", READ),
        [PROP_WARNING] = text("warning", READ),
        [PROP_ENDING] = text("ending", READ),
        [PROP_FAILED] = flag("failed", READ),
        [PROP_GAPS] = count("gaps"),
        [PROP_GAP_SECONDS] = count("gap-seconds"),
        [PROP_MONEY] = text("money", READ),
        [PROP_TEXTS] = g_param_spec_object("texts", NULL, NULL, G_TYPE_LIST_MODEL, READ),
        [PROP_CALL_BACK] = text("call-back", READ_WRITE),
        [PROP_PLACE] = text("place", READ_WRITE),
        [PROP_HIDDEN] = flag("hidden", READ_WRITE),
    };
    memcpy(earshot_call_properties, specs, sizeof specs);
    g_object_class_install_properties(object_class, PROPERTIES, earshot_call_properties);
}

static void earshot_call_class_init(EarshotCallClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GType type = G_TYPE_FROM_CLASS(klass);
    object_class->get_property = earshot_call_get_property;
    object_class->set_property = earshot_call_set_property;
    object_class->finalize = earshot_call_finalize;
    install_properties(object_class);
    earshot_call_signals[FIGURES_SIGNAL] =
        g_signal_new("figures", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    earshot_call_signals[THERE] = g_signal_new("there", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                               NULL, G_TYPE_NONE, 1, EARSHOT_TYPE_PERSON);
    earshot_call_signals[TEXT] = g_signal_new("text", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                              G_TYPE_NONE, 1, EARSHOT_TYPE_TEXT);
}

static void earshot_call_init(EarshotCall *self)
{
    self->texts = g_list_store_new(EARSHOT_TYPE_TEXT);
    self->sentence = g_strdup("");
    self->warning = g_strdup("");
    self->ending = g_strdup("");
    self->money = g_strdup("");
    self->call_back = g_strdup("");
    self->place = g_strdup("");
}

EarshotCall *earshot_call_new(EarshotProfile *profile, const struct earshot_call_host *host)
{
    EarshotCall *self = g_object_new(EARSHOT_TYPE_CALL, NULL);
    self->profile = g_object_ref(profile);
    self->host = *host;
    g_signal_connect_object(earshot_profile_get_settings(profile), "notify::volume",
                            G_CALLBACK(on_volume_changed), self, G_CONNECT_SWAPPED);
    return self;
}
