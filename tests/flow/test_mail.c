/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages from store to store, by mail, postman, engine and link. */
#include <inttypes.h>

#include "base/random.h"
#include "office.h"
#include "party.h"
#include "scene.h"

#define WORKER_US (50 * MS)
/* What the ends of a scene call each other. */
#define CALLER 1
#define CALLED 2

static struct office offices[2];

static struct scene *open_scene(const struct scene_options *options)
{
    struct scene *s = scene_open(options);
    const struct ear_address to = ear_link_address(1);
    office_open(&offices[0], ear_rig_engine(s->rig, 0), &to);
    office_open(&offices[1], ear_rig_engine(s->rig, 1), NULL);
    return s;
}

static void close_scene(struct scene *s)
{
    for (int i = 0; i < 2; i++)
        office_close(&offices[i]);
    scene_close(s);
}

static void run(struct scene *s, int64_t duration_us)
{
    for (int64_t end = scene_now(s) + duration_us; scene_now(s) < end;) {
        for (int i = 0; i < 2; i++)
            office_step(&offices[i], scene_now(s));
        scene_run(s, WORKER_US);
    }
}

/* Returns the seconds. */
static double run_until_arrived(struct scene *s, int end, int64_t id, int64_t limit_us)
{
    int64_t begin_us = scene_now(s);
    while (office_message(&offices[end], id).state < EAR_MESSAGE_ARRIVED &&
           scene_now(s) < begin_us + limit_us)
        run(s, WORKER_US);
    assert_int_equal(office_message(&offices[end], id).state, EAR_MESSAGE_ARRIVED);
    return (double)(scene_now(s) - begin_us) / S;
}

static uint8_t *random_body(size_t len)
{
    struct ear_random random = ear_random_seeded(len);
    uint8_t *body = malloc(len);
    for (size_t i = 0; i < len; i++)
        body[i] = (uint8_t)(ear_random_u64(&random) >> 32);
    return body;
}

static void assert_body(struct office *o, int64_t id, const uint8_t *body, size_t len)
{
    uint8_t *got = malloc(len);
    for (size_t at = 0; at < len;) {
        int64_t read = ear_messages_read(o->store, id, at, got + at, len - at);
        assert_true(read > 0);
        at += (size_t)read;
    }
    assert_memory_equal(got, body, len);
    free(got);
}

static void messages_arrive_without_a_call(void **state)
{
    (void)state;
    struct scene *s = open_scene(&(struct scene_options){.text = "delay = 300 ms\nloss = 10 %"});
    int64_t first = office_write(&offices[0], CALLED, EAR_MESSAGE_TEXT, "Are you there?", 14);
    int64_t answer = office_write(&offices[1], CALLER, EAR_MESSAGE_TEXT, "Yes.", 4);
    print_message("a text without a call: %.1f s\n", run_until_arrived(s, 0, first, 30 * S));
    run_until_arrived(s, 1, answer, 10 * S); /* waits for a line of the other's */
    struct ear_message got[4];
    assert_int_equal(office_list(&offices[1], CALLER, got, 4), 2);
    run(s, 30 * S);
    assert_int_equal(ear_mail_seen(offices[1].mail, got[got[0].direction == EAR_MESSAGE_OUT].id),
                     0);
    ear_postman_posted(offices[0].postman, CALLED); /* opens a line, over which it is told */
    int64_t second = office_write(&offices[0], CALLED, EAR_MESSAGE_TEXT, "Good.", 5);
    run_until_arrived(s, 0, second, 30 * S);
    run(s, 5 * S);
    assert_int_equal(office_message(&offices[0], first).state, EAR_MESSAGE_SEEN);
    assert_int_equal(s->ends[1].event_count - scene_count_phase(s, 1, EAR_PHASE_INCOMING) > 0, 1);
    assert_int_equal(scene_count_phase(s, 1, EAR_PHASE_INCOMING), 0);
    close_scene(s);
}

