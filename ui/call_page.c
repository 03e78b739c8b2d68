/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call: who, how long, whether they hear you; mute, volume, text, hang up. */
#include "call_page.h"

#include <glib/gi18n.h>

#include "bridge/format.h"
#include "card_choice.h"
#include "focus_later.h"
#include "level_meter.h"
#include "line_aid.h"
#include "line_light.h"
#include "scroller.h"
#include "text_list.h"

/* Where less is left for all that can be done without, it goes. */
#define DETAIL_LEAST_PX 110

struct _EarshotCallPage {
    GtkBox parent_instance;

    /* template children */
    GtkWidget *bar;
    GtkBox *header;
    GtkWidget *state;
    GtkWidget *detail;
    GtkEditable *call_back;
    GtkEditable *place;
    GtkWidget *bottom;
    GtkWidget *mute;
    GtkWidget *turn;
    GtkLabel *turn_label;
    GtkImage *turn_icon;
    GtkToggleButton *steadier;
    GtkLabel *steadier_label;
    GtkBox *content;
    GtkWidget *steps;
    GtkWidget *texts;
    GtkWidget *card;
    AdwExpanderRow *fields;
    GtkWidget *sound;
    GtkWidget *microphone;
    GtkWidget *loudspeaker;

    /* borrowed */
    GdkSurface *surface;
    guint measure_source;
    int need_px;            /* of what is always there */
    EarshotCallPhase phase; /* laid out for */
    gboolean space_down;    /* a key that is held repeats */

    /* owned */
    EarshotStation *station;
    EarshotCall *call;
    EarshotSettings *settings;
};

G_DEFINE_FINAL_TYPE(EarshotCallPage, earshot_call_page, GTK_TYPE_BOX)

enum { PROP_CALL = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

/* Words for the template. */

static char *format_time(EarshotCallPage *self, guint seconds)
{
    return earshot_format_duration(seconds);
}

static char *format_data(EarshotCallPage *self, gint64 bytes)
{
    return earshot_format_data(bytes);
}

static char *format_reaching(EarshotCallPage *self, const char *name)
{
    /* Translators: the first step of a call; %s is a person */
    return g_strdup_printf(_("Reaching %s"), name ? name : "");
}

static char *mute_words(EarshotCallPage *self, gboolean muted)
{
    return g_strdup(muted ? _("You are _muted. Press to speak") : _("_Mute"));
}

static char *hang_up_words(EarshotCallPage *self, EarshotCallPhase phase)
{
    gboolean dialing = phase == EARSHOT_CALL_CALLING || phase == EARSHOT_CALL_RINGING;
    return g_strdup(dialing ? _("Stop callin_g") : _("Han_g up"));
}

static gboolean is_said(EarshotCallPage *self, const char *sentence)
{
    return sentence && *sentence;
}

static gboolean is_somebody(EarshotCallPage *self, gboolean echo)
{
    return !echo;
}

static gboolean is_reaching(EarshotCallPage *self, EarshotCallPhase phase)
{
    return phase == EARSHOT_CALL_CALLING;
}

static gboolean is_ringing(EarshotCallPage *self, EarshotCallPhase phase)
{
    return phase == EARSHOT_CALL_RINGING;
}

static gboolean is_dialing(EarshotCallPage *self, EarshotCallPhase phase)
{
    return phase == EARSHOT_CALL_CALLING || phase == EARSHOT_CALL_RINGING;
}

static gboolean is_talk(EarshotCallPage *self, EarshotCallPhase phase)
{
    return phase == EARSHOT_CALL_TALKING || phase == EARSHOT_CALL_LOST;
}

/* Small windows. */

static int height_of(GtkWidget *widget, int width)
{
    int natural;
    gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
    return natural;
}

static gboolean is_low(EarshotCallPage *self)
{
    int width = gtk_widget_get_width(GTK_WIDGET(self));
    int height = gtk_widget_get_height(GTK_WIDGET(self));
    if (!height)
        return FALSE;
    /* The compact page needs less: measured there, it would flicker between the two. */
    if (gtk_widget_get_visible(self->detail))
        self->need_px = height_of(self->bar, width) + height_of(GTK_WIDGET(self->header), width) +
                        height_of(self->state, width) + height_of(self->bottom, width);
    return height < self->need_px + DETAIL_LEAST_PX;
}

static void show_compact(EarshotCallPage *self)
{
    gboolean compact = is_low(self) || earshot_settings_get_bool(self->settings, "compact");
    /* While nobody has answered, the steps say how it stands. */
    gboolean dialing = is_dialing(self, earshot_call_get_phase(self->call));
    gtk_widget_set_visible(self->state, compact || !dialing);
    gtk_widget_set_visible(self->detail, !compact);
    gtk_widget_set_vexpand(self->state, compact);
    gtk_widget_set_valign(self->state, compact ? GTK_ALIGN_CENTER : GTK_ALIGN_FILL);
    GtkOrientation flow = compact ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL;
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self->header), flow);
    if (compact)
        gtk_widget_add_css_class(GTK_WIDGET(self), "compact");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(self), "compact");
}

