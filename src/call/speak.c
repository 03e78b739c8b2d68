/* SPDX-License-Identifier: GPL-3.0-or-later */
/* microphone > capture > clean > encode > journal > protect > datagram. */
#include "call/speak.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "call/answer.h"
#include "call/journal.h"
#include "call/linger.h"
#include "line/allowance.h"
#include "line/keepalive.h"
#include "line/planner.h"
#include "tx/clean.h"
#include "tx/encode.h"
#include "tx/protect.h"
#include "tx/timeline.h"

/* Room for what was asked for in one datagram: the longest stays below 400 bytes, 160 ms of a line
 * of 20 kbit/s. */
#define REPAIR_BYTES_MAX 300
/* And of a backlog, which nothing else waits behind. */
#define BACKLOG_BYTES (EAR_AUDIO_WHOLE_BYTES - EAR_WANTS_BYTES_MAX)
/* What a datagram of silence costs that carries one repair. */
#define REPAIR_CARRIER_BYTES 48
/* A spurt's last packets are asked for where the listener learns in time that they were. */
#define TAILS 2
/* Below this share the line is whole: .5 B a packet saved. */
#define LOSS_NONE .01
/* In silence repairs leave this far apart. */
#define REPAIR_EVERY_US (40 * EAR_US_PER_MS)
/* So much asked for at once was an outage: it is sent first, at the budget's rate, and what is said
 * meanwhile waits behind it, encoded at a part of the budget: at half of it, where 3 s are lost
 * each 17 to 24 s, ESTOI was .006 less. The playout there cannot be live before all has come
 * anyway. */
#define BACKLOG_UNITS 61
/* So is less that playout waits for, when none of it found room beside speech for so long: at the
 * start of a call over 30 % loss nobody heard anything for 4 s. */
#define STARVED_UNITS (500 / EAR_UNIT_MS + 1)
#define STARVED_US (300 * EAR_US_PER_MS)
#define BACKLOG_SPEECH_PERCENT 75
/* While something is fetched behind live speech, which would come in its pauses alone otherwise:
 * of 45 s missed on edge by who listened to a talk without any, all was forgotten before it had
 * come (two of three calls), and now is there in 80 to 125 s. Not where more than this is lost: at
 * 20 % protection would want for it, and 16 % of live speech were missing instead of 4. */
#define BEHIND_LOSS_MOST .06
#define BEHIND_SPEECH_PERCENT 65

struct ear_speak {
    struct ear_speak_config config;
    struct ear_timeline timeline;
    struct ear_clean *clean;
    struct ear_encode *encode;
    struct ear_encode_packet packet;
    struct ear_journal *journal;
    struct ear_protect *protect;
    struct ear_answer answer;
    bool backlog;         /* what is said now waits behind what an outage took */
    bool behind;          /* something is fetched behind it */
    int64_t fed_us;       /* when repairs last found room, or none were waited for */
    int64_t backlog_us;   /* when the next piece of it may leave */
    int64_t backlog_from; /* what was said before that has been sent, unless it is asked for */
    int64_t kept_from;    /* from here to there speech was kept back and nobody has asked for it: */
    int64_t kept_to;      /* carriers came of that time, and a report tells that it did */
    uint8_t blocks[EAR_AUDIO_BYTES_MAX];
    size_t protect_bytes; /* planned for the packet that is made next */
    size_t yield_bytes;   /* that it leaves to repairs */
    int tail;             /* packets of silence that are still to tell where the spurt ended */
    int64_t sent_us;      /* newest datagram */
    int64_t repaired_us;
    float noise_db;
    bool odd; /* number of spurts so far */
    bool in_spurt;
    struct ear_line_view view;
    struct ear_line line;  /* as seen last */
    bool repairs_wideband; /* the listener's decoder */
    struct ear_ladder ladder;
    struct ear_ladder_say say;
    struct ear_planner planner;
    struct ear_allowance allowance;
    struct ear_linger linger;
    int64_t packets_sent, silences_sent, spoken_us, withheld_us;
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
    ear_planner_init(&speak->planner);
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
    ear_timeline_start(&speak->timeline, speak->config.mic, now_us);
    ear_clean_reset(speak->clean);
    ear_encode_reset(speak->encode);
    (void)ear_speak_end(speak, NULL);
    ear_answer_clear(&speak->answer);
    speak->backlog = speak->behind = false;
    speak->backlog_us = speak->fed_us = now_us;
    speak->kept_from = speak->kept_to = 0;
    speak->sent_us = speak->repaired_us = now_us;
    speak->noise_db = -70;
    speak->odd = speak->in_spurt = false;
    ear_line_view_init(&speak->view, now_us);
    speak->line = (struct ear_line){0};
    speak->repairs_wideband = false;
    ear_ladder_init(&speak->ladder, speak->config.budget_bps, speak->config.known_bps, now_us);
    speak->say = (struct ear_ladder_say){.budget_bps = speak->config.budget_bps};
    speak->allowance =
        (struct ear_allowance){.user_bps = speak->config.budget_bps, .since_us = now_us};
    ear_linger_init(&speak->linger, speak->config.budget_bps, speak->config.known_bps, now_us);
    speak->packets_sent = speak->silences_sent = speak->spoken_us = speak->withheld_us = 0;
    ear_planner_init(&speak->planner);
    set_plan(speak, now_us);
}

