/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-sim: whole calls in virtual time, hours in minutes; the counters as JSON. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "port/codec.h"
#include "port/enet_link.h"
#include "sim/numbered.h"
#include "sim/rig.h"
#include "sim/talker.h"

/* Outages come upon the link's own: 24 hours have more than 500. */
#define OUTAGE_EVERY_US (120.0 * EAR_US_PER_S)
#define OUTAGE_MIN_US (1.0 * EAR_US_PER_S)
#define OUTAGE_MAX_US (60.0 * EAR_US_PER_S)
/* Where they are long: 1 to 300 s, as many between 1 and 2 as between 150 and 300; 500 a day. A
 * call is held for 180 s; one that ends by itself in an outage of 120 s or less is a broken
 * promise. */
#define LONG_EVERY_US (105.0 * EAR_US_PER_S)
#define LONG_MIN_S 1.0
#define LONG_MAX_S 300.0
#define HELD_US (120 * (int64_t)EAR_US_PER_S)
/* One of nearly 180 s is over when the call ends, for nothing has come yet: of 6,000 outages eleven
 * were like that. */
#define BACK_US (10 * (int64_t)EAR_US_PER_S)
/* Two outages with less than this between them are one: nothing need have come through. Who is lost
 * asks once a second, and edge takes up to another for question and answer. */
#define BETWEEN_OUTAGES_US (2 * (int64_t)EAR_US_PER_S)
/* What was written within so long before an outage may still be on its way when it begins. */
#define ON_ITS_WAY_US (30 * (int64_t)EAR_US_PER_S)
/* Calls of 5 to 60 minutes, a minute apart. */
#define CALL_MIN_US (300.0 * EAR_US_PER_S)
#define CALL_MAX_US (3600.0 * EAR_US_PER_S)
#define BETWEEN_US (60 * (int64_t)EAR_US_PER_S)
#define MUTE_EVERY_US (40.0 * EAR_US_PER_S)
/* ENet's clock wraps within the first hour. */
#define ENET_OFFSET_MS (UINT32_MAX - 1800000u)

/* One text comes with each switch of a microphone: 90 in an hour, at both ends together. */
#define TEXTS_MAX 1024
/* As many calls that ended by themselves are told one by one. */
#define ENDED_MAX 2048

/* Texts of one call, by the end that is to hear them and their number from 1 on. */
struct texts {
    int said, heard, top; /* top: the highest number that came */
    int64_t said_us[TEXTS_MAX + 1];
    bool came[TEXTS_MAX + 1];
};

/* A call that ended by itself. */
struct ended {
    int64_t at_us, call, outage_us, into_us; /* how long the outage was, and had lasted then */
    int64_t before_us, gap_us;               /* as in the simulation */
    enum ear_ending ending;
    bool allowed;
};

struct simulation {
    const char *link;
    double hours;
    uint64_t seed;
    bool codec, long_outages;
    struct ear_random random;
    struct ear_talker *voices[2];
    struct ear_codec *codecs[2];
    struct ear_rig *rig;
    /* the clock of things to come */
    int64_t outage_us, outage_begin_us, outage_end_us, outage_over_us, outage_length_us, mute_us;
    int64_t before_us, gap_us; /* the outage before this one, and what was between them */
    bool muted[2];
    /* counters */
    int64_t calls, calls_lost, calls_given_up, outages, long_outages_had, dead_us;
    int64_t begin_us, survived_us; /* the longest outage that a call outlived */
    int64_t mutes_said, mutes_heard, mutes_in_ended;
    int64_t texts_said, texts_heard, texts_lost, texts_doubled, texts_reordered, texts_in_ended;
    struct texts texts[2]; /* of this call */
    bool over;             /* this call, by itself */
    bool given_up;         /* and it was allowed to */
    struct ended ended[ENDED_MAX];
    int64_t packets_sent, packets_received, packets_lost, discarded, duplicates;
    int64_t wire_bytes, talk_us, withheld_us, refused;
    size_t memory_first, memory_last, enet_memory_last;
    int64_t memory_first_us;
};

static double uniform(struct simulation *s, double min, double max)
{
    return min + (max - min) * ear_random_unit(&s->random);
}

