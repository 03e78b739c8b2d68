/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layouts of block.h, byte by byte, and what they cost. */
#include <errno.h>

#include "fake/test.h"

#include "base/random.h"
#include "wire/packet.h"

#define ROUNDS 100000

static const uint8_t speech[EAR_PAYLOAD_MAX] = {0x48, 0xaa, 0xbb};

/* Builds and compares; gives back what is read of it. */
static struct ear_block round_trip(const struct ear_block *block, const uint8_t *golden, size_t len)
{
    uint8_t out[EAR_AUDIO_BYTES_MAX];
    struct ear_writer w = ear_writer_on(out, sizeof out);
    ear_block_build(&w, block);
    assert_false(w.bad);
    assert_int_equal(w.at, len);
    assert_int_equal(ear_block_bytes(block), len);
    assert_memory_equal(out, golden, len);
    struct ear_reader r = ear_reader_on(golden, len);
    struct ear_block back;
    assert_int_equal(ear_block_next(&r, &back), 1);
    assert_int_equal(back.kind, block->kind);
    assert_int_equal(ear_block_next(&r, &back), 0);
    return back;
}

static void layouts_are_as_described(void **state)
{
    (void)state;
    static const uint8_t copy[] = {0x7f, 0x03, 0x48, 0xaa, 0xbb};
    static const uint8_t sum[] = {0x86, 0x12, 0x05, 0x00, 0x01, 0x48, 0xaa, 0xbb};
    static const uint8_t alone[] = {0x86, 0x00, 0x05, 0x00, 0x03, 0x48, 0xaa, 0xbb};
    static const uint8_t repair[] = {0xd2, 0x34, 0x03, 0x48, 0xaa, 0xbb};
    static const uint8_t silent[] = {0xd2, 0x34, 0x00, 0x01, 0x02};
    static const uint8_t forgotten[] = {0xd2, 0x34, 0x00, 0xff, 0xff};
    static const uint8_t padding[] = {0, 0, 0};
    struct ear_block b = {.kind = EAR_BLOCK_COPY, .distance = 63, .data = speech, .len = 3};
    b = round_trip(&b, copy, sizeof copy);
    assert_int_equal(b.distance, 63);
    assert_ptr_equal(b.data, copy + 2);
    assert_int_equal(b.len, 3);
    b = (struct ear_block){.kind = EAR_BLOCK_XOR,
                           .distance = 6,
                           .second = 18,
                           .lengths = 3 ^ 2,
                           .data = speech,
                           .len = 3};
    b = round_trip(&b, sum, sizeof sum);
    assert_int_equal(b.distance, 6);
    assert_int_equal(b.second, 18);
    assert_int_equal(b.lengths, 1);
    b = (struct ear_block){
        .kind = EAR_BLOCK_XOR, .distance = 6, .lengths = 3, .data = speech, .len = 3};
    b = round_trip(&b, alone, sizeof alone);
    assert_int_equal(b.second, 0);
    b = (struct ear_block){.kind = EAR_BLOCK_REPAIR, .index = 0x1234, .data = speech, .len = 3};
    b = round_trip(&b, repair, sizeof repair);
    assert_int_equal(b.index, 0x1234);
    b = (struct ear_block){.kind = EAR_BLOCK_NOTHING, .index = 0x1234, .units = 0x102};
    b = round_trip(&b, silent, sizeof silent);
    assert_true(!b.forgotten && b.units == 0x102 && b.index == 0x1234);
    b = (struct ear_block){.kind = EAR_BLOCK_NOTHING,
                           .index = 0x1234,
                           .forgotten = true,
                           .units = EAR_BLOCK_UNITS_MAX};
    b = round_trip(&b, forgotten, sizeof forgotten);
    assert_true(b.forgotten && b.units == EAR_BLOCK_UNITS_MAX);
    b = (struct ear_block){.kind = EAR_BLOCK_PADDING, .len = 3};
    b = round_trip(&b, padding, sizeof padding);
    assert_int_equal(b.len, 3);
}

