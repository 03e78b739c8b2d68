/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile with people and calls, and a station on it, for tests of pages. */
#include "stage.h"

#include <math.h>
#include <string.h>

#include "bridge/call_private.h"
#include "bridge/profile_private.h"
#include "mail/recorder.h"

#define DAY_S 86400
#define MINUTE_S 60
/* The third of March 2026, noon. */
#define NOON_S 1772539200
#define DRAWN_MS 3000
/* GTK's own frame, where no window manager draws one. */
#define NO_FRAME "window.solid-csd { margin: 0; padding: 0; box-shadow: none; }"

static char *profile_path(const char *name)
{
    return g_build_filename(g_get_user_data_dir(), "earshot", "profiles", name, NULL);
}

static EarshotProfile *open_profile(const char *folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = profile_path(folder);
    EarshotProfile *profile = earshot_profile_open(path, &error);
    g_assert_no_error(error);
    return profile;
}

static void settle(EarshotProfile *profile, const char *name)
{
    static const char *const places[] = {"clinic.example:20300", NULL};
    static const char *const numbers[] = {
        "Ambulance\t112\t2026-02-03", "Regional hospital, night desk\t+256 700 000 000\t", NULL};
    g_autoptr(GError) error = NULL;
    earshot_profile_set_name(profile, name, &error);
    g_assert_no_error(error);
    g_object_set(earshot_profile_get_settings(profile), "set-up", TRUE, "addresses", places,
                 "urgent-numbers", numbers, "price-per-mb", 4.0, "currency", "KES", NULL);
}

/* Who invites us, and is among our people then. */
static guint meet(EarshotProfile *profile, const char *folder, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(EarshotProfile) other = open_profile(folder);
    settle(other, name);
    g_autofree char *invite =
        earshot_profile_make_invite(other, earshot_profile_get_name(profile), &error);
    g_assert_no_error(error);
    EarshotPerson *person = earshot_profile_take_invite(profile, invite, -1, FALSE, &error);
    g_assert_no_error(error);
    earshot_profile_rename(profile, person, name, &error);
    g_assert_no_error(error);
    return earshot_person_get_number(person);
}

static void add_call(EarshotProfile *profile, guint number, struct ear_call_record record)
{
    EarshotPerson *person = earshot_profile_find(profile, number);
    record.person = number;
    g_strlcpy(record.name, earshot_person_get_name(person), sizeof record.name);
    earshot_profile_add_call(profile, &record);
}

static void furnish(EarshotProfile *profile)
{
    g_autoptr(GError) error = NULL;
    guint amina = meet(profile, "amina", "Dr. Amina");
    guint kasese = meet(profile, "kasese", "Kasese Health Post");
    guint juma = meet(profile, "juma", "Juma, night duty");
    add_call(profile, juma,
             (struct ear_call_record){.begin_s = NOON_S - 9 * DAY_S,
                                      .talk_s = 7 * MINUTE_S,
                                      .bytes = 1100000,
                                      .ending = EAR_ENDING_OTHER_HUNG_UP});
    add_call(profile, amina,
             (struct ear_call_record){.begin_s = NOON_S - 7 * DAY_S,
                                      .talk_s = 18 * MINUTE_S,
                                      .bytes = 2700000,
                                      .gaps = 2,
                                      .gap_s = 9,
                                      .ending = EAR_ENDING_HUNG_UP});
    add_call(profile, kasese,
             (struct ear_call_record){.begin_s = NOON_S - DAY_S,
                                      .direction = EAR_CALL_IN,
                                      .ending = EAR_ENDING_NO_ANSWER,
                                      .missed = true});
    add_call(profile, amina,
             (struct ear_call_record){.begin_s = NOON_S,
                                      .talk_s = 24 * MINUTE_S + 10,
                                      .bytes = 3600000,
                                      .direction = EAR_CALL_IN,
                                      .ending = EAR_ENDING_OTHER_HUNG_UP});
    earshot_profile_verify(profile, earshot_profile_find(profile, amina), &error);
    g_assert_no_error(error);
    g_autofree char *pending = earshot_profile_make_invite(profile, "Dr. Wekesa", &error);
    g_assert_no_error(error);
    g_assert_nonnull(pending);
}