static size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* A call ended by itself: as it may after the time for which calls are held. */
static void note_ended(struct simulation *s, enum ear_ending ending)
{
    if (s->over) /* the other end */
        return;
    int64_t now = ear_rig_now_us(s->rig), into = now - s->outage_begin_us;
    bool in_outage = s->outage_begin_us && (s->outage_end_us || now - s->outage_over_us < BACK_US);
    int64_t n = s->calls_given_up + s->calls_lost;
    s->over = true;
    s->given_up = in_outage && ear_min64(into, s->outage_length_us) > HELD_US;
    s->calls_given_up += s->given_up;
    s->calls_lost += !s->given_up;
    if (n < ENDED_MAX)
        s->ended[n] = (struct ended){.at_us = now - s->begin_us,
                                     .call = s->calls,
                                     .outage_us = in_outage ? s->outage_length_us : 0,
                                     .into_us = in_outage ? into : 0,
                                     .before_us = s->before_us,
                                     .gap_us = s->gap_us,
                                     .ending = ending,
                                     .allowed = s->given_up};
}

static void take_text(struct simulation *s, int end, int number)
{
    struct texts *t = &s->texts[end];
    if (number < 1 || number > t->said || t->came[number]) {
        s->texts_doubled++;
        return;
    }
    s->texts_reordered += number < t->top;
    s->texts_heard++;
    t->heard++;
    t->top = number > t->top ? number : t->top;
    t->came[number] = true;
}

/* What did not come was lost; but what was written in the outage in which a call ended, or just
 * before it, with nothing after it that came, ended with the call. */
static void count_texts(struct simulation *s)
{
    for (int end = 0; end < 2; end++) {
        struct texts *t = &s->texts[end];
        for (int i = 1; i <= t->said; i++) {
            bool ended =
                s->given_up && i > t->top && t->said_us[i] >= s->outage_begin_us - ON_ITS_WAY_US;
            s->texts_in_ended += !t->came[i] && ended;
            s->texts_lost += !t->came[i] && !ended;
        }
        *t = (struct texts){0};
    }
}

static void take_events(struct simulation *s, int end)
{
    struct ear_event event;
    struct ear_engine *engine = ear_rig_engine(s->rig, end);
    while (ear_engine_event(engine, &event)) {
        if (event.kind == EAR_EVENT_THEY_MUTED)
            s->mutes_heard++;
        else if (event.kind == EAR_EVENT_TEXT)
            take_text(s, end, event.number);
        else if (event.kind == EAR_EVENT_PHASE && event.phase == EAR_PHASE_ENDED &&
                 !ear_ending_is_normal(event.ending))
            note_ended(s, event.ending);
    }
}

/* The newest snapshot of both ends is added up when a call is over. */
static void add_up(struct simulation *s)
{
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status status;
        ear_engine_get_status(ear_rig_engine(s->rig, end), &status);
        s->packets_sent += status.talk.packets_sent;
        s->packets_received += status.talk.play.packets_received;
        s->packets_lost += status.talk.play.packets_lost;
        s->discarded += status.talk.play.packets_discarded;
        s->duplicates += status.talk.play.packets_duplicate;
        s->withheld_us += status.talk.withheld_us;
        s->refused = status.refused_datagrams;
        if (end == 0)
            s->talk_us += status.talk_us;
    }
}

static void run_outage(struct simulation *s, int64_t now)
{
    if (s->outage_end_us && now >= s->outage_end_us) {
        ear_link_cut(ear_rig_link(s->rig), false);
        s->outage_end_us = 0;
        s->outage_over_us = now;
        s->survived_us = ear_max64(s->survived_us, s->outage_length_us);
        s->outage_us = now + (int64_t)ear_random_exponential(
                                 &s->random, s->long_outages ? LONG_EVERY_US : OUTAGE_EVERY_US);
    } else if (!s->outage_end_us && now >= s->outage_us) {
        int64_t length = (int64_t)uniform(s, OUTAGE_MIN_US, OUTAGE_MAX_US);
        if (s->long_outages)
            length = (int64_t)(exp(uniform(s, log(LONG_MIN_S), log(LONG_MAX_S))) * EAR_US_PER_S);
        bool goes_on = s->outage_begin_us && now - s->outage_over_us < BETWEEN_OUTAGES_US;
        s->long_outages_had += length > HELD_US;
        s->before_us = goes_on ? s->before_us : s->outage_length_us;
        s->gap_us = goes_on ? s->gap_us : now - s->outage_over_us;
        s->outage_begin_us = goes_on ? s->outage_begin_us : now;
        s->outage_length_us = now - s->outage_begin_us + length;
        ear_link_cut(ear_rig_link(s->rig), true);
        s->outage_end_us = now + length;
        s->outages++;
        s->dead_us += length;
    }
}