int64_t ear_speak_end(struct ear_speak *speak, struct ear_unheard *unheard)
{
    int64_t known = speak->view.highest;
    if (speak->kept_from < speak->kept_to)
        known = ear_min64(known, speak->kept_from - 1);
    int64_t us = ear_unheard_keep(unheard, speak->journal, &speak->answer, known);
    ear_journal_wipe(speak->journal);
    ear_protect_reset(speak->protect);
    return us;
}

void ear_speak_move(struct ear_speak *speak, int64_t now_us)
{
    ear_line_view_move(&speak->view, now_us);
    ear_ladder_move(&speak->ladder, now_us);
    speak->planner.bad_ms = 0;
}

void ear_speak_hurry(struct ear_speak *speak)
{
    speak->sent_us = INT64_MIN / 2;
}

/* ---- the plan ---- */

void ear_speak_repairs_wideband(struct ear_speak *speak, bool repairs)
{
    speak->repairs_wideband = repairs;
}

static void set_plan(struct ear_speak *speak, int64_t now_us)
{
    ear_line_view_get(&speak->view, now_us, &speak->line);
    bool shares = speak->behind && speak->line.loss_slow <= BEHIND_LOSS_MOST;
    int all_bps = speak->say.budget_bps;
    const struct ear_planner_ask ask = {
        .budget_bps = speak->backlog ? all_bps * BACKLOG_SPEECH_PERCENT / 100
                      : shares
                          ? all_bps * BEHIND_SPEECH_PERCENT / 100
                          : ear_allowance_speech_bps(&speak->allowance, all_bps,
                                                     speak->line.loss_slow < LOSS_NONE, now_us),
        .broke = speak->backlog,
        .passing = speak->backlog || speak->say.passing,
        .repairs_wideband = speak->repairs_wideband,
        .twins = speak->config.codec->encode_twin,
        .lost = speak->view.slow.lost,
        .told = speak->view.slow.all,
    };
    ear_planner_step(&speak->planner, &speak->line, &ask, now_us);
    (void)!ear_protect_set(speak->protect, &speak->planner.plan.pattern);
}

void ear_speak_tend(struct ear_speak *speak, const struct ear_ladder_ask *ask, int64_t now_us)
{
    int before_bps = speak->say.budget_bps;
    ear_line_view_get(&speak->view, now_us, &speak->line);
    ear_ladder_step(&speak->ladder, &speak->line, ask, now_us, &speak->say);
    bool over = speak->backlog && !ear_repair_waits(&speak->answer.repair);
    if (over)
        speak->backlog = false;
    if (speak->behind != ear_repair_waits(&speak->answer.behind)) {
        speak->behind = !speak->behind;
        over = true;
    }
    if (over || speak->say.budget_bps != before_bps || ear_planner_due(&speak->planner, now_us))
        set_plan(speak, now_us);
}

/* ---- what rides ---- */

