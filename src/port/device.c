/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the sound cards, keeps them open, and lets the media thread poll what is open now.
 *
 * A session is what one opening of the cards gave. The worker makes it whole, publishes it, and
 * when a card is gone takes it back; the media thread says which session it holds for the time of
 * one call (a hazard pointer), and the worker waits that time before it frees. */
#include "port/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "port/cardchoice.h"
#include "port/cards.h"
#include "port/cardwatch.h"

/* No callback for this long: the card is gone. Callbacks come every 5 to 50 ms. */
#define GONE_US 500000
/* PulseAudio took 1.9 s after the first callbacks to begin in earnest, measured on a null sink. */
#define GRACE_US 5000000
/* Opening anew interrupts the direction that still works, so that is tried ever more rarely. */
#define RETRY_US 900000
#define RETRY_HALF_US 2000000
#define RETRY_HALF_MOST_US 32000000
#define HOLD_POLL_US 200

/* Asked of the card. With 20 ms PulseAudio ran dry on two cores that others kept busy (load 5),
 * with 30 it did not. Where it runs dry more than a few times within half a minute, it is opened
 * anew with more. */
#define LATENCY_FIRST_S 0.030
#define LATENCY_MOST_S 0.160
#define HICCUPS_MANY 4.0
#define HICCUPS_KEPT 0.95 /* from one second to the next */
#define HICCUPS_US (1000 * EAR_US_PER_MS)

struct session {
    struct ear_cards_stream *streams[2]; /* microphone, loudspeaker; twice the same: full duplex */
    struct ear_cardmic mic;
    struct ear_cardspeaker speaker;
    bool has_mic, has_speaker;
    int64_t grace_us; /* until then the card may pause */
    _Atomic bool dead[2];
};

struct ear_device {
    struct ear_mic mic;
    struct ear_speaker speaker;
    const struct ear_clock *clock;
    struct ear_cardline_counts mic_counts, speaker_counts;
    _Atomic int64_t reopened;

    _Atomic(struct session *) open; /* published by the worker; NULL: the cards are gone */
    _Atomic(struct session *) held; /* by the media thread, for the time of one call */

    /* worker */
    bool wanted[2]; /* microphone, loudspeaker */
    char names[2][EAR_DEVICE_NAME_BYTES];
    bool or_usual, stands_in[2]; /* another card than the one that was named */
    struct ear_cardwatch watch;
    int64_t retry_us, retry_half_us;
    double latency_s; /* asked of the card */
    int64_t breaks;   /* of both directions, seen so far */
    double hiccups;   /* breaks of late */
    int64_t hiccups_us;
};

/* The media thread's side. */

static struct session *hold(struct ear_device *d)
{
    struct session *s;
    do {
        s = atomic_load(&d->open);
        atomic_store(&d->held, s);
    } while (s != atomic_load(&d->open));
    return s;
}

static void let_go(struct ear_device *d)
{
    atomic_store_explicit(&d->held, NULL, memory_order_release);
}

static bool is_gone(struct session *s, struct ear_cardline *line, int64_t now_us)
{
    int64_t called_us = atomic_load_explicit(&line->called_us, memory_order_acquire);
    return atomic_load_explicit(&s->dead[line->plays], memory_order_relaxed) ||
           (now_us > s->grace_us && now_us - called_us > GONE_US);
}

static int mic_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME], int64_t *ret_end_us)
{
    struct ear_device *d = ctx;
    struct session *s = hold(d);
    int rc = -ENODEV;
    if (s && s->has_mic && !is_gone(s, &s->mic.line, now_us))
        rc = ear_cardmic_read(&s->mic, now_us, frame, ret_end_us);
    let_go(d);
    return rc;
}

static int64_t mic_due(void *ctx, int64_t now_us)
{
    struct ear_device *d = ctx;
    struct session *s = hold(d);
    int64_t due_us = now_us + EAR_FRAME_US;
    if (s && s->has_mic && !is_gone(s, &s->mic.line, now_us))
        due_us = ear_cardmic_due_us(&s->mic, now_us);
    let_go(d);
    return due_us;
}

static int speaker_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_device *d = ctx;
    struct session *s = hold(d);
    int rc = -ENODEV;
    if (s && s->has_speaker && !is_gone(s, &s->speaker.line, now_us))
        rc = ear_cardspeaker_wants(&s->speaker, now_us, ret_heard_us);
    let_go(d);
    return rc;
}

