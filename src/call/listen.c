/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jitter > decode > stretch > play > loudspeaker, with what copies, XORs and repairs give back. */
#include "call/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rx/missed.h"
#include "rx/recover.h"
#include "tx/level.h"
#include "wire/block.h"

#define MS ((int64_t)EAR_US_PER_MS)
#define UNITS(ms) ((ms) / EAR_UNIT_MS)
/* A gap up to this is given up when its turn has come; a longer one is an outage, and waited for.
 * Bursts of 250 ms with packets of 120 ms stay below. */
#define LIVE_GAP_UNITS UNITS(500)
/* So is one that playout holds back for nearly long enough, or that is over before an answer can
 * have come: on a line of 640 ms of round trip, to wait for 240 ms cost 650 ms of delay. */
#define HELD_GAP_UNITS UNITS(100)
/* Who is silent says so this seldom (call/keepalive), so a gap at silence holds less speech. On a
 * line of 640 ms of round trip the last 160 ms of a spurt and one sign of silence behind it were
 * waited for like an outage, and speech was 700 ms later for 5 s. */
#define SIGN_UNITS UNITS(500)
/* An outage up to this is caught up before live speech goes on; after a longer one that comes at
 * once. */
#define AWAITED_UNITS UNITS(10000)
/* A gap of at least this that playout had to pass is fetched nevertheless. */
#define MISSED_LEAST_UNITS UNITS(400)
/* A short gap is asked for with each datagram, for an ask may be lost as well; what leaves in the
 * same moment asks once. */
#define SHORT_GAP_EVERY_US (15 * MS)
/* Of a longer one: asked anew when an answer is overdue by this: the talker's packet takes up to
 * 120 ms to fill. */
#define ANSWER_SLACK_US (140 * MS)
/* While nothing is known of the round trip. */
#define RTT_UNKNOWN_US (600 * MS)
/* Whoever is not speaking asks at once, but not more often than this; after two asks no more often
 * than that, for on a line that loses little one of them came, and on one that loses much something
 * is sent as often anyway. On edge who listened for 10 min sent 93 kB, and sends less than 75. */
#define URGE_EVERY_US (40 * MS)
#define URGE_ASKS 2
#define URGE_LATER_US (240 * MS)

/* On a line that lost something lately a packet is asked for before the next one tells that it is
 * missing, when it is overdue by this and by what packets scatter: half of them a packet sooner,
 * where both speak. Not so many at once, for in a fade the answers would be lost as well. At 30 %
 * loss, packets of 60 ms and a hold of 300 ms, with none, 1, 2 and 4 ESTOI is .835, .844, .851 and
 * .854; but at 50 % loss and 16 kbit/s .43 of speech was concealed with 4, .34 with 2. */
#define OVERDUE_US (12 * MS)
#define OVERDUE_PACKETS 2
#define LOST_LATELY_US (10000 * MS)

/* What is not here after so long can no longer be named in the 14 bits of an ask (327 s), and is
 * long forgotten where it was said: it is lost. */
#define NAMED_UNITS (EAR_INDEX_MODULO - UNITS(20000))

/* Of lost speech, pieces less than this apart are listed as one; a single one shorter than that is
 * no more than a swallowed syllable. */
#define LOST_TOGETHER_US (2 * (int64_t)EAR_US_PER_S)
#define LOST_LISTED_US (300 * MS)

struct ear_listen {
    struct ear_listen_config config;
    struct ear_play *play;
    struct ear_recover *recover;
    struct ear_missed *missed;
    struct ear_line_ear line;
    struct ear_line_ear told; /* line, once the report that rides has left */
    struct ear_gaps gaps;
    int64_t hold_us;
    int64_t rtt_us; /* 0: not known */
    bool whole;
    int64_t start_us;
    int64_t newest, newest_us; /* highest index received, and when; -1: none */
    int64_t silent_to;         /* the talker said that before this index nothing was said; -1 */
    int64_t packet_units;      /* length of the newest packet */
    int64_t urged_us;          /* when we asked last */
    float level_db;
    bool speaker_gone;
};

