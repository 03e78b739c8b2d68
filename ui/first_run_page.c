/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four pages at first use: language, name, hear yourself, a person. */
#include "first_run_page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "add_ways.h"
#include "bridge/format.h"
#include "language.h"
#include "level_meter.h"
#include "window.h"

enum step { LANGUAGE, NAME, SOUND, PERSON, STEPS };

/* In their own words, so that everybody finds theirs whatever is chosen. */
static const struct language {
    const char *code, *name;
} languages[] = {
    {"en", "English"},   {"fr", "Français"}, {"es", "Español"}, {"pt", "Português"},
    {"sw", "Kiswahili"}, {"hi", "हिन्दी"},    {"ar", "العربية"},
};

struct _EarshotFirstRunPage {
    GtkBox parent_instance;

    /* template children */
    AdwWindowTitle *title;
    GtkStack *stack;
    GtkListBox *languages;
    GtkEditable *name_entry;
    GtkLabel *name_trouble;
    GtkLabel *sound_words;
    EarshotLevelMeter *level;
    GtkWidget *record_button;
    GtkLabel *record_label;
    EarshotAddWays *ways;
    GtkWidget *back_button;
    GtkBox *dots;
    GtkWidget *next_button;
    GtkLabel *next_label;

    enum step step;

    /* owned */
    EarshotStation *station;
};

G_DEFINE_FINAL_TYPE(EarshotFirstRunPage, earshot_first_run_page, GTK_TYPE_BOX)

enum { LANGUAGE_CHOSEN, FINISHED, SIGNALS };
static guint signals[SIGNALS];

static EarshotProfile *get_profile(EarshotFirstRunPage *self)
{
    return earshot_station_get_profile(self->station);
}

static EarshotSoundCheck *get_check(EarshotFirstRunPage *self)
{
    return earshot_station_get_sound_check(self->station);
}

static void update_dots(EarshotFirstRunPage *self)
{
    enum step at = LANGUAGE;
    GtkWidget *dot = gtk_widget_get_first_child(GTK_WIDGET(self->dots));
    for (; dot; dot = gtk_widget_get_next_sibling(dot), at++)
        if (at <= self->step)
            gtk_widget_add_css_class(dot, "reached");
        else
            gtk_widget_remove_css_class(dot, "reached");
}

static void focus_step(EarshotFirstRunPage *self)
{
    switch (self->step) {
    case NAME:
        gtk_widget_grab_focus(GTK_WIDGET(self->name_entry));
        break;
    case SOUND:
        gtk_widget_grab_focus(self->record_button);
        break;
    case PERSON:
        earshot_add_ways_reset(self->ways);
        break;
    case LANGUAGE:
    case STEPS:
        gtk_widget_grab_focus(self->next_button);
    }
}

static void show_step(EarshotFirstRunPage *self, enum step step)
{
    static const char *const names[STEPS] = {"language", "name", "sound", "person"};
    if (self->step == SOUND && step != SOUND)
        earshot_sound_check_stop(get_check(self));
    self->step = step;
    g_autofree char *number = earshot_format_count((guint)step + 1);
    g_autofree char *count = earshot_format_count(STEPS);
    /* Translators: "Step 2 of 4" */
    g_autofree char *words = g_strdup_printf(_("Step %s of %s"), number, count);
    adw_window_title_set_subtitle(self->title, words);
    gtk_stack_set_visible_child_name(self->stack, names[step]);
    gtk_widget_set_sensitive(self->back_button, step != LANGUAGE);
    gtk_label_set_label(self->next_label, step == PERSON ? _("_Later") : _("_Next"));
    if (step == PERSON)
        gtk_widget_remove_css_class(self->next_button, "suggested-action");
    else
        gtk_widget_add_css_class(self->next_button, "suggested-action");
    update_dots(self);
    focus_step(self);
}

static void say_name_trouble(EarshotFirstRunPage *self, const char *sentence)
{
    gtk_label_set_text(self->name_trouble, sentence ? sentence : "");
    gtk_widget_set_visible(GTK_WIDGET(self->name_trouble), sentence != NULL);
}

