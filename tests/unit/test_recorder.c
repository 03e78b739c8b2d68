/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voice messages recorded into a store: ten minutes, what they cost, and what stands in their way.
 */
#include <errno.h>
#include <math.h>

#include "fake/test.h"

#include "base/random.h"
#include "folder.h"
#include "mail/mail.h"
#include "mail/player.h"
#include "mail/recorder.h"
#include "mail/stored.h"

#define THEM 7
#define MINUTES 10

struct scene {
    void *path;
    struct ear_home *home;
    struct ear_store *store;
    struct ear_codec *codec;
    struct ear_recorder *recorder;
};

static int set_up(void **state)
{
    static const struct ear_store_config config;
    char error[600] = "";
    struct scene *s = calloc(1, sizeof *s);
    folder_setup(&s->path);
    s->home = folder_open(s->path);
    if (ear_store_open(&s->store, s->home, &config, error, sizeof error) != 0)
        fail_msg("%s", error);
    assert_int_equal(ear_codec_opus_new(&s->codec, &ear_codec_opus_usual), 0);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    ear_recorder_free(s->recorder);
    ear_codec_opus_free(s->codec);
    ear_store_close(s->store);
    ear_home_close(s->home);
    folder_teardown(&s->path);
    free(s);
    return 0;
}

static void start(struct scene *s, int rate_bps)
{
    struct ear_recorder_config config = {.store = s->store,
                                         .codec = s->codec,
                                         .person = THEM,
                                         .written_s = 1700000000,
                                         .rate_bps = rate_bps};
    assert_int_equal(ear_recorder_new(&s->recorder, &config), 0);
}

/* A voice without pauses, which costs more than any that breathes: a melody and hiss by turns. */
static void speak(struct scene *s, int frames)
{
    struct ear_random random = ear_random_seeded(SEED);
    for (int i = 0; i < frames; i++) {
        int16_t frame[EAR_FRAME];
        for (int k = 0; k < EAR_FRAME; k++) {
            double t = (i * EAR_FRAME + k) / (double)EAR_RATE_HZ, sum = 0;
            for (int n = 1; n < 12; n++)
                sum += sin(2 * 3.14159265358979 * n * 120 * t + sin(7 * t)) / n;
            bool hiss = fmod(t, 0.4) > 0.3;
            frame[k] = (int16_t)lrint(hiss ? 800 * ear_random_normal(&random) : 3000 * sum);
        }
        assert_int_equal(ear_recorder_put(s->recorder, frame), 0);
    }
}

static struct ear_message recorded(struct scene *s)
{
    struct ear_message message;
    assert_int_equal(ear_messages_with_id(s->store, ear_recorder_id(s->recorder), &message), 0);
    return message;
}

static void ten_minutes_fit(void **state)
{
    struct scene *s = *state;
    start(s, EAR_RECORDER_BPS_MIN);
    assert_int_equal(recorded(s).state, EAR_MESSAGE_RECORDING);
    for (int minute = 1; minute <= MINUTES; minute++) {
        speak(s, 6000);
        assert_int_equal(ear_recorder_ms(s->recorder), minute * 60000);
    }
    assert_int_equal(ear_recorder_finish(s->recorder), 0);
    struct ear_message message = recorded(s);
    assert_int_equal(message.state, EAR_MESSAGE_WAITING);
    assert_int_equal(message.duration_ms, MINUTES * 60000);
    uint64_t minute = message.size / MINUTES;
    uint64_t price = ear_mail_price_bytes(EAR_MESSAGE_VOICE, minute, NULL);
    print_message("a minute at 6 kbit/s: %llu bytes, %llu on the wire\n",
                  (unsigned long long)minute, (unsigned long long)price);
    assert_at_most(price, 75000);
    struct ear_stored stored = {.store = s->store, .id = message.id};
    struct ear_voice_source source = ear_stored_source(&stored);
    struct ear_voice voice;
    struct ear_player *player;
    uint8_t peaks[60];
    int16_t frame[EAR_FRAME];
    assert_int_equal(ear_voice_open(&voice, &source, s->codec), 0);
    assert_int_equal(voice.units * EAR_UNIT_MS, MINUTES * 60000);
    assert_int_equal(ear_voice_peaks(&voice, &source, s->codec, peaks, sizeof peaks), 0);
    for (size_t i = 0; i < sizeof peaks; i++)
        assert_at_least(peaks[i], 20);
    assert_int_equal(ear_player_new(&player, &voice, &source, s->codec), 0);
    ear_player_seek(player, MINUTES * 60000 - 500);
    int frames = 0;
    while (ear_player_take(player, frame) == 1)
        frames++;
    assert_int_equal(frames, 50);
    ear_player_free(player);
    ear_voice_close(&voice);
}

