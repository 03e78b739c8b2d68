/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help: a task opens under its name, with a picture and plain words; two screens at most. */
#include "help_window.h"

#include <glib/gi18n.h>

#include "help_pictures.h"
#include "only_one.h"

struct _EarshotHelpWindow {
    AdwWindow parent_instance;

    /* template children */
    AdwPreferencesGroup *tasks;
};

G_DEFINE_FINAL_TYPE(EarshotHelpWindow, earshot_help_window, ADW_TYPE_WINDOW)

/* Translators: short sentences, as you would say them to somebody beside you; the words for buttons
 * are to be those on the buttons. */
static const struct {
    EarshotHelpPicture picture;
    const char *title, *text;
} tasks[] = {
    {EARSHOT_HELP_CALL, N_("Call somebody"),
     N_("Press the large Call button, or choose a person and press Call.\n\n"
        "You see how far it is: reaching them, then ringing there. While you wait you can write "
        "down a number to call back and the place of the patient. They stay on the card of the "
        "call.\n\n"
        "If nobody answers, press “Tell me when they are there”.")},
    {EARSHOT_HELP_ANSWER, N_("Answer a call"),
     N_("Press Answer, or the Enter key. Press Decline if you cannot talk now; the call is then "
        "under Calls so far.\n\n"
        "It rings also while the window is closed. You can switch this off in the "
        "preferences.")},
    {EARSHOT_HELP_HEARD, N_("Know whether they hear you"),
     N_("A full disc: they hear you. Their computer says so, it is not a guess.\n\n"
        "A half disc: sound comes late or with gaps. Speak in short sentences and leave pauses.\n\n"
        "A cross: the line is gone. You hear a soft tone every few seconds.")},
    {EARSHOT_HELP_GONE, N_("When the line is gone"),
     N_("Do not hang up. The call goes on by itself when the line is back, for two minutes and "
        "more.\n\n"
        "Keep talking: what you say is kept, and they hear it when the line is back. What you "
        "missed is caught up, or you are asked whether you wish to hear it.\n\n"
        "You can write in the text line meanwhile: a text goes out with the first sign of the "
        "line. If it stays away, use the number on the card.")},
    {EARSHOT_HELP_BAD, N_("When the line is bad"),
     N_("The program chooses a way of talking that the line carries, and says so in one sentence. "
        "Press Steadier for a safer one; press it again to let the program choose.\n\n"
        "Where you take turns, press My turn or the Space key, speak, and press Over. While it is "
        "their turn your microphone waits; you can ask to be next.")},
    {EARSHOT_HELP_MUTE, N_("Mute yourself"),
     N_("Press Mute, or the M key. The button says that you are muted, and they see it too. Press "
        "it again to speak.")},
    {EARSHOT_HELP_HIDE, N_("When somebody comes in"),
     N_("Press F9. You are muted, and the window shows an empty page of notes. The call goes on. "
        "F9 or Back brings it back.")},
    {EARSHOT_HELP_SOUND, N_("Change the microphone or the loudspeaker"),
     N_("In a call: press Sound and choose. You may also pull out a headset and plug it in again; "
        "the call waits for it.\n\n"
        "Before a call: Preferences, Sound. “Hear yourself” records three seconds and plays them "
        "back.")},
    {EARSHOT_HELP_TEXT, N_("Write a text in a call"),
     N_("Write in the field at the bottom and press Enter. “On their screen” means that it has "
        "arrived. Names and doses are safer written than spoken.")},
    {EARSHOT_HELP_ADD, N_("Add a person"),
     N_("They give you an invite: a text, a file or a picture. Take it by a way that you trust, "
        "for instance from hand to hand. Press Add a person and paste it or open it.\n\n"
        "To be called by others, make an invite for them on the same page.")},
    {EARSHOT_HELP_COMPARE, N_("Be sure that it is really them"),
     N_("Open the person and compare the safety number with them: one reads, the other looks. If "
        "it is the same, press “They are the same”. If it is not, do not speak of anything "
        "private, and make "
        "a new invite.")},
    {EARSHOT_HELP_DATA, N_("Use little data"),
     N_("Preferences, Data: “Least data” needs about 3 MB for half an hour. Write down what a "
        "megabyte costs you, and each call shows its price. While nobody speaks, almost nothing "
        "is sent.")},
    {EARSHOT_HELP_URGENT, N_("In an emergency"),
     N_("Earshot cannot call the police, an ambulance or a hospital. Press Urgent help: it shows "
        "the numbers that were written down here, to be called by telephone.")},
    {EARSHOT_HELP_MESSAGES, N_("Messages"),
     N_("1. Choose a person and press Messages.\n"
        "2. Write, and press Send or Enter. Shift and Enter begin a new line.\n"
        "3. It waits until there is a line and goes by itself. Above it you read what became of "
        "it.\n\n"
        "The bin, or the Delete key, deletes a message here alone. Undo brings it back.")},
    {EARSHOT_HELP_VOICE, N_("Record a voice message"),
     N_("1. Press Leave a message, or the microphone below the messages.\n"
        "2. Speak: it records at once, and keeps what you say.\n"
        "3. Press Send, or Discard.\n\n"
        "A minute takes about 70 kB. What a call could not carry is offered as a voice message "
        "after it.\n\n"
        "To hear one, press Play; × makes it faster.")},
    {EARSHOT_HELP_FILE, N_("Send a file"),
     N_("1. Press the paper clip below the messages and choose the file. At most 64 MB.\n"
        "2. You are told how much data it takes, and what that costs. Press Send, or Cancel.\n"
        "3. It goes behind whatever is said. After an interruption it goes on where it stopped.\n\n"
        "To keep a file that came to you, press “Save as”.")},
    {EARSHOT_HELP_URGENT_MESSAGE, N_("Urgent message"),
     N_("1. Press Urgent help.\n"
        "2. Choose to whom it goes. Write the place of the patient and a number to call back.\n"
        "3. Press Send the urgent message.\n\n"
        "It goes before everything else and is sent again and again until it arrives, even on a "
        "line that carries no talk. “Read” means that somebody has seen it. Use a telephone as "
        "well, if there is one.")},
    {EARSHOT_HELP_NOTE, N_("Write a note"),
     N_("1. After a call press Write a note; or choose the person and press it there.\n"
        "2. Write. It is kept while you write.\n"
        "3. Press Done.\n\n"
        "A note stays on this computer: it is never sent. You find it again on the page of the "
        "person, and by searching.")},
    {EARSHOT_HELP_SEARCH, N_("Search in messages and notes"),
     N_("1. Press Menu and Search, or Ctrl and F.\n"
        "2. Write a word, or a part of one. Capital or small letters do not matter.\n"
        "3. Press what was found: it opens.\n\n"
        "Voice messages and what is in files cannot be searched.")},
    {EARSHOT_HELP_PASSPHRASE, N_("Set a passphrase"),
     N_("1. Press Menu, Preferences, Data, and “Set a passphrase”.\n"
        "2. Write it twice: four words that do not belong together.\n"
        "3. Keep it on paper in a safe place. If it is forgotten, nobody can read what is kept "
        "here, not even we.\n\n"
        "Earshot asks for it when it starts, and after some minutes without you. To lock it at "
        "once, press Menu and Lock.")},
    {EARSHOT_HELP_BACKUP, N_("Make a backup"),
     N_("1. Press Menu, Preferences, Data, and “Make a backup”.\n"
        "2. Choose where it goes: best on a stick that you keep elsewhere.\n"
        "3. Write a passphrase for it twice, and keep that too. Without it the backup is worth "
        "nothing.\n\n"
        "To have it back, here or on another computer, press Menu, Switch profile, and “Put a "
        "backup back”.")},
    {EARSHOT_HELP_ECHO, N_("Try it alone"),
     N_("Call the person named Echo test. It says everything back to you, over a line as bad as "
        "you may have. It costs no data.")},
};

