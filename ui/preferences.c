/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: what is chosen here applies at once. */
#include "preferences.h"

#include "data_preferences.h"
#include "expert_page.h"
#include "general_preferences.h"
#include "only_one.h"
#include "reach_preferences.h"
#include "sound_preferences.h"

/* AdwPreferencesWindow of libadwaita 1.2 never lets go of its groups (its search takes a reference
 * of each that it does not give back); this one is made of the same parts without the search. */
struct _EarshotPreferences {
    AdwWindow parent_instance;

    /* template children */
    AdwToastOverlay *toasts;
    AdwViewStack *pages;
    AdwViewSwitcherTitle *switcher;
    AdwViewSwitcherBar *bar;

    guint title_idle; /* 0: none waits */
};

G_DEFINE_FINAL_TYPE(EarshotPreferences, earshot_preferences, ADW_TYPE_WINDOW)

void earshot_preferences_show_page(EarshotPreferences *self, const char *name)
{
    adw_view_stack_set_visible_child_name(self->pages, name);
}

void earshot_preferences_say(GtkWidget *widget, const char *sentence)
{
    GtkWidget *self = gtk_widget_get_ancestor(widget, EARSHOT_TYPE_PREFERENCES);
    g_autofree char *plain = g_markup_escape_text(sentence, -1);
    if (self)
        adw_toast_overlay_add_toast(EARSHOT_PREFERENCES(self)->toasts, adw_toast_new(plain));
}

static gboolean follow_title(gpointer data)
{
    EarshotPreferences *self = data;
    self->title_idle = 0;
    adw_view_switcher_bar_set_reveal(self->bar,
                                     adw_view_switcher_title_get_title_visible(self->switcher));
    return G_SOURCE_REMOVE;
}

/* Told while the window is laid out: a bar that comes in the middle of that has no room yet, and
 * GTK 4.8 warns of it. No reference is kept: a window that outlives its end until its parent is
 * gone too touches a parent that was freed. */
static void on_title_changed(EarshotPreferences *self)
{
    if (!self->title_idle)
        self->title_idle = g_idle_add_full(G_PRIORITY_HIGH_IDLE, follow_title, self, NULL);
}

static void earshot_preferences_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_PREFERENCES);
    g_clear_handle_id(&EARSHOT_PREFERENCES(object)->title_idle, g_source_remove);
    G_OBJECT_CLASS(earshot_preferences_parent_class)->dispose(object);
}

static void earshot_preferences_class_init(EarshotPreferencesClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_preferences_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/preferences.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotPreferences, toasts);
    gtk_widget_class_bind_template_child(widget_class, EarshotPreferences, pages);
    gtk_widget_class_bind_template_child(widget_class, EarshotPreferences, switcher);
    gtk_widget_class_bind_template_child(widget_class, EarshotPreferences, bar);
    gtk_widget_class_bind_template_callback(widget_class, on_title_changed);
}

static void earshot_preferences_init(EarshotPreferences *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

static void add_page(EarshotPreferences *self, GtkWidget *widget)
{
    AdwPreferencesPage *page = ADW_PREFERENCES_PAGE(widget);
    adw_view_stack_add_titled_with_icon(self->pages, widget, adw_preferences_page_get_name(page),
                                        adw_preferences_page_get_title(page),
                                        adw_preferences_page_get_icon_name(page));
}

GtkWidget *earshot_preferences_new(GtkWindow *parent, EarshotStation *station)
{
    GtkWidget *open = earshot_only_one(EARSHOT_TYPE_PREFERENCES, parent);
    if (open)
        return open;
    EarshotPreferences *self = g_object_new(EARSHOT_TYPE_PREFERENCES, "transient-for", parent,
                                            "destroy-with-parent", TRUE, NULL);
    EarshotProfile *profile = earshot_station_get_profile(station);
    add_page(self, earshot_general_preferences_new(profile));
    add_page(self, earshot_sound_preferences_new(station));
    add_page(self, earshot_data_preferences_new(station));
    add_page(self, earshot_reach_preferences_new(profile));
    add_page(self, earshot_expert_page_new(station));
    return GTK_WIDGET(self);
}
