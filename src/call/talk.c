/* SPDX-License-Identifier: GPL-3.0-or-later */
/* microphone > capture > clean > encode, and jitter > decode > stretch > play > loudspeaker. */
#include "call/talk.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tx/capture.h"
#include "tx/clean.h"
#include "tx/encode.h"
#include "tx/level.h"

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
/* A report rides on a packet this often: in brief, unless there is news (of these shares and
 * delays), much is lost (a full one may have been), or the last full one is old. All in full they
 * were 1.2 to 1.5 bytes of each speech packet, so they are 0.5. */
#define REPORT_US (500 * EAR_US_PER_MS)
#define REPORT_FULL_US (10 * (int64_t)EAR_US_PER_S)
#define REPORT_LOSSY_255 13 /* 5 % */
#define REPORT_NEWS_255 3
#define REPORT_NEWS_PLAYOUT_16MS 4
#define REPORT_NEWS_QUEUEING_16MS 8
/* Loss among keep-alives is averaged over so many, and told when no speech came for so long. */
#define SILENCE_LOSS_PACKETS 64.0
#define SPEECH_LOSS_FRESH_US (10 * (int64_t)EAR_US_PER_S)
/* A longer gap is an outage, not loss. */
#define SILENCE_GAP_MAX_US (1800 * EAR_US_PER_MS)
/* When the microphone gives nothing for this long, silence takes its place in the journal, so that
 * journal time stays the clock's. Sound cards hand over up to 40 ms at once. */
#define MIC_SLACK_US (80 * EAR_US_PER_MS)
/* After this much silence in its place a microphone is no longer late but away: the journal goes on
 * to the clock's time, lest all that follows were spoken 80 ms before. */
#define MIC_AWAY_FRAMES (200 / EAR_FRAME_MS)
/* "They hear you" rests on an acknowledgement of something sent in the last seconds. */
#define HEARS_FRESH_US (3 * (int64_t)EAR_US_PER_S)
/* Round trips: a new sample counts an eighth (RFC 6298). */
#define RTT_GAIN 0.125
/* Packets remembered for their sending time: 4 s of 60 ms packets, the longest round trip. */
#define SENT_REMEMBERED 128

struct sent_packet {
    int64_t index;
    int64_t at_us;
};

struct ear_talk {
    struct ear_talk_config config;
    /* out */
    struct ear_capture capture;
    struct ear_clean *clean;
    struct ear_encode *encode;
    struct ear_encode_packet packet;
    int16_t frame[EAR_FRAME];
    int64_t frame_end_us; /* of a frame that waits for its place in time */
    bool frame_waits;
    int64_t start_us;  /* of the call */
    int64_t frames;    /* fed into the journal */
    int stood_in;      /* frames of silence in the microphone's place, in a row */
    int64_t t0_us;     /* journal zero; INT64_MIN until the first frame */
    int64_t sent_us;   /* newest packet */
    int64_t report_us; /* newest report */
    float noise_db;
    struct sent_packet sent[SENT_REMEMBERED];
    size_t sent_count;
    /* in */
    struct ear_play *play;
    bool speaker_gone;
    float heard_level_db;
    int64_t newest_index; /* highest received, with the time at which it came; -1: none */
    int64_t newest_us;
    bool newest_silent;
    int64_t speech_us;                  /* when speech came last */
    double silences_lost, silences_due; /* weighed, the newest most */
    struct ear_link_report told;        /* our newest full report ... */
    int64_t told_us;                    /* ... and when it went */
    /* what the other side told */
    int64_t acknowledged_sent_us; /* when we sent what it acknowledged last */
    double rtt_us;
    struct ear_link_report there;
    /* counts */
    int64_t packets_sent, silences_sent, spoken_us, withheld_us;
};