/* What came too late to be played before live speech is kept for whoever asks for it. */
static void keep_passed(void *ctx, int64_t index, int units, const uint8_t *bytes, size_t len)
{
    struct ear_listen *listen = ctx;
    enum ear_gap_kind kind;
    ear_gaps_clear(&listen->gaps, index, index + units, listen->newest_us, &kind);
    if (ear_missed_put(listen->missed, index, units, bytes, len) == -ENOBUFS)
        ear_gaps_overflow(&listen->gaps, index, index + units);
}

static void list_late(void *ctx, int64_t index, int units)
{
    struct ear_listen *listen = ctx;
    ear_gaps_late(&listen->gaps, index, index + units);
}

int ear_listen_new(struct ear_listen **ret, const struct ear_listen_config *config)
{
    struct ear_listen *listen = calloc(1, sizeof *listen);
    if (!listen)
        return -ENOMEM;
    listen->config = *config;
    const struct ear_play_config play = {.codec = config->codec,
                                         .on_event = config->on_event,
                                         .ctx = config->ctx,
                                         .on_passed = keep_passed,
                                         .on_late = list_late,
                                         .passed_ctx = listen};
    int err = ear_play_new(&listen->play, &play);
    if (!err)
        err = ear_recover_new(&listen->recover);
    if (!err)
        err = ear_missed_new(&listen->missed, config->again);
    if (err) {
        ear_listen_free(listen);
        return err;
    }
    *ret = listen;
    return 0;
}

void ear_listen_free(struct ear_listen *listen)
{
    if (!listen)
        return;
    ear_play_free(listen->play);
    ear_recover_free(listen->recover);
    ear_missed_free(listen->missed);
    free(listen);
}

static void set_gaps(struct ear_listen *listen)
{
    int64_t held = listen->hold_us / EAR_UNIT_US + HELD_GAP_UNITS;
    int64_t answered = listen->rtt_us > 0 ? (listen->rtt_us + ANSWER_SLACK_US) / EAR_UNIT_US : 0;
    int64_t live = ear_max64(LIVE_GAP_UNITS, ear_max64(held, answered));
    listen->gaps.config = (struct ear_gaps_config){.live_units = listen->whole ? 0 : live,
                                                   .sign_units = SIGN_UNITS,
                                                   .awaited_units = AWAITED_UNITS,
                                                   .short_units = EAR_WANT_SHORT_UNITS,
                                                   .short_us = SHORT_GAP_EVERY_US};
}

void ear_listen_start(struct ear_listen *listen, int64_t now_us)
{
    ear_play_reset(listen->play);
    ear_recover_reset(listen->recover);
    ear_missed_wipe(listen->missed);
    ear_line_ear_init(&listen->line);
    ear_gaps_init(&listen->gaps, &(struct ear_gaps_config){0});
    listen->rtt_us = 0;
    ear_listen_hold(listen, 0, false);
    listen->start_us = now_us;
    listen->newest = -1;
    listen->silent_to = -1;
    listen->packet_units = 1;
    listen->urged_us = INT64_MIN / 2;
    listen->level_db = -100;
    listen->speaker_gone = false;
}

void ear_listen_hold(struct ear_listen *listen, int64_t hold_us, bool whole)
{
    listen->hold_us = hold_us;
    listen->whole = whole;
    set_gaps(listen);
    ear_play_hold(listen->play, hold_us);
}

/* ---- what comes ---- */

/* The journal's time at the other end, to the seconds that expanding 14 bits needs (163 s). Silence
 * counts as well: who only listened for minutes is understood from the first word. */
static int64_t index_there(const struct ear_listen *listen, int64_t now_us)
{
    if (listen->newest < 0)
        return (now_us - listen->start_us) / EAR_UNIT_US;
    return listen->newest + (now_us - listen->newest_us) / EAR_UNIT_US;
}

/* A packet of the talker's came: it is heard in its turn; kept, where live speech went on without
 * it; or stays lost, as the user was told. One of these, whatever came before. */
static void take_packet(struct ear_listen *listen, struct ear_play_packet *in, int units,
                        int64_t now_us)
{
    enum ear_gap_kind kind = EAR_GAP_KINDS; /* nobody missed it */
    int64_t to = in->index + units;
    ear_gaps_settle(&listen->gaps, in->index, to, now_us, &kind);
    ear_gaps_speech(&listen->gaps, in->index, units, in->spurt_start, now_us);
    if (in->source == EAR_PLAY_CAUGHT_UP && kind < EAR_GAP_AWAITED)
        in->source = EAR_PLAY_REPAIRED;
    int err = kind == EAR_GAP_MISSED ? -ESTALE : ear_play_put(listen->play, in, now_us);
    if (err == -EEXIST || (err && ear_gaps_is_lost(&listen->gaps, in->index, to)))
        return;
    ear_gaps_clear(&listen->gaps, in->index, to, now_us, &kind);
    if (err)
        keep_passed(listen, in->index, units, in->bytes, in->len);
}

