/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that copies, XORs and repairs can give back is given back: once, and byte for byte. */
#include <math.h>

#include "fake/test.h"

#include "base/random.h"
#include "rx/recover.h"
#include "tx/protect.h"
#include "unit/allocations.h"

#define UNITS 3 /* 60 ms */
#define PACKETS 120000
#define SIZE 300 /* of every datagram of speech */
/* Half a turn of the journal's 14 bits: the call has lasted when a test begins. */
#define BEGIN (EAR_INDEX_MODULO - 200)
#define NEVER INT32_MAX

static struct ear_recover *recover;
static struct ear_protect *protect;
static uint64_t seed;

/* What the talker said and the listener knows, by packet. */
struct packet {
    int64_t index;
    bool speech;
    bool lost; /* the carrier */
    bool exact, had;
    int had_by; /* number of the carrier by which it was there */
};

static struct packet packets[PACKETS];
static int made;

/* XORs that came, as the model sees them: of packets by number, far -1 for none. */
struct pair {
    int near, far;
    bool open;
};

static struct pair pairs[PACKETS];
static int pair_count;

static int open_both(void **state)
{
    (void)state;
    made = pair_count = 0;
    int err = ear_recover_new(&recover);
    return err ? err : ear_protect_new(&protect);
}

static int close_both(void **state)
{
    (void)state;
    ear_recover_free(recover);
    ear_protect_free(protect);
    return 0;
}

/* Length and bytes follow from the index. The first byte is that of one frame. */
static size_t make(int64_t index, bool twin, uint8_t *bytes)
{
    struct ear_random r = ear_random_seeded((uint64_t)index * 2 + twin);
    size_t len = twin ? 20 + ear_random_below(&r, 20) : 45 + ear_random_below(&r, 46);
    for (size_t i = 0; i < len; i += 8) {
        uint64_t more = ear_random_u64(&r);
        memcpy(bytes + i, &more, 8);
    }
    bytes[0] = 0x48;
    return len;
}

static int number_of(int64_t index)
{
    int low = 0, high = made - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (packets[middle].index <= index)
            low = middle;
        else
            high = middle - 1;
    }
    assert_true(packets[low].index == index && packets[low].speech);
    return low;
}

/* The model: everything is solved that can be. */
static void model_solve(int by)
{
    for (bool again = true; again;) {
        again = false;
        for (int i = pair_count > 400 ? pair_count - 400 : 0; i < pair_count; i++) {
            struct pair *pair = &pairs[i];
            bool near = packets[pair->near].exact, far = pair->far < 0 || packets[pair->far].exact;
            if (!pair->open || (!near && !far))
                continue;
            pair->open = false;
            if (near && far)
                continue;
            struct packet *p = &packets[near ? pair->far : pair->near];
            p->exact = again = true;
            if (!p->had)
                p->had_by = by;
            p->had = true;
        }
    }
}

static void model_block(const struct packet *carrier, const struct ear_block *block, int by)
{
    if (block->kind == EAR_BLOCK_XOR) {
        pairs[pair_count++] = (struct pair){
            .near = number_of(carrier->index - block->distance),
            .far = block->second ? number_of(carrier->index - block->second) : -1,
            .open = true,
        };
    } else if (block->kind == EAR_BLOCK_COPY) {
        struct packet *p = &packets[number_of(carrier->index - block->distance)];
        if (!p->had)
            p->had_by = by;
        p->had = true;
    }
}

/* What is given back is what was said, and was not there before. */
static void check(const struct ear_recovered *got, bool *given)
{
    uint8_t bytes[128], twin[128];
    int n = number_of(got->index);
    size_t len = make(got->index, false, bytes), twin_len = make(got->index, true, twin);
    bool same = got->len == len && memcmp(got->data, bytes, len) == 0;
    bool is_twin = got->how == EAR_RECOVERED_COPY && got->len == twin_len &&
                   memcmp(got->data, twin, twin_len) == 0;
    if (given[n] || !(same || is_twin))
        fail_msg("packet %d of seed %llu: %s", n, (unsigned long long)seed,
                 given[n] ? "given twice" : "not what was said");
    given[n] = true;
}

static bool given[PACKETS];

/* One datagram reaches the listener. */
static void arrive(const uint8_t *datagram, size_t len, int number)
{
    struct ear_audio audio;
    struct ear_recovered got;
    struct ear_block block;
    assert_int_equal(ear_audio_parse(datagram, len, &audio), 0);
    int64_t index = ear_index_expand(audio.index, packets[number].index + 77);
    assert_int_equal(index, packets[number].index);
    struct packet *p = &packets[number];
    if (!audio.silence) {
        ear_recover_put(recover, index, audio.payload, audio.payload_len);
        if (!p->had)
            p->had_by = number;
        given[number] = p->had = p->exact = true;
    }
    struct ear_reader r = ear_reader_on(audio.blocks, audio.blocks_len);
    while (ear_block_next(&r, &block) == 1) {
        model_block(p, &block, made - 1);
        if (ear_recover_block(recover, index, &block, &got) == 1)
            check(&got, given);
    }
    while (ear_recover_next(recover, &got))
        check(&got, given);
    model_solve(made - 1);
}

