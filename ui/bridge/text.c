/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One written line of a call. */
#include "bridge/call_private.h"

#include <string.h>

#include "port/sodium.h"

struct _EarshotText {
    GObject parent_instance;

    gboolean mine, seen;
    guint number;
    /* owned */
    char *text;
    GDateTime *when;
};

G_DEFINE_FINAL_TYPE(EarshotText, earshot_text, G_TYPE_OBJECT)

enum { PROP_0, PROP_TEXT, PROP_MINE, PROP_SEEN, PROP_WHEN, PROP_NUMBER, PROPERTIES };
static GParamSpec *properties[PROPERTIES];

static void earshot_text_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotText *self = EARSHOT_TEXT(object);
    switch (id) {
    case PROP_TEXT:
        g_value_set_string(value, self->text);
        break;
    case PROP_MINE:
        g_value_set_boolean(value, self->mine);
        break;
    case PROP_SEEN:
        g_value_set_boolean(value, self->seen);
        break;
    case PROP_WHEN:
        g_value_set_boxed(value, self->when);
        break;
    case PROP_NUMBER:
        g_value_set_uint(value, self->number);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_text_set_property(GObject *object, guint id, const GValue *value,
                                      GParamSpec *spec)
{
    EarshotText *self = EARSHOT_TEXT(object);
    if (id == PROP_SEEN && self->seen != g_value_get_boolean(value)) {
        self->seen = g_value_get_boolean(value);
        g_object_notify_by_pspec(object, spec);
    }
}

static void earshot_text_finalize(GObject *object)
{
    EarshotText *self = EARSHOT_TEXT(object);
    if (self->text)
        ear_sodium_wipe(self->text, strlen(self->text));
    g_free(self->text);
    g_date_time_unref(self->when);
    G_OBJECT_CLASS(earshot_text_parent_class)->finalize(object);
}

static void earshot_text_class_init(EarshotTextClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_text_get_property;
    object_class->set_property = earshot_text_set_property;
    object_class->finalize = earshot_text_finalize;
    properties[PROP_TEXT] = g_param_spec_string("text", NULL, NULL, "", read);
    properties[PROP_MINE] = g_param_spec_boolean("mine", NULL, NULL, FALSE, read);
    properties[PROP_SEEN] =
        g_param_spec_boolean("seen", NULL, NULL, FALSE,
                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
    properties[PROP_WHEN] = g_param_spec_boxed("when", NULL, NULL, G_TYPE_DATE_TIME, read);
    properties[PROP_NUMBER] = g_param_spec_uint("number", NULL, NULL, 0, G_MAXUINT16, 0, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_text_init(EarshotText *self)
{
    self->when = g_date_time_new_now_local();
}

EarshotText *earshot_text_new(const char *text, gboolean mine, guint number)
{
    EarshotText *self = g_object_new(EARSHOT_TYPE_TEXT, NULL);
    self->text = g_strdup(text);
    self->mine = mine;
    self->number = number;
    return self;
}
