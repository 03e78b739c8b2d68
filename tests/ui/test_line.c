/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line check beside a person and the month's data, as their widgets show them. Any warning is
 * fatal. With SHOTS=FOLDER some pictures are kept there. */
#include <string.h>

#include "bridge/line_check_private.h"
#include "data_line.h"
#include "data_plan_group.h"
#include "language.h"
#include "line_check_card.h"
#include "stage.h"

/* Long enough to be laid out and drawn. */
#define LOOK_MS 250
#define NARROW 360

/* A label that is on the screen and holds these words. */
static GtkWidget *find_label(GtkWidget *widget, const char *words)
{
    if (GTK_IS_LABEL(widget) && gtk_widget_get_mapped(widget) &&
        strstr(gtk_label_get_text(GTK_LABEL(widget)), words))
        return widget;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find_label(child, words);
        if (found)
            return found;
    }
    return NULL;
}

static GtkWidget *find_button(GtkWidget *widget, const char *words)
{
    GtkWidget *label = find_label(widget, words);
    return label ? gtk_widget_get_ancestor(label, GTK_TYPE_BUTTON) : NULL;
}

struct desk {
    struct stage stage;
    GtkWidget *widget;
    GtkWindow *window;
};

static void show(struct desk *desk, GtkWidget *widget)
{
    desk->widget = widget;
    desk->window = GTK_WINDOW(gtk_window_new());
    gtk_window_set_default_size(desk->window, NARROW, -1);
    gtk_window_set_child(desk->window, widget);
    gtk_window_present(desk->window);
    stage_run(LOOK_MS);
}

static void shoot(struct desk *desk, const char *name)
{
    const char *folder = g_getenv("SHOTS");
    if (!folder)
        return;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_mkdir_with_parents(folder, 0755);
    stage_run(LOOK_MS);
    stage_shoot(desk->window, path);
}

static void clear(struct desk *desk)
{
    gpointer widget = desk->widget;
    g_object_add_weak_pointer(G_OBJECT(widget), &widget);
    gtk_window_destroy(desk->window);
    stage_close(&desk->stage);
    stage_run(LOOK_MS);
    g_assert_null(widget);
}

static void open_card(struct desk *desk, GtkApplication *application)
{
    stage_open(&desk->stage, application);
    GtkWidget *card = earshot_line_check_card_new(desk->stage.station);
    earshot_line_check_card_set_person(EARSHOT_LINE_CHECK_CARD(card), desk->stage.amina);
    show(desk, card);
}

static EarshotLineCheck *check_of(struct desk *desk)
{
    return earshot_station_get_line_check(desk->stage.station);
}

static void test_button(gconstpointer application)
{
    struct desk desk;
    open_card(&desk, (GtkApplication *)application);
    GtkWidget *start = find_button(desk.widget, "Check the line to Dr. Amina");
    g_assert_nonnull(start);
    gtk_widget_grab_focus(start);
    for (int way = 0; way < 2; way++) {
        g_signal_emit_by_name(start, "clicked");
        /* Without a pause: where nobody's name is found the check is over in a moment. */
        g_assert_true(earshot_line_check_is_running(check_of(&desk)));
        g_assert_null(find_button(desk.widget, "Check the line"));
        GtkWidget *stop = find_button(desk.widget, "Stop the line check");
        g_assert_nonnull(stop);
        g_assert_true(gtk_widget_has_focus(stop)); /* so that Esc comes here */
        g_assert_nonnull(find_label(desk.widget, "ten seconds at most"));
        if (way == 0)
            g_signal_emit_by_name(stop, "clicked");
        else
            g_assert_true(gtk_widget_activate_action(stop, "line.stop", NULL));
        g_assert_false(earshot_line_check_is_running(check_of(&desk)));
        stage_run(LOOK_MS);
        g_assert_true(gtk_widget_has_focus(start));
        g_assert_null(find_label(desk.widget, "ten seconds"));
    }
    clear(&desk);
}

static void answer(struct desk *desk, struct ear_line_check check)
{
    check.guest = earshot_person_get_number(desk->stage.amina);
    earshot_line_check_start(check_of(desk), desk->stage.amina);
    earshot_line_check_take(check_of(desk), &check);
    g_assert_false(earshot_line_check_is_running(check_of(desk)));
    stage_run(LOOK_MS);
}

