/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of keys makes properties, defaults, reading and writing. */
#include "bridge/settings.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "store/settings.h"

/* Somebody drags a slider: one write at the end. */
#define SAVE_AFTER_MS 500

enum kind { TEXT, SWITCH, NUMBER, LIST };

/* The one table: name, kind, default; of numbers the bounds too; and whether it names or says
 * something, so that it is kept in the sealed store. */
static const struct key {
    const char *name;
    enum kind kind;
    const char *text;
    double number, low, high;
    gboolean sealed;
} keys[] = {
    {"language", TEXT, ""},
    {"set-up", SWITCH},
    {"microphone", TEXT, ""},
    {"loudspeaker", TEXT, ""},
    {"echo", TEXT, "measured"}, /* or always, never: cancelled */
    {"volume", NUMBER, NULL, 0, -30, 18},
    {"quality", TEXT, "balanced"},
    {"hide-pattern", SWITCH},
    {"ring-in-background", SWITCH, NULL, 1},
    {"start-at-login", SWITCH},
    {"price-per-mb", NUMBER, NULL, 0, 0, 1e6},
    {"currency", TEXT, ""},
    {"bundle-mb", NUMBER, NULL, 0, 0, 1e6},
    {"bundle-price", NUMBER, NULL, 0, 0, 1e9},
    {"budget-mb", NUMBER, NULL, 0, 0, 1e6},
    {"port", NUMBER, NULL, 0, 0, 65535},
    {"addresses", LIST},
    {"relays", LIST},
    {"call-back", TEXT, "", .sealed = TRUE},
    {"place", TEXT, "", .sealed = TRUE},
    {"urgent-numbers", LIST, .sealed = TRUE},
    {"compact", SWITCH},
    {"keyring", SWITCH},
    {"checked", NUMBER, NULL, 0, 0, 1e12},
    {"ended", SWITCH},
    {"lock-minutes", NUMBER, NULL, 5, 0, 1440},
};
#define KEYS G_N_ELEMENTS(keys)
#define GROUP "earshot"

struct _EarshotSettings {
    GObject parent_instance;

    /* owned */
    char *path;
    GValue values[KEYS];
    struct ear_store *store; /* the profile's, until earshot_settings_leave_store */
    guint save_source;
};

G_DEFINE_FINAL_TYPE(EarshotSettings, earshot_settings, G_TYPE_OBJECT)

static GParamSpec *properties[KEYS + 1];

static GParamSpec *key_property(const struct key *key)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    switch (key->kind) {
    case TEXT:
        return g_param_spec_string(key->name, NULL, NULL, key->text, flags);
    case SWITCH:
        return g_param_spec_boolean(key->name, NULL, NULL, key->number > 0, flags);
    case NUMBER:
        return g_param_spec_double(key->name, NULL, NULL, key->low, key->high, key->number, flags);
    case LIST:
        break;
    }
    return g_param_spec_boxed(key->name, NULL, NULL, G_TYPE_STRV, flags);
}

static gboolean values_equal(const struct key *key, const GValue *a, const GValue *b)
{
    if (key->kind != LIST)
        return g_param_values_cmp(properties[1 + key - keys], a, b) == 0;
    const char *const *left = g_value_get_boxed(a), *const *right = g_value_get_boxed(b);
    static const char *const none[] = {NULL};
    return g_strv_equal(left ? left : none, right ? right : none);
}

static void write_key(GKeyFile *file, const struct key *key, const GValue *value)
{
    const char *const *list;
    switch (key->kind) {
    case TEXT:
        g_key_file_set_string(file, GROUP, key->name, g_value_get_string(value));
        break;
    case SWITCH:
        g_key_file_set_boolean(file, GROUP, key->name, g_value_get_boolean(value));
        break;
    case NUMBER:
        g_key_file_set_double(file, GROUP, key->name, g_value_get_double(value));
        break;
    case LIST:
        list = g_value_get_boxed(value);
        if (list && list[0])
            g_key_file_set_string_list(file, GROUP, key->name, list, g_strv_length((char **)list));
        break;
    }
}

static char *write_keys(EarshotSettings *self, gboolean sealed, gsize *len)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    for (gsize i = 0; i < KEYS; i++)
        if (keys[i].sealed == sealed)
            write_key(file, &keys[i], &self->values[i]);
    return g_key_file_to_data(file, len, NULL);
}

static void save(EarshotSettings *self)
{
    g_autoptr(GError) error = NULL;
    gsize len = 0;
    g_autofree char *sealed = write_keys(self, TRUE, &len);
    int err = self->store ? ear_settings_save(self->store, sealed, len) : 0; /* else locked */
    if (err)
        g_message("settings: not saved (%s)", g_strerror(-err));
    memset(sealed, 0, len);
    g_autofree char *text = write_keys(self, FALSE, &len);
    if (!g_file_set_contents_full(self->path, text, (gssize)len, G_FILE_SET_CONTENTS_CONSISTENT,
                                  0600, &error))
        g_message("settings: not saved (%s)", error->message);
}

void earshot_settings_flush(EarshotSettings *self)
{
    if (!self->save_source)
        return;
    g_clear_handle_id(&self->save_source, g_source_remove);
    save(self);
}

void earshot_settings_lock(EarshotSettings *self)
{
    earshot_settings_leave_store(self);
    for (gsize i = 0; i < KEYS; i++)
        if (keys[i].sealed)
            g_param_value_set_default(properties[i + 1], &self->values[i]);
}

void earshot_settings_leave_store(EarshotSettings *self)
{
    earshot_settings_flush(self);
    self->store = NULL;
}

