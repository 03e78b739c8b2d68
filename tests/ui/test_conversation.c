/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation stands at its newest message, wholly seen, whatever the window's size and the
 * language; what comes is followed, unless the user reads older ones. With SHOTS=FOLDER pictures of
 * all of it are kept there. Any warning is fatal. */
#include <libintl.h>

#include "conversation_page.h"
#include "language.h"
#include "message_row.h"
#include "stage.h"

#define HIGH 600
#define LOOK_MS 250
#define WAIT_MS 5000

static const char *const languages[] = {"en", "ar"};
static const int widths[] = {360, 720, 1100, 360};

struct run {
    const char *language;
    GtkApplication *application;
};

struct scene {
    struct stage stage;
    GtkWidget *page;
    GtkWindow *window;
};

/* The first of this type at or below widget, NULL: none. */
static GtkWidget *find(GtkWidget *widget, GType type)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE(widget, type))
        return widget;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find(child, type);
        if (found)
            return found;
    }
    return NULL;
}

static GtkWidget *messages_of(GtkWidget *page)
{
    GtkWidget *list = find(page, GTK_TYPE_LIST_BOX);
    g_assert_nonnull(list);
    return list;
}

static GtkWidget *scroll_of(GtkWidget *page)
{
    GtkWidget *scroll = gtk_widget_get_ancestor(messages_of(page), GTK_TYPE_SCROLLED_WINDOW);
    g_assert_nonnull(scroll);
    return scroll;
}

static guint count_rows(GtkWidget *page)
{
    guint count = 0;
    for (GtkWidget *row = gtk_widget_get_first_child(messages_of(page)); row;
         row = gtk_widget_get_next_sibling(row))
        count += EARSHOT_IS_MESSAGE_ROW(row);
    return count;
}

/* How far the last row's end is below what is seen of the messages. */
static double below(GtkWidget *page)
{
    graphene_rect_t place;
    GtkWidget *scroll = scroll_of(page);
    GtkWidget *last = gtk_widget_get_last_child(messages_of(page));
    g_assert_nonnull(last);
    g_assert_true(gtk_widget_compute_bounds(last, scroll, &place));
    return place.origin.y + place.size.height - gtk_widget_get_height(scroll);
}

static void assert_at_end(GtkWidget *page, const char *when)
{
    for (guint ms = 0; below(page) > 0 && ms < WAIT_MS; ms += LOOK_MS)
        stage_run(LOOK_MS);
    if (below(page) > 0)
        g_error("%s: the last message ends %g px below what is seen", when, below(page));
}

/* A line of what is written fits into its field. */
static void assert_line_seen(GtkWidget *page)
{
    GtkWidget *text = find(page, GTK_TYPE_TEXT_VIEW);
    GdkRectangle cursor;
    g_assert_nonnull(text);
    gtk_text_view_get_cursor_locations(GTK_TEXT_VIEW(text), NULL, &cursor, NULL);
    g_assert_cmpint(cursor.height, >, 0);
    g_assert_cmpint(gtk_widget_get_height(gtk_widget_get_parent(text)), >=, cursor.height);
}

static void open_page(struct scene *scene, GtkApplication *application)
{
    stage_open(&scene->stage, application);
    stage_write(&scene->stage);
    scene->page = earshot_conversation_page_new(scene->stage.station);
    earshot_conversation_page_set_person(EARSHOT_CONVERSATION_PAGE(scene->page),
                                         scene->stage.amina);
    scene->window = GTK_WINDOW(adw_window_new());
    adw_window_set_content(ADW_WINDOW(scene->window), scene->page);
    gtk_window_set_default_size(scene->window, widths[0], HIGH);
    gtk_window_present(scene->window);
    for (guint ms = 0; count_rows(scene->page) == 0 && ms < WAIT_MS; ms += LOOK_MS)
        stage_run(LOOK_MS);
    stage_run(LOOK_MS);
}

static void close_page(struct scene *scene)
{
    gtk_window_destroy(scene->window);
    stage_close(&scene->stage);
}

static void shoot(struct scene *scene, const char *language, int width, const char *where)
{
    const char *folder = g_getenv("SHOTS");
    if (!folder)
        return;
    g_autofree char *name = g_strdup_printf("talk-%s-%d-%s.png", language, width, where);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_mkdir_with_parents(folder, 0755);
    stage_shoot(scene->window, path);
}

