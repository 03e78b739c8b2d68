/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layouts of mail_frame.h, byte by byte, and what no frame may be. */
#include <errno.h>

#include "fake/test.h"

#include "base/random.h"
#include "wire/mail_frame.h"

#define ROUNDS 200000

#define MARK 1, 2, 3, 4, 5, 6, 7, 8
#define SERIAL 1, 0x65, 0x43, 0x21, 0x00
#define WRITTEN 0, 0x66, 0x67, 0x68, 0x69

static struct ear_mail_frame round_trip(const uint8_t *golden, size_t len)
{
    struct ear_mail_frame frame;
    uint8_t out[EAR_MAIL_FRAME_MAX];
    assert_int_equal(ear_mail_frame_parse(golden, len, &frame), 0);
    assert_int_equal(ear_mail_frame_build(&frame, out, sizeof out), len);
    assert_memory_equal(out, golden, len);
    assert_int_equal(ear_mail_frame_build(&frame, out, len - 1), 0);
    return frame;
}

static void messages_are_as_described(void **state)
{
    (void)state;
    static const uint8_t text[] = {2, MARK, SERIAL, 1, WRITTEN, 'y', 'e', 's'};
    static const uint8_t voice[] = {2, MARK, SERIAL, 2, WRITTEN, 0, 0, 0xea, 0x60, 0xff};
    static const uint8_t file[] = {3,  MARK, SERIAL, 3,  WRITTEN, 3,  'a', '.', 'b', 0,  0,  1,
                                   0,  1,    2,      3,  4,       5,  6,   7,   8,   9,  10, 11,
                                   12, 13,   14,     15, 16,      17, 18,  19,  20,  21, 22, 23,
                                   24, 25,   26,     27, 28,      29, 30,  31,  32};
    struct ear_mail_frame f = round_trip(text, sizeof text);
    assert_int_equal(f.label.serial, 0x165432100);
    assert_int_equal(f.label.what, EAR_MAIL_TEXT);
    assert_int_equal(f.label.written_s, 0x66676869);
    assert_int_equal(f.label.mark[7], 8);
    assert_int_equal(f.body_len, 3);
    assert_ptr_equal(f.body, text + 20);
    f = round_trip(voice, sizeof voice);
    assert_int_equal(f.label.duration_ms, 60000);
    f = round_trip(file, sizeof file);
    assert_string_equal(f.label.name, "a.b");
    assert_int_equal(f.size, 256);
    assert_int_equal(f.hash[31], 32);
}

static void answers_are_as_described(void **state)
{
    (void)state;
    static const uint8_t ready[] = {1};
    static const uint8_t piece[] = {4, SERIAL, 0, 0, 1, 0, 0xaa, 0xbb};
    static const uint8_t hold[] = {5, SERIAL, 0, 0, 1, 0, SERIAL, 0, 0, 2, 0};
    static const uint8_t told[] = {6, 1, MARK, 7, MARK};
    static const uint8_t noted[] = {7, MARK, MARK};
    static const uint8_t drop[] = {8, MARK};
    round_trip(ready, sizeof ready);
    struct ear_mail_frame f = round_trip(piece, sizeof piece);
    assert_int_equal(f.piece.offset, 256);
    assert_int_equal(f.body_len, 2);
    f = round_trip(hold, sizeof hold);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.holds[1].offset, 512);
    f = round_trip(told, sizeof told);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.tolds[1].fate, EAR_MAIL_LATER);
    f = round_trip(noted, sizeof noted);
    assert_int_equal(f.count, 2);
    f = round_trip(drop, sizeof drop);
    assert_int_equal(f.marks[0][0], 1);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint8_t bytes[64];
    } bad[] = {
        {1, {0}},                                         /* no kind */
        {2, {1, 0}},                                      /* longer than it is */
        {20, {2, MARK, SERIAL, 1, WRITTEN}},              /* no body */
        {21, {2, MARK, SERIAL, 0, WRITTEN, 'a'}},         /* no such message */
        {21, {2, MARK, SERIAL, 5, WRITTEN, 'a'}},         /* nor this */
        {23, {2, MARK, SERIAL, 2, WRITTEN, 0, 0, 0}},     /* cut off */
        {22, {2, MARK, SERIAL, 3, WRITTEN, 0, 'x'}},      /* no name */
        {23, {2, MARK, SERIAL, 3, WRITTEN, 9, 'x', 'x'}}, /* a name beyond the end */
        {23, {2, MARK, SERIAL, 3, WRITTEN, 1, '/', 'x'}}, /* a folder */
        {23, {2, MARK, SERIAL, 3, WRITTEN, 1, '.', 'x'}}, /* hidden */
        {24, {2, MARK, SERIAL, 3, WRITTEN, 2, 'a', '\n', 'x'}},
        {23, {2, MARK, SERIAL, 3, WRITTEN, 1, 0xff, 'x'}}, /* no UTF-8 */
        {56, {3, MARK, SERIAL, 1, WRITTEN, 0, 0, 0, 0}},   /* of no size */
        {56, {3, MARK, SERIAL, 4, WRITTEN, 0, 0, 0, 1}},   /* urgent in pieces */
        {10, {4, SERIAL, 0, 0, 0, 0}},                     /* an empty piece */
        {1, {5}},                                          /* an empty list */
        {6, {5, SERIAL}},                                  /* half an entry */
        {10, {6, 0, MARK}},                                /* no such fate */
        {10, {6, 8, MARK}},                                /* nor this */
        {8, {8, 1, 2, 3, 4, 5, 6, 7}},                     /* half a mark */
        {10, {8, MARK, 9}},                                /* and more than one */
    };
    for (size_t i = 0; i < EAR_COUNT(bad); i++) {
        struct ear_mail_frame untouched = {.count = 77};
        if (ear_mail_frame_parse(bad[i].bytes, bad[i].len, &untouched) != -EBADMSG)
            fail_msg("frame %zu is not refused", i);
        assert_int_equal(untouched.count, 77);
    }
    struct ear_mail_frame f;
    static const uint8_t later[] = {9, 1};
    static const uint8_t nothing[1];
    static const uint8_t longer[EAR_MAIL_FRAME_MAX + 1] = {4};
    assert_int_equal(ear_mail_frame_parse(later, sizeof later, &f), -ENOTSUP);
    assert_int_equal(ear_mail_frame_parse(nothing, 0, &f), -EBADMSG);
    assert_int_equal(ear_mail_frame_parse(longer, sizeof longer, &f), -EBADMSG);
}