static gboolean on_save_due(gpointer data)
{
    EarshotSettings *self = data;
    earshot_settings_flush(self);
    return G_SOURCE_REMOVE;
}

static void earshot_settings_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *spec)
{
    EarshotSettings *self = EARSHOT_SETTINGS(object);
    GValue *kept = &self->values[id - 1];
    if (values_equal(&keys[id - 1], kept, value))
        return;
    g_value_copy(value, kept);
    if (keys[id - 1].kind == TEXT && !g_value_get_string(kept))
        g_value_set_static_string(kept, "");
    if (!self->save_source)
        self->save_source = g_timeout_add(SAVE_AFTER_MS, on_save_due, self);
    g_object_notify_by_pspec(object, spec);
}

static void earshot_settings_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *spec)
{
    g_value_copy(&EARSHOT_SETTINGS(object)->values[id - 1], value);
}

static void earshot_settings_finalize(GObject *object)
{
    EarshotSettings *self = EARSHOT_SETTINGS(object);
    earshot_settings_flush(self);
    for (gsize i = 0; i < KEYS; i++)
        g_value_unset(&self->values[i]);
    g_free(self->path);
    G_OBJECT_CLASS(earshot_settings_parent_class)->finalize(object);
}

static void earshot_settings_class_init(EarshotSettingsClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = earshot_settings_set_property;
    object_class->get_property = earshot_settings_get_property;
    object_class->finalize = earshot_settings_finalize;
    for (gsize i = 0; i < KEYS; i++)
        properties[i + 1] = key_property(&keys[i]);
    g_object_class_install_properties(object_class, KEYS + 1, properties);
}

static void earshot_settings_init(EarshotSettings *self)
{
    for (gsize i = 0; i < KEYS; i++) {
        g_value_init(&self->values[i], G_PARAM_SPEC_VALUE_TYPE(properties[i + 1]));
        g_param_value_set_default(properties[i + 1], &self->values[i]);
    }
}

/* A key that is missing or of another kind leaves the default. */
static void read_key(GKeyFile *file, const struct key *key, GValue *value)
{
    g_autoptr(GError) error = NULL;
    GValue read = G_VALUE_INIT;
    g_value_init(&read, G_VALUE_TYPE(value));
    switch (key->kind) {
    case TEXT:
        g_value_take_string(&read, g_key_file_get_string(file, GROUP, key->name, &error));
        break;
    case SWITCH:
        g_value_set_boolean(&read, g_key_file_get_boolean(file, GROUP, key->name, &error));
        break;
    case NUMBER:
        g_value_set_double(&read, g_key_file_get_double(file, GROUP, key->name, &error));
        break;
    case LIST:
        g_value_take_boxed(&read, g_key_file_get_string_list(file, GROUP, key->name, NULL, &error));
        break;
    }
    if (!error) {
        g_param_value_validate(properties[1 + key - keys], &read);
        g_value_copy(&read, value);
    }
    g_value_unset(&read);
}

static void read_sealed(EarshotSettings *self)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    char *text = NULL;
    size_t len = 0;
    if (ear_settings_load(self->store, &text, &len) == 0 &&
        g_key_file_load_from_data(file, text, len, G_KEY_FILE_NONE, NULL))
        for (gsize i = 0; i < KEYS; i++)
            if (keys[i].sealed)
                read_key(file, &keys[i], &self->values[i]);
    ear_home_forget((uint8_t *)text, len);
}

/* What earlier versions, or an administrator, wrote into the file goes before what is sealed, and
 * moves there. */
static void read_file(EarshotSettings *self, GKeyFile *file)
{
    gboolean moves = FALSE;
    for (gsize i = 0; i < KEYS; i++) {
        read_key(file, &keys[i], &self->values[i]);
        moves |= keys[i].sealed && g_key_file_has_key(file, GROUP, keys[i].name, NULL);
    }
    if (moves)
        save(self);
}

EarshotSettings *earshot_settings_new(const char *path, struct ear_store *store)
{
    EarshotSettings *self = g_object_new(EARSHOT_TYPE_SETTINGS, NULL);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) error = NULL;
    self->path = g_strdup(path);
    self->store = store;
    read_sealed(self);
    if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error)) {
        read_file(self, file);
    } else if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_autofree char *aside = g_strconcat(path, ".damaged", NULL);
        g_rename(path, aside);
        g_message("settings: begun anew, the damaged file is kept aside");
    }
    return self;
}

void earshot_settings_unlock(EarshotSettings *self, struct ear_store *store)
{
    self->store = store;
    read_sealed(self);
    for (gsize i = 0; i < KEYS; i++)
        if (keys[i].sealed)
            g_object_notify_by_pspec(G_OBJECT(self), properties[i + 1]);
}

static const GValue *value_of(EarshotSettings *self, const char *name, enum kind kind)
{
    for (gsize i = 0; i < KEYS; i++)
        if (strcmp(keys[i].name, name) == 0 && keys[i].kind == kind)
            return &self->values[i];
    g_assert_not_reached();
}

const char *earshot_settings_get_string(EarshotSettings *self, const char *name)
{
    return g_value_get_string(value_of(self, name, TEXT));
}

gboolean earshot_settings_get_bool(EarshotSettings *self, const char *name)
{
    return g_value_get_boolean(value_of(self, name, SWITCH));
}

double earshot_settings_get_number(EarshotSettings *self, const char *name)
{
    return g_value_get_double(value_of(self, name, NUMBER));
}

const char *const *earshot_settings_get_strv(EarshotSettings *self, const char *name)
{
    static const char *const none[] = {NULL};
    const char *const *list = g_value_get_boxed(value_of(self, name, LIST));
    return list ? list : none;
}
