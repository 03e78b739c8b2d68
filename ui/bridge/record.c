/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record's properties; endings in the user's language. */
#include "bridge/record_private.h"

#include <glib/gi18n.h>

#include "call/phase.h"
#include "port/sodium.h"

struct _EarshotRecord {
    GObject parent_instance;

    struct ear_call_record record;
};

G_DEFINE_FINAL_TYPE(EarshotRecord, earshot_record, G_TYPE_OBJECT)

enum {
    PROP_0,
    PROP_PERSON,
    PROP_NAME,
    PROP_BEGIN,
    PROP_SECONDS,
    PROP_BYTES,
    PROP_GAPS,
    PROP_GAP_SECONDS,
    PROP_OUTGOING,
    PROP_MISSED,
    PROP_ENDING,
    PROP_CALL_BACK,
    PROP_PLACE,
    PROP_ID,
    PROPERTIES
};

const char *earshot_ending_sentence(enum ear_ending ending, gboolean answered)
{
    switch (ending) {
    case EAR_ENDING_HUNG_UP:
        return _("You ended the call.");
    case EAR_ENDING_OTHER_HUNG_UP:
        return _("They ended the call.");
    case EAR_ENDING_DECLINED:
        return _("They cannot take the call now.");
    case EAR_ENDING_DECLINED_HERE:
        return _("You declined the call.");
    case EAR_ENDING_BUSY:
        return _("They are in another call.");
    case EAR_ENDING_NO_ANSWER:
        return _("It rang, and nobody answered.");
    case EAR_ENDING_UNREACHABLE:
        return _("They cannot be reached now: their computer is off, or the line is too bad.");
    case EAR_ENDING_VANISHED:
        return answered ? _("The line stayed dead for three minutes, so the call ended.")
                        : _("The line broke while it rang. Call again.");
    case EAR_ENDING_REPLACED:
        return _("They called again.");
    case EAR_ENDING_NONE:
    case EAR_ENDINGS:
        break;
    }
    return "";
}

static void get_text(EarshotRecord *self, guint id, GValue *value)
{
    const struct ear_call_record *r = &self->record;
    if (id == PROP_NAME)
        g_value_set_string(value, r->name);
    else if (id == PROP_ENDING)
        g_value_set_static_string(
            value, earshot_ending_sentence((enum ear_ending)r->ending, r->talk_s > 0));
    else if (id == PROP_CALL_BACK)
        g_value_set_string(value, r->callback);
    else
        g_value_set_string(value, r->place);
}

static void earshot_record_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotRecord *self = EARSHOT_RECORD(object);
    const struct ear_call_record *r = &self->record;
    switch (id) {
    case PROP_ID:
        g_value_set_uint64(value, r->id);
        break;
    case PROP_PERSON:
        g_value_set_uint(value, r->person);
        break;
    case PROP_BEGIN:
        g_value_take_boxed(value, g_date_time_new_from_unix_local(r->begin_s));
        break;
    case PROP_SECONDS:
        g_value_set_uint(value, r->talk_s);
        break;
    case PROP_BYTES:
        g_value_set_int64(value, r->bytes);
        break;
    case PROP_GAPS:
        g_value_set_uint(value, r->gaps);
        break;
    case PROP_GAP_SECONDS:
        g_value_set_uint(value, r->gap_s);
        break;
    case PROP_OUTGOING:
        g_value_set_boolean(value, r->direction == EAR_CALL_OUT);
        break;
    case PROP_MISSED:
        g_value_set_boolean(value, r->missed);
        break;
    case PROP_NAME:
    case PROP_ENDING:
    case PROP_CALL_BACK:
    case PROP_PLACE:
        get_text(self, id, value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_record_finalize(GObject *object)
{
    EarshotRecord *self = EARSHOT_RECORD(object);
    ear_sodium_wipe(&self->record, sizeof self->record);
    G_OBJECT_CLASS(earshot_record_parent_class)->finalize(object);
}

static void earshot_record_class_init(EarshotRecordClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_record_get_property;
    object_class->finalize = earshot_record_finalize;
    GParamSpec *specs[PROPERTIES] = {
        [PROP_PERSON] = g_param_spec_uint("person", NULL, NULL, 0, G_MAXUINT, 0, read),
        [PROP_NAME] = g_param_spec_string("name", NULL, NULL, "", read),
        [PROP_BEGIN] = g_param_spec_boxed("begin", NULL, NULL, G_TYPE_DATE_TIME, read),
        [PROP_SECONDS] = g_param_spec_uint("seconds", NULL, NULL, 0, G_MAXUINT, 0, read),
        [PROP_BYTES] = g_param_spec_int64("bytes", NULL, NULL, 0, G_MAXINT64, 0, read),
        [PROP_GAPS] = g_param_spec_uint("gaps", NULL, NULL, 0, G_MAXUINT, 0, read),
        [PROP_GAP_SECONDS] = g_param_spec_uint("gap-seconds", NULL, NULL, 0, G_MAXUINT, 0, read),
        [PROP_OUTGOING] = g_param_spec_boolean("outgoing", NULL, NULL, FALSE, read),
        [PROP_MISSED] = g_param_spec_boolean("missed", NULL, NULL, FALSE, read),
        [PROP_ENDING] = g_param_spec_string("ending", NULL, NULL, "", read),
        [PROP_CALL_BACK] = g_param_spec_string("call-back", NULL, NULL, "", read),
        [PROP_PLACE] = g_param_spec_string("place", NULL, NULL, "", read),
        [PROP_ID] = g_param_spec_uint64("id", NULL, NULL, 0, G_MAXUINT64, 0, read),
    };
    g_object_class_install_properties(object_class, PROPERTIES, specs);
}

static void earshot_record_init(EarshotRecord *self)
{
}

EarshotRecord *earshot_record_new(const struct ear_call_record *record)
{
    EarshotRecord *self = g_object_new(EARSHOT_TYPE_RECORD, NULL);
    self->record = *record;
    return self;
}
