/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts together what listen, dial and demo each need one or two of. */
#include "tools/station.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "port/enet_link.h"

int ear_station_open(struct ear_station *station, const struct ear_station_config *config)
{
    *station = (struct ear_station){0};
    int err = ear_enet_start();
    if (err) {
        ear_complain("Not enough memory.");
        return err;
    }
    err = ear_sounds_open(&station->sounds, config->mic, config->speaker, config->echo);
    if (err)
        goto out;
    err = ear_codec_opus_new(&station->codec, &ear_codec_opus_usual);
    if (!err)
        err = ear_codec_opus_new(&station->again, &ear_codec_opus_usual);
    if (!err) {
        const struct ear_engine_config engine = {
            .clock = &ear_clock_monotonic,
            .net = config->net,
            .mic = station->sounds.mic,
            .speaker = station->sounds.speaker,
            .codec = station->codec,
            .again = station->again,
            .guests = config->guests,
            .stamps = config->stamps,
            .binding = config->binding,
            .accept = config->accept,
            .auto_answer = config->auto_answer,
            .meetings = config->meetings,
            .meeting_count = config->meeting_count,
            .wire_budget_bps = config->wire_budget_bps,
            .known_bps = config->known_bps,
        };
        err = ear_engine_new(&station->engine, &engine);
    }
    if (err)
        ear_complain("The call could not be prepared (%s).", strerror(-err));
out:
    if (err)
        ear_station_close(station);
    return err;
}

void ear_station_report(struct ear_station *station, struct ear_report *ret)
{
    *ret = (struct ear_report){
        .mic_t0 = ear_sounds_mic_t0(&station->sounds),
        .speaker_t0 = ear_sounds_speaker_t0(&station->sounds),
        .mouth_to_ear_ms = -1,
        .lookahead_samples = station->codec->lookahead_samples,
    };
    ear_engine_get_status(station->engine, &ret->status);
}

int ear_station_close(struct ear_station *station)
{
    ear_engine_free(station->engine);
    station->engine = NULL;
    int err = ear_sounds_close(&station->sounds);
    ear_codec_opus_free(station->codec);
    ear_codec_opus_free(station->again);
    station->codec = station->again = NULL;
    ear_enet_stop();
    return err;
}

/* A signal handler has no context. */
static volatile sig_atomic_t interrupts;

static void on_signal(int number)
{
    interrupts = interrupts + 1;
    if (interrupts > 2) /* somebody is in a hurry */
        _exit(128 + number);
}

void ear_interrupts_count(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int ear_interrupts(void)
{
    return interrupts;
}

void ear_live_line_show(struct ear_live_line *live, const char *line)
{
    if (isatty(STDOUT_FILENO)) {
        printf("\r%s\033[K", line);
        live->shown = true;
    } else if (live->calls % live->seldom == 0) {
        printf("%s\n", line);
    }
    live->calls++;
    fflush(stdout);
}

void ear_live_line_end(struct ear_live_line *live)
{
    if (live->shown)
        putchar('\n');
    live->shown = false;
    fflush(stdout);
}
