/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli record: a voice message, on disk while it is spoken. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mail/recorder.h"
#include "tools/commands.h"
#include "tools/desk.h"
#include "tools/options.h"
#include "tools/station.h"
#include "tx/capture.h"

#define USAGE                                                                                      \
    "earshot-cli record --profile DIR [--peer NAME] [--mic FILE.wav|device:NAME] [--seconds N]"
/* The microphone is looked at this often; sound cards hand over 10 to 40 ms at once. */
#define LOOK_NS (10 * 1000 * 1000L)
/* A wav that has ended gives nothing any more: so long, and the message is over. */
#define OVER_US (2 * (int64_t)EAR_US_PER_S)

/* Until the time is over, Ctrl-C, or the end of the wav. */
static int record(struct ear_recorder *recorder, struct ear_sounds *sounds, double seconds)
{
    const struct timespec look = {.tv_nsec = LOOK_NS};
    struct ear_capture capture;
    int16_t frame[EAR_FRAME];
    int64_t end_us, heard_us = ear_clock_now_us(&ear_clock_monotonic);
    int err = 0;
    ear_capture_init(&capture, sounds->mic);
    while (!err && ear_interrupts() == 0 &&
           (seconds <= 0 || ear_recorder_ms(recorder) < 1000 * seconds)) {
        int64_t now_us = ear_clock_now_us(&ear_clock_monotonic);
        ear_sounds_tend(sounds);
        while (!err && ear_capture_read(&capture, now_us, frame, &end_us) == 1) {
            heard_us = now_us;
            err = ear_recorder_put(recorder, frame);
        }
        if (now_us - heard_us > OVER_US)
            break;
        nanosleep(&look, NULL);
    }
    return err;
}

static int record_for(struct ear_household *h, const struct ear_person *person,
                      const struct ear_desk_options *o, struct ear_codec *codec)
{
    struct ear_sounds sounds;
    struct ear_recorder *recorder = NULL;
    struct ear_message message;
    int err = ear_sounds_open(&sounds, o->mic, "none", EAR_CLEANING_ECHO_NEVER);
    if (err)
        return err;
    const struct ear_recorder_config config = {.store = h->store,
                                               .codec = codec,
                                               .person = person->guest.number,
                                               .written_s = ear_desk_now_s(),
                                               .rate_bps = EAR_RECORDER_BPS_MIN};
    err = ear_recorder_new(&recorder, &config);
    if (!err) {
        printf("Speak. Ctrl-C ends the message.\n");
        fflush(stdout);
        err = record(recorder, &sounds, o->seconds);
    }
    int closed = ear_sounds_close(&sounds);
    int64_t id = recorder ? ear_recorder_id(recorder) : 0;
    int finished = recorder ? ear_recorder_finish(recorder) : 0;
    err = err ? err : finished ? finished : closed;
    ear_recorder_free(recorder);
    if (!err)
        err = ear_messages_with_id(h->store, id, &message);
    if (err)
        ear_complain(err == -ENODATA ? "Nothing was said." : "It could not be kept whole (%s).",
                     strerror(-err));
    else
        ear_desk_tell_waiting(person, EAR_MESSAGE_VOICE, message.size, NULL);
    return err;
}

int ear_record_main(int argc, char **argv)
{
    struct ear_desk_options options;
    struct ear_household household;
    struct ear_codec *codec = NULL;
    int err = ear_desk_options(&options, EAR_DESK_PEER | EAR_DESK_MIC, argc, argv, USAGE);
    if (!err && options.arg) {
        ear_complain("Usage: %s", USAGE);
        err = -EINVAL;
    }
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_household_open(&household, options.profile);
    if (err)
        return ear_exit_after(err);
    ear_interrupts_count();
    const struct ear_person *person = ear_desk_peer(&household, options.peer);
    err = person ? ear_codec_opus_new(&codec, &ear_codec_opus_usual) : -EINVAL;
    if (!err)
        err = record_for(&household, person, &options, codec);
    ear_codec_opus_free(codec);
    ear_household_close(&household);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
