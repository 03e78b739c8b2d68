/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layouts of packet.h, byte by byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "wire/packet.h"

#define ROUNDS 100000
#define SEED 7
#define LONGEST (EAR_AUDIO_HEADER_BYTES + EAR_LINK_REPORT_BYTES + EAR_PAYLOAD_MAX)

static void speech_has_two_bytes_of_header(void **state)
{
    (void)state;
    static const uint8_t opus[] = {0x48, 0xaa, 0xbb};
    static const uint8_t golden[] = {0x12, 0x34, 0x48, 0xaa, 0xbb};
    struct ear_audio audio = {.index = 0x1234, .payload = opus, .payload_len = sizeof opus}, back;
    uint8_t out[LONGEST];
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(ear_audio_parse(golden, sizeof golden, &back), 0);
    assert_false(back.spurt_start || back.has_report || back.silence);
    assert_int_equal(back.index, 0x1234);
    assert_ptr_equal(back.payload, golden + 2);
    assert_int_equal(back.payload_len, 3);
    audio.spurt_start = true;
    audio.index = 0x3fff;
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_int_equal(out[0], 0xbf);
    assert_int_equal(out[1], 0xff);
    assert_int_equal(ear_audio_parse(out, sizeof golden, &back), 0);
    assert_true(back.spurt_start);
}

static bool same_report(const struct ear_link_report *a, const struct ear_link_report *b)
{
    return a->brief == b->brief && a->highest == b->highest && a->age_20ms == b->age_20ms &&
           a->delay_8ms == b->delay_8ms && a->came == b->came && a->playout_32ms == b->playout_32ms;
}

static void report_fills_six_bytes(void **state)
{
    (void)state;
    static const uint8_t opus[] = {0x48, 0xaa};
    /* 11 100000001 00011 1000000101 10000000000111 0 0001001 */
    static const uint8_t golden[] = {0x40, 0x00, 0xe0, 0x23, 0x81, 0x60, 0x07, 0x09, 0x48, 0xaa};
    struct ear_audio audio = {.has_report = true, .payload = opus, .payload_len = sizeof opus};
    audio.report = (struct ear_link_report){
        .highest = 0x101, .age_20ms = 3, .delay_8ms = 0x205, .came = 0x2007, .playout_32ms = 9};
    struct ear_audio back;
    uint8_t out[LONGEST];
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(ear_audio_parse(golden, sizeof golden, &back), 0);
    assert_true(back.has_report);
    assert_true(same_report(&back.report, &audio.report));
    assert_false(back.report.brief || back.spurt_end);
}

static void brief_report_fills_two(void **state)
{
    (void)state;
    static const uint8_t opus[] = {0x48, 0xaa};
    /* 10 100000001 00011 */
    static const uint8_t golden[] = {0x40, 0x00, 0xa0, 0x23, 0x48, 0xaa};
    struct ear_audio audio = {.has_report = true, .payload = opus, .payload_len = sizeof opus};
    audio.report = (struct ear_link_report){
        .brief = true, .highest = 0x3d01, .age_20ms = 3, .came = 7, .playout_32ms = 7};
    struct ear_audio back;
    uint8_t out[LONGEST];
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(ear_audio_parse(out, sizeof golden, &back), 0);
    assert_true(back.has_report && back.report.brief && !back.spurt_end);
    assert_int_equal(back.report.highest, 0x101);
    assert_int_equal(back.report.age_20ms, 3);
    assert_int_equal(back.report.came, 0);
    assert_int_equal(back.report.playout_32ms, 0);
}

static void the_end_of_a_spurt_is_one_byte(void **state)
{
    (void)state;
    static const uint8_t opus[] = {0x48, 0xaa};
    static const uint8_t golden[] = {0xc0, 0x05, 0x3c, 0x48, 0xaa};
    struct ear_audio audio = {.spurt_start = true,
                              .spurt_end = true,
                              .noise_db = -60,
                              .index = 5,
                              .payload = opus,
                              .payload_len = sizeof opus};
    struct ear_audio back;
    uint8_t out[LONGEST];
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(ear_audio_parse(golden, sizeof golden, &back), 0);
    assert_true(back.spurt_start && back.spurt_end && !back.has_report && !back.silence);
    assert_int_equal(back.noise_db, -60);
    assert_int_equal(back.payload_len, 2);
    /* Silence is silent already. */
    assert_int_equal(ear_audio_parse(golden, sizeof golden - 1, &back), -EBADMSG);
}

