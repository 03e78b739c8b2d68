/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each 10 ms: what is due is decoded, made up or waited for; the delay is steered to its target. */
#include "rx/play.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rx/arrivals.h"
#include "rx/decode.h"
#include "rx/depth.h"
#include "rx/jitter.h"
#include "rx/marks.h"
#include "rx/offsets.h"
#include "rx/stretch.h"

#define MS ((int64_t)EAR_US_PER_MS)
/* A lost packet is concealed for at least this, and half of it, however much too late we are:
 * syllables keep their rhythm. */
static const int64_t gap_least_us = 20 * MS;
static const int gap_divisor = 2;
/* While a packet waits for its moment, that is looked for this often. */
static const size_t moment = 40;
/* Packets overtake one another by this: a gap that shows at the end of a stall may close yet. */
static const int64_t overtake_us = 20 * MS;
/* A stall up to this ends with the packet waited for. */
static const int64_t stall_short_us = 60 * MS;
/* After a longer one we wait for more, but not longer than this. */
static const int64_t gather_us = 300 * MS;
/* Share of a talker's pause that is kept, normally and while an outage is caught up: with .1 ESTOI
 * was .005 less there, for more had to be taken out of speech. */
static const double pause_kept = 0.6, pause_kept_catch_up = 0.03;
/* Speech older than this when its turn comes is too old to be played first: an outage of 10 s is
 * caught up, and the round trip until its end has been sent again comes on top. */
static const int64_t oldest_us = 15 * (int64_t)EAR_US_PER_S;
/* So many packets in a row from a past long gone: the talker counts anew. */
static const int restart_after = 25;
/* A quiet room, until the talker told of his. */
static const int8_t room_unknown_db = -70;
/* Loss is remembered for this much speech. */
static const double loss_units = 500;

struct ear_play {
    struct ear_play_config config;
    struct ear_jitter *jitter;
    struct ear_arrivals arrivals;
    struct ear_decode decode;
    struct ear_stretch stretch;
    struct ear_marks marks;
    struct ear_play_stats stats;

    bool started;        /* something has been played */
    bool quiet;          /* the talker is silent, as far as we know */
    int64_t heard_us;    /* of the line's first sample */
    int64_t lead_us;     /* heard less now */
    int64_t made_us;     /* made up since the last speech */
    int last_units;      /* length of the last packet played */
    int passed_in_a_row; /* packets from long ago */
    struct ear_depth depth;
    int64_t awaited; /* index that nothing is played behind; -1: none */
    int8_t noise_db; /* of the talker's room, as told last */
    bool skips;      /* until the delay is the usual one */

    double lost_units;
    double told_units;
    struct ear_offsets offsets;
};

int ear_play_new(struct ear_play **ret, const struct ear_play_config *config)
{
    if (!config->codec)
        return -EINVAL;
    struct ear_play *play = calloc(1, sizeof(*play));
    if (!play)
        return -ENOMEM;
    int result = ear_jitter_new(&play->jitter);
    if (result < 0) {
        free(play);
        return result;
    }
    play->config = *config;
    ear_play_reset(play);
    *ret = play;
    return 0;
}

void ear_play_reset(struct ear_play *play)
{
    struct ear_jitter *jitter = play->jitter;
    const struct ear_play_config config = play->config;
    ear_jitter_clear(jitter);
    memset(play, 0, sizeof *play);
    play->config = config;
    play->jitter = jitter;
    play->quiet = true;
    play->awaited = -1;
    play->noise_db = room_unknown_db;
    play->heard_us = INT64_MIN;
    play->last_units = 1;
    ear_arrivals_init(&play->arrivals, config.price_ms);
    ear_decode_init(&play->decode, config.codec);
    ear_stretch_init(&play->stretch);
    ear_depth_init(&play->depth);
}

void ear_play_free(struct ear_play *play)
{
    if (!play)
        return;
    ear_jitter_free(play->jitter);
    free(play);
}

