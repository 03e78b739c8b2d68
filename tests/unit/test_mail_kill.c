/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real programs that send, receive and record, killed at any write and fsync, or with a disk that
 * refuses it: nothing that was said to be safe is lost or comes twice, and both stores are whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fake/test.h"

#include "base/random.h"
#include "folder.h"
#include "mail/mail.h"
#include "mail/recorder.h"
#include "mail/stored.h"

/* Programs that are killed: so many of those that talk, so many that record. */
#define KILLS 1000
#define RECORDINGS 100
#define REFUSALS 100
/* A program is killed at one of its first so many writes; some end before. */
#define WRITES_MAX 120
#define STEPS_MAX 60
#define THEM 7
#define WRITTEN_S 1700000000

/* What the programs say to the one that looks after them; survives each of them. */
struct witness {
    unsigned written[2]; /* messages that the store took */
    unsigned waiting[2]; /* of these: that were not told to be there */
    unsigned recorded_ms;
};

/* --- death --- */

static long writes_left; /* 0: for ever */
static bool half;        /* the write that kills is done by half */
static int refusal;      /* instead of death: the write fails with this, once */

/* Returns true for one that is refused. */
static bool count_write(int fd, const void *data, size_t len, off_t at)
{
    if (writes_left == 0 || --writes_left > 0)
        return false;
    if (half && data)
        syscall(SYS_pwrite64, fd, data, len / 2, at);
    if (refusal == 0)
        raise(SIGKILL);
    errno = refusal;
    return true;
}

/* With files of 64 bits this is pwrite64, which SQLite calls. */
ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    return count_write(fd, data, len, at) ? -1 : syscall(SYS_pwrite64, fd, data, len, at);
}

int fdatasync(int fd)
{
    return count_write(fd, NULL, 0, 0) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return count_write(fd, NULL, 0, 0) ? -1 : (int)syscall(SYS_fsync, fd);
}

/* --- a program that talks --- */

struct program {
    int side;
    bool listens; /* writes nothing more */
    struct witness *witness;
    struct ear_random random;
    struct ear_home *home;
    struct ear_store *store;
    struct ear_mail *mail;
    int64_t now_us;
};

/* In a child nobody catches an assertion: it ends with this. */
#define DIE 77

static void must(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "not so: %s\n", what);
    _exit(DIE);
}

/* Whether it went well; it must, but where the disk refuses. */
static bool went(int r, const char *what)
{
    must(r == 0 || refusal != 0, what);
    return r == 0;
}

static void begin(struct program *p, const char *path)
{
    static const struct ear_store_config config;
    char error[600] = "";
    int r = ear_home_open(&p->home, path, error, sizeof error);
    if (r == 0)
        r = ear_store_open(&p->store, p->home, &config, error, sizeof error);
    if (!went(r, error))
        _exit(0);
    struct ear_mail_config mail = {.store = p->store};
    must(ear_mail_new(&p->mail, &mail) == 0, "a mail begins");
}

static void end(struct program *p)
{
    ear_mail_free(p->mail);
    ear_store_close(p->store);
    ear_home_close(p->home);
}

static void write_one(struct program *p)
{
    struct ear_message_totals totals;
    if (!went(ear_messages_totals(p->store, THEM, &totals), "totals"))
        return;
    must(totals.count_out >= p->witness->written[p->side], "what was written is there");
    char text[700];
    int len = snprintf(text, sizeof text, "%llu ", (unsigned long long)totals.count_out);
    size_t more = ear_random_below(&p->random, 10) == 0 ? 600 : 10;
    memset(text + len, 'a', more);
    struct ear_message_draft draft = {
        .person = THEM, .kind = EAR_MESSAGE_TEXT, .written_s = WRITTEN_S};
    int64_t id;
    if (!went(ear_messages_write(p->store, &draft, text, (size_t)len + more, &id), "written"))
        return;
    p->witness->written[p->side] = (unsigned)totals.count_out + 1;
    ear_mail_posted(p->mail, THEM);
}

static void note_waiting(struct program *p)
{
    struct ear_message_totals totals;
    if (went(ear_messages_totals(p->store, THEM, &totals), "totals"))
        p->witness->waiting[p->side] = (unsigned)totals.count_waiting;
}

/* Sees what it got, now and then. */
static void see(struct program *p)
{
    struct ear_message newest;
    if (ear_messages_list(p->store, THEM, 0, &newest, 1) == 1 &&
        newest.direction == EAR_MESSAGE_IN && newest.state == EAR_MESSAGE_UNSEEN)
        went(ear_mail_seen(p->mail, newest.id), "seen");
}

