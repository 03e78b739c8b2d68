/* SPDX-License-Identifier: GPL-3.0-or-later */
/* microphone > capture > clean > encode > journal > protect > datagram. */
#include "call/speak.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "call/journal.h"
#include "call/meter.h"
#include "call/repair.h"
#include "tx/capture.h"
#include "tx/clean.h"
#include "tx/encode.h"
#include "tx/protect.h"
#include "wire/block.h"

/* In silence one packet in this time tells that we are there (DESIGN: reports every 250-500 ms);
 * more where many are lost, so that a line is taken for dead less than once an hour: at 50 % loss
 * 500 ms made 71 false alarms (210 with 600 ms of round trip). */
static const struct {
    double loss; /* as the other side tells, up to this */
    int64_t every_us;
} keepalives[] = {
    {0.10, 500 * EAR_US_PER_MS}, {0.18, 350 * EAR_US_PER_MS}, {0.25, 250 * EAR_US_PER_MS},
    {0.37, 180 * EAR_US_PER_MS}, {1.00, 110 * EAR_US_PER_MS},
};
/* When the microphone gives nothing for this long, silence takes its place in the journal, so that
 * journal time stays the clock's. Sound cards hand over up to 40 ms at once. */
#define MIC_SLACK_US (80 * EAR_US_PER_MS)
/* After this much silence in its place a microphone is no longer late but away: the journal goes on
 * to the clock's time, lest all that follows were spoken 80 ms before. */
#define MIC_AWAY_FRAMES (200 / EAR_FRAME_MS)
/* Room for what was asked for in one datagram: the longest stays below 400 bytes, 160 ms of a line
 * of 20 kbit/s. */
#define REPAIR_BYTES_MAX 300
/* ENet would cut a longer datagram into pieces that it sends reliably: peer->mtu 480 less its
 * headers, and a little for squeeze. */
#define AUDIO_BYTES_MAX 440
/* What a datagram of silence costs that carries one repair. */
#define REPAIR_CARRIER_BYTES 48
/* Repairs may bring the rate of one second to this many times the budget, where the last 10 s left
 * room for it: who waits for what an outage took should not wait longer than needed. */
#define REPAIR_SURGE 1.5
/* In silence repairs leave this far apart. */
#define REPAIR_EVERY_US (40 * EAR_US_PER_MS)
/* A packet that was sent again less than this share of a round trip ago is still on its way. */
#define REPAIR_CROSSED 0.8
/* So much asked for at once was an outage: it is sent first, at the budget's rate, and what is said
 * meanwhile waits behind it, encoded at half the budget. The playout there cannot be live before it
 * has come anyway; sent beside live speech it took three times as long. */
#define BACKLOG_UNITS 25
#define BACKLOG_SPEECH_PERCENT 50
/* The plan follows the line this often, at once where the budget changes. */
#define PLAN_EVERY_US (2 * (int64_t)EAR_US_PER_S)
/* A plan in use gives way to one that promises this much more of ESTOI. */
#define PLAN_GAIN .02
/* The rest is for pings, acknowledgements and what else is said. */
#define PLAN_SPEECH_PERCENT 98

struct ear_speak {
    struct ear_speak_config config;
    struct ear_capture capture;
    struct ear_clean *clean;
    struct ear_encode *encode;
    struct ear_encode_packet packet;
    struct ear_journal *journal;
    struct ear_protect *protect;
    struct ear_repair repair; /* asked for, and waited for */
    struct ear_repair behind; /* asked for, but live speech goes first */
    bool backlog;             /* what is said now waits behind what an outage took */
    int64_t backlog_us;       /* when the next piece of it may leave */
    uint8_t blocks[EAR_AUDIO_BYTES_MAX];
    size_t protect_bytes; /* planned for the packet that is made next */
    int16_t frame[EAR_FRAME];
    int64_t frame_end_us; /* of a frame that waits for its place in time */
    bool frame_waits;
    int64_t start_us; /* of the call */
    int64_t frames;   /* fed into the journal */
    int stood_in;     /* frames of silence in the microphone's place, in a row */
    int64_t t0_us;    /* journal zero; INT64_MIN until the first frame */
    int64_t sent_us;  /* newest datagram */
    int64_t repaired_us;
    float noise_db;
    bool odd; /* number of spurts so far */
    bool in_spurt;
    struct ear_line_view view;
    struct ear_line line; /* as seen last */
    struct ear_ladder ladder;
    struct ear_ladder_say say;
    struct ear_plan plan;
    int64_t planned_us;
    int planned_bps; /* the budget that it was made for */
    struct ear_meter meter;
    int64_t packets_sent, silences_sent, repairs_sent, spoken_us, withheld_us;
};

