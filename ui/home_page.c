/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first thing seen: one large Call button, the people, what is left to do. */
#include "home_page.h"

#include <glib/gi18n.h>

#include "bridge/format.h"
#include "data_line.h"
#include "favourite_card.h"
#include "focus_later.h"
#include "line_check_card.h"
#include "person_page.h"
#include "person_row.h"

struct _EarshotHomePage {
    GtkBox parent_instance;

    /* template children */
    AdwLeaflet *leaflet;
    AdwHeaderBar *header;
    GtkRevealer *trouble_bar;
    GtkLabel *trouble_label;
    GtkStack *body;
    GtkBox *line_box;
    GtkWidget *missed_button;
    GtkLabel *missed_label;
    GtkWidget *unseen_button;
    GtkLabel *unseen_label;
    EarshotFavouriteCard *favourite;
    GtkListBox *people;
    GtkWidget *empty_button;
    AdwBin *person_bin;

    /* borrowed */
    EarshotPersonPage *person_page;
    EarshotLineCheckCard *line_check;

    /* owned */
    EarshotStation *station;
    GtkFilterListModel *others;
};

G_DEFINE_FINAL_TYPE(EarshotHomePage, earshot_home_page, GTK_TYPE_BOX)

static EarshotProfile *get_profile(EarshotHomePage *self)
{
    return earshot_station_get_profile(self->station);
}

static gboolean is_other(gpointer item, gpointer user_data)
{
    EarshotHomePage *self = user_data;
    return item != earshot_favourite_card_get_person(self->favourite);
}

static gboolean is_listed(EarshotHomePage *self, EarshotPerson *person)
{
    GListModel *people = earshot_profile_get_people(get_profile(self));
    for (guint i = 0; i < g_list_model_get_n_items(people); i++) {
        g_autoptr(EarshotPerson) listed = g_list_model_get_item(people, i);
        if (listed == person)
            return TRUE;
    }
    return FALSE;
}

/* Enter does the one thing of the page that is seen. */
static void update_default(EarshotHomePage *self)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    if (!GTK_IS_WINDOW(root) || !gtk_widget_get_mapped(GTK_WIDGET(self)))
        return;
    gboolean folded = adw_leaflet_get_folded(self->leaflet);
    const char *seen = adw_leaflet_get_visible_child_name(self->leaflet);
    gboolean empty = g_strcmp0(gtk_stack_get_visible_child_name(self->body), "empty") == 0;
    GtkWidget *button =
        empty ? self->empty_button : earshot_favourite_card_get_button(self->favourite);
    if (folded && g_strcmp0(seen, "person") == 0)
        button = NULL;
    gtk_window_set_default_widget(GTK_WINDOW(root), button);
}

/* The window's buttons stand at the end of whatever is seen. */
static void update_columns(EarshotHomePage *self)
{
    gboolean folded = adw_leaflet_get_folded(self->leaflet);
    gboolean alone = folded || !gtk_widget_get_visible(GTK_WIDGET(self->person_bin));
    adw_header_bar_set_show_end_title_buttons(self->header, alone);
    earshot_person_page_set_alone(self->person_page, folded);
    update_default(self);
}

/* The person beside the list is one of the list. */
static void update_shown_person(EarshotHomePage *self, gboolean any)
{
    EarshotPerson *shown = earshot_person_page_get_person(self->person_page);
    if (shown && is_listed(self, shown) && any)
        return;
    g_autoptr(EarshotPerson) first =
        g_list_model_get_item(earshot_profile_get_people(get_profile(self)), 0);
    EarshotPerson *favourite = earshot_favourite_card_get_person(self->favourite);
    earshot_person_page_set_person(self->person_page, favourite ? favourite : first);
    earshot_home_page_show_people(self);
}

