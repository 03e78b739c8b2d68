/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the engine's figures of a line to sentences. */
#include "bridge/line_check_private.h"

#include <glib/gi18n.h>

#include "bridge/data_meter.h"
#include "bridge/dialling.h"
#include "bridge/format.h"
#include "call/linkcheck.h"

/* The engine answers before; one that was made anew in between never does. */
#define PATIENCE_US (EAR_LINKCHECK_US + 2 * G_USEC_PER_SEC)
/* By which people plan. */
#define TALK_MINUTES 20
/* Sound that comes earlier than this is not noticed as late. */
#define LATE_MS 400

struct _EarshotLineCheck {
    GObject parent_instance;

    struct earshot_line_check_host host;
    gboolean running;
    gint64 begin_us;
    double progress;
    EarshotLight light;

    /* owned */
    EarshotProfile *profile;
    EarshotPerson *person;
    GCancellable *looking;
    char *sentence, *details;
};

G_DEFINE_FINAL_TYPE(EarshotLineCheck, earshot_line_check, G_TYPE_OBJECT)

enum {
    PROP_0,
    PROP_PERSON,
    PROP_RUNNING,
    PROP_PROGRESS,
    PROP_LIGHT,
    PROP_SENTENCE,
    PROP_DETAILS,
    PROPERTIES
};
static GParamSpec *properties[PROPERTIES];

static void notify(EarshotLineCheck *self, int id)
{
    g_object_notify_by_pspec(G_OBJECT(self), properties[id]);
}

static void set_running(EarshotLineCheck *self, gboolean running)
{
    if (self->running == running)
        return;
    self->running = running;
    notify(self, PROP_RUNNING);
}

static void set_progress(EarshotLineCheck *self, double progress)
{
    self->progress = CLAMP(progress, 0, 1);
    notify(self, PROP_PROGRESS);
}

/* Takes details over. The sentence comes last: with it all is known. */
static void say(EarshotLineCheck *self, EarshotLight light, const char *sentence, char *details)
{
    g_free(self->sentence);
    g_free(self->details);
    self->light = light;
    self->sentence = g_strdup(sentence);
    self->details = details;
    notify(self, PROP_LIGHT);
    notify(self, PROP_DETAILS);
    notify(self, PROP_SENTENCE);
}

/* ---- the answer in words ---- */

static const char *verdict(const struct ear_line_check *answer)
{
    switch (answer->rung) {
    case EAR_LINE_FULL_DUPLEX:
        return _("Good for talking now.");
    case EAR_LINE_LONGER_PACKETS:
        return _("Good for talking now. The line is thin, so sound comes a little late.");
    case EAR_LINE_TAKE_TURNS:
        return _("Good for taking turns: let each other finish before you speak.");
    case EAR_LINE_MESSAGE_ONLY:
        break;
    }
    return _("The line is too poor for a talk now: better leave a message.");
}

static EarshotLight light_of(const struct ear_line_check *answer)
{
    switch (answer->advice) {
    case EAR_LINE_TALK:
        return EARSHOT_LIGHT_GOOD;
    case EAR_LINE_TURNS:
        return EARSHOT_LIGHT_LATE;
    case EAR_LINE_LEAVE_MESSAGE:
        break;
    }
    return EARSHOT_LIGHT_GONE;
}

/* "20 minutes are about 3 MB, about 12 KES." */
static char *cost(EarshotLineCheck *self, const struct ear_line_check *answer)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    double mb = ear_line_mb(answer, TALK_MINUTES);
    double price = earshot_data_price(settings);
    g_autofree char *minutes = earshot_format_minutes(TALK_MINUTES * 60);
    g_autofree char *data = earshot_format_data((gint64)(mb * 1e6));
    if (price <= 0)
        /* Translators: "20 minutes" and "3 MB" */
        return g_strdup_printf(_("%s of talk are about %s."), minutes, data);
    g_autofree char *money =
        earshot_format_money(mb * price, earshot_settings_get_string(settings, "currency"));
    /* Translators: "20 minutes", "3 MB" and "12.00 KES" */
    return g_strdup_printf(_("%s of talk are about %s and cost about %s."), minutes, data, money);
}

static char *details(EarshotLineCheck *self, const struct ear_line_check *answer)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *clock = earshot_format_clock(now);
    if (answer->advice != EAR_LINE_LEAVE_MESSAGE) {
        g_autofree char *price = cost(self, answer);
        g_string_append_printf(text, "%s ", price);
    }
    if (answer->mouth_to_ear_ms >= LATE_MS) {
        g_autofree char *late = earshot_format_ms(answer->mouth_to_ear_ms);
        /* Translators: %s is a time such as "1.2 s" */
        g_string_append_printf(text, _("Sound comes about %s late."), late);
        g_string_append_c(text, ' ');
    }
    /* Translators: of the line; %s is the time of day */
    g_string_append_printf(text, _("Checked at %s."), clock);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void end(EarshotLineCheck *self)
{
    if (self->looking)
        g_cancellable_cancel(self->looking);
    g_clear_object(&self->looking);
    set_progress(self, 0);
}