int ear_speak_new(struct ear_speak **ret, const struct ear_speak_config *config)
{
    struct ear_speak *speak = calloc(1, sizeof *speak);
    if (!speak)
        return -ENOMEM;
    speak->config = *config;
    int err = ear_clean_new(&speak->clean);
    if (!err)
        err = ear_encode_new(&speak->encode, config->codec);
    if (!err)
        err = ear_journal_new(&speak->journal);
    if (!err)
        err = ear_protect_new(&speak->protect);
    if (err) {
        ear_speak_free(speak);
        return err;
    }
    ear_encode_set_always(speak->encode, config->always);
    *ret = speak;
    return 0;
}

void ear_speak_free(struct ear_speak *speak)
{
    if (!speak)
        return;
    ear_clean_free(speak->clean);
    ear_encode_free(speak->encode);
    ear_journal_free(speak->journal);
    ear_protect_free(speak->protect);
    free(speak);
}

static void set_plan(struct ear_speak *speak, int64_t now_us);

void ear_speak_start(struct ear_speak *speak, int64_t now_us)
{
    ear_capture_init(&speak->capture, speak->config.mic);
    ear_clean_reset(speak->clean);
    ear_encode_reset(speak->encode);
    ear_speak_end(speak);
    ear_repair_clear(&speak->repair);
    ear_repair_clear(&speak->behind);
    speak->backlog = false;
    speak->backlog_us = now_us;
    speak->frame_waits = false;
    speak->frame_end_us = now_us;
    speak->start_us = now_us;
    speak->frames = 0;
    speak->stood_in = 0;
    speak->t0_us = INT64_MIN;
    speak->sent_us = speak->repaired_us = now_us;
    speak->noise_db = -70;
    speak->odd = speak->in_spurt = false;
    ear_line_view_init(&speak->view, now_us);
    speak->line = (struct ear_line){0};
    ear_ladder_init(&speak->ladder, speak->config.budget_bps, 0, now_us);
    speak->say = (struct ear_ladder_say){.budget_bps = speak->config.budget_bps};
    speak->meter = (struct ear_meter){0};
    speak->packets_sent = speak->silences_sent = speak->repairs_sent = 0;
    speak->spoken_us = speak->withheld_us = 0;
    speak->plan = (struct ear_plan){.packet_ms = EAR_UNIT_MS};
    speak->planned_bps = 0;
    set_plan(speak, now_us);
    /* What a sound card gathered before the call is not part of it. */
    int64_t end_us;
    while (ear_capture_read(&speak->capture, now_us, speak->frame, &end_us) == 1)
        ;
}

void ear_speak_end(struct ear_speak *speak)
{
    ear_journal_wipe(speak->journal);
    ear_protect_reset(speak->protect);
}

void ear_speak_hurry(struct ear_speak *speak)
{
    speak->sent_us = INT64_MIN / 2;
}

/* ---- the plan ---- */

/* How long the line stays bad in one go. Losses by chance meet as well: of p each, p / (1 - p)
 * packets follow the first on the average. Less than a packet beyond that is chance. */
static int burst_ms(const struct ear_speak *speak, double loss)
{
    double packet_ms = speak->plan.packet_ms;
    double over_ms = speak->line.bad_ms - packet_ms * loss / (1.001 - loss);
    return over_ms < packet_ms / 2 ? 0 : (int)(speak->line.bad_ms + packet_ms / 2);
}

static void set_plan(struct ear_speak *speak, int64_t now_us)
{
    ear_line_view_get(&speak->view, now_us, &speak->line);
    const double loss = fmax(speak->line.loss, speak->line.loss_slow);
    const struct ear_plan_line view = {
        .budget_bps = speak->say.budget_bps *
                      (speak->backlog ? BACKLOG_SPEECH_PERCENT : PLAN_SPEECH_PERCENT) / 100,
        .loss = loss,
        .burst_ms = burst_ms(speak, loss),
        .rtt_ms = (int)speak->line.rtt_ms,
        .no_low_copy = true,
    };
    struct ear_plan plan;
    ear_plan_choose(&view, &plan);
    speak->planned_us = now_us;
    bool same_budget = speak->planned_bps == view.budget_bps;
    if (same_budget &&
        ear_plan_expect(&view, &plan) < ear_plan_expect(&view, &speak->plan) + PLAN_GAIN)
        return;
    speak->planned_bps = view.budget_bps;
    speak->plan = plan;
    (void)!ear_protect_set(speak->protect, &plan.pattern);
}

