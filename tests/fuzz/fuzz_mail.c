/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: a session in which the other side says anything; ours answers in frames that can be
 * parsed, keeps to its limits, and its store stays whole. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "mail/mail.h"

#define THEM 7
#define FRAMES_MAX 200
#define MEMORY "/dev/shm"

static struct ear_mail_limits limits = {.text_bytes = 3000,
                                        .voice_bytes = 3000,
                                        .file_bytes = 3000,
                                        .person_bytes = 5000,
                                        .person_count = 8,
                                        .coming_count = 4};

static char path[] = MEMORY "/earshot-fuzz-XXXXXX";
static struct ear_store *store;
static struct ear_home *home;

static void leave_nothing(void)
{
    ear_store_close(store);
    ear_home_close(home);
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder));)
        unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

/* One store for all inputs: each begins and ends with nothing in it. */
static struct ear_store *store_for_all(void)
{
    static const struct ear_store_config config;
    char error[600] = "";
    if (store)
        return store;
    if (access(MEMORY, W_OK) != 0)
        memcpy(path, "/var/tmp", sizeof MEMORY - 1);
    FUZZ_REQUIRE(ear_sodium_start() == 0);
    FUZZ_REQUIRE(mkdtemp(path));
    FUZZ_REQUIRE(ear_home_open(&home, path, error, sizeof error) == 0);
    FUZZ_REQUIRE(ear_store_open(&store, home, &config, error, sizeof error) == 0);
    FUZZ_REQUIRE(atexit(leave_nothing) == 0);
    return store;
}

static void write_something(void)
{
    static const uint8_t body[600] = "something longer than a frame";
    int64_t id;
    struct ear_message_draft draft = {.person = THEM, .kind = EAR_MESSAGE_FILE, .name = "a"};
    FUZZ_REQUIRE(ear_messages_write(store, &draft, body, sizeof body, &id) == 0);
    draft = (struct ear_message_draft){.person = THEM, .kind = EAR_MESSAGE_URGENT};
    FUZZ_REQUIRE(ear_messages_write(store, &draft, "here", 4, &id) == 0);
}

/* What ours has to say makes sense. */
static void listen_to(struct ear_mail *mail, int64_t now_us)
{
    uint8_t out[EAR_MAIL_FRAME_MAX];
    struct ear_mail_frame frame;
    size_t len;
    for (int i = 0; (len = ear_mail_next(mail, THEM, out, sizeof out, now_us)) > 0; i++) {
        FUZZ_REQUIRE(ear_mail_frame_parse(out, len, &frame) == 0);
        FUZZ_REQUIRE(i < FRAMES_MAX);
    }
    len = ear_mail_urgent(mail, THEM, out, sizeof out, now_us);
    FUZZ_REQUIRE(len == 0 || ear_mail_frame_parse(out, len, &frame) == 0);
}

/* What came apart from the session: the answer tells of one. */
static int take_apart(struct ear_mail *mail, const uint8_t *data, size_t len, int64_t now_us)
{
    uint8_t out[EAR_MAIL_FRAME_MAX];
    struct ear_mail_frame frame;
    size_t answer_len = 0;
    int r = ear_mail_take_flare(mail, THEM, data, len, now_us, out, &answer_len);
    FUZZ_REQUIRE(answer_len == 0 || (ear_mail_frame_parse(out, answer_len, &frame) == 0 &&
                                     frame.kind == EAR_MAIL_TOLD && frame.count == 1));
    return r;
}

/* The input: one byte of length each, then so many bytes of a frame; the length 255 lets two
 * minutes pass, and with 254 they come apart from the session. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ear_mail_config config = {.store = store_for_all(), .limits = limits};
    struct ear_mail *mail;
    struct ear_mail_view view;
    struct ear_message_totals totals;
    struct ear_mail_event event;
    int64_t now_us = 0;
    write_something();
    FUZZ_REQUIRE(ear_mail_new(&mail, &config) == 0);
    FUZZ_REQUIRE(ear_mail_up(mail, THEM, 0) == 0);
    for (size_t at = 0; at < size;) {
        size_t len = data[at++];
        if (len == 255)
            now_us += 120 * (int64_t)EAR_US_PER_S;
        if (len > size - at)
            len = size - at;
        int r = data[at - 1] == 254 ? take_apart(mail, data + at, len, now_us)
                                    : ear_mail_take(mail, THEM, data + at, len, now_us);
        FUZZ_REQUIRE(r == 0 || r == -EBADMSG || r == -ENOTSUP || r == -EBUSY);
        at += len;
        listen_to(mail, now_us);
    }
    while (ear_mail_event(mail, &event))
        FUZZ_REQUIRE(event.change < EAR_MAIL_CHANGES);
    FUZZ_REQUIRE(ear_mail_view(mail, THEM, &view) == 0);
    ear_mail_free(mail);
    FUZZ_REQUIRE(ear_messages_totals(store, THEM, &totals) == 0);
    FUZZ_REQUIRE(totals.bytes_in <= limits.person_bytes + 8 * EAR_MESSAGE_TEXT_MAX);
    FUZZ_REQUIRE(ear_messages_forget_person(store, THEM) == 0);
    return 0;
}
