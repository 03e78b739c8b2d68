/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings as sound cards: every layout, every damage, every deadline, full disks. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "port/wavfile.h"
#include "port/wavformat.h"

#define PI 3.14159265358979323846

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_wavfile.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/x.wav", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* A file under construction. */
struct builder {
    uint8_t bytes[1 << 22];
    size_t len;
};
static struct builder built;

static void add(const void *bytes, size_t count)
{
    assert_true(built.len + count <= sizeof built.bytes);
    memcpy(built.bytes + built.len, bytes, count);
    built.len += count;
}

static void add_le(uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        uint8_t b = (uint8_t)(value >> 8 * i);
        add(&b, 1);
    }
}

static void save(const char *to)
{
    FILE *f = fopen(to, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(built.bytes, 1, built.len, f), built.len);
    fclose(f);
}

struct layout {
    uint32_t rate, channels, bits;
    bool is_float, extensible;
    int64_t claimed; /* what the data chunk says its length is; -1: the truth */
};

static void add_sample(const struct layout *l, double value)
{
    if (l->is_float) {
        float v = (float)value;
        uint32_t bits;
        memcpy(&bits, &v, 4);
        add_le(bits, 4);
    } else if (l->bits == 8) {
        add_le((uint64_t)(lrint(value * 127) + 128), 1);
    } else {
        add_le((uint64_t)llrint(value * (pow(2, l->bits - 1) - 1)), (int)l->bits / 8);
    }
}

/* Header, an odd chunk that somebody's tagger left, then seconds of a tone. Channels after the
 * first are silent, so that the mean is the tone / channels. */
