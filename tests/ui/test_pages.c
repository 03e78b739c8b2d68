/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every page and window on a real profile: it shows, fits the smallest screen, and is gone when it
 * is closed; in a left-to-right, a long and a right-to-left language. With SHOTS=FOLDER pictures of
 * all of them are kept there. Any warning is fatal. */
#include <errno.h>
#include <glib/gi18n.h>
#include <libintl.h>
#include <string.h>

#include "add_person_page.h"
#include "after_page.h"
#include "bridge/profile_private.h"
#include "call_page.h"
#include "compare_dialog.h"
#include "conversation_page.h"
#include "expert_page.h"
#include "first_run_page.h"
#include "help_pictures.h"
#include "help_window.h"
#include "history_page.h"
#include "home_page.h"
#include "incoming_page.h"
#include "invite_dialog.h"
#include "language.h"
#include "layout.h"
#include "neutral_page.h"
#include "note_dialog.h"
#include "passphrase_dialog.h"
#include "person_page.h"
#include "preferences.h"
#include "profiles_dialog.h"
#include "report_window.h"
#include "search_page.h"
#include "shortcuts_window.h"
#include "stage.h"
#include "trouble_card.h"
#include "unlock_card.h"
#include "urgent_page.h"

#define WIDE 960
#define NARROW LAYOUT_NARROW
#define HIGH LAYOUT_HIGH
/* Long enough for a page to be laid out and drawn, lists filled, meters moved. */
#define LOOK_MS 250
#define GONE_MS 3000
#define WATCHED 6
/* F9 is F9 everywhere. */
#define KEY_CHARS 2

static const char *const languages[] = {"en", "fr", "ar"};
/* Only their keys: what fits is seen with those. */
static const char *const others[] = {"es", "hi", "pt", "sw"};

/* What must be finalized in the end. */
struct watch {
    gpointer objects[WATCHED];
    const char *names[WATCHED];
    guint count;
};

static void watch(struct watch *w, const char *name, gpointer object)
{
    g_assert_cmpuint(w->count, <, WATCHED);
    w->names[w->count] = name;
    w->objects[w->count] = object;
    g_object_add_weak_pointer(G_OBJECT(object), &w->objects[w->count]);
    w->count++;
}

static void assert_gone(struct watch *w)
{
    for (guint i = 0; i < w->count; i++) {
        for (guint ms = 0; w->objects[i] && ms < GONE_MS; ms += LOOK_MS)
            stage_run(LOOK_MS);
        if (w->objects[i])
            g_error("%s is not finalized: %u references", w->names[i],
                    G_OBJECT(w->objects[i])->ref_count);
    }
}

/* ---- what there is to show ---- */

typedef GtkWidget *(*make_page)(struct stage *stage);

static GtkWidget *make_home(struct stage *stage)
{
    return earshot_home_page_new(stage->station);
}

static GtkWidget *make_person(struct stage *stage)
{
    GtkWidget *page = earshot_person_page_new(stage->station);
    earshot_person_page_set_person(EARSHOT_PERSON_PAGE(page), stage->amina);
    return page;
}

static GtkWidget *make_conversation(struct stage *stage)
{
    stage_write(stage);
    GtkWidget *page = earshot_conversation_page_new(stage->station);
    earshot_conversation_page_set_person(EARSHOT_CONVERSATION_PAGE(page), stage->amina);
    return page;
}

static GtkWidget *make_no_message(struct stage *stage)
{
    GtkWidget *page = earshot_conversation_page_new(stage->station);
    earshot_conversation_page_set_person(EARSHOT_CONVERSATION_PAGE(page), stage->amina);
    return page;
}

static GtkWidget *make_search(struct stage *stage)
{
    return earshot_search_page_new(stage->station);
}

static GtkWidget *make_note(struct stage *stage)
{
    return GTK_WIDGET(earshot_note_dialog_new(stage->parent,
                                              earshot_station_get_mail(stage->station),
                                              earshot_person_get_number(stage->amina), 1));
}