/* Returns false when the other one is gone. */
static bool talk(struct program *p, int line)
{
    uint8_t frame[EAR_MAIL_FRAME_MAX];
    struct pollfd ready = {.fd = line, .events = POLLIN};
    while (poll(&ready, 1, 0) > 0) {
        ssize_t len = recv(line, frame, sizeof frame, 0);
        if (len <= 0)
            return false;
        went(ear_mail_take(p->mail, THEM, frame, (size_t)len, p->now_us), "taken");
    }
    for (int i = 0; i < 4; i++) {
        size_t len = ear_mail_next(p->mail, THEM, frame, sizeof frame, p->now_us);
        if (len > 0 && send(line, frame, len, MSG_NOSIGNAL) < 0)
            return false;
    }
    return true;
}

static void run(const char *path, struct program p, int line)
{
    begin(&p, path);
    went(ear_mail_up(p.mail, THEM, 0), "up");
    for (int step = 0; step < STEPS_MAX; step++) {
        if (!p.listens && ear_random_below(&p.random, 4) == 0)
            write_one(&p);
        if (!talk(&p, line))
            break;
        note_waiting(&p);
        if (!p.listens && ear_random_below(&p.random, 10) == 0)
            see(&p);
        struct pollfd ready = {.fd = line, .events = POLLIN};
        poll(&ready, 1, 1); /* let the other one go on */
    }
    end(&p);
    _exit(0);
}

/* --- the one that looks after them --- */

struct scene {
    void *paths[2];
    struct witness *witness;
    struct ear_random random;
};

static int set_up(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    for (int i = 0; i < 2; i++)
        folder_setup(&s->paths[i]);
    s->witness =
        mmap(NULL, sizeof *s->witness, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(s->witness != MAP_FAILED);
    s->random = ear_random_seeded(SEED);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    for (int i = 0; i < 2; i++)
        folder_teardown(&s->paths[i]);
    munmap(s->witness, sizeof *s->witness);
    free(s);
    return 0;
}

/* Two programs and a line; `doomed` is killed, or its disk refuses something. Returns how many were
 * killed. */
static unsigned session(struct scene *s, int doomed, int with)
{
    int line[2];
    pid_t children[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, line), 0);
    for (int i = 0; i < 2; i++) {
        struct program p = {.side = i,
                            .listens = doomed < 0,
                            .witness = s->witness,
                            .random = ear_random_seeded(ear_random_u64(&s->random))};
        long at = 1 + ear_random_below(&s->random, WRITES_MAX);
        bool torn = ear_random_below(&s->random, 2);
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            close(line[1 - i]);
            writes_left = i == doomed ? at : 0;
            half = torn;
            refusal = i == doomed ? with : 0;
            run(s->paths[i], p, line[i]);
        }
    }
    close(line[0]);
    close(line[1]);
    unsigned killed = 0;
    for (int i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            killed++;
        else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("program %d ended with %d, seed %d", i, status, SEED);
    }
    return killed;
}

/* What came from the other one, as it is shown: all of it, once, in order. */
static unsigned check_order(struct ear_store *store)
{
    struct ear_message batch[50];
    int64_t before = 0;
    unsigned count = 0, first = 0;
    int n;
    while ((n = ear_messages_list(store, THEM, before, batch, 50)) > 0)
        for (int k = 0; k < n; k++) {
            char text[30] = "";
            before = batch[k].id;
            if (batch[k].direction != EAR_MESSAGE_IN)
                continue;
            must(ear_messages_read(store, batch[k].id, 0, text, sizeof text - 1) > 0, "read");
            unsigned number = (unsigned)strtoul(text, NULL, 10);
            if (count++ == 0)
                first = number;
            if (number + count != first + 1)
                fail_msg("message %u stands where %u should", number, first + 1 - count);
        }
    assert_int_equal(count ? first + 1 : 0, count);
    return count;
}

static unsigned waiting(const struct scene *s)
{
    return s->witness->waiting[0] + s->witness->waiting[1];
}

/* Lets everything arrive and looks at it; gives how much came to each. */
static void settle(struct scene *s, unsigned came[static 2])
{
    /* At the end both live and listen, until all has been told. */
    for (int i = 0; i == 0 || (waiting(s) > 0 && i < 100); i++)
        session(s, -1, 0);
    struct program p[2] = {{.side = 0}, {.side = 1}};
    struct ear_message_totals totals[2];
    for (int i = 0; i < 2; i++) {
        char error[600] = "";
        begin(&p[i], s->paths[i]);
        if (ear_store_check(p[i].home, error, sizeof error) != 0)
            fail_msg("%s", error);
        assert_int_equal(ear_messages_totals(p[i].store, THEM, &totals[i]), 0);
        came[i] = check_order(p[i].store);
        end(&p[i]);
    }
    for (int i = 0; i < 2; i++) {
        assert_true(totals[i].count_out >= s->witness->written[i]);
        assert_int_equal(came[1 - i], totals[i].count_out);
    }
}

