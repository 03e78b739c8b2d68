/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real stores in temporary folders, joined by two queues. */
#include "mail_pair.h"

#include "base/random.h"

#define WRITTEN_S 1700000000

static void start(struct side *side)
{
    static const struct ear_store_config config;
    char error[600] = "";
    side->home = folder_open(side->path);
    if (ear_store_open(&side->store, side->home, &config, error, sizeof error) != 0)
        fail_msg("%s", error);
    side->config.store = side->store;
    assert_int_equal(ear_mail_new(&side->mail, &side->config), 0);
}

static void stop(struct side *side, bool crash)
{
    struct ear_mail_peer *peer = crash ? side->mail->peers : NULL;
    for (; peer; peer = peer->next)
        for (size_t i = 0; i < EAR_MAIL_COMINGS; i++)
            peer->comings[i].held = 0;
    ear_mail_free(side->mail);
    ear_store_close(side->store);
    ear_home_close(side->home);
}

struct pair *pair_new(void)
{
    struct pair *pair = calloc(1, sizeof *pair);
    pair->cap = EAR_MAIL_FRAME_MAX;
    for (int i = 0; i < 2; i++) {
        struct side *side = &pair->sides[i];
        void *path;
        assert_int_equal(folder_setup(&path), 0);
        side->path = path;
        side->pipe = calloc(PIPE_FRAMES, sizeof *side->pipe);
        start(side);
    }
    return pair;
}

void pair_free(struct pair *pair)
{
    char error[600] = "";
    for (int i = 0; i < 2; i++) {
        struct side *side = &pair->sides[i];
        if (ear_store_check(side->home, error, sizeof error) != 0)
            fail_msg("%s", error);
        stop(side, false);
        void *path = side->path;
        assert_int_equal(folder_teardown(&path), 0);
        free(side->pipe);
    }
    free(pair);
}

void pair_up(struct pair *pair)
{
    pair->up = true;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ear_mail_up(pair->sides[i].mail, THEM, pair->now_us), 0);
}

void pair_down(struct pair *pair)
{
    pair->up = false;
    for (int i = 0; i < 2; i++) {
        ear_mail_down(pair->sides[i].mail, THEM);
        pair->sides[i].first = pair->sides[i].count = 0;
    }
}

void pair_restart(struct pair *pair, int i, bool crash)
{
    if (crash) {
        stop(&pair->sides[i], true);
        start(&pair->sides[i]);
        pair_down(pair);
    } else {
        pair_down(pair);
        stop(&pair->sides[i], false);
        start(&pair->sides[i]);
    }
}

bool pair_put(struct pair *pair, int i)
{
    struct side *side = &pair->sides[i];
    if (!pair->up || side->count == PIPE_FRAMES)
        return false;
    struct pipe_frame *frame = &side->pipe[(side->first + side->count) % PIPE_FRAMES];
    frame->len = ear_mail_next(side->mail, THEM, frame->bytes, pair->cap, pair->now_us);
    if (frame->len == 0)
        return false;
    assert_at_most(frame->len, pair->cap);
    side->count++;
    side->frames++;
    side->bytes += frame->len;
    if (frame->len > side->longest)
        side->longest = frame->len;
    return true;
}

bool pair_take(struct pair *pair, int i)
{
    struct side *side = &pair->sides[i], *other = &pair->sides[1 - i];
    if (side->count == 0)
        return false;
    struct pipe_frame *frame = &side->pipe[side->first];
    side->first = (side->first + 1) % PIPE_FRAMES;
    side->count--;
    assert_int_equal(ear_mail_take(other->mail, THEM, frame->bytes, frame->len, pair->now_us), 0);
    struct ear_mail_event event;
    while (ear_mail_event(other->mail, &event))
        other->came += event.change == EAR_MAIL_CAME;
    return true;
}

size_t pair_settle(struct pair *pair)
{
    size_t steps = 0;
    bool moved = true;
    while (moved) {
        moved = false;
        for (int i = 0; i < 2; i++) {
            moved = pair_put(pair, i) || moved;
            moved = pair_take(pair, i) || moved;
        }
        steps++;
    }
    return steps;
}

int64_t pair_write(struct pair *pair, int i, enum ear_message_kind kind, const void *body,
                   size_t len)
{
    struct ear_message_draft draft = {.person = THEM,
                                      .kind = (uint8_t)kind,
                                      .written_s = WRITTEN_S,
                                      .duration_ms = kind == EAR_MESSAGE_VOICE ? 60000 : 0,
                                      .name = kind == EAR_MESSAGE_FILE ? "letter.pdf" : NULL};
    int64_t id = 0;
    int r;
    if (len <= EAR_MESSAGE_APPEND_MAX) {
        r = ear_messages_write(pair->sides[i].store, &draft, body, len, &id);
    } else {
        r = ear_messages_begin(pair->sides[i].store, &draft, &id);
        for (size_t at = 0; at < len && r >= 0;) {
            size_t n = len - at < EAR_MESSAGE_APPEND_MAX ? len - at : EAR_MESSAGE_APPEND_MAX;
            r = ear_messages_append(pair->sides[i].store, id, at, (const uint8_t *)body + at, n) < 0
                    ? -1
                    : 0;
            at += n;
        }
        if (r == 0)
            r = ear_messages_finish(pair->sides[i].store, id, draft.duration_ms);
    }
    assert_int_equal(r, 0);
    ear_mail_posted(pair->sides[i].mail, THEM);
    return id;
}

struct ear_message pair_message(struct pair *pair, int side, int64_t id)
{
    struct ear_message message;
    assert_int_equal(ear_messages_with_id(pair->sides[side].store, id, &message), 0);
    return message;
}

struct ear_message_totals pair_totals(struct pair *pair, int side)
{
    struct ear_message_totals totals;
    assert_int_equal(ear_messages_totals(pair->sides[side].store, THEM, &totals), 0);
    return totals;
}

int64_t pair_say(struct pair *pair, int side, const char *text)
{
    return pair_write(pair, side, EAR_MESSAGE_TEXT, text, strlen(text));
}

struct ear_message pair_newest(struct pair *pair, int side)
{
    struct ear_message message = {0};
    assert_int_equal(ear_messages_list(pair->sides[side].store, THEM, 0, &message, 1), 1);
    return message;
}

uint8_t *pair_body(size_t len)
{
    uint8_t *body = malloc(len);
    struct ear_random random = ear_random_seeded(SEED + len);
    for (size_t i = 0; i < len; i++)
        body[i] = (uint8_t)ear_random_u64(&random);
    return body;
}

void pair_assert_body(struct pair *pair, int side, int64_t id, const uint8_t *body, size_t len)
{
    uint8_t *there = malloc(len + 1);
    size_t at = 0;
    int64_t n;
    while (at <= len &&
           (n = ear_messages_read(pair->sides[side].store, id, at, there + at, len + 1 - at)) > 0)
        at += (size_t)n;
    assert_int_equal(at, len);
    assert_memory_equal(there, body, len);
    free(there);
}