static void names_lead_nowhere(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "brief an müller.pdf", "صورة.jpg", "a..b"};
    static const char *const wrong[] = {"",       ".",    "..",   "../a", "/etc/passwd",
                                        "a/b",    "a\\b", "a\nb", "a\tb", "\xe2\x80\xaegpj.exe",
                                        ".bashrc"};
    char longest[EAR_MAIL_NAME_MAX + 1];
    memset(longest, 'a', sizeof longest);
    for (size_t i = 0; i < EAR_COUNT(good); i++)
        assert_true(ear_mail_name_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < EAR_COUNT(wrong); i++)
        assert_false(ear_mail_name_is_valid(wrong[i], strlen(wrong[i])));
    assert_true(ear_mail_name_is_valid(longest, EAR_MAIL_NAME_MAX));
    assert_false(ear_mail_name_is_valid(longest, EAR_MAIL_NAME_MAX + 1));
}

/* A WHOLE is as long as its room says, and no byte longer. */
static void room_is_all_there_is(void **state)
{
    (void)state;
    static const uint8_t body[EAR_MAIL_FRAME_MAX] = {1};
    uint8_t out[EAR_MAIL_FRAME_MAX + 1];
    for (int what = EAR_MAIL_TEXT; what <= EAR_MAIL_URGENT; what++) {
        struct ear_mail_frame f = {.kind = EAR_MAIL_WHOLE,
                                   .label = {.what = (enum ear_mail_what)what, .name = "name"},
                                   .body = body};
        f.body_len = ear_mail_frame_room(&f.label);
        assert_int_equal(ear_mail_frame_build(&f, out, sizeof out), EAR_MAIL_FRAME_MAX);
        f.body_len++;
        assert_int_equal(ear_mail_frame_build(&f, out, sizeof out), 0);
    }
}

/* Random bytes behind each kind: what is taken is rebuilt the same. */
static void parsing_is_total(void **state)
{
    (void)state;
    struct ear_random random = ear_random_seeded(SEED);
    size_t taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t data[EAR_MAIL_FRAME_MAX], out[EAR_MAIL_FRAME_MAX];
        size_t len = 1 + ear_random_below(&random, sizeof data);
        for (size_t k = 0; k < len; k++)
            data[k] = (uint8_t)ear_random_below(&random, i % 2 ? 256 : 10);
        data[0] = (uint8_t)ear_random_below(&random, 10);
        struct ear_mail_frame f;
        if (ear_mail_frame_parse(data, len, &f) != 0)
            continue;
        taken++;
        assert_int_equal(ear_mail_frame_build(&f, out, sizeof out), len);
        assert_memory_equal(out, data, len);
    }
    assert_at_least(taken, ROUNDS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_as_described), cmocka_unit_test(answers_are_as_described),
        cmocka_unit_test(nonsense_is_refused),       cmocka_unit_test(names_lead_nowhere),
        cmocka_unit_test(room_is_all_there_is),      cmocka_unit_test(parsing_is_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
