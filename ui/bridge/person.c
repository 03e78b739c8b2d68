/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's properties. */
#include "bridge/person_private.h"

#include <string.h>

#include "port/sodium.h"

struct _EarshotPerson {
    GObject parent_instance;

    guint number, calls, unseen;
    gboolean verified, blocked, pending, awaited, there;
    /* owned */
    char *name;
    GDateTime *last_call;
};

G_DEFINE_FINAL_TYPE(EarshotPerson, earshot_person, G_TYPE_OBJECT)

enum {
    PROP_0,
    PROP_NUMBER,
    PROP_NAME,
    PROP_ECHO,
    PROP_VERIFIED,
    PROP_BLOCKED,
    PROP_PENDING,
    PROP_LAST_CALL,
    PROP_CALLS,
    PROP_AWAITED,
    PROP_THERE,
    PROP_UNSEEN,
    PROPERTIES
};
static GParamSpec *properties[PROPERTIES];

static void earshot_person_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotPerson *self = EARSHOT_PERSON(object);
    switch (id) {
    case PROP_NUMBER:
        g_value_set_uint(value, self->number);
        break;
    case PROP_NAME:
        g_value_set_string(value, self->name);
        break;
    case PROP_ECHO:
        g_value_set_boolean(value, earshot_person_is_echo(self));
        break;
    case PROP_VERIFIED:
        g_value_set_boolean(value, self->verified);
        break;
    case PROP_BLOCKED:
        g_value_set_boolean(value, self->blocked);
        break;
    case PROP_PENDING:
        g_value_set_boolean(value, self->pending);
        break;
    case PROP_LAST_CALL:
        g_value_set_boxed(value, self->last_call);
        break;
    case PROP_CALLS:
        g_value_set_uint(value, self->calls);
        break;
    case PROP_AWAITED:
        g_value_set_boolean(value, self->awaited);
        break;
    case PROP_THERE:
        g_value_set_boolean(value, self->there);
        break;
    case PROP_UNSEEN:
        g_value_set_uint(value, self->unseen);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static gboolean set_flag(gboolean *flag, const GValue *value)
{
    gboolean before = *flag;
    *flag = g_value_get_boolean(value);
    return before != *flag;
}

static gboolean set_count(guint *count, const GValue *value)
{
    guint before = *count;
    *count = g_value_get_uint(value);
    return before != *count;
}

static void forget_name(EarshotPerson *self)
{
    if (self->name)
        ear_sodium_wipe(self->name, strlen(self->name));
    g_clear_pointer(&self->name, g_free);
}

static gboolean set_name(EarshotPerson *self, const char *name)
{
    if (g_strcmp0(self->name, name) == 0)
        return FALSE;
    forget_name(self);
    self->name = g_strdup(name);
    return TRUE;
}

static void earshot_person_set_property(GObject *object, guint id, const GValue *value,
                                        GParamSpec *spec)
{
    EarshotPerson *self = EARSHOT_PERSON(object);
    gboolean changed = TRUE;
    switch (id) {
    case PROP_NUMBER:
        self->number = g_value_get_uint(value);
        break;
    case PROP_NAME:
        changed = set_name(self, g_value_get_string(value));
        break;
    case PROP_VERIFIED:
        changed = set_flag(&self->verified, value);
        break;
    case PROP_BLOCKED:
        changed = set_flag(&self->blocked, value);
        break;
    case PROP_PENDING:
        changed = set_flag(&self->pending, value);
        break;
    case PROP_LAST_CALL:
        g_clear_pointer(&self->last_call, g_date_time_unref);
        self->last_call = g_value_dup_boxed(value);
        break;
    case PROP_CALLS:
        changed = set_count(&self->calls, value);
        break;
    case PROP_UNSEEN:
        changed = set_count(&self->unseen, value);
        break;
    case PROP_AWAITED:
        changed = set_flag(&self->awaited, value);
        break;
    case PROP_THERE:
        changed = set_flag(&self->there, value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    if (changed)
        g_object_notify_by_pspec(object, spec);
}

static void earshot_person_finalize(GObject *object)
{
    EarshotPerson *self = EARSHOT_PERSON(object);
    forget_name(self);
    g_clear_pointer(&self->last_call, g_date_time_unref);
    G_OBJECT_CLASS(earshot_person_parent_class)->finalize(object);
}

static void earshot_person_class_init(EarshotPersonClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags set = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    object_class->get_property = earshot_person_get_property;
    object_class->set_property = earshot_person_set_property;
    object_class->finalize = earshot_person_finalize;
    properties[PROP_NUMBER] =
        g_param_spec_uint("number", NULL, NULL, 0, G_MAXUINT, 0, set | G_PARAM_CONSTRUCT_ONLY);
    properties[PROP_NAME] = g_param_spec_string("name", NULL, NULL, "", set);
    properties[PROP_ECHO] =
        g_param_spec_boolean("echo", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    properties[PROP_VERIFIED] = g_param_spec_boolean("verified", NULL, NULL, FALSE, set);
    properties[PROP_BLOCKED] = g_param_spec_boolean("blocked", NULL, NULL, FALSE, set);
    properties[PROP_PENDING] = g_param_spec_boolean("pending", NULL, NULL, FALSE, set);
    properties[PROP_LAST_CALL] = g_param_spec_boxed("last-call", NULL, NULL, G_TYPE_DATE_TIME, set);
    properties[PROP_CALLS] = g_param_spec_uint("calls", NULL, NULL, 0, G_MAXUINT, 0, set);
    properties[PROP_AWAITED] = g_param_spec_boolean("awaited", NULL, NULL, FALSE, set);
    properties[PROP_THERE] = g_param_spec_boolean("there", NULL, NULL, FALSE, set);
    properties[PROP_UNSEEN] = g_param_spec_uint("unseen", NULL, NULL, 0, G_MAXUINT, 0, set);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_person_init(EarshotPerson *self)
{
}

EarshotPerson *earshot_person_new(guint number, const char *name)
{
    return g_object_new(EARSHOT_TYPE_PERSON, "number", number, "name", name, NULL);
}

guint earshot_person_get_number(EarshotPerson *self)
{
    return self->number;
}

const char *earshot_person_get_name(EarshotPerson *self)
{
    return self->name;
}

gboolean earshot_person_is_echo(EarshotPerson *self)
{
    return self->number == 0;
}

gboolean earshot_person_is_verified(EarshotPerson *self)
{
    return self->verified;
}

gboolean earshot_person_is_blocked(EarshotPerson *self)
{
    return self->blocked;
}

gboolean earshot_person_is_pending(EarshotPerson *self)
{
    return self->pending;
}

GDateTime *earshot_person_get_last_call(EarshotPerson *self)
{
    return self->last_call;
}