void ear_speak_tend(struct ear_speak *speak, const struct ear_ladder_ask *ask, int64_t now_us)
{
    int before_bps = speak->say.budget_bps;
    ear_line_view_get(&speak->view, now_us, &speak->line);
    ear_ladder_step(&speak->ladder, &speak->line, ask, now_us, &speak->say);
    bool over = speak->backlog && !ear_repair_waits(&speak->repair);
    if (over)
        speak->backlog = false;
    if (over || speak->say.budget_bps != before_bps || now_us - speak->planned_us >= PLAN_EVERY_US)
        set_plan(speak, now_us);
}

/* ---- frames ---- */

/* When the next frame of the journal will have been spoken. */
static int64_t next_frame_end_us(const struct ear_speak *speak)
{
    return speak->t0_us + (speak->frames + 1) * EAR_FRAME_US;
}

/* The next frame of the journal: the microphone's, or silence where it gave none in time. */
static bool next_frame(struct ear_speak *speak, int64_t now_us, int16_t frame[static EAR_FRAME])
{
    while (!speak->frame_waits) {
        if (ear_capture_read(&speak->capture, now_us, speak->frame, &speak->frame_end_us) != 1)
            break;
        if (speak->t0_us == INT64_MIN)
            speak->t0_us = speak->frame_end_us - EAR_FRAME_US;
        /* A frame of a time that silence has filled already comes too late. */
        speak->frame_waits = speak->frame_end_us > next_frame_end_us(speak) - MIC_SLACK_US;
    }
    if (speak->t0_us == INT64_MIN) {
        if (now_us < speak->start_us + MIC_SLACK_US)
            return false;
        speak->t0_us = speak->start_us;
    }
    bool in_time = speak->frame_end_us < next_frame_end_us(speak) + MIC_SLACK_US;
    if (speak->frame_waits && in_time) {
        memcpy(frame, speak->frame, sizeof speak->frame);
        speak->frame_waits = false;
        speak->stood_in = 0;
        return true;
    }
    bool away = speak->capture.gone || speak->stood_in >= MIC_AWAY_FRAMES;
    if (now_us < next_frame_end_us(speak) + (away ? 0 : MIC_SLACK_US))
        return false;
    speak->stood_in++;
    memset(frame, 0, sizeof speak->frame);
    return true;
}

/* ---- what rides ---- */

static size_t wire_bytes(size_t audio_len)
{
    return audio_len + EAR_SPEECH_FIXED_BYTES - EAR_AUDIO_HEADER_BYTES;
}

/* Bytes that repairs may take now: the budget over 10 s holds, and no second is a flood. */
static size_t repair_room(struct ear_speak *speak, int64_t now_us)
{
    double budget = speak->say.budget_bps / 8.0;
    double room = fmin(10 * (budget - ear_meter_rate(&speak->meter, now_us, 10)),
                       REPAIR_SURGE * budget - ear_meter_rate(&speak->meter, now_us, 1));
    double left = AUDIO_BYTES_MAX - (double)speak->plan.body_bytes;
    return (size_t)fmax(0, fmin(room, fmin(left, REPAIR_BYTES_MAX)));
}

static bool is_crossed(const struct ear_speak *speak, int64_t index, int64_t now_us)
{
    double rtt_us = speak->line.rtt_ms * EAR_US_PER_MS;
    return ear_repair_is_recent(&speak->repair, index, now_us - (int64_t)(REPAIR_CROSSED * rtt_us));
}

/* Whether the oldest packet asked for may be sent now. */
static bool repair_fits(struct ear_speak *speak, int64_t now_us)
{
    struct ear_journal_entry entry = {0};
    const struct ear_repair *repair =
        ear_repair_waits(&speak->repair) ? &speak->repair : &speak->behind;
    if (!ear_repair_waits(repair))
        return false;
    (void)ear_journal_next(speak->journal, ear_repair_first(repair).from, &entry);
    return entry.len + REPAIR_CARRIER_BYTES <= repair_room(speak, now_us);
}