static void build(const struct layout *l, double seconds, double tone_hz, double level)
{
    built.len = 0;
    add("RIFF", 4);
    add_le(0, 4);
    add("WAVEfmt ", 8);
    add_le(l->extensible ? 40 : 16, 4);
    uint32_t tag = l->is_float ? 3 : 1, block = l->channels * l->bits / 8;
    add_le(l->extensible ? 0xfffe : tag, 2);
    add_le(l->channels, 2);
    add_le(l->rate, 4);
    add_le(l->rate * block, 4);
    add_le(block, 2);
    add_le(l->bits, 2);
    if (l->extensible) {
        add_le(22, 2);
        add_le(l->bits, 2);
        add_le(4, 4);
        add_le(tag, 2);
        add("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14);
    }
    add("note", 4);
    add_le(3, 4);
    add("abc\0", 4);
    size_t frames = (size_t)lrint(seconds * l->rate);
    add("data", 4);
    add_le(l->claimed < 0 ? frames * block : (uint64_t)l->claimed, 4);
    for (size_t i = 0; i < frames; i++)
        for (uint32_t c = 0; c < l->channels; c++)
            add_sample(l, c ? 0 : level * sin(2 * PI * tone_hz * (double)i / l->rate));
}

/* Reads the whole recording in virtual time, 3 s beyond its end; returns the samples. */
static size_t read_all(struct ear_wav_mic *wav, int16_t *out, size_t most)
{
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    int64_t now = 1000000, end;
    size_t n = 0;
    int16_t frame[EAR_FRAME];
    assert_int_equal(mic->read(mic->ctx, now, frame, &end), 0);
    while (n + EAR_FRAME <= most) {
        now = mic->due_us(mic->ctx, now);
        ear_wav_mic_pump(wav);
        assert_int_equal(mic->read(mic->ctx, now, out + n, &end), 1);
        n += EAR_FRAME;
        assert_int_equal(end, 1000000 + (int64_t)n * 1000 / 16);
    }
    return n;
}

static void every_layout_is_read(void **state)
{
    (void)state;
    const struct layout layouts[] = {
        {16000, 1, 16, false, false, -1},         {8000, 1, 8, false, false, -1},
        {44100, 2, 16, false, false, -1},         {48000, 1, 24, false, true, -1},
        {96000, 6, 32, false, true, -1},          {22050, 2, 32, true, false, -1},
        {11025, 1, 32, true, true, -1},           {4000, 1, 16, false, false, -1},
        {192000, 2, 24, false, false, -1},        {16000, 1, 16, false, false, 0},
        {16000, 2, 16, false, false, 0xffffffff}, {48000, 1, 16, false, false, 900000},
    };
    for (size_t k = 0; k < EAR_COUNT(layouts); k++) {
        const struct layout *l = &layouts[k];
        build(l, 1, 500, 0.5);
        save(path);
        struct ear_wav_mic *wav;
        char error[256] = "";
        assert_int_equal(ear_wav_mic_open(&wav, path, false, error, sizeof error), 0);
        assert_string_equal(error, "");
        assert_int_equal(ear_wav_mic_length_us(wav), 1000000);
        assert_true(ear_wav_mic_start_us(wav) == INT64_MIN);
        assert_false(ear_wav_mic_ended(wav));
        static int16_t out[2 * EAR_RATE_HZ];
        size_t n = read_all(wav, out, EAR_COUNT(out));
        assert_true(ear_wav_mic_ended(wav));
        assert_int_equal(ear_wav_mic_start_us(wav), 1000000);
        assert_int_equal(ear_wav_mic_missed(wav), 0);
        double rest = 0, tone = 0;
        for (size_t i = 0; i < n; i++) {
            double expected = 0.5 / l->channels * 32768 * sin(2 * PI * 500 * (double)i / 16000);
            if (i < 160 || (i >= 15840 && i < 16160))
                continue; /* the filter rings at the edges */
            expected = i < 16000 ? expected : 0;
            tone += expected * expected;
            rest += (out[i] - expected) * (out[i] - expected);
        }
        double db = 10 * log10(tone / (rest + 1));
        if (db < (l->bits == 8 ? 38 : 55))
            fail_msg("layout %zu: tone over error %.1f dB", k, db);
        for (size_t i = 16000; i < n; i++)
            assert_int_equal(out[i], 0);
        ear_wav_mic_close(wav);
    }
}

static void raw_is_16_khz_mono(void **state)
{
    (void)state;
    char raw[128];
    snprintf(raw, sizeof raw, "%s/talk.RAW", folder);
    built.len = 0;
    for (int i = 0; i < 1600; i++)
        add_le((uint64_t)(i - 800), 2);
    add("x", 1);
    save(raw);
    struct ear_wav_mic *wav;
    char error[256];
    assert_int_equal(ear_wav_mic_open(&wav, raw, false, error, sizeof error), 0);
    assert_int_equal(ear_wav_mic_length_us(wav), 100000);
    static int16_t out[3200];
    read_all(wav, out, EAR_COUNT(out));
    for (int i = 0; i < 3200; i++)
        assert_int_equal(out[i], i < 1600 ? i - 800 : 0);
    ear_wav_mic_close(wav);
}

static void a_loop_has_no_seam(void **state)
{
    (void)state;
    const struct layout layouts[] = {{16000, 1, 16, false, false, -1},
                                     {48000, 1, 16, false, false, -1}};
    for (size_t k = 0; k < EAR_COUNT(layouts); k++) {
        build(&layouts[k], 0.137, 1000, 0.5); /* whole periods, not whole frames */
        save(path);
        struct ear_wav_mic *wav;
        char error[256];
        assert_int_equal(ear_wav_mic_open(&wav, path, true, error, sizeof error), 0);
        static int16_t out[5 * EAR_RATE_HZ];
        size_t n = read_all(wav, out, EAR_COUNT(out));
        for (size_t i = 160; i < n; i++)
            assert_true(fabs(out[i] - 16384 * sin(2 * PI * (double)i / 16)) < 30);
        assert_true(ear_wav_mic_ended(wav));
        ear_wav_mic_close(wav);
    }
}

static void frames_come_at_absolute_deadlines(void **state)
{
    (void)state;
    const struct layout l = {16000, 1, 16, false, false, -1};
    build(&l, 1, 500, 0.5);
    save(path);
    struct ear_wav_mic *wav;
    char error[256];
    assert_int_equal(ear_wav_mic_open(&wav, path, false, error, sizeof error), 0);
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    int16_t frame[EAR_FRAME];
    int64_t end = 0;
    assert_int_equal(mic->due_us(mic->ctx, 77), 77);
    assert_int_equal(mic->read(mic->ctx, 100, frame, &end), 0);
    assert_int_equal(mic->due_us(mic->ctx, 100), 10100);
    assert_int_equal(mic->read(mic->ctx, 10099, frame, &end), 0);
    assert_int_equal(mic->read(mic->ctx, 10100, frame, &end), 1);
    assert_int_equal(end, 10100);
    assert_int_equal(mic->read(mic->ctx, 10100, frame, &end), 0);
    for (int k = 2; k <= 5; k++) { /* a late wake-up: all that are due, one by one */
        assert_int_equal(mic->read(mic->ctx, 50120, frame, &end), 1);
        assert_int_equal(end, 100 + k * 10000);
    }
    assert_int_equal(mic->read(mic->ctx, 50120, frame, &end), 0);
    assert_int_equal(mic->due_us(mic->ctx, 50120), 60100);
    ear_wav_mic_close(wav);
}

static void a_slow_disk_keeps_the_time_line(void **state)
{
    (void)state;
    built.len = 0;
    for (int i = 0; i < 160000; i++)
        add_le((uint64_t)(1 + i / 160), 2); /* each frame holds its own number, from 1 */
    char raw[128];
    snprintf(raw, sizeof raw, "%s/count.raw", folder);
    save(raw);
    struct ear_wav_mic *wav;
    char error[256];
    assert_int_equal(ear_wav_mic_open(&wav, raw, false, error, sizeof error), 0);
    struct ear_mic *mic = ear_wav_mic_mic(wav);
    int16_t frame[EAR_FRAME];
    int64_t end;
    int silent = 0;
    assert_int_equal(mic->read(mic->ctx, 0, frame, &end), 0);
    for (int k = 1; k <= 1000; k++) {
        if (k < 100 || k > 500) /* the worker sleeps for 4 s, 2 s are in the ring */
            ear_wav_mic_pump(wav);
        assert_int_equal(mic->read(mic->ctx, (int64_t)k * EAR_FRAME_US, frame, &end), 1);
        for (int i = 0; i < EAR_FRAME; i++)
            assert_true(frame[i] == k || (frame[i] == 0 && k > 290 && k < 510));
        silent += frame[0] == 0 || frame[EAR_FRAME - 1] == 0;
    }
    assert_true(silent > 190 && silent < 212);
    assert_int_equal(ear_wav_mic_missed(wav), silent);
    ear_wav_mic_close(wav);
}

static void refuse(const char *file, int expected, const char *sentence)
{
    struct ear_wav_mic *wav = NULL;
    char error[256] = "", whole[512];
    assert_int_equal(ear_wav_mic_open(&wav, file, false, error, sizeof error), expected);
    assert_null(wav);
    snprintf(whole, sizeof whole, sentence, file);
    assert_string_equal(error, whole);
}

static void refusals_say_what_is_wrong(void **state)
{
    (void)state;
    const struct layout l = {16000, 1, 16, false, false, -1};
    refuse("/nowhere/x.wav", -ENOENT, "There is no file %s.");
    refuse(folder, -EINVAL, "%s is not a file.");
    refuse("/dev/null", -EINVAL, "%s is not a file.");
    built.len = 0;
    save(path);
    refuse(path, -EINVAL, "%s is not a wav recording.");
    add("RIFF\0\0\0\0WAVE", 12);
    save(path);
    refuse(path, -EINVAL, "%s is not a wav recording.");
    built.len = 0;
    add("OggS and so on and so on and so on and so on", 44);
    save(path);
    refuse(path, -EINVAL, "%s is not a wav recording.");
    build(&l, 0, 1, 1);
    save(path);
    refuse(path, -EINVAL, "%s holds no sound.");
    add("LIST\x04\0\0\0abcd", 12); /* an empty recording, not one cut off */
    save(path);
    refuse(path, -EINVAL, "%s holds no sound.");
    const struct {
        size_t at;
        uint32_t value;
        const char *sentence;
    } damages[] = {
        {20, 7, "%s is coded in a way that cannot be read; save it as 16 bit PCM."},
        {20, 3, "%s is coded in a way that cannot be read; save it as 16 bit PCM."},
        {34, 12, "%s is coded in a way that cannot be read; save it as 16 bit PCM."},
        {34, 64, "%s is coded in a way that cannot be read; save it as 16 bit PCM."},
        {22, 0, "%s has a damaged header; save it anew as 16 bit PCM."},
        {22, 65, "%s has a damaged header; save it anew as 16 bit PCM."},
        {24, 3999, "%s has a damaged header; save it anew as 16 bit PCM."},
        {32, 3, "%s has a damaged header; save it anew as 16 bit PCM."},
    };
    for (size_t i = 0; i < EAR_COUNT(damages); i++) {
        build(&l, 0.1, 500, 0.5);
        built.bytes[damages[i].at] = (uint8_t)damages[i].value;
        built.bytes[damages[i].at + 1] = (uint8_t)(damages[i].value >> 8);
        save(path);
        refuse(path, -EINVAL, damages[i].sentence);
    }
}

/* Whatever the bytes: opened or refused with a sentence, and then readable in time. */
static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    struct ear_random chance = ear_random_seeded(20240);
    const struct layout l = {44100, 2, 24, false, true, -1};
    for (int round = 0; round < 2000; round++) {
        build(&l, 0.02, 500, 0.5);
        for (uint32_t n = 1 + ear_random_below(&chance, 8); n > 0; n--)
            built.bytes[ear_random_below(&chance, 96)] = (uint8_t)ear_random_u64(&chance);
        if (ear_random_below(&chance, 3) == 0)
            built.len = ear_random_below(&chance, (uint32_t)built.len);
        save(path);
        struct ear_wav_mic *wav = NULL;
        char error[256] = "";
        int rc = ear_wav_mic_open(&wav, path, round % 2, error, sizeof error);
        if (rc) {
            assert_int_equal(rc, -EINVAL);
            assert_true(strlen(error) > 20 && error[strlen(error) - 1] == '.');
            continue;
        }
        static int16_t out[EAR_RATE_HZ];
        read_all(wav, out, EAR_COUNT(out));
        ear_wav_mic_close(wav);
    }
}