static void speaker_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct ear_device *d = ctx;
    struct session *s = hold(d);
    if (s && s->has_speaker)
        ear_cardspeaker_write(&s->speaker, ear_clock_now_us(d->clock), frame);
    let_go(d);
}

static int64_t speaker_due(void *ctx, int64_t now_us)
{
    struct ear_device *d = ctx;
    struct session *s = hold(d);
    int64_t due_us = now_us + EAR_FRAME_US;
    if (s && s->has_speaker && !is_gone(s, &s->speaker.line, now_us))
        due_us = ear_cardspeaker_due_us(&s->speaker, now_us);
    let_go(d);
    return due_us;
}

/* The worker's side. */

static void free_session(struct session *s)
{
    if (!s)
        return;
    ear_cards_close(s->streams[0]);
    if (s->streams[1] != s->streams[0])
        ear_cards_close(s->streams[1]);
    if (s->has_mic)
        ear_cardmic_fini(&s->mic);
    if (s->has_speaker)
        ear_cardspeaker_fini(&s->speaker);
    free(s);
}

/* Takes one stream back that does not run; its callbacks have ended. */
static void drop_stream(struct session *s, struct ear_cards_stream *stream, bool mic, bool speaker)
{
    ear_cards_close(stream);
    if (mic && s->has_mic)
        ear_cardmic_fini(&s->mic);
    if (speaker && s->has_speaker)
        ear_cardspeaker_fini(&s->speaker);
    s->has_mic = s->has_mic && !mic;
    s->has_speaker = s->has_speaker && !speaker;
}

/* Opens one stream of the session and lets it run; on failure the session is as before. */
static int add_stream(struct ear_device *d, struct session *s, int card, bool mic, bool speaker,
                      const char **ret_why)
{
    struct ear_cards_stream *stream;
    const struct ear_cards_config config = {
        .card = card, .mic = mic, .speaker = speaker, .latency_s = d->latency_s};
    int rc = ear_cards_open(&stream, &config, ret_why);
    if (rc)
        return rc;
    uint32_t hz = ear_cards_rate_hz(stream);
    int64_t now_us = ear_clock_now_us(d->clock);
    *ret_why = "it does not start";
    if (mic) {
        rc = ear_cardmic_init(&s->mic, hz, now_us, &d->mic_counts);
        s->has_mic = rc == 0;
    }
    if (rc == 0 && speaker) {
        rc = ear_cardspeaker_init(&s->speaker, hz, now_us, &d->speaker_counts);
        s->has_speaker = rc == 0;
    }
    if (rc == 0)
        rc = ear_cards_run(stream, d->clock, mic ? &s->mic : NULL, speaker ? &s->speaker : NULL);
    if (rc) {
        drop_stream(s, stream, mic, speaker);
        return rc;
    }
    for (int i = 0; i < 2; i++)
        if (i ? speaker : mic)
            s->streams[i] = stream;
    s->grace_us = now_us + GRACE_US;
    ear_log(EAR_LOG_NOTICE, "device: %s%s%s at %u Hz", mic ? "microphone" : "",
            mic && speaker ? " and " : "", speaker ? "loudspeaker" : "", hz);
    return 0;
}

/* One stream for both directions needs one clock. Behind these names stands a sound server whose
 * two directions run apart: PortAudio waits for both at once, hears silence and gives up (measured
 * with ALSA's pulse and null sinks: nothing heard in 6 of 8 runs; in two streams heard in all). */
static bool has_one_clock(int card)
{
    static const char *const servers[] = {"default", "pulse", "pipewire"};
    struct ear_device_info info;
    ear_cards_info(card, &info);
    for (size_t i = 0; i < EAR_COUNT(servers); i++)
        if (strcmp(info.name, servers[i]) == 0)
            return false;
    return true;
}

/* Opens what is wanted (cards: microphone, loudspeaker; -1: none), both at once where one card
 * serves both. Strict: all of it or nothing; else whatever can be had. */
