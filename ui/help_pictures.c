/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture for each task of the help, made of what the program itself is made of. */
#include "help_pictures.h"

#include <glib/gi18n.h>

#include "line_light.h"

#define PARTS_MAX 6

enum part_kind {
    PART_END,
    PART_ROW, /* what follows stands below */
    PART_BUTTON,
    PART_MAIN, /* the coloured button */
    PART_DANGER,
    PART_ICON,
    PART_LIGHT,
    PART_KEY,
    PART_DIGITS,
};

/* The words are those of the buttons and sentences themselves, and are translated with them. */
struct part {
    enum part_kind kind;
    const char *words, *icon;
    EarshotLight light;
};

/* clang-format off */
#define PART(part, said, picture, shown) {.kind = PART_##part, .words = said, .icon = picture, .light = shown}
/* clang-format on */
#define OFF EARSHOT_LIGHT_OFF
#define NEXT PART(ICON, NULL, "go-next-symbolic", OFF)
#define ROW PART(ROW, NULL, NULL, OFF)
#define BUTTON(words) PART(BUTTON, words, NULL, OFF)
#define BUTTON_WITH(icon, words) PART(BUTTON, words, icon, OFF)
#define MAIN(words) PART(MAIN, words, NULL, OFF)
#define MAIN_WITH(icon, words) PART(MAIN, words, icon, OFF)
#define DANGER(words) PART(DANGER, words, NULL, OFF)
#define ICON(icon) PART(ICON, NULL, icon, OFF)
#define LIGHT(light, words) PART(LIGHT, words, NULL, light)
#define KEY(words) PART(KEY, words, NULL, OFF)
#define DIGITS(words) PART(DIGITS, words, NULL, OFF)

static const struct part pictures[EARSHOT_HELP_PICTURES][PARTS_MAX] = {
    [EARSHOT_HELP_CALL] = {MAIN_WITH("call-start-symbolic", "Call"), NEXT, DANGER("Han_g up")},
    [EARSHOT_HELP_ANSWER] = {MAIN("_Answer"), ROW, BUTTON("_Decline")},
    [EARSHOT_HELP_HEARD] = {LIGHT(EARSHOT_LIGHT_GOOD, "They hear you"), ROW,
                            LIGHT(EARSHOT_LIGHT_LATE, "They may not hear you"), ROW,
                            LIGHT(EARSHOT_LIGHT_GONE, "The line is gone")},
    [EARSHOT_HELP_GONE] = {LIGHT(EARSHOT_LIGHT_GONE, NULL), NEXT, LIGHT(EARSHOT_LIGHT_GOOD, NULL),
                           ROW, BUTTON("Pla_y"), BUTTON("L_ater")},
    [EARSHOT_HELP_BAD] = {BUTTON("S_teadier"), ROW, MAIN("My tu_rn"), NEXT, MAIN("Ove_r")},
    [EARSHOT_HELP_MUTE] = {BUTTON("_Mute"), KEY("M"), ROW, MAIN("You are _muted. Press to speak")},
    [EARSHOT_HELP_HIDE] = {KEY("F9"), NEXT, BUTTON_WITH("document-edit-symbolic", "Notes"), NEXT,
                           KEY("F9")},
    [EARSHOT_HELP_SOUND] = {BUTTON("_Sound"), ROW,
                            BUTTON_WITH("audio-input-microphone-symbolic", "Microphone"),
                            BUTTON_WITH("audio-volume-high-symbolic", "Loudspeaker")},
    [EARSHOT_HELP_TEXT] = {BUTTON("Write…"), KEY("⏎"), NEXT, ICON("object-select-symbolic")},
    [EARSHOT_HELP_ADD] = {BUTTON_WITH("contact-new-symbolic", "_Add a person"), ROW,
                          BUTTON_WITH("edit-paste-symbolic", "_Invite from a message or mail"), ROW,
                          BUTTON_WITH("send-to-symbolic", "_Show mine")},
    [EARSHOT_HELP_COMPARE] = {DIGITS("41802 73355 0…"), ROW, MAIN("They are the _same")},
    [EARSHOT_HELP_DATA] = {BUTTON_WITH("network-cellular-signal-good-symbolic", "Data"), ROW,
                           BUTTON("Least data")},
    [EARSHOT_HELP_URGENT] = {BUTTON_WITH("dialog-warning-symbolic", "_Urgent help"), NEXT,
                             DIGITS("112")},
    [EARSHOT_HELP_MESSAGES] = {BUTTON("Write…"), KEY("⏎"), NEXT, MAIN("S_end"), ROW,
                               BUTTON_WITH("user-trash-symbolic", "_Undo")},
    [EARSHOT_HELP_VOICE] = {BUTTON_WITH("audio-input-microphone-symbolic", "_Leave a message"), ROW,
                            BUTTON("_Discard"), MAIN("S_end")},
    [EARSHOT_HELP_FILE] = {ICON("mail-attachment-symbolic"), NEXT, BUTTON("_Cancel"),
                           MAIN("_Send")},
    [EARSHOT_HELP_URGENT_MESSAGE] = {BUTTON_WITH("dialog-warning-symbolic", "_Urgent help"), ROW,
                                     DANGER("_Send the urgent message")},
    [EARSHOT_HELP_NOTE] = {BUTTON_WITH("document-edit-symbolic", "Write a note"), NEXT,
                           MAIN("_Done")},
    [EARSHOT_HELP_SEARCH] = {BUTTON_WITH("edit-find-symbolic", "_Search")},
    [EARSHOT_HELP_PASSPHRASE] = {BUTTON_WITH("network-cellular-signal-good-symbolic", "Data"), NEXT,
                                 BUTTON("Set a passphrase"), ROW,
                                 BUTTON_WITH("system-lock-screen-symbolic", "_Unlock")},
    [EARSHOT_HELP_BACKUP] = {BUTTON_WITH("network-cellular-signal-good-symbolic", "Data"), NEXT,
                             BUTTON("Make a backup")},
    [EARSHOT_HELP_ECHO] = {MAIN_WITH("call-start-symbolic", "Echo test"), NEXT,
                           LIGHT(EARSHOT_LIGHT_GOOD, NULL)},
};