static void silence_is_one_byte_of_level(void **state)
{
    (void)state;
    static const int8_t levels[] = {0, -1, -60, -127};
    for (size_t i = 0; i < EAR_COUNT(levels); i++) {
        struct ear_audio audio = {.silence = true, .noise_db = levels[i], .index = 5}, back;
        uint8_t out[LONGEST];
        assert_int_equal(ear_audio_build(&audio, out, sizeof out), 3);
        assert_int_equal(out[2], -levels[i]);
        assert_int_equal(ear_audio_parse(out, 3, &back), 0);
        assert_true(back.silence);
        assert_int_equal(back.noise_db, levels[i]);
    }
}

/* What the wire can say. */
static struct ear_link_report random_report(struct ear_random *r)
{
    struct ear_link_report report = {
        .brief = ear_random_below(r, 2),
        .highest = (uint16_t)ear_random_below(r, EAR_LINK_INDEX_MODULO),
        .age_20ms = (uint8_t)ear_random_below(r, EAR_LINK_AGE_UNKNOWN + 1),
    };
    if (report.brief)
        return report;
    report.delay_8ms = (uint16_t)ear_random_below(r, EAR_LINK_DELAY_MODULO);
    report.came = (uint16_t)ear_random_below(r, 1 << EAR_LINK_SLOTS);
    report.playout_32ms = (uint8_t)ear_random_below(r, EAR_LINK_PLAYOUT_MAX + 1);
    return report;
}

static uint8_t copies[EAR_AUDIO_BYTES_MAX];

/* Up to 180 bytes of copies and what is not to be had. */
static size_t random_blocks(struct ear_random *r)
{
    static const uint8_t speech[100] = {0x48, 1, 2, 3};
    struct ear_writer w = ear_writer_on(copies, sizeof copies);
    do {
        const struct ear_block nothing = {.kind = EAR_BLOCK_NOTHING, .index = 7, .units = 9};
        const struct ear_block copy = {.kind = EAR_BLOCK_COPY,
                                       .distance = (uint8_t)(1 + ear_random_below(r, 63)),
                                       .data = speech,
                                       .len = 2 + ear_random_below(r, 90)};
        ear_block_build(&w, ear_random_below(r, 4) ? &copy : &nothing);
    } while (w.at < 80 && ear_random_below(r, 2));
    return w.at;
}

/* By the layout: what stands before the payload. */
static size_t head_bytes(const struct ear_audio *audio)
{
    size_t bytes = EAR_AUDIO_HEADER_BYTES;
    if (audio->has_report)
        bytes += audio->report.brief ? 2 : 6;
    if (audio->spurt_end)
        bytes += 1;
    for (int i = 0; i < audio->wants_count; i++)
        bytes += audio->wants[i].units > 0 ? 4 : 2;
    if (audio->wants_count > 0)
        bytes += 1;
    if (audio->blocks_len > 0)
        bytes += audio->payload_len < 252 ? 1 : 2;
    bool parcel =
        audio->wants_count > 0 || audio->blocks_len > 0 || (audio->has_report && audio->spurt_end);
    return bytes + parcel;
}