static GtkWidget *make_unlock(struct stage *stage)
{
    return earshot_unlock_card_new_for_path(earshot_profile_get_path(stage->profile), NULL);
}

static GtkWidget *make_damaged(struct stage *stage)
{
    g_autoptr(GError) problem = NULL;
    earshot_profile_tell_opening(-EBADMSG, "", &problem);
    return earshot_trouble_card_new(earshot_profile_get_path(stage->profile), problem);
}

static GtkWidget *make_newer(struct stage *stage)
{
    g_autoptr(GError) problem = NULL;
    earshot_profile_tell_opening(-ENOTSUP, "", &problem);
    return earshot_trouble_card_new(earshot_profile_get_path(stage->profile), problem);
}

static GtkWidget *make_passphrase(struct stage *stage)
{
    return GTK_WIDGET(earshot_passphrase_dialog_new(
        stage->parent, _("Passphrase"),
        _("Earshot asks for it when it starts. If it is forgotten, nobody can read what is kept "
          "here, not even we: write it down and keep the paper in a safe place."),
        _("_Set the passphrase"), TRUE));
}

static GtkWidget *make_history(struct stage *stage)
{
    return earshot_history_page_new(stage->station);
}

static GtkWidget *make_add_person(struct stage *stage)
{
    return earshot_add_person_page_new(stage->station);
}

static GtkWidget *make_urgent(struct stage *stage)
{
    return earshot_urgent_page_new(stage->station);
}

static GtkWidget *make_first_run(struct stage *stage)
{
    return earshot_first_run_page_new(stage->station);
}

static GtkWidget *make_neutral(struct stage *stage)
{
    return earshot_neutral_page_new(stage->station);
}

static GtkWidget *make_expert(struct stage *stage)
{
    stage_talk(stage);
    return earshot_expert_page_new(stage->station);
}

static GtkWidget *make_incoming(struct stage *stage)
{
    stage_ring(stage);
    return earshot_incoming_page_new(stage->station);
}

static GtkWidget *make_call(struct stage *stage)
{
    stage_talk(stage);
    return earshot_call_page_new(stage->station);
}

static GtkWidget *make_lost(struct stage *stage)
{
    stage_talk(stage);
    stage_lose_line(stage);
    return earshot_call_page_new(stage->station);
}

static GtkWidget *make_after(struct stage *stage)
{
    GtkWidget *page = earshot_after_page_new(stage->station);
    stage_talk(stage);
    stage_end(stage);
    return page;
}

static GtkWidget *make_preferences(struct stage *stage)
{
    return earshot_preferences_new(stage->parent, stage->station);
}

static GtkWidget *make_preferences_at(struct stage *stage, const char *name)
{
    GtkWidget *window = make_preferences(stage);
    earshot_preferences_show_page(EARSHOT_PREFERENCES(window), name);
    return window;
}

static GtkWidget *make_sound_preferences(struct stage *stage)
{
    return make_preferences_at(stage, "sound");
}

static GtkWidget *make_data_preferences(struct stage *stage)
{
    return make_preferences_at(stage, "data");
}

static GtkWidget *make_reach_preferences(struct stage *stage)
{
    return make_preferences_at(stage, "reach");
}

static GtkWidget *make_help(struct stage *stage)
{
    return earshot_help_window_new(stage->parent);
}

static GtkWidget *make_shortcuts(struct stage *stage)
{
    return earshot_shortcuts_window_new(stage->parent);
}

static GtkWidget *make_compare(struct stage *stage)
{
    return GTK_WIDGET(earshot_compare_dialog_new(stage->parent, stage->profile, stage->amina));
}

static GtkWidget *make_invite(struct stage *stage)
{
    return GTK_WIDGET(earshot_invite_dialog_new(stage->parent, stage->profile, "Dr. Wekesa"));
}

static GtkWidget *make_profiles(struct stage *stage)
{
    const char *path = earshot_profile_get_path(stage->profile);
    return GTK_WIDGET(earshot_profiles_dialog_new(stage->parent, path));
}

