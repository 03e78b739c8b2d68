/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message's properties; its state in the user's language. */
#include "bridge/message_private.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/format.h"

struct _EarshotMessage {
    GObject parent_instance;

    struct ear_message row;
    gboolean playing;
    double played;

    /* owned */
    char *long_text; /* NULL: row has it */
};

G_DEFINE_FINAL_TYPE(EarshotMessage, earshot_message, G_TYPE_OBJECT)

enum {
    PROP_0,
    PROP_ID,
    PROP_PERSON,
    PROP_KIND,
    PROP_MINE,
    PROP_STATE,
    PROP_SENTENCE,
    PROP_WHEN,
    PROP_TEXT,
    PROP_NAME,
    PROP_SIZE,
    PROP_SHARE,
    PROP_SECONDS,
    PROP_PLAYING,
    PROP_PLAYED,
    PROPERTIES
};
static GParamSpec *properties[PROPERTIES];

#define VALUE(Name, nick)                                                                          \
    {                                                                                              \
        EARSHOT_MESSAGE_##Name, "EARSHOT_MESSAGE_" #Name, nick                                     \
    }

GType earshot_message_kind_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {VALUE(TEXT, "text"),
                                        VALUE(VOICE, "voice"),
                                        VALUE(FILE, "file"),
                                        VALUE(URGENT, "urgent"),
                                        {0}};
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotMessageKind", values));
    return type;
}

GType earshot_message_state_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(RECORDING, "recording"), VALUE(WAITING, "waiting"), VALUE(SENT, "sent"),
        VALUE(ARRIVED, "arrived"),     VALUE(COMING, "coming"),   VALUE(UNSEEN, "unseen"),
        VALUE(SEEN, "seen"),           VALUE(FAILED, "failed"),   {0}};
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotMessageState", values));
    return type;
}

/* The store's numbers are the screen's. */
G_STATIC_ASSERT((int)EARSHOT_MESSAGE_URGENT == (int)EAR_MESSAGE_URGENT);
G_STATIC_ASSERT((int)EARSHOT_MESSAGE_FAILED == (int)EAR_MESSAGE_FAILED);
G_STATIC_ASSERT((int)EARSHOT_MESSAGE_COMING == (int)EAR_MESSAGE_COMING);

static const char *failure(const struct ear_message *row)
{
    switch ((enum ear_message_reason)row->reason) {
    case EAR_MESSAGE_TOO_LARGE:
        return _("not delivered: too large for them");
    case EAR_MESSAGE_NO_ROOM:
        return _("not delivered: there is no room on their computer");
    case EAR_MESSAGE_UNWANTED:
        return _("not delivered: they do not want it");
    case EAR_MESSAGE_NOT_COPIED:
        return _("not sent: it could not be copied whole, send the file again");
    case EAR_MESSAGE_NO_REASON:
    case EAR_MESSAGE_REASONS:
        break;
    }
    return _("not delivered");
}

static const char *seen_word(const struct ear_message *row)
{
    return row->kind == EAR_MESSAGE_VOICE ? C_("message", "heard") : C_("message", "read");
}

/* NULL where there is nothing to say. */
static const char *state_words(const struct ear_message *row)
{
    switch ((enum ear_message_state)row->state) {
    case EAR_MESSAGE_RECORDING:
        return _("not sent yet");
    case EAR_MESSAGE_WAITING:
        return _("waiting for a line");
    case EAR_MESSAGE_SENT:
        return _("on its way");
    case EAR_MESSAGE_ARRIVED:
        return _("on their computer");
    case EAR_MESSAGE_COMING:
        return _("still coming");
    case EAR_MESSAGE_UNSEEN:
        return C_("message", "new");
    case EAR_MESSAGE_SEEN:
        return row->direction == EAR_MESSAGE_OUT ? seen_word(row) : NULL;
    case EAR_MESSAGE_FAILED:
        return failure(row);
    case EAR_MESSAGE_STATES:
        break;
    }
    return NULL;
}

static GDateTime *local_time(const EarshotMessage *self)
{
    gint64 written_s = CLAMP(self->row.written_s, 0, EAR_MESSAGE_WRITTEN_MAX);
    return g_date_time_new_from_unix_local(written_s);
}

/* "today, 14:02, on their computer" */
static char *sentence(const EarshotMessage *self)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) when = local_time(self);
    g_autofree char *clock = when ? earshot_format_when(when, now) : g_strdup("");
    const char *state = state_words(&self->row);
    /* Translators: when a message was written, and what became of it */
    return state ? g_strdup_printf(C_("message", "%s, %s"), clock, state) : g_steal_pointer(&clock);
}

static double share(const struct ear_message *row)
{
    return row->size ? CLAMP((double)row->have / (double)row->size, 0, 1) : 0;
}

const char *earshot_message_get_text(EarshotMessage *self)
{
    return self->long_text ? self->long_text : self->row.text;
}

const char *earshot_message_get_name(EarshotMessage *self)
{
    return self->row.name;
}

gint64 earshot_message_get_id(EarshotMessage *self)
{
    return self->row.id;
}

guint earshot_message_get_person(EarshotMessage *self)
{
    return self->row.person;
}

EarshotMessageKind earshot_message_get_kind(EarshotMessage *self)
{
    return (EarshotMessageKind)self->row.kind;
}

EarshotMessageState earshot_message_get_state(EarshotMessage *self)
{
    return (EarshotMessageState)self->row.state;
}

