/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A passphrase from the terminal or from a pipe. */
#include "tools/passphrase.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "store/store.h"
#include "tools/household.h"
#include "tools/options.h"

#define TRIES 3

/* One line from standard input without its end. */
static int read_line(char ret[static EAR_PASSPHRASE_BYTES])
{
    size_t len = 0;
    char c = 0;
    ssize_t n;
    while ((n = read(STDIN_FILENO, &c, 1)) > 0 && c != '\n') {
        if (len == EAR_PASSPHRASE_BYTES - 1)
            return -EMSGSIZE;
        ret[len++] = c;
    }
    if (len > 0 && ret[len - 1] == '\r')
        len--;
    ret[len] = '\0';
    return n <= 0 && len == 0 ? -ENODATA : 0;
}

int ear_passphrase_ask(const char *question, char ret[static EAR_PASSPHRASE_BYTES])
{
    struct termios shown, hidden;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        fprintf(stderr, "%s ", question);
    }
    int err = read_line(ret);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    return err;
}

int ear_passphrase_ask_new(const char *question, char ret[static EAR_PASSPHRASE_BYTES])
{
    char again[EAR_PASSPHRASE_BYTES] = "";
    int err = ear_passphrase_ask(question, ret);
    if (!err && isatty(STDIN_FILENO)) {
        err = ear_passphrase_ask("Once more:", again);
        if (!err && strcmp(ret, again) != 0)
            err = -EKEYREJECTED;
        ear_sodium_wipe(again, sizeof again);
    }
    if (err == -EKEYREJECTED)
        ear_complain("The two were not the same: nothing was changed.");
    else if (err)
        ear_complain("No passphrase was given: type it, or give it on standard input.");
    return err;
}

int ear_passphrase_unlock(struct ear_store *store)
{
    char passphrase[EAR_PASSPHRASE_BYTES], error[EAR_SENTENCE_BYTES] = "";
    int tries = isatty(STDIN_FILENO) ? TRIES : 1, err = 0;
    while (ear_store_is_locked(store) && tries-- > 0) {
        err = ear_passphrase_ask("Passphrase of this profile:", passphrase);
        if (err)
            snprintf(error, sizeof error,
                     "This profile is locked: type its passphrase, or give it as the first line of "
                     "standard input.");
        else
            err = ear_store_unlock(store, passphrase, error, sizeof error);
        if (err)
            ear_complain("%s", error);
        if (err != -EACCES)
            break;
    }
    ear_sodium_wipe(passphrase, sizeof passphrase);
    return err;
}