static struct ear_audio random_audio(struct ear_random *r, const uint8_t *payload)
{
    struct ear_audio audio = {.spurt_start = ear_random_below(r, 2),
                              .has_report = ear_random_below(r, 2),
                              .silence = ear_random_below(r, 4) == 0,
                              .index = (uint16_t)ear_random_below(r, EAR_INDEX_MODULO)};
    if (audio.has_report)
        audio.report = random_report(r);
    audio.spurt_end = !audio.silence && ear_random_below(r, 2);
    if (audio.spurt_end)
        audio.noise_db = (int8_t)(EAR_SPURT_END_DB_MAX - (int)ear_random_below(r, 112));
    if (ear_random_below(r, 2))
        audio.wants_count = (uint8_t)ear_random_below(r, EAR_WANTS_MAX + 1);
    for (int i = 0; i < audio.wants_count; i++)
        audio.wants[i] =
            (struct ear_want){.index = (uint16_t)ear_random_below(r, EAR_INDEX_MODULO),
                              .units = ear_random_below(r, 2) ? (uint16_t)ear_random_u64(r) : 0,
                              .behind = ear_random_below(r, 2)};
    audio.payload = payload;
    audio.payload_len = 2 + ear_random_below(r, EAR_PAYLOAD_MAX - 1);
    if (audio.silence) {
        audio.bare = ear_random_below(r, 4) == 0;
        audio.noise_db = audio.bare ? 0 : (int8_t) - (int)ear_random_below(r, 128);
        audio.payload_len = 1;
    }
    if (ear_random_below(r, 2)) {
        audio.blocks = copies;
        audio.payload_len = audio.silence ? 1 : 2 + ear_random_below(r, 300);
        audio.blocks_len = random_blocks(r);
    }
    return audio;
}

static bool same_audio(const struct ear_audio *a, const struct ear_audio *b)
{
    return a->spurt_start == b->spurt_start && a->spurt_end == b->spurt_end &&
           a->has_report == b->has_report && a->silence == b->silence && a->bare == b->bare &&
           a->noise_db == b->noise_db && a->index == b->index &&
           same_report(&a->report, &b->report) && a->payload_len == b->payload_len &&
           (a->silence || memcmp(a->payload, b->payload, a->payload_len) == 0) &&
           a->wants_count == b->wants_count && memcmp(a->wants, b->wants, sizeof a->wants) == 0 &&
           a->blocks_len == b->blocks_len &&
           (a->blocks_len == 0 || memcmp(a->blocks, b->blocks, a->blocks_len) == 0);
}

static void all_that_is_built_parses_back(void **state)
{
    (void)state;
    struct ear_random r = ear_random_seeded(SEED);
    uint8_t payload[EAR_PAYLOAD_MAX], out[EAR_AUDIO_BYTES_MAX];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)ear_random_u64(&r);
    for (int i = 0; i < ROUNDS; i++) {
        struct ear_audio audio = random_audio(&r, payload), back;
        size_t expected = head_bytes(&audio) + audio.payload_len + audio.blocks_len;
        assert_int_equal(ear_audio_needs(&audio), head_bytes(&audio));
        int len = ear_audio_build(&audio, out, sizeof out);
        if (len != (int)expected || ear_audio_parse(out, (size_t)len, &back) != 0 ||
            !same_audio(&audio, &back))
            fail_msg("round %d of seed %d: %d bytes for %zu", i, SEED, len, expected);
        assert_int_equal(ear_audio_build(&audio, out, expected - 1), -ENOBUFS);
    }
}