/* The first frame that can play what came just now. */
static int64_t next_frame_us(const struct ear_play *play, int64_t arrival_us)
{
    return ear_max64(play->heard_us, arrival_us + play->lead_us);
}

/* Counts packets of a long gone past that came by themselves. When no others do, the talker's
 * program was started anew and counts from nought: follow it. */
static bool is_anew(struct ear_play *play, int result)
{
    play->passed_in_a_row = result == -ERANGE ? play->passed_in_a_row + 1 : 0;
    return play->passed_in_a_row >= restart_after;
}

static void start_anew(struct ear_play *play)
{
    ear_jitter_clear(play->jitter);
    ear_arrivals_init(&play->arrivals, play->config.price_ms);
    play->config.codec->reset(play->config.codec->ctx);
    play->started = false;
    play->quiet = true;
    play->passed_in_a_row = 0;
}

static int hold(struct ear_play *play, const struct ear_jitter_packet *packet)
{
    int result = ear_jitter_put(play->jitter, packet);
    if (packet->units && packet->source == EAR_PLAY_PRIMARY && is_anew(play, result)) {
        start_anew(play);
        result = ear_jitter_put(play->jitter, packet);
    }
    return result;
}

int ear_play_put(struct ear_play *play, const struct ear_play_packet *packet, int64_t arrival_us)
{
    size_t len = packet->len;
    int samples =
        len <= EAR_PAYLOAD_MAX ? play->config.codec->packet_samples(packet->bytes, len) : -1;
    if (samples <= 0)
        return -EBADMSG;
    struct ear_jitter_packet in = {.index = packet->index,
                                   .units = samples / EAR_UNIT,
                                   .spurt_start = packet->spurt_start,
                                   .source = packet->source,
                                   .arrival_us = arrival_us,
                                   .len = len};
    memcpy(in.bytes, packet->bytes, len);
    int result = hold(play, &in);
    if (result == -ERANGE)
        result = -EEXIST;
    if (result == -EEXIST)
        play->stats.packets_duplicate++;
    if (packet->source == EAR_PLAY_PRIMARY && (result == 0 || result == -ESTALE)) {
        play->stats.packets_received++;
        play->stats.packets_discarded += result == -ESTALE;
        ear_arrivals_add(&play->arrivals, packet->index * EAR_UNIT_US, arrival_us,
                         next_frame_us(play, arrival_us), packet->spurt_start);
    }
    return result;
}

void ear_play_put_silence(struct ear_play *play, int64_t index, int8_t noise_db, int64_t arrival_us)
{
    struct ear_jitter_packet in = {.index = index, .noise_db = noise_db, .arrival_us = arrival_us};
    play->noise_db = noise_db;
    ear_arrivals_hear(&play->arrivals, index * EAR_UNIT_US, arrival_us);
    if (hold(play, &in) < 0 && play->quiet)
        ear_comfort_tell(&play->decode.comfort, noise_db);
}

/* When the line as it is has been heard. */
static int64_t line_end_us(const struct ear_play *play)
{
    return play->heard_us + ear_samples_us(ear_stretch_level(&play->stretch));
}

/* Playout delay of what is put in line next, if that is speech from index. */
static int64_t delay_us(const struct ear_play *play, int64_t index)
{
    return line_end_us(play) - index * EAR_UNIT_US;
}

/* The delay to aim at: what the arrivals ask for, or the repairs. */
static int64_t target_us(const struct ear_play *play)
{
    int64_t held = ear_depth_held_us(&play->depth) - ear_arrivals_scatter_us(&play->arrivals);
    return ear_arrivals_target_us(&play->arrivals) + ear_max64(held, 0);
}

/* By how much that delay is more than wanted. */
static int64_t excess_us(const struct ear_play *play, int64_t index)
{
    return ear_arrivals_known(&play->arrivals) ? delay_us(play, index) - target_us(play) : 0;
}

static int64_t gap_us(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    return play->started ? (first->index - ear_jitter_next(play->jitter)) * EAR_UNIT_US : 0;
}