/* A packet that was missing has come by other ways; what is new comes behind a backlog. */
static void take_recovered(struct ear_listen *listen, const struct ear_recovered *packet,
                           int64_t now_us)
{
    int samples = listen->config.codec->packet_samples(packet->data, packet->len);
    if (samples <= 0)
        return;
    struct ear_play_packet in = {
        .index = packet->index,
        .spurt_start = packet->index == listen->silent_to,
        .source = EAR_PLAY_CAUGHT_UP,
        .bytes = packet->data,
        .len = packet->len,
    };
    take_packet(listen, &in, samples / EAR_UNIT, now_us);
}

/* The talker has nothing for these units: they were silence, or are kept no more. */
static void take_nothing(struct ear_listen *listen, const struct ear_block *block, int64_t index,
                         int64_t now_us)
{
    int64_t from = ear_index_before(block->index, index), units = block->units;
    if (block->forgotten) {
        ear_gaps_lose(&listen->gaps, from, from + units);
        return;
    }
    enum ear_gap_kind kind;
    if (!ear_gaps_clear(&listen->gaps, from, from + units, now_us, &kind))
        return;
    if (kind < EAR_GAP_MISSED)
        ear_play_put_silence(listen->play, from, ear_play_noise_db(listen->play), now_us);
    listen->silent_to = from + units;
}

static void take_blocks(struct ear_listen *listen, const struct ear_audio *audio, int64_t index,
                        int64_t now_us)
{
    struct ear_reader r = ear_reader_on(audio->blocks, audio->blocks_len);
    struct ear_block block;
    struct ear_recovered packet;
    while (ear_block_next(&r, &block) == 1) {
        if (block.kind == EAR_BLOCK_NOTHING)
            take_nothing(listen, &block, index, now_us);
        else if (ear_recover_block(listen->recover, index, &block, &packet) == 1)
            take_recovered(listen, &packet, now_us);
    }
    while (ear_recover_next(listen->recover, &packet))
        take_recovered(listen, &packet, now_us);
}

static void take_silence(struct ear_listen *listen, const struct ear_audio *audio, int64_t index,
                         int64_t now_us)
{
    ear_play_put_silence(listen->play, index, audio->noise_db, now_us);
    ear_gaps_silence(&listen->gaps, index, audio->spurt_start, now_us);
    ear_line_ear_take(&listen->line, index, 0, false, now_us);
}

static int take_speech(struct ear_listen *listen, const struct ear_audio *audio, int64_t index,
                       int64_t now_us)
{
    struct ear_play_packet in = {.index = index,
                                 .spurt_start = audio->spurt_start,
                                 .bytes = audio->payload,
                                 .len = audio->payload_len};
    int samples = listen->config.codec->packet_samples(audio->payload, audio->payload_len);
    if (samples <= 0)
        return -EBADMSG;
    int units = samples / EAR_UNIT;
    take_packet(listen, &in, units, now_us);
    ear_line_ear_take(&listen->line, index, units, audio->spurt_start, now_us);
    ear_recover_put(listen->recover, index, audio->payload, audio->payload_len);
    listen->packet_units = units;
    if (audio->spurt_end) {
        ear_play_put_silence(listen->play, index + units, audio->noise_db, now_us);
        ear_gaps_silence(&listen->gaps, index + units, listen->gaps.odd, now_us);
    }
    return 0;
}

int ear_listen_take(struct ear_listen *listen, const struct ear_audio *audio, int64_t now_us)
{
    int64_t index = ear_index_expand(audio->index, index_there(listen, now_us));
    if (index < 0)
        return -EBADMSG;
    if (audio->bare)
        ear_line_ear_take(&listen->line, index, 0, false, now_us);
    else if (audio->silence)
        take_silence(listen, audio, index, now_us);
    else if (take_speech(listen, audio, index, now_us) < 0)
        return -EBADMSG;
    if (index > listen->newest) {
        listen->newest = index;
        listen->newest_us = now_us;
    }
    take_blocks(listen, audio, index, now_us);
    return 0;
}

