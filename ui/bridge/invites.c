/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the screen's texts and files and the store's invites. */
#include "bridge/invites.h"

#include <errno.h>
#include <gdk/gdk.h>
#include <glib/gi18n.h>
#include <string.h>

#include "bridge/profile.h"
#include "port/qr_scan.h"
#include "store/invite_text.h"

#define SENTENCE_BYTES 600
/* Pictures from telephones are below; more is no invite. */
#define FILE_BYTES_MAX (20 * 1024 * 1024)

/* The store's sentences are English; those that users meet are said in their own language. */
static const char *sentence_of(int err, const char *english)
{
    switch (err) {
    case -ENOMSG:
        return _("There is no invite in this text.");
    case -EBADMSG:
        return _("This invite is damaged: a part is missing or changed. Ask for it once more.");
    case -ENOTSUP:
        return _("This invite is from a newer Earshot: bring this one up to date.");
    case -EKEYREJECTED:
        return _("This invite was not made by the person it names: do not use it, and ask them.");
    case -ELOOP:
        return _("This is your own invite: it is for others to use.");
    case -EEXIST:
        return _("This invite does not fit what you know of this person: their name or their keys "
                 "are other ones.");
    case -EINVAL:
        return _("A name has 1 to 40 letters.");
    case -EPERM:
        return _("This person is blocked: unblock them first.");
    case -ENOSPC:
        return _("Your list of people is full: remove somebody first.");
    default:
        return english;
    }
}

gboolean earshot_invites_take(struct ear_people *people, const struct ear_identity *self,
                              const char *text, gssize len, gboolean replace, uint32_t *ret_number,
                              GError **error)
{
    char sentence[SENTENCE_BYTES] = "";
    struct ear_invite invite = {0};
    enum ear_people_change change;
    size_t bytes = len < 0 ? strlen(text) : (size_t)len;
    int err = ear_invite_from_text(text, bytes, &invite, sentence, sizeof sentence);
    const struct ear_people_import import = {.self = self, .invite = &invite, .replace = replace};
    if (!err)
        err = ear_people_import(people, &import, &change, sentence, sizeof sentence);
    if (!err)
        *ret_number = ear_people_with_key(people, invite.static_key)->guest.number;
    ear_invite_wipe(&invite);
    if (err)
        g_set_error_literal(error, EARSHOT_ERROR,
                            err == -EEXIST ? EARSHOT_ERROR_KEY_CHANGED : EARSHOT_ERROR_FAILED,
                            sentence_of(err, sentence));
    return err == 0;
}

static char *scan_picture(GdkTexture *texture, GError **error)
{
    char text[EAR_INVITE_TEXT_BYTES];
    int width = gdk_texture_get_width(texture), height = gdk_texture_get_height(texture);
    g_autofree guchar *colours = g_malloc((gsize)4 * (gsize)width * (gsize)height);
    g_autofree guchar *grey = g_malloc((gsize)width * (gsize)height);
    gdk_texture_download(texture, colours, (gsize)4 * (gsize)width);
    for (gsize i = 0; i < (gsize)width * (gsize)height; i++)
        grey[i] = (guchar)((colours[4 * i] + 2 * colours[4 * i + 1] + colours[4 * i + 2]) / 4);
    int err = ear_qr_scan(grey, width, height, text, sizeof text);
    if (err) {
        g_set_error_literal(
            error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
            err == -ENOSYS ? _("This Earshot cannot read pictures: ask for the invite as text.")
                           : _("No code can be seen in this picture: take it again, sharp and from "
                               "the front."));
        return NULL;
    }
    char *found = g_strdup(text);
    ear_sodium_wipe(text, sizeof text);
    return found;
}

char *earshot_invites_read(GFile *file, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GFileInfo) info =
        g_file_query_info(file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, &why);
    if (info && g_file_info_get_size(info) > FILE_BYTES_MAX) {
        g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
                            _("This file is too large to be an invite."));
        return NULL;
    }
    g_autoptr(GBytes) bytes = info ? g_file_load_bytes(file, NULL, NULL, &why) : NULL;
    if (!bytes) {
        g_set_error(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
                    /* Translators: %s is the system's reason, like "No such file". */
                    _("The file cannot be read: %s."), why->message);
        return NULL;
    }
    g_autoptr(GdkTexture) texture = gdk_texture_new_from_bytes(bytes, NULL);
    if (texture)
        return scan_picture(texture, error);
    gsize len;
    const char *text = g_bytes_get_data(bytes, &len);
    return g_strndup(text ? text : "", len);
}

