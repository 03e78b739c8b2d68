/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sound card: fills a drop-down or a combo row and keeps what is chosen. */
#include "card_choice.h"

#include <glib/gi18n.h>
#include <string.h>

struct choice {
    GtkWidget *chooser; /* owns us */
    EarshotStation *station;
    char *setting;
    GPtrArray *values; /* what each row means; row 0 is "" */
    gboolean filling;
};

static void free_choice(gpointer data)
{
    struct choice *choice = data;
    g_object_unref(choice->station);
    g_ptr_array_unref(choice->values);
    g_free(choice->setting);
    g_free(choice);
}

static EarshotSettings *settings_of(struct choice *choice)
{
    return earshot_profile_get_settings(earshot_station_get_profile(choice->station));
}

static void add_row(struct choice *choice, GtkStringList *rows, const char *text, const char *value)
{
    gtk_string_list_append(rows, text);
    g_ptr_array_add(choice->values, g_strdup(value));
}

static guint find_value(struct choice *choice, const char *value)
{
    for (guint i = 0; i < choice->values->len; i++)
        if (strcmp(g_ptr_array_index(choice->values, i), value) == 0)
            return i;
    return GTK_INVALID_LIST_POSITION;
}

/* The system's card, what is plugged in, and what was chosen even where it is not. */
static void fill(struct choice *choice)
{
    g_autoptr(GtkStringList) rows = gtk_string_list_new(NULL);
    gboolean microphone = strcmp(choice->setting, "microphone") == 0;
    const char *const *names = microphone ? earshot_station_get_microphones(choice->station)
                                          : earshot_station_get_loudspeakers(choice->station);
    const char *chosen = earshot_settings_get_string(settings_of(choice), choice->setting);
    choice->filling = TRUE;
    g_ptr_array_set_size(choice->values, 0);
    add_row(choice, rows, _("Follows the system"), "");
    for (; names && *names; names++)
        add_row(choice, rows, *names, *names);
    if (find_value(choice, chosen) == GTK_INVALID_LIST_POSITION) {
        /* Translators: a sound card that was chosen and is not plugged in now */
        g_autofree char *text = g_strdup_printf(_("%s (not there now)"), chosen);
        add_row(choice, rows, text, chosen);
    }
    g_object_set(choice->chooser, "model", rows, "selected", find_value(choice, chosen), NULL);
    choice->filling = FALSE;
}

static void on_cards_changed(GtkWidget *chooser)
{
    fill(g_object_get_data(G_OBJECT(chooser), "earshot-card-choice"));
}

static void on_selected(GtkWidget *chooser)
{
    struct choice *choice = g_object_get_data(G_OBJECT(chooser), "earshot-card-choice");
    guint selected;
    g_object_get(chooser, "selected", &selected, NULL);
    if (!choice->filling && selected < choice->values->len)
        g_object_set(settings_of(choice), choice->setting,
                     g_ptr_array_index(choice->values, selected), NULL);
}

static void on_setting(GtkWidget *chooser)
{
    struct choice *choice = g_object_get_data(G_OBJECT(chooser), "earshot-card-choice");
    const char *chosen = earshot_settings_get_string(settings_of(choice), choice->setting);
    guint selected;
    g_object_get(chooser, "selected", &selected, NULL);
    if (selected >= choice->values->len ||
        strcmp(g_ptr_array_index(choice->values, selected), chosen) != 0)
        fill(choice);
}

void earshot_card_choice_bind(GtkWidget *chooser, EarshotStation *station, const char *setting)
{
    struct choice *choice = g_new0(struct choice, 1);
    choice->chooser = chooser;
    choice->station = g_object_ref(station);
    choice->setting = g_strdup(setting);
    choice->values = g_ptr_array_new_with_free_func(g_free);
    g_object_set_data_full(G_OBJECT(chooser), "earshot-card-choice", choice, free_choice);
    fill(choice);
    g_autofree char *notify = g_strconcat("notify::", setting, NULL);
    g_signal_connect(chooser, "notify::selected", G_CALLBACK(on_selected), NULL);
    g_signal_connect_object(settings_of(choice), notify, G_CALLBACK(on_setting), chooser,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(station, "cards-changed", G_CALLBACK(on_cards_changed), chooser,
                            G_CONNECT_SWAPPED);
    earshot_station_look_for_cards(station);
}