/* ---- what is heard ---- */

void ear_listen_step(struct ear_listen *listen, int64_t rtt_us, int64_t now_us)
{
    struct ear_speaker *speaker = listen->config.speaker;
    int16_t frame[EAR_FRAME];
    int64_t heard_us;
    int wants;
    int64_t known_us = rtt_us > 0 ? rtt_us : RTT_UNKNOWN_US;
    listen->rtt_us = rtt_us;
    set_gaps(listen);
    ear_gaps_lose(&listen->gaps, 0, index_there(listen, now_us) - NAMED_UNITS);
    ear_gaps_expire(&listen->gaps, now_us,
                    EAR_WANT_PATIENCE_US + EAR_WANT_PATIENCE_RTTS * known_us);
    /* What came just now may tell of a gap that begins before what is played next. */
    ear_gaps_pass(&listen->gaps, ear_play_next(listen->play), MISSED_LEAST_UNITS);
    ear_missed_await(listen->missed, ear_gaps_fetched(&listen->gaps));
    while ((wants = speaker->wants(speaker->ctx, now_us, &heard_us)) == 1) {
        ear_play_await(listen->play, ear_gaps_awaited(&listen->gaps));
        ear_play_frame(listen->play, now_us, heard_us, frame);
        ear_missed_mix(listen->missed, frame);
        speaker->write(speaker->ctx, frame);
        listen->level_db = ear_level_db(frame, EAR_FRAME);
    }
    listen->speaker_gone = wants < 0;
    ear_gaps_pass(&listen->gaps, ear_play_next(listen->play), MISSED_LEAST_UNITS);
}

int64_t ear_listen_due_us(const struct ear_listen *listen, int64_t now_us)
{
    return listen->config.speaker->due_us(listen->config.speaker->ctx, now_us);
}

/* ---- what is told and asked ---- */

static int64_t ask_every_us(int64_t rtt_us)
{
    return (rtt_us > 0 ? rtt_us : RTT_UNKNOWN_US) + ANSWER_SLACK_US;
}

static struct ear_want to_want(const struct ear_listen *listen, const struct ear_gap *gap)
{
    int64_t units = gap->to - gap->from;
    return (struct ear_want){.index = (uint16_t)(gap->from % EAR_INDEX_MODULO),
                             .units = units <= listen->packet_units ? 0 : (uint16_t)units,
                             .behind = gap->kind == EAR_GAP_MISSED};
}

/* What should have come behind the newest packet of a spurt that goes on. */
static bool is_overdue(const struct ear_listen *listen, int64_t now_us, struct ear_gap *ret)
{
    int64_t from = listen->gaps.known, units = listen->packet_units;
    if (listen->gaps.silent || listen->newest + units != from ||
        now_us - listen->line.gap_us > LOST_LATELY_US)
        return false;
    int64_t late_us = now_us - listen->newest_us - ear_play_scatter_us(listen->play) - OVERDUE_US;
    int64_t packets = late_us / (units * EAR_UNIT_US);
    if (packets < 1 || packets > OVERDUE_PACKETS)
        return false;
    *ret = (struct ear_gap){.from = from, .to = from + packets * units};
    return true;
}

void ear_listen_ride(struct ear_listen *listen, int64_t rtt_us, int64_t now_us,
                     struct ear_audio *ret)
{
    struct ear_gap due[EAR_WANTS_MAX];
    size_t n = ear_gaps_due(&listen->gaps, now_us, ask_every_us(rtt_us), due, EAR_WANTS_MAX);
    for (size_t i = 0; i < n; i++)
        ret->wants[i] = to_want(listen, &due[i]);
    struct ear_gap overdue;
    if (n < EAR_WANTS_MAX && is_overdue(listen, now_us, &overdue))
        ret->wants[n++] = to_want(listen, &overdue);
    ret->wants_count = (uint8_t)n;
    ret->has_report = ear_line_ear_due(&listen->line, now_us);
    if (!ret->has_report)
        return;
    struct ear_play_stats stats;
    ear_play_get_stats(listen->play, &stats);
    listen->told = listen->line;
    ear_line_ear_report(&listen->told, (int64_t)(stats.delay_ms * EAR_US_PER_MS), now_us,
                        &ret->report);
}

