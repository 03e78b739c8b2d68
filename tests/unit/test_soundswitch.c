/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound cards exchanged while they are used, and a loudspeaker made louder. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "fake/test.h"

#include "port/limiter.h"
#include "port/soundswitch.h"

/* A card that says the same number again and again, and writes down what it is given. */
struct card {
    struct ear_mic mic;
    struct ear_speaker speaker;
    int16_t says;
    int64_t mic_next_us, speaker_next_us;
    bool gone;
    int reads, asked, writes;
    int16_t heard[EAR_FRAME];
};

static int card_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME],
                     int64_t *ret_end_us)
{
    struct card *c = ctx;
    if (c->gone)
        return -ENODEV;
    if (now_us < c->mic_next_us + EAR_FRAME_US)
        return 0;
    c->mic_next_us += EAR_FRAME_US;
    *ret_end_us = c->mic_next_us;
    for (size_t i = 0; i < EAR_FRAME; i++)
        frame[i] = c->says;
    c->reads++;
    return 1;
}

static int64_t card_mic_due(void *ctx, int64_t now_us)
{
    (void)now_us;
    return ((struct card *)ctx)->mic_next_us + EAR_FRAME_US;
}

static int card_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct card *c = ctx;
    if (c->gone)
        return -ENODEV;
    if (now_us < c->speaker_next_us)
        return 0;
    *ret_heard_us = c->speaker_next_us;
    c->asked++;
    return 1;
}

static void card_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    struct card *c = ctx;
    c->speaker_next_us += EAR_FRAME_US;
    c->writes++;
    memcpy(c->heard, frame, sizeof c->heard);
}

static int64_t card_speaker_due(void *ctx, int64_t now_us)
{
    (void)now_us;
    return ((struct card *)ctx)->speaker_next_us;
}

static void card_init(struct card *c, int16_t says, int64_t now_us)
{
    *c = (struct card){.says = says, .mic_next_us = now_us, .speaker_next_us = now_us};
    c->mic = (struct ear_mic){.read = card_read, .due_us = card_mic_due, .ctx = c};
    c->speaker = (struct ear_speaker){
        .wants = card_wants, .write = card_write, .due_us = card_speaker_due, .ctx = c};
}

static struct ear_clock_virtual when;
static struct ear_clock clock_of_test;

static struct ear_soundswitch *make(int64_t now_us)
{
    struct ear_soundswitch *s = NULL;
    when.now_us = now_us;
    clock_of_test = ear_clock_from_virtual(&when);
    assert_int_equal(ear_soundswitch_new(&s, &clock_of_test), 0);
    return s;
}

static int read_one(struct ear_soundswitch *s, int64_t now_us, int16_t *frame, int64_t *ret_end_us)
{
    struct ear_mic *mic = ear_soundswitch_mic(s);
    return mic->read(mic->ctx, now_us, frame, ret_end_us);
}

/* Plays as media does; returns how many frames were wanted. */
static int play(struct ear_soundswitch *s, int64_t now_us, const int16_t *frame)
{
    struct ear_speaker *speaker = ear_soundswitch_speaker(s);
    int64_t heard_us, last_us = INT64_MIN;
    int count = 0;
    for (; speaker->wants(speaker->ctx, now_us, &heard_us) == 1; count++) {
        assert_true(heard_us > last_us);
        last_us = heard_us;
        speaker->write(speaker->ctx, frame);
    }
    return count;
}

