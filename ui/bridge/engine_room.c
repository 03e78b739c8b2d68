/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket, codec, engine and media thread, put together and taken apart in order. */
#include "bridge/engine_room.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "call/media.h"
#include "port/enet_link.h"
#include "port/udp.h"

struct earshot_engine_room {
    EarshotProfile *profile; /* borrowed */
    struct ear_udp *udp;
    struct ear_codec *codec, *again; /* again: for what was missed */
    struct ear_guests *guests;
    struct ear_engine *engine;
    struct ear_media *media;
};

static uint64_t wall_ms(void)
{
    return (uint64_t)(g_get_real_time() / 1000);
}

static gboolean fail(GError **error, const char *sentence)
{
    g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, sentence);
    return FALSE;
}

static gboolean fail_port(GError **error, guint port, int err, const char *english)
{
    g_autofree char *sentence =
        err == -EADDRINUSE || err == -EACCES
            /* Translators: %u is the number of a port */
            ? g_strdup_printf(_("Port %u cannot be used: another program has it. Close that "
                                "program, or choose another port in the preferences."),
                              port)
            : g_strdup(english);
    return fail(error, sentence);
}

/* All of the computer's addresses, IPv6 and IPv4, or IPv4 alone where there is no IPv6. */
static gboolean open_socket(struct earshot_engine_room *room, guint port, GError **error)
{
    static const char *const anywhere[] = {"[::]", "0.0.0.0"};
    char sentence[256] = "";
    int err = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(anywhere) && !room->udp; i++) {
        struct ear_address at;
        g_autofree char *place = g_strdup_printf("%s:%u", anywhere[i], port);
        err = ear_udp_resolve(place, &at, sentence, sizeof sentence);
        if (!err)
            err = ear_udp_open(&room->udp, &at, sentence, sizeof sentence);
        if (err)
            room->udp = NULL;
    }
    return room->udp || fail_port(error, port, err, sentence);
}

static gboolean open_engine(struct earshot_engine_room *room, struct ear_soundswitch *soundswitch,
                            int wire_budget_bps, GError **error)
{
    char sentence[600];
    uint8_t binding[EAR_BINDING_BYTES];
    struct ear_stamps stamps;
    const struct ear_identity *self = earshot_profile_identity(room->profile);
    if (ear_stamps_reserve(earshot_profile_home(room->profile), wall_ms(), &stamps, sentence,
                           sizeof sentence) < 0)
        return fail(error, sentence);
    room->guests = g_new0(struct ear_guests, 1);
    ear_people_guests(earshot_profile_people(room->profile), self, room->guests);
    ear_identity_bind(self, binding);
    int err = ear_codec_opus_new(&room->codec, &ear_codec_opus_usual);
    if (!err)
        err = ear_codec_opus_new(&room->again, &ear_codec_opus_usual);
    const struct ear_engine_config config = {
        .clock = &ear_clock_monotonic,
        .net = ear_udp_datagrams(room->udp),
        .mic = ear_soundswitch_mic(soundswitch),
        .speaker = ear_soundswitch_speaker(soundswitch),
        .codec = room->codec,
        .again = room->again,
        .guests = room->guests,
        .stamps = stamps,
        .binding = binding,
        .accept = true,
        .send_silence =
            earshot_settings_get_bool(earshot_profile_get_settings(room->profile), "hide-pattern"),
        .wire_budget_bps = wire_budget_bps,
    };
    if (!err)
        err = ear_engine_new(&room->engine, &config);
    const struct ear_media_config media = {
        .clock = &ear_clock_monotonic, .engines = {room->engine}, .fd = ear_udp_fd(room->udp)};
    if (!err)
        err = ear_media_start(&room->media, &media);
    return err == 0 ||
           fail(error, _("There is not enough memory for calls. Close other programs."));
}

struct earshot_engine_room *earshot_engine_room_new(EarshotProfile *profile,
                                                    struct ear_soundswitch *soundswitch,
                                                    int wire_budget_bps, GError **error)
{
    struct earshot_engine_room *room = g_new0(struct earshot_engine_room, 1);
    EarshotSettings *settings = earshot_profile_get_settings(profile);
    room->profile = profile;
    if (!open_socket(room, (guint)earshot_settings_get_number(settings, "port"), error) ||
        !open_engine(room, soundswitch, wire_budget_bps, error)) {
        earshot_engine_room_free(room);
        return NULL;
    }
    return room;
}

void earshot_engine_room_free(struct earshot_engine_room *room)
{
    if (!room)
        return;
    ear_media_stop(room->media);
    ear_engine_free(room->engine);
    ear_codec_opus_free(room->codec);
    ear_codec_opus_free(room->again);
    if (room->guests)
        ear_guests_wipe(room->guests);
    g_free(room->guests);
    if (room->udp)
        ear_udp_close(room->udp);
    g_free(room);
}

void earshot_engine_room_command(struct earshot_engine_room *room,
                                 const struct ear_command *command)
{
    ear_engine_command(room->engine, command);
    ear_media_wake(room->media);
}

gboolean earshot_engine_room_event(struct earshot_engine_room *room, struct ear_event *ret)
{
    return ear_engine_event(room->engine, ret);
}

gboolean earshot_engine_room_status(struct earshot_engine_room *room, struct ear_engine_status *ret)
{
    return ear_engine_poll_status(room->engine, ret);
}

bool earshot_engine_room_mail_put(struct earshot_engine_room *room,
                                  const struct ear_pipe_item *item)
{
    bool put = ear_engine_mail_put(room->engine, item);
    ear_media_wake(room->media);
    return put;
}

bool earshot_engine_room_mail_take(struct earshot_engine_room *room, struct ear_pipe_item *ret)
{
    return ear_engine_mail_take(room->engine, ret);
}

struct ear_unheard *earshot_engine_room_unheard(struct earshot_engine_room *room)
{
    return ear_engine_unheard(room->engine);
}

guint earshot_engine_room_port(struct earshot_engine_room *room)
{
    struct ear_address address = ear_udp_address(room->udp);
    return ear_address_port(&address);
}

void earshot_engine_room_update_guest(struct earshot_engine_room *room, guint number)
{
    const struct ear_person *person =
        ear_people_numbered(earshot_profile_people(room->profile), number);
    struct ear_guests_update update = {.gone = person == NULL};
    if (person)
        update.guest = person->guest;
    update.guest.number = number;
    if (!ear_engine_update_guest(room->engine, &update))
        g_message("engine: a change of people was not taken, too many wait");
    ear_sodium_wipe(&update, sizeof update);
    ear_media_wake(room->media);
}

void earshot_engine_room_meet(struct earshot_engine_room *room,
                              const struct ear_person_meeting *meeting,
                              const struct ear_address *relay)
{
    struct ear_meeting_update update = {.meeting = ear_meeting_at(meeting, relay)};
    if (!ear_engine_update_meeting(room->engine, &update))
        g_message("engine: a meeting was not taken, too many wait");
    ear_sodium_wipe(&update, sizeof update);
    ear_media_wake(room->media);
}

gboolean earshot_engine_room_fit(struct earshot_engine_room *room, struct ear_address *address)
{
    const struct ear_address at = ear_udp_address(room->udp);
    return ear_address_fit(address, &at);
}

void earshot_engine_room_tend(struct earshot_engine_room *room)
{
    char sentence[600];
    struct ear_stamps later;
    if (ear_stamps_reserve(earshot_profile_home(room->profile), wall_ms(), &later, sentence,
                           sizeof sentence) < 0)
        earshot_profile_complain(room->profile, sentence);
}