static size_t wire_bytes(size_t audio_len)
{
    return audio_len + EAR_SPEECH_FIXED_BYTES - EAR_AUDIO_HEADER_BYTES;
}

/* Bytes of wire that repairs may take now. */
static double repair_bytes(struct ear_speak *speak, int64_t now_us)
{
    return ear_allowance_repair_bytes(&speak->allowance, speak->say.budget_bps,
                                      speak->ladder.budget.steady_bps,
                                      ear_plan_wire_bps(&speak->planner.plan), now_us);
}

/* Bytes that a datagram has for repairs beside speech. */
static size_t repair_place(const struct ear_speak *speak)
{
    size_t body = speak->planner.plan.body_bytes;
    size_t left = body < EAR_AUDIO_SHARED_BYTES ? EAR_AUDIO_SHARED_BYTES - body : 0;
    return left < REPAIR_BYTES_MAX ? left : REPAIR_BYTES_MAX;
}

static struct ear_answer_from answer_from(const struct ear_speak *speak, int64_t now_us)
{
    return (struct ear_answer_from){
        .journal = speak->journal,
        .spoken = speak->timeline.frames / 2,
        .rtt_us = (int64_t)(speak->line.rtt_ms * EAR_US_PER_MS),
        .now_us = now_us,
    };
}

/* Bytes that repairs may take of a datagram now; of one of silence as many as the oldest needs. */
static size_t repair_room(struct ear_speak *speak, bool silence, int64_t now_us)
{
    struct ear_answer_from in = answer_from(speak, now_us);
    size_t place = repair_place(speak);
    size_t first = ear_answer_next_bytes(&speak->answer, &in) + EAR_REPAIR_BLOCK_BYTES;
    if (silence && place < first)
        place = first;
    return (size_t)fmax(0, fmin(repair_bytes(speak, now_us), (double)place));
}

/* Whether the oldest packet asked for may be sent now without speech. While there is some only what
 * is fetched behind it, where it is too long to ride: on a line that lost nothing packets of 120 ms
 * take most of a datagram, and of 45 s that were missed none ever came. */
static bool repair_fits(struct ear_speak *speak, bool beside_speech, int64_t now_us)
{
    struct ear_answer_from in = answer_from(speak, now_us);
    size_t bytes = ear_answer_next_bytes(&speak->answer, &in);
    bool rides = bytes + EAR_REPAIR_BLOCK_BYTES <= repair_place(speak);
    if (bytes == 0 || (beside_speech && (rides || ear_repair_waits(&speak->answer.repair))))
        return false;
    return (double)(bytes + REPAIR_CARRIER_BYTES) <= repair_bytes(speak, now_us);
}

/* Protection as planned, then what was asked for and has room. Returns the bytes of repairs. */
static size_t write_blocks(struct ear_speak *speak, int64_t now_us, size_t yielded,
                           struct ear_audio *audio)
{
    struct ear_writer w = ear_writer_on(speak->blocks, sizeof speak->blocks);
    if (speak->protect_bytes > 0)
        ear_protect_write(speak->protect, &w);
    size_t from = w.at, room = repair_room(speak, audio->silence, now_us) + yielded;
    struct ear_answer_from in = answer_from(speak, now_us);
    size_t taken = w.at + audio->payload_len;
    size_t left = taken < EAR_AUDIO_SHARED_BYTES ? EAR_AUDIO_SHARED_BYTES - taken : 0;
    int64_t sent = speak->answer.sent;
    ear_answer_write(&speak->answer, &in, speak->planner.plan.answers > 1, &w,
                     room < left ? room : left);
    audio->blocks = speak->blocks;
    audio->blocks_len = w.at;
    speak->repaired_us = now_us;
    if (speak->answer.sent > sent)
        speak->fed_us = now_us;
    return w.at - from;
}

/* ---- datagrams ---- */