static void without_cards_time_passes(void **state)
{
    (void)state;
    struct ear_soundswitch *s = make(100 * S);
    struct ear_mic *mic = ear_soundswitch_mic(s);
    int16_t frame[EAR_FRAME], silence[EAR_FRAME] = {0};
    int64_t end_us = 0, last_us = 0;
    int got = 0, wanted = 0;
    for (int64_t t = 100 * S; t < 110 * S; t += 7 * MS) {
        while (read_one(s, t, frame, &end_us) == 1) {
            assert_memory_equal(frame, silence, sizeof frame);
            assert_true(got == 0 || end_us == last_us + EAR_FRAME_US);
            assert_at_most(end_us, t);
            last_us = end_us;
            got++;
        }
        assert_at_least(mic->due_us(mic->ctx, t), t);
        assert_at_most(mic->due_us(mic->ctx, t), t + EAR_FRAME_US);
        wanted += play(s, t, silence);
    }
    assert_in_range(got, 998, 1000);
    assert_in_range(wanted, 999, 1001);
    /* An hour between two calls is not said and heard after all. */
    got = wanted = 0;
    for (int64_t t = 3700 * S; t < 3701 * S; t += 10 * MS) {
        for (; read_one(s, t, frame, &end_us) == 1; got++)
            assert_at_least(end_us, 3700 * S);
        wanted += play(s, t, silence);
    }
    assert_in_range(got, 98, 101);
    assert_in_range(wanted, 98, 101);
    ear_soundswitch_free(s);
}

static void cards_are_exchanged(void **state)
{
    (void)state;
    struct ear_soundswitch *s = make(0);
    struct ear_mic *mic = ear_soundswitch_mic(s);
    struct ear_speaker *speaker = ear_soundswitch_speaker(s);
    struct card a, b;
    int16_t frame[EAR_FRAME], said[EAR_FRAME];
    int64_t end_us;
    card_init(&a, 11, 0);
    for (size_t i = 0; i < EAR_FRAME; i++)
        said[i] = (int16_t)(i * 100 - 8000);
    ear_soundswitch_set(s, &a.mic, &a.speaker);
    assert_int_equal(read_one(s, 10 * MS, frame, &end_us), 1);
    assert_int_equal(frame[0], 11);
    assert_int_equal(end_us, 10 * MS);
    assert_int_equal(mic->due_us(mic->ctx, 10 * MS), 20 * MS);
    assert_int_equal(play(s, 10 * MS, said), 2);
    assert_memory_equal(a.heard, said, sizeof said); /* not touched on its way */
    assert_int_equal(speaker->due_us(speaker->ctx, 10 * MS), 20 * MS);
    a.gone = true;
    assert_int_equal(read_one(s, 20 * MS, frame, &end_us), -ENODEV);
    assert_int_equal(speaker->wants(speaker->ctx, 20 * MS, &end_us), -ENODEV);

    /* b was opened at 5 ms and has collected a second of what was said long ago. */
    card_init(&b, 22, 5 * MS);
    assert_int_equal(read_one(s, 30 * MS, frame, &end_us), -ENODEV);
    ear_soundswitch_set(s, &b.mic, NULL);
    int count = 0;
    for (; read_one(s, 100 * MS, frame, &end_us) == 1; count++) {
        assert_int_equal(frame[0], 22);
        assert_at_least(end_us, 15 * MS);
    }
    assert_int_equal(count, 9); /* 15 to 95 ms */
    int writes = a.writes;
    assert_int_equal(play(s, 100 * MS, said), 1);
    assert_int_equal(a.writes, writes);

    /* Back: what a collected before 95 ms is no news. */
    a.gone = false;
    ear_soundswitch_set(s, &a.mic, &a.speaker);
    for (count = 0; read_one(s, 200 * MS, frame, &end_us) == 1; count++)
        assert_at_least(end_us, 95 * MS);
    assert_int_equal(count, 11); /* 100 to 200 ms */
    ear_soundswitch_free(s);
}

static double rms(const int16_t *x)
{
    double sum = 0;
    for (size_t i = 0; i < EAR_FRAME; i++)
        sum += (double)x[i] * x[i];
    return sqrt(sum / EAR_FRAME);
}

static void sine(int16_t *x, double amplitude)
{
    for (size_t i = 0; i < EAR_FRAME; i++)
        x[i] = (int16_t)lrint(amplitude * sin(2 * 3.14159265358979 * (double)i / 32));
}