static GtkWidget *make_report(struct stage *stage)
{
    g_autofree char *report = earshot_station_support_report(stage->station);
    return earshot_report_window_new(stage->parent, report);
}

static GtkWidget *make_window(struct stage *stage)
{
    return GTK_WIDGET(earshot_window_new(ADW_APPLICATION(stage->application), stage->station));
}

static GtkWidget *make_window_in_call(struct stage *stage)
{
    stage_talk(stage);
    return make_window(stage);
}

static GtkWidget *make_window_line_gone(struct stage *stage)
{
    GtkWidget *window = make_window_in_call(stage);
    stage_lose_line(stage);
    return window;
}

/* ---- the line in a call ---- */

static GtkWidget *make_window_told(struct stage *stage, struct ear_engine_status status)
{
    GtkWidget *window = make_window_in_call(stage);
    stage_tell(stage, status);
    return window;
}

static GtkWidget *make_thin(struct stage *stage)
{
    return make_window_told(stage, (struct ear_engine_status){
                                       .rung = EAR_RUNG_LONGER,
                                       .talk.ladder = {.rung = EAR_RUNG_LONGER,
                                                       .rung_why = EAR_LADDER_FULL_LINE,
                                                       .turns_offered = true},
                                   });
}

static GtkWidget *make_my_turn(struct stage *stage)
{
    const struct ear_engine_status turns = {.rung = EAR_RUNG_TURNS, .turn = EAR_TURNS_ME};
    GtkWidget *window = make_window_told(stage, turns);
    earshot_call_turn(earshot_station_get_call(stage->station));
    stage_tell(stage, turns);
    return window;
}

static GtkWidget *make_asked(struct stage *stage)
{
    GtkWidget *window = make_window_told(
        stage, (struct ear_engine_status){.rung = EAR_RUNG_TURNS, .turn = EAR_TURNS_OTHER});
    earshot_call_turn(earshot_station_get_call(stage->station));
    return window;
}

static GtkWidget *make_catching_up(struct stage *stage)
{
    return make_window_told(stage,
                            (struct ear_engine_status){.rung = EAR_RUNG_STREAM,
                                                       .talk.catching_up_us = INT64_C(6200000)});
}

static GtkWidget *make_missed(struct stage *stage)
{
    return make_window_told(stage, (struct ear_engine_status){.rung = EAR_RUNG_TURNS,
                                                              .turn = EAR_TURNS_OTHER,
                                                              .talk.missed_us = INT64_C(45000000)});
}

static GtkWidget *make_plays(struct stage *stage)
{
    return make_window_told(
        stage,
        (struct ear_engine_status){.talk = {.missed_us = INT64_C(31000000), .plays_missed = true}});
}

static GtkWidget *make_lost_speech(struct stage *stage)
{
    GtkWidget *window =
        make_window_told(stage, (struct ear_engine_status){
                                    .outages = 1,
                                    .outage = {{.duration_us = INT64_C(9000000)}},
                                    .talk = {.missed_us = INT64_C(12000000),
                                             .lost_us = INT64_C(9000000),
                                             .lost_count = 2,
                                             .lost = {{INT64_C(62000000), INT64_C(4000000)},
                                                      {INT64_C(201000000), INT64_C(3000000)}}},
                                });
    return window;
}

static GtkWidget *make_after_lost(struct stage *stage)
{
    GtkWidget *window = make_lost_speech(stage);
    stage_end(stage);
    return window;
}

