/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail while sessions break, programs are killed and nobody answers: each arrives once, in order.
 */
#include "mail_pair.h"

#include "base/random.h"

#define MESSAGES 1000
#define FILE_BYTES 1000000
#define OUTAGES 5

static int set_up(void **state)
{
    *state = pair_new();
    return 0;
}

static int tear_down(void **state)
{
    pair_free(*state);
    return 0;
}

/* The session breaks OUTAGES times, each side's program is killed once. */
static void a_file_arrives_whole(void **state)
{
    struct pair *pair = *state;
    struct ear_random random = ear_random_seeded(SEED);
    uint8_t *body = pair_body(FILE_BYTES);
    int64_t id = pair_write(pair, 0, EAR_MESSAGE_FILE, body, FILE_BYTES);
    for (int i = 0; i < OUTAGES; i++) {
        pair_up(pair);
        size_t frames = 300 + ear_random_below(&random, 300);
        for (size_t k = 0; k < frames; k++) {
            pair_put(pair, 0);
            if (k > 40) /* so many are on their way */
                pair_take(pair, 0);
            pair_put(pair, 1);
            pair_take(pair, 1);
        }
        assert_at_least(pair_message(pair, 0, id).have, 1);
        if (i == 1 || i == 3)
            pair_restart(pair, i == 1, true);
        else
            pair_down(pair);
    }
    pair_up(pair);
    pair_settle(pair);
    struct ear_message there = pair_newest(pair, 1);
    assert_int_equal(there.state, EAR_MESSAGE_UNSEEN);
    assert_string_equal(there.name, "letter.pdf");
    pair_assert_body(pair, 1, there.id, body, FILE_BYTES);
    assert_int_equal(pair_message(pair, 0, id).state, EAR_MESSAGE_ARRIVED);
    double over = (double)pair->sides[0].bytes / FILE_BYTES;
    print_message("1 MB over %d outages: %.3f of its size sent, frames <= %zu\n", OUTAGES, over,
                  pair->sides[0].longest);
    assert_at_most(over, 1.15);
    free(body);
}

/* The other side takes no mail: it is asked again now and then, about one message. */
static void silence_costs_little(void **state)
{
    struct pair *pair = *state;
    struct ear_mail_view view;
    for (int i = 0; i < 500; i++)
        pair_say(pair, 0, "is anybody there?");
    pair_up(pair);
    for (int64_t s = 0; s < 3600; s++) {
        pair->now_us = s * S;
        while (pair_put(pair, 0))
            ;
        pair->sides[0].count = 0; /* nobody reads */
    }
    print_message("an hour of silence costs %llu frames\n",
                  (unsigned long long)pair->sides[0].frames);
    assert_at_most(pair->sides[0].frames, 40);
    assert_int_equal(ear_mail_view(pair->sides[0].mail, THEM, &view), 0);
    assert_false(view.moving);
    assert_at_least(ear_mail_due_us(pair->sides[0].mail, THEM), pair->now_us);
    /* Theirs is there now; who says so again and again is not told all each time. */
    ear_mail_ready(pair->sides[1].mail, THEM);
    pair_settle(pair);
    uint64_t frames = pair->sides[0].frames;
    for (int i = 0; i < 10; i++) {
        pair_say(pair, 0, "more");
        pair_put(pair, 0);
        ear_mail_ready(pair->sides[1].mail, THEM);
        pair_put(pair, 1);
        pair_take(pair, 1);
    }
    pair_settle(pair);
    assert_int_equal(pair->sides[0].frames - frames, 10);
    assert_int_equal(pair_totals(pair, 1).count_in, 510);
    assert_int_equal(pair_totals(pair, 0).count_waiting, 0);
}

/* An answer to the question that is asked again brings everything on its way once more. */
static void an_answer_after_silence_mends_all(void **state)
{
    struct pair *pair = *state;
    for (int i = 0; i < 20; i++)
        pair_say(pair, 0, "hello");
    pair_up(pair);
    while (pair_put(pair, 0))
        ;
    pair->sides[0].count = 0; /* lost, though the session lives on */
    pair->now_us = ear_mail_due_us(pair->sides[0].mail, THEM);
    assert_in_range(pair->now_us, 60 * S, 200 * S);
    pair_settle(pair);
    assert_int_equal(pair_totals(pair, 1).count_in, 20);
    assert_int_equal(pair_totals(pair, 0).count_waiting, 0);
}

/* MESSAGES from each side, written while sessions break and programs are killed at any frame. */
static void none_is_lost_doubled_or_out_of_order(void **state)
{
    struct pair *pair = *state;
    struct ear_random random = ear_random_seeded(SEED);
    unsigned written[2] = {0}, breaks = 0, crashes = 0;
    for (size_t step = 0; step < 200000; step++) {
        if (!pair->up && ear_random_below(&random, 10) == 0)
            pair_up(pair);
        for (int i = 0; i < 2; i++) {
            if (written[i] < MESSAGES && ear_random_below(&random, 4) == 0) {
                char text[900];
                int len = snprintf(text, sizeof text, "%u ", written[i]++);
                size_t more = ear_random_below(&random, 20) == 0 ? 600 : 20;
                memset(text + len, 'a', more);
                pair_write(pair, i, EAR_MESSAGE_TEXT, text, (size_t)len + more);
            }
            pair_put(pair, i);
            pair_take(pair, i);
        }
        uint32_t chance = ear_random_below(&random, 400);
        if (pair->up && chance == 0) {
            pair_restart(pair, (int)ear_random_below(&random, 2), true);
            crashes++;
        } else if (pair->up && chance < 10) {
            pair_down(pair);
            breaks++;
        }
        if (written[0] == MESSAGES && written[1] == MESSAGES && step % 64 == 0 &&
            pair_totals(pair, 0).count_waiting + pair_totals(pair, 1).count_waiting == 0)
            break;
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pair_totals(pair, i).count_waiting, 0);
        assert_int_equal(pair_totals(pair, 1 - i).count_in, MESSAGES);
        /* As they are shown: the newest first. */
        int64_t before = 0;
        unsigned next = MESSAGES;
        struct ear_message batch[50];
        int n;
        while ((n = ear_messages_list(pair->sides[1 - i].store, THEM, before, batch, 50)) > 0)
            for (int k = 0; k < n; k++) {
                before = batch[k].id;
                char begin[30] = "";
                if (batch[k].direction != EAR_MESSAGE_IN)
                    continue;
                assert_true(ear_messages_read(pair->sides[1 - i].store, batch[k].id, 0, begin,
                                              sizeof begin - 1) > 0);
                assert_int_equal(strtoul(begin, NULL, 10), --next);
            }
        assert_int_equal(next, 0);
        assert_int_equal(pair->sides[i].came, MESSAGES);
    }
    print_message("%d messages each way, %u sessions broken, %u programs killed: all there, in "
                  "order, once\n",
                  MESSAGES, breaks, crashes);
    assert_at_least(breaks, 20);
    assert_at_least(crashes, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_arrives_whole),
        TEST(silence_costs_little),
        TEST(an_answer_after_silence_mends_all),
        TEST(none_is_lost_doubled_or_out_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
