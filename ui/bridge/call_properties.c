/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call as a GObject: types, properties, signals. */
#include "bridge/call_state.h"

#include <string.h>

G_DEFINE_FINAL_TYPE(EarshotCall, earshot_call, G_TYPE_OBJECT)

GParamSpec *earshot_call_properties[PROPERTIES];
guint earshot_call_signals[SIGNALS];

void earshot_call_notify(EarshotCall *self, enum earshot_call_property id)
{
    g_object_notify_by_pspec(G_OBJECT(self), earshot_call_properties[id]);
}

void earshot_call_keep_flag(EarshotCall *self, gboolean *kept, gboolean value,
                            enum earshot_call_property id)
{
    if (*kept == value)
        return;
    *kept = value;
    earshot_call_notify(self, id);
}

void earshot_call_keep_count(EarshotCall *self, guint *kept, guint value,
                             enum earshot_call_property id)
{
    if (*kept == value)
        return;
    *kept = value;
    earshot_call_notify(self, id);
}

void earshot_call_keep_text(EarshotCall *self, char **kept, char *text,
                            enum earshot_call_property id)
{
    if (g_strcmp0(*kept, text) == 0) {
        g_free(text);
        return;
    }
    g_free(*kept);
    *kept = text;
    earshot_call_notify(self, id);
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
    case PROP_STEADIER:
        return self->hold != EARSHOT_HOLD_NONE;
    case PROP_CAN_STEADY:
        return earshot_call_can_steady(self);
    case PROP_PUT_OFF:
        return s->put_off;
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
    case PROP_BEHIND_SECONDS:
        return self->situation.behind_s;
    case PROP_MISSED_SECONDS:
        return self->situation.missed_s;
    case PROP_UNHEARD_SECONDS:
        return self->unheard_s;
    case PROP_UNHEARD_WORDS_SECONDS:
        return self->unheard_words_s;
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
    case PROP_NEWS:
        return self->news;
    case PROP_AID_SENTENCE:
        return self->aid_sentence;
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
    else if (id == PROP_RUNG)
        g_value_set_enum(value, self->situation.rung);
    else if (id == PROP_TURN)
        g_value_set_enum(value, self->situation.turn);
    else if (id == PROP_AID)
        g_value_set_enum(value, self->aid);
    else if (id == PROP_HOLD)
        g_value_set_int(value, self->hold);
    else if (id == PROP_UNHEARD)
        g_value_set_boxed(value, self->unheard);
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
    case PROP_HOLD:
        earshot_call_set_hold(self, g_value_get_int(value));
        break;
    case PROP_STEADIER:
        earshot_call_set_steadier(self, g_value_get_boolean(value));
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
    g_free(self->news);
    g_free(self->aid_sentence);
    g_strfreev(self->unheard);
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
        [PROP_RUNG] =
            g_param_spec_enum("rung", NULL, NULL, EARSHOT_TYPE_RUNG, EARSHOT_RUNG_FULL, READ),
        [PROP_HOLD] = g_param_spec_int("hold", NULL, NULL, EARSHOT_HOLD_NONE, EARSHOT_RUNG_MESSAGE,
                                       EARSHOT_HOLD_NONE, READ_WRITE),
        [PROP_STEADIER] = flag("steadier", READ_WRITE),
        [PROP_CAN_STEADY] = flag("can-steady", READ),
        [PROP_TURN] =
            g_param_spec_enum("turn", NULL, NULL, EARSHOT_TYPE_TURN, EARSHOT_TURN_NONE, READ),
        [PROP_NEWS] = text("news", READ),
        [PROP_AID] = g_param_spec_enum("aid", NULL, NULL, EARSHOT_TYPE_AID, EARSHOT_AID_NONE, READ),
        [PROP_AID_SENTENCE] = text("aid-sentence", READ),
        [PROP_BEHIND_SECONDS] = count("behind-seconds"),
        [PROP_MISSED_SECONDS] = count("missed-seconds"),
        [PROP_PUT_OFF] = flag("put-off", READ),
        [PROP_UNHEARD_SECONDS] = count("unheard-seconds"),
        [PROP_UNHEARD_WORDS_SECONDS] = count("unheard-words-seconds"),
        [PROP_UNHEARD] = g_param_spec_boxed("unheard", NULL, NULL, G_TYPE_STRV, READ),
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
    self->news = g_strdup("");
    self->aid_sentence = g_strdup("");
    self->unheard = g_new0(char *, 1);
    self->hold = EARSHOT_HOLD_NONE;
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
