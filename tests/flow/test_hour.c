/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an hour of two people who take turns costs, both directions together, everything counted:
 * test_flow_hour [SECONDS [opus]] */
#include <dirent.h>

#include "base/random.h"
#include "fake/person.h"
#include "fake/test.h"
#include "port/wavfile.h"
#include "sim/numbered.h"
#include "sim/rig.h"

/* Read English (Debian: pocketsphinx-testdata), or a buzz of syllables where there is none. */
#define FOLDER "/usr/share/pocketsphinx/test/data/librivox"
#define SPEECH_S 60
#define SPEECH_FRAMES (SPEECH_S * 1000 / EAR_FRAME_MS)
/* Turns, and who speaks next takes a breath. */
#define TURN_MIN_S 5.0
#define TURN_MAX_S 20.0
#define BREATH_MIN_S 0.3
#define BREATH_MAX_S 1.5
#define HOUR_BYTES_MAX 5300000.0

static struct {
    int16_t frames[SPEECH_FRAMES][EAR_FRAME];
    int count;
} speech;

/* Who speaks when; both ends look at the same one. */
static struct {
    struct ear_random random;
    int64_t begin_us, end_us; /* of this turn */
    int speaker;
    int64_t spoken_us;
} floor_of;

struct talker {
    struct ear_person person; /* his room, his loudspeaker and his clock */
    struct ear_mic mic;
    int end, at;
};

static double uniform(double min, double max)
{
    return min + (max - min) * ear_random_unit(&floor_of.random);
}

static void read_recording(const char *name)
{
    char path[512], error[256];
    struct ear_wav_mic *wav;
    snprintf(path, sizeof path, FOLDER "/%s", name);
    if (ear_wav_mic_open(&wav, path, false, error, sizeof error) < 0)
        return;
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    int64_t end_us, now_us = 0;
    while (!ear_wav_mic_ended(wav) && speech.count < SPEECH_FRAMES) {
        ear_wav_mic_pump(wav);
        speech.count += mic->read(mic->ctx, now_us, speech.frames[speech.count], &end_us) == 1;
        now_us += EAR_FRAME_US;
    }
    ear_wav_mic_close(wav);
}

static void load_speech(void)
{
    struct dirent **names;
    int n = scandir(FOLDER, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (strstr(names[i]->d_name, ".wav"))
            read_recording(names[i]->d_name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

/* Whether that end speaks in the frame that ends at `at`. */
static bool has_floor(int end, int64_t at_us)
{
    while (at_us >= floor_of.end_us) {
        floor_of.speaker = !floor_of.speaker;
        floor_of.begin_us = floor_of.end_us + (int64_t)(uniform(BREATH_MIN_S, BREATH_MAX_S) * S);
        floor_of.end_us = floor_of.begin_us + (int64_t)(uniform(TURN_MIN_S, TURN_MAX_S) * S);
        floor_of.spoken_us += floor_of.end_us - floor_of.begin_us;
    }
    return end == floor_of.speaker && at_us >= floor_of.begin_us;
}

static int talker_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                       int64_t *ret_end_us)
{
    struct talker *t = ctx;
    bool speaks = has_floor(t->end, now_us);
    t->person.speaks = speaks && speech.count == 0;
    int got = t->person.mic.read(t->person.mic.ctx, now_us, frame, ret_end_us);
    if (got == 1 && speaks && speech.count > 0)
        memcpy(frame, speech.frames[t->at++ % speech.count], EAR_FRAME * sizeof *frame);
    return got;
}

static int64_t talker_due(void *ctx, int64_t now_us)
{
    struct talker *t = ctx;
    return t->person.mic.due_us(t->person.mic.ctx, now_us);
}

static void open_talker(struct talker *t, int end, bool opus, struct ear_rig_end *ret)
{
    *t = (struct talker){.end = end};
    ear_person_init(&t->person, end ? 40 : -40);
    t->mic = (struct ear_mic){.read = talker_read, .due_us = talker_due, .ctx = t};
    *ret = (struct ear_rig_end){
        .mic = &t->mic,
        .speaker = &t->person.speaker,
        .wire_budget_bps = ear_rate_usual_budget_bps(EAR_QUALITY_LEAST_DATA),
    };
    assert_int_equal(opus ? ear_codec_opus_new(&ret->codec, &ear_codec_opus_usual)
                          : ear_numbered_new(&ret->codec),
                     0);
}

static int64_t bytes_of(struct ear_rig *rig)
{
    int64_t bytes = 0;
    for (int end = 0; end < 2; end++) {
        struct ear_link_counts counts;
        ear_link_get_counts(ear_rig_link(rig), end, &counts);
        bytes += counts.sent_bytes;
    }
    return bytes;
}

static double talk_s = 3600;
static bool with_opus;

static void an_hour_of_turns(void **state)
{
    (void)state;
    static struct talker talkers[2];
    char error[256];
    struct ear_profile *profile;
    struct ear_rig *rig;
    assert_int_equal(ear_profile_load(&profile, "clean", error, sizeof error), 0);
    struct ear_rig_config config = {
        .profile = profile, .seed = SEED, .start_us = 1000 * S, .auto_answer = true};
    floor_of.random = ear_random_seeded(SEED);
    floor_of.end_us = 1000 * S;
    for (int end = 0; end < 2; end++)
        open_talker(&talkers[end], end, with_opus, &config.ends[end]);
    assert_int_equal(ear_rig_new(&rig, &config), 0);
    ear_rig_dial(rig);
    ear_rig_run(rig, (int64_t)(talk_s * S));
    double bytes = (double)bytes_of(rig), spoken_s = (double)floor_of.spoken_us / S;
    printf("one hour of turns, clean, least data, both directions: %.2f MB\n",
           bytes * 3600 / talk_s / 1e6);
    printf("of the time somebody speaks: %.1f %%\n", spoken_s / talk_s * 100);
    printf("wire rate while somebody speaks: %.2f kbit/s\n", bytes * 8 / spoken_s / 1000);
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status status;
        ear_engine_get_status(ear_rig_engine(rig, end), &status);
        assert_int_equal(status.phase, EAR_PHASE_TALKING);
        assert_at_least(status.talk.spoken_us, talk_s * S * 0.35);
        assert_int_equal(status.talk.lost_us, 0);
    }
    assert_at_most(bytes * 3600 / talk_s, HOUR_BYTES_MAX);
    ear_rig_free(rig);
    for (int end = 0; end < 2; end++)
        if (with_opus)
            ear_codec_opus_free(config.ends[end].codec);
        else
            free(config.ends[end].codec);
    ear_profile_free(profile);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_of_turns),
    };
    talk_s = argc > 1 ? strtod(argv[1], NULL) : talk_s;
    with_opus = argc > 2 && strcmp(argv[2], "opus") == 0;
    load_speech();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