/* Makes one carrier and its datagram. */
static size_t speak(int64_t index, bool speech, uint8_t *out)
{
    uint8_t bytes[128], twin[128], blocks[EAR_AUDIO_BYTES_MAX];
    struct ear_writer w = ear_writer_on(blocks, sizeof blocks);
    ear_protect_plan(protect, index, !speech, 400);
    ear_protect_write(protect, &w);
    assert_false(w.bad);
    struct ear_protect_carrier carrier = {.index = index, .data = bytes, .twin = twin};
    if (speech) {
        carrier.len = make(index, false, bytes);
        carrier.twin_len = make(index, true, twin);
    }
    ear_protect_put(protect, &carrier);
    struct ear_audio audio = {.index = (uint16_t)(index % EAR_INDEX_MODULO),
                              .silence = !speech,
                              .noise_db = -60,
                              .payload = bytes,
                              .payload_len = carrier.len,
                              .blocks = blocks,
                              .blocks_len = w.at,
                              .size = speech ? SIZE : 0,
                              .is_opus = true};
    int len = ear_audio_build(&audio, out, EAR_AUDIO_BYTES_MAX);
    assert_true(len > 0 && (!speech || len >= SIZE));
    packets[made] = (struct packet){.index = index, .speech = speech, .had_by = NEVER};
    given[made++] = false;
    return (size_t)len;
}

static void compare_with_model(void)
{
    for (int i = 0; i < made; i++)
        if (packets[i].speech && packets[i].had != given[i])
            fail_msg("packet %d of seed %llu: %s", i, (unsigned long long)seed,
                     given[i] ? "out of nothing" : "could be given back");
}

struct residual {
    double lost, ever, in_time; /* shares: lost on the way, for good, behind the deadline */
};

/* Continuous speech over random loss. Nothing is later than `deadline` carriers. */
static struct residual talk(const struct ear_protect_pattern *pattern, double loss, int deadline)
{
    struct ear_random r = ear_random_seeded(seed);
    struct residual sum = {0};
    uint8_t datagram[EAR_AUDIO_BYTES_MAX];
    made = pair_count = 0;
    ear_recover_reset(recover);
    ear_protect_reset(protect);
    assert_int_equal(ear_protect_set(protect, pattern), 0);
    for (int i = 0; i < PACKETS; i++) {
        size_t len = speak(BEGIN + (int64_t)i * UNITS, true, datagram);
        packets[i].lost = ear_random_unit(&r) < loss;
        if (!packets[i].lost)
            arrive(datagram, len, i);
    }
    compare_with_model();
    for (int i = 0; i < PACKETS; i++) {
        sum.lost += packets[i].lost;
        sum.ever += !given[i];
        sum.in_time += !given[i] || packets[i].had_by > i + deadline;
    }
    return (struct residual){sum.lost / PACKETS, sum.ever / PACKETS, sum.in_time / PACKETS};
}

/* Two rounds over the whole talk, as the tables were made with: each packet that they have was
 * given back in time. Returns the share that they lack. */
static double two_rounds(int near, int far, int deadline)
{
    static bool have[PACKETS], next[PACKETS];
    double lack = 0;
    for (int i = 0; i < PACKETS; i++)
        have[i] = !packets[i].lost;
    for (int round = 0; round < 2; round++) {
        memcpy(next, have, sizeof next);
        for (int i = far; i < PACKETS; i++) {
            if (packets[i].lost)
                continue;
            if (have[i - far])
                next[i - near] = true;
            if (have[i - near])
                next[i - far] = true;
        }
        memcpy(have, next, sizeof have);
    }
    for (int i = 0; i < PACKETS; i++) {
        lack += !have[i];
        if (have[i] && packets[i].had_by > i + deadline)
            fail_msg("packet %d of seed %llu: given back by %d", i, (unsigned long long)seed,
                     packets[i].had_by);
    }
    return lack / PACKETS;
}