/* A datagram of nothing but the backlog's oldest packets. */
static bool build_backlog(struct ear_speak *speak, int64_t now_us, struct ear_audio *audio)
{
    struct ear_writer w = ear_writer_on(speak->blocks, sizeof speak->blocks);
    struct ear_answer_from in = answer_from(speak, now_us);
    audio->silence = audio->bare = true;
    audio->blocks_len = 1; /* some */
    size_t room = EAR_AUDIO_WHOLE_BYTES - ear_audio_needs(audio) - 1;
    ear_answer_write(&speak->answer, &in, false, &w, room < BACKLOG_BYTES ? room : BACKLOG_BYTES);
    audio->index = (uint16_t)(ear_encode_index(speak->encode) % EAR_INDEX_MODULO);
    audio->blocks = speak->blocks;
    audio->blocks_len = w.at;
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
    speak->tail -= speak->tail > 0;
    speak->protect_bytes =
        ear_protect_plan(speak->protect, index, true, speak->planner.plan.body_bytes);
    write_blocks(speak, now_us, 0, audio);
    ear_protect_put(speak->protect, &(struct ear_protect_carrier){.index = index});
}

/* One size whatever was said; what was asked for comes on top, in steps that hide its length. */
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
    size_t repairs = write_blocks(speak, now_us, speak->yield_bytes, audio);
    repairs -= repairs < speak->yield_bytes ? repairs : speak->yield_bytes;
    repairs = (repairs + EAR_REPAIR_STEP_BYTES - 1) / EAR_REPAIR_STEP_BYTES * EAR_REPAIR_STEP_BYTES;
    audio->size = EAR_AUDIO_HEADER_BYTES + speak->planner.plan.body_bytes + repairs;
}

/* What was asked for and finds no room takes a part of the packet's: a gap costs more. What is
 * fetched behind live speech does not. */
static size_t yields(struct ear_speak *speak, size_t most, int64_t now_us)
{
    struct ear_answer_from in = answer_from(speak, now_us);
    size_t wanted = ear_answer_next_bytes(&speak->answer, &in);
    size_t room = repair_room(speak, false, now_us);
    if (wanted == 0 || !ear_repair_waits(&speak->answer.repair) ||
        room >= wanted + EAR_REPAIR_BLOCK_BYTES)
        return 0;
    size_t lacks = wanted + EAR_REPAIR_BLOCK_BYTES - room;
    return lacks <= most ? lacks : 0;
}

/* Sets the cap of the packet that the next frame completes: what its datagram has left. */
static void plan_packet(struct ear_speak *speak, const struct ear_audio *ride, int64_t now_us)
{
    struct ear_codec_format format = ear_plan_format(&speak->planner.plan);
    size_t least = ear_codec_least_cap(format.packet_ms, format.wideband);
    struct ear_audio audio = *ride;
    size_t rides = ear_audio_needs(&audio) - EAR_AUDIO_HEADER_BYTES;
    size_t body =
        speak->planner.plan.body_bytes > rides ? speak->planner.plan.body_bytes - rides : 0;
    int64_t index = ear_encode_index(speak->encode) + 1 - format.packet_ms / EAR_UNIT_MS;
    size_t room = body > least + 2 ? body - least - 2 : 0;
    speak->protect_bytes = ear_protect_plan(speak->protect, index, false, room);
    if (speak->protect_bytes > 0)
        body -= speak->protect_bytes + 2; /* the primary's length, the parcel's byte */
    speak->yield_bytes = yields(speak, body > least ? body - least : 0, now_us);
    body -= speak->yield_bytes;
    format.max_bytes = ear_plan_cap(&speak->planner.plan, body);
    int most_bps = (int)format.max_bytes * 8000 / format.packet_ms;
    if (format.rate_bps > most_bps)
        format.rate_bps = most_bps;
    ear_encode_set_format(speak->encode, &format);
    struct ear_codec_format low = ear_plan_low_format(&speak->planner.plan);
    bool twins = speak->planner.plan.pattern.kind == EAR_PROTECT_LOW_COPY;
    ear_encode_set_twin(speak->encode, twins ? &low : NULL);
}

/* Into the journal, be it sent or not. */
static void keep(struct ear_speak *speak)
{
    const struct ear_encode_packet *packet = &speak->packet;
    if (packet->spurt_start)
        speak->odd = !speak->odd;
    speak->in_spurt = packet->units > 0 && !packet->spurt_end;
    if (!speak->in_spurt)
        speak->tail = speak->planner.plan.repair && speak->line.loss_slow >= LOSS_NONE ? TAILS : 0;
    if (packet->units > 0)
        (void)!ear_journal_put(speak->journal, packet->index, packet->units, packet->data,
                               packet->len);
}