static int64_t waited_us(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    return line_end_us(play) - play->lead_us - first->arrival_us;
}

/* After a silence of our making: enough is there, or we waited long enough. */
static bool has_gathered(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    int64_t gather = ear_depth_gather_us(&play->depth, play->heard_us);
    int64_t wanted_us = ear_max64(ear_arrivals_scatter_us(&play->arrivals) / 2, gather);
    if (ear_jitter_span(play->jitter) * EAR_UNIT_US >=
        ear_max64(first->units * (int64_t)EAR_UNIT_US, wanted_us))
        return true;
    return waited_us(play, first) >= ear_max64(gather_us, gather);
}

/* A new spurt starts at the target, but not before most of the pause is over. */
static bool pause_is_over(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    int64_t excess = excess_us(play, first->index);
    double kept = play->depth.catches ? pause_kept_catch_up : pause_kept;
    return excess >= 0 && (double)play->made_us >= kept * (double)gap_us(play, first);
}

/* What is missing before `first` has been made up, or there is no time for it. */
static bool gap_is_over(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    int64_t gap = gap_us(play, first);
    if (play->made_us > gap + stall_short_us && waited_us(play, first) < overtake_us)
        return false;
    if (play->made_us >= ear_max64(gap_least_us, gap / gap_divisor) &&
        excess_us(play, first->index) >= 0)
        return true;
    if (play->made_us < gap)
        return false;
    return !ear_decode_faded(&play->decode) || has_gathered(play, first);
}

/* Something that comes before `first` is on its way. */
static bool is_awaited(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    return play->awaited >= 0 && play->awaited < first->index &&
           (!play->started || play->awaited >= ear_jitter_next(play->jitter));
}

static bool may_start(const struct ear_play *play)
{
    const struct ear_jitter_packet *first = ear_jitter_first(play->jitter);
    if (!first || is_awaited(play, first))
        return false;
    if (play->quiet)
        return pause_is_over(play, first);
    if (first->index > ear_jitter_next(play->jitter))
        return gap_is_over(play, first);
    bool stutters = ear_depth_gather_us(&play->depth, play->heard_us) > 0;
    return (play->made_us <= stall_short_us && !stutters) || excess_us(play, first->index) >= 0 ||
           has_gathered(play, first);
}

static void tell(struct ear_play *play, const struct ear_play_event *event)
{
    if (play->config.on_event)
        play->config.on_event(play->config.ctx, event);
}

static void note_loss(struct ear_play *play, double units, double lost)
{
    double keep = exp(-units / loss_units);
    play->told_units = play->told_units * keep + units;
    play->lost_units = play->lost_units * keep + lost;
}

/* The talker spoke `gap_us` that nobody will hear; of made_us as much stood in for it. */
static void count_lost(struct ear_play *play, int64_t gap)
{
    int64_t index = ear_jitter_next(play->jitter);
    int64_t units = gap / EAR_UNIT_US;
    int64_t made = ear_min64(play->made_us, gap);
    play->stats.packets_lost += (units + play->last_units - 1) / play->last_units;
    play->stats.lost_us += gap;
    note_loss(play, (double)units, (double)units);
    struct ear_play_event event = {.index = index,
                                   .units = (int)ear_min64(units, INT32_MAX),
                                   .heard_us = line_end_us(play) - play->made_us,
                                   .source = EAR_PLAY_CONCEALED,
                                   .scale = (double)made / (double)gap};
    play->stats.concealed_us += made;
    play->made_us -= made;
    tell(play, &event);
}

/* Settles what the sound made up since the last speech stood for. */
static void close_gap(struct ear_play *play, const struct ear_jitter_packet *first)
{
    int64_t gap = gap_us(play, first);
    if (play->started && !play->quiet) {
        if (gap > 0)
            count_lost(play, gap);
        play->stats.stalled_us += play->made_us;
        if (play->made_us > 0)
            ear_depth_stall(&play->depth, play->made_us, play->heard_us);
    } else if (play->started && !first->spurt_start && first->units) {
        /* The spurt's first packets are missing; one at least. */
        play->stats.packets_lost++;
        note_loss(play, first->units, first->units);
    }
    play->made_us = 0;
}