static void what_is_too_short_or_long_is_refused(void **state)
{
    (void)state;
    uint8_t data[LONGEST + 1] = {0};
    struct ear_audio audio = {.index = 77}, untouched = audio;
    assert_int_equal(ear_audio_parse(NULL, 0, &audio), -EBADMSG);
    for (size_t len = 0; len <= 2; len++)
        assert_int_equal(ear_audio_parse(data, len, &audio), -EBADMSG);
    assert_int_equal(ear_audio_parse(data, 3 + EAR_PAYLOAD_MAX, &audio), -EBADMSG);
    data[0] = 0x40;
    data[2] = 0xc0; /* a full report */
    for (size_t len = 0; len <= 8; len++)
        assert_int_equal(ear_audio_parse(data, len, &audio), -EBADMSG);
    assert_int_equal(ear_audio_parse(data, LONGEST + 1, &audio), -EBADMSG);
    data[0] = 0;
    for (int level = 129; level < 256; level++) { /* no level of noise; 128 is a bare carrier */
        data[2] = (uint8_t)level;
        assert_int_equal(ear_audio_parse(data, 3, &audio), -EBADMSG);
    }
    assert_memory_equal(&audio, &untouched, sizeof audio);
    data[0] = 0x40;
    data[2] = 0x80; /* a brief one */
    for (size_t len = 0; len <= 4; len++)
        assert_int_equal(ear_audio_parse(data, len, &audio), -EBADMSG);
    data[2] = 0; /* the end of a spurt */
    for (size_t len = 0; len <= 4; len++)
        assert_int_equal(ear_audio_parse(data, len, &audio), -EBADMSG);
    assert_memory_equal(&audio, &untouched, sizeof audio);
    data[2] = 0xc0;
    assert_int_equal(ear_audio_parse(data, LONGEST, &audio), 0);
    assert_int_equal(audio.payload_len, EAR_PAYLOAD_MAX);
}

static void indexes_expand_around_every_wrap(void **state)
{
    (void)state;
    const int64_t half = EAR_INDEX_MODULO / 2;
    for (int64_t wrap = 0; wrap <= 5; wrap++) {
        for (int64_t at = -3; at <= 3; at++) {
            int64_t near = wrap * EAR_INDEX_MODULO + at;
            for (int64_t off = -half; off < half; off++) {
                uint16_t wire = (uint16_t)((near + off) & (EAR_INDEX_MODULO - 1));
                if (ear_index_expand(wire, near) != near + off)
                    fail_msg("%d near %lld", wire, (long long)near);
            }
        }
    }
    assert_int_equal(ear_index_expand(0, EAR_INDEX_MODULO - 1), EAR_INDEX_MODULO);
    assert_int_equal(ear_index_expand(EAR_INDEX_MODULO - 1, EAR_INDEX_MODULO),
                     EAR_INDEX_MODULO - 1);
    int64_t far = (int64_t)1 << 40;
    assert_true(ear_index_expand(5, far) == far + 5);
}

/* All that a parcel can hold, byte by byte. */
static void parcel_holds_all(void **state)
{
    (void)state;
    static const uint8_t opus[] = {0x48, 0xaa, 0xbb};
    static const uint8_t blocks[] = {0x43, 0x02, 0x48, 0xcc, 0x00};
    static const uint8_t golden[] = {
        0xc1, 0x02, 0x0f,                   /* a spurt starts at 0x102; all four follow */
        0xa0, 0x23,                         /* report in brief */
        0x3c,                               /* the end, -60 dBFS */
        0x02, 0x52, 0x34, 0xbf, 0xff, 1, 2, /* one packet, no hurry; 258 units from 0x3fff on */
        0x03, 0x48, 0xaa, 0xbb,             /* the payload */
        0x43, 0x02, 0x48, 0xcc, 0x00,       /* a copy, a byte of padding */
    };
    struct ear_audio audio = {
        .spurt_start = true,
        .spurt_end = true,
        .has_report = true,
        .noise_db = -60,
        .wants_count = 2,
        .index = 0x102,
        .report = {.brief = true, .highest = 0x101, .age_20ms = 3},
        .wants = {{.index = 0x1234, .behind = true}, {.index = 0x3fff, .units = 258}},
        .payload = opus,
        .payload_len = sizeof opus,
        .blocks = blocks,
        .blocks_len = sizeof blocks};
    struct ear_audio back;
    uint8_t out[LONGEST];
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(ear_audio_parse(golden, sizeof golden, &back), 0);
    assert_true(same_audio(&audio, &back));
    assert_ptr_equal(back.blocks, golden + sizeof golden - sizeof blocks);
    /* Without its last block it is cut short, and so are all shorter ones. */
    for (size_t len = 0; len < sizeof golden - 1; len++)
        assert_int_equal(ear_audio_parse(golden, len, &back), -EBADMSG);
    assert_int_equal(ear_audio_parse(golden, sizeof golden - 1, &back), 0);
}