/* The square of the loss at distance 1. */
static void copies_leave_what_is_lost_twice(void **state)
{
    (void)state;
    static const struct ear_protect_pattern pattern = {EAR_PROTECT_COPY, 1, {1}};
    seed = SEED;
    for (double loss = 0.1; loss < 0.35; loss += 0.1, seed++) {
        struct residual left = talk(&pattern, loss, 1);
        double expected = loss * loss, sigma = sqrt(expected / PACKETS);
        printf("residual d1 at %.0f %%: %.2f %%\n", loss * 100, left.in_time * 100);
        assert_true(fabs(left.lost - loss) < 5 * sqrt(loss / PACKETS));
        assert_true(fabs(left.in_time - expected) < 6 * sigma);
        assert_true(left.ever == left.in_time);
    }
}

/* XOR of 1 and 3 packets back: what the tables say (0.14, 1.3, 5.0 %), or less. */
static void xors_leave_what_the_tables_say(void **state)
{
    (void)state;
    static const struct ear_protect_pattern pattern = {EAR_PROTECT_XOR, 2, {1, 3}};
    static const double table[] = {0.0014, 0.013, 0.050};
    seed = SEED;
    for (int i = 0; i < 3; i++, seed++) {
        double loss = 0.1 * (i + 1);
        struct residual left = talk(&pattern, loss, 5);
        double tables = two_rounds(1, 3, 5), sigma = sqrt(2 * table[i] / PACKETS);
        printf("residual x1,3 at %.0f %%: %.2f %% within 5 packets, %.2f %% ever, two rounds "
               "%.2f %%\n",
               loss * 100, left.in_time * 100, left.ever * 100, tables * 100);
        assert_at_most(left.in_time, table[i] + 5 * sigma);
        assert_at_most(fabs(tables - table[i]), 0.05 * table[i] + 5 * sigma);
        assert_at_most(left.ever, left.in_time);
    }
}

static struct ear_protect_pattern random_pattern(struct ear_random *r)
{
    struct ear_protect_pattern pattern = {
        .kind = (enum ear_protect_kind)ear_random_below(r, EAR_PROTECT_XOR + 1)};
    if (pattern.kind != EAR_PROTECT_NONE)
        pattern.count = pattern.kind == EAR_PROTECT_XOR ? 2 : (uint8_t)(1 + ear_random_below(r, 3));
    for (int i = 0, at = 0; i < pattern.count; i++)
        pattern.distance[i] = (uint8_t)(at += 1 + (int)ear_random_below(r, 3));
    return pattern;
}

/* Spurts and pauses, packets of all lengths, patterns that change, twins among copies, datagrams
 * that overtake others and come twice, loss in bursts. */
static void any_talk_gives_back_all_it_can(void **state)
{
    (void)state;
    const int before = allocations;
    for (seed = SEED; seed < SEED + 20; seed++) {
        struct ear_random r = ear_random_seeded(seed);
        uint8_t datagram[EAR_AUDIO_BYTES_MAX], held[EAR_AUDIO_BYTES_MAX];
        size_t held_len = 0;
        int held_number = 0;
        int64_t index = BEGIN;
        double loss = 0.05 + 0.45 * ear_random_unit(&r);
        bool bad = false;
        made = pair_count = 0;
        ear_recover_reset(recover);
        ear_protect_reset(protect);
        for (int i = 0; i < PACKETS / 20; i++) {
            if (i % 40 == 0) {
                struct ear_protect_pattern pattern = random_pattern(&r);
                assert_int_equal(ear_protect_set(protect, &pattern), 0);
            }
            size_t len = speak(index, ear_random_below(&r, 12) > 0, datagram);
            index += 1 + ear_random_below(&r, ear_random_below(&r, 20) ? 6 : 60);
            bad = ear_random_below(&r, 3) ? bad : ear_random_unit(&r) < loss;
            packets[i].lost = bad;
            if (bad)
                continue;
            if (held_len == 0 && ear_random_below(&r, 8) == 0) {
                memcpy(held, datagram, len);
                held_len = len;
                held_number = i;
                continue;
            }
            arrive(datagram, len, i);
            if (held_len > 0 && ear_random_below(&r, 2)) {
                arrive(held, held_len, held_number);
                held_len = ear_random_below(&r, 3) ? 0 : held_len; /* or once more */
            }
        }
        compare_with_model();
    }
    assert_int_equal(allocations, before);
}

static struct ear_block repair_of(int64_t index, uint8_t *bytes)
{
    return (struct ear_block){.kind = EAR_BLOCK_REPAIR,
                              .index = (uint16_t)(index % EAR_INDEX_MODULO),
                              .data = bytes,
                              .len = make(index, false, bytes)};
}