/* 60 s at 6 kbit/s, as a recording lays them down, everything counted both ways. */
static void a_voice_message_is_cheap(void **state)
{
    (void)state;
    struct scene *s =
        open_scene(&(struct scene_options){.text = "delay = 300 ms\nrate = 64 kbit/s"});
    const size_t len = 45000 + 60 * 10;
    uint8_t *body = random_body(len);
    int64_t id = office_write(&offices[0], CALLED, EAR_MESSAGE_VOICE, body, len);
    double took_s = run_until_arrived(s, 0, id, 60 * S);
    run(s, 30 * S); /* to the goodbye's end */
    const struct ear_engine_status here = scene_status(s, 0);
    int64_t bytes = here.sent.bytes + here.received_bytes;
    print_message("voice message of %zu bytes: %.1f s, %" PRId64 " bytes both ways, "
                  "price told %" PRIu64 "\n",
                  len, took_s, bytes, ear_mail_price_bytes(EAR_MESSAGE_VOICE, len, NULL));
    assert_at_most(bytes, 75000);
    struct ear_message got[2];
    assert_int_equal(office_list(&offices[1], CALLER, got, 2), 1);
    assert_body(&offices[1], got[0].id, body, len);
    free(body);
    close_scene(s);
}

/* A file over a bad link, with outages, and both programs begun again on the way. */
static void bring_a_file(const char *link, size_t len)
{
    struct scene *s = open_scene(&(struct scene_options){.link = link});
    uint8_t *body = random_body(len);
    int64_t begin_us = scene_now(s),
            id = office_write(&offices[0], CALLED, EAR_MESSAGE_FILE, body, len);
    for (int outage = 0; outage < 5; outage++) {
        run(s, 25 * S);
        ear_link_cut(ear_rig_link(s->rig), true);
        run(s, (outage % 2 ? 60 : 12) * S);
        ear_link_cut(ear_rig_link(s->rig), false);
        if (outage == 1 || outage == 3) {
            int end = outage == 1;
            assert_int_equal(ear_rig_restart(s->rig, end), 0);
            office_restart(&offices[end], ear_rig_engine(s->rig, end));
        }
    }
    run_until_arrived(s, 0, id, 3600 * S);
    double took_s = (double)(scene_now(s) - begin_us) / S;
    struct ear_message got[2];
    assert_int_equal(office_list(&offices[1], CALLER, got, 2), 1);
    assert_body(&offices[1], got[0].id, body, len);
    print_message("%zu bytes over %s, 5 outages, one restart of each side: %.0f s\n", len, link,
                  took_s);
    free(body);
    close_scene(s);
}

static void a_file_arrives_whole(void **state)
{
    (void)state;
    bring_a_file("edge", (size_t)1 << 20);
}

static void run_party(struct party *p, int64_t duration_us)
{
    for (int64_t end = p->time.now_us + duration_us; p->time.now_us < end;) {
        for (int i = 0; i < 2; i++)
            office_step(&offices[i], p->time.now_us);
        party_run(p, WORKER_US);
    }
}

/* In a call, or while a message was on its way, the line begins to die; then somebody is in danger.
 */
static void an_urgent_one_arrives_over_a_dying_line(void **state)
{
    (void)state;
    double worst_s = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct party *p =
            party_open(&(struct party_options){.count = 2, .seed = seed, .auto_answer = true});
        const struct ear_address to = ear_hub_address(1);
        p->hub.delay_us = 400 * MS;
        office_open(&offices[0], p->ends[0].engine, &to);
        office_open(&offices[1], p->ends[1].engine, NULL);
        if (seed % 2)
            party_dial(p, 0, 1);
        else
            office_write(&offices[0], CALLED, EAR_MESSAGE_TEXT, "Hello", 5);
        run_party(p, 6 * S);
        p->hub.loss = 0.95;
        int64_t begin_us = p->time.now_us;
        const char text[] = "Village clinic, back room\n+255 700 000 000";
        office_write(&offices[0], CALLED, EAR_MESSAGE_URGENT, text, sizeof text - 1);
        struct ear_message got[4];
        int count = 0;
        while (p->time.now_us < begin_us + 60 * S) {
            run_party(p, WORKER_US);
            count = office_list(&offices[1], CALLER, got, 4);
            if (count > 0 && got[0].kind == EAR_MESSAGE_URGENT)
                break;
        }
        if (count == 0 || got[0].kind != EAR_MESSAGE_URGENT)
            fail_msg("not within 60 s (seed %" PRIu64 ")", seed);
        assert_string_equal(got[0].text, text);
        worst_s = (double)ear_max64((int64_t)(worst_s * S), p->time.now_us - begin_us) / S;
        for (int i = 0; i < 2; i++)
            office_close(&offices[i]);
        party_close(p);
    }
    print_message("urgent at 95 %% loss: 100 of 100, the last after %.1f s\n", worst_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_without_a_call),
        cmocka_unit_test(a_voice_message_is_cheap),
        cmocka_unit_test(a_file_arrives_whole),
        cmocka_unit_test(an_urgent_one_arrives_over_a_dying_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
