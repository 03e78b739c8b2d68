/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile opened: the store below, lists of objects above. */
#include "bridge/profile_state.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/invites.h"
#include "bridge/person_private.h"
#include "port/udp.h"
#include "store/identity.h"

G_DEFINE_FINAL_TYPE(EarshotProfile, earshot_profile, G_TYPE_OBJECT)
G_DEFINE_QUARK(earshot - error - quark, earshot_error)

enum { PROP_0, PROP_NAME, PROP_PEOPLE, PROP_HISTORY, PROP_MISSED, PROPERTIES };
static GParamSpec *properties[PROPERTIES];
enum { TROUBLE, DAMAGED, GUEST_CHANGED, SIGNALS };
static guint signals[SIGNALS];

/* ---- lists ---- */

static GDateTime *last_call_with(EarshotProfile *self, guint number, guint *ret_calls)
{
    GDateTime *last = NULL;
    *ret_calls = 0;
    for (size_t i = 0; i < ear_calls_count(self->calls); i++) {
        const struct ear_call_record *record = ear_calls_at(self->calls, i);
        if (record->person != number)
            continue;
        (*ret_calls)++;
        if (!last)
            last = g_date_time_new_from_unix_local(record->begin_s);
    }
    return last;
}

EarshotPerson *earshot_profile_find(EarshotProfile *self, guint number)
{
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(self->list)); i++) {
        g_autoptr(EarshotPerson) person = g_list_model_get_item(G_LIST_MODEL(self->list), i);
        if (earshot_person_get_number(person) == number)
            return person;
    }
    return self->locked ? earshot_profile_find_unnamed(self, number) : NULL;
}

/* Most used first; whoever cannot be called after those who can; the Echo test last. */
static int compare_people(gconstpointer a, gconstpointer b, gpointer unused)
{
    EarshotPerson *left = (EarshotPerson *)a, *right = (EarshotPerson *)b;
    guint calls[2];
    int order = earshot_person_is_echo(left) - earshot_person_is_echo(right);
    if (!order)
        order = earshot_person_is_blocked(left) - earshot_person_is_blocked(right);
    if (!order)
        order = earshot_person_is_pending(left) - earshot_person_is_pending(right);
    if (order)
        return order;
    g_object_get(left, "calls", &calls[0], NULL);
    g_object_get(right, "calls", &calls[1], NULL);
    if (calls[0] != calls[1])
        return calls[0] < calls[1] ? 1 : -1;
    return g_utf8_collate(earshot_person_get_name(left), earshot_person_get_name(right));
}

static void show_person(EarshotProfile *self, guint number, const struct ear_person *person)
{
    guint calls;
    g_autoptr(GDateTime) last = last_call_with(self, number, &calls);
    EarshotPerson *known = earshot_profile_find(self, number);
    const char *name = person ? person->name : _("Echo test");
    g_autoptr(EarshotPerson) shown = known ? g_object_ref(known) : earshot_person_new(number, name);
    g_object_set(shown, "name", name, "last-call", last, "calls", calls, NULL);
    if (person)
        g_object_set(shown, "verified", person->verified, "blocked", person->guest.blocked,
                     "pending", !person->guest.has_key, NULL);
    if (!known)
        g_list_store_append(self->list, shown);
}

static gboolean is_gone(EarshotProfile *self, guint number)
{
    return number != 0 && (!ear_people_numbered(self->people, number) ||
                           g_hash_table_contains(self->removed, GUINT_TO_POINTER(number)));
}

/* The list as the store has it now; objects stay the same for the same person. */
static void refresh_people(EarshotProfile *self)
{
    for (guint i = g_list_model_get_n_items(G_LIST_MODEL(self->list)); i-- > 0;) {
        g_autoptr(EarshotPerson) person = g_list_model_get_item(G_LIST_MODEL(self->list), i);
        if (is_gone(self, earshot_person_get_number(person)))
            g_list_store_remove(self->list, i);
    }
    for (size_t i = 0; i < ear_people_count(self->people); i++) {
        const struct ear_person *person = ear_people_at(self->people, i);
        if (!is_gone(self, person->guest.number))
            show_person(self, person->guest.number, person);
    }
    show_person(self, 0, NULL);
    g_list_store_sort(self->list, compare_people, NULL);
}

