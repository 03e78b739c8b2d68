/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two engines, a simulated link, and an ear that speaks. */
#include "bridge/echo_room.h"

#include <glib/gi18n.h>

#include "base/random.h"
#include "bridge/profile.h"
#include "call/media.h"
#include "sim/echo.h"
#include "sim/introduce.h"
#include "sim/link.h"

/* Two calls share one processor here: 2 takes half of what the usual 6 does, for .01 of ESTOI
 * (port/codec.c). */
#define ECHO_COMPLEXITY 2

struct earshot_echo_room {
    struct ear_profile *profile;
    struct ear_link *link;
    struct ear_echo *echo;
    struct ear_guests *guests[2];
    struct ear_codec *codecs[2], *again; /* again: for what the user missed */
    struct ear_engine *engines[2];
    struct ear_media *media;
};

static int64_t link_next_us(void *ctx)
{
    return ear_link_next_us(ctx);
}

static int open_end(struct earshot_echo_room *room, int end, struct ear_mic *mic,
                    struct ear_speaker *speaker, int wire_budget_bps)
{
    struct ear_codec_opus_config codec = ear_codec_opus_usual;
    if (end == 1)
        codec.encoder_complexity = ECHO_COMPLEXITY;
    int err = ear_codec_opus_new(&room->codecs[end], &codec);
    if (!err && end == 0)
        err = ear_codec_opus_new(&room->again, &ear_codec_opus_usual);
    const struct ear_engine_config config = {
        .clock = &ear_clock_monotonic,
        .net = ear_link_end(room->link, end),
        .mic = mic,
        .speaker = speaker,
        .codec = room->codecs[end],
        .again = end == 0 ? room->again : NULL,
        .guests = room->guests[end],
        .stamps = {.last = 1, .end = UINT64_MAX},
        .accept = end == 1,
        .auto_answer = end == 1,
        .wire_budget_bps = wire_budget_bps,
    };
    return err ? err : ear_engine_new(&room->engines[end], &config);
}

static int open_room(struct earshot_echo_room *room, struct ear_mic *mic,
                     struct ear_speaker *speaker, int wire_budget_bps)
{
    const struct ear_chance chance = {0};
    struct ear_random random = ear_random_fresh();
    int err =
        ear_link_new(&room->link, room->profile, &ear_clock_monotonic, ear_random_u64(&random));
    if (!err)
        err = ear_echo_new(&room->echo, &ear_clock_monotonic);
    if (err)
        return err;
    for (int end = 0; end < 2; end++)
        room->guests[end] = g_new0(struct ear_guests, 1);
    ear_introduce(room->guests, 2, &chance);
    err = open_end(room, 0, mic, speaker, wire_budget_bps);
    if (!err)
        err = open_end(room, 1, ear_echo_mic(room->echo), ear_echo_speaker(room->echo),
                       wire_budget_bps);
    const struct ear_media_config media = {.clock = &ear_clock_monotonic,
                                           .engines = {room->engines[0], room->engines[1]},
                                           .fd = -1,
                                           .next_us = link_next_us,
                                           .ctx = room->link};
    return err ? err : ear_media_start(&room->media, &media);
}

struct earshot_echo_room *earshot_echo_room_new(const char *link, struct ear_mic *mic,
                                                struct ear_speaker *speaker, int wire_budget_bps,
                                                GError **error)
{
    char sentence[512];
    struct earshot_echo_room *room = g_new0(struct earshot_echo_room, 1);
    int err = ear_profile_load(&room->profile, link, sentence, sizeof sentence);
    if (err) {
        g_set_error_literal(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED, sentence);
    } else if ((err = open_room(room, mic, speaker, wire_budget_bps)) < 0) {
        g_set_error(error, EARSHOT_ERROR, EARSHOT_ERROR_FAILED,
                    /* Translators: %s is the system's reason, like "Cannot allocate memory". */
                    _("The Echo test could not be prepared: %s."), g_strerror(-err));
    }
    if (err) {
        earshot_echo_room_free(room);
        return NULL;
    }
    return room;
}

void earshot_echo_room_free(struct earshot_echo_room *room)
{
    if (!room)
        return;
    ear_media_stop(room->media);
    for (int end = 0; end < 2; end++) {
        ear_engine_free(room->engines[end]);
        ear_codec_opus_free(room->codecs[end]);
        if (room->guests[end])
            ear_guests_wipe(room->guests[end]);
        g_free(room->guests[end]);
    }
    ear_codec_opus_free(room->again);
    ear_echo_free(room->echo);
    ear_link_free(room->link);
    ear_profile_free(room->profile);
    g_free(room);
}

struct ear_engine *earshot_echo_room_engine(struct earshot_echo_room *room)
{
    return room->engines[0];
}

void earshot_echo_room_wake(struct earshot_echo_room *room)
{
    ear_media_wake(room->media);
}

void earshot_echo_room_dial(struct earshot_echo_room *room)
{
    const struct ear_command dial = {
        .kind = EAR_COMMAND_DIAL, .address = ear_link_address(1), .guest = 2};
    ear_engine_command(room->engines[0], &dial);
    ear_media_wake(room->media);
}

void earshot_echo_room_tend(struct earshot_echo_room *room)
{
    struct ear_event event;
    struct ear_engine_status status;
    while (ear_engine_event(room->engines[1], &event))
        ;
    ear_engine_poll_status(room->engines[1], &status);
}