static void style_screen(void)
{
    GdkDisplay *display = gdk_display_get_default();
    g_autoptr(GtkCssProvider) style = gtk_css_provider_new();
    g_autoptr(GtkCssProvider) frame = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(style, "/org/earshot/Earshot/style.css");
    gtk_css_provider_load_from_data(frame, NO_FRAME, -1);
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(frame),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    gtk_icon_theme_add_resource_path(gtk_icon_theme_get_for_display(display),
                                     "/org/earshot/Earshot/icons");
}

GtkApplication *stage_start(void)
{
    g_autoptr(GError) error = NULL;
    GtkApplication *application =
        GTK_APPLICATION(adw_application_new("org.earshot.Stage", G_APPLICATION_NON_UNIQUE));
    g_application_register(G_APPLICATION(application), NULL, &error);
    g_assert_no_error(error);
    style_screen();
    g_autoptr(EarshotProfile) profile = open_profile("me");
    settle(profile, "Clinic Lomera");
    furnish(profile);
    const char *dpi = g_getenv("TEXT_DPI");
    if (dpi)
        g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", atoi(dpi) * PANGO_SCALE, NULL);
    return application;
}

static EarshotPerson *find_by_name(EarshotProfile *profile, const char *name)
{
    GListModel *people = earshot_profile_get_people(profile);
    for (guint i = 0; i < g_list_model_get_n_items(people); i++) {
        g_autoptr(EarshotPerson) person = g_list_model_get_item(people, i);
        if (g_str_equal(earshot_person_get_name(person), name))
            return person; /* the list keeps it */
    }
    g_error("%s is not among the people", name);
}

void stage_open(struct stage *ret, GtkApplication *application)
{
    g_autoptr(GError) error = NULL;
    ret->application = application;
    ret->profile = open_profile("me");
    ret->station = earshot_station_new(ret->profile, &error);
    g_assert_no_error(error);
    ret->amina = find_by_name(ret->profile, "Dr. Amina");
    ret->parent = GTK_WINDOW(gtk_window_new());
}

void stage_close(struct stage *stage)
{
    gtk_window_destroy(stage->parent);
    earshot_station_stop(stage->station);
    g_clear_object(&stage->station);
    g_clear_object(&stage->profile);
}