/* How much was made up for a packet and those behind it before it came. But what is caught up is
 * heard, and where stalls follow one another a queue grows. */
static int64_t made_up_us(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    bool stutters = ear_depth_gather_us(&play->depth, play->heard_us) > 0;
    bool grows = stutters && ear_jitter_span(play->jitter) <= first->units;
    bool late = first->source == EAR_PLAY_PRIMARY && !ear_decode_faded(&play->decode);
    if (!play->started || play->quiet || grows || !(first->source == EAR_PLAY_REPAIRED || late) ||
        first->index > ear_jitter_next(play->jitter))
        return 0;
    return ear_max64(0, ear_min64(play->made_us, excess_us(play, first->index)));
}

/* A repair whose whole time is over, though some was held for it, is lost: at 30 % loss the delay's
 * 95th percentile is 500 ms, 553 where of several that come at once a little of each is heard. */
static void pass_made_up(struct ear_play *play)
{
    const struct ear_jitter_packet *first;
    while ((first = ear_jitter_first(play->jitter)) && first->units > 0 &&
           first->source == EAR_PLAY_REPAIRED && ear_depth_held_us(&play->depth) > 0 &&
           made_up_us(play, first) >= first->units * EAR_UNIT_US) {
        int64_t end = first->index + first->units, next = ear_jitter_next(play->jitter);
        if (end > next)
            count_lost(play, (end - next) * EAR_UNIT_US);
        if (play->config.on_late)
            play->config.on_late(play->config.passed_ctx, first->index, first->units);
        play->stats.packets_discarded += ear_jitter_skip(play->jitter, end);
    }
}

static void play_first(struct ear_play *play)
{
    const struct ear_jitter_packet *first = ear_jitter_first(play->jitter);
    size_t samples = (size_t)first->units * EAR_UNIT;
    /* Played whole, what is late would move all that follows: on EDGE the delay's 95th percentile
     * is 757 ms with this, 793 without. */
    size_t passed = ear_us_samples(made_up_us(play, first));
    passed = passed < samples - EAR_FRAME ? passed : samples - EAR_FRAME;
    play->made_us -= ear_samples_us(passed);
    play->stats.concealed_us += ear_samples_us(passed);
    close_gap(play, first);
    struct ear_play_event event = {.index = first->index,
                                   .units = first->units,
                                   .arrival_us = first->arrival_us,
                                   .source = first->source};
    int16_t *pcm = ear_stretch_room(&play->stretch, samples);
    if (ear_decode_late(&play->decode, first->bytes, first->len, passed, pcm, samples) < 0) {
        event.source = EAR_PLAY_CONCEALED;
        play->stats.packets_lost++;
        play->stats.concealed_us += ear_samples_us(samples - passed);
    } else {
        play->stats.spoken_us += ear_samples_us(samples);
        play->stats.packets_repaired += first->source != EAR_PLAY_PRIMARY;
        if (first->source == EAR_PLAY_REPAIRED)
            play->stats.repaired_us += ear_samples_us(samples);
        if (first->source == EAR_PLAY_CAUGHT_UP)
            play->stats.caught_up_us += ear_samples_us(samples);
    }
    samples -= passed;
    ear_marks_put(&play->marks, &event, ear_stretch_level(&play->stretch), samples);
    ear_stretch_put(&play->stretch, samples);
    note_loss(play, first->units, 0);
    play->last_units = first->units;
    play->started = true;
    play->quiet = false;
    ear_jitter_play(play->jitter);
}