static void nan_and_loud_floats_are_tamed(void **state)
{
    (void)state;
    const struct layout l = {16000, 1, 32, true, false, -1};
    build(&l, 0, 1, 1);
    const uint32_t values[] = {0x7fc00000, 0x7f800000, 0xff800000,
                               0x42c80000, 0xc2c80000, 0x3f000000};
    const int16_t expected[] = {0, 0, 0, 32767, -32768, 16384};
    for (size_t i = 0; i < EAR_COUNT(values); i++)
        add_le(values[i], 4);
    save(path); /* the length says 0: a recording cut off */
    struct ear_wav_mic *wav;
    char error[256];
    assert_int_equal(ear_wav_mic_open(&wav, path, false, error, sizeof error), 0);
    static int16_t out[320];
    read_all(wav, out, EAR_COUNT(out));
    assert_memory_equal(out, expected, sizeof expected);
    ear_wav_mic_close(wav);
}

/* Writes frames that hold their number, from 1, at their deadlines. */
static void write_frames(struct ear_wav_speaker *wav, int from, int to, bool pump)
{
    struct ear_speaker *speaker = ear_wav_speaker_speaker(wav);
    for (int k = from; k <= to; k++) {
        int16_t frame[EAR_FRAME];
        int64_t heard = 0;
        for (int i = 0; i < EAR_FRAME; i++)
            frame[i] = (int16_t)k;
        int64_t now = 5000 + (int64_t)(k - 1) * EAR_FRAME_US;
        if (k > 1)
            assert_int_equal(speaker->wants(speaker->ctx, now - 1, &heard), 0);
        assert_int_equal(speaker->due_us(speaker->ctx, now), now);
        assert_int_equal(speaker->wants(speaker->ctx, k > 1 ? now + 3 : now, &heard), 1);
        assert_int_equal(heard, now);
        speaker->write(speaker->ctx, frame);
        if (pump)
            (void)ear_wav_speaker_pump(wav);
    }
}