void earshot_line_check_take(EarshotLineCheck *self, const struct ear_line_check *answer)
{
    if (!self->running || !self->person || answer->guest != earshot_person_get_number(self->person))
        return;
    if (answer->outcome == EAR_LINE_STOPPED)
        return; /* of the one before this */
    end(self);
    switch (answer->outcome) {
    case EAR_LINE_MEASURED:
        say(self, light_of(answer), verdict(answer), details(self, answer));
        break;
    case EAR_LINE_SILENT:
        say(self, EARSHOT_LIGHT_GONE,
            _("They do not answer now: their computer is off, or the line is too bad."),
            g_strdup(""));
        break;
    case EAR_LINE_BUSY:
        say(self, EARSHOT_LIGHT_OFF,
            _("They are there, but their line is in use. Check again a little later."),
            g_strdup(""));
        break;
    case EAR_LINE_CROSSED:
    case EAR_LINE_STOPPED:
        say(self, EARSHOT_LIGHT_OFF, "", g_strdup(""));
        break;
    }
    set_running(self, FALSE);
}

/* ---- beginning and end ---- */

static void on_found(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(EarshotLineCheck) self = data;
    g_autoptr(GError) error = NULL;
    struct ear_command command;
    gboolean found = earshot_dialling_finish(result, &command, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->running)
        return;
    if (found && self->host.command) {
        command.on = true;
        self->host.command(self->host.ctx, &command);
        return;
    }
    end(self);
    say(self, EARSHOT_LIGHT_OFF, error ? error->message : "", g_strdup(""));
    set_running(self, FALSE);
}

void earshot_line_check_start(EarshotLineCheck *self, EarshotPerson *person)
{
    if (!self->host.command || earshot_person_is_echo(person))
        return;
    earshot_line_check_stop(self);
    if (g_set_object(&self->person, person))
        notify(self, PROP_PERSON);
    self->begin_us = g_get_monotonic_time();
    self->looking = g_cancellable_new();
    set_progress(self, 0);
    set_running(self, TRUE);
    say(self, EARSHOT_LIGHT_OFF, _("Checking the line, for ten seconds at most…"), g_strdup(""));
    earshot_dialling_start(self->profile, person, EAR_COMMAND_CHECK, self->looking, on_found,
                           g_object_ref(self));
}

void earshot_line_check_stop(EarshotLineCheck *self)
{
    if (!self->running)
        return;
    end(self);
    say(self, EARSHOT_LIGHT_OFF, "", g_strdup(""));
    set_running(self, FALSE);
    if (self->host.command)
        self->host.command(self->host.ctx, &(struct ear_command){.kind = EAR_COMMAND_CHECK});
}

void earshot_line_check_tick(EarshotLineCheck *self)
{
    if (!self->running)
        return;
    gint64 gone_us = g_get_monotonic_time() - self->begin_us;
    set_progress(self, (double)gone_us / EAR_LINKCHECK_US);
    if (gone_us > PATIENCE_US)
        earshot_line_check_stop(self);
}

gboolean earshot_line_check_is_running(EarshotLineCheck *self)
{
    return self->running;
}

EarshotPerson *earshot_line_check_get_person(EarshotLineCheck *self)
{
    return self->person;
}

static void earshot_line_check_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *spec)
{
    EarshotLineCheck *self = EARSHOT_LINE_CHECK(object);
    switch (id) {
    case PROP_PERSON:
        g_value_set_object(value, self->person);
        break;
    case PROP_RUNNING:
        g_value_set_boolean(value, self->running);
        break;
    case PROP_PROGRESS:
        g_value_set_double(value, self->progress);
        break;
    case PROP_LIGHT:
        g_value_set_enum(value, self->light);
        break;
    case PROP_SENTENCE:
        g_value_set_string(value, self->sentence);
        break;
    case PROP_DETAILS:
        g_value_set_string(value, self->details);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_line_check_dispose(GObject *object)
{
    EarshotLineCheck *self = EARSHOT_LINE_CHECK(object);
    self->running = FALSE;
    g_clear_object(&self->looking);
    g_clear_object(&self->person);
    g_clear_object(&self->profile);
    G_OBJECT_CLASS(earshot_line_check_parent_class)->dispose(object);
}

static void earshot_line_check_finalize(GObject *object)
{
    EarshotLineCheck *self = EARSHOT_LINE_CHECK(object);
    g_free(self->sentence);
    g_free(self->details);
    G_OBJECT_CLASS(earshot_line_check_parent_class)->finalize(object);
}

static void earshot_line_check_class_init(EarshotLineCheckClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_line_check_get_property;
    object_class->dispose = earshot_line_check_dispose;
    object_class->finalize = earshot_line_check_finalize;
    properties[PROP_PERSON] = g_param_spec_object("person", NULL, NULL, EARSHOT_TYPE_PERSON, read);
    properties[PROP_RUNNING] = g_param_spec_boolean("running", NULL, NULL, FALSE, read);
    properties[PROP_PROGRESS] = g_param_spec_double("progress", NULL, NULL, 0, 1, 0, read);
    properties[PROP_LIGHT] =
        g_param_spec_enum("light", NULL, NULL, EARSHOT_TYPE_LIGHT, EARSHOT_LIGHT_OFF, read);
    properties[PROP_SENTENCE] = g_param_spec_string("sentence", NULL, NULL, "", read);
    properties[PROP_DETAILS] = g_param_spec_string("details", NULL, NULL, "", read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_line_check_init(EarshotLineCheck *self)
{
    self->sentence = g_strdup("");
    self->details = g_strdup("");
}

EarshotLineCheck *earshot_line_check_new(EarshotProfile *profile,
                                         const struct earshot_line_check_host *host)
{
    EarshotLineCheck *self = g_object_new(EARSHOT_TYPE_LINE_CHECK, NULL);
    self->profile = g_object_ref(profile);
    self->host = *host;
    return self;
}

void earshot_line_check_leave(EarshotLineCheck *self)
{
    earshot_line_check_stop(self);
    self->host = (struct earshot_line_check_host){0};
}