static GtkWidget *make_text(const char *words)
{
    GtkWidget *label = gtk_label_new(words);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_add_css_class(label, "help-text");
    return label;
}

static void add_task(EarshotHelpWindow *self, EarshotHelpPicture picture, const char *title,
                     const char *text)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GtkWidget *row = adw_expander_row_new();
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
    /* libadwaita 1.2 names only the row within it. */
    gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
    gtk_box_append(GTK_BOX(page), earshot_help_picture_new(picture));
    gtk_box_append(GTK_BOX(page), make_text(text));
    adw_expander_row_add_row(ADW_EXPANDER_ROW(row), page);
    adw_preferences_group_add(self->tasks, row);
}

static void earshot_help_window_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), EARSHOT_TYPE_HELP_WINDOW);
    G_OBJECT_CLASS(earshot_help_window_parent_class)->dispose(object);
}

static void earshot_help_window_class_init(EarshotHelpWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = earshot_help_window_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/earshot/Earshot/help_window.ui");
    gtk_widget_class_bind_template_child(widget_class, EarshotHelpWindow, tasks);
}

static void earshot_help_window_init(EarshotHelpWindow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    for (gsize i = 0; i < G_N_ELEMENTS(tasks); i++)
        add_task(self, tasks[i].picture, _(tasks[i].title), _(tasks[i].text));
}

GtkWidget *earshot_help_window_new(GtkWindow *parent)
{
    GtkWidget *open = earshot_only_one(EARSHOT_TYPE_HELP_WINDOW, parent);
    if (open)
        return open;
    return g_object_new(EARSHOT_TYPE_HELP_WINDOW, "transient-for", parent, "destroy-with-parent",
                        TRUE, NULL);
}