static gboolean take_name(EarshotFirstRunPage *self)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strstrip(g_strdup(gtk_editable_get_text(self->name_entry)));
    if (!*name)
        say_name_trouble(self, _("Type a name first. Any name will do."));
    else if (!earshot_profile_set_name(get_profile(self), name, &error))
        say_name_trouble(self, error->message);
    else
        say_name_trouble(self, NULL);
    return *name && !error;
}

/* Whoever hears "finished" may take the page down. */
static void finish(EarshotFirstRunPage *self)
{
    g_autoptr(EarshotFirstRunPage) kept = g_object_ref(self);
    g_object_set(earshot_profile_get_settings(get_profile(self)), "set-up", TRUE, NULL);
    g_signal_emit(kept, signals[FINISHED], 0);
}

static void on_next_clicked(EarshotFirstRunPage *self)
{
    if (self->step == NAME && !take_name(self))
        return;
    if (self->step == PERSON)
        finish(self);
    else
        show_step(self, self->step + 1);
}

static void on_back_clicked(EarshotFirstRunPage *self)
{
    if (self->step != LANGUAGE)
        show_step(self, self->step - 1);
}

static void on_echo_clicked(EarshotFirstRunPage *self)
{
    g_autoptr(GtkWidget) window = g_object_ref(GTK_WIDGET(gtk_widget_get_root(GTK_WIDGET(self))));
    finish(self);
    gtk_widget_activate_action(window, "win.call", "u", 0);
}

static void on_added(EarshotFirstRunPage *self, EarshotPerson *person)
{
    /* Translators: %s is a person's name */
    g_autofree char *sentence =
        g_strdup_printf(_("You can call %s now"), earshot_person_get_name(person));
    earshot_window_say(earshot_window_of(GTK_WIDGET(self)), sentence);
    finish(self);
}

static void on_invited(EarshotFirstRunPage *self)
{
    gtk_label_set_label(self->next_label, _("_Done"));
}

static gboolean check_is_busy(EarshotFirstRunPage *self)
{
    EarshotSoundCheckState state = EARSHOT_SOUND_CHECK_IDLE;
    g_object_get(get_check(self), "state", &state, NULL);
    return state == EARSHOT_SOUND_CHECK_RECORDING || state == EARSHOT_SOUND_CHECK_PLAYING;
}

static void on_record_clicked(EarshotFirstRunPage *self)
{
    if (check_is_busy(self))
        earshot_sound_check_stop(get_check(self));
    else
        earshot_sound_check_start(get_check(self));
}

static void update_check(EarshotFirstRunPage *self)
{
    EarshotSoundCheckState state = EARSHOT_SOUND_CHECK_IDLE;
    g_autofree char *sentence = NULL;
    g_object_get(get_check(self), "state", &state, "sentence", &sentence, NULL);
    gboolean said = sentence && *sentence;
    gtk_label_set_text(self->sound_words,
                       said ? sentence
                            : _("Record three seconds of your voice, then hear how you sound."));
    const char *label = check_is_busy(self)                 ? _("_Stop")
                        : state == EARSHOT_SOUND_CHECK_IDLE ? _("_Record")
                                                            : _("_Record again");
    gtk_label_set_label(self->record_label, label);
}

static void on_language_toggled(EarshotFirstRunPage *self, GtkCheckButton *button)
{
    if (!gtk_check_button_get_active(button))
        return;
    const char *code = g_object_get_data(G_OBJECT(button), "code");
    g_object_set(earshot_profile_get_settings(get_profile(self)), "language", code, NULL);
    g_signal_emit(self, signals[LANGUAGE_CHOSEN], 0, code);
}

/* What the texts are in now. */
static const struct language *current_language(EarshotFirstRunPage *self)
{
    const char *chosen =
        earshot_settings_get_string(earshot_profile_get_settings(get_profile(self)), "language");
    if (!chosen || !*chosen)
        chosen = earshot_language_chosen();
    if (!chosen || !*chosen)
        chosen = g_get_language_names()[0];
    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
        if (strncmp(chosen, languages[i].code, strlen(languages[i].code)) == 0)
            return &languages[i];
    return &languages[0];
}