static void run_mute(struct simulation *s, int64_t now)
{
    if (now < s->mute_us)
        return;
    int end = (int)ear_random_below(&s->random, 2);
    s->muted[end] = !s->muted[end];
    ear_rig_command(s->rig, end, EAR_COMMAND_MUTE, s->muted[end]);
    s->mutes_said++;
    struct texts *texts = &s->texts[!end];
    struct ear_command text = {.kind = EAR_COMMAND_TEXT, .text = "How are you?"};
    if (texts->said < TEXTS_MAX) {
        text.number = (uint16_t)++texts->said;
        texts->said_us[texts->said] = now;
        s->texts_said++;
        if (!ear_engine_command(ear_rig_engine(s->rig, end), &text))
            fprintf(stderr, "earshot-sim: a text was not taken.\n"); /* and is counted as lost */
    }
    s->mute_us = now + (int64_t)ear_random_exponential(&s->random, MUTE_EVERY_US);
}

static void watch_memory(struct simulation *s, int64_t now, int64_t begin)
{
    /* After the first tenth, what is to grow has grown. */
    if (!s->memory_first && now - begin >= (int64_t)(s->hours * 360e6)) {
        s->memory_first = heap_bytes();
        s->memory_first_us = now;
    }
    s->memory_last = heap_bytes();
    s->enet_memory_last = ear_enet_memory_used();
}

/* Both ends unmute and the line is whole, so that the call can be counted to its end. */
static void end_call(struct simulation *s)
{
    int64_t now = ear_rig_now_us(s->rig);
    ear_link_cut(ear_rig_link(s->rig), false);
    if (s->outage_end_us) {
        s->outage_over_us = now;
        s->outage_length_us = now - s->outage_begin_us;
    }
    s->outage_end_us = 0;
    s->outage_us = now + (int64_t)OUTAGE_EVERY_US;
    for (int end = 0; end < 2; end++) {
        if (s->muted[end]) {
            s->muted[end] = false;
            s->mutes_said += !s->over;
            ear_rig_command(s->rig, end, EAR_COMMAND_MUTE, false);
        }
    }
    ear_rig_run(s->rig, 20 * (int64_t)EAR_US_PER_S);
    ear_rig_command(s->rig, (int)(s->calls % 2), EAR_COMMAND_HANG_UP, false);
    ear_rig_run(s->rig, BETWEEN_US);
    add_up(s);
}

static bool is_talking(struct simulation *s)
{
    struct ear_engine_status status;
    ear_engine_get_status(ear_rig_engine(s->rig, 0), &status);
    return ear_phase_is_talk(status.phase);
}

static void run_call(struct simulation *s, int64_t until)
{
    int64_t said = s->mutes_said, heard = s->mutes_heard;
    s->calls++;
    s->over = s->given_up = false;
    s->outage_begin_us = 0;
    ear_rig_dial(s->rig);
    int64_t end = ear_rig_now_us(s->rig) + (int64_t)uniform(s, CALL_MIN_US, CALL_MAX_US);
    end = ear_min64(end, until);
    ear_rig_run(s->rig, 30 * (int64_t)EAR_US_PER_S);
    bool up = is_talking(s);
    while (up && ear_rig_now_us(s->rig) < end && !s->over) {
        int64_t now = ear_rig_now_us(s->rig);
        run_outage(s, now);
        run_mute(s, now);
        ear_rig_run(s->rig, 100 * EAR_US_PER_MS);
        take_events(s, 0);
        take_events(s, 1);
    }
    end_call(s);
    take_events(s, 0);
    take_events(s, 1);
    if (!up)
        note_ended(s, EAR_ENDING_UNREACHABLE); /* unless an end said why */
    count_texts(s);
    if (s->given_up)
        s->mutes_in_ended += s->mutes_said - said - (s->mutes_heard - heard);
}

