/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From socket to goodbye: sets up one end, follows the call, prints what happens. */
#include "tools/line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port/udp.h"
#include "store/invite_text.h"
#include "tools/commands.h"
#include "tools/contacts.h"
#include "tools/mailing.h"
#include "tools/station.h"

#define LOOK_MS 200
/* Without a terminal one status line in this many looks: every 5 s. */
#define SELDOM 25

struct line {
    const struct ear_options *options;
    bool dials;
    struct ear_address bound;                          /* where we listen */
    struct ear_address to[1 + EAR_SWITCHBOARD_OTHERS]; /* whom we dial directly */
    size_t to_count;
    struct ear_contacts contacts;
    uint32_t guest; /* whom we dial */
    uint32_t only;  /* whose calls alone we take; 0: of all who are let in */
    struct ear_udp *udp;
    struct ear_station station;
    struct ear_media *media;
    struct ear_worker *worker;
    struct ear_mailing *mailing; /* NULL without a profile */
    struct ear_live_line live;
    struct ear_line_check check; /* the answer of a measurement */
    enum ear_ending ending;
    bool talked, over, hanging_up, stdin_open;
    bool measures; /* instead of a call */
    bool declines; /* the call of somebody else than only */
    bool muted;    /* as last asked for: the engine's answer takes a while */
};

/* Who listens everywhere is not called at 0.0.0.0. */
static int own_place(struct line *line, char *place, size_t cap)
{
    if (!ear_address_is_any(&line->bound)) {
        snprintf(place, cap, "%s", line->options->address);
        return 0;
    }
    int err = ear_udp_own_place(&line->bound, place, cap);
    if (err)
        ear_complain("This computer has no way out, so that it has no address for an invite. Give "
                     "the one by which you are reached: --bind ADDRESS:PORT.");
    return err;
}

static int print_invite(struct line *line)
{
    char place[EAR_PLACE_BYTES], text[EAR_INVITE_TEXT_BYTES];
    if (own_place(line, place, sizeof place) < 0 ||
        ear_contacts_invite(&line->contacts, place, text) < 0)
        return -EINVAL;
    printf("Without --profile you have no lasting name. Whoever is to call now needs this "
           "invite:\n%s\n",
           text);
    return 0;
}

/* Who we are, whom we call, and (without a profile) how we can be called. */
static int open_contacts(struct line *line)
{
    const struct ear_options *options = line->options;
    int err = ear_contacts_open(&line->contacts, options->profile);
    if (err) /* a profile in use is no mistake of the command line */
        return err == -EBUSY ? err : -EINVAL;
    if (line->dials && ear_contacts_find(&line->contacts, options->peer, &line->guest) < 0)
        return -EINVAL;
    if (!line->dials && options->peer &&
        ear_contacts_find_caller(&line->contacts, options->peer, &line->only) < 0)
        return -EINVAL;
    if (!line->dials && !options->profile && print_invite(line) < 0)
        return -EINVAL;
    ear_contacts_look_up(&line->contacts, line->guest);
    return ear_contacts_prepare(&line->contacts) < 0 ? -EINVAL : 0;
}

/* What the command line says, or else the invite. */
static int find_addresses(struct line *line)
{
    char error[256];
    if (line->options->address) {
        struct ear_address *ret = line->dials ? &line->to[0] : &line->bound;
        if (ear_udp_resolve(line->options->address, ret, error, sizeof error) < 0) {
            ear_complain("%s", error);
            return -EINVAL;
        }
        line->to_count = line->dials;
    }
    return 0;
}

/* Whoever dials takes any port, and both kinds of addresses where both are needed. */
static int choose_socket(struct line *line)
{
    char error[256];
    bool v6 = ear_contacts_want_v6(&line->contacts);
    if (!line->options->address)
        line->to_count =
            ear_contacts_addresses(&line->contacts, line->guest, line->to, EAR_COUNT(line->to));
    if (line->to_count == 0 && line->contacts.relay_count == 0) {
        ear_complain("No address of the invite is found now: is there a connection?");
        return -EHOSTUNREACH;
    }
    for (size_t i = 0; i < line->to_count; i++)
        v6 = v6 || ear_address_is_v6(&line->to[i]);
    return ear_udp_resolve(v6 ? "[::]:0" : "0.0.0.0:0", &line->bound, error, sizeof error);
}