static gboolean parse_places(const char *const *texts, struct ear_places *ret, GError **error)
{
    char sentence[SENTENCE_BYTES];
    for (gsize i = 0; texts && texts[i] && ret->count < EAR_PLACES_MAX; i++) {
        if (ear_place_parse(texts[i], &ret->at[ret->count], sentence, sizeof sentence) < 0) {
            g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, sentence);
            return FALSE;
        }
        ret->count++;
    }
    return TRUE;
}

static char *write_invite(const struct ear_identity *self, struct ear_invite *invite)
{
    char text[EAR_INVITE_TEXT_BYTES];
    uint8_t data[EAR_INVITE_MAX];
    size_t len = 0;
    memcpy(invite->static_key, self->static_public, EAR_KEY_BYTES);
    memcpy(invite->sign_key, self->sign_public, EAR_SIGN_PUBLIC_BYTES);
    memcpy(invite->name, self->name, EAR_NAME_BYTES);
    int err = ear_invite_build(invite, self->sign_secret, data, &len);
    if (!err)
        ear_invite_to_text(data, len, text);
    ear_sodium_wipe(data, sizeof data);
    char *copy = err ? NULL : g_strdup(text);
    ear_sodium_wipe(text, sizeof text);
    return copy;
}

static gboolean can_invite(const struct ear_identity *self, const struct ear_invite *invite,
                           GError **error)
{
    const char *missing = NULL;
    if (self->name[0] == '\0')
        missing = _("Say first who you are: your name is in the preferences.");
    else if (invite->at.count == 0)
        missing = _("This computer has no network address now: connect it, or write in the "
                    "preferences where you can be reached.");
    if (missing)
        g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, missing);
    return missing == NULL;
}

/* An open invite of that name is taken back first: its text may be lost. */
char *earshot_invites_make(struct ear_people *people, const struct ear_identity *self,
                           const struct earshot_invites_offer *offer, GError **error)
{
    char sentence[SENTENCE_BYTES];
    struct ear_invite invite = {0};
    char *text = NULL;
    if (!parse_places(offer->places, &invite.at, error) ||
        !parse_places(offer->relays, &invite.relays, error) || !can_invite(self, &invite, error))
        return NULL;
    ear_sodium_random(invite.psk, EAR_KEY_BYTES);
    (void)!ear_people_revoke(people, offer->name, sentence, sizeof sentence);
    int err = ear_people_invite(people, offer->name, invite.psk, false, sentence, sizeof sentence);
    if (err)
        g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, sentence_of(err, sentence));
    else
        text = write_invite(self, &invite);
    ear_invite_wipe(&invite);
    return text;
}

/* A connected UDP socket knows the address that the network would see; nothing is sent. */
static char *own_host(GSocketFamily family, const char *far)
{
    g_autoptr(GSocket) socket =
        g_socket_new(family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
    g_autoptr(GSocketAddress) to = g_inet_socket_address_new_from_string(far, 9);
    if (!socket || !to || !g_socket_connect(socket, to, NULL, NULL))
        return NULL;
    g_autoptr(GSocketAddress) from = g_socket_get_local_address(socket, NULL);
    if (!from)
        return NULL;
    return g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(from)));
}

static void add_place(GStrvBuilder *list, const char *host, guint port)
{
    gboolean six = strchr(host, ':') != NULL;
    g_autofree char *place =
        g_strdup_printf("%s%s%s:%u", six ? "[" : "", host, six ? "]" : "", port);
    g_strv_builder_add(list, place);
}

char **earshot_invites_own_places(guint port)
{
    /* Addresses for documentation (RFC 5737, RFC 3849): routed like any far one, owned by nobody.
     */
    g_autofree char *four = own_host(G_SOCKET_FAMILY_IPV4, "192.0.2.1");
    g_autofree char *six = own_host(G_SOCKET_FAMILY_IPV6, "2001:db8::1");
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    if (four)
        add_place(list, four, port);
    if (six)
        add_place(list, six, port);
    if (!four && !six) /* no network at all: at least other programs on this computer */
        add_place(list, "127.0.0.1", port);
    return g_strv_builder_end(list);
}