static int open_simulation(struct simulation *s, const struct ear_profile *profile)
{
    struct ear_rig_config config = {.profile = profile,
                                    .seed = s->seed,
                                    .start_us = EAR_US_PER_S,
                                    .enet_offset_ms = ENET_OFFSET_MS,
                                    .auto_answer = true};
    int err = 0;
    for (int end = 0; !err && end < 2; end++) {
        const struct ear_talker_config voice = {
            .seed = s->seed, .end = end, .ppm = end ? 60 : -60, .noise_db = -60};
        err = ear_talker_new(&s->voices[end], &voice);
        if (!err)
            err = s->codec ? ear_codec_opus_new(&s->codecs[end], &ear_codec_opus_usual)
                           : ear_numbered_new(&s->codecs[end]);
        if (!err)
            config.ends[end] = (struct ear_rig_end){.mic = ear_talker_mic(s->voices[end]),
                                                    .speaker = ear_talker_speaker(s->voices[end]),
                                                    .codec = s->codecs[end]};
    }
    return err ? err : ear_rig_new(&s->rig, &config);
}

static void close_simulation(struct simulation *s)
{
    ear_rig_free(s->rig);
    for (int end = 0; end < 2; end++) {
        free(s->voices[end]);
        if (s->codec)
            ear_codec_opus_free(s->codecs[end]);
        else
            free(s->codecs[end]);
    }
}

/* Why each call that ended by itself did so. */
static void print_ended(const struct simulation *s)
{
    int64_t n = ear_min64(s->calls_given_up + s->calls_lost, ENDED_MAX);
    printf("  \"ended_by_themselves\": [");
    for (int64_t i = 0; i < n; i++) {
        const struct ended *e = &s->ended[i];
        printf("%s\n    {\"call\": %lld, \"at_s\": %.1f, \"why\": \"%s\", \"outage_s\": %.1f, "
               "\"into_it_s\": %.1f, \"one_before_s\": %.1f, \"between_s\": %.1f, "
               "\"allowed\": %s}",
               i ? "," : "", (long long)e->call, (double)e->at_us / EAR_US_PER_S,
               ear_ending_name(e->ending), (double)e->outage_us / EAR_US_PER_S,
               (double)e->into_us / EAR_US_PER_S, (double)e->before_us / EAR_US_PER_S,
               (double)e->gap_us / EAR_US_PER_S, e->allowed ? "true" : "false");
    }
    printf("%s],\n", n ? "\n  " : "");
}

static void print_counts(struct simulation *s, double cpu_s)
{
    struct ear_numbered_counts counts = {0}, other = {0};
    if (!s->codec) {
        ear_numbered_get_counts(s->codecs[0], &counts);
        ear_numbered_get_counts(s->codecs[1], &other);
    }
    double hours = (double)(ear_rig_now_us(s->rig) - s->memory_first_us) / 3600e6;
    double slope = hours > 0 && s->memory_first
                       ? ((double)s->memory_last - (double)s->memory_first) / hours
                       : 0;
    printf("{\n  \"link\": \"%s\",\n  \"hours\": %.2f,\n  \"seed\": %llu,\n  \"codec\": %s,\n",
           s->link, s->hours, (unsigned long long)s->seed, s->codec ? "true" : "false");
    printf("  \"calls\": %lld,\n  \"calls_lost\": %lld,\n  \"talk_s\": %.0f,\n",
           (long long)s->calls, (long long)s->calls_lost, (double)s->talk_us / EAR_US_PER_S);
    printf("  \"calls_given_up\": %lld,\n", (long long)s->calls_given_up);
    print_ended(s);
    printf("  \"outages\": %lld,\n  \"outages_beyond_120_s\": %lld,\n  \"outage_s\": %.0f,\n"
           "  \"longest_outage_survived_s\": %.1f,\n",
           (long long)s->outages, (long long)s->long_outages_had, (double)s->dead_us / EAR_US_PER_S,
           (double)s->survived_us / EAR_US_PER_S);
    printf("  \"texts_said\": %lld,\n  \"texts_heard\": %lld,\n  \"texts_in_ended_calls\": %lld,\n",
           (long long)s->texts_said, (long long)s->texts_heard, (long long)s->texts_in_ended);
    printf("  \"texts_lost\": %lld,\n  \"texts_doubled\": %lld,\n  \"texts_reordered\": %lld,\n",
           (long long)s->texts_lost, (long long)s->texts_doubled, (long long)s->texts_reordered);
    printf("  \"signals_said\": %lld,\n  \"signals_heard\": %lld,\n"
           "  \"signals_in_ended_calls\": %lld,\n",
           (long long)s->mutes_said, (long long)s->mutes_heard, (long long)s->mutes_in_ended);
    printf("  \"packets_sent\": %lld,\n  \"packets_received\": %lld,\n  \"packets_lost\": %lld,\n",
           (long long)s->packets_sent, (long long)s->packets_received, (long long)s->packets_lost);
    printf("  \"packets_discarded\": %lld,\n  \"packets_duplicate\": %lld,\n",
           (long long)s->discarded, (long long)s->duplicates);
    printf("  \"packets_heard_twice\": %lld,\n",
           (long long)counts.repeated + (long long)other.repeated);
    printf("  \"speech_withheld_s\": %.0f,\n  \"datagrams_refused\": %lld,\n",
           (double)s->withheld_us / EAR_US_PER_S, (long long)s->refused);
    printf("  \"memory_slope_bytes_per_hour\": %.0f,\n  \"enet_memory_bytes\": %zu,\n", slope,
           s->enet_memory_last);
    printf("  \"cpu_s\": %.1f\n}\n", cpu_s);
}