/* Tells that nothing was said from `from` to `to`, or is kept no more. */
static void write_nothing(struct ear_speak *speak, int64_t from, int64_t to, struct ear_writer *w)
{
    const struct ear_block block = {
        .kind = EAR_BLOCK_NOTHING,
        .index = (uint16_t)(from % EAR_INDEX_MODULO),
        .units = (uint16_t)ear_min64(to - from, EAR_BLOCK_UNITS_MAX),
        .forgotten = from < ear_journal_kept_from(speak->journal),
    };
    ear_block_build(w, &block);
}

/* The oldest packet asked for, or word that there is none. Returns false when it does not fit. */
static bool write_repair(struct ear_speak *speak, struct ear_repair *repair, int64_t now_us,
                         struct ear_writer *w, size_t room)
{
    struct ear_repair_ask ask = ear_repair_first(repair);
    struct ear_journal_entry entry;
    bool found = ear_journal_next(speak->journal, ask.from, &entry) == 0 && entry.index < ask.to;
    int64_t silent_to = found ? entry.index : ear_min64(ask.to, speak->frames / 2);
    size_t before = w->at;
    if (silent_to > ask.from) {
        write_nothing(speak, ask.from, silent_to, w);
        ear_repair_done(repair, silent_to);
        return !w->bad && w->at - before <= room;
    }
    if (!found || is_crossed(speak, entry.index, now_us)) {
        ear_repair_done(repair, found ? entry.index + entry.units : ask.to);
        return true;
    }
    const struct ear_block block = {.kind = EAR_BLOCK_REPAIR,
                                    .index = (uint16_t)(entry.index % EAR_INDEX_MODULO),
                                    .data = entry.data,
                                    .len = entry.len};
    if (ear_block_bytes(&block) > room)
        return false;
    ear_block_build(w, &block);
    ear_repair_note(&speak->repair, entry.index, now_us);
    ear_repair_done(repair, entry.index + entry.units);
    speak->repairs_sent++;
    return true;
}

/* As many of a queue's packets as have room. */
static void write_repairs(struct ear_speak *speak, struct ear_repair *repair, int64_t now_us,
                          struct ear_writer *w, size_t end)
{
    while (ear_repair_waits(repair) && w->at < end &&
           write_repair(speak, repair, now_us, w, end - w->at))
        ;
}

/* Protection as planned, then what was asked for and has room. Returns the bytes of repairs. */
static size_t write_blocks(struct ear_speak *speak, int64_t now_us, struct ear_audio *audio)
{
    struct ear_writer w = ear_writer_on(speak->blocks, sizeof speak->blocks);
    if (speak->protect_bytes > 0)
        ear_protect_write(speak->protect, &w);
    size_t from = w.at, end = from + repair_room(speak, now_us);
    write_repairs(speak, &speak->repair, now_us, &w, end);
    write_repairs(speak, &speak->behind, now_us, &w, end);
    audio->blocks = speak->blocks;
    audio->blocks_len = w.at;
    speak->repaired_us = now_us;
    return w.at - from;
}

/* ---- datagrams ---- */

static int64_t keepalive_us(const struct ear_speak *speak)
{
    size_t i = 0;
    while (i + 1 < EAR_COUNT(keepalives) && speak->line.loss_slow > keepalives[i].loss)
        i++;
    return keepalives[i].every_us;
}

/* A datagram of nothing but the backlog's oldest packets. */
static bool build_backlog(struct ear_speak *speak, int64_t now_us, struct ear_audio *audio)
{
    struct ear_writer w = ear_writer_on(speak->blocks, sizeof speak->blocks);
    write_repairs(speak, &speak->repair, now_us, &w, AUDIO_BYTES_MAX - EAR_WANTS_BYTES_MAX);
    audio->silence = audio->bare = true;
    audio->index = (uint16_t)(ear_encode_index(speak->encode) % EAR_INDEX_MODULO);
    audio->blocks = speak->blocks;
    audio->blocks_len = w.at;
    int64_t bits = 8 * (int64_t)(EAR_SPEECH_FIXED_BYTES + w.at);
    speak->backlog_us = now_us + bits * EAR_US_PER_S / speak->say.budget_bps;
    return w.at > 0;
}