/* A silence packet asks, and carries what the listener asked for. */
static void silence_asks_and_mends(void **state)
{
    (void)state;
    static const uint8_t blocks[] = {0xc1, 0x02, 0x02, 0x48, 0xcc};
    static const uint8_t golden[] = {0x40, 0x05, 0x03, 0x01, 0x12, 0x34, 0x01,
                                     0x46, 0xc1, 0x02, 0x02, 0x48, 0xcc};
    struct ear_audio audio = {.silence = true,
                              .noise_db = -70,
                              .index = 5,
                              .wants_count = 1,
                              .wants = {{.index = 0x1234}},
                              .blocks = blocks,
                              .blocks_len = sizeof blocks};
    struct ear_audio back;
    uint8_t out[LONGEST];
    assert_int_equal(ear_audio_build(&audio, out, sizeof out), sizeof golden);
    assert_memory_equal(out, golden, sizeof golden);
    assert_int_equal(ear_audio_parse(golden, sizeof golden, &back), 0);
    assert_true(back.silence && back.wants_count == 1 && back.blocks_len == sizeof blocks);
    assert_int_equal(back.noise_db, -70);
}

static void nonsense_in_a_parcel_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t len, data[12];
    } bad[] = {
        {"nothing in it", 5, {0x40, 0, 0x00, 0x48, 1}},
        {"a report alone", 7, {0x40, 0, 0x08, 0x80, 1, 0x48, 1}},
        {"an end alone", 6, {0x40, 0, 0x04, 0x3c, 0x48, 1}},
        {"no report", 8, {0x40, 0, 0x0c, 0x3c, 0x3c, 0x3c, 0x48, 1}},
        {"a loud end", 8, {0x40, 0, 0x0c, 0x80, 1, 0x0f, 0x48, 1}},
        {"an end beyond 127", 8, {0x40, 0, 0x0c, 0x80, 1, 0x80, 0x48, 1}},
        {"no wants", 6, {0x40, 0, 0x02, 0, 0x48, 1}},
        {"nine wants", 6, {0x40, 0, 0x02, 9, 0x48, 1}},
        {"a range of none, no hurry", 10, {0x40, 0, 0x02, 1, 0xc0, 0, 0, 0, 0x48, 1}},
        {"a range of none", 10, {0x40, 0, 0x02, 1, 0x80, 0, 0, 0, 0x48, 1}},
        {"no blocks", 6, {0x40, 0, 0x01, 2, 0x48, 1}},
        {"no payload", 5, {0x40, 0, 0x01, 0, 0}},
        {"a payload too long", 6, {0x40, 0, 0x01, 3, 0x48, 1}},
        {"noise beyond 127", 6, {0x40, 0, 0x01, 1, 129, 0}},
        {"silence that ends", 8, {0x40, 0, 0x06, 60, 1, 0, 5, 60}},
        {"padding of ones", 8, {0x40, 0, 0x01, 2, 0x48, 1, 0, 1}},
        {"a copy of itself", 10, {0x40, 0, 0x01, 2, 0x48, 1, 0x40, 2, 0x48, 1}},
    };
    struct ear_audio audio = {.index = 77}, untouched = audio;
    for (size_t i = 0; i < EAR_COUNT(bad); i++)
        if (ear_audio_parse(bad[i].data, bad[i].len, &audio) != -EBADMSG)
            fail_msg("%s was taken", bad[i].what);
    assert_memory_equal(&audio, &untouched, sizeof audio);
    uint8_t longest[EAR_AUDIO_BYTES_MAX + 1] = {0x40, 0, 0x01, 2, 0x48, 1};
    assert_int_equal(ear_audio_parse(longest, EAR_AUDIO_BYTES_MAX, &audio), 0);
    assert_int_equal(ear_audio_parse(longest, EAR_AUDIO_BYTES_MAX + 1, &audio), -EBADMSG);
}