static void nothing_is_lost_when_programs_are_killed(void **state)
{
    struct scene *s = *state;
    unsigned killed = 0, sessions = 0;
    for (; killed < KILLS; sessions++) {
        killed += session(s, (int)ear_random_below(&s->random, 2), 0);
        assert_true(sessions < 4 * KILLS);
    }
    unsigned came[2];
    settle(s, came);
    print_message("%u programs killed in %u sessions: %u and %u messages, none lost, doubled or "
                  "out of order, both stores whole\n",
                  killed, sessions, came[0], came[1]);
}

static void nothing_is_lost_when_disks_refuse(void **state)
{
    struct scene *s = *state;
    unsigned came[2];
    for (int i = 0; i < REFUSALS; i++)
        assert_int_equal(session(s, i % 2, i / 2 % 2 ? EIO : ENOSPC), 0);
    settle(s, came);
    print_message("%d writes refused: %u and %u messages, none lost, doubled or out of order\n",
                  REFUSALS, came[0], came[1]);
    assert_at_least(came[0] + came[1], REFUSALS);
}

static void record(const char *path, struct witness *witness)
{
    struct program p = {0};
    struct ear_codec *codec;
    struct ear_recorder *recorder;
    begin(&p, path);
    must(ear_codec_opus_new(&codec, &ear_codec_opus_usual) == 0, "a codec");
    struct ear_recorder_config config = {
        .store = p.store, .codec = codec, .person = THEM, .written_s = WRITTEN_S, .rate_bps = 6000};
    must(ear_recorder_new(&recorder, &config) == 0, "a recorder");
    struct ear_random random = ear_random_seeded(SEED);
    for (int i = 0; i < 1000; i++) {
        int16_t frame[EAR_FRAME];
        for (size_t k = 0; k < EAR_FRAME; k++)
            frame[k] = (int16_t)(2000 * ear_random_normal(&random));
        must(ear_recorder_put(recorder, frame) == 0, "put");
        witness->recorded_ms = ear_recorder_ms(recorder);
    }
    must(ear_recorder_finish(recorder) == 0, "finish");
    ear_recorder_free(recorder);
    ear_codec_opus_free(codec);
    end(&p);
    _exit(0);
}

/* What a killed program left can be finished, and holds all but the last 200 ms. */
static unsigned check_recording(struct scene *s)
{
    struct program p = {0};
    struct ear_message left[2];
    struct ear_codec *codec;
    struct ear_voice voice;
    begin(&p, s->paths[0]);
    assert_int_equal(ear_codec_opus_new(&codec, &ear_codec_opus_usual), 0);
    int count = ear_messages_recordings(p.store, left, 2);
    assert_in_range(count, 0, 1);
    unsigned lost_ms = s->witness->recorded_ms;
    if (count == 1) {
        struct ear_stored stored = {.store = p.store, .id = left[0].id};
        struct ear_voice_source source = ear_stored_source(&stored);
        int r = ear_voice_open(&voice, &source, codec);
        uint32_t ms = r == 0 ? voice.units * EAR_UNIT_MS : 0;
        if (r == 0) {
            assert_int_equal(ear_messages_finish(p.store, left[0].id, ms), 0);
            ear_voice_close(&voice);
        }
        lost_ms = ms < lost_ms ? lost_ms - ms : 0;
        assert_int_equal(ear_mail_delete(p.mail, left[0].id), 0);
    }
    ear_codec_opus_free(codec);
    end(&p);
    return lost_ms;
}

static void a_recording_loses_its_last_moment_at_most(void **state)
{
    struct scene *s = *state;
    unsigned most_ms = 0;
    for (int i = 0; i < RECORDINGS; i++) {
        long at = 1 + ear_random_below(&s->random, 300);
        s->witness->recorded_ms = 0;
        pid_t child = fork();
        if (child == 0) {
            writes_left = at;
            half = i % 2;
            record(s->paths[0], s->witness);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            continue;
        }
        unsigned lost_ms = check_recording(s);
        most_ms = lost_ms > most_ms ? lost_ms : most_ms;
    }
    print_message("%d recordings killed: %u ms lost at most\n", RECORDINGS, most_ms);
    assert_at_most(most_ms, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_recording_loses_its_last_moment_at_most, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_lost_when_disks_refuse, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_lost_when_programs_are_killed, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