static void refresh_history(EarshotProfile *self)
{
    g_list_store_remove_all(self->history);
    for (size_t i = 0; i < ear_calls_count(self->calls); i++) {
        g_autoptr(EarshotRecord) record = earshot_record_new(ear_calls_at(self->calls, i));
        g_list_store_append(self->history, record);
    }
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_MISSED]);
}

void earshot_profile_refresh(EarshotProfile *self)
{
    refresh_people(self);
    refresh_history(self);
}

/* ---- disk ---- */

static gboolean fail(GError **error, const char *sentence)
{
    g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, sentence);
    return FALSE;
}

static const char *saving_sentence(int err, const char *english)
{
    return err == -ENOSPC ? _("The disk is full: make room, then try again.") : english;
}

void earshot_profile_complain(EarshotProfile *self, const char *sentence)
{
    g_signal_emit(self, signals[TROUBLE], 0, sentence);
}

static gboolean save_people(EarshotProfile *self, GError **error)
{
    char sentence[SENTENCE_BYTES];
    int err = ear_people_save(self->people, self->store, sentence, sizeof sentence);
    return err == 0 || fail(error, saving_sentence(err, sentence));
}

static void save_calls(EarshotProfile *self)
{
    char sentence[SENTENCE_BYTES];
    int err = ear_calls_save(self->calls, self->store, sentence, sizeof sentence);
    if (err)
        earshot_profile_complain(self, saving_sentence(err, sentence));
}

static void tell_engine(EarshotProfile *self, guint number)
{
    g_signal_emit(self, signals[GUEST_CHANGED], 0, number);
}

/* After each change: on disk, on the screen, in the engine. */
static gboolean settle_change(EarshotProfile *self, guint number, GError **error)
{
    gboolean saved = save_people(self, error);
    refresh_people(self);
    tell_engine(self, number);
    return saved;
}

/* ---- opening and closing ---- */

int earshot_profile_load(EarshotProfile *self, char *sentence)
{
    bool made;
    int err = ear_identity_open(self->store, &self->identity, &made, sentence, SENTENCE_BYTES);
    if (!err)
        err = ear_people_load(&self->people, self->store, sentence, SENTENCE_BYTES);
    if (!err)
        err = ear_calls_load(&self->calls, self->store, sentence, SENTENCE_BYTES);
    return err;
}

/* -ENOKEY: it is locked, and passphrase is NULL; -EACCES: it is another one. */
static int open_store(EarshotProfile *self, const char *passphrase, const uint8_t *key,
                      char *sentence)
{
    int err = ear_sodium_start();
    if (err) {
        g_strlcpy(sentence, _("This computer gives no random numbers: no keys would be safe."),
                  SENTENCE_BYTES);
        return err;
    }
    err = ear_home_open(&self->home, self->path, sentence, SENTENCE_BYTES);
    if (err == -ENOENT)
        err = -EPERM; /* there is no place for it; below it is the database that is missing */
    if (!err)
        err = ear_store_open(&self->store, self->home, NULL, sentence, SENTENCE_BYTES);
    if (err == -EACCES)
        err = -EPERM; /* below it is the passphrase */
    if (!err && ear_store_is_locked(self->store))
        err = key          ? ear_store_unlock_with(self->store, key, sentence, SENTENCE_BYTES)
              : passphrase ? ear_store_unlock(self->store, passphrase, sentence, SENTENCE_BYTES)
                           : -ENOKEY;
    return err ? err : earshot_profile_load(self, sentence);
}

static EarshotProfile *open_profile(const char *path, const char *passphrase, const uint8_t *key,
                                    GError **error)
{
    g_autoptr(EarshotProfile) self = g_object_new(EARSHOT_TYPE_PROFILE, NULL);
    char sentence[SENTENCE_BYTES] = "";
    self->path = g_strdup(path);
    g_autofree char *parent = g_path_get_dirname(path);
    g_mkdir_with_parents(parent, 0700);
    if (!earshot_profile_tell_opening(open_store(self, passphrase, key, sentence), sentence, error))
        return NULL;
    g_autofree char *settings = g_build_filename(path, "settings", NULL);
    self->settings = earshot_settings_new(settings, self->store);
    earshot_profile_refresh(self);
    return g_steal_pointer(&self);
}

