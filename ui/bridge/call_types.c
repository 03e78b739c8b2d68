/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call's words as types of GObject. */
#include "bridge/call.h"

#define VALUE(Name, nick)                                                                          \
    {                                                                                              \
        EARSHOT_##Name, "EARSHOT_" #Name, nick                                                     \
    }

GType earshot_call_phase_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(CALL_IDLE, "idle"),       VALUE(CALL_CALLING, "calling"),
        VALUE(CALL_RINGING, "ringing"), VALUE(CALL_INCOMING, "incoming"),
        VALUE(CALL_TALKING, "talking"), VALUE(CALL_LOST, "lost"),
        VALUE(CALL_ENDED, "ended"),     {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotCallPhase", values));
    return type;
}

GType earshot_light_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(LIGHT_OFF, "off"),   VALUE(LIGHT_GOOD, "good"),
        VALUE(LIGHT_LATE, "late"), VALUE(LIGHT_GONE, "gone"),
        VALUE(LIGHT_THIN, "thin"), VALUE(LIGHT_LOSSY, "lossy"),
        VALUE(LIGHT_FAR, "far"),   {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotLight", values));
    return type;
}

GType earshot_rung_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(RUNG_FULL, "full"),     VALUE(RUNG_LONGER, "longer"),   VALUE(RUNG_TURNS, "turns"),
        VALUE(RUNG_STREAM, "stream"), VALUE(RUNG_MESSAGE, "message"), {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotRung", values));
    return type;
}

GType earshot_turn_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(TURN_NONE, "none"),     VALUE(TURN_FREE, "free"),   VALUE(TURN_MINE, "mine"),
        VALUE(TURN_THEIRS, "theirs"), VALUE(TURN_ASKED, "asked"), {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotTurn", values));
    return type;
}

GType earshot_aid_get_type(void)
{
    static gsize type;
    static const GEnumValue values[] = {
        VALUE(AID_NONE, "none"),
        VALUE(AID_CATCHING_UP, "catching-up"),
        VALUE(AID_FETCHING, "fetching"),
        VALUE(AID_MISSED, "missed"),
        VALUE(AID_PLAYS, "plays"),
        VALUE(AID_TURNS, "turns"),
        {0},
    };
    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("EarshotAid", values));
    return type;
}