static void fall_silent(struct ear_play *play)
{
    const struct ear_jitter_packet *first = ear_jitter_first(play->jitter);
    ear_comfort_tell(&play->decode.comfort, first->noise_db);
    if (play->quiet)
        play->made_us = ear_max64(0, play->made_us - gap_us(play, first));
    else
        close_gap(play, first);
    play->quiet = true;
    ear_jitter_play(play->jitter);
}

static void make_up(struct ear_play *play)
{
    size_t samples = EAR_FRAME - ear_stretch_level(&play->stretch);
    if (ear_jitter_first(play->jitter) && samples > moment)
        samples = moment;
    int16_t *pcm = ear_stretch_room(&play->stretch, samples);
    if (play->quiet)
        ear_decode_rest(&play->decode, pcm, samples);
    else
        ear_decode_conceal(&play->decode, pcm, samples);
    if (play->quiet || ear_decode_faded(&play->decode))
        play->stats.comfort_us += ear_samples_us(samples);
    ear_stretch_put(&play->stretch, samples);
    play->made_us += ear_samples_us(samples);
}

/* Goes on from `to`: what lies before is told as lost, whether it came or not. */
static void pass_over(struct ear_play *play, int64_t to)
{
    int64_t gap = (to - ear_jitter_next(play->jitter)) * EAR_UNIT_US;
    if (play->started && !play->quiet && gap > 0)
        count_lost(play, gap);
    const struct ear_jitter_packet *first;
    while (play->config.on_passed && (first = ear_jitter_first(play->jitter)) &&
           first->index < to) {
        if (first->units > 0)
            play->config.on_passed(play->config.passed_ctx, first->index, first->units,
                                   first->bytes, first->len);
        play->stats.packets_discarded += ear_jitter_drop(play->jitter);
    }
    play->stats.packets_discarded += ear_jitter_skip(play->jitter, to);
}

/* Speech that waited longer than anybody would; or all that is late, as the user wishes. */
static bool is_too_late(const struct ear_play *play, const struct ear_jitter_packet *first)
{
    int64_t waited_us = delay_us(play, first->index) - play->lead_us;
    if (play->skips)
        return excess_us(play, first->index) > 0;
    return first->units && waited_us - ear_arrivals_least_us(&play->arrivals) > oldest_us;
}

static void drop_late(struct ear_play *play)
{
    const struct ear_jitter_packet *first = ear_jitter_first(play->jitter);
    while (first && ear_jitter_span(play->jitter) > first->units && is_too_late(play, first)) {
        pass_over(play, first->index + ear_max64(first->units, 1));
        first = ear_jitter_first(play->jitter);
    }
    play->skips = false;
}

/* Takes note of silence that begins here. */
static void settle(struct ear_play *play)
{
    drop_late(play);
    pass_made_up(play);
    if (!play->quiet && ear_jitter_due(play->jitter) == EAR_JITTER_PAUSE)
        play->quiet = true;
    for (;;) {
        const struct ear_jitter_packet *first = ear_jitter_first(play->jitter);
        bool due = first && !first->units &&
                   (ear_jitter_due(play->jitter) == EAR_JITTER_SILENCE || may_start(play));
        if (!due)
            return;
        fall_silent(play);
    }
}

static void fill(struct ear_play *play)
{
    while (ear_stretch_level(&play->stretch) < EAR_FRAME) {
        settle(play);
        if (may_start(play))
            play_first(play);
        else
            make_up(play);
    }
}

/* Decodes what is there anyway, so that periods can be compared. */
static void look_ahead(struct ear_play *play)
{
    while (ear_stretch_level(&play->stretch) < EAR_STRETCH_AHEAD &&
           ear_jitter_due(play->jitter) == EAR_JITTER_PACKET)
        play_first(play);
}

