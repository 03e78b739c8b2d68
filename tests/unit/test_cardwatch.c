/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards that come, go, stall, or may not be used, over a PortAudio that the test plays: which one
 * is taken, and how soon. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake/audio.h"
#include "fake/test.h"

#include "port/cardwatch.h"
#include "port/device.h"

static struct world {
    struct ear_clock clock;
    struct ear_device *device;
    char folder[64], file[80];
} world;

static int setup(void **state)
{
    (void)state;
    memset(&fake_audio, 0, sizeof fake_audio);
    fake_audio.clock.now_us = 1 * S;
    fake_audio.level = 8000;
    world.clock = ear_clock_from_virtual(&fake_audio.clock);
    world.device = NULL;
    strcpy(world.folder, "/tmp/earshot-cards-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    snprintf(world.file, sizeof world.file, "%s/controlC1", world.folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ear_device_close(world.device);
    assert_int_equal(fake_audio.streams_open, 0);
    unlink(world.file);
    rmdir(world.folder);
    return 0;
}

static void touch_file(void)
{
    int fd = open(world.file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void add_card(const char *name)
{
    fake_audio.cards[fake_audio.count++] =
        (struct fake_card){.name = name, .inputs = 1, .outputs = 1};
}

static int open_cards(const char *name, bool or_usual, char *error, size_t bytes)
{
    const struct ear_device_config config = {.mic_name = name,
                                             .speaker_name = name,
                                             .or_usual = or_usual,
                                             .clock = &world.clock,
                                             .watched = world.folder};
    return ear_device_open(&world.device, &config, error, bytes);
}

/* As media and worker do, for so long; returns how many frames were heard. */
static int run(int64_t us, int64_t *ret_gap_us)
{
    struct ear_mic *mic = ear_device_mic(world.device);
    struct ear_speaker *speaker = ear_device_speaker(world.device);
    static const int16_t silence[EAR_FRAME];
    int16_t frame[EAR_FRAME];
    int64_t end_us, until = fake_audio.clock.now_us + us, last = fake_audio.clock.now_us, gap = 0;
    int heard = 0;
    for (int step = 0; fake_audio.clock.now_us < until; step++) {
        int64_t now = fake_audio.clock.now_us;
        for (; mic->read(mic->ctx, now, frame, &end_us) == 1; heard++) {
            gap = ear_max64(gap, now - last);
            last = now;
        }
        while (speaker->wants(speaker->ctx, now, &end_us) == 1)
            speaker->write(speaker->ctx, silence);
        if (step % 20 == 0)
            ear_device_tend(world.device);
        fake_audio_run(now + 5 * MS);
    }
    if (ret_gap_us)
        *ret_gap_us = ear_max64(gap, until - last);
    return heard;
}

static void what_was_named_is_taken_again(void **state)
{
    (void)state;
    char error[256];
    int64_t gap_us;
    add_card("Built-in");
    add_card("Headset");
    assert_int_equal(open_cards("Headset", true, error, sizeof error), 0);
    run(8 * S, NULL);
    fake_audio.cards[1].unplugged = true; /* pulled out: the other one serves within a second */
    run(8 * S, &gap_us);
    assert_at_most(gap_us, 1 * S);
    int opened = fake_audio.streams_opened;
    run(10 * S, &gap_us);
    assert_int_equal(fake_audio.streams_opened, opened);
    fake_audio.cards[1].unplugged = false;
    run(10 * S, NULL);
    assert_int_equal(fake_audio.streams_opened, opened); /* nobody has told */
    touch_file();
    run(3 * S, &gap_us);
    assert_at_most(gap_us, 1 * S);
    assert_int_equal(fake_audio.streams_opened, opened + 1);
    fake_audio.cards[0].unplugged = true; /* it is not in use any more */
    assert_in_range(run(5 * S, &gap_us), 495, 505);
    unlink(world.file); /* what is of no use to us changes nothing */
    run(5 * S, NULL);
    assert_int_equal(fake_audio.streams_opened, opened + 1);
}

static void a_first_card_is_found(void **state)
{
    (void)state;
    char error[256];
    add_card("Headset");
    rmdir(world.folder); /* no card at all: the kernel has no folder for them */
    assert_int_equal(open_cards(NULL, true, error, sizeof error), 0);
    run(7 * S, NULL);
    fake_audio.cards[0].unplugged = true;
    run(5 * S, NULL);
    fake_audio.cards[0].unplugged = false;
    assert_int_equal(mkdir(world.folder, 0700), 0);
    run(1 * S, NULL);
    assert_in_range(run(2 * S, NULL), 150, 205);
}

static void a_name_that_is_not_there_is_no_obstacle(void **state)
{
    (void)state;
    char error[256];
    add_card("Built-in");
    assert_int_equal(open_cards("Headset", false, error, sizeof error), -ENODEV);
    assert_int_equal(open_cards("Headset", true, error, sizeof error), 0);
    assert_in_range(run(5 * S, NULL), 450, 505);
}

/* 2 s without a callback, as suspended USB does: told as gone, and heard again at once after. */
static void a_card_that_stalls_for_2_s_goes_on(void **state)
{
    (void)state;
    char error[256];
    int64_t gap_us;
    add_card("Headset");
    assert_int_equal(open_cards(NULL, false, error, sizeof error), 0);
    run(10 * S, NULL);
    for (int i = 0; i < 3; i++) {
        fake_audio.cards[0].stopped = true;
        run(2 * S, NULL);
        fake_audio.cards[0].stopped = false;
        run(1 * S, &gap_us);
        assert_at_most(gap_us, 500 * MS);
        assert_in_range(run(10 * S, NULL), 990, 1010);
    }
}

/* Root may all: a child gives that up. */
static void what_is_forbidden_is_said(void **state)
{
    (void)state;
    int status = 0;
    touch_file();
    assert_int_equal(chmod(world.folder, 0755), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char error[256] = "";
        if (geteuid() == 0 ? setuid(65534) != 0 : chmod(world.file, 0) != 0)
            _exit(3);
        int err = open_cards(NULL, true, error, sizeof error);
        _exit(err == -EACCES && strstr(error, "may not use the sound card") ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_named_is_taken_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_first_card_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_that_is_not_there_is_no_obstacle, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_that_stalls_for_2_s_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_forbidden_is_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