int ear_talk_new(struct ear_talk **ret, const struct ear_talk_config *config)
{
    struct ear_talk *talk = calloc(1, sizeof *talk);
    if (!talk)
        return -ENOMEM;
    talk->config = *config;
    talk->acknowledged_sent_us = INT64_MIN / 2;
    const struct ear_play_config play = {
        .codec = config->codec, .on_event = config->on_event, .ctx = config->ctx};
    int err = ear_clean_new(&talk->clean);
    if (!err)
        err = ear_encode_new(&talk->encode, config->codec);
    if (!err)
        err = ear_play_new(&talk->play, &play);
    if (err) {
        ear_talk_free(talk);
        return err;
    }
    ear_encode_set_always(talk->encode, config->always);
    *ret = talk;
    return 0;
}

void ear_talk_free(struct ear_talk *talk)
{
    if (!talk)
        return;
    ear_clean_free(talk->clean);
    ear_encode_free(talk->encode);
    ear_play_free(talk->play);
    free(talk);
}

void ear_talk_start(struct ear_talk *talk, int64_t now_us)
{
    ear_capture_init(&talk->capture, talk->config.mic);
    ear_clean_reset(talk->clean);
    ear_encode_reset(talk->encode);
    ear_play_reset(talk->play);
    talk->config.codec->reset(talk->config.codec->ctx);
    talk->frame_waits = false;
    talk->frame_end_us = now_us;
    talk->start_us = now_us;
    talk->frames = 0;
    talk->stood_in = 0;
    talk->t0_us = INT64_MIN;
    talk->sent_us = talk->report_us = now_us;
    talk->noise_db = -70;
    talk->sent_count = 0;
    talk->speaker_gone = false;
    talk->heard_level_db = -100;
    talk->newest_index = -1;
    talk->newest_silent = false;
    talk->speech_us = INT64_MIN / 2;
    talk->silences_lost = talk->silences_due = 0;
    talk->told = (struct ear_link_report){0};
    talk->told_us = INT64_MIN / 2;
    talk->acknowledged_sent_us = INT64_MIN / 2;
    talk->rtt_us = 0;
    talk->there = (struct ear_link_report){0};
    talk->packets_sent = talk->silences_sent = talk->spoken_us = talk->withheld_us = 0;
    /* What a sound card gathered before the call is not part of it. */
    int64_t end_us;
    while (ear_capture_read(&talk->capture, now_us, talk->frame, &end_us) == 1)
        ;
}

void ear_talk_set_format(struct ear_talk *talk, const struct ear_codec_format *format)
{
    ear_encode_set_format(talk->encode, format);
}

void ear_talk_hurry(struct ear_talk *talk)
{
    talk->sent_us = INT64_MIN / 2;
}

/* ---- the way out ---- */

/* When the next frame of the journal will have been spoken. */
static int64_t next_frame_end_us(const struct ear_talk *talk)
{
    return talk->t0_us + (talk->frames + 1) * EAR_FRAME_US;
}

/* The next frame of the journal: the microphone's, or silence where it gave none in time. */
static bool next_frame(struct ear_talk *talk, int64_t now_us, int16_t frame[static EAR_FRAME])
{
    while (!talk->frame_waits) {
        if (ear_capture_read(&talk->capture, now_us, talk->frame, &talk->frame_end_us) != 1)
            break;
        if (talk->t0_us == INT64_MIN)
            talk->t0_us = talk->frame_end_us - EAR_FRAME_US;
        /* A frame of a time that silence has filled already comes too late. */
        talk->frame_waits = talk->frame_end_us > next_frame_end_us(talk) - MIC_SLACK_US;
    }
    if (talk->t0_us == INT64_MIN) {
        if (now_us < talk->start_us + MIC_SLACK_US)
            return false;
        talk->t0_us = talk->start_us;
    }
    bool in_time = talk->frame_end_us < next_frame_end_us(talk) + MIC_SLACK_US;
    if (talk->frame_waits && in_time) {
        memcpy(frame, talk->frame, sizeof talk->frame);
        talk->frame_waits = false;
        talk->stood_in = 0;
        return true;
    }
    bool away = talk->capture.gone || talk->stood_in >= MIC_AWAY_FRAMES;
    if (now_us < next_frame_end_us(talk) + (away ? 0 : MIC_SLACK_US))
        return false;
    talk->stood_in++;
    memset(frame, 0, sizeof talk->frame);
    return true;
}