static void build_silence(struct ear_speak *speak, int64_t now_us, struct ear_audio *audio)
{
    int64_t index = ear_encode_index(speak->encode);
    audio->silence = true;
    audio->bare = speak->in_spurt; /* which goes on without packets where speech is kept back */
    audio->spurt_start = speak->odd;
    audio->index = (uint16_t)(index % EAR_INDEX_MODULO);
    audio->noise_db = (int8_t)fmaxf(fminf(speak->noise_db, 0), -127);
    speak->silences_sent++;
    speak->protect_bytes = ear_protect_plan(speak->protect, index, true, speak->plan.body_bytes);
    write_blocks(speak, now_us, audio);
    ear_protect_put(speak->protect, &(struct ear_protect_carrier){.index = index});
}

/* One size whatever was said; what was asked for comes on top, in steps that hide its length. */
#define REPAIR_STEP_BYTES 16

static void build_speech(struct ear_speak *speak, int64_t now_us, struct ear_audio *audio)
{
    const struct ear_encode_packet *packet = &speak->packet;
    audio->spurt_start = packet->spurt_start;
    audio->spurt_end = packet->spurt_end;
    audio->noise_db = packet->noise_db;
    audio->index = (uint16_t)(packet->index % EAR_INDEX_MODULO);
    audio->payload = packet->data;
    audio->payload_len = packet->len;
    audio->is_opus = speak->config.codec->pads;
    size_t repairs = write_blocks(speak, now_us, audio);
    repairs = (repairs + REPAIR_STEP_BYTES - 1) / REPAIR_STEP_BYTES * REPAIR_STEP_BYTES;
    audio->size = EAR_AUDIO_HEADER_BYTES + speak->plan.body_bytes + repairs;
    speak->packets_sent++;
    speak->spoken_us += (int64_t)packet->units * EAR_UNIT_US;
}

/* Sets the cap of the packet that the next frame completes: what its datagram has left. */
static void plan_packet(struct ear_speak *speak, const struct ear_audio *ride)
{
    struct ear_codec_format format = ear_plan_format(&speak->plan);
    size_t least = ear_codec_least_cap(format.packet_ms, format.wideband);
    struct ear_audio audio = *ride;
    size_t rides = ear_audio_needs(&audio) - EAR_AUDIO_HEADER_BYTES;
    size_t body = speak->plan.body_bytes > rides ? speak->plan.body_bytes - rides : 0;
    int64_t index = ear_encode_index(speak->encode) + 1 - format.packet_ms / EAR_UNIT_MS;
    size_t room = body > least + 2 ? body - least - 2 : 0;
    speak->protect_bytes = ear_protect_plan(speak->protect, index, false, room);
    if (speak->protect_bytes > 0)
        body -= speak->protect_bytes + 2; /* the primary's length, the parcel's byte */
    format.max_bytes = body > least ? body : least;
    ear_encode_set_format(speak->encode, &format);
}

/* Into the journal, be it sent or not. */
static void keep(struct ear_speak *speak)
{
    const struct ear_encode_packet *packet = &speak->packet;
    if (packet->spurt_start)
        speak->odd = !speak->odd;
    speak->in_spurt = packet->units > 0 && !packet->spurt_end;
    if (packet->units == 0)
        return;
    (void)!ear_journal_put(speak->journal, packet->index, packet->units, packet->data, packet->len);
}

static void put_protected(struct ear_speak *speak)
{
    const struct ear_encode_packet *packet = &speak->packet;
    ear_protect_put(speak->protect, &(struct ear_protect_carrier){.index = packet->index,
                                                                  .data = packet->data,
                                                                  .len = packet->len});
}

static bool take_frame(struct ear_speak *speak, int16_t *frame, bool muted,
                       const struct ear_audio *ride)
{
    speak->frames++;
    if (muted)
        memset(frame, 0, EAR_FRAME * sizeof *frame);
    struct ear_clean_verdict verdict = ear_clean_frame(speak->clean, frame);
    speak->noise_db = verdict.noise_db;
    if (ear_encode_is_nearly_full(speak->encode))
        plan_packet(speak, ride);
    if (ear_encode_frame(speak->encode, frame, verdict.speech && !muted, verdict.noise_db,
                         &speak->packet) <= 0)
        return false;
    keep(speak);
    return true;
}