/* Brings the delay nearer to its target where the sound allows. */
static void steer(struct ear_play *play)
{
    int64_t excess = play->quiet ? 0 : excess_us(play, ear_jitter_next(play->jitter));
    double room = ear_comfort_room(&play->decode.comfort);
    ear_depth_missing(&play->depth, play->stats.packets_lost + play->stats.packets_repaired,
                      play->heard_us);
    int64_t pauses = play->depth.catches ? ear_jitter_pauses(play->jitter) * EAR_UNIT_US : 0;
    ear_depth_step(&play->depth, play->quiet, excess, pauses, play->heard_us);
    if (play->quiet || play->made_us > 0 || !ear_depth_moves(&play->depth, excess, play->heard_us))
        return;
    look_ahead(play);
    struct ear_stretch_edit edit =
        excess > 0 ? ear_stretch_shorten(&play->stretch, (int64_t)ear_us_samples(excess), room,
                                         ear_depth_pace(&play->depth, play->heard_us))
                   : ear_stretch_lengthen(&play->stretch, (int64_t)ear_us_samples(-excess), room);
    ear_marks_edit(&play->marks, edit);
}

static void take(struct ear_play *play, int16_t *frame)
{
    ear_stretch_take(&play->stretch, ear_depth_pace(&play->depth, play->heard_us),
                     ear_comfort_room(&play->decode.comfort), frame);
    const struct ear_mark *mark = ear_marks_take(&play->marks, EAR_FRAME, play->heard_us);
    if (mark && mark->spoken == mark->event.units * EAR_UNIT) {
        play->stats.offset_us = mark->event.heard_us - mark->event.index * EAR_UNIT_US;
        ear_offsets_note(&play->offsets, play->stats.offset_us);
    }
    struct ear_play_event event;
    while (ear_marks_finish(&play->marks, &event)) {
        if (event.scale != 1)
            play->stats.scaled_us += event.units * (int64_t)EAR_UNIT_US;
        tell(play, &event);
    }
    play->heard_us += EAR_FRAME_US;
}

void ear_play_frame(struct ear_play *play, int64_t now_us, int64_t heard_us,
                    int16_t frame[static EAR_FRAME])
{
    play->heard_us = heard_us;
    play->lead_us = heard_us - now_us;
    fill(play);
    steer(play);
    take(play, frame);
}

void ear_play_hold(struct ear_play *play, int64_t hold_us)
{
    ear_depth_hold(&play->depth, hold_us);
}

void ear_play_await(struct ear_play *play, int64_t index)
{
    play->awaited = index;
}

void ear_play_skip(struct ear_play *play)
{
    play->awaited = -1;
    play->skips = true;
}

int8_t ear_play_noise_db(const struct ear_play *play)
{
    return play->noise_db;
}

int64_t ear_play_next(const struct ear_play *play)
{
    return play->started ? ear_jitter_next(play->jitter) : -1;
}

int64_t ear_play_behind_us(const struct ear_play *play)
{
    return play->started && !play->quiet
               ? ear_max64(0, excess_us(play, ear_jitter_next(play->jitter)))
               : 0;
}

int64_t ear_play_scatter_us(const struct ear_play *play)
{
    return ear_arrivals_scatter_us(&play->arrivals);
}

bool ear_play_speaking(const struct ear_play *play)
{
    return !play->quiet && !ear_decode_faded(&play->decode);
}

int64_t ear_play_expected_index(const struct ear_play *play, int64_t now_us)
{
    return ear_arrivals_expect_us(&play->arrivals, now_us) / EAR_UNIT_US;
}

void ear_play_get_stats(const struct ear_play *play, struct ear_play_stats *ret)
{
    *ret = play->stats;
    if (ear_arrivals_known(&play->arrivals)) {
        int64_t least = ear_arrivals_least_us(&play->arrivals) + play->lead_us;
        ret->target_ms = (double)(target_us(play) - least) / (double)MS;
        if (play->offsets.count > 0)
            ret->delay_ms = (double)(play->stats.offset_us - least) / (double)MS;
        ret->queueing_ms = (double)ear_arrivals_queueing_us(&play->arrivals) / (double)MS;
    }
    ret->loss = play->told_units > 0 ? play->lost_units / play->told_units : 0;
    ret->offset_median_us = ear_offsets_median_us(&play->offsets);
}