/* How many frames the file holds when read back; each must hold its number, or 0 if in a gap. */
static int read_back(int gap_from, int gap_to)
{
    struct ear_wav_mic *wav;
    char error[256];
    assert_int_equal(ear_wav_mic_open(&wav, path, false, error, sizeof error), 0);
    int frames = (int)(ear_wav_mic_length_us(wav) / EAR_FRAME_US);
    int16_t *out = calloc((size_t)frames, sizeof(int16_t) * EAR_FRAME);
    assert_non_null(out);
    read_all(wav, out, (size_t)frames * EAR_FRAME);
    for (int i = 0; i < frames * EAR_FRAME; i++) {
        int k = i / EAR_FRAME + 1;
        bool in_gap = k >= gap_from && k <= gap_to;
        assert_int_equal(out[i], in_gap ? 0 : k);
    }
    free(out);
    ear_wav_mic_close(wav);
    return frames;
}

static void what_is_heard_is_written(void **state)
{
    (void)state;
    struct ear_wav_speaker *wav;
    char error[256];
    unlink(path);
    assert_int_equal(ear_wav_speaker_open(&wav, path, error, sizeof error), 0);
    assert_true(ear_wav_speaker_start_us(wav) == INT64_MIN);
    struct ear_speaker *speaker = ear_wav_speaker_speaker(wav);
    int64_t heard = 0;
    assert_int_equal(speaker->wants(speaker->ctx, 5000, &heard), 1);
    assert_int_equal(heard, 5000);
    assert_int_equal(ear_wav_speaker_start_us(wav), 5000);
    write_frames(wav, 1, 300, true);
    /* A late wake-up catches up frame by frame, each with its own exact time. */
    int16_t frame[EAR_FRAME];
    for (int k = 301; k <= 320; k++) {
        for (int i = 0; i < EAR_FRAME; i++)
            frame[i] = (int16_t)k;
        assert_int_equal(speaker->wants(speaker->ctx, 5000 + 319 * 10000, &heard), 1);
        assert_int_equal(heard, 5000 + (k - 1) * 10000);
        speaker->write(speaker->ctx, frame);
    }
    assert_int_equal(speaker->wants(speaker->ctx, 5000 + 319 * 10000, &heard), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(read_back(1, 0), 300); /* a crash now would leave these */
    assert_int_equal(ear_wav_speaker_close(wav), 0);
    assert_int_equal(read_back(1, 0), 320);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 44 + 320 * 320);
}