static void list_languages(EarshotFirstRunPage *self)
{
    const struct language *current = current_language(self);
    GtkCheckButton *group = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        const struct language *language = &languages[i];
        GtkWidget *row = adw_action_row_new();
        GtkWidget *button = gtk_check_button_new();
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), language->name);
        adw_action_row_add_prefix(ADW_ACTION_ROW(row), button);
        adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), button);
        gtk_check_button_set_group(GTK_CHECK_BUTTON(button), group);
        group = GTK_CHECK_BUTTON(button);
        gtk_check_button_set_active(group, language == current);
        g_object_set_data(G_OBJECT(button), "code", (gpointer)language->code);
        g_signal_connect_object(button, "toggled", G_CALLBACK(on_language_toggled), self,
                                G_CONNECT_SWAPPED);
        gtk_list_box_append(self->languages, row);
    }
}

static void earshot_first_run_page_map(GtkWidget *widget)
{
    EarshotFirstRunPage *self = EARSHOT_FIRST_RUN_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_first_run_page_parent_class)->map(widget);
    GtkRoot *root = gtk_widget_get_root(widget);
    gtk_window_set_default_widget(GTK_WINDOW(root), self->next_button);
    focus_step(self);
}

static void earshot_first_run_page_unmap(GtkWidget *widget)
{
    EarshotFirstRunPage *self = EARSHOT_FIRST_RUN_PAGE(widget);
    GtkRoot *root = gtk_widget_get_root(widget);
    if (GTK_IS_WINDOW(root))
        gtk_window_set_default_widget(GTK_WINDOW(root), NULL);
    if (self->station)
        earshot_sound_check_stop(get_check(self));
    GTK_WIDGET_CLASS(earshot_first_run_page_parent_class)->unmap(widget);
}

static void earshot_first_run_page_dispose(GObject *object)
{
    EarshotFirstRunPage *self = EARSHOT_FIRST_RUN_PAGE(object);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_FIRST_RUN_PAGE);
    g_clear_object(&self->station);
    G_OBJECT_CLASS(earshot_first_run_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, title);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, stack);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, languages);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, name_entry);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, name_trouble);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, sound_words);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, level);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, record_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, record_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, ways);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, back_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, dots);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, next_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotFirstRunPage, next_label);
    gtk_widget_class_bind_template_callback(widget_class, on_next_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_back_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_echo_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_record_clicked);
    gtk_widget_class_bind_template_callback(widget_class, on_added);
    gtk_widget_class_bind_template_callback(widget_class, on_invited);
}

static void earshot_first_run_page_class_init(EarshotFirstRunPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_first_run_page_dispose;
    widget_class->map = earshot_first_run_page_map;
    widget_class->unmap = earshot_first_run_page_unmap;
    signals[LANGUAGE_CHOSEN] =
        g_signal_new("language-chosen", EARSHOT_TYPE_FIRST_RUN_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[FINISHED] = g_signal_new("finished", EARSHOT_TYPE_FIRST_RUN_PAGE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_type_ensure(EARSHOT_TYPE_ADD_WAYS);
    g_type_ensure(EARSHOT_TYPE_LEVEL_METER);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/first_run_page.ui");
    bind_children(widget_class);
}

static void earshot_first_run_page_init(EarshotFirstRunPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_first_run_page_new(EarshotStation *station)
{
    EarshotFirstRunPage *self = g_object_new(EARSHOT_TYPE_FIRST_RUN_PAGE, NULL);
    self->station = g_object_ref(station);
    earshot_add_ways_set_profile(self->ways, get_profile(self));
    const char *name = earshot_profile_get_name(get_profile(self));
    gtk_editable_set_text(self->name_entry, name ? name : "");
    list_languages(self);
    EarshotSoundCheck *check = get_check(self);
    g_signal_connect_object(check, "notify::state", G_CALLBACK(update_check), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(check, "notify::sentence", G_CALLBACK(update_check), self,
                            G_CONNECT_SWAPPED);
    g_object_bind_property(check, "level", self->level, "level", G_BINDING_SYNC_CREATE);
    update_check(self);
    show_step(self, LANGUAGE);
    return GTK_WIDGET(self);
}