static void test_answers(gconstpointer application)
{
    struct desk desk;
    open_card(&desk, (GtkApplication *)application);
    struct ear_line_check good = {.outcome = EAR_LINE_MEASURED,
                                  .rung = EAR_LINE_FULL_DUPLEX,
                                  .advice = EAR_LINE_TALK,
                                  .mouth_to_ear_ms = 180,
                                  .bytes_per_hour = 7500000};
    answer(&desk, good);
    g_assert_nonnull(find_label(desk.widget, "Good for talking now."));
    /* 4 KES a MB */
    g_assert_nonnull(find_label(desk.widget, "20 minutes of talk are about 2.5 MB"));
    g_assert_nonnull(find_label(desk.widget, "10.00 KES"));
    g_assert_null(find_label(desk.widget, "late"));
    struct ear_line_check turns = {.outcome = EAR_LINE_MEASURED,
                                   .rung = EAR_LINE_TAKE_TURNS,
                                   .advice = EAR_LINE_TURNS,
                                   .mouth_to_ear_ms = 1400,
                                   .bytes_per_hour = 4200000};
    answer(&desk, turns);
    g_assert_nonnull(find_label(desk.widget, "Good for taking turns"));
    g_assert_nonnull(find_label(desk.widget, "Sound comes about 1.4 s late."));
    shoot(&desk, "line-turns.png");
    answer(&desk, (struct ear_line_check){.outcome = EAR_LINE_MEASURED,
                                          .rung = EAR_LINE_MESSAGE_ONLY,
                                          .advice = EAR_LINE_LEAVE_MESSAGE});
    g_assert_nonnull(find_label(desk.widget, "better leave a message"));
    g_assert_null(find_label(desk.widget, "minutes of talk"));
    answer(&desk, (struct ear_line_check){.outcome = EAR_LINE_SILENT});
    g_assert_nonnull(find_label(desk.widget, "They do not answer now"));
    answer(&desk, (struct ear_line_check){.outcome = EAR_LINE_BUSY});
    g_assert_nonnull(find_label(desk.widget, "their line is in use"));
    answer(&desk, (struct ear_line_check){.outcome = EAR_LINE_CROSSED});
    g_assert_null(find_label(desk.widget, "line is"));
    clear(&desk);
}

/* What is known of one person's line is not said of another's. */
static void test_others(gconstpointer application)
{
    struct desk desk;
    open_card(&desk, (GtkApplication *)application);
    answer(&desk, (struct ear_line_check){.outcome = EAR_LINE_SILENT});
    GListModel *people = earshot_profile_get_people(desk.stage.profile);
    for (guint i = 0; i < g_list_model_get_n_items(people); i++) {
        g_autoptr(EarshotPerson) person = g_list_model_get_item(people, i);
        gboolean amina = person == desk.stage.amina;
        gboolean pending = earshot_person_is_pending(person) || earshot_person_is_echo(person);
        earshot_line_check_card_set_person(EARSHOT_LINE_CHECK_CARD(desk.widget), person);
        stage_run(LOOK_MS);
        g_assert_cmpint(find_label(desk.widget, "do not answer") != NULL, ==, amina);
        g_assert_cmpint(gtk_widget_get_visible(desk.widget), ==, !pending);
    }
    earshot_line_check_card_set_person(EARSHOT_LINE_CHECK_CARD(desk.widget), NULL);
    clear(&desk);
}

static void use_data(struct desk *desk, gint64 bytes)
{
    struct ear_call_record record = {.person = earshot_person_get_number(desk->stage.amina),
                                     .begin_s = g_get_real_time() / G_USEC_PER_SEC,
                                     .talk_s = 600,
                                     .bytes = bytes,
                                     .ending = EAR_ENDING_HUNG_UP};
    g_strlcpy(record.name, "Dr. Amina", sizeof record.name);
    earshot_profile_add_call(desk->stage.profile, &record);
}

static void set_number(struct desk *desk, const char *key, double number)
{
    g_object_set(earshot_profile_get_settings(desk->stage.profile), key, number, NULL);
    stage_run(LOOK_MS);
}