static void keep_back(struct ear_speak *speak)
{
    if (speak->kept_from == speak->kept_to)
        speak->kept_from = speak->packet.index;
    speak->kept_to = speak->packet.index + speak->packet.units;
}

static void put_protected(struct ear_speak *speak)
{
    const struct ear_encode_packet *p = &speak->packet;
    const struct ear_protect_carrier c = {p->index, p->data, p->len, p->twin, p->twin_len};
    ear_protect_put(speak->protect, &c);
}

static bool take_frame(struct ear_speak *speak, int16_t *frame, bool muted,
                       const struct ear_audio *ride, int64_t now_us)
{
    if (muted)
        memset(frame, 0, EAR_FRAME * sizeof *frame);
    struct ear_clean_verdict verdict = ear_clean_frame(speak->clean, frame);
    speak->noise_db = verdict.noise_db;
    bool whole = !speak->planner.bursts && !speak->backlog && !speak->behind &&
                 speak->line.rtt_ms > 0 && speak->line.rtt_ms < EAR_LINGER_RTT_MS;
    bool speech = !muted && ear_linger_on(&speak->linger, verdict.speech, whole, now_us);
    if (ear_encode_is_nearly_full(speak->encode))
        plan_packet(speak, ride, now_us);
    if (ear_encode_frame(speak->encode, frame, speech, verdict.noise_db, &speak->packet) <= 0)
        return false;
    keep(speak);
    return true;
}

static bool needs_silence(struct ear_speak *speak, const struct ear_speak_gate *gate,
                          int64_t now_us)
{
    if (!gate->speech_worth || speak->backlog)
        return false;
    bool beside_speech = speak->in_spurt && !gate->kept;
    if (now_us - speak->repaired_us >= REPAIR_EVERY_US && repair_fits(speak, beside_speech, now_us))
        return true;
    if (beside_speech)
        return false;
    if (speak->tail > 0 || ear_protect_owes(speak->protect, ear_encode_index(speak->encode)))
        return now_us - speak->sent_us >= speak->planner.plan.packet_ms * (int64_t)EAR_US_PER_MS;
    return gate->urges;
}

bool ear_speak_step(struct ear_speak *speak, int64_t now_us, const struct ear_speak_gate *gate,
                    struct ear_audio *audio)
{
    int16_t frame[EAR_FRAME];
    /* What is kept back is asked for in its pauses: there must be some. */
    ear_encode_set_always(speak->encode, speak->config.always && !gate->kept);
    while (ear_timeline_next(&speak->timeline, now_us, frame)) {
        if (!take_frame(speak, frame, gate->muted, audio, now_us))
            continue;
        ear_journal_pass(speak->journal, ear_encode_index(speak->encode));
        if (speak->backlog && speak->packet.units > 0)
            ear_repair_ask(&speak->answer.repair,
                           ear_max64(ear_repair_end(&speak->answer.repair, speak->packet.index),
                                     speak->backlog_from),
                           speak->packet.index + speak->packet.units, EAR_REPAIR_UNASKED);
        bool holds = !gate->speech_worth || (gate->kept && speak->packet.units > 0);
        if (gate->kept && speak->packet.units > 0)
            keep_back(speak);
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
        ear_repair_waits(&speak->answer.repair))
        return build_backlog(speak, now_us, audio);
    int64_t silent_us = ear_keepalive_us(&speak->line, speak->view.slow.all,
                                         speak->sent_us - speak->timeline.start_us);
    bool keepalive = gate->speech_worth && now_us - speak->sent_us >= silent_us;
    if (!keepalive && !needs_silence(speak, gate, now_us))
        return false;
    build_silence(speak, now_us, audio);
    return true;
}

/* A backlog goes at the budget's rate, of which whatever is tried meanwhile takes its part: with
 * asks beside it at 50 % loss and 16 kbit/s the worst 10 s held 20.8 kbit/s, and 19 since. */
