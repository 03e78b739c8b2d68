/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real stores in temporary folders, at engines in virtual time. */
#include "office.h"

#include "fake/test.h"
#include "unit/folder.h"

static bool put(void *ctx, const struct ear_pipe_item *item)
{
    return ear_engine_mail_put(((struct office *)ctx)->engine, item);
}

static bool take(void *ctx, struct ear_pipe_item *ret)
{
    return ear_engine_mail_take(((struct office *)ctx)->engine, ret);
}

static bool find(void *ctx, uint32_t person, struct ear_pipe_item *item)
{
    const struct office *o = ctx;
    (void)person;
    item->address = o->to;
    return o->finds;
}

static void start(struct office *o)
{
    static const struct ear_store_config config;
    char error[600] = "";
    o->home = folder_open(o->path);
    if (ear_store_open(&o->store, o->home, &config, error, sizeof error) != 0)
        fail_msg("%s", error);
    const struct ear_mail_config mail = {.store = o->store};
    assert_int_equal(ear_mail_new(&o->mail, &mail), 0);
    const struct ear_postman_config postman = {
        .mail = o->mail, .store = o->store, .put = put, .take = take, .find = find, .ctx = o};
    assert_int_equal(ear_postman_new(&o->postman, &postman), 0);
    o->due_us = INT64_MIN;
}

static void stop(struct office *o)
{
    ear_postman_free(o->postman);
    ear_mail_free(o->mail);
    ear_store_close(o->store);
    ear_home_close(o->home);
}

void office_open(struct office *o, struct ear_engine *engine, const struct ear_address *to)
{
    void *path;
    *o = (struct office){.engine = engine, .finds = to != NULL};
    if (to)
        o->to = *to;
    assert_int_equal(folder_setup(&path), 0);
    o->path = path;
    start(o);
}

void office_close(struct office *o)
{
    void *path = o->path;
    stop(o);
    assert_int_equal(folder_teardown(&path), 0);
}

void office_restart(struct office *o, struct ear_engine *engine)
{
    stop(o);
    o->engine = engine;
    start(o);
}

void office_step(struct office *o, int64_t now_us)
{
    if (now_us >= o->due_us)
        o->due_us = ear_postman_step(o->postman, now_us);
}

int64_t office_write(struct office *o, uint32_t person, enum ear_message_kind kind,
                     const void *body, size_t len)
{
    int64_t id;
    const struct ear_message_draft draft = {
        .person = person,
        .kind = kind,
        .written_s = 1700000000,
        .duration_ms = kind == EAR_MESSAGE_VOICE ? 60000 : 0,
        .name = kind == EAR_MESSAGE_FILE ? "scan.pdf" : NULL,
    };
    assert_int_equal(ear_messages_write(o->store, &draft, body, len, &id), 0);
    ear_postman_posted(o->postman, person);
    return id;
}

struct ear_message office_message(struct office *o, int64_t id)
{
    struct ear_message message;
    assert_int_equal(ear_messages_with_id(o->store, id, &message), 0);
    return message;
}

int office_list(struct office *o, uint32_t person, struct ear_message *ret, size_t most)
{
    int count = ear_messages_list(o->store, person, 0, ret, most);
    assert_true(count >= 0);
    return count;
}