static void test_data(gconstpointer application)
{
    struct desk desk;
    stage_open(&desk.stage, (GtkApplication *)application);
    earshot_profile_forget_history(desk.stage.profile);
    show(&desk, earshot_data_line_new(desk.stage.profile));
    g_assert_false(gtk_widget_get_visible(desk.widget)); /* nothing to say */
    use_data(&desk, 10000000);
    stage_run(LOOK_MS);
    g_assert_nonnull(find_label(desk.widget, "This month: 10 MB, about 40.00 KES."));
    static const struct {
        double budget_mb;
        const char *warning; /* NULL: none */
    } cases[] = {
        {100, NULL},
        {12, "Most of this month's data is used: 2.0 MB are left."},
        {11, "1.0 MB are left this month: enough for one urgent call"},
        {9, "This month's data is used up. Calls still work"},
        {0, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        set_number(&desk, "budget-mb", cases[i].budget_mb);
        GtkWidget *warning = find_label(desk.widget, cases[i].warning ? cases[i].warning : "left");
        g_assert_cmpint(warning != NULL, ==, cases[i].warning != NULL);
    }
    set_number(&desk, "price-per-mb", 0); /* the bundle tells the price */
    set_number(&desk, "bundle-mb", 50);
    set_number(&desk, "bundle-price", 100);
    g_assert_nonnull(find_label(desk.widget, "This month: 10 MB of 50 MB, about 20.00 KES."));
    set_number(&desk, "bundle-mb", 0);
    set_number(&desk, "bundle-price", 0);
    set_number(&desk, "price-per-mb", 4);
    clear(&desk);
}

/* The text of one row of entries, by its title. */
static GtkEditable *row(GtkWidget *widget, const char *title)
{
    GtkWidget *label = find_label(widget, title);
    g_assert_nonnull(label);
    return GTK_EDITABLE(gtk_widget_get_ancestor(label, ADW_TYPE_ENTRY_ROW));
}

static void test_plan(gconstpointer application)
{
    struct desk desk;
    stage_open(&desk.stage, (GtkApplication *)application);
    EarshotSettings *settings = earshot_profile_get_settings(desk.stage.profile);
    show(&desk, earshot_data_plan_group_new(desk.stage.profile));
    g_assert_nonnull(find_label(desk.widget, "1.5 MB with least data"));
    shoot(&desk, "data-plan.png");
    GtkEditable *budget = row(desk.widget, "Megabytes for calls in a month");
    gtk_editable_set_text(budget, "12,5");
    g_assert_cmpfloat(earshot_settings_get_number(settings, "budget-mb"), ==, 12.5);
    int end = 4;
    gtk_editable_insert_text(budget, "x", -1, &end);
    g_assert_true(gtk_widget_has_css_class(GTK_WIDGET(budget), "error"));
    g_assert_cmpfloat(earshot_settings_get_number(settings, "budget-mb"), ==, 12.5);
    gtk_editable_set_text(budget, "٥٠"); /* 50 */
    g_assert_false(gtk_widget_has_css_class(GTK_WIDGET(budget), "error"));
    g_assert_cmpfloat(earshot_settings_get_number(settings, "budget-mb"), ==, 50);
    gtk_editable_set_text(budget, "");
    g_assert_cmpfloat(earshot_settings_get_number(settings, "budget-mb"), ==, 0);
    gtk_editable_set_text(row(desk.widget, "Megabytes in a bundle"), "200");
    gtk_editable_set_text(row(desk.widget, "Price of a bundle"), "99.50");
    g_assert_cmpfloat(earshot_settings_get_number(settings, "bundle-mb"), ==, 200);
    g_assert_cmpfloat(earshot_settings_get_number(settings, "bundle-price"), ==, 99.5);
    gtk_editable_set_text(row(desk.widget, "Megabytes in a bundle"), "");
    gtk_editable_set_text(row(desk.widget, "Price of a bundle"), "");
    clear(&desk);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    earshot_language_start();
    g_autoptr(GtkApplication) application = stage_start();
    earshot_language_choose("en");
    g_test_add_data_func("/line/button", application, test_button);
    g_test_add_data_func("/line/answers", application, test_answers);
    g_test_add_data_func("/line/others", application, test_others);
    g_test_add_data_func("/data/line", application, test_data);
    g_test_add_data_func("/data/plan", application, test_plan);
    return g_test_run();
}