static gboolean measure_window(gpointer data)
{
    EarshotCallPage *self = data;
    self->measure_source = 0;
    show_compact(self);
    return G_SOURCE_REMOVE;
}

/* Later: within a layout nothing may be shown or hidden. */
static void on_layout(EarshotCallPage *self)
{
    if (!self->measure_source)
        self->measure_source = g_idle_add(measure_window, self);
}

static void earshot_call_page_realize(GtkWidget *widget)
{
    EarshotCallPage *self = EARSHOT_CALL_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_call_page_parent_class)->realize(widget);
    self->surface = gtk_native_get_surface(gtk_widget_get_native(widget));
    g_signal_connect_object(self->surface, "layout", G_CALLBACK(on_layout), self,
                            G_CONNECT_SWAPPED);
}

static void earshot_call_page_unrealize(GtkWidget *widget)
{
    EarshotCallPage *self = EARSHOT_CALL_PAGE(widget);
    g_signal_handlers_disconnect_by_data(self->surface, self);
    self->surface = NULL;
    g_clear_handle_id(&self->measure_source, g_source_remove);
    GTK_WIDGET_CLASS(earshot_call_page_parent_class)->unrealize(widget);
}

/* Whoever called by Enter shall not stop the call by a second one. */
static GtkWidget *first_of(EarshotCallPage *self)
{
    if (!is_dialing(self, earshot_call_get_phase(self->call)))
        return self->mute;
    return gtk_widget_get_visible(self->card) ? GTK_WIDGET(self->call_back) : self->sound;
}

/* Who writes is left alone. */
static void put_focus(EarshotCallPage *self)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    GtkWidget *focus = root ? gtk_root_get_focus(root) : NULL;
    gboolean writes = focus && GTK_IS_TEXT(focus) && gtk_widget_get_mapped(focus) &&
                      gtk_widget_is_ancestor(focus, GTK_WIDGET(self));
    if (!writes && gtk_widget_get_mapped(GTK_WIDGET(self)))
        earshot_focus_later(first_of(self));
}

static void earshot_call_page_map(GtkWidget *widget)
{
    EarshotCallPage *self = EARSHOT_CALL_PAGE(widget);
    GTK_WIDGET_CLASS(earshot_call_page_parent_class)->map(widget);
    show_compact(self);
    earshot_focus_later(first_of(self));
}

/* ---- keys ---- */

/* Whether Space is for what has the focus: it is written into, or chooses in a list. */
static gboolean focus_takes_space(EarshotCallPage *self)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
    GtkWidget *focus = root ? gtk_root_get_focus(root) : NULL;
    return focus && (GTK_IS_EDITABLE(focus) || gtk_widget_get_ancestor(focus, GTK_TYPE_POPOVER));
}