static int open_socket(struct line *line)
{
    char error[256];
    int err = line->dials ? choose_socket(line) : 0;
    if (err)
        return err;
    err = ear_udp_open(&line->udp, &line->bound, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    for (size_t i = 0; i < line->to_count; i++)
        if (!ear_address_fit(&line->to[i], &line->bound))
            line->to[i].len = 0;
    ear_contacts_meet(&line->contacts, &line->bound);
    return 0;
}

static int open_line(struct line *line)
{
    const struct ear_options *options = line->options;
    int err = find_addresses(line);
    if (!err)
        err = open_contacts(line);
    if (!err)
        err = open_socket(line);
    if (err)
        return err;
    const struct ear_station_config config = {
        .mic = options->mic,
        .speaker = options->speaker,
        .echo = options->echo,
        .net = ear_udp_datagrams(line->udp),
        .wire_budget_bps = options->wire_budget_bps,
        .known_bps = options->known_bps,
        .guests = line->contacts.guests,
        .stamps = line->contacts.stamps,
        .binding = line->contacts.binding,
        .accept = !line->dials,
        .auto_answer = options->auto_answer && !line->only,
        .meetings = line->contacts.meetings,
        .meeting_count = line->contacts.meeting_count,
    };
    return ear_station_open(&line->station, &config);
}

static int start_threads(struct line *line)
{
    const struct ear_media_config media = {.clock = &ear_clock_monotonic,
                                           .engines = {line->station.engine},
                                           .fd = ear_udp_fd(line->udp)};
    const struct ear_worker_job job = {
        .run = ear_sounds_tend, .ctx = &line->station.sounds, .every_us = EAR_DEVICE_TEND_US};
    int err = ear_worker_start(&line->worker, &job, 1);
    if (!err)
        err = ear_media_start(&line->media, &media);
    if (err)
        ear_complain("Not enough memory for the call.");
    return err;
}

/* Messages of a profile go and come meanwhile; a call is held without them too. */
static void start_mail(struct line *line)
{
    const struct ear_mailing_config config = {.contacts = &line->contacts,
                                              .bound = line->bound,
                                              .engine = line->station.engine,
                                              .media = line->media};
    if (line->options->profile)
        (void)!ear_mailing_start(&line->mailing, &config);
}

static void command(struct line *line, enum ear_command_kind kind, bool on)
{
    struct ear_command c = {.kind = kind, .on = on, .address = line->to[0], .guest = line->guest};
    for (size_t i = 0; i < EAR_SWITCHBOARD_OTHERS; i++)
        c.others[i] = line->to[1 + i];
    ear_engine_command(line->station.engine, &c);
    ear_media_wake(line->media);
}

static void say(struct line *line, const char *sentence)
{
    ear_live_line_end(&line->live);
    printf("%s\n", sentence);
    fflush(stdout);
}

/* A relay that is a reason why nobody was reached; NULL where there is none. */
static const struct ear_contacts_relay *lame_relay(const struct line *line)
{
    const struct ear_contacts *contacts = &line->contacts;
    for (size_t i = 0; i < contacts->relay_count; i++)
        if (contacts->relays[i].state != EAR_RELAY_ANSWERS)
            return &contacts->relays[i];
    return NULL;
}

static void tell_relay(struct line *line, const struct ear_event *event)
{
    char text[EAR_PLACE_BYTES + 128];
    const char *sentence = "answers again.";
    const struct ear_contacts_relay *relay = ear_contacts_hear_relay(&line->contacts, event);
    if (!relay)
        return;
    if (relay->state == EAR_RELAY_SILENT)
        sentence = line->dials ? "does not answer. Trying on."
                               : "does not answer: people who need it cannot reach you. Trying on.";
    else if (relay->state == EAR_RELAY_REFUSES)
        sentence = line->dials ? "has no room now. Trying on."
                               : "has no room now: people who need it cannot reach you. Trying on.";
    snprintf(text, sizeof text, "The relay at %s %s", relay->place.text, sentence);
    say(line, text);
}

/* A call that came to nothing is a failure of the program's run and told where those are. */
static void tell_ending(struct line *line, enum ear_ending ending)
{
    if (ear_ending_is_normal(ending)) {
        say(line, ear_ending_sentence(ending));
        return;
    }
    ear_live_line_end(&line->live);
    const struct ear_contacts_relay *relay = lame_relay(line);
    if (relay && line->dials && ending == EAR_ENDING_UNREACHABLE)
        ear_complain("The relay at %s %s, and %s %s.", relay->place.text,
                     relay->state == EAR_RELAY_SILENT ? "does not answer" : "has no room now",
                     line->to_count > 0 ? "nobody answers at any address of"
                                        : "there is no other way to",
                     ear_contacts_name(&line->contacts, line->guest));
    else
        ear_complain("%s", ear_ending_sentence(ending));
}

static void tell_caller(struct line *line, uint32_t guest)
{
    char text[EAR_NAME_BYTES + 64];
    const char *what = "calls. Type y and Enter to answer, n to decline.";
    line->declines = line->only && guest != line->only;
    if (line->declines)
        what = "calls, and is told that the call is not taken.";
    else if (line->options->auto_answer)
        what = "calls.";
    snprintf(text, sizeof text, "%s %s", ear_contacts_name(&line->contacts, guest), what);
    say(line, text);
    if (line->declines)
        command(line, EAR_COMMAND_HANG_UP, false);
    else if (line->only && line->options->auto_answer)
        command(line, EAR_COMMAND_ANSWER, false);
}

/* A call that was nobody's whom we wait for ends nothing but itself. */
static void tell_ended(struct line *line, enum ear_ending ending)
{
    line->talked = false;
    if (line->declines) {
        line->declines = false;
        line->over = line->hanging_up;
        return;
    }
    line->ending = ending;
    line->over = line->dials || line->options->seconds > 0 || line->hanging_up;
    tell_ending(line, ending);
}

static void tell_phase(struct line *line, const struct ear_event *event)
{
    switch (event->phase) {
    case EAR_PHASE_CALLING:
        say(line, "Calling...");
        break;
    case EAR_PHASE_RINGING:
        say(line, "It rings there.");
        break;
    case EAR_PHASE_INCOMING:
        tell_caller(line, event->guest);
        break;
    case EAR_PHASE_TALKING:
        say(line,
            line->talked ? "The line is back." : "You are talking. m mutes, q ends the call.");
        line->talked = true;
        break;
    case EAR_PHASE_LOST:
        say(line, "The line is gone. Trying...");
        break;
    case EAR_PHASE_ENDED:
        tell_ended(line, event->ending);
        break;
    case EAR_PHASE_IDLE:
    case EAR_PHASE_ENDING:
    case EAR_PHASES:
        break;
    }
}

static void tell_event(struct line *line, const struct ear_event *event)
{
    switch (event->kind) {
    case EAR_EVENT_PHASE:
        tell_phase(line, event);
        break;
    case EAR_EVENT_THEY_MUTED:
        say(line,
            event->on ? "They have muted their microphone." : "Their microphone is on again.");
        break;
    case EAR_EVENT_THEIR_MIC_DEAD:
        say(line, event->on ? "Their microphone gives no sound." : "Their microphone gives sound.");
        break;
    case EAR_EVENT_MIC_DEAD:
        say(line, event->on ? "Your microphone gives no sound: check that it is switched on."
                            : "Your microphone gives sound again.");
        break;
    case EAR_EVENT_MIC_GONE:
        say(line, event->on ? "Your microphone is gone: plug it in again, the call waits."
                            : "Your microphone is back.");
        break;
    case EAR_EVENT_MIC_ECHOES:
        say(line, event->on ? "The other side hears itself from your loudspeaker: use a headset, "
                              "or turn it down."
                            : "Your loudspeaker is no longer heard there.");
        break;
    case EAR_EVENT_SPEAKER_GONE:
        say(line, event->on ? "Your loudspeaker is gone: plug it in again, the call waits."
                            : "Your loudspeaker is back.");
        break;
    case EAR_EVENT_TURNED_AWAY:
        say(line, "Somebody else called and heard that you are talking.");
        break;
    case EAR_EVENT_TEXT:
        say(line, event->text);
        break;
    case EAR_EVENT_TEXT_SEEN:
    case EAR_EVENT_THERE:
    case EAR_EVENT_UNHEARD:
        break;
    case EAR_EVENT_CHECKED:
        line->check = event->check;
        line->over = true;
        break;
    case EAR_EVENT_RELAY:
        tell_relay(line, event);
        break;
    case EAR_EVENT_RELAYED:
        say(line, event->on ? "The call goes through a relay."
                            : "The call goes directly, without a relay.");
        break;
    case EAR_EVENT_CALLED:
    case EAR_EVENT_KEYS:
    case EAR_EVENT_PINNED:
    case EAR_EVENT_SEEN_AT:
        ear_contacts_keep(&line->contacts, event);
        break;
    }
}

static void read_keys(struct line *line)
{
    struct pollfd fd = {.fd = line->stdin_open ? STDIN_FILENO : -1, .events = POLLIN};
    char text[64];
    if (poll(&fd, 1, LOOK_MS) <= 0)
        return;
    ssize_t len = read(STDIN_FILENO, text, sizeof text);
    if (len <= 0) {
        line->stdin_open = false;
        return;
    }
    if (text[0] == 'y')
        command(line, EAR_COMMAND_ANSWER, false);
    else if (text[0] == 'n' || text[0] == 'q')
        command(line, EAR_COMMAND_HANG_UP, false);
    else if (text[0] == 'm')
        command(line, EAR_COMMAND_MUTE, line->muted = !line->muted);
}

static void hang_up(struct line *line)
{
    if (line->hanging_up)
        return;
    line->hanging_up = true;
    if (!ear_phase_is_call(line->station.status.phase))
        line->over = true;
    command(line, EAR_COMMAND_HANG_UP, false);
}

static void tell_mail(struct line *line)
{
    char text[EAR_MAILING_SENTENCE_BYTES];
    while (ear_mailing_news(line->mailing, text))
        say(line, text);
}

static void follow(struct line *line)
{
    char text[256];
    while (!line->over) {
        struct ear_event event;
        read_keys(line);
        ear_contacts_tend(&line->contacts, ear_clock_now_us(&ear_clock_monotonic));
        if (!line->dials && line->station.status.phase == EAR_PHASE_IDLE)
            ear_contacts_look_again(&line->contacts, &line->bound, line->station.engine,
                                    ear_clock_now_us(&ear_clock_monotonic));
        while (ear_engine_event(line->station.engine, &event))
            tell_event(line, &event);
        tell_mail(line);
        if (ear_engine_poll_status(line->station.engine, &line->station.status) &&
            ear_phase_is_talk(line->station.status.phase)) {
            const struct ear_report report = {
                .status = line->station.status,
                .mouth_to_ear_ms = -1,
                .lookahead_samples = line->station.codec->lookahead_samples,
            };
            ear_report_line(&report, text, sizeof text);
            ear_live_line_show(&line->live, text);
        }
        double talked = (double)line->station.status.talk_us / EAR_US_PER_S;
        bool enough = line->options->seconds > 0 && talked >= line->options->seconds &&
                      ear_phase_is_talk(line->station.status.phase);
        if (enough || ear_interrupts() > 0)
            hang_up(line);
    }
    ear_mailing_settle(line->mailing);
    tell_mail(line);
    ear_live_line_end(&line->live);
}

static int close_line(struct line *line)
{
    int err = 0;
    ear_mailing_stop(line->mailing);
    ear_media_stop(line->media);
    ear_worker_stop(line->worker);
    if (line->station.engine) {
        struct ear_report report;
        ear_station_report(&line->station, &report);
        if (line->options->stats && !line->measures)
            err = ear_report_save(&report, line->options->stats);
        int written = ear_station_close(&line->station);
        err = err ? err : written;
    }
    ear_udp_close(line->udp);
    ear_contacts_close(&line->contacts);
    return err;
}

int ear_line_run(const struct ear_options *options, bool dials)
{
    struct line line = {
        .options = options, .dials = dials, .live = {.seldom = SELDOM}, .stdin_open = true};
    ear_interrupts_count();
    int err = open_line(&line);
    if (!err)
        err = start_threads(&line);
    if (!err) {
        start_mail(&line);
        if (dials)
            command(&line, EAR_COMMAND_DIAL, false);
        else
            printf("Waiting for calls at %s. Ctrl-C ends.\n", options->address);
        fflush(stdout);
        follow(&line);
    }
    int closed = close_line(&line);
    if (err)
        return ear_exit_after(err);
    if (closed)
        return EAR_EXIT_FAILED;
    bool normal = ear_ending_is_normal(line.ending) || (!dials && line.ending == EAR_ENDING_NONE);
    return normal ? EAR_EXIT_NORMAL : EAR_EXIT_FAILED;
}

int ear_line_measure(const struct ear_options *options, struct ear_line_check *ret)
{
    struct line line = {.options = options,
                        .dials = true,
                        .measures = true,
                        .check = {.outcome = EAR_LINE_STOPPED},
                        .live = {.seldom = SELDOM}};
    ear_interrupts_count();
    int err = open_line(&line);
    if (!err)
        err = start_threads(&line);
    if (!err) {
        printf("Measuring the line, for ten seconds at most...\n");
        fflush(stdout);
        command(&line, EAR_COMMAND_CHECK, true);
        follow(&line);
    }
    int closed = close_line(&line);
    if (err)
        return ear_exit_after(err);
    if (closed)
        return EAR_EXIT_FAILED;
    *ret = line.check;
    return EAR_EXIT_NORMAL;
}