void ear_listen_rode(struct ear_listen *listen, const struct ear_audio *audio, int64_t now_us)
{
    for (size_t i = 0; i < audio->wants_count; i++)
        ear_gaps_asked(&listen->gaps, ear_index_before(audio->wants[i].index, listen->gaps.known),
                       now_us);
    if (audio->has_report)
        listen->line = listen->told;
    if (audio->wants_count > 0)
        listen->urged_us = now_us;
}

void ear_listen_stayed(struct ear_listen *listen, int64_t now_us)
{
    listen->urged_us = now_us;
}

bool ear_listen_urges(const struct ear_listen *listen, int64_t rtt_us, int64_t now_us)
{
    struct ear_gap due[EAR_WANTS_MAX];
    if (now_us - listen->urged_us < URGE_EVERY_US)
        return false;
    if (ear_line_ear_urges(&listen->line, now_us))
        return true;
    size_t n = ear_gaps_due(&listen->gaps, now_us, ask_every_us(rtt_us), due, EAR_WANTS_MAX);
    for (size_t i = 0; i < n; i++)
        if (due[i].asks < URGE_ASKS || now_us - due[i].asked_us >= URGE_LATER_US)
            return true;
    return false;
}

void ear_listen_skip(struct ear_listen *listen)
{
    ear_gaps_skip(&listen->gaps);
    ear_play_skip(listen->play);
}

void ear_listen_play_missed(struct ear_listen *listen, bool on)
{
    ear_missed_play(listen->missed, on);
}

void ear_listen_end(struct ear_listen *listen)
{
    ear_gaps_lose(&listen->gaps, 0, listen->gaps.known);
    ear_recover_reset(listen->recover);
    ear_missed_wipe(listen->missed);
}

/* Where the list is full, the shortest goes. */
static void list_piece(const struct ear_lost_speech *piece, struct ear_listen_status *ret)
{
    size_t at = 0;
    if (ret->lost_count == EAR_LISTEN_LOST) {
        for (size_t i = 1; i < ret->lost_count; i++)
            at = ret->lost[i].duration_us < ret->lost[at].duration_us ? i : at;
        if (ret->lost[at].duration_us >= piece->duration_us)
            return;
        ret->lost_count--;
        memmove(ret->lost + at, ret->lost + at + 1, (ret->lost_count - at) * sizeof ret->lost[0]);
    }
    ret->lost[ret->lost_count++] = *piece;
}

/* The list of lost speech, pieces that lie near each other as one, the shortest ones left out. */
static void list_lost(const struct ear_gaps *gaps, struct ear_listen_status *ret)
{
    struct ear_lost_speech piece = {0};
    int64_t end_us = INT64_MIN / 2;
    for (size_t i = 0; i < gaps->count; i++) {
        const struct ear_gap *gap = &gaps->range[i];
        int64_t from_us = gap->from * EAR_UNIT_US, us = (gap->to - gap->from) * EAR_UNIT_US;
        if (gap->kind == EAR_GAP_MISSED)
            ret->fetching_us += us;
        if (gap->kind != EAR_GAP_LOST)
            continue;
        ret->lost_us += us;
        bool joins = from_us - end_us < LOST_TOGETHER_US;
        if (!joins && us < LOST_LISTED_US)
            continue;
        if (!joins && piece.duration_us > 0)
            list_piece(&piece, ret);
        if (!joins)
            piece = (struct ear_lost_speech){.begin_us = from_us};
        piece.duration_us += us;
        end_us = from_us + us;
    }
    if (piece.duration_us > 0)
        list_piece(&piece, ret);
    ret->lost_us += gaps->forgotten_units * EAR_UNIT_US;
}

void ear_listen_get_status(const struct ear_listen *listen, struct ear_listen_status *ret)
{
    *ret = (struct ear_listen_status){.level_db = listen->level_db,
                                      .speaker_gone = listen->speaker_gone,
                                      .catching_up_us = ear_play_behind_us(listen->play),
                                      .missed_us = ear_missed_us(listen->missed),
                                      .plays_missed = ear_missed_plays(listen->missed)};
    ear_play_get_stats(listen->play, &ret->play);
    list_lost(&listen->gaps, ret);
}