static GtkAdjustment *adjustment_of(GtkWidget *page)
{
    return gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroll_of(page)));
}

static void shoot_all(struct scene *scene, const char *language, int width)
{
    GtkAdjustment *scroll = adjustment_of(scene->page);
    shoot(scene, language, width, "end");
    if (!g_getenv("SHOTS"))
        return;
    for (int i = 0; i < 9; i++) {
        g_autofree char *where = g_strdup_printf("%d", i);
        double at = i * 0.9 * gtk_adjustment_get_page_size(scroll);
        if (at >= gtk_adjustment_get_upper(scroll) - gtk_adjustment_get_page_size(scroll))
            break;
        gtk_adjustment_set_value(scroll, at);
        stage_run(LOOK_MS);
        shoot(scene, language, width, where);
    }
    gtk_adjustment_set_value(scroll, gtk_adjustment_get_upper(scroll));
    stage_run(LOOK_MS);
}

static void test_end(gconstpointer data)
{
    const struct run *run = data;
    struct scene scene;
    earshot_language_choose(run->language);
    open_page(&scene, run->application);
    for (gsize i = 0; i < G_N_ELEMENTS(widths); i++) {
        g_autofree char *when = g_strdup_printf("%s, %d px wide", run->language, widths[i]);
        gtk_window_set_default_size(scene.window, widths[i], HIGH);
        stage_run(LOOK_MS);
        assert_at_end(scene.page, when);
        assert_line_seen(scene.page);
        if (i + 1 < G_N_ELEMENTS(widths))
            shoot_all(&scene, run->language, widths[i]);
    }
    close_page(&scene);
}

static void on_written(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(earshot_mail_done(EARSHOT_MAIL(source), result, &error));
    g_assert_no_error(error);
}

static void write_one(struct scene *scene, const char *text)
{
    guint before = count_rows(scene->page);
    earshot_mail_write_async(earshot_station_get_mail(scene->stage.station),
                             earshot_person_get_number(scene->stage.amina), EARSHOT_MESSAGE_TEXT,
                             text, on_written, NULL);
    for (guint ms = 0; count_rows(scene->page) == before && ms < WAIT_MS; ms += LOOK_MS)
        stage_run(LOOK_MS);
    g_assert_cmpuint(count_rows(scene->page), ==, before + 1);
    stage_run(LOOK_MS);
}

static void test_following(gconstpointer data)
{
    const struct run *run = data;
    struct scene scene;
    earshot_language_choose(run->language);
    open_page(&scene, run->application);
    write_one(&scene, "One more, which is long enough to need several lines where the window is "
                      "as narrow as it can be.");
    assert_at_end(scene.page, "after a new message");
    GtkAdjustment *scroll = adjustment_of(scene.page);
    gtk_adjustment_set_value(scroll, 0);
    stage_run(LOOK_MS);
    write_one(&scene, "And another.");
    g_assert_cmpfloat(gtk_adjustment_get_value(scroll), <, 1);
    gtk_window_set_default_size(scene.window, widths[1], HIGH);
    stage_run(LOOK_MS);
    g_assert_cmpfloat(gtk_adjustment_get_value(scroll), <, 1);
    gtk_adjustment_set_value(scroll, gtk_adjustment_get_upper(scroll));
    stage_run(LOOK_MS);
    write_one(&scene, "The last one.");
    assert_at_end(scene.page, "at the end again");
    close_page(&scene);
}

static void add(const char *name, const char *language, GtkApplication *application,
                GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf("/conversation/%s/%s", name, language);
    struct run *run = g_new(struct run, 1);
    *run = (struct run){language, application};
    g_test_add_data_func_full(path, run, test, g_free);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    earshot_language_start();
    bindtextdomain(GETTEXT_PACKAGE, EARSHOT_PO);
    g_autoptr(GtkApplication) application = stage_start();
    for (gsize l = 0; l < G_N_ELEMENTS(languages); l++) {
        add("end", languages[l], application, test_end);
        add("following", languages[l], application, test_following);
    }
    return g_test_run();
}