static gboolean on_time(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

void stage_run(guint ms)
{
    gboolean over = FALSE;
    g_timeout_add(ms, on_time, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

/* ---- a call ---- */

static void tell(struct stage *stage, struct ear_event event)
{
    event.guest = earshot_person_get_number(stage->amina);
    earshot_call_take_event(earshot_station_get_call(stage->station), &event);
}

static void tell_phase(struct stage *stage, enum ear_phase phase)
{
    tell(stage, (struct ear_event){.kind = EAR_EVENT_PHASE, .phase = phase});
}

static void tell_status(struct stage *stage, struct ear_engine_status status)
{
    EarshotCall *call = earshot_station_get_call(stage->station);
    status.talk.mic_level_db = -22;
    status.talk.heard_level_db = -28;
    status.received_bytes = 330000;
    status.sent.bytes = 310000;
    earshot_call_take_status(call, &status);
}

void stage_ring(struct stage *stage)
{
    tell_phase(stage, EAR_PHASE_INCOMING);
}

static uint16_t number_of_last(EarshotCall *call)
{
    g_autoptr(GListModel) texts = NULL;
    guint number;
    g_object_get(call, "texts", &texts, NULL);
    g_autoptr(EarshotText) last = g_list_model_get_item(texts, g_list_model_get_n_items(texts) - 1);
    g_object_get(last, "number", &number, NULL);
    return (uint16_t)number;
}

void stage_talk(struct stage *stage)
{
    EarshotCall *call = earshot_station_get_call(stage->station);
    stage_ring(stage);
    tell_phase(stage, EAR_PHASE_TALKING);
    for (int second = 1; second <= 252; second++)
        tell_status(stage, (struct ear_engine_status){.phase = EAR_PHASE_TALKING,
                                                      .talk_us = second * INT64_C(1000000),
                                                      .talk.hears_me = true,
                                                      .sent_bps = 11000 + 2000 * sin(second),
                                                      .received_bps = 12000});
    tell(stage, (struct ear_event){
                    .kind = EAR_EVENT_TEXT, .number = 1, .text = "Good morning. Shall we begin?"});
    earshot_call_send_text(call, "Yes. I hear you well.", NULL);
    tell(stage, (struct ear_event){.kind = EAR_EVENT_TEXT_SEEN, .number = number_of_last(call)});
}

void stage_tell(struct stage *stage, struct ear_engine_status status)
{
    status.phase = EAR_PHASE_TALKING;
    status.talk.hears_me = true;
    if (status.talk_us == 0)
        status.talk_us = INT64_C(253000000);
    tell_status(stage, status);
}

void stage_lose_line(struct stage *stage)
{
    tell_phase(stage, EAR_PHASE_LOST);
    tell_status(stage, (struct ear_engine_status){.phase = EAR_PHASE_LOST,
                                                  .talk_us = INT64_C(271000000),
                                                  .lost_us = INT64_C(12000000),
                                                  .outages = 1});
}

void stage_end(struct stage *stage)
{
    tell(stage, (struct ear_event){.kind = EAR_EVENT_PHASE,
                                   .phase = EAR_PHASE_ENDED,
                                   .ending = EAR_ENDING_OTHER_HUNG_UP});
}

/* ---- pictures ---- */

static GskRenderNode *draw(GtkWindow *window, int width, int height)
{
    g_autoptr(GdkPaintable) picture = gtk_widget_paintable_new(GTK_WIDGET(window));
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(picture, snapshot, width, height);
    return gtk_snapshot_free_to_node(snapshot);
}

void stage_shoot(GtkWindow *window, const char *path)
{
    int width = gtk_widget_get_width(GTK_WIDGET(window));
    int height = gtk_widget_get_height(GTK_WIDGET(window));
    g_autoptr(GskRenderNode) node = draw(window, width, height);
    /* On a busy machine it is drawn later. */
    for (guint ms = 0; !node && ms < DRAWN_MS; ms += DRAWN_MS / 10) {
        stage_run(DRAWN_MS / 10);
        node = draw(window, width, height);
    }
    GskRenderer *renderer = gtk_native_get_renderer(GTK_NATIVE(window));
    g_autoptr(GdkTexture) texture = gsk_renderer_render_texture(
        renderer, node, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    g_assert_true(gdk_texture_save_to_png(texture, path));
}

/* ---- messages ---- */

struct line {
    enum ear_message_kind kind;
    enum ear_message_state state;
    enum ear_message_reason reason;
    const char *text;
};

static void write_line(struct ear_store *store, guint person, const struct line *line, int minute)
{
    int64_t id = 0;
    const struct ear_message_draft draft = {.person = person,
                                            .kind = (uint8_t)line->kind,
                                            .written_s = NOON_S + minute * MINUTE_S,
                                            .name =
                                                line->kind == EAR_MESSAGE_FILE ? line->text : NULL};
    g_assert_cmpint(ear_messages_write(store, &draft, line->text, strlen(line->text), &id), ==, 0);
    if (line->state != EAR_MESSAGE_WAITING)
        g_assert_cmpint(ear_messages_set_state(store, id, line->state, line->reason), ==, 0);
}

static void receive_line(struct ear_store *store, guint person, const char *text, int minute)
{
    int64_t id = 0;
    struct ear_message head = {.person = person,
                               .kind = EAR_MESSAGE_TEXT,
                               .serial = (uint64_t)minute + 1,
                               .written_s = NOON_S + minute * MINUTE_S,
                               .size = strlen(text)};
    head.mark[0] = (uint8_t)minute;
    const struct ear_bytes body = {text, strlen(text)};
    ear_sodium_hash(head.hash, sizeof head.hash, NULL, 0, &body, 1);
    g_assert_cmpint(ear_messages_receive(store, &head, text, strlen(text), &id), ==, 0);
}

/* Four seconds of a tone that comes and goes. */
static void record_voice(struct ear_store *store, guint person)
{
    struct ear_codec *codec = NULL;
    struct ear_recorder *recorder = NULL;
    g_assert_cmpint(ear_codec_opus_new(&codec, &ear_codec_opus_usual), ==, 0);
    const struct ear_recorder_config config = {.store = store,
                                               .codec = codec,
                                               .person = person,
                                               .written_s = NOON_S + 30 * MINUTE_S,
                                               .rate_bps = EAR_RECORDER_BPS_MIN};
    g_assert_cmpint(ear_recorder_new(&recorder, &config), ==, 0);
    for (int i = 0; i < 400; i++) {
        int16_t frame[EAR_FRAME];
        for (int k = 0; k < EAR_FRAME; k++)
            frame[k] = (int16_t)(9000 * fabs(sin(i / 31.0)) * sin(k * G_PI / 40));
        g_assert_cmpint(ear_recorder_put(recorder, frame), ==, 0);
    }
    g_assert_cmpint(ear_recorder_finish(recorder), ==, 0);
    ear_recorder_free(recorder);
    ear_codec_opus_free(codec);
}

#define FILE_BYTES 200000

/* One of ours and one of theirs, both on their way. */
static void write_halves(struct ear_store *store, guint person)
{
    static const uint8_t body[FILE_BYTES];
    int64_t id = 0;
    const struct ear_message_draft draft = {.person = person,
                                            .kind = EAR_MESSAGE_FILE,
                                            .written_s = NOON_S + 20 * MINUTE_S,
                                            .name = "photograph of the wound, left foot.jpeg"};
    g_assert_cmpint(ear_messages_write(store, &draft, body, sizeof body, &id), ==, 0);
    g_assert_cmpint(ear_messages_set_state(store, id, EAR_MESSAGE_SENT, EAR_MESSAGE_NO_REASON), ==,
                    0);
    g_assert_cmpint(ear_messages_note_have(store, id, FILE_BYTES * 2 / 5), ==, 0);
    struct ear_message head = {.person = person,
                               .kind = EAR_MESSAGE_VOICE,
                               .mark = {99},
                               .serial = 99,
                               .written_s = NOON_S + 21 * MINUTE_S,
                               .duration_ms = 83000,
                               .size = FILE_BYTES / 4};
    struct ear_message now;
    g_assert_cmpint(ear_messages_begin_incoming(store, &head, &now), ==, 0);
    g_assert_cmpint(ear_messages_append(store, now.id, 0, body, EAR_MESSAGE_APPEND_MAX), ==,
                    EAR_MESSAGE_APPEND_MAX);
}

void stage_write(struct stage *stage)
{
    static const struct line lines[] = {
        {EAR_MESSAGE_TEXT, EAR_MESSAGE_SEEN, EAR_MESSAGE_NO_REASON,
         "Good morning, doctor. The woman from last week is here again."},
        {EAR_MESSAGE_FILE, EAR_MESSAGE_ARRIVED, EAR_MESSAGE_NO_REASON, "medication chart.pdf"},
        {EAR_MESSAGE_URGENT, EAR_MESSAGE_SENT, EAR_MESSAGE_NO_REASON,
         "Lomera health centre, room 2\n+256 700 000 001"},
        {EAR_MESSAGE_TEXT, EAR_MESSAGE_FAILED, EAR_MESSAGE_NO_ROOM, "Please look at it today."},
        {EAR_MESSAGE_TEXT, EAR_MESSAGE_WAITING, EAR_MESSAGE_NO_REASON, "Thank you."},
    };
    struct ear_store *store = earshot_profile_store(stage->profile);
    guint person = earshot_person_get_number(stage->amina);
    struct ear_message any;
    if (ear_messages_list(store, person, 0, &any, 1) > 0)
        return;
    write_line(store, person, &lines[0], 0);
    receive_line(store, person, "Good morning. Does she sleep? Is somebody with her at night?", 4);
    for (gsize i = 1; i < G_N_ELEMENTS(lines); i++)
        write_line(store, person, &lines[i], 5 + (int)i);
    write_halves(store, person);
    record_voice(store, person);
}