static int64_t keepalive_us(uint8_t loss_255)
{
    size_t i = 0;
    while (i + 1 < EAR_COUNT(keepalives) && loss_255 / 255.0 > keepalives[i].loss)
        i++;
    return keepalives[i].every_us;
}

/* Keep-alives come as often as the loss that we told asks for: the ones between were lost. */
static void count_silences(struct ear_talk *talk, int64_t index)
{
    int64_t gap_us = (index - talk->newest_index) * EAR_UNIT_US;
    if (!talk->newest_silent || gap_us <= 0 || gap_us > SILENCE_GAP_MAX_US)
        return;
    double due = fmax(1, round((double)gap_us / (double)keepalive_us(talk->told.loss_255)));
    double keep = exp(-due / SILENCE_LOSS_PACKETS);
    talk->silences_due = talk->silences_due * keep + due;
    talk->silences_lost = talk->silences_lost * keep + due - 1;
}

/* Share of late that the network lost: of speech, or of keep-alives where none is spoken. */
static double loss_here(const struct ear_talk *talk, const struct ear_play_stats *stats,
                        int64_t now_us)
{
    if (now_us - talk->speech_us < SPEECH_LOSS_FRESH_US || talk->silences_due <= 0)
        return stats->loss;
    return talk->silences_lost / talk->silences_due;
}

static struct ear_link_report make_report(const struct ear_talk *talk, int64_t now_us)
{
    struct ear_play_stats stats;
    ear_play_get_stats(talk->play, &stats);
    int64_t age = (now_us - talk->newest_us) / (4 * EAR_US_PER_MS);
    return (struct ear_link_report){
        .highest_index = (uint16_t)(talk->newest_index % EAR_INDEX_MODULO),
        .age_4ms = (uint8_t)ear_min64(age, EAR_LINK_REPORT_AGE_UNKNOWN),
        .queueing_16ms = (uint8_t)fmin(fmax(stats.queueing_ms, 0) / 16, 255),
        .loss_255 = (uint8_t)lround(loss_here(talk, &stats, now_us) * 255),
        .playout_16ms = (uint8_t)fmin(fmax(stats.delay_ms, 0) / 16, 255),
    };
}

static bool is_news(const struct ear_link_report *report, const struct ear_link_report *told)
{
    return abs(report->loss_255 - told->loss_255) >= REPORT_NEWS_255 ||
           abs(report->playout_16ms - told->playout_16ms) >= REPORT_NEWS_PLAYOUT_16MS ||
           abs(report->queueing_16ms - told->queueing_16ms) >= REPORT_NEWS_QUEUEING_16MS;
}

static void report(struct ear_talk *talk, int64_t now_us, struct ear_link_report *ret)
{
    *ret = make_report(talk, now_us);
    talk->report_us = now_us;
    ret->brief = ret->loss_255 < REPORT_LOSSY_255 && now_us - talk->told_us < REPORT_FULL_US &&
                 !is_news(ret, &talk->told);
    if (ret->brief)
        return;
    talk->told = *ret;
    talk->told_us = now_us;
}

/* Puts one packet on the wire's form and remembers when it left. */
static size_t build(struct ear_talk *talk, int64_t now_us, struct ear_audio *audio, uint8_t *out,
                    size_t cap)
{
    audio->has_report =
        talk->newest_index >= 0 && now_us - talk->report_us >= REPORT_US && !audio->spurt_end;
    if (audio->has_report)
        report(talk, now_us, &audio->report);
    int len = ear_audio_build(audio, out, cap);
    if (len < 0)
        return 0;
    talk->sent_us = now_us;
    return (size_t)len;
}

