/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network that refuses a datagram now and then, or for seconds: what was refused does not count
 * as sent, and what was said in it is heard nevertheless. */
#include <errno.h>
#include <inttypes.h>

#include "scene.h"

/* Of twenty packets one is refused, and rides on the next: before any repair waits for the second
 * in a row, which is refused as well, playout has passed. 3.5 % where refused ones were taken for
 * sent. */
#define SHORT_MISSING 0.005

/* Between each engine and the link (see meson.build, --wrap). */
static struct {
    struct ear_datagrams real[2];
    struct ear_random random;
    double share; /* of datagrams that are refused */
    bool down;    /* all are */
    int64_t refused[2];
} door;

struct ear_datagrams __real_ear_link_end(struct ear_link *link, int end);
struct ear_datagrams __wrap_ear_link_end(struct ear_link *link, int end);

static int door_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    static const int errors[] = {-EAGAIN, -ENOBUFS, -ENETUNREACH, -EPERM};
    struct ear_datagrams *real = ctx;
    if (door.down || ear_random_unit(&door.random) < door.share) {
        door.refused[real - door.real]++;
        return errors[ear_random_below(&door.random, EAR_COUNT(errors))];
    }
    return real->send(real->ctx, to, data, len);
}

static int door_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    const struct ear_datagrams *real = ctx;
    return real->receive(real->ctx, ret_from, data, cap);
}

struct ear_datagrams __wrap_ear_link_end(struct ear_link *link, int end)
{
    door.real[end] = __real_ear_link_end(link, end);
    return (struct ear_datagrams){
        .send = door_send, .receive = door_receive, .ctx = &door.real[end]};
}

static struct scene *open_door(uint64_t seed)
{
    memset(&door, 0, sizeof door);
    door.random = ear_random_seeded(seed);
    struct scene *s = scene_open(&(struct scene_options){.text = "delay = 150 ms", .seed = seed});
    scene_call(s);
    return s;
}

/* Counted is what the link was handed, in the whole and of speech. */
static void assert_counted(struct scene *s, int end)
{
    struct ear_engine_status st = scene_status(s, end);
    struct ear_link_counts wire;
    ear_link_get_counts(ear_rig_link(s->rig), end, &wire);
    assert_int_equal(st.sent.datagrams, wire.sent);
    assert_int_equal(st.sent.bytes, wire.sent_bytes);
    assert_int_equal(st.sent.errors, door.refused[end]);
    assert_int_equal(st.sent.speech_datagrams, st.talk.packets_sent + st.talk.silences_sent);
}

/* What either said was heard by the other, once; a share may be missing, and is told of. */
static void assert_heard(struct scene *s, double missing, uint64_t seed)
{
    for (int end = 0; end < 2; end++) {
        struct ear_engine_status st = scene_status(s, end);
        struct ear_numbered_counts said, heard;
        ear_numbered_get_counts(s->ends[!end].codec, &said);
        ear_numbered_get_counts(s->ends[end].codec, &heard);
        if ((double)(said.encoded - heard.decoded) > missing * (double)said.encoded ||
            heard.repeated != 0 || (said.encoded > heard.decoded) != (st.talk.lost_us > 0))
            fail_msg("end %d heard %" PRId64 " packets of %" PRId64 ", %" PRId64
                     " ms are lost (seed %" PRIu64 ")",
                     end, heard.decoded, said.encoded, st.talk.lost_us / MS, seed);
        assert_counted(s, end);
    }
}

static void what_is_refused_now_and_then_is_heard(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct scene *s = open_door(seed);
        door.share = 0.05;
        scene_run(s, 120 * S);
        for (int end = 0; end < 2; end++) {
            /* Protection follows what is refused as it follows what is lost. */
            assert_at_least(scene_status(s, end).talk.loss_there, 0.01);
            assert_true(scene_status(s, end).talk.hears_me);
            assert_at_least(door.refused[end], 30);
            s->ends[end].person.speaks = false;
        }
        scene_run(s, 10 * S);
        assert_heard(s, SHORT_MISSING, seed);
        scene_hang_up(s, 0);
        scene_close(s);
    }
}

/* An interface that is gone for a while: an outage like any other, and no storm of attempts. */
static void what_is_refused_for_seconds_is_caught_up(void **state)
{
    (void)state;
    struct scene *s = open_door(SEED);
    scene_run(s, 10 * S);
    door.down = true;
    scene_run(s, 6 * S);
    door.down = false;
    assert_at_most(door.refused[0], 6 * 30);
    scene_run(s, 30 * S);
    for (int end = 0; end < 2; end++)
        s->ends[end].person.speaks = false;
    scene_run(s, 10 * S);
    assert_heard(s, 0, SEED);
    scene_hang_up(s, 1);
    scene_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_now_and_then_is_heard),
        cmocka_unit_test(what_is_refused_for_seconds_is_caught_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