/* Each number of 180 s and more is repaired once, whatever the XORs' window; nothing that came. */
static void repairs_pass_through_once(void **state)
{
    (void)state;
    uint8_t bytes[128];
    const int64_t now = 5 * EAR_INDEX_MODULO + 100;
    struct ear_recovered got;
    make(now, false, bytes);
    ear_recover_put(recover, now, bytes, 50);
    for (int round = 0; round < 2; round++)
        for (int64_t ago = 1; ago < EAR_INDEX_MODULO; ago += 3) {
            struct ear_block block = repair_of(now - ago, bytes);
            assert_int_equal(ear_recover_block(recover, now, &block, &got), round == 0);
            if (round > 0)
                continue;
            assert_int_equal(got.index, now - ago);
            assert_int_equal(got.how, EAR_RECOVERED_REPAIR);
            assert_int_equal(got.len, block.len);
            assert_memory_equal(got.data, bytes, got.len);
        }
    struct ear_block itself = repair_of(now, bytes);
    assert_int_equal(ear_recover_block(recover, now, &itself, &got), 0);
    assert_false(ear_recover_next(recover, &got));
    /* Before the call began there was nothing. */
    ear_recover_reset(recover);
    struct ear_block early = repair_of(50, bytes);
    assert_int_equal(ear_recover_block(recover, 20, &early, &got), 0);
    assert_int_equal(ear_recover_block(recover, 60, &early, &got), 1);
}

/* A repair opens what XORs held back. */
static void repairs_solve_xors(void **state)
{
    (void)state;
    uint8_t near[128] = {0}, far[128] = {0}, sum[128];
    size_t near_len = make(100, false, near), far_len = make(103, false, far);
    struct ear_recovered got;
    memset(near + near_len, 0, sizeof near - near_len);
    memset(far + far_len, 0, sizeof far - far_len);
    for (size_t i = 0; i < sizeof sum; i++)
        sum[i] = near[i] ^ far[i];
    struct ear_block block = {.kind = EAR_BLOCK_XOR,
                              .distance = 3,
                              .second = 6,
                              .lengths = (uint16_t)(near_len ^ far_len),
                              .data = sum,
                              .len = near_len > far_len ? near_len : far_len};
    assert_int_equal(ear_recover_block(recover, 106, &block, &got), 0);
    assert_false(ear_recover_next(recover, &got));
    struct ear_block repair = repair_of(103, far);
    assert_int_equal(ear_recover_block(recover, 109, &repair, &got), 1);
    assert_true(ear_recover_next(recover, &got));
    assert_int_equal(got.index, 100);
    assert_int_equal(got.how, EAR_RECOVERED_XOR);
    assert_int_equal(got.len, near_len);
    assert_memory_equal(got.data, near, near_len);
    assert_false(ear_recover_next(recover, &got));
}

/* Sums of what was never said give back no packet that cannot be, and harm no other. */
static void nonsense_harms_nobody(void **state)
{
    (void)state;
    struct ear_random r = ear_random_seeded(SEED);
    int64_t index = 0;
    seed = SEED;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[EAR_PAYLOAD_MAX];
        struct ear_recovered got;
        memset(bytes, ear_random_below(&r, 2) ? 0 : (int)ear_random_below(&r, 256), sizeof bytes);
        struct ear_block block = {
            .kind = (enum ear_block_kind)ear_random_below(&r, EAR_BLOCK_NOTHING + 1),
            .distance = (uint8_t)(1 + ear_random_below(&r, EAR_BLOCK_DISTANCE_MAX)),
            .index = (uint16_t)ear_random_below(&r, EAR_INDEX_MODULO),
            .data = bytes,
            .len = 2 + ear_random_below(&r, EAR_PAYLOAD_MAX - 1)};
        block.second = (uint8_t)(block.distance + ear_random_below(&r, 192));
        block.lengths = (uint16_t)ear_random_below(&r, 512);
        index += ear_random_below(&r, 1000) ? (int)ear_random_below(&r, 5)
                                            : (int)ear_random_below(&r, 3 * EAR_INDEX_MODULO);
        if (ear_random_below(&r, 3) == 0)
            ear_recover_put(recover, index, bytes, block.len);
        int gave = ear_recover_block(recover, index, &block, &got);
        for (; gave || ear_recover_next(recover, &got); gave = 0)
            if (got.index < 0 || got.index > index || got.len < 2 || got.len > EAR_PAYLOAD_MAX)
                fail_msg("round %d of seed %d: %zu bytes", i, SEED, got.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copies_leave_what_is_lost_twice, open_both, close_both),
        cmocka_unit_test_setup_teardown(xors_leave_what_the_tables_say, open_both, close_both),
        cmocka_unit_test_setup_teardown(any_talk_gives_back_all_it_can, open_both, close_both),
        cmocka_unit_test_setup_teardown(repairs_pass_through_once, open_both, close_both),
        cmocka_unit_test_setup_teardown(repairs_solve_xors, open_both, close_both),
        cmocka_unit_test_setup_teardown(nonsense_harms_nobody, open_both, close_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