static void a_slow_disk_leaves_silence_not_a_cut(void **state)
{
    (void)state;
    struct ear_wav_speaker *wav;
    char error[256];
    assert_int_equal(ear_wav_speaker_open(&wav, path, error, sizeof error), 0);
    write_frames(wav, 1, 100, true);
    write_frames(wav, 101, 700, false); /* 6 s without the worker: 4.09 s fit into the ring */
    assert_int_equal(ear_wav_speaker_pump(wav), 0);
    write_frames(wav, 701, 800, true);
    assert_int_equal(ear_wav_speaker_close(wav), 0);
    assert_int_equal(read_back(101 + 409, 700), 800);
}

static void a_full_disk_is_told_and_the_rest_kept(void **state)
{
    (void)state;
    struct ear_wav_speaker *wav = NULL;
    char error[256] = "";
    assert_int_equal(ear_wav_speaker_open(&wav, "/dev/full", error, sizeof error), -ENOSPC);
    assert_string_equal(error, "There is no room on the disk for /dev/full.");
    assert_int_equal(ear_wav_speaker_open(&wav, "/nowhere/x.wav", error, sizeof error), -ENOENT);
    assert_string_equal(error, "The folder of /nowhere/x.wav does not exist.");
    assert_int_equal(ear_wav_speaker_open(&wav, folder, error, sizeof error), -EIO);
    assert_null(wav);

    /* A limit on the file's length stands for the full disk: the write past it comes back short,
     * the next fails. It is odd, so that half a sample is written. */
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 44 + 250 * 320 + 161;
    assert_int_equal(ear_wav_speaker_open(&wav, path, error, sizeof error), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    write_frames(wav, 1, 200, true);
    assert_int_equal(ear_wav_speaker_pump(wav), 0);
    write_frames(wav, 201, 300, false);
    assert_int_equal(ear_wav_speaker_pump(wav), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    write_frames(wav, 301, 400, true); /* the disk has room again: no sound out of its time */
    assert_int_equal(ear_wav_speaker_pump(wav), -EFBIG);
    assert_int_equal(ear_wav_speaker_close(wav), -EFBIG);
    assert_int_equal(read_back(1, 0), 250);
    assert_int_equal(ear_wav_speaker_close(NULL), 0);
}

static void silence_and_nowhere_keep_time(void **state)
{
    (void)state;
    struct ear_mic *mic;
    struct ear_speaker *speaker;
    assert_int_equal(ear_wav_silence_new(&mic), 0);
    assert_int_equal(ear_wav_nowhere_new(&speaker), 0);
    int16_t frame[EAR_FRAME];
    int64_t t = 0;
    double energy = 0;
    assert_int_equal(mic->read(mic->ctx, 500, frame, &t), 0);
    for (int k = 1; k <= 1000; k++) {
        int64_t now = mic->due_us(mic->ctx, 0);
        assert_int_equal(mic->read(mic->ctx, now - 1, frame, &t), 0);
        assert_int_equal(mic->read(mic->ctx, now, frame, &t), 1);
        assert_int_equal(t, 500 + k * 10000);
        for (int i = 0; i < EAR_FRAME; i++)
            energy += frame[i] * frame[i];
        now = speaker->due_us(speaker->ctx, 700);
        if (k > 1)
            assert_int_equal(speaker->wants(speaker->ctx, now - 1, &t), 0);
        assert_int_equal(speaker->wants(speaker->ctx, now, &t), 1);
        assert_int_equal(t, 700 + (k - 1) * 10000);
        speaker->write(speaker->ctx, frame);
    }
    double dbfs = 10 * log10(energy / 160000 / (32768.0 * 32768 / 2));
    assert_true(dbfs > -75 && dbfs < -60);
    free(mic);
    free(speaker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_is_read),
        cmocka_unit_test(raw_is_16_khz_mono),
        cmocka_unit_test(a_loop_has_no_seam),
        cmocka_unit_test(frames_come_at_absolute_deadlines),
        cmocka_unit_test(a_slow_disk_keeps_the_time_line),
        cmocka_unit_test(refusals_say_what_is_wrong),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(nan_and_loud_floats_are_tamed),
        cmocka_unit_test(what_is_heard_is_written),
        cmocka_unit_test(a_slow_disk_leaves_silence_not_a_cut),
        cmocka_unit_test(a_full_disk_is_told_and_the_rest_kept),
        cmocka_unit_test(silence_and_nowhere_keep_time),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
