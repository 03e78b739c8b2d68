/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences, sound: microphone, loudspeaker, echo, volume, hear yourself. */
#include "sound_preferences.h"

#include <glib/gi18n.h>

#include "card_choice.h"
#include "level_meter.h"

struct _EarshotSoundPreferences {
    AdwPreferencesPage parent_instance;

    /* template children */
    GtkWidget *microphone;
    GtkWidget *loudspeaker;
    GtkWidget *echo;
    GtkRange *volume;
    GtkWidget *level;
    GtkLabel *sentence;
    GtkWidget *try;
    GtkLabel *try_label;

    /* owned */
    EarshotSoundCheck *check;
    EarshotCall *call;
};

G_DEFINE_FINAL_TYPE(EarshotSoundPreferences, earshot_sound_preferences, ADW_TYPE_PREFERENCES_PAGE)

/* In the order of the rows. */
static const char *const echoes[] = {"measured", "always", "never"};

static gboolean echo_to_row(GBinding *binding, const GValue *echo, GValue *row, gpointer data)
{
    (void)binding, (void)data;
    const char *name = g_value_get_string(echo);
    for (guint i = 0; i < G_N_ELEMENTS(echoes); i++)
        if (g_strcmp0(name, echoes[i]) == 0)
            g_value_set_uint(row, i);
    return TRUE;
}

static gboolean row_to_echo(GBinding *binding, const GValue *row, GValue *echo, gpointer data)
{
    (void)binding, (void)data;
    guint chosen = g_value_get_uint(row);
    if (chosen >= G_N_ELEMENTS(echoes))
        return FALSE;
    g_value_set_static_string(echo, echoes[chosen]);
    return TRUE;
}

static gboolean is_running(EarshotSoundPreferences *self)
{
    EarshotSoundCheckState state;
    g_object_get(self->check, "state", &state, NULL);
    return state == EARSHOT_SOUND_CHECK_RECORDING || state == EARSHOT_SOUND_CHECK_PLAYING;
}

static gboolean is_free(EarshotSoundPreferences *self)
{
    EarshotCallPhase phase = earshot_call_get_phase(self->call);
    return phase == EARSHOT_CALL_IDLE || phase == EARSHOT_CALL_ENDED;
}

static void show_check(EarshotSoundPreferences *self)
{
    g_autofree char *said = NULL;
    g_object_get(self->check, "sentence", &said, NULL);
    gboolean available = is_free(self);
    gtk_label_set_label(self->try_label, is_running(self) ? _("_Stop") : _("_Hear yourself"));
    gtk_widget_set_sensitive(self->try, available);
    const char *sentence = available ? said : _("Not during a call.");
    gtk_label_set_text(self->sentence, sentence ? sentence : "");
    gtk_widget_set_visible(GTK_WIDGET(self->sentence), sentence && *sentence);
}

static void on_try(EarshotSoundPreferences *self)
{
    if (is_running(self))
        earshot_sound_check_stop(self->check);
    else
        earshot_sound_check_start(self->check);
}

/* The microphone is not left open behind a closed window. */
static void earshot_sound_preferences_unmap(GtkWidget *widget)
{
    EarshotSoundPreferences *self = EARSHOT_SOUND_PREFERENCES(widget);
    if (is_running(self))
        earshot_sound_check_stop(self->check);
    GTK_WIDGET_CLASS(earshot_sound_preferences_parent_class)->unmap(widget);
}

static void earshot_sound_preferences_dispose(GObject *object)
{
    EarshotSoundPreferences *self = EARSHOT_SOUND_PREFERENCES(object);
    if (self->check)
        g_signal_handlers_disconnect_by_data(self->check, self);
    if (self->call)
        g_signal_handlers_disconnect_by_data(self->call, self);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_SOUND_PREFERENCES);
    g_clear_object(&self->check);
    g_clear_object(&self->call);
    G_OBJECT_CLASS(earshot_sound_preferences_parent_class)->dispose(object);
}

static void earshot_sound_preferences_class_init(EarshotSoundPreferencesClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_sound_preferences_dispose;
    widget_class->unmap = earshot_sound_preferences_unmap;
    g_type_ensure(EARSHOT_TYPE_LEVEL_METER);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/sound_preferences.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, microphone);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, loudspeaker);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, echo);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, volume);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, level);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, sentence);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, try);
    gtk_widget_class_bind_template_child(widget_class, EarshotSoundPreferences, try_label);
    gtk_widget_class_bind_template_callback(widget_class, on_try);
}

static void earshot_sound_preferences_init(EarshotSoundPreferences *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_sound_preferences_new(EarshotStation *station)
{
    EarshotSoundPreferences *self = g_object_new(EARSHOT_TYPE_SOUND_PREFERENCES, NULL);
    EarshotProfile *profile = earshot_station_get_profile(station);
    self->check = g_object_ref(earshot_station_get_sound_check(station));
    self->call = g_object_ref(earshot_station_get_call(station));
    earshot_card_choice_bind(self->microphone, station, "microphone");
    earshot_card_choice_bind(self->loudspeaker, station, "loudspeaker");
    g_object_bind_property_full(earshot_profile_get_settings(profile), "echo", self->echo,
                                "selected", G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE,
                                echo_to_row, row_to_echo, NULL, NULL);
    g_object_bind_property(earshot_profile_get_settings(profile), "volume",
                           gtk_range_get_adjustment(self->volume), "value",
                           G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
    g_object_bind_property(self->check, "level", self->level, "level", G_BINDING_SYNC_CREATE);
    g_signal_connect_object(self->check, "notify::state", G_CALLBACK(show_check), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->check, "notify::sentence", G_CALLBACK(show_check), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->call, "notify::phase", G_CALLBACK(show_check), self,
                            G_CONNECT_SWAPPED);
    show_check(self);
    return GTK_WIDGET(self);
}
