/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile folder, with the power cut at every step. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "folder.h"
#include "port/sodium.h"

#define NOBODY 65534
#define CUT_EXIT 9

/* What happens at the steps of a save: the steps left until then, and whether the power goes or
 * the step fails. */
static struct {
    int left;
    bool fails;
} trouble;

/* Whether this step fails. Does not come back when the power goes. */
static bool step(void)
{
    if (trouble.left == 0 || --trouble.left > 0)
        return false;
    if (!trouble.fails)
        _exit(CUT_EXIT);
    errno = ENOSPC;
    return true;
}

/* These take the places of the C library's. */
int fsync(int fd)
{
    return step() ? -1 : (int)syscall(SYS_fsync, fd);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return step() ? -1 : (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

int unlinkat(int folder, const char *name, int flags)
{
    return step() ? -1 : (int)syscall(SYS_unlinkat, folder, name, flags);
}

/* Half of it is written when the power goes, or the disk is full. */
ssize_t write(int fd, const void *data, size_t len)
{
    bool last = trouble.left == 1;
    if (last && len > 1)
        syscall(SYS_write, fd, data, len / 2);
    return step() ? -1 : (ssize_t)syscall(SYS_write, fd, data, len);
}

static const uint8_t before[300] = "what was there before";
static const uint8_t after[500] = "what is there afterwards";

static int save(struct ear_home *home, const uint8_t *body, size_t len)
{
    char error[600] = "";
    int err = ear_home_save(home, EAR_HOME_PEOPLE, body, len, error, sizeof error);
    assert_true((err == 0) == (error[0] == '\0'));
    return err;
}

static int load_len(const struct ear_home *home, size_t *ret_len, char *error, size_t error_bytes)
{
    uint8_t *body = NULL;
    int err = ear_home_load(home, EAR_HOME_PEOPLE, &body, ret_len, error, error_bytes);
    ear_home_forget(body, err ? 0 : *ret_len);
    return err;
}

/* 1: as before, 2: as after; anything else is a failure. */
static int which(const struct ear_home *home)
{
    char error[600] = "";
    uint8_t *body = NULL;
    size_t len = 0;
    assert_int_equal(ear_home_load(home, EAR_HOME_PEOPLE, &body, &len, error, sizeof error), 0);
    bool old = len == sizeof before && memcmp(body, before, len) == 0;
    bool new = len == sizeof after &&memcmp(body, after, len) == 0;
    ear_home_forget(body, len);
    assert_true(old != new);
    return old ? 1 : 2;
}

static void makes_a_folder_that_is_ours_alone(void **state)
{
    struct stat s;
    char error[600] = "";
    size_t len = 0;
    umask(0);
    struct ear_home *home = folder_open(*state);
    assert_int_equal(stat(*state, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0700);
    assert_int_equal(load_len(home, &len, error, sizeof error), -ENOENT);
    assert_string_equal(error, "");
    assert_false(ear_home_has(home, EAR_HOME_PEOPLE));
    assert_int_equal(save(home, before, sizeof before), 0);
    assert_int_equal(stat(folder_file(*state, "people"), &s), 0);
    assert_int_equal(s.st_mode & 07777, 0600);
    assert_true(ear_home_has(home, EAR_HOME_PEOPLE));
    assert_int_equal(which(home), 1);
    ear_home_close(home);
    home = folder_open(*state);
    assert_int_equal(which(home), 1);
    ear_home_close(home);
}

static void a_second_program_is_told(void **state)
{
    char error[600] = "";
    struct ear_home *second = NULL, *home = folder_open(*state);
    assert_int_equal(ear_home_open(&second, *state, error, sizeof error), -EBUSY);
    assert_non_null(strstr(error, "Another Earshot is using"));
    assert_null(second);
    ear_home_close(home);
    home = folder_open(*state);
    ear_home_close(home);
}

/* Returns the result of opening as a user who may not do all. */
static int open_as_nobody(const char *path, const char *sentence)
{
    pid_t child = fork();
    if (child == 0) {
        char error[600] = "";
        struct ear_home *home = NULL;
        if (geteuid() == 0 && seteuid(NOBODY) != 0)
            _exit(255);
        int err = ear_home_open(&home, path, error, sizeof error);
        _exit(strstr(error, sentence) ? -err : 254);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void refuses_folders_that_are_not_ours(void **state)
{
    char error[600] = "";
    struct ear_home *home = NULL;
    bool root = geteuid() == 0;
    assert_int_equal(ear_home_open(&home, "/nowhere/at/all", error, sizeof error), -ENOENT);
    assert_non_null(strstr(error, "cannot be made"));
    assert_int_equal(mkdir(*state, 0750), 0);
    assert_int_equal(ear_home_open(&home, *state, error, sizeof error), -EPERM);
    assert_non_null(strstr(error, "chmod 700"));
    assert_int_equal(chmod(*state, 0500), 0);
    assert_int_equal(open_as_nobody(root ? *state : "/", "belongs to somebody else"), -EPERM);
    if (root)
        assert_int_equal(chown(*state, NOBODY, NOBODY), 0);
    assert_int_equal(open_as_nobody(*state, "cannot be written"), -EACCES);
    assert_int_equal(rmdir(*state), 0);
    assert_int_equal(open_as_nobody("/new-profile", "Nothing may be written"), -EACCES);
    int fd = open(*state, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(ear_home_open(&home, *state, error, sizeof error), -ENOTDIR);
    assert_non_null(strstr(error, "is not a folder"));
    assert_null(home);
}

static void expect_refusal(struct ear_home *home, int err, const char *sentence)
{
    char error[600] = "";
    size_t len = 0;
    assert_int_equal(load_len(home, &len, error, sizeof error), err);
    if (!strstr(error, sentence))
        fail_msg("\"%s\" does not say \"%s\"", error, sentence);
}

static void refuses_files_that_are_not_right(void **state)
{
    uint8_t good[600], bad[600];
    struct ear_home *home = folder_open(*state);
    assert_int_equal(save(home, before, sizeof before), 0);
    size_t len = folder_read(*state, "people", good, sizeof good);
    assert_int_equal(len, sizeof before + 26);
    assert_int_equal(chmod(folder_file(*state, "people"), 0640), 0);
    expect_refusal(home, -EPERM, "chmod 600");
    assert_int_equal(chmod(folder_file(*state, "people"), 0600), 0);
    for (size_t i = 0; i < len; i++) {
        memcpy(bad, good, len);
        bad[i] ^= 1;
        folder_write(*state, "people", bad, len);
        expect_refusal(home, -EBADMSG, "is damaged");
    }
    for (size_t i = 0; i < len; i++) {
        folder_write(*state, "people", good, i);
        expect_refusal(home, -EBADMSG, "has the wrong size");
    }
    assert_int_equal(unlink(folder_file(*state, "people")), 0);
    assert_int_equal(symlink("lock", folder_file(*state, "people")), 0);
    expect_refusal(home, -ELOOP, "is not a file");
    assert_int_equal(unlink(folder_file(*state, "people")), 0);
    assert_int_equal(mkdir(folder_file(*state, "people"), 0700), 0);
    expect_refusal(home, -EISDIR, "is not a file");
    ear_home_close(home);
}

static void knows_files_of_other_kinds_and_times(void **state)
{
    uint8_t data[600];
    struct ear_home *home = folder_open(*state);
    assert_int_equal(save(home, before, sizeof before), 0);
    size_t len = folder_read(*state, "people", data, sizeof data);
    const struct ear_bytes piece = {data, len - 16};
    data[5]++; /* a version to come */
    ear_sodium_hash(data + len - 16, 16, NULL, 0, &piece, 1);
    folder_write(*state, "people", data, len);
    expect_refusal(home, -ENOTSUP, "newer Earshot");
    data[5]--;
    data[4] = EAR_HOME_CLOCK;
    ear_sodium_hash(data + len - 16, 16, NULL, 0, &piece, 1);
    folder_write(*state, "people", data, len);
    expect_refusal(home, -EBADMSG, "is damaged");
    ear_home_close(home);
}

/* Saves in a program of its own that ends at that step; returns its exit code. */
static int save_with_trouble(const char *path, int at_step, bool fails)
{
    pid_t child = fork();
    if (child == 0) {
        struct ear_home *home = folder_open(path);
        trouble.left = at_step;
        trouble.fails = fails;
        int err = save(home, after, sizeof after);
        bool happened = trouble.left == 0;
        trouble.left = 0;
        ear_home_close(home);
        _exit(err ? 1 : happened ? 2 : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Returns how many steps a save has. seen counts what was there afterwards. */
static int sweep(const char *path, bool fails, int seen[3])
{
    for (int at_step = 1;; at_step++) {
        struct ear_home *home = folder_open(path);
        assert_int_equal(save(home, before, sizeof before), 0);
        ear_home_close(home);
        int code = save_with_trouble(path, at_step, fails);
        home = folder_open(path);
        int found = which(home);
        seen[found]++;
        assert_int_equal(save(home, before, sizeof before), 0);
        ear_home_close(home);
        if (code == 0)
            return at_step - 1;
        if (!fails)
            assert_int_equal(code, CUT_EXIT);
        if (code == 2) /* a step that need not succeed: the save did */
            assert_int_equal(found, 2);
    }
}

static void a_power_cut_leaves_the_old_or_the_new(void **state)
{
    int seen[3] = {0};
    int steps = sweep(*state, false, seen);
    print_message("steps of a save: %d; old after %d, new after %d\n", steps, seen[1], seen[2] - 1);
    assert_true(steps >= 6 && seen[1] >= 4 && seen[2] >= 3);
}

static void a_failing_disk_leaves_the_old_or_the_new(void **state)
{
    int seen[3] = {0};
    assert_true(sweep(*state, true, seen) >= 6);
    assert_true(seen[1] >= 3 && seen[2] >= 2);
}

static void what_the_old_file_held_is_overwritten(void **state)
{
    uint8_t data[600];
    struct ear_home *home = folder_open(*state);
    assert_int_equal(save(home, before, sizeof before), 0);
    int old = open(folder_file(*state, "people"), O_RDONLY);
    assert_true(old >= 0);
    assert_int_equal(save(home, after, sizeof after), 0);
    ssize_t len = read(old, data, sizeof data);
    assert_true(len >= (ssize_t)sizeof before);
    for (ssize_t i = 0; i < len; i++)
        assert_int_equal(data[i], 0);
    close(old);
    /* a backup made as a second name of the file is somebody's wish */
    char backup[FOLDER_BYTES + 32];
    snprintf(backup, sizeof backup, "%s/backup", (char *)*state);
    assert_int_equal(link(folder_file(*state, "people"), backup), 0);
    assert_int_equal(save(home, before, sizeof before), 0);
    FILE *f = fopen(backup, "rb");
    assert_int_equal(fread(data, 1, sizeof data, f), sizeof after + 26);
    fclose(f);
    assert_memory_equal(data + 10, after, sizeof after);
    ear_home_close(home);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_a_folder_that_is_ours_alone, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_second_program_is_told, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(refuses_folders_that_are_not_ours, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(refuses_files_that_are_not_right, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(knows_files_of_other_kinds_and_times, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_power_cut_leaves_the_old_or_the_new, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_failing_disk_leaves_the_old_or_the_new, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(what_the_old_file_held_is_overwritten, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
