/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records are decoded ahead of the loudspeaker; the stretcher takes out what is too slow. */
#include "mail/player.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rx/decode.h"
#include "rx/stretch.h"

/* Decoded ahead of the first frame after a jump and not played: the decoder finds its way. */
#define PREROLL_UNITS 24
#define SPEED_MAX 2.0
/* What could not be taken out is made up for within the next seconds: with 45 ms read speech at 1.5
 * was 1.45 to 1.48 times as fast. */
#define OWED_MAX (1000 * EAR_SAMPLES_PER_MS)

struct ear_player {
    const struct ear_voice *voice;
    const struct ear_voice_source *source;
    struct ear_decode decode;
    struct ear_stretch stretch;
    double speed;
    double owed;          /* samples that should have been taken out by now */
    size_t record;        /* the next */
    uint32_t record_done; /* units of it, silence alone */
    uint64_t decoded;     /* samples of the talker's time up to the line's end */
    uint64_t skip;        /* samples before here are not played */
};

int ear_player_new(struct ear_player **ret, const struct ear_voice *voice,
                   const struct ear_voice_source *source, struct ear_codec *codec)
{
    struct ear_player *player = calloc(1, sizeof *player);
    if (!player)
        return -ENOMEM;
    *player = (struct ear_player){.voice = voice, .source = source, .speed = 1};
    ear_decode_init(&player->decode, codec);
    ear_player_seek(player, 0);
    *ret = player;
    return 0;
}

void ear_player_free(struct ear_player *player)
{
    free(player);
}

void ear_player_set_speed(struct ear_player *player, double speed)
{
    player->speed = fmin(SPEED_MAX, fmax(1, speed));
    player->owed = 0;
}

void ear_player_seek(struct ear_player *player, uint32_t ms)
{
    uint32_t unit = ms / EAR_UNIT_MS;
    struct ear_codec *codec = player->decode.codec;
    codec->reset(codec->ctx);
    ear_decode_init(&player->decode, codec);
    ear_stretch_init(&player->stretch);
    player->owed = 0;
    player->record_done = 0;
    player->record = ear_voice_find(player->voice, unit > PREROLL_UNITS ? unit - PREROLL_UNITS : 0);
    player->skip = (uint64_t)unit * EAR_UNIT;
    bool behind = player->record >= player->voice->count;
    uint32_t begin = behind ? player->voice->units : player->voice->records[player->record].begin;
    player->decoded = (uint64_t)begin * EAR_UNIT;
}

uint32_t ear_player_ms(const struct ear_player *player)
{
    uint64_t line = ear_stretch_level(&player->stretch);
    uint64_t heard = player->decoded > line ? player->decoded - line : 0;
    if (heard < player->skip)
        heard = player->skip;
    uint64_t all = (uint64_t)player->voice->units * EAR_UNIT;
    return (uint32_t)((heard < all ? heard : all) / EAR_SAMPLES_PER_MS);
}

uint32_t ear_player_duration_ms(const struct ear_player *player)
{
    return player->voice->units * EAR_UNIT_MS;
}

/* Puts decoded samples into the line, but for what lies before the place that was sought. */
static void put(struct ear_player *player, const int16_t *pcm, size_t samples)
{
    uint64_t from = player->decoded;
    player->decoded += samples;
    if (player->decoded <= player->skip)
        return;
    size_t passed = from < player->skip ? (size_t)(player->skip - from) : 0;
    memcpy(ear_stretch_room(&player->stretch, samples - passed), pcm + passed,
           (samples - passed) * sizeof *pcm);
    ear_stretch_put(&player->stretch, samples - passed);
}

static int read_packet(struct ear_player *player, const struct ear_voice_record *record,
                       uint8_t packet[static EAR_PAYLOAD_MAX])
{
    for (size_t at = 0; at < record->len;) {
        int64_t n = player->source->read(player->source->ctx, record->at + at, packet + at,
                                         record->len - at);
        if (n <= 0)
            return n < 0 ? (int)n : -EBADMSG;
        at += (size_t)n;
    }
    return 0;
}

/* Decodes the next packet, or 20 ms of silence. Returns 1, 0 at the end, what the source says. */
static int decode_more(struct ear_player *player)
{
    if (player->record >= player->voice->count)
        return 0;
    const struct ear_voice_record *record = &player->voice->records[player->record];
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    uint8_t packet[EAR_PAYLOAD_MAX];
    if (record->len == 0) {
        ear_decode_rest(&player->decode, pcm, EAR_UNIT);
        put(player, pcm, EAR_UNIT);
        if (++player->record_done == record->units) {
            player->record++;
            player->record_done = 0;
        }
        return 1;
    }
    int r = read_packet(player, record, packet);
    if (r)
        return r;
    size_t samples = (size_t)record->units * EAR_UNIT;
    /* Garbage is concealed. */
    r = ear_decode_packet(&player->decode, packet, record->len, pcm, samples);
    put(player, pcm, samples);
    player->record++;
    return r == 0 || r == -EBADMSG ? 1 : r;
}

/* Takes out what the speed asks for, where it can be taken out. */
static void hurry(struct ear_player *player, double room)
{
    struct ear_stretch_edit edit;
    player->owed += (player->speed - 1) * EAR_FRAME;
    do {
        edit =
            ear_stretch_shorten(&player->stretch, (int64_t)player->owed, room, EAR_STRETCH_TWICE);
        player->owed -= edit.removed;
    } while (edit.removed > 0);
    player->owed = fmin(player->owed, OWED_MAX);
}

int ear_player_take(struct ear_player *player, int16_t frame[static EAR_FRAME])
{
    int r = 1;
    memset(frame, 0, EAR_FRAME * sizeof *frame);
    while (r > 0 && ear_stretch_level(&player->stretch) < 2 * EAR_STRETCH_AHEAD)
        r = decode_more(player);
    if (r < 0 && ear_stretch_level(&player->stretch) < EAR_FRAME)
        return r;
    double room = ear_comfort_room(&player->decode.comfort);
    if (player->speed > 1)
        hurry(player, room);
    if (ear_stretch_level(&player->stretch) < EAR_FRAME)
        return 0;
    ear_stretch_take(&player->stretch, EAR_STRETCH_TWICE, room, frame);
    return 1;
}