static void pay_for_backlog(struct ear_speak *speak, int64_t bytes, int64_t now_us)
{
    if (speak->backlog)
        speak->backlog_us =
            ear_allowance_backlog_us(speak->say.budget_bps, speak->backlog_us, bytes, now_us);
}

void ear_speak_sent(struct ear_speak *speak, const struct ear_audio *audio, size_t len,
                    int64_t now_us)
{
    int64_t index = audio->silence ? ear_encode_index(speak->encode) : speak->packet.index;
    speak->spoken_us += audio->silence ? 0 : speak->packet.units * (int64_t)EAR_UNIT_US;
    speak->packets_sent += !audio->silence;
    speak->silences_sent += audio->silence;
    ear_allowance_sent(&speak->allowance, (int64_t)wire_bytes(len), now_us);
    pay_for_backlog(speak, (int64_t)wire_bytes(len), now_us);
    ear_line_view_sent(&speak->view, index, wire_bytes(len), now_us);
    speak->sent_us = now_us;
}

void ear_speak_stayed(struct ear_speak *speak, const struct ear_audio *audio, int64_t now_us)
{
    int64_t index = audio->silence ? ear_encode_index(speak->encode) : speak->packet.index;
    ear_answer_stayed(&speak->answer);
    pay_for_backlog(speak, (int64_t)(EAR_SPEECH_FIXED_BYTES + audio->blocks_len), now_us);
    if (!audio->silence)
        ear_repair_ask(&speak->answer.repair, index, index + speak->packet.units,
                       EAR_REPAIR_UNASKED);
    ear_line_view_sent(&speak->view, index, 0, now_us); /* as good as lost */
    speak->sent_us = now_us; /* the next try keeps the distance of what is sent */
}

void ear_speak_all_sent(struct ear_speak *speak, int64_t bytes, int64_t now_us)
{
    ear_allowance_all_sent(&speak->allowance, bytes, now_us);
}

/* ---- what the other side tells ---- */

static void take_want(struct ear_speak *speak, const struct ear_want *want, int64_t now_us)
{
    int64_t from = ear_index_before(want->index, ear_encode_index(speak->encode));
    int64_t to = from + want->units;
    struct ear_journal_entry entry;
    if (want->units == 0) {
        to = from + 1;
        if (ear_journal_find(speak->journal, from, &entry) == 0)
            to = entry.index + entry.units;
    }
    struct ear_answer_from in = answer_from(speak, now_us);
    if (!ear_repair_waits(&speak->answer.repair))
        speak->fed_us = now_us;
    ear_answer_ask(&speak->answer, &in, from, to, want->behind);
    if (from <= speak->kept_from && to > speak->kept_from)
        speak->kept_from = ear_min64(to, speak->kept_to);
    ear_linger_asked(&speak->linger, want->behind ? 0 : want->units, now_us);
    bool starves = want->units >= STARVED_UNITS && now_us - speak->fed_us >= STARVED_US;
    if (speak->backlog || want->behind || (want->units < BACKLOG_UNITS && !starves))
        return;
    speak->backlog = true;
    speak->backlog_from = ear_journal_end(speak->journal);
}

void ear_speak_told(struct ear_speak *speak, const struct ear_audio *audio, int64_t now_us)
{
    if (audio->has_report)
        ear_line_view_report(&speak->view, &audio->report, now_us);
    for (size_t i = 0; i < audio->wants_count; i++)
        take_want(speak, &audio->wants[i], now_us);
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
    *ret = (struct ear_speak_status){.journal_t0_us = speak->timeline.t0_us,
                                     .packets_sent = speak->packets_sent,
                                     .silences_sent = speak->silences_sent,
                                     .repairs_sent = speak->answer.sent,
                                     .spoken_us = speak->spoken_us,
                                     .withheld_us = speak->withheld_us,
                                     .next_us =
                                         ear_encode_due_us(speak->encode, speak->timeline.t0_us),
                                     .mic_gone = speak->timeline.capture.gone,
                                     .mic_dead = ear_capture_is_dead(&speak->timeline.capture),
                                     .mic_level_db = speak->timeline.capture.level_db,
                                     .line = speak->line,
                                     .ladder = speak->say,
                                     .plan = speak->planner.plan};
}
