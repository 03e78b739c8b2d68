/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli message and send-file: what waits on this disk until there is a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mail/mail.h"
#include "tools/commands.h"
#include "tools/desk.h"
#include "tools/options.h"

#define MESSAGE_USAGE "earshot-cli message --profile DIR [--peer NAME] [--urgent] TEXT|-"
#define FILE_USAGE "earshot-cli send-file --profile DIR [--peer NAME] FILE"
#define TEXT_MOST 65536

/* The text, or what stands on standard input: of more than TEXT_MOST one byte more, which the store
 * refuses. To be freed. Returns 0, -ENOMEM, -EIO. */
static int text_of(const char *arg, char **ret, size_t *ret_len)
{
    char *text = calloc(1, TEXT_MOST + 1);
    if (!text)
        return -ENOMEM;
    bool piped = strcmp(arg, "-") == 0;
    size_t len = piped ? fread(text, 1, TEXT_MOST + 1, stdin) : strnlen(arg, TEXT_MOST + 1);
    if (piped && ferror(stdin)) {
        ear_sodium_wipe(text, TEXT_MOST + 1);
        free(text);
        return -EIO;
    }
    if (!piped)
        memcpy(text, arg, len);
    *ret = text;
    *ret_len = len;
    return 0;
}

/* One sentence for what the store does not take. */
static int complain(int err, enum ear_message_kind kind)
{
    if (err == -EILSEQ || err == -EINVAL)
        ear_complain("This is no plain text: it must be UTF-8, without control characters.");
    else if (err == -EMSGSIZE)
        ear_complain(kind == EAR_MESSAGE_FILE ? "A file may have at most 64 MB."
                                              : "A message holds at most 64 kB of text.");
    else if (err == -ENODATA)
        ear_complain("There is nothing in it.");
    else if (err == -ENOSPC)
        ear_complain("The disk is full: make room, then try again.");
    else if (err)
        ear_complain("It could not be kept (%s).", strerror(-err));
    return err;
}

static int write_text(struct ear_household *h, const struct ear_desk_options *o)
{
    const struct ear_person *person = ear_desk_peer(h, o->peer);
    size_t len = 0;
    int64_t id;
    char *text = NULL;
    if (!person)
        return -EINVAL;
    const struct ear_message_draft draft = {
        .person = person->guest.number,
        .kind = o->urgent ? EAR_MESSAGE_URGENT : EAR_MESSAGE_TEXT,
        .written_s = ear_desk_now_s(),
    };
    int err = text_of(o->arg, &text, &len);
    if (!err)
        err = len > 0 ? ear_messages_write(h->store, &draft, text, len, &id) : -ENODATA;
    if (!err)
        ear_desk_tell_waiting(person, draft.kind, len, NULL);
    if (text)
        ear_sodium_wipe(text, TEXT_MOST + 1);
    free(text);
    return complain(err, draft.kind);
}

int ear_message_main(int argc, char **argv)
{
    struct ear_desk_options options;
    struct ear_household household;
    int err = ear_desk_options(&options, EAR_DESK_ARG | EAR_DESK_PEER | EAR_DESK_URGENT, argc, argv,
                               MESSAGE_USAGE);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_household_open(&household, options.profile);
    if (err)
        return ear_exit_after(err);
    err = write_text(&household, &options);
    ear_household_close(&household);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}

/* Known before the first byte is copied; of a pipe it is not. */
static bool is_too_large(FILE *file)
{
    struct stat status;
    return fstat(fileno(file), &status) == 0 && status.st_size > (off_t)EAR_MESSAGE_SIZE_MAX;
}

/* Piece by piece, each on disk before the next. */
static int64_t keep_file(struct ear_store *store, const struct ear_message_draft *draft, FILE *file)
{
    uint8_t piece[EAR_MESSAGE_APPEND_MAX];
    int64_t id, at = 0;
    int err = ear_messages_begin(store, draft, &id);
    if (err)
        return err;
    for (size_t len; at >= 0 && (len = fread(piece, 1, sizeof piece, file)) > 0;)
        at = ear_messages_append(store, id, (uint64_t)at, piece, len);
    err = at < 0 ? (int)at : ferror(file) ? -EIO : ear_messages_finish(store, id, 0);
    if (err)
        (void)!ear_messages_delete(store, id);
    return err ? err : at;
}

static int send_file(struct ear_household *h, const struct ear_desk_options *o)
{
    const struct ear_person *person = ear_desk_peer(h, o->peer);
    FILE *file = person ? fopen(o->arg, "rb") : NULL;
    if (!file) {
        if (person)
            ear_complain("%s cannot be opened: %s.", o->arg, strerror(errno));
        return -EINVAL;
    }
    const char *slash = strrchr(o->arg, '/');
    const struct ear_message_draft draft = {
        .person = person->guest.number,
        .kind = EAR_MESSAGE_FILE,
        .written_s = ear_desk_now_s(),
        .name = slash ? slash + 1 : o->arg,
    };
    int64_t size = is_too_large(file) ? -EMSGSIZE : keep_file(h->store, &draft, file);
    fclose(file);
    if (size < 0)
        return complain((int)size, draft.kind);
    ear_desk_tell_waiting(person, draft.kind, (uint64_t)size, draft.name);
    return 0;
}

int ear_send_file_main(int argc, char **argv)
{
    struct ear_desk_options options;
    struct ear_household household;
    int err = ear_desk_options(&options, EAR_DESK_ARG | EAR_DESK_PEER, argc, argv, FILE_USAGE);
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_household_open(&household, options.profile);
    if (err)
        return ear_exit_after(err);
    err = send_file(&household, &options);
    ear_household_close(&household);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