/* Bytes around 60 ms at 8 kbit/s, 60 bytes, and around the longest packet. */
static void blocks_cost_a_few_bytes(void **state)
{
    (void)state;
    static const struct {
        enum ear_block_kind kind;
        size_t cost;
    } costs[] = {{EAR_BLOCK_COPY, 2}, {EAR_BLOCK_XOR, 5}, {EAR_BLOCK_REPAIR, 3}};
    for (size_t i = 0; i < EAR_COUNT(costs); i++) {
        struct ear_block b = {.kind = costs[i].kind, .len = 60};
        assert_int_equal(ear_block_bytes(&b), 60 + costs[i].cost);
        b.len = EAR_PAYLOAD_MAX;
        assert_int_equal(ear_block_bytes(&b), EAR_PAYLOAD_MAX + costs[i].cost + 1);
    }
}

static void every_length_has_one_form(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 1275; len++) {
        uint8_t out[2];
        struct ear_writer w = ear_writer_on(out, sizeof out);
        ear_block_write_length(&w, len);
        assert_int_equal(w.at, len < 252 ? 1 : 2);
        assert_int_equal(w.at, ear_block_length_bytes(len));
        struct ear_reader r = ear_reader_on(out, w.at);
        assert_int_equal(ear_block_read_length(&r), len);
        assert_int_equal(ear_reader_left(&r), 0);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t len, data[10];
    } bad[] = {
        {"a copy of itself", 4, {0x40, 2, 0x48, 1}},
        {"a copy of nothing", 2, {0x41, 0}},
        {"a copy of one byte", 3, {0x41, 1, 0x48}},
        {"a copy cut short", 3, {0x41, 2, 0x48}},
        {"a copy of 481 bytes", 4, {0x41, 253, 57, 1}},
        {"an XOR with itself", 7, {0x80, 3, 4, 0, 0, 1, 2}},
        {"an XOR of one twice", 7, {0x83, 3, 4, 0, 0, 1, 2}},
        {"an XOR the wrong way", 7, {0x83, 2, 4, 0, 0, 1, 2}},
        {"an XOR without bytes", 5, {0x83, 4, 2, 0, 0}},
        {"an XOR of a byte", 6, {0x83, 4, 3, 0, 0, 1}},
        {"an XOR with a longer one", 7, {0x83, 4, 4, 0, 4, 1, 2}},
        {"an XOR with one of a byte", 8, {0x83, 4, 5, 0, 2, 1, 2, 3}},
        {"an XOR of one of another length", 7, {0x83, 0, 4, 0, 3, 1, 2}},
        {"a repair of one byte", 4, {0xc0, 0, 1, 0x48}},
        {"a repair cut short", 4, {0xc0, 0, 2, 0x48}},
        {"nothing, cut short", 4, {0xc0, 0, 0, 0}},
        {"nothing of no units", 5, {0xc0, 0, 0, 0x80, 0}},
        {"padding that is not zero", 3, {0, 0, 1}},
        {"padding that begins otherwise", 2, {1, 0}},
    };
    for (size_t i = 0; i < EAR_COUNT(bad); i++) {
        struct ear_block block = {.index = 77};
        struct ear_reader r = ear_reader_on(bad[i].data, bad[i].len);
        if (ear_block_next(&r, &block) != -EBADMSG || block.index != 77)
            fail_msg("%s was taken", bad[i].what);
        assert_int_equal(ear_block_next(&r, &block), -EBADMSG);
    }
}

/* What parses is built again byte by byte, and never in less room. */
static void all_that_parses_is_built_again(void **state)
{
    (void)state;
    struct ear_random r = ear_random_seeded(SEED);
    int sound = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t data[12], out[12];
        size_t len = 1 + ear_random_below(&r, sizeof data);
        for (size_t n = 0; n < len; n++)
            data[n] = (uint8_t)(ear_random_below(&r, 2) ? ear_random_below(&r, 8)
                                                        : ear_random_below(&r, 256));
        struct ear_reader reader = ear_reader_on(data, len);
        struct ear_block block;
        while (ear_block_next(&reader, &block) == 1) {
            size_t bytes = ear_block_bytes(&block);
            struct ear_writer w = ear_writer_on(out, bytes),
                              cramped = ear_writer_on(out, bytes - 1);
            ear_block_build(&cramped, &block);
            assert_true(cramped.bad && cramped.at == 0);
            ear_block_build(&w, &block);
            if (w.bad || w.at != bytes || memcmp(out, data + reader.at - bytes, bytes) != 0)
                fail_msg("round %d of seed %d", i, SEED);
            sound++;
        }
    }
    assert_true(sound > ROUNDS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_as_described),       cmocka_unit_test(blocks_cost_a_few_bytes),
        cmocka_unit_test(every_length_has_one_form),      cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(all_that_parses_is_built_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
