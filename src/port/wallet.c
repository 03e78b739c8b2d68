/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libsecret, with a main loop of the calling thread's own so that a clock can end the wait. */
#include "port/wallet.h"

#include <errno.h>
#include <string.h>

#ifdef EAR_WITH_SECRET
#include <libsecret/secret.h>

#include "port/sodium.h"

static const SecretSchema schema = {
    .name = "org.earshot.Earshot.Profile",
    .flags = SECRET_SCHEMA_NONE,
    .attributes = {{"place", SECRET_SCHEMA_ATTRIBUTE_STRING}},
};

bool ear_wallet_available(void)
{
    return true;
}

struct errand {
    GMainContext *context;
    GCancellable *cancellable;
    GAsyncResult *result; /* owned, once it is there */
    bool late;
};

static void on_done(GObject *source, GAsyncResult *result, gpointer data)
{
    struct errand *errand = data;
    errand->result = g_object_ref(result);
}

static gboolean on_late(gpointer data)
{
    struct errand *errand = data;
    errand->late = true;
    g_cancellable_cancel(errand->cancellable);
    return G_SOURCE_REMOVE;
}

static void begin(struct errand *errand)
{
    *errand = (struct errand){.context = g_main_context_new(), .cancellable = g_cancellable_new()};
    g_main_context_push_thread_default(errand->context);
}

static void wait_for(struct errand *errand, int wait_ms)
{
    GSource *clock = g_timeout_source_new((guint)wait_ms);
    g_source_set_callback(clock, on_late, errand, NULL);
    g_source_attach(clock, errand->context);
    while (!errand->result)
        g_main_context_iteration(errand->context, TRUE);
    g_source_destroy(clock);
    g_source_unref(clock);
}

static int end(struct errand *errand, GError *error)
{
    int err = !error         ? 0
              : errand->late ? -ETIMEDOUT
              : g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
                      g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                  ? -EACCES
                  : -EHOSTUNREACH;
    g_clear_error(&error);
    secret_service_disconnect(); /* what it keeps for later lives in this context */
    g_main_context_pop_thread_default(errand->context);
    g_clear_object(&errand->result);
    g_object_unref(errand->cancellable);
    g_main_context_unref(errand->context);
    return err;
}

int ear_wallet_keep(const char *place, const uint8_t *secret, size_t len, int wait_ms)
{
    struct errand errand;
    GError *error = NULL;
    char *text = g_base64_encode(secret, len);
    /* One that is there goes first: gnome-keyring 42 dies when it is to replace it. */
    int removed = ear_wallet_remove(place, wait_ms);
    if (removed) {
        ear_sodium_wipe(text, strlen(text));
        g_free(text);
        return removed;
    }
    begin(&errand);
    secret_password_store(&schema, SECRET_COLLECTION_DEFAULT, "Earshot", text, errand.cancellable,
                          on_done, &errand, "place", place, NULL);
    wait_for(&errand, wait_ms);
    secret_password_store_finish(errand.result, &error);
    ear_sodium_wipe(text, strlen(text));
    g_free(text);
    return end(&errand, error);
}

static int decode(char *text, uint8_t *ret, size_t len)
{
    gsize found = 0;
    guchar *bytes = *text ? g_base64_decode(text, &found) : NULL;
    int err = bytes && found == len ? 0 : -EBADMSG;
    if (!err)
        memcpy(ret, bytes, len);
    if (bytes)
        ear_sodium_wipe(bytes, found);
    g_free(bytes);
    return err;
}

int ear_wallet_look_up(const char *place, uint8_t *ret, size_t len, int wait_ms)
{
    struct errand errand;
    GError *error = NULL;
    begin(&errand);
    secret_password_lookup(&schema, errand.cancellable, on_done, &errand, "place", place, NULL);
    wait_for(&errand, wait_ms);
    char *text = secret_password_lookup_nonpageable_finish(errand.result, &error);
    int err = end(&errand, error);
    if (!err)
        err = text ? decode(text, ret, len) : -ENOENT;
    secret_password_free(text);
    return err;
}

int ear_wallet_remove(const char *place, int wait_ms)
{
    struct errand errand;
    GError *error = NULL;
    begin(&errand);
    secret_password_clear(&schema, errand.cancellable, on_done, &errand, "place", place, NULL);
    wait_for(&errand, wait_ms);
    secret_password_clear_finish(errand.result, &error);
    return end(&errand, error);
}

#else

bool ear_wallet_available(void)
{
    return false;
}

int ear_wallet_keep(const char *place, const uint8_t *secret, size_t len, int wait_ms)
{
    return -ENOSYS;
}

int ear_wallet_look_up(const char *place, uint8_t *ret, size_t len, int wait_ms)
{
    return -ENOSYS;
}

int ear_wallet_remove(const char *place, int wait_ms)
{
    return -ENOSYS;
}
#endif