static bool needs_silence(struct ear_speak *speak, const struct ear_speak_gate *gate,
                          int64_t now_us)
{
    if (!gate->speech_worth || (speak->in_spurt && !gate->kept) || speak->backlog)
        return false;
    if (now_us - speak->repaired_us >= REPAIR_EVERY_US && repair_fits(speak, now_us))
        return true;
    if (ear_protect_owes(speak->protect, ear_encode_index(speak->encode)))
        return now_us - speak->sent_us >= speak->plan.packet_ms * (int64_t)EAR_US_PER_MS;
    return gate->urges;
}

bool ear_speak_step(struct ear_speak *speak, int64_t now_us, const struct ear_speak_gate *gate,
                    struct ear_audio *audio)
{
    int16_t frame[EAR_FRAME];
    while (next_frame(speak, now_us, frame)) {
        if (!take_frame(speak, frame, gate->muted, audio))
            continue;
        ear_journal_pass(speak->journal, ear_encode_index(speak->encode));
        if (speak->backlog && speak->packet.units > 0)
            ear_repair_ask(&speak->repair, ear_repair_end(&speak->repair, speak->packet.index),
                           speak->packet.index + speak->packet.units);
        bool holds = !gate->speech_worth || (gate->kept && speak->packet.units > 0);
        if (holds)
            speak->withheld_us += (int64_t)speak->packet.units * EAR_UNIT_US;
        if (holds || speak->backlog)
            continue;
        if (speak->packet.units > 0) {
            build_speech(speak, now_us, audio);
            put_protected(speak);
        } else {
            build_silence(speak, now_us, audio);
        }
        return true;
    }
    if (gate->speech_worth && speak->backlog && now_us >= speak->backlog_us &&
        ear_repair_waits(&speak->repair))
        return build_backlog(speak, now_us, audio);
    bool keepalive = gate->speech_worth && now_us - speak->sent_us >= keepalive_us(speak);
    if (!keepalive && !needs_silence(speak, gate, now_us))
        return false;
    build_silence(speak, now_us, audio);
    return true;
}

void ear_speak_sent(struct ear_speak *speak, const struct ear_audio *audio, size_t len,
                    int64_t now_us)
{
    int64_t index = audio->silence ? ear_encode_index(speak->encode) : speak->packet.index;
    if (!audio->silence)
        (void)ear_journal_mark(speak->journal, index, EAR_JOURNAL_SENT);
    ear_meter_add(&speak->meter, now_us, (int64_t)wire_bytes(len));
    ear_line_view_sent(&speak->view, index, wire_bytes(len), false, now_us);
    speak->sent_us = now_us;
}

/* ---- what the other side tells ---- */

static void take_want(struct ear_speak *speak, const struct ear_want *want)
{
    int64_t from = ear_index_before(want->index, ear_encode_index(speak->encode));
    int64_t to = from + want->units;
    struct ear_journal_entry entry;
    if (want->units == 0) {
        to = from + 1;
        if (ear_journal_find(speak->journal, from, &entry) == 0)
            to = entry.index + entry.units;
    }
    ear_repair_ask(want->behind ? &speak->behind : &speak->repair, from, to);
    speak->backlog = speak->backlog || (!want->behind && want->units >= BACKLOG_UNITS);
}

void ear_speak_told(struct ear_speak *speak, const struct ear_audio *audio, int64_t now_us)
{
    if (audio->has_report)
        ear_line_view_report(&speak->view, &audio->report, now_us);
    for (size_t i = 0; i < audio->wants_count; i++)
        take_want(speak, &audio->wants[i]);
}

void ear_speak_heard(struct ear_speak *speak, int64_t now_us)
{
    ear_line_view_heard(&speak->view, now_us);
}

int64_t ear_speak_due_us(const struct ear_speak *speak, int64_t now_us)
{
    return speak->config.mic->due_us(speak->config.mic->ctx, now_us);
}

void ear_speak_get_status(const struct ear_speak *speak, struct ear_speak_status *ret)
{
    *ret = (struct ear_speak_status){
        .journal_t0_us = speak->t0_us,
        .packets_sent = speak->packets_sent,
        .silences_sent = speak->silences_sent,
        .repairs_sent = speak->repairs_sent,
        .spoken_us = speak->spoken_us,
        .withheld_us = speak->withheld_us,
        .mic_gone = speak->capture.gone,
        .mic_dead = ear_capture_is_dead(&speak->capture),
        .speaking = speak->in_spurt,
        .mic_level_db = speak->capture.level_db,
        .line = speak->line,
        .ladder = speak->say,
        .plan = speak->plan,
    };
}