static const struct screen {
    const char *name;
    make_page make;
    bool talks; /* in a call: there most keys are needed */
} screens[] = {
    {"home", make_home},
    {"person", make_person},
    {"no-message", make_no_message},
    {"conversation", make_conversation},
    {"search", make_search},
    {"note", make_note},
    {"unlock", make_unlock},
    {"passphrase", make_passphrase},
    {"damaged", make_damaged},
    {"newer", make_newer},
    {"history", make_history},
    {"add-person", make_add_person},
    {"urgent", make_urgent},
    {"first-run", make_first_run},
    {"call", make_call, true},
    {"line-gone", make_lost, true},
    {"incoming", make_incoming},
    {"after", make_after},
    {"neutral", make_neutral},
    {"expert", make_expert},
    {"preferences", make_preferences},
    {"preferences-sound", make_sound_preferences},
    {"preferences-data", make_data_preferences},
    {"preferences-reach", make_reach_preferences},
    {"help", make_help},
    {"shortcuts", make_shortcuts},
    {"compare", make_compare},
    {"invite", make_invite},
    {"profiles", make_profiles},
    {"report", make_report},
    {"window", make_window},
    {"window-in-call", make_window_in_call, true},
    {"window-line-gone", make_window_line_gone, true},
    {"line-thin", make_thin, true},
    {"my-turn", make_my_turn, true},
    {"asked-for-turn", make_asked, true},
    {"catching-up", make_catching_up, true},
    {"missed", make_missed, true},
    {"plays-missed", make_plays, true},
    {"lost-speech", make_lost_speech, true},
    {"after-lost-speech", make_after_lost},
};

/* ---- the test ---- */

static void shoot(GtkWindow *window, const char *language, const char *name, int width)
{
    const char *folder = g_getenv("SHOTS");
    if (!folder)
        return;
    g_autofree char *file = g_strdup_printf("%s-%s-%d.png", name, language, width);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_mkdir_with_parents(folder, 0755);
    stage_shoot(window, path);
}

static GtkWindow *show(GtkWidget *page)
{
    GtkWidget *window = page;
    if (!GTK_IS_WINDOW(page)) {
        window = adw_window_new();
        adw_window_set_content(ADW_WINDOW(window), page);
        gtk_window_set_default_size(GTK_WINDOW(window), WIDE, HIGH);
    }
    gtk_window_present(GTK_WINDOW(window));
    stage_run(LOOK_MS);
    /* On a busy machine it is laid out later. */
    for (guint ms = 0; gtk_widget_get_width(page) == 0 && ms < GONE_MS; ms += LOOK_MS)
        stage_run(LOOK_MS);
    return GTK_WINDOW(window);
}

static void test_screen(const struct screen *screen, const char *language,
                        GtkApplication *application)
{
    struct watch w = {.count = 0};
    struct stage stage;
    stage_open(&stage, application);
    watch(&w, "the profile", stage.profile);
    watch(&w, "the station", stage.station);
    watch(&w, "the call", earshot_station_get_call(stage.station));
    GtkWidget *page = screen->make(&stage);
    watch(&w, screen->name, page);
    GtkWindow *window = show(page);
    if (GTK_WIDGET(window) != page)
        watch(&w, "the window around it", window);
    g_assert_true(gtk_widget_get_mapped(page));
    g_assert_cmpint(gtk_widget_get_width(page), >, 0);
    shoot(window, language, screen->name, WIDE);
    layout_assert_keys(GTK_WIDGET(window), screen->name);
    if (!GTK_IS_SHORTCUTS_WINDOW(page)) /* GTK's own: it scrolls its pages */
        layout_assert_fits(page, screen->name);
    gtk_window_set_default_size(window, NARROW, HIGH);
    stage_run(LOOK_MS);
    shoot(window, language, screen->name, NARROW);
    if (!GTK_IS_SHORTCUTS_WINDOW(page))
        layout_assert_inside(GTK_WIDGET(window), GTK_WIDGET(window), screen->name);
    gtk_window_destroy(window);
    stage_close(&stage);
    assert_gone(&w);
}

struct run {
    const struct screen *screen;
    const char *language;
    GtkApplication *application;
};

/* ---- the tasks of the help, opened ---- */