static void a_loud_end_is_said_softer(void **state)
{
    (void)state;
    static const uint8_t opus[] = {0x48, 0xaa};
    struct ear_audio audio = {.spurt_end = true, .payload = opus, .payload_len = 2}, back;
    uint8_t out[LONGEST];
    for (int db = 0; db >= -127; db--) {
        audio.noise_db = (int8_t)db;
        int len = ear_audio_build(&audio, out, sizeof out);
        assert_int_equal(ear_audio_parse(out, (size_t)len, &back), 0);
        assert_true(back.spurt_end);
        assert_int_equal(back.noise_db, db < EAR_SPURT_END_DB_MAX ? db : EAR_SPURT_END_DB_MAX);
    }
}

/* One size for all: as Opus where the payload is, otherwise with a block. */
static void datagrams_are_padded_to_one_size(void **state)
{
    (void)state;
    struct ear_random r = ear_random_seeded(SEED);
    uint8_t payload[EAR_PAYLOAD_MAX] = {0x48, 1, 2, 3}, out[EAR_AUDIO_BYTES_MAX];
    int shorter = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct ear_audio audio = random_audio(&r, payload), back;
        size_t bare = ear_audio_needs(&audio) + audio.payload_len + audio.blocks_len;
        audio.is_opus = ear_random_below(&r, 2);
        audio.size = bare + ear_random_below(&r, (uint32_t)(EAR_AUDIO_BYTES_MAX - bare) + 1);
        int len = ear_audio_build(&audio, out, sizeof out);
        if (ear_audio_parse(out, (size_t)len, &back) != 0)
            fail_msg("round %d of seed %d: %d bytes do not parse", i, SEED, len);
        bool by_block = (audio.silence || !audio.is_opus || audio.blocks_len > 0);
        size_t off = audio.size - (size_t)len;
        shorter += off > 0;
        if ((off > 0 && (!by_block || audio.blocks_len > 0)) || off > 3)
            if (audio.size - ear_audio_needs(&audio) <= EAR_PAYLOAD_MAX)
                fail_msg("round %d of seed %d: %d bytes for %zu", i, SEED, len, audio.size);
        if (by_block && (back.payload_len != audio.payload_len ||
                         (!back.silence && memcmp(back.payload, payload, back.payload_len) != 0)))
            fail_msg("round %d of seed %d: payload changed", i, SEED);
        assert_int_equal(ear_audio_build(&audio, out, (size_t)len - 1), -ENOBUFS);
    }
    assert_in_range(shorter, 1, ROUNDS / 50);
}

static void numbers_of_the_past_are_found(void **state)
{
    (void)state;
    const int64_t newest[] = {0,
                              5,
                              EAR_INDEX_MODULO - 1,
                              EAR_INDEX_MODULO,
                              5 * EAR_INDEX_MODULO,
                              ((int64_t)1 << 40) + 77};
    for (size_t n = 0; n < EAR_COUNT(newest); n++)
        for (int64_t ago = 0; ago < EAR_INDEX_MODULO; ago++) {
            int64_t index = newest[n] - ago;
            uint16_t wire = (uint16_t)(index & (EAR_INDEX_MODULO - 1));
            if (ear_index_before(wire, newest[n]) != index)
                fail_msg("%d before %lld", wire, (long long)newest[n]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_has_two_bytes_of_header),
        cmocka_unit_test(report_fills_six_bytes),
        cmocka_unit_test(brief_report_fills_two),
        cmocka_unit_test(the_end_of_a_spurt_is_one_byte),
        cmocka_unit_test(silence_is_one_byte_of_level),
        cmocka_unit_test(all_that_is_built_parses_back),
        cmocka_unit_test(what_is_too_short_or_long_is_refused),
        cmocka_unit_test(indexes_expand_around_every_wrap),
        cmocka_unit_test(parcel_holds_all),
        cmocka_unit_test(silence_asks_and_mends),
        cmocka_unit_test(nonsense_in_a_parcel_is_refused),
        cmocka_unit_test(a_loud_end_is_said_softer),
        cmocka_unit_test(datagrams_are_padded_to_one_size),
        cmocka_unit_test(numbers_of_the_past_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
