/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person's Earshot on this laptop: name and keys, people, history, settings. */
#ifndef EARSHOT_PROFILE_H
#define EARSHOT_PROFILE_H

#include <gio/gio.h>

#include "bridge/person.h"
#include "bridge/record.h"
#include "bridge/settings.h"

G_BEGIN_DECLS

/* Properties: name (string, notify), people (GListModel of EarshotPerson: most used first, the Echo
 * test last, removed ones gone), history (GListModel of EarshotRecord, newest first), missed (uint:
 * missed calls not seen yet).
 * Signals: "trouble" (sentence): something could not be kept on disk; "damaged": part of what is
 * kept cannot be read any more. */
#define EARSHOT_TYPE_PROFILE (earshot_profile_get_type())
G_DECLARE_FINAL_TYPE(EarshotProfile, earshot_profile, EARSHOT, PROFILE, GObject)

#define EARSHOT_ERROR (earshot_error_quark())
GQuark earshot_error_quark(void);
enum earshot_error {
    EARSHOT_ERROR_FAILED,      /* the message is one sentence for the user, translated */
    EARSHOT_ERROR_BUSY,        /* another program has this profile */
    EARSHOT_ERROR_LOCKED,      /* its passphrase is needed, or was another one */
    EARSHOT_ERROR_DAMAGED,     /* put a backup back, or begin anew */
    EARSHOT_ERROR_NEWER,       /* of a later version */
    EARSHOT_ERROR_KEY_CHANGED, /* invite: other keys than the known ones: ask, then replace */
};

/* Folders of profiles on this laptop, and where a new one goes. */
char *earshot_profile_folder(void); /* XDG data / earshot / profiles */
char **earshot_profile_list(void);  /* paths; NULL-terminated */
char *earshot_profile_new_path(const char *name);
char *earshot_profile_name_at(const char *path); /* for a list; may be a folder name */
/* The last one that was remembered, the first one, or a new one. */
char *earshot_profile_choose(void);
void earshot_profile_remember(const char *path);
/* EARSHOT_ERROR_DAMAGED, for one that was open until now. */
void earshot_profile_tell_damage(GError **error);
/* What can be done about one that said EARSHOT_ERROR_DAMAGED, while it is not open. What is damaged
 * stays in its folder under another name. Beginning anew makes an empty profile of it; putting a
 * backup back takes a second: thread: any. */
gboolean earshot_profile_begin_anew(const char *path, GError **error);
gboolean earshot_profile_put_back(const char *path, const char *file, const char *passphrase,
                                  GError **error);

EarshotProfile *earshot_profile_open(const char *path, GError **error);
/* Of one that answered EARSHOT_ERROR_LOCKED. Takes up to a second: thread: any one, then main. */
EarshotProfile *earshot_profile_unlock(const char *path, const char *passphrase, GError **error);
const char *earshot_profile_get_path(EarshotProfile *profile);
EarshotSettings *earshot_profile_get_settings(EarshotProfile *profile);
GListModel *earshot_profile_get_people(EarshotProfile *profile);
GListModel *earshot_profile_get_history(EarshotProfile *profile);
const char *earshot_profile_get_name(EarshotProfile *profile);
gboolean earshot_profile_set_name(EarshotProfile *profile, const char *name, GError **error);
EarshotPerson *earshot_profile_find(EarshotProfile *profile, guint number); /* borrowed or NULL */
EarshotPerson *earshot_profile_get_favourite(EarshotProfile *profile);      /* most used who can be
                                                                               called, or NULL */
/* Is there an address to try, or a relay to meet at? */
gboolean earshot_profile_can_reach(EarshotProfile *profile, EarshotPerson *person);

/* Takes an invite out of any text (mail, link, clipboard, file). Returns the person, borrowed. */
EarshotPerson *earshot_profile_take_invite(EarshotProfile *profile, const char *text, gssize len,
                                           gboolean replace, GError **error);
/* Reads an invite out of a file: text, .earshot, or a picture with a QR code. */
EarshotPerson *earshot_profile_take_file(EarshotProfile *profile, GFile *file, gboolean replace,
                                         GError **error);
/* A new invite for somebody of this name: text to be handed over in private. */
char *earshot_profile_make_invite(EarshotProfile *profile, const char *name, GError **error);
/* Where the invites say that we are reached is not known yet: settings, or this laptop's own
 * addresses as a proposal ("HOST:PORT"). */
char **earshot_profile_get_places(EarshotProfile *profile);

gboolean earshot_profile_rename(EarshotProfile *profile, EarshotPerson *person, const char *name,
                                GError **error);
gboolean earshot_profile_block(EarshotProfile *profile, EarshotPerson *person, gboolean block,
                               GError **error);
gboolean earshot_profile_verify(EarshotProfile *profile, EarshotPerson *person, GError **error);
/* "01234 56789 ..." or NULL and why not. */
char *earshot_profile_safety_number(EarshotProfile *profile, EarshotPerson *person, GError **error);
/* Removal can be taken back until it is settled: the person leaves the list at once. */
void earshot_profile_remove(EarshotProfile *profile, EarshotPerson *person);
void earshot_profile_restore(EarshotProfile *profile, EarshotPerson *person);
void earshot_profile_settle(EarshotProfile *profile, EarshotPerson *person);

/* Deletes all calls that were. */
void earshot_profile_forget_history(EarshotProfile *profile);
/* The user has looked at the missed calls. */
void earshot_profile_see_missed(EarshotProfile *profile);

G_END_DECLS

#endif