/* Without the mark of the key that a button has. */
static char *plain_words(const char *words)
{
    char **parts = g_strsplit(_(words), "_", -1);
    char *plain = g_strjoinv("", parts);
    g_strfreev(parts);
    return plain;
}

static GtkWidget *make_words(const char *words)
{
    g_autofree char *plain = plain_words(words);
    GtkWidget *label = gtk_label_new(plain);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_natural_wrap_mode(GTK_LABEL(label), GTK_NATURAL_WRAP_NONE);
    gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
    return label;
}

/* A box that the theme draws as it draws what is named so. */
static GtkWidget *make_box(const char *css_name)
{
    return g_object_new(GTK_TYPE_BOX, "css-name", css_name, "spacing", 9, "halign",
                        GTK_ALIGN_CENTER, "valign", GTK_ALIGN_CENTER, NULL);
}

static GtkWidget *make_button(const struct part *part)
{
    GtkWidget *box = make_box("button");
    gtk_widget_add_css_class(box, "text-button");
    if (part->kind != PART_BUTTON)
        gtk_widget_add_css_class(box, part->kind == PART_MAIN ? "suggested-action"
                                                              : "destructive-action");
    if (part->icon)
        gtk_box_append(GTK_BOX(box), gtk_image_new_from_icon_name(part->icon));
    gtk_box_append(GTK_BOX(box), make_words(part->words));
    return box;
}

static GtkWidget *make_light(const struct part *part)
{
    GtkWidget *box = make_box("box");
    GtkWidget *light = earshot_line_light_new();
    earshot_line_light_set_light(EARSHOT_LINE_LIGHT(light), part->light);
    gtk_widget_set_valign(light, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(box), light);
    if (part->words)
        gtk_box_append(GTK_BOX(box), make_words(part->words));
    return box;
}

static GtkWidget *make_styled(const struct part *part, const char *css_class)
{
    GtkWidget *label = make_words(part->words);
    gtk_widget_add_css_class(label, css_class);
    gtk_widget_set_valign(label, GTK_ALIGN_CENTER);
    return label;
}

static GtkWidget *make_part(const struct part *part)
{
    switch (part->kind) {
    case PART_BUTTON:
    case PART_MAIN:
    case PART_DANGER:
        return make_button(part);
    case PART_ICON:
        return gtk_image_new_from_icon_name(part->icon);
    case PART_LIGHT:
        return make_light(part);
    case PART_KEY:
        return make_styled(part, "help-key");
    case PART_DIGITS:
        return make_styled(part, "digits");
    case PART_END:
    case PART_ROW:
    default:
        g_assert_not_reached();
    }
}

GtkWidget *earshot_help_picture_new(EarshotHelpPicture picture)
{
    g_return_val_if_fail(picture < EARSHOT_HELP_PICTURES, NULL);
    GtkWidget *rows = gtk_box_new(GTK_ORIENTATION_VERTICAL, 9);
    GtkWidget *row = NULL;
    gtk_widget_add_css_class(rows, "help-picture");
    gtk_widget_set_can_target(rows, FALSE);
    gtk_widget_set_can_focus(rows, FALSE);
    gtk_accessible_update_state(GTK_ACCESSIBLE(rows), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
    for (const struct part *part = pictures[picture];
         part < pictures[picture] + PARTS_MAX && part->kind != PART_END; part++) {
        if (!row || part->kind == PART_ROW) {
            row = make_box("box");
            gtk_box_append(GTK_BOX(rows), row);
        }
        if (part->kind != PART_ROW)
            gtk_box_append(GTK_BOX(row), make_part(part));
    }
    return rows;
}