static gboolean on_key(EarshotCallPage *self, guint key, guint code, GdkModifierType state)
{
    EarshotTurn turn;
    g_object_get(self->call, "turn", &turn, NULL);
    if ((key != GDK_KEY_space && key != GDK_KEY_KP_Space) || turn == EARSHOT_TURN_NONE ||
        (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK | GDK_SUPER_MASK)) ||
        focus_takes_space(self))
        return GDK_EVENT_PROPAGATE;
    if (!self->space_down)
        earshot_call_turn(self->call);
    self->space_down = TRUE;
    return GDK_EVENT_STOP;
}

static void on_key_up(EarshotCallPage *self)
{
    self->space_down = FALSE;
}

/* The card is open and on top while there is time to fill it. */
static void on_phase(EarshotCallPage *self)
{
    EarshotCallPhase phase = earshot_call_get_phase(self->call);
    gboolean dialing = is_dialing(self, phase);
    if (phase == self->phase || phase == EARSHOT_CALL_IDLE || phase == EARSHOT_CALL_ENDED)
        return;
    gboolean outage = is_talk(self, phase) && is_talk(self, self->phase);
    self->phase = phase;
    if (outage)
        return;
    adw_expander_row_set_expanded(self->fields, dialing);
    gtk_box_reorder_child_after(self->content, self->card, dialing ? self->steps : self->texts);
    show_compact(self);
    put_focus(self);
}

/* ---- the line ---- */

static const char *turn_words(EarshotTurn turn)
{
    switch (turn) {
    case EARSHOT_TURN_MINE:
        /* Translators: I have finished speaking, as one says it over a radio */
        return _("Ove_r");
    case EARSHOT_TURN_THEIRS:
        return _("Ask for my tu_rn");
    case EARSHOT_TURN_ASKED:
        /* Translators: the user asked to speak next; pressing takes that back */
        return _("Asked for. Take it _back");
    case EARSHOT_TURN_NONE:
    case EARSHOT_TURN_FREE:
    default:
        /* Translators: I wish to speak now */
        return _("My tu_rn");
    }
}

/* Not by expressions: see line_aid.c. The button is coloured while the microphone is open. */
static void on_turn(EarshotCallPage *self)
{
    EarshotTurn turn;
    g_object_get(self->call, "turn", &turn, NULL);
    gboolean mine = turn == EARSHOT_TURN_MINE;
    if (mine)
        gtk_widget_add_css_class(self->turn, "suggested-action");
    else
        gtk_widget_remove_css_class(self->turn, "suggested-action");
    gtk_label_set_label(self->turn_label, turn_words(turn));
    gtk_image_set_from_icon_name(self->turn_icon, mine ? "audio-input-microphone-symbolic"
                                                       : "microphone-sensitivity-muted-symbolic");
    gtk_widget_set_visible(self->turn, turn != EARSHOT_TURN_NONE);
    on_layout(self);
}

static void on_steadier(EarshotCallPage *self)
{
    gboolean steadier;
    g_object_get(self->call, "steadier", &steadier, NULL);
    gtk_toggle_button_set_active(self->steadier, steadier);
    /* Translators: a safer way of talking over a bad line; the first: it is switched on */
    gtk_label_set_label(self->steadier_label, steadier ? _("S_teadier: on") : _("S_teadier"));
}