/* Of two with one index (silence, then the speech that broke it) the first is acknowledged. */
static void remember(struct ear_talk *talk, int64_t index, int64_t now_us)
{
    if (talk->sent_count > 0 && talk->sent[(talk->sent_count - 1) % SENT_REMEMBERED].index == index)
        return;
    talk->sent[talk->sent_count++ % SENT_REMEMBERED] =
        (struct sent_packet){.index = index, .at_us = now_us};
}

static size_t build_silence(struct ear_talk *talk, int64_t now_us, uint8_t *out, size_t cap)
{
    int64_t index = ear_encode_index(talk->encode);
    struct ear_audio audio = {
        .silence = true,
        .index = (uint16_t)(index % EAR_INDEX_MODULO),
        .noise_db = (int8_t)fmaxf(fminf(talk->noise_db, 0), -127),
    };
    talk->silences_sent++;
    remember(talk, index, now_us);
    return build(talk, now_us, &audio, out, cap);
}

static size_t build_speech(struct ear_talk *talk, int64_t now_us, uint8_t *out, size_t cap)
{
    const struct ear_encode_packet *packet = &talk->packet;
    struct ear_audio audio = {
        .spurt_start = packet->spurt_start,
        .spurt_end = packet->spurt_end,
        .noise_db = packet->noise_db,
        .index = (uint16_t)(packet->index % EAR_INDEX_MODULO),
        .payload = packet->data,
        .payload_len = packet->len,
    };
    talk->packets_sent++;
    talk->spoken_us += (int64_t)packet->units * EAR_UNIT_US;
    remember(talk, packet->index, now_us);
    return build(talk, now_us, &audio, out, cap);
}

size_t ear_talk_tx_step(struct ear_talk *talk, int64_t now_us, const struct ear_talk_gate *gate,
                        uint8_t *out, size_t cap)
{
    int16_t frame[EAR_FRAME];
    while (next_frame(talk, now_us, frame)) {
        talk->frames++;
        if (gate->muted)
            memset(frame, 0, sizeof frame);
        struct ear_clean_verdict verdict = ear_clean_frame(talk->clean, frame);
        talk->noise_db = verdict.noise_db;
        int got = ear_encode_frame(talk->encode, frame, verdict.speech && !gate->muted,
                                   verdict.noise_db, &talk->packet);
        if (got <= 0)
            continue;
        if (!gate->speech_worth) {
            talk->withheld_us += (int64_t)talk->packet.units * EAR_UNIT_US;
            continue;
        }
        size_t len = talk->packet.units > 0 ? build_speech(talk, now_us, out, cap)
                                            : build_silence(talk, now_us, out, cap);
        if (len > 0)
            return len;
    }
    if (gate->speech_worth && now_us - talk->sent_us >= keepalive_us(talk->there.loss_255))
        return build_silence(talk, now_us, out, cap);
    return 0;
}

/* ---- the way in ---- */

static void take_report(struct ear_talk *talk, const struct ear_link_report *report, int64_t now_us)
{
    const int modulo = report->brief ? EAR_LINK_REPORT_BRIEF_MODULO : EAR_INDEX_MODULO;
    if (!report->brief)
        talk->there = *report;
    for (size_t i = 0; i < SENT_REMEMBERED && i < talk->sent_count; i++) {
        const struct sent_packet *sent = &talk->sent[(talk->sent_count - 1 - i) % SENT_REMEMBERED];
        if (sent->index % modulo != report->highest_index)
            continue;
        talk->acknowledged_sent_us = ear_max64(talk->acknowledged_sent_us, sent->at_us);
        if (report->age_4ms == EAR_LINK_REPORT_AGE_UNKNOWN)
            return;
        double rtt = (double)(now_us - sent->at_us - (int64_t)report->age_4ms * 4 * EAR_US_PER_MS);
        if (rtt < 0)
            return;
        talk->rtt_us += talk->rtt_us > 0 ? RTT_GAIN * (rtt - talk->rtt_us) : rtt;
        return;
    }
}