static void assert_speaks(GtkWidget *widget, const char *language)
{
    if (GTK_IS_LABEL(widget)) {
        const char *words = gtk_label_get_label(GTK_LABEL(widget));
        gunichar first = g_utf8_get_char(words);
        if (g_str_equal(language, "ar") && g_unichar_isalpha(first) && first < 0x80 &&
            strlen(words) > KEY_CHARS)
            g_error("a picture of the help says \"%s\" in Arabic", words);
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        assert_speaks(child, language);
}

static void hide_tasks(GtkWidget *widget)
{
    if (ADW_IS_EXPANDER_ROW(widget)) {
        gtk_widget_set_visible(widget, FALSE);
        return;
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        hide_tasks(child);
}

/* Opens what is a task in it, alone, one after the other: two screens at most, in the user's
 * language. */
static guint open_tasks(GtkWindow *window, GtkWidget *widget, const char *language, guint count)
{
    if (ADW_IS_EXPANDER_ROW(widget)) {
        int height;
        gtk_widget_set_visible(widget, TRUE);
        adw_expander_row_set_expanded(ADW_EXPANDER_ROW(widget), TRUE);
        stage_run(2 * LOOK_MS); /* it opens slowly */
        gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width(widget), &height,
                           NULL, NULL, NULL);
        if (height > 2 * HIGH || height < HIGH / 6)
            g_error("task %u of the help is %d high", count, height);
        layout_assert_inside(widget, GTK_WIDGET(window), "help");
        assert_speaks(widget, language);
        g_autofree char *name = g_strdup_printf("help-%02u", count);
        shoot(window, language, name, NARROW);
        gtk_widget_set_visible(widget, FALSE);
        return count + 1;
    }
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        count = open_tasks(window, child, language, count);
    return count;
}

static void test_help(gconstpointer data)
{
    const struct run *run = data;
    struct stage stage;
    earshot_language_choose(run->language);
    stage_open(&stage, run->application);
    GtkWindow *window = GTK_WINDOW(make_help(&stage));
    gtk_window_set_default_size(window, NARROW, HIGH);
    show(GTK_WIDGET(window));
    hide_tasks(GTK_WIDGET(window));
    guint count = open_tasks(window, GTK_WIDGET(window), run->language, 0);
    g_assert_cmpuint(count, ==, EARSHOT_HELP_PICTURES);
    gtk_window_destroy(window);
    stage_close(&stage);
}

static void test_run(gconstpointer data)
{
    const struct run *run = data;
    earshot_language_choose(run->language);
    if (g_str_equal(run->language, "fr"))
        g_assert_cmpstr(_("_Close"), !=, "_Close");
    GtkTextDirection direction = gtk_widget_get_default_direction();
    g_assert_cmpint(direction == GTK_TEXT_DIR_RTL, ==, g_str_equal(run->language, "ar"));
    test_screen(run->screen, run->language, run->application);
}

static void test_keys(gconstpointer data)
{
    const struct run *run = data;
    struct stage stage;
    earshot_language_choose(run->language);
    stage_open(&stage, run->application);
    GtkWindow *window = show(run->screen->make(&stage));
    layout_assert_keys(GTK_WIDGET(window), run->screen->name);
    gtk_window_destroy(window);
    stage_close(&stage);
}

static void add(const char *group, const char *language, const struct screen *screen,
                GTestDataFunc test, GtkApplication *application)
{
    g_autofree char *path =
        g_strdup_printf("/%s/%s/%s", group, language, screen ? screen->name : "tasks");
    struct run *run = g_new(struct run, 1);
    *run = (struct run){screen, language, application};
    g_test_add_data_func_full(path, run, test, g_free);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    earshot_language_start();
    bindtextdomain(GETTEXT_PACKAGE, EARSHOT_PO);
    g_autoptr(GtkApplication) application = stage_start();
    for (gsize l = 0; l < G_N_ELEMENTS(languages); l++) {
        for (gsize s = 0; s < G_N_ELEMENTS(screens); s++)
            add("pages", languages[l], &screens[s], test_run, application);
        add("help", languages[l], NULL, test_help, application);
    }
    for (gsize l = 0; l < G_N_ELEMENTS(others); l++)
        for (gsize s = 0; s < G_N_ELEMENTS(screens); s++)
            if (screens[s].talks)
                add("keys", others[l], &screens[s], test_keys, application);
    return g_test_run();
}
