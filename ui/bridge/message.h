/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message of a conversation, as the screen shows it. */
#ifndef EARSHOT_MESSAGE_H
#define EARSHOT_MESSAGE_H

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
    EARSHOT_MESSAGE_TEXT,
    EARSHOT_MESSAGE_VOICE,
    EARSHOT_MESSAGE_FILE,
    EARSHOT_MESSAGE_URGENT,
} EarshotMessageKind;
#define EARSHOT_TYPE_MESSAGE_KIND (earshot_message_kind_get_type())
GType earshot_message_kind_get_type(void);

/* As it is, never better. */
typedef enum {
    EARSHOT_MESSAGE_RECORDING, /* ours: not finished; after a crash with what it holds */
    EARSHOT_MESSAGE_WAITING,   /* ours: kept here until there is a line */
    EARSHOT_MESSAGE_SENT,      /* ours: on its way */
    EARSHOT_MESSAGE_ARRIVED,   /* ours: on their computer */
    EARSHOT_MESSAGE_COMING,    /* theirs: a part of it is here */
    EARSHOT_MESSAGE_UNSEEN,    /* theirs: nobody has read or heard it here */
    EARSHOT_MESSAGE_SEEN,      /* read or heard */
    EARSHOT_MESSAGE_FAILED,    /* ours: they did not take it */
} EarshotMessageState;
#define EARSHOT_TYPE_MESSAGE_STATE (earshot_message_state_get_type())
GType earshot_message_state_get_type(void);

/* Properties (read only; those that change notify):
 *   id        int64
 *   person    uint
 *   kind      EarshotMessageKind
 *   mine      boolean              written here
 *   state     EarshotMessageState  changes
 *   sentence  string               who, when and state, for people: changes
 *   when      GDateTime            local time
 *   text      string               text and urgent; "" otherwise
 *   name      string               file; "" otherwise
 *   size      uint64               bytes, changes while RECORDING
 *   share     double               0 to 1: how much of it is on the other disk, or on this one
 *   seconds   double               voice
 *   playing   boolean              voice, set by whoever plays it
 *   played    double               0 to 1: where it plays */
#define EARSHOT_TYPE_MESSAGE (earshot_message_get_type())
G_DECLARE_FINAL_TYPE(EarshotMessage, earshot_message, EARSHOT, MESSAGE, GObject)

gint64 earshot_message_get_id(EarshotMessage *message);
guint earshot_message_get_person(EarshotMessage *message);
EarshotMessageKind earshot_message_get_kind(EarshotMessage *message);
EarshotMessageState earshot_message_get_state(EarshotMessage *message);
gboolean earshot_message_is_mine(EarshotMessage *message);
/* A file that was never copied whole: nothing of it is here. */
gboolean earshot_message_is_lost(EarshotMessage *message);
const char *earshot_message_get_text(EarshotMessage *message);
const char *earshot_message_get_name(EarshotMessage *message);
guint64 earshot_message_get_size(EarshotMessage *message);

G_END_DECLS

#endif
