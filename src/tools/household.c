/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing of a profile, and small things that the subcommands on it share. */
#include "tools/household.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/options.h"
#include "tools/passphrase.h"

static int open_parts(struct ear_household *h, const char *path, bool with_identity)
{
    char error[EAR_SENTENCE_BYTES] = "";
    if (!path || !*path) {
        ear_complain("The profile folder is missing: give it with --profile DIR.");
        return -EINVAL;
    }
    int err = ear_sodium_start();
    if (err)
        snprintf(error, sizeof error, "This computer gives no random numbers: no keys are safe.");
    if (!err)
        err = ear_home_open(&h->home, path, error, sizeof error);
    if (!err)
        err = ear_store_open(&h->store, h->home, NULL, error, sizeof error);
    if (!err) {
        err = ear_passphrase_unlock(h->store);
        if (err) /* said already */
            return err;
    }
    if (!err && with_identity)
        err = ear_identity_open(h->store, &h->identity, &h->made, error, sizeof error);
    if (!err)
        err = ear_people_load(&h->people, h->store, error, sizeof error);
    if (err)
        ear_complain("%s", error);
    return err;
}

static int open_household(struct ear_household *ret, const char *path, bool with_identity)
{
    struct ear_household h = {0};
    int err = open_parts(&h, path, with_identity);
    if (err)
        ear_household_close(&h);
    else
        *ret = h;
    ear_identity_wipe(&h.identity);
    return err;
}

int ear_household_open(struct ear_household *ret, const char *path)
{
    return open_household(ret, path, true);
}

int ear_household_open_people(struct ear_household *ret, const char *path)
{
    return open_household(ret, path, false);
}

int ear_household_save(struct ear_household *household)
{
    char error[EAR_SENTENCE_BYTES];
    int err = ear_people_save(household->people, household->store, error, sizeof error);
    if (err)
        ear_complain("%s", error);
    return err;
}

void ear_household_close(struct ear_household *household)
{
    ear_people_free(household->people);
    ear_identity_wipe(&household->identity);
    ear_store_close(household->store);
    ear_home_close(household->home);
    household->people = NULL;
    household->store = NULL;
    household->home = NULL;
}

bool ear_ask(const char *question)
{
    char answer[16] = "";
    printf("%s Type yes or no: ", question);
    fflush(stdout);
    bool given = fgets(answer, sizeof answer, stdin) != NULL;
    if (!given)
        putchar('\n');
    answer[strcspn(answer, "\r\n")] = '\0';
    return given && strcasecmp(answer, "yes") == 0;
}

void ear_complain_option(int letter, char **argv, const char *usage)
{
    ear_complain("%s %s. Usage: %s", argv[optind - 1],
                 letter == ':' ? "needs a value" : "is not an option here", usage);
}

int ear_write_new_file(const char *path, const uint8_t *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    int err = 0;
    if (fd < 0)
        return -errno;
    for (size_t at = 0; !err && at < len;) {
        ssize_t n = write(fd, data + at, len - at);
        if (n > 0)
            at += (size_t)n;
        else if (n == 0 || errno != EINTR)
            err = n == 0 ? -EIO : -errno;
    }
    if (!err && fsync(fd) < 0 && errno != EINVAL)
        err = -errno;
    if (close(fd) < 0 && !err)
        err = -errno;
    if (err)
        unlink(path);
    return err;
}
