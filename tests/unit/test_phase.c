/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every pair of phase and happening against a list of its own. */
#include "fake/test.h"

#include "call/phase.h"

/* The story of a call, told as sentences: from a phase, by a happening, to a phase. Whatever is
 * not told here must be refused. */
static const struct {
    enum ear_phase from;
    enum ear_happening by;
    enum ear_phase to;
} story[] = {
    /* Nobody talks: we may call, or be called. */
    {EAR_PHASE_IDLE, EAR_HAPPENING_DIAL, EAR_PHASE_CALLING},
    {EAR_PHASE_IDLE, EAR_HAPPENING_RING_HERE, EAR_PHASE_INCOMING},
    /* We look for them: it rings there, or they are quicker, or it comes to nothing. */
    {EAR_PHASE_CALLING, EAR_HAPPENING_RING_THERE, EAR_PHASE_RINGING},
    {EAR_PHASE_CALLING, EAR_HAPPENING_ANSWER_THERE, EAR_PHASE_TALKING},
    {EAR_PHASE_CALLING, EAR_HAPPENING_HANG_UP, EAR_PHASE_ENDING},
    {EAR_PHASE_CALLING, EAR_HAPPENING_OTHER_LEAVES, EAR_PHASE_ENDED},
    /* It rings there; being told so again changes nothing. */
    {EAR_PHASE_RINGING, EAR_HAPPENING_RING_THERE, EAR_PHASE_RINGING},
    {EAR_PHASE_RINGING, EAR_HAPPENING_ANSWER_THERE, EAR_PHASE_TALKING},
    {EAR_PHASE_RINGING, EAR_HAPPENING_HANG_UP, EAR_PHASE_ENDING},
    {EAR_PHASE_RINGING, EAR_HAPPENING_OTHER_LEAVES, EAR_PHASE_ENDED},
    /* It rings here. */
    {EAR_PHASE_INCOMING, EAR_HAPPENING_ANSWER_HERE, EAR_PHASE_TALKING},
    {EAR_PHASE_INCOMING, EAR_HAPPENING_HANG_UP, EAR_PHASE_ENDING},
    {EAR_PHASE_INCOMING, EAR_HAPPENING_OTHER_LEAVES, EAR_PHASE_ENDED},
    /* We talk; a second answer changes nothing. */
    {EAR_PHASE_TALKING, EAR_HAPPENING_ANSWER_THERE, EAR_PHASE_TALKING},
    {EAR_PHASE_TALKING, EAR_HAPPENING_LINE_LOST, EAR_PHASE_LOST},
    {EAR_PHASE_TALKING, EAR_HAPPENING_HANG_UP, EAR_PHASE_ENDING},
    {EAR_PHASE_TALKING, EAR_HAPPENING_OTHER_LEAVES, EAR_PHASE_ENDED},
    /* The line is dead. */
    {EAR_PHASE_LOST, EAR_HAPPENING_LINE_BACK, EAR_PHASE_TALKING},
    {EAR_PHASE_LOST, EAR_HAPPENING_HANG_UP, EAR_PHASE_ENDING},
    {EAR_PHASE_LOST, EAR_HAPPENING_OTHER_LEAVES, EAR_PHASE_ENDED},
    /* Our goodbye is on its way: it arrives, or they were quicker. */
    {EAR_PHASE_ENDING, EAR_HAPPENING_GOODBYE_DONE, EAR_PHASE_ENDED},
    {EAR_PHASE_ENDING, EAR_HAPPENING_OTHER_LEAVES, EAR_PHASE_ENDED},
    /* And is put away. */
    {EAR_PHASE_ENDED, EAR_HAPPENING_FORGET, EAR_PHASE_IDLE},
};

static int told(enum ear_phase from, enum ear_happening by)
{
    for (size_t i = 0; i < EAR_COUNT(story); i++)
        if (story[i].from == from && story[i].by == by)
            return (int)story[i].to;
    return -1;
}

static void every_pair_goes_as_told(void **state)
{
    (void)state;
    for (int from = 0; from < EAR_PHASES; from++) {
        for (int by = 0; by < EAR_HAPPENINGS; by++) {
            enum ear_phase phase = (enum ear_phase)from;
            bool went = ear_phase_go(&phase, (enum ear_happening)by);
            int to = told((enum ear_phase)from, (enum ear_happening)by);
            if (went != (to >= 0) || (int)phase != (to >= 0 ? to : from))
                fail_msg("%s by happening %d leads to %s", ear_phase_name((enum ear_phase)from), by,
                         ear_phase_name(phase));
        }
    }
}

/* Whatever happens, there is a way back to idle without the help of the other side or the link. */
static void no_phase_is_a_trap(void **state)
{
    (void)state;
    for (int from = 0; from < EAR_PHASES; from++) {
        enum ear_phase phase = (enum ear_phase)from;
        for (int i = 0; i < 3 && phase != EAR_PHASE_IDLE; i++)
            if (!ear_phase_go(&phase, EAR_HAPPENING_HANG_UP) &&
                !ear_phase_go(&phase, EAR_HAPPENING_GOODBYE_DONE) &&
                !ear_phase_go(&phase, EAR_HAPPENING_FORGET))
                break;
        assert_int_equal(phase, EAR_PHASE_IDLE);
    }
}

static void questions_are_answered(void **state)
{
    (void)state;
    for (int i = 0; i < EAR_PHASES; i++) {
        enum ear_phase phase = (enum ear_phase)i;
        assert_int_equal(ear_phase_is_call(phase),
                         phase != EAR_PHASE_IDLE && phase != EAR_PHASE_ENDED);
        assert_int_equal(ear_phase_is_talk(phase),
                         phase == EAR_PHASE_TALKING || phase == EAR_PHASE_LOST);
    }
}

static void every_phase_and_ending_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < EAR_PHASES; i++) {
        assert_non_null(ear_phase_name((enum ear_phase)i));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(ear_phase_name((enum ear_phase)i),
                                    ear_phase_name((enum ear_phase)k));
    }
    for (int i = 0; i < EAR_ENDINGS; i++) {
        const char *sentence = ear_ending_sentence((enum ear_ending)i);
        assert_true(strlen(sentence) > 10 && sentence[strlen(sentence) - 1] == '.');
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(ear_ending_name((enum ear_ending)i),
                                    ear_ending_name((enum ear_ending)k));
            assert_string_not_equal(sentence, ear_ending_sentence((enum ear_ending)k));
        }
    }
}

static void some_endings_are_normal(void **state)
{
    (void)state;
    const enum ear_ending normal[] = {EAR_ENDING_HUNG_UP, EAR_ENDING_OTHER_HUNG_UP,
                                      EAR_ENDING_DECLINED_HERE, EAR_ENDING_REPLACED};
    size_t found = 0;
    for (int i = 0; i < EAR_ENDINGS; i++)
        found += ear_ending_is_normal((enum ear_ending)i);
    assert_int_equal(found, EAR_COUNT(normal));
    for (size_t i = 0; i < EAR_COUNT(normal); i++)
        assert_true(ear_ending_is_normal(normal[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_goes_as_told),
        cmocka_unit_test(no_phase_is_a_trap),
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(every_phase_and_ending_has_words),
        cmocka_unit_test(some_endings_are_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
