/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture for each task of the help, made of what the program itself is made of: it speaks the
 * user's language, follows the theme and grows with the text. */
#ifndef EARSHOT_HELP_PICTURES_H
#define EARSHOT_HELP_PICTURES_H

#include <adwaita.h>

G_BEGIN_DECLS

typedef enum {
    EARSHOT_HELP_CALL,
    EARSHOT_HELP_ANSWER,
    EARSHOT_HELP_HEARD,
    EARSHOT_HELP_GONE,
    EARSHOT_HELP_BAD,
    EARSHOT_HELP_MUTE,
    EARSHOT_HELP_HIDE,
    EARSHOT_HELP_SOUND,
    EARSHOT_HELP_TEXT,
    EARSHOT_HELP_ADD,
    EARSHOT_HELP_COMPARE,
    EARSHOT_HELP_DATA,
    EARSHOT_HELP_URGENT,
    EARSHOT_HELP_MESSAGES,
    EARSHOT_HELP_VOICE,
    EARSHOT_HELP_FILE,
    EARSHOT_HELP_URGENT_MESSAGE,
    EARSHOT_HELP_NOTE,
    EARSHOT_HELP_SEARCH,
    EARSHOT_HELP_PASSPHRASE,
    EARSHOT_HELP_BACKUP,
    EARSHOT_HELP_ECHO,
    EARSHOT_HELP_PICTURES,
} EarshotHelpPicture;

/* Nothing in it can be pressed or reached with a key, and screen readers pass it by: the text under
 * it says the same. Returns a floating reference. */
GtkWidget *earshot_help_picture_new(EarshotHelpPicture picture);

G_END_DECLS

#endif