static void earshot_call_page_get_property(GObject *object, guint id, GValue *value,
                                           GParamSpec *pspec)
{
    if (id == PROP_CALL)
        g_value_set_object(value, EARSHOT_CALL_PAGE(object)->call);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void earshot_call_page_dispose(GObject *object)
{
    EarshotCallPage *self = EARSHOT_CALL_PAGE(object);
    g_clear_handle_id(&self->measure_source, g_source_remove);
    gtk_widget_dispose_template(GTK_WIDGET(self), EARSHOT_TYPE_CALL_PAGE);
    g_clear_object(&self->settings);
    g_clear_object(&self->call);
    g_clear_object(&self->station);
    G_OBJECT_CLASS(earshot_call_page_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *klass)
{
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, bar);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, header);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, state);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, detail);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, card);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, fields);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, sound);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, call_back);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, place);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, bottom);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, content);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, steps);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, texts);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, mute);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, turn);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, turn_label);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, turn_icon);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, steadier);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, steadier_label);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, microphone);
    gtk_widget_class_bind_template_child(klass, EarshotCallPage, loudspeaker);
}

static void bind_callbacks(GtkWidgetClass *klass)
{
    gtk_widget_class_bind_template_callback(klass, format_time);
    gtk_widget_class_bind_template_callback(klass, format_data);
    gtk_widget_class_bind_template_callback(klass, format_reaching);
    gtk_widget_class_bind_template_callback(klass, mute_words);
    gtk_widget_class_bind_template_callback(klass, hang_up_words);
    gtk_widget_class_bind_template_callback(klass, on_key);
    gtk_widget_class_bind_template_callback(klass, on_key_up);
    gtk_widget_class_bind_template_callback(klass, is_said);
    gtk_widget_class_bind_template_callback(klass, is_somebody);
    gtk_widget_class_bind_template_callback(klass, is_reaching);
    gtk_widget_class_bind_template_callback(klass, is_ringing);
    gtk_widget_class_bind_template_callback(klass, is_dialing);
    gtk_widget_class_bind_template_callback(klass, is_talk);
}

static void earshot_call_page_class_init(EarshotCallPageClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    object_class->get_property = earshot_call_page_get_property;
    object_class->dispose = earshot_call_page_dispose;
    widget_class->realize = earshot_call_page_realize;
    widget_class->unrealize = earshot_call_page_unrealize;
    widget_class->map = earshot_call_page_map;
    properties[PROP_CALL] = g_param_spec_object("call", NULL, NULL, EARSHOT_TYPE_CALL,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPS, properties);
    g_type_ensure(EARSHOT_TYPE_LEVEL_METER);
    g_type_ensure(EARSHOT_TYPE_LINE_AID);
    g_type_ensure(EARSHOT_TYPE_LINE_LIGHT);
    g_type_ensure(EARSHOT_TYPE_PERSON);
    g_type_ensure(EARSHOT_TYPE_SCROLLER);
    g_type_ensure(EARSHOT_TYPE_TEXT_LIST);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/earshot/Earshot/call_page.ui");
    bind_children(widget_class);
    bind_callbacks(widget_class);
}

static void earshot_call_page_init(EarshotCallPage *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *earshot_call_page_new(EarshotStation *station)
{
    const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
    EarshotCallPage *self = g_object_new(EARSHOT_TYPE_CALL_PAGE, NULL);
    EarshotProfile *profile = earshot_station_get_profile(station);
    self->station = g_object_ref(station);
    self->call = g_object_ref(earshot_station_get_call(station));
    self->settings = g_object_ref(earshot_profile_get_settings(profile));
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CALL]);
    g_object_bind_property(self->call, "call-back", self->call_back, "text", both);
    g_object_bind_property(self->call, "place", self->place, "text", both);
    g_signal_connect_object(self->call, "notify::phase", G_CALLBACK(on_phase), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->call, "notify::turn", G_CALLBACK(on_turn), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->call, "notify::steadier", G_CALLBACK(on_steadier), self,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(self->settings, "notify::compact", G_CALLBACK(show_compact), self,
                            G_CONNECT_SWAPPED);
    earshot_card_choice_bind(self->microphone, station, "microphone");
    earshot_card_choice_bind(self->loudspeaker, station, "loudspeaker");
    on_turn(self);
    on_steadier(self);
    on_phase(self);
    return GTK_WIDGET(self);
}