static int open_session(struct ear_device *d, struct session **ret, const int cards[2], bool strict,
                        char *error, size_t error_bytes)
{
    const char *why = "";
    int rc = 0;
    struct session *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(error, error_bytes, "There is not enough memory to open the sound card.");
        return -ENOMEM;
    }
    bool both = cards[0] >= 0 && cards[0] == cards[1] && has_one_clock(cards[0]) &&
                !add_stream(d, s, cards[0], true, true, &why);
    for (int plays = 0; plays < 2 && !both; plays++) {
        int failed = cards[plays] < 0 ? 0 : add_stream(d, s, cards[plays], !plays, plays, &why);
        if (failed) {
            rc = failed;
            ear_cardchoice_explain(cards[plays], plays, failed, why, error, error_bytes);
        }
    }
    if ((rc && strict) || (!s->has_mic && !s->has_speaker)) {
        free_session(s);
        return rc ? rc : -ENODEV;
    }
    *ret = s;
    return 0;
}

static bool is_forbidden(const struct ear_device *d, char *error, size_t error_bytes)
{
    bool forbidden = ear_cardwatch_forbidden(&d->watch);
    if (forbidden)
        snprintf(error, error_bytes,
                 "This account may not use the sound card. Ask whoever looks after this computer "
                 "to add it to the group \"audio\".");
    return forbidden;
}

static int start(struct ear_device *d, bool strict, char *error, size_t error_bytes)
{
    int rc = ear_cards_start();
    if (rc) {
        snprintf(error, error_bytes,
                 "The sound system does not start. Use --mic FILE.wav and --speaker FILE.wav.");
        return rc;
    }
    int cards[2] = {-1, -1};
    for (int plays = 0; plays < 2 && rc == 0; plays++) {
        if (!d->wanted[plays])
            continue;
        cards[plays] = ear_cardchoice_pick(d->names[plays], plays, strict, error, error_bytes);
        if (cards[plays] < 0 && strict)
            rc = -ENODEV;
    }
    for (int plays = 0; plays < 2; plays++)
        d->stands_in[plays] =
            cards[plays] >= 0 && !ear_cardchoice_is(cards[plays], d->names[plays]);
    struct session *s = NULL;
    if (rc == 0)
        rc = open_session(d, &s, cards, strict, error, error_bytes);
    if (rc) {
        ear_cards_stop();
        return is_forbidden(d, error, error_bytes) ? -EACCES : rc;
    }
    atomic_store(&d->open, s);
    return 0;
}

/* Takes the session back from the media thread, which holds it for the time of one call. */
static void stop(struct ear_device *d)
{
    struct session *s = atomic_exchange(&d->open, NULL);
    if (!s)
        return;
    while (atomic_load(&d->held) == s)
        usleep(HOLD_POLL_US);
    free_session(s);
    ear_cards_stop();
}

static void take_name(struct ear_device *d, bool plays, const char *name)
{
    d->wanted[plays] = !name || name[0];
    snprintf(d->names[plays], sizeof d->names[plays], "%s", name ? name : "");
}

int ear_device_open(struct ear_device **ret, const struct ear_device_config *config, char *error,
                    size_t error_bytes)
{
    struct ear_device *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(error, error_bytes, "There is not enough memory to open the sound card.");
        return -ENOMEM;
    }
    d->clock = config->clock;
    d->latency_s = LATENCY_FIRST_S;
    d->mic = (struct ear_mic){.read = mic_read, .due_us = mic_due, .ctx = d};
    d->speaker = (struct ear_speaker){
        .wants = speaker_wants, .write = speaker_write, .due_us = speaker_due, .ctx = d};
    take_name(d, false, config->mic_name);
    take_name(d, true, config->speaker_name);
    d->or_usual = config->or_usual;
    ear_cardwatch_init(&d->watch, config->watched ? config->watched : EAR_CARDWATCH_FOLDER);
    snprintf(error, error_bytes, "%s",
             config->or_usual ? "There is no sound card. Plug in a headset."
                              : "No sound card was asked for.");
    int rc = start(d, !config->or_usual, error, error_bytes);
    if (rc) {
        ear_cardwatch_fini(&d->watch);
        free(d);
        return rc;
    }
    *ret = d;
    return 0;
}

void ear_device_close(struct ear_device *d)
{
    if (!d)
        return;
    stop(d);
    ear_cardwatch_fini(&d->watch);
    free(d);
}

/* Looks after one direction; returns whether it works. */
static bool works(struct session *s, bool plays, int64_t now_us)
{
    if (!(plays ? s->has_speaker : s->has_mic))
        return false;
    struct ear_cardline *line = plays ? &s->speaker.line : &s->mic.line;
    ear_cardline_tend(line);
    if (!ear_cards_alive(s->streams[plays]))
        atomic_store(&s->dead[plays], true);
    return !is_gone(s, line, now_us);
}