gboolean earshot_message_is_lost(EarshotMessage *self)
{
    return self->row.state == EAR_MESSAGE_FAILED && self->row.reason == EAR_MESSAGE_NOT_COPIED;
}

gboolean earshot_message_is_mine(EarshotMessage *self)
{
    return self->row.direction == EAR_MESSAGE_OUT;
}

guint64 earshot_message_get_size(EarshotMessage *self)
{
    return self->row.size;
}

static void earshot_message_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotMessage *self = EARSHOT_MESSAGE(object);
    switch (id) {
    case PROP_ID:
        g_value_set_int64(value, self->row.id);
        break;
    case PROP_PERSON:
        g_value_set_uint(value, self->row.person);
        break;
    case PROP_KIND:
        g_value_set_enum(value, self->row.kind);
        break;
    case PROP_MINE:
        g_value_set_boolean(value, earshot_message_is_mine(self));
        break;
    case PROP_STATE:
        g_value_set_enum(value, self->row.state);
        break;
    case PROP_SENTENCE:
        g_value_take_string(value, sentence(self));
        break;
    case PROP_WHEN:
        g_value_take_boxed(value, local_time(self));
        break;
    case PROP_TEXT:
        g_value_set_string(value, earshot_message_get_text(self));
        break;
    case PROP_NAME:
        g_value_set_string(value, self->row.name);
        break;
    case PROP_SIZE:
        g_value_set_uint64(value, self->row.size);
        break;
    case PROP_SHARE:
        g_value_set_double(value, share(&self->row));
        break;
    case PROP_SECONDS:
        g_value_set_double(value, self->row.duration_ms / 1000.0);
        break;
    case PROP_PLAYING:
        g_value_set_boolean(value, self->playing);
        break;
    case PROP_PLAYED:
        g_value_set_double(value, self->played);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_message_finalize(GObject *object)
{
    EarshotMessage *self = EARSHOT_MESSAGE(object);
    if (self->long_text)
        ear_sodium_wipe(self->long_text, strlen(self->long_text));
    g_free(self->long_text);
    ear_sodium_wipe(&self->row, sizeof self->row);
    G_OBJECT_CLASS(earshot_message_parent_class)->finalize(object);
}

static void earshot_message_class_init(EarshotMessageClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = earshot_message_get_property;
    object_class->finalize = earshot_message_finalize;
    properties[PROP_ID] = g_param_spec_int64("id", NULL, NULL, 0, G_MAXINT64, 0, read);
    properties[PROP_PERSON] = g_param_spec_uint("person", NULL, NULL, 0, G_MAXUINT, 0, read);
    properties[PROP_KIND] =
        g_param_spec_enum("kind", NULL, NULL, EARSHOT_TYPE_MESSAGE_KIND, 0, read);
    properties[PROP_MINE] = g_param_spec_boolean("mine", NULL, NULL, FALSE, read);
    properties[PROP_STATE] =
        g_param_spec_enum("state", NULL, NULL, EARSHOT_TYPE_MESSAGE_STATE, 0, read);
    properties[PROP_SENTENCE] = g_param_spec_string("sentence", NULL, NULL, "", read);
    properties[PROP_WHEN] = g_param_spec_boxed("when", NULL, NULL, G_TYPE_DATE_TIME, read);
    properties[PROP_TEXT] = g_param_spec_string("text", NULL, NULL, "", read);
    properties[PROP_NAME] = g_param_spec_string("name", NULL, NULL, "", read);
    properties[PROP_SIZE] = g_param_spec_uint64("size", NULL, NULL, 0, G_MAXUINT64, 0, read);
    properties[PROP_SHARE] = g_param_spec_double("share", NULL, NULL, 0, 1, 0, read);
    properties[PROP_SECONDS] = g_param_spec_double("seconds", NULL, NULL, 0, G_MAXDOUBLE, 0, read);
    properties[PROP_PLAYING] = g_param_spec_boolean("playing", NULL, NULL, FALSE, read);
    properties[PROP_PLAYED] = g_param_spec_double("played", NULL, NULL, 0, 1, 0, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_message_init(EarshotMessage *self)
{
}

EarshotMessage *earshot_message_new(const struct ear_message *row, const char *long_text)
{
    EarshotMessage *self = g_object_new(EARSHOT_TYPE_MESSAGE, NULL);
    self->row = *row;
    self->long_text = g_strdup(long_text);
    return self;
}

static void notify(EarshotMessage *self, guint property)
{
    g_object_notify_by_pspec(G_OBJECT(self), properties[property]);
}

void earshot_message_update(EarshotMessage *self, const struct ear_message *row)
{
    const struct ear_message was = self->row;
    self->row = *row;
    g_object_freeze_notify(G_OBJECT(self));
    if (was.state != row->state || was.reason != row->reason) {
        notify(self, PROP_STATE);
        notify(self, PROP_SENTENCE);
    }
    if (was.size != row->size)
        notify(self, PROP_SIZE);
    if (share(&was) != share(row))
        notify(self, PROP_SHARE);
    if (was.duration_ms != row->duration_ms)
        notify(self, PROP_SECONDS);
    g_object_thaw_notify(G_OBJECT(self));
}

void earshot_message_set_played(EarshotMessage *self, gboolean playing, double played)
{
    if (self->playing != playing) {
        self->playing = playing;
        notify(self, PROP_PLAYING);
    }
    if (self->played != played) {
        self->played = played;
        notify(self, PROP_PLAYED);
    }
}