/* The journal's time at the other end, to the seconds that expanding 14 bits needs (163 s). Silence
 * counts as well: who only listened for minutes is understood from the first word. */
static int64_t index_there(const struct ear_talk *talk, int64_t now_us)
{
    if (talk->newest_index < 0)
        return (now_us - talk->start_us) / EAR_UNIT_US;
    return talk->newest_index + (now_us - talk->newest_us) / EAR_UNIT_US;
}

static int play_speech(struct ear_talk *talk, const struct ear_audio *audio, int64_t index,
                       int64_t now_us)
{
    const uint8_t *packet = audio->payload;
    size_t len = audio->payload_len;
    int err = ear_play_put(talk->play, index, audio->spurt_start, packet, len, now_us);
    if (err || !audio->spurt_end)
        return err;
    index += talk->config.codec->packet_samples(packet, len) / EAR_UNIT;
    ear_play_put_silence(talk->play, index, audio->noise_db, now_us);
    return 0;
}

int ear_talk_take(struct ear_talk *talk, const uint8_t *data, size_t len, int64_t now_us)
{
    struct ear_audio audio;
    int err = ear_audio_parse(data, len, &audio);
    if (err)
        return err;
    int64_t index = ear_index_expand(audio.index, index_there(talk, now_us));
    if (index < 0)
        return -EBADMSG;
    if (audio.silence)
        ear_play_put_silence(talk->play, index, audio.noise_db, now_us);
    else
        err = play_speech(talk, &audio, index, now_us);
    if (err == -EBADMSG)
        return err;
    if (audio.silence)
        count_silences(talk, index);
    else
        talk->speech_us = now_us;
    if (index > talk->newest_index) {
        talk->newest_index = index;
        talk->newest_us = now_us;
        talk->newest_silent = audio.silence;
    }
    if (audio.has_report)
        take_report(talk, &audio.report, now_us);
    return 0;
}

void ear_talk_rx_step(struct ear_talk *talk, int64_t now_us)
{
    struct ear_speaker *speaker = talk->config.speaker;
    int16_t frame[EAR_FRAME];
    int64_t heard_us;
    int wants;
    while ((wants = speaker->wants(speaker->ctx, now_us, &heard_us)) == 1) {
        ear_play_frame(talk->play, now_us, heard_us, frame);
        speaker->write(speaker->ctx, frame);
        talk->heard_level_db = ear_level_db(frame, EAR_FRAME);
    }
    talk->speaker_gone = wants < 0;
}

int64_t ear_talk_due_us(const struct ear_talk *talk, int64_t now_us)
{
    const struct ear_mic *mic = talk->config.mic;
    const struct ear_speaker *speaker = talk->config.speaker;
    int64_t due = ear_min64(mic->due_us(mic->ctx, now_us), speaker->due_us(speaker->ctx, now_us));
    return ear_max64(due, now_us);
}

void ear_talk_get_status(const struct ear_talk *talk, int64_t now_us, struct ear_talk_status *ret)
{
    *ret = (struct ear_talk_status){
        .journal_t0_us = talk->t0_us,
        .packets_sent = talk->packets_sent,
        .silences_sent = talk->silences_sent,
        .spoken_us = talk->spoken_us,
        .withheld_us = talk->withheld_us,
        .mic_gone = talk->capture.gone,
        .mic_dead = ear_capture_is_dead(&talk->capture),
        .speaker_gone = talk->speaker_gone,
        .mic_level_db = talk->capture.level_db,
        .heard_level_db = talk->heard_level_db,
        .hears_me = now_us - talk->acknowledged_sent_us < HEARS_FRESH_US,
        .rtt_ms = talk->rtt_us / EAR_US_PER_MS,
        .loss_there = talk->there.loss_255 / 255.0,
        .playout_there_ms = talk->there.playout_16ms * 16.0,
    };
    ear_play_get_stats(talk->play, &ret->play);
}