EarshotProfile *earshot_profile_open(const char *path, GError **error)
{
    return open_profile(path, NULL, NULL, error);
}

EarshotProfile *earshot_profile_unlock(const char *path, const char *passphrase, GError **error)
{
    return open_profile(path, passphrase, NULL, error);
}

EarshotProfile *earshot_profile_open_with(const char *path, const uint8_t key[static EAR_KEY_BYTES],
                                          GError **error)
{
    return open_profile(path, NULL, key, error);
}

static void earshot_profile_finalize(GObject *object)
{
    EarshotProfile *self = EARSHOT_PROFILE(object);
    if (self->settings)
        earshot_settings_leave_store(self->settings);
    g_clear_object(&self->settings);
    g_clear_object(&self->list);
    g_clear_object(&self->history);
    g_hash_table_unref(self->removed);
    g_clear_pointer(&self->waiting_events, g_array_unref);
    g_clear_pointer(&self->waiting_calls, g_array_unref);
    ear_calls_free(self->calls);
    ear_people_free(self->people);
    ear_identity_wipe(&self->identity);
    ear_store_close(self->store);
    ear_home_close(self->home);
    g_free(self->path);
    G_OBJECT_CLASS(earshot_profile_parent_class)->finalize(object);
}

static void earshot_profile_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    EarshotProfile *self = EARSHOT_PROFILE(object);
    switch (id) {
    case PROP_NAME:
        g_value_set_string(value, self->identity.name);
        break;
    case PROP_PEOPLE:
        g_value_set_object(value, self->list);
        break;
    case PROP_HISTORY:
        g_value_set_object(value, self->history);
        break;
    case PROP_MISSED:
        g_value_set_uint(value, self->calls ? (guint)ear_calls_unseen(self->calls) : 0);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_profile_class_init(EarshotProfileClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_profile_get_property;
    object_class->finalize = earshot_profile_finalize;
    properties[PROP_NAME] = g_param_spec_string("name", NULL, NULL, "", read);
    properties[PROP_PEOPLE] = g_param_spec_object("people", NULL, NULL, G_TYPE_LIST_MODEL, read);
    properties[PROP_HISTORY] = g_param_spec_object("history", NULL, NULL, G_TYPE_LIST_MODEL, read);
    properties[PROP_MISSED] = g_param_spec_uint("missed", NULL, NULL, 0, G_MAXUINT, 0, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
    signals[TROUBLE] = g_signal_new("trouble", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[DAMAGED] = g_signal_new("damaged", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
    signals[GUEST_CHANGED] =
        g_signal_new("guest-changed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                     NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void earshot_profile_init(EarshotProfile *self)
{
    self->list = g_list_store_new(EARSHOT_TYPE_PERSON);
    self->history = g_list_store_new(EARSHOT_TYPE_RECORD);
    self->removed = g_hash_table_new(NULL, NULL);
}

/* ---- questions ---- */

const char *earshot_profile_get_path(EarshotProfile *self)
{
    return self->path;
}

EarshotSettings *earshot_profile_get_settings(EarshotProfile *self)
{
    return self->settings;
}

GListModel *earshot_profile_get_people(EarshotProfile *self)
{
    return G_LIST_MODEL(self->list);
}

GListModel *earshot_profile_get_history(EarshotProfile *self)
{
    return G_LIST_MODEL(self->history);
}

const char *earshot_profile_get_name(EarshotProfile *self)
{
    return self->identity.name;
}

struct ear_home *earshot_profile_home(EarshotProfile *self)
{
    return self->home;
}

struct ear_store *earshot_profile_store(EarshotProfile *self)
{
    return self->store;
}

const struct ear_identity *earshot_profile_identity(EarshotProfile *self)
{
    return &self->identity;
}

const struct ear_people *earshot_profile_people(EarshotProfile *self)
{
    return self->people;
}

EarshotPerson *earshot_profile_get_favourite(EarshotProfile *self)
{
    g_autoptr(EarshotPerson) first = g_list_model_get_item(G_LIST_MODEL(self->list), 0);
    bool callable = first && !earshot_person_is_echo(first) && !earshot_person_is_pending(first) &&
                    !earshot_person_is_blocked(first);
    return callable ? first : NULL;
}

/* ---- changes ---- */

static gboolean fail_name(GError **error, int err, const char *english)
{
    return fail(error, err == -EINVAL ? _("A name has 1 to 40 letters.")
                       : err == -EEXIST
                           ? _("You know somebody of this name already: choose another one.")
                           : english);
}

gboolean earshot_profile_set_name(EarshotProfile *self, const char *name, GError **error)
{
    char sentence[SENTENCE_BYTES];
    int err = ear_identity_set_name(self->store, &self->identity, name, sentence, sizeof sentence);
    if (err)
        return fail_name(error, err, sentence);
    g_autofree char *label = g_build_filename(self->path, "label", NULL);
    g_file_set_contents_full(label, self->identity.name, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                             NULL);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_NAME]);
    return TRUE;
}

gboolean earshot_profile_rename(EarshotProfile *self, EarshotPerson *person, const char *name,
                                GError **error)
{
    char sentence[SENTENCE_BYTES];
    int err = ear_people_rename(self->people, earshot_person_get_name(person), name, sentence,
                                sizeof sentence);
    if (err)
        return fail_name(error, err, sentence);
    return settle_change(self, earshot_person_get_number(person), error);
}

gboolean earshot_profile_block(EarshotProfile *self, EarshotPerson *person, gboolean block,
                               GError **error)
{
    char sentence[SENTENCE_BYTES];
    if (ear_people_block(self->people, earshot_person_get_name(person), block, sentence,
                         sizeof sentence) < 0)
        return fail(error, sentence);
    return settle_change(self, earshot_person_get_number(person), error);
}

gboolean earshot_profile_verify(EarshotProfile *self, EarshotPerson *person, GError **error)
{
    char sentence[SENTENCE_BYTES];
    if (ear_people_verify(self->people, earshot_person_get_name(person), sentence,
                          sizeof sentence) < 0)
        return fail(error, sentence);
    return settle_change(self, earshot_person_get_number(person), error);
}

char *earshot_profile_safety_number(EarshotProfile *self, EarshotPerson *person, GError **error)
{
    char sentence[SENTENCE_BYTES], number[EAR_SAFETY_NUMBER_BYTES];
    if (ear_people_safety_number(self->people, earshot_person_get_name(person), &self->identity,
                                 number, sentence, sizeof sentence) < 0) {
        fail(error, sentence);
        return NULL;
    }
    return g_strdup(number);
}

void earshot_profile_remove(EarshotProfile *self, EarshotPerson *person)
{
    g_hash_table_add(self->removed, GUINT_TO_POINTER(earshot_person_get_number(person)));
    refresh_people(self);
}

void earshot_profile_restore(EarshotProfile *self, EarshotPerson *person)
{
    g_hash_table_remove(self->removed, GUINT_TO_POINTER(earshot_person_get_number(person)));
    refresh_people(self);
}

static gboolean remove_kept(EarshotProfile *self, guint number, GError **error)
{
    char sentence[SENTENCE_BYTES];
    const struct ear_person *kept = ear_people_numbered(self->people, number);
    if (!kept)
        return TRUE;
    if (ear_people_remove(self->people, kept->name, sentence, sizeof sentence) < 0)
        return fail(error, sentence);
    if (ear_calls_forget_person(self->calls, number) > 0) {
        save_calls(self);
        refresh_history(self);
    }
    return settle_change(self, number, error);
}

void earshot_profile_settle(EarshotProfile *self, EarshotPerson *person)
{
    guint number = earshot_person_get_number(person);
    g_autoptr(GError) error = NULL;
    g_hash_table_remove(self->removed, GUINT_TO_POINTER(number));
    if (!remove_kept(self, number, &error))
        earshot_profile_complain(self, error->message);
}

/* ---- invites ---- */

EarshotPerson *earshot_profile_take_invite(EarshotProfile *self, const char *text, gssize len,
                                           gboolean replace, GError **error)
{
    uint32_t number = 0;
    if (!earshot_invites_take(self->people, &self->identity, text, len, replace, &number, error) ||
        !settle_change(self, number, error))
        return NULL;
    return earshot_profile_find(self, number);
}

gboolean earshot_profile_can_reach(EarshotProfile *self, EarshotPerson *person)
{
    const struct ear_person *known =
        ear_people_numbered(self->people, earshot_person_get_number(person));
    return known && (known->last.text[0] || known->at.count > 0 || known->relays.count > 0 ||
                     known->meets.count > 0);
}

EarshotPerson *earshot_profile_take_file(EarshotProfile *self, GFile *file, gboolean replace,
                                         GError **error)
{
    g_autofree char *text = earshot_invites_read(file, error);
    if (!text)
        return NULL;
    EarshotPerson *person = earshot_profile_take_invite(self, text, -1, replace, error);
    ear_sodium_wipe(text, strlen(text));
    return person;
}

char *earshot_profile_make_invite(EarshotProfile *self, const char *name, GError **error)
{
    g_auto(GStrv) places = earshot_profile_get_places(self);
    const struct earshot_invites_offer offer = {
        .name = name,
        .places = (const char *const *)places,
        .relays = earshot_settings_get_strv(self->settings, "relays"),
    };
    g_autofree char *text = earshot_invites_make(self->people, &self->identity, &offer, error);
    if (!text)
        return NULL;
    const struct ear_person *person = ear_people_named(self->people, name);
    if (!settle_change(self, person ? person->guest.number : 0, error))
        return NULL;
    return g_steal_pointer(&text);
}

void earshot_profile_set_port(EarshotProfile *self, guint port)
{
    self->port = port;
}

char **earshot_profile_get_places(EarshotProfile *self)
{
    const char *const *chosen = earshot_settings_get_strv(self->settings, "addresses");
    if (chosen[0])
        return g_strdupv((char **)chosen);
    return earshot_invites_own_places(self->port);
}

/* ---- what the engine tells ---- */

static int note_place(EarshotProfile *self, const struct ear_event *event)
{
    char place[EAR_PLACE_BYTES];
    int err = ear_udp_place(&event->seen_at, place, sizeof place);
    return err ? err : ear_people_reached(self->people, event->guest, place);
}

void earshot_profile_keep(EarshotProfile *self, const struct ear_event *event)
{
    g_autoptr(GError) error = NULL;
    uint32_t number = event->guest;
    int err = 0;
    if (self->locked) {
        earshot_profile_let_wait(self, event);
        return;
    }
    if (event->kind == EAR_EVENT_CALLED)
        err = ear_people_heard(self->people, event->guest, event->stamp);
    else if (event->kind == EAR_EVENT_PINNED)
        err = ear_people_pin(self->people, event->psk_id, event->key, &number);
    else if (event->kind == EAR_EVENT_SEEN_AT)
        err = note_place(self, event);
    else
        err = ear_people_learn_binding(self->people, event->key, event->keys, &number);
    if (err)
        return;
    if (!save_people(self, &error))
        earshot_profile_complain(self, error->message);
    refresh_people(self);
    if (event->kind == EAR_EVENT_SEEN_AT)
        tell_engine(self, 0); /* it needs not know, whoever looks for people does */
}

void earshot_profile_add_call(EarshotProfile *self, const struct ear_call_record *record)
{
    if (self->locked) {
        g_array_append_vals(self->waiting_calls, record, 1);
        return;
    }
    ear_calls_add(self->calls, record);
    save_calls(self);
    refresh_history(self);
    refresh_people(self);
}

const struct ear_calls *earshot_profile_calls(EarshotProfile *self)
{
    return self->calls;
}

void earshot_profile_see_missed(EarshotProfile *self)
{
    if (ear_calls_unseen(self->calls) == 0)
        return;
    ear_calls_mark_all_seen(self->calls);
    save_calls(self);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_MISSED]);
}

void earshot_profile_forget_history(EarshotProfile *self)
{
    struct ear_calls *none;
    if (ear_calls_new(&none) < 0)
        return;
    ear_calls_free(self->calls);
    self->calls = none;
    save_calls(self);
    refresh_history(self);
    refresh_people(self);
}