static void update_people(EarshotHomePage *self)
{
    EarshotPerson *favourite = earshot_profile_get_favourite(get_profile(self));
    EarshotPerson *before = earshot_favourite_card_get_person(self->favourite);
    if (favourite != before) {
        if (before)
            g_signal_handlers_disconnect_by_data(before, self);
        if (favourite)
            g_signal_connect_object(favourite, "notify::blocked", G_CALLBACK(update_people), self,
                                    G_CONNECT_SWAPPED);
    }
    earshot_favourite_card_set_person(self->favourite, favourite);
    earshot_line_check_card_set_person(self->line_check, favourite);
    gtk_filter_changed(gtk_filter_list_model_get_filter(self->others), GTK_FILTER_CHANGE_DIFFERENT);

    /* The Echo test is always there. */
    gboolean any = g_list_model_get_n_items(earshot_profile_get_people(get_profile(self))) > 1;
    gtk_stack_set_visible_child_name(self->body, any ? "people" : "empty");
    gtk_widget_set_visible(GTK_WIDGET(self->person_bin), any);
    update_shown_person(self, any);
    update_columns(self);
}

static void update_missed(EarshotHomePage *self)
{
    guint missed = 0;
    g_object_get(get_profile(self), "missed", &missed, NULL);
    g_autofree char *count = earshot_format_count(missed);
    g_autofree char *text =
        g_strdup_printf(ngettext("%s missed call", "%s missed calls", missed), count);
    gtk_label_set_text(self->missed_label, text);
    gtk_widget_set_visible(self->missed_button, missed > 0);
}

static void update_unseen(EarshotHomePage *self)
{
    guint unseen = 0;
    g_object_get(earshot_station_get_mail(self->station), "unseen", &unseen, NULL);
    g_autofree char *count = earshot_format_count(unseen);
    g_autofree char *text =
        g_strdup_printf(ngettext("%s new message", "%s new messages", unseen), count);
    gtk_label_set_text(self->unseen_label, text);
    gtk_widget_set_visible(self->unseen_button, unseen > 0);
}

static void update_trouble(EarshotHomePage *self)
{
    g_autofree char *trouble = NULL;
    g_object_get(self->station, "trouble", &trouble, NULL);
    gboolean any = trouble && *trouble;
    if (any)
        gtk_label_set_text(self->trouble_label, trouble);
    gtk_revealer_set_reveal_child(self->trouble_bar, any);
}

/* Lives as long as the row: what decides who is called most may have changed. */
static void on_listed_person_changed(EarshotPerson *person, GParamSpec *spec, GtkWidget *row)
{
    GtkWidget *page = gtk_widget_get_ancestor(row, EARSHOT_TYPE_HOME_PAGE);
    if (page)
        update_people(EARSHOT_HOME_PAGE(page));
}

static GtkWidget *create_row(gpointer item, gpointer user_data)
{
    GtkWidget *row = earshot_person_row_new(item);
    g_signal_connect_object(item, "notify::blocked", G_CALLBACK(on_listed_person_changed), row, 0);
    g_signal_connect_object(item, "notify::pending", G_CALLBACK(on_listed_person_changed), row, 0);
    return row;
}

static void on_row_activated(EarshotHomePage *self, GtkListBoxRow *row)
{
    earshot_home_page_show_person(self, earshot_person_row_get_person(EARSHOT_PERSON_ROW(row)));
}

static void on_favourite_opened(EarshotHomePage *self)
{
    earshot_home_page_show_person(self, earshot_favourite_card_get_person(self->favourite));
}

static void go_back(GtkWidget *widget, const char *action, GVariant *parameter)
{
    earshot_home_page_show_people(EARSHOT_HOME_PAGE(widget));
}

static void earshot_home_page_map(GtkWidget *widget)
{
    EarshotHomePage *self = EARSHOT_HOME_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_home_page_parent_class)->map(widget);
    update_default(self);
    GtkWidget *button = gtk_window_get_default_widget(GTK_WINDOW(gtk_widget_get_root(widget)));
    /* Later: a GtkStack that shows the page again returns the focus to where it was, which may be
     * the closed menu; no key would do anything from there. */
    earshot_focus_later(button ? button : GTK_WIDGET(self->person_page));
}

