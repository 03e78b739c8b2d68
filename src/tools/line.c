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
#include "tools/station.h"

#define LOOK_MS 200
/* Without a terminal one status line in this many looks: every 5 s. */
#define SELDOM 25

struct line {
    const struct ear_options *options;
    bool dials;
    struct ear_address address;
    struct ear_contacts contacts;
    uint32_t guest; /* whom we dial */
    struct ear_udp *udp;
    struct ear_station station;
    struct ear_media *media;
    struct ear_worker *worker;
    struct ear_live_line live;
    enum ear_ending ending;
    bool talked, over, hanging_up, stdin_open;
    bool muted; /* as last asked for: the engine's answer takes a while */
};

/* Who we are, whom we call, and (without a profile) how we can be called. */
static int open_contacts(struct line *line)
{
    const struct ear_options *options = line->options;
    int err = ear_contacts_open(&line->contacts, options->profile);
    if (err) /* a profile in use is no mistake of the command line */
        return err == -EBUSY ? err : -EINVAL;
    if (line->dials && ear_contacts_find(&line->contacts, options->peer, &line->guest) < 0)
        return -EINVAL;
    if (!line->dials && !options->profile) {
        char text[EAR_INVITE_TEXT_BYTES];
        if (ear_contacts_invite(&line->contacts, options->address, text) < 0)
            return -EINVAL;
        printf("Without --profile you have no lasting name. Whoever is to call now needs this "
               "invite:\n%s\n",
               text);
    }
    return ear_contacts_prepare(&line->contacts) < 0 ? -EINVAL : 0;
}

static int open_line(struct line *line)
{
    const struct ear_options *options = line->options;
    char error[256];
    if (ear_udp_resolve(options->address, &line->address, error, sizeof error) < 0) {
        ear_complain("%s", error);
        return -EINVAL;
    }
    int err = open_contacts(line);
    if (err)
        return err;
    struct ear_address at = line->address;
    if (line->dials)
        ear_address_set_any(&at);
    err = ear_udp_open(&line->udp, &at, error, sizeof error);
    if (err) {
        ear_complain("%s", error);
        return err;
    }
    const struct ear_station_config config = {
        .mic = options->mic,
        .speaker = options->speaker,
        .net = ear_udp_datagrams(line->udp),
        .wire_budget_bps = options->wire_budget_bps,
        .guests = line->contacts.guests,
        .stamps = line->contacts.stamps,
        .binding = line->contacts.binding,
        .accept = !line->dials,
        .auto_answer = options->auto_answer,
    };
    return ear_station_open(&line->station, &config);
}

static int start_threads(struct line *line)
{
    const struct ear_media_config media = {.clock = &ear_clock_monotonic,
                                           .engines = {line->station.engine},
                                           .fd = ear_udp_fd(line->udp)};
    const struct ear_worker_job job = {
        .run = ear_sounds_tend, .ctx = &line->station.sounds, .every_us = 100 * EAR_US_PER_MS};
    int err = ear_worker_start(&line->worker, &job, 1);
    if (!err)
        err = ear_media_start(&line->media, &media);
    if (err)
        ear_complain("Not enough memory for the call.");
    return err;
}

static void command(struct line *line, enum ear_command_kind kind, bool on)
{
    const struct ear_command c = {
        .kind = kind, .on = on, .address = line->address, .guest = line->guest};
    ear_engine_command(line->station.engine, &c);
    ear_media_wake(line->media);
}

static void say(struct line *line, const char *sentence)
{
    ear_live_line_end(&line->live);
    printf("%s\n", sentence);
    fflush(stdout);
}

/* A call that came to nothing is a failure of the program's run and told where those are. */
static void tell_ending(struct line *line, enum ear_ending ending)
{
    if (ear_ending_is_normal(ending)) {
        say(line, ear_ending_sentence(ending));
        return;
    }
    ear_live_line_end(&line->live);
    ear_complain("%s", ear_ending_sentence(ending));
}

static void tell_caller(struct line *line, uint32_t guest)
{
    char text[EAR_NAME_BYTES + 64];
    snprintf(text, sizeof text, "%s calls.%s", ear_contacts_name(&line->contacts, guest),
             line->options->auto_answer ? "" : " Type y and Enter to answer, n to decline.");
    say(line, text);
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
        line->ending = event->ending;
        line->over = line->dials || line->options->seconds > 0 || line->hanging_up;
        tell_ending(line, event->ending);
        line->talked = false;
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
        break;
    case EAR_EVENT_CALLED:
    case EAR_EVENT_KEYS:
    case EAR_EVENT_PINNED:
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

static void follow(struct line *line)
{
    char text[256];
    while (!line->over) {
        struct ear_event event;
        read_keys(line);
        ear_contacts_tend(&line->contacts, ear_clock_now_us(&ear_clock_monotonic));
        while (ear_engine_event(line->station.engine, &event))
            tell_event(line, &event);
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
    ear_live_line_end(&line->live);
}

static int close_line(struct line *line)
{
    int err = 0;
    ear_media_stop(line->media);
    ear_worker_stop(line->worker);
    if (line->station.engine) {
        struct ear_report report;
        ear_station_report(&line->station, &report);
        if (line->options->stats)
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