static void louder_and_softer(void **state)
{
    (void)state;
    static const struct {
        float db, reaches;
    } cases[] = {{-30, -30}, {-6, -6}, {6, 6}, {18, 18}, {40, 18}, {-80, -30}, {NAN, -30}};
    int16_t said[EAR_FRAME];
    sine(said, 3000); /* 18 dB more are 23830: nothing to hold down */
    for (size_t i = 0; i < EAR_COUNT(cases); i++) {
        struct ear_soundswitch *s = make(0);
        struct card a;
        card_init(&a, 0, 0);
        ear_soundswitch_set(s, NULL, &a.speaker);
        play(s, 0, said);
        ear_soundswitch_set_gain_db(s, cases[i].db);
        int16_t before = a.heard[EAR_FRAME - 1];
        for (int64_t t = 10 * MS; t <= 100 * MS; t += 10 * MS) {
            play(s, t, said);
            /* No click: nothing jumps by more than the sine at this loudness does. */
            assert_at_most(abs(a.heard[0] - before),
                           3000 * pow(10, fabs(cases[i].reaches) / 20) * 0.25);
            before = a.heard[EAR_FRAME - 1];
        }
        double db = 20 * log10(rms(a.heard) / rms(said));
        assert_at_most(fabs(db - (double)cases[i].reaches), 0.1);
        ear_soundswitch_free(s);
    }
}

/* Share of the energy that is not the sine's. */
static double distortion(const int16_t *x)
{
    double in = 0, quadrature = 0, all = 0;
    for (size_t i = 0; i < EAR_FRAME; i++) {
        in += x[i] * sin(2 * 3.14159265358979 * (double)i / 32);
        quadrature += x[i] * cos(2 * 3.14159265358979 * (double)i / 32);
        all += (double)x[i] * x[i];
    }
    return 1 - (in * in + quadrature * quadrature) * 2 / EAR_FRAME / all;
}

static void louder_never_clips(void **state)
{
    (void)state;
    struct ear_soundswitch *s = make(0);
    struct card a;
    int16_t said[EAR_FRAME];
    double worst = 0;
    card_init(&a, 0, 0);
    ear_soundswitch_set(s, NULL, &a.speaker);
    ear_soundswitch_set_gain_db(s, 18);
    for (int64_t t = 0; t < 2000 * MS; t += 10 * MS) {
        /* soft and loud by turns, 100 ms each */
        sine(said, t / (100 * MS) % 2 ? 32000 : 2000);
        play(s, t, said);
        for (size_t i = 0; i < EAR_FRAME; i++)
            assert_at_most(abs(a.heard[i]), EAR_LIMITER_CEILING + 1);
        if (t % (100 * MS) >= 20 * MS && t % (200 * MS) >= 100 * MS)
            worst = fmax(worst, distortion(a.heard));
    }
    print_message("distortion at 18 dB over full scale: %.5f\n", worst);
    assert_at_most(worst, 0.001); /* clipping at the same level: 0.1 */
    ear_soundswitch_free(s);
}

/* Noise, squares, lone spikes, all gains: never above the ceiling; and 0 dB changes nothing below.
 */
