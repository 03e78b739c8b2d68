/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli soundcheck: hear yourself, how loud you are, and whether there will be an echo. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "call/soundcheck.h"
#include "tools/commands.h"
#include "tools/options.h"
#include "tools/sounds.h"

/* Sound servers begin with a second or two of silence. */
#define SETTLE_US (2 * (int64_t)EAR_US_PER_S)

static void sleep_until(int64_t us)
{
    const struct timespec t = {.tv_sec = us / EAR_US_PER_S, .tv_nsec = us % EAR_US_PER_S * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Files and cards need looking after; here one thread does all. */
static void wait_until(struct ear_sounds *sounds, int64_t due_us, int64_t *tend_us)
{
    int64_t now_us = ear_clock_now_us(&ear_clock_monotonic);
    if (now_us >= *tend_us) {
        ear_sounds_tend(sounds);
        *tend_us = now_us + EAR_DEVICE_TEND_US;
    }
    sleep_until(ear_min64(due_us, *tend_us));
}

/* Lets the cards begin: what they bring is thrown away, what they take is silence. */
static void settle(struct ear_sounds *sounds, struct ear_mic *mic, struct ear_speaker *speaker)
{
    static const int16_t silence[EAR_FRAME];
    int16_t frame[EAR_FRAME];
    int64_t us, tend_us = 0, now_us = ear_clock_now_us(&ear_clock_monotonic);
    for (int64_t end_us = now_us + SETTLE_US; now_us < end_us;) {
        while (mic->read(mic->ctx, now_us, frame, &us) == 1)
            continue;
        while (speaker->wants(speaker->ctx, now_us, &us) == 1)
            speaker->write(speaker->ctx, silence);
        wait_until(sounds, now_us + EAR_FRAME_US / 2, &tend_us);
        now_us = ear_clock_now_us(&ear_clock_monotonic);
    }
}

static void run(struct ear_soundcheck *check, struct ear_sounds *sounds,
                struct ear_soundcheck_status *ret)
{
    int64_t tend_us = 0;
    bool told = false;
    for (;;) {
        int64_t due_us = ear_soundcheck_step(check, ear_clock_now_us(&ear_clock_monotonic));
        ear_soundcheck_get_status(check, ret);
        if (ret->state == EAR_SOUNDCHECK_DONE)
            return;
        if (ret->state == EAR_SOUNDCHECK_PLAYING && !told) {
            puts("Now listen: this is how you sound.");
            fflush(stdout);
            told = true;
        }
        wait_until(sounds, due_us, &tend_us);
    }
}

static void print(const struct ear_soundcheck_status *status)
{
    const char *echo = ear_soundcheck_echo_sentence(status->echo);
    puts(ear_soundcheck_sentence(status->verdict));
    if (*echo)
        printf("%s (What is played comes back at %.0f dB.)\n", echo, (double)status->return_db);
    if (status->echo == EAR_SOUNDCHECK_ECHO_NONE)
        puts("Calls find that out by themselves; --echo never says so from the first word.");
}

static int check_sounds(struct ear_sounds *sounds)
{
    /* What the cards themselves hear, with the echo in it. */
    bool card = sounds->cleaning != NULL;
    struct ear_mic *mic = card ? ear_device_mic(sounds->device) : sounds->mic;
    struct ear_speaker *speaker = card ? ear_device_speaker(sounds->device) : sounds->speaker;
    struct ear_soundcheck_status status;
    struct ear_soundcheck *check;
    if (ear_soundcheck_new(&check, mic, speaker) < 0) {
        ear_complain("There is not enough memory.");
        return EAR_EXIT_FAILED;
    }
    if (sounds->device)
        settle(sounds, mic, speaker);
    printf("Say a sentence now: you have %d seconds.\n", EAR_SOUNDCHECK_S);
    fflush(stdout);
    run(check, sounds, &status);
    ear_soundcheck_free(check);
    print(&status);
    return status.verdict == EAR_SOUNDCHECK_SILENT ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}

int ear_soundcheck_main(int argc, char **argv)
{
    struct ear_options options;
    struct ear_sounds sounds;
    int err = ear_options_parse(&options, EAR_OPTION_SOUND, argc, argv,
                                "earshot-cli soundcheck [--mic device:NAME|FILE.wav] [--speaker "
                                "device:NAME|FILE.wav|none]");
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_sounds_open(&sounds, options.mic, options.speaker, EAR_CLEANING_ECHO_NEVER);
    if (err)
        return ear_exit_after(err);
    int code = check_sounds(&sounds);
    return ear_sounds_close(&sounds) ? EAR_EXIT_FAILED : code;
}
