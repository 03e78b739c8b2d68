/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user may do in a call, as actions for buttons, menus and keys. */
#include "call_actions.h"

#include <glib/gi18n.h>

#define VOLUME_STEP_DB 3.0

static void act_answer(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_answer(earshot_window_get_call(EARSHOT_WINDOW(widget)));
}

static void act_hang_up(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_hang_up(earshot_window_get_call(EARSHOT_WINDOW(widget)));
}

static void act_dismiss(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_dismiss(earshot_window_get_call(EARSHOT_WINDOW(widget)));
}

/* One key hides and shows again. */
static void act_hide(GtkWidget *widget, const char *name, GVariant *unused)
{
    EarshotCall *call = earshot_window_get_call(EARSHOT_WINDOW(widget));
    gboolean hidden;
    g_object_get(call, "hidden", &hidden, NULL);
    g_object_set(call, "hidden", !hidden, NULL);
}

static void act_volume(GtkWidget *widget, const char *name, GVariant *unused)
{
    EarshotCall *call = earshot_window_get_call(EARSHOT_WINDOW(widget));
    double volume;
    g_object_get(call, "volume", &volume, NULL);
    volume += g_str_equal(name, "call.louder") ? VOLUME_STEP_DB : -VOLUME_STEP_DB;
    g_object_set(call, "volume", CLAMP(volume, -30, 18), NULL);
}

static void act_mute(GtkWidget *widget, const char *name, GVariant *unused)
{
    EarshotCall *call = earshot_window_get_call(EARSHOT_WINDOW(widget));
    gboolean muted;
    g_object_get(call, "muted", &muted, NULL);
    earshot_call_set_muted(call, !muted);
}

static void act_steadier(GtkWidget *widget, const char *name, GVariant *unused)
{
    EarshotCall *call = earshot_window_get_call(EARSHOT_WINDOW(widget));
    gboolean steadier;
    g_object_get(call, "steadier", &steadier, NULL);
    g_object_set(call, "steadier", !steadier, NULL);
}

/* Who does not wait for the line: what was said and not heard there goes as a message. */
static void act_leave(GtkWidget *widget, const char *name, GVariant *unused)
{
    EarshotWindow *window = EARSHOT_WINDOW(widget);
    EarshotStation *station = earshot_window_get_station(window);
    earshot_voice_leave_unheard(earshot_station_get_voice(station), TRUE);
    earshot_call_hang_up(earshot_station_get_call(station));
    earshot_window_say(window, _("Anything they did not hear is sent as a voice message."));
}

static void act_turn(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_turn(earshot_window_get_call(EARSHOT_WINDOW(widget)));
}

static void act_take_turns(GtkWidget *widget, const char *name, GVariant *unused)
{
    g_object_set(earshot_window_get_call(EARSHOT_WINDOW(widget)), "hold", EARSHOT_RUNG_TURNS, NULL);
}

static void act_skip(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_skip(earshot_window_get_call(EARSHOT_WINDOW(widget)));
}

static void act_missed(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_play_missed(earshot_window_get_call(EARSHOT_WINDOW(widget)),
                             g_str_equal(name, "call.play-missed"));
}

static void act_later(GtkWidget *widget, const char *name, GVariant *unused)
{
    earshot_call_put_off(earshot_window_get_call(EARSHOT_WINDOW(widget)));
}

void earshot_call_actions_update(EarshotWindow *self)
{
    EarshotCallPhase phase = earshot_call_get_phase(earshot_window_get_call(self));
    gboolean talk = earshot_call_is_talk(earshot_window_get_call(self)), can_steady;
    gboolean gone = phase == EARSHOT_CALL_LOST; /* then leave stands in steadier's place */
    EarshotTurn turn;
    g_object_get(earshot_window_get_call(self), "can-steady", &can_steady, "turn", &turn, NULL);
    const struct {
        const char *name;
        gboolean enabled;
    } actions[] = {
        {"call.answer", phase == EARSHOT_CALL_INCOMING},
        {"call.hang-up", phase != EARSHOT_CALL_IDLE && phase != EARSHOT_CALL_ENDED},
        {"call.mute", talk},
        {"call.hide", talk},
        {"call.steadier", talk && can_steady && !gone},
        {"call.leave", gone},
        {"call.turn", talk && turn != EARSHOT_TURN_NONE},
        {"call.take-turns", talk},
        {"call.skip", talk},
        {"call.play-missed", talk},
        {"call.stop-missed", talk},
        {"call.later", talk},
        {"call.louder", talk},
        {"call.quieter", talk},
        {"call.dismiss", phase == EARSHOT_CALL_ENDED},
        {"win.switch-profile", phase == EARSHOT_CALL_IDLE},
        {"win.leave-message", phase == EARSHOT_CALL_IDLE || phase == EARSHOT_CALL_ENDED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
        gtk_widget_action_set_enabled(GTK_WIDGET(self), actions[i].name, actions[i].enabled);
}

void earshot_call_actions_install(GtkWidgetClass *klass)
{
    gtk_widget_class_install_action(klass, "call.answer", NULL, act_answer);
    gtk_widget_class_install_action(klass, "call.hang-up", NULL, act_hang_up);
    gtk_widget_class_install_action(klass, "call.dismiss", NULL, act_dismiss);
    gtk_widget_class_install_action(klass, "call.hide", NULL, act_hide);
    gtk_widget_class_install_action(klass, "call.louder", NULL, act_volume);
    gtk_widget_class_install_action(klass, "call.quieter", NULL, act_volume);
    gtk_widget_class_install_action(klass, "call.mute", NULL, act_mute);
    gtk_widget_class_install_action(klass, "call.steadier", NULL, act_steadier);
    gtk_widget_class_install_action(klass, "call.leave", NULL, act_leave);
    gtk_widget_class_install_action(klass, "call.turn", NULL, act_turn);
    gtk_widget_class_install_action(klass, "call.take-turns", NULL, act_take_turns);
    gtk_widget_class_install_action(klass, "call.skip", NULL, act_skip);
    gtk_widget_class_install_action(klass, "call.play-missed", NULL, act_missed);
    gtk_widget_class_install_action(klass, "call.stop-missed", NULL, act_missed);
    gtk_widget_class_install_action(klass, "call.later", NULL, act_later);
}