static void the_limiter_holds(void **state)
{
    (void)state;
    struct ear_limiter l;
    ear_limiter_init(&l);
    srand(SEED);
    for (int n = 0; n < 3000; n++) {
        int16_t x[EAR_FRAME] = {0}, extra[EAR_FRAME];
        for (size_t i = 0; i < EAR_FRAME; i++) {
            x[i] = (int16_t)(n % 3 == 0         ? rand() % 65536 - 32768
                             : n % 3 == 1       ? (i / 8 % 2 ? 32767 : -32768)
                             : rand() % 50 == 0 ? 32767
                                                : 0);
            extra[i] = (int16_t)(rand() % 20000 - 10000);
        }
        ear_limiter_run(&l, (float)(rand() % 49 - 30), n % 2 ? extra : NULL, x);
        for (size_t i = 0; i < EAR_FRAME; i++)
            if (abs(x[i]) > (int)EAR_LIMITER_CEILING)
                fail_msg("sample %zu of frame %d is %d (seed %d)", i, n, x[i], SEED);
    }
    ear_limiter_init(&l);
    for (int n = 0; n < 100; n++) {
        int16_t x[EAR_FRAME], same[EAR_FRAME];
        for (size_t i = 0; i < EAR_FRAME; i++)
            same[i] = x[i] = (int16_t)(rand() % 60000 - 30000);
        ear_limiter_run(&l, 0, NULL, x);
        assert_memory_equal(x, same, sizeof x);
    }
}

static int16_t tone[400];

static void earcons_are_mixed_in(void **state)
{
    (void)state;
    struct ear_soundswitch *s = make(0);
    struct card a;
    int16_t said[EAR_FRAME];
    for (size_t i = 0; i < EAR_COUNT(tone); i++)
        tone[i] = (int16_t)(1000 + i);
    for (size_t i = 0; i < EAR_FRAME; i++)
        said[i] = 500;
    card_init(&a, 0, 0);
    ear_soundswitch_set(s, NULL, &a.speaker);
    ear_soundswitch_play(s, tone, EAR_COUNT(tone));
    for (int frame = 0; frame < 4; frame++) {
        assert_int_equal(play(s, frame * 10 * MS, said), 1);
        for (int i = 0; i < EAR_FRAME; i++) {
            int at = frame * EAR_FRAME + i;
            assert_int_equal(a.heard[i], 500 + (at < (int)EAR_COUNT(tone) ? 1000 + at : 0));
        }
    }
    ear_soundswitch_play(s, tone, EAR_COUNT(tone));
    play(s, 40 * MS, said);
    assert_int_equal(a.heard[0], 1500);
    ear_soundswitch_play(s, NULL, 0);
    play(s, 50 * MS, said);
    assert_int_equal(a.heard[0], 500);
    ear_soundswitch_free(s);
}

static void earcons_are_heard_without_a_talk(void **state)
{
    (void)state;
    struct ear_soundswitch *s = make(0);
    struct card a;
    card_init(&a, 0, 0);
    ear_soundswitch_set(s, NULL, &a.speaker);
    assert_false(ear_soundswitch_pump(s));
    assert_int_equal(a.writes, 0); /* nothing is played where nothing is to be */
    ear_soundswitch_play(s, tone, EAR_COUNT(tone));
    for (int i = 0; i < 10; i++, when.now_us += 10 * MS)
        assert_int_equal(ear_soundswitch_pump(s), i < 2);
    assert_int_equal(a.writes, 3);
    /* During a talk it is media that plays. */
    int16_t silence[EAR_FRAME] = {0};
    play(s, when.now_us, silence);
    ear_soundswitch_play(s, tone, EAR_COUNT(tone));
    int writes = a.writes;
    when.now_us += 50 * MS;
    assert_true(ear_soundswitch_pump(s));
    assert_int_equal(a.writes, writes);
    ear_soundswitch_free(s);
}

/* While media is between wants and write, nobody takes the loudspeaker from it. */
static atomic_bool exchanged;

static void *exchange(void *arg)
{
    ear_soundswitch_set(arg, NULL, NULL);
    atomic_store(&exchanged, true);
    return NULL;
}