static int simulate(struct simulation *s)
{
    char error[512];
    struct ear_profile *profile;
    if (ear_profile_load(&profile, s->link, error, sizeof error) < 0) {
        fprintf(stderr, "earshot-sim: %s\n", error);
        return 2;
    }
    s->random = ear_random_seeded(s->seed);
    int err = open_simulation(s, profile);
    if (err) {
        fprintf(stderr, "earshot-sim: %s\n",
                err == -EOPNOTSUPP ? "This ENet cannot be run in virtual time." : strerror(-err));
    } else {
        int64_t begin = s->begin_us = ear_rig_now_us(s->rig),
                until = begin + (int64_t)(s->hours * 3600e6);
        s->outage_us = begin + (int64_t)OUTAGE_EVERY_US;
        s->mute_us = begin + (int64_t)MUTE_EVERY_US;
        while (ear_rig_now_us(s->rig) < until) {
            run_call(s, until);
            watch_memory(s, ear_rig_now_us(s->rig), begin);
        }
        print_counts(s, (double)clock() / CLOCKS_PER_SEC);
    }
    close_simulation(s);
    ear_profile_free(profile);
    return err || s->calls_lost + s->texts_lost + s->texts_doubled + s->texts_reordered > 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"link", required_argument, NULL, 'l'},
                                            {"hours", required_argument, NULL, 'n'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"no-codec", no_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"long-outages", no_argument, NULL, 'o'},
                                            {0}};
    static struct simulation s = {.link = "edge", .hours = 1, .seed = 1, .codec = true};
    const char *usage =
        "earshot-sim --link NAME --hours N [--seed S] [--no-codec] [--long-outages]";
    int letter;
    char *end;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        bool bad = false;
        if (letter == 'l') {
            s.link = optarg;
        } else if (letter == 'n') {
            s.hours = strtod(optarg, &end);
            bad = *end != '\0' || !(s.hours > 0 && s.hours <= 24 * 366);
        } else if (letter == 's') {
            s.seed = strtoull(optarg, &end, 0);
            bad = *end != '\0';
        } else if (letter == 'c') {
            s.codec = false;
        } else if (letter == 'o') {
            s.long_outages = true;
        } else if (letter == 'h') {
            printf("Usage: %s\n", usage);
            return 0;
        } else {
            bad = true;
        }
        if (bad) {
            fprintf(stderr, "earshot-sim: %s is not understood. Usage: %s\n", argv[optind - 1],
                    usage);
            return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "earshot-sim: \"%s\" is not understood here. Usage: %s\n", argv[optind],
                usage);
        return 2;
    }
    return simulate(&s);
}