static void earshot_home_page_unmap(GtkWidget *widget)
{
    GtkRoot *root = gtk_widget_get_root(widget);
    if (GTK_IS_WINDOW(root))
        gtk_window_set_default_widget(GTK_WINDOW(root), NULL);
    GTK_WIDGET_CLASS(earshot_home_page_parent_class)->unmap(widget);
}

static void earshot_home_page_dispose(GObject *object)
{
    EarshotHomePage *self = EARSHOT_HOME_PAGE(object);
    g_clear_object(&self->others);
    g_clear_object(&self->station);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_HOME_PAGE);
    G_OBJECT_CLASS(earshot_home_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, leaflet);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, header);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, trouble_bar);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, trouble_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, body);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, line_box);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, missed_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, missed_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, unseen_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, unseen_label);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, favourite);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, people);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, empty_button);
    gtk_widget_class_bind_template_child(widget_class, EarshotHomePage, person_bin);
    gtk_widget_class_bind_template_callback(widget_class, on_row_activated);
    gtk_widget_class_bind_template_callback(widget_class, on_favourite_opened);
}

static void earshot_home_page_class_init(EarshotHomePageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_home_page_dispose;
    widget_class->map = earshot_home_page_map;
    widget_class->unmap = earshot_home_page_unmap;
    g_type_ensure(EARSHOT_TYPE_FAVOURITE_CARD);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/home_page.ui");
    bind_children(widget_class);
    gtk_widget_class_install_action(widget_class, "home.back", NULL, go_back);
    gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Left, GDK_ALT_MASK, "home.back",
                                        NULL);
}

static void earshot_home_page_init(EarshotHomePage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    g_signal_connect_swapped(self->leaflet, "notify::folded", G_CALLBACK(update_columns), self);
    g_signal_connect_swapped(self->leaflet, "notify::visible-child", G_CALLBACK(update_default),
                             self);
}

GtkWidget *earshot_home_page_new(EarshotStation *station)
{
    EarshotHomePage *self = g_object_new(EARSHOT_TYPE_HOME_PAGE, NULL);
    self->station = g_object_ref(station);
    GtkWidget *person_page = earshot_person_page_new(station);
    self->person_page = EARSHOT_PERSON_PAGE(person_page);
    adw_bin_set_child(self->person_bin, person_page);
    self->line_check = EARSHOT_LINE_CHECK_CARD(earshot_line_check_card_new(station));
    gtk_box_append(self->line_box, GTK_WIDGET(self->line_check));
    gtk_box_append(self->line_box, earshot_data_line_new(get_profile(self)));

    GListModel *people = earshot_profile_get_people(get_profile(self));
    GtkFilter *filter = GTK_FILTER(gtk_custom_filter_new(is_other, self, NULL));
    self->others = gtk_filter_list_model_new(g_object_ref(people), filter);
    gtk_list_box_bind_model(self->people, G_LIST_MODEL(self->others), create_row, NULL, NULL);

    g_signal_connect_object(people, "items-changed", G_CALLBACK(update_people), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(get_profile(self), "notify::missed", G_CALLBACK(update_missed), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(station, "notify::trouble", G_CALLBACK(update_trouble), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(earshot_station_get_mail(station), "notify::unseen",
                            G_CALLBACK(update_unseen), self, G_CONNECT_SWAPPED);
    update_people(self);
    update_missed(self);
    update_unseen(self);
    update_trouble(self);
    return GTK_WIDGET(self);
}

void earshot_home_page_show_person(EarshotHomePage *self, EarshotPerson *person)
{
    earshot_person_page_set_person(self->person_page, person);
    adw_leaflet_set_visible_child_name(self->leaflet, "person");
    gtk_widget_grab_focus(GTK_WIDGET(self->person_page));
}

void earshot_home_page_show_people(EarshotHomePage *self)
{
    adw_leaflet_set_visible_child_name(self->leaflet, "people");
}

GtkBox *earshot_home_page_get_line_box(EarshotHomePage *self)
{
    return self->line_box;
}