static void a_frame_that_was_wanted_is_taken(void **state)
{
    (void)state;
    struct ear_soundswitch *s = make(0);
    struct ear_speaker *speaker = ear_soundswitch_speaker(s);
    const struct timespec nap = {.tv_nsec = 20 * 1000 * 1000};
    struct card a;
    int16_t said[EAR_FRAME] = {7};
    int64_t heard_us;
    pthread_t thread;
    card_init(&a, 0, 0);
    ear_soundswitch_set(s, &a.mic, &a.speaker);
    assert_int_equal(speaker->wants(speaker->ctx, 0, &heard_us), 1);
    atomic_store(&exchanged, false);
    assert_int_equal(pthread_create(&thread, NULL, exchange, s), 0);
    nanosleep(&nap, NULL);
    assert_false(atomic_load(&exchanged));
    speaker->write(speaker->ctx, said);
    pthread_join(thread, NULL);
    assert_int_equal(a.writes, 1);
    assert_int_equal(a.heard[0], 7);
    ear_soundswitch_free(s);
}

/* Media reads and plays as fast as it can, the worker opens, exchanges and frees cards. */
struct storm {
    struct ear_soundswitch *s;
    atomic_bool stop;
    _Atomic int64_t read, wrote;
};

static void *media(void *arg)
{
    struct storm *storm = arg;
    struct ear_speaker *speaker = ear_soundswitch_speaker(storm->s);
    int16_t frame[EAR_FRAME] = {0};
    int64_t time_us;
    for (int64_t now = 0; !atomic_load(&storm->stop); now += MS) {
        if (read_one(storm->s, now, frame, &time_us) == 1)
            atomic_fetch_add(&storm->read, 1);
        if (speaker->wants(speaker->ctx, now, &time_us) == 1) {
            speaker->write(speaker->ctx, frame);
            atomic_fetch_add(&storm->wrote, 1);
        }
        speaker->due_us(speaker->ctx, now);
        if (now % (16 * MS) == 0) {
            const struct timespec nap = {.tv_nsec = 100 * 1000};
            nanosleep(&nap, NULL);
        }
    }
    return NULL;
}

static void *screen(void *arg)
{
    struct storm *storm = arg;
    for (int i = 0; !atomic_load(&storm->stop); i++) {
        const struct timespec nap = {.tv_nsec = 500 * 1000};
        ear_soundswitch_set_gain_db(storm->s, (float)(i % 49 - 30));
        ear_soundswitch_play(storm->s, tone, EAR_COUNT(tone));
        ear_soundswitch_pump(storm->s);
        nanosleep(&nap, NULL);
    }
    return NULL;
}

static void cards_are_exchanged_in_a_storm(void **state)
{
    (void)state;
    struct storm storm = {.s = make(0)};
    pthread_t threads[2];
    struct card *now = NULL;
    int64_t used = 0;
    assert_int_equal(pthread_create(&threads[0], NULL, media, &storm), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, screen, &storm), 0);
    for (int i = 0; i < 300; i++) {
        const struct timespec nap = {.tv_nsec = 1000 * 1000};
        struct card *next = i % 5 == 4 ? NULL : malloc(sizeof *next);
        if (next)
            card_init(next, (int16_t)i, 0);
        ear_soundswitch_set(storm.s, next ? &next->mic : NULL, next ? &next->speaker : NULL);
        if (now)
            used += now->writes + now->reads; /* nobody else touches it any more */
        free(now);
        now = next;
        nanosleep(&nap, NULL);
    }
    ear_soundswitch_set(storm.s, NULL, NULL);
    free(now);
    atomic_store(&storm.stop, true);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert_true(used > 100);
    assert_true(atomic_load(&storm.read) > 100 && atomic_load(&storm.wrote) > 100);
    ear_soundswitch_free(storm.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_cards_time_passes),
        cmocka_unit_test(cards_are_exchanged),
        cmocka_unit_test(louder_and_softer),
        cmocka_unit_test(louder_never_clips),
        cmocka_unit_test(the_limiter_holds),
        cmocka_unit_test(earcons_are_mixed_in),
        cmocka_unit_test(earcons_are_heard_without_a_talk),
        cmocka_unit_test(a_frame_that_was_wanted_is_taken),
        cmocka_unit_test(cards_are_exchanged_in_a_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