/* Whether the card hiccups so often that it shall have more latency; takes note of it. */
static bool needs_latency(struct ear_device *d, int64_t now_us)
{
    if (now_us - d->hiccups_us < HICCUPS_US)
        return false;
    d->hiccups_us = now_us;
    int64_t breaks = atomic_load(&d->mic_counts.breaks) + atomic_load(&d->speaker_counts.breaks);
    d->hiccups = HICCUPS_KEPT * d->hiccups + (double)(breaks - d->breaks);
    d->breaks = breaks;
    if (d->hiccups < HICCUPS_MANY || d->latency_s >= LATENCY_MOST_S)
        return false;
    d->latency_s *= 2;
    d->hiccups = 0;
    ear_log(EAR_LOG_NOTICE, "device: the card stutters, now with %.0f ms", d->latency_s * 1000);
    return true;
}

/* Whether the cards shall be opened anew now. */
static bool must_reopen(struct ear_device *d, int64_t now_us)
{
    struct session *s = atomic_load(&d->open);
    bool plugged = ear_cardwatch_changed(&d->watch, now_us);
    if (!s)
        return plugged || now_us >= d->retry_us;
    bool missing = false, lost = false;
    for (int plays = 0; plays < 2; plays++) {
        bool there = plays ? s->has_speaker : s->has_mic;
        lost = lost || (there && !works(s, plays, now_us));
        missing = missing || (d->wanted[plays] && !there);
    }
    if (lost)
        ear_log(EAR_LOG_NOTICE, "device: the sound card is gone");
    return lost || (missing && (plugged || now_us >= d->retry_us)) ||
           (plugged && (d->stands_in[0] || d->stands_in[1])) || needs_latency(d, now_us);
}

void ear_device_tend(struct ear_device *d)
{
    char why[256] = "";
    if (!must_reopen(d, ear_clock_now_us(d->clock)))
        return;
    stop(d);
    int rc = start(d, false, why, sizeof why);
    int64_t now_us = ear_clock_now_us(d->clock);
    d->retry_us = now_us + RETRY_US;
    if (rc)
        return;
    struct session *s = atomic_load(&d->open);
    bool half = (d->wanted[0] && !s->has_mic) || (d->wanted[1] && !s->has_speaker);
    d->retry_half_us =
        half ? ear_min64(RETRY_HALF_MOST_US, ear_max64(RETRY_HALF_US, 2 * d->retry_half_us)) : 0;
    d->retry_us = now_us + d->retry_half_us;
    atomic_fetch_add(&d->reopened, 1);
    ear_log(EAR_LOG_NOTICE, "device: the sound card is back");
}

struct ear_mic *ear_device_mic(struct ear_device *d)
{
    return &d->mic;
}

struct ear_speaker *ear_device_speaker(struct ear_device *d)
{
    return &d->speaker;
}

void ear_device_get_stats(const struct ear_device *d, struct ear_device_stats *ret)
{
    *ret = (struct ear_device_stats){
        .underruns = atomic_load(&d->speaker_counts.gaps),
        .overruns = atomic_load(&d->mic_counts.gaps),
        .breaks = atomic_load(&d->mic_counts.breaks) + atomic_load(&d->speaker_counts.breaks),
        .reopened = atomic_load(&d->reopened),
        .mic_ppm = atomic_load(&d->mic_counts.ppb) / 1000.0,
        .speaker_ppm = atomic_load(&d->speaker_counts.ppb) / 1000.0,
        .mic_latency_ms = atomic_load(&d->mic_counts.late_us) / 1000.0,
        .speaker_latency_ms = atomic_load(&d->speaker_counts.late_us) / 1000.0,
    };
}

int ear_device_list(struct ear_device_info **ret, size_t *ret_count)
{
    int rc = ear_cards_start();
    if (rc)
        return rc;
    size_t count = (size_t)ear_cards_count();
    struct ear_device_info *list = calloc(count + 1, sizeof *list);
    if (list) {
        for (size_t i = 0; i < count; i++)
            ear_cards_info((int)i, &list[i]);
        *ret = list;
        *ret_count = count;
    }
    ear_cards_stop();
    return list ? 0 : -ENOMEM;
}