static void every_rate_is_kept(void **state)
{
    struct scene *s = *state;
    for (int rate = EAR_RECORDER_BPS_MIN; rate <= EAR_RECORDER_BPS_MAX; rate += 2000) {
        start(s, rate);
        speak(s, 1000);
        assert_int_equal(ear_recorder_finish(s->recorder), 0);
        double bps = (double)recorded(s).size * 8 / 10.08;
        print_message("%d bit/s asked, %.0f got\n", rate, bps);
        assert_at_most(bps, 1.15 * rate);
        assert_at_least(bps, 0.6 * rate);
        ear_recorder_free(s->recorder);
        s->recorder = NULL;
    }
    struct ear_recorder_config config = {
        .store = s->store, .codec = s->codec, .person = THEM, .rate_bps = 5999};
    assert_int_equal(ear_recorder_new(&s->recorder, &config), -EINVAL);
}

/* What a packet lacks is silence; nothing said is nothing to send. */
static void the_rest_is_kept(void **state)
{
    struct scene *s = *state;
    start(s, 8000);
    assert_int_equal(ear_recorder_finish(s->recorder), -ENODATA);
    speak(s, 1);
    assert_int_equal(ear_recorder_ms(s->recorder), 10);
    assert_int_equal(ear_recorder_finish(s->recorder), 0);
    assert_int_equal(recorded(s).duration_ms, 120);
}

/* A call that could not be held: packets as they were encoded, and the silences between. */
static void a_journal_becomes_a_message(void **state)
{
    struct scene *s = *state;
    struct ear_codec_format format = {.packet_ms = 60, .rate_bps = 8000, .max_bytes = 80};
    int16_t pcm[60 * EAR_SAMPLES_PER_MS];
    uint8_t packet[EAR_PAYLOAD_MAX];
    for (size_t i = 0; i < EAR_COUNT(pcm); i++)
        pcm[i] = (int16_t)lrint(8000 * sin((double)i * 0.1));
    start(s, 8000);
    for (int i = 0; i < 10; i++) {
        int len = s->codec->encode(s->codec->ctx, &format, pcm, packet);
        assert_true(len > 0);
        assert_int_equal(ear_recorder_put_packet(s->recorder, packet, (size_t)len), 0);
        assert_int_equal(ear_recorder_put_silence(s->recorder, 400), 0);
    }
    assert_int_equal(ear_recorder_put_packet(s->recorder, packet, 0), -EBADMSG);
    assert_int_equal(ear_recorder_finish(s->recorder), 0);
    assert_int_equal(recorded(s).duration_ms, 10 * (60 + 8000));
    struct ear_stored stored = {.store = s->store, .id = ear_recorder_id(s->recorder)};
    struct ear_voice_source source = ear_stored_source(&stored);
    struct ear_voice voice;
    assert_int_equal(ear_voice_open(&voice, &source, s->codec), 0);
    assert_int_equal(voice.units, 10 * 403);
    assert_int_equal(voice.count, 30);
    ear_voice_close(&voice);
}

/* The message is gone under it: what comes is refused, and stays so. */
static void trouble_ends_it(void **state)
{
    struct scene *s = *state;
    start(s, 8000);
    speak(s, 24);
    assert_int_equal(ear_messages_delete(s->store, ear_recorder_id(s->recorder)), 0);
    int16_t frame[EAR_FRAME] = {0};
    int r = 0;
    for (int i = 0; i < 12 && r == 0; i++)
        r = ear_recorder_put(s->recorder, frame);
    assert_true(r < 0);
    assert_int_equal(ear_recorder_put(s->recorder, frame), r);
    assert_int_equal(ear_recorder_put_silence(s->recorder, 1), r);
    assert_true(ear_recorder_finish(s->recorder) < 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ten_minutes_fit),  TEST(every_rate_is_kept),
        TEST(the_rest_is_kept), TEST(a_journal_becomes_a_message),
        TEST(trouble_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
