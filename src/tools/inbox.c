/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-cli inbox: the conversation with somebody, and what came as files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mail/stored.h"
#include "tools/commands.h"
#include "tools/desk.h"
#include "tools/options.h"

#define USAGE "earshot-cli inbox --profile DIR [--peer NAME] [--save NUMBER FILE]"
/* The newest of each person. */
#define SHOWN 20
#define OGG_SERIAL 1

static const char *state_of(const struct ear_message *m)
{
    static const char *const states[EAR_MESSAGE_STATES] = {
        [EAR_MESSAGE_RECORDING] = "recording", [EAR_MESSAGE_WAITING] = "waiting",
        [EAR_MESSAGE_SENT] = "sent",           [EAR_MESSAGE_ARRIVED] = "arrived",
        [EAR_MESSAGE_COMING] = "coming",       [EAR_MESSAGE_UNSEEN] = "new",
        [EAR_MESSAGE_SEEN] = "seen",           [EAR_MESSAGE_FAILED] = "failed"};
    return states[m->state];
}

static void show(const struct ear_person *person, const struct ear_message *m)
{
    static const char *const kinds[EAR_MESSAGE_KINDS] = {[EAR_MESSAGE_TEXT] = "text",
                                                         [EAR_MESSAGE_VOICE] = "voice",
                                                         [EAR_MESSAGE_FILE] = "file",
                                                         [EAR_MESSAGE_URGENT] = "urgent"};
    char when[32] = "";
    const time_t t = (time_t)m->written_s;
    struct tm tm;
    if (localtime_r(&t, &tm))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
    printf("%6lld %-9s %-6s %s %s %s: ", (long long)m->id, state_of(m), kinds[m->kind], when,
           m->direction == EAR_MESSAGE_IN ? "from" : "to", person->name);
    if (m->kind == EAR_MESSAGE_VOICE)
        printf("%u s\n", m->duration_ms / 1000);
    else if (m->kind == EAR_MESSAGE_FILE)
        printf("%s, %.1f kB\n", m->name, (double)m->size / 1000);
    else
        printf("%s%s\n", m->text, m->text[0] ? "" : "(long: --save)");
}

/* The oldest first, as it was said; what is shown as a whole has been seen. */
static int list(struct ear_household *h, const struct ear_person *person)
{
    struct ear_message messages[SHOWN];
    int count = ear_messages_list(h->store, person->guest.number, 0, messages, SHOWN);
    for (int i = count - 1; i >= 0; i--) {
        show(person, &messages[i]);
        if (messages[i].state == EAR_MESSAGE_UNSEEN && messages[i].text[0])
            (void)!ear_messages_set_state(h->store, messages[i].id, EAR_MESSAGE_SEEN,
                                          EAR_MESSAGE_NO_REASON);
    }
    return count < 0 ? count : 0;
}

static int write_out(void *ctx, const void *data, size_t len)
{
    return fwrite(data, 1, len, ctx) == len ? 0 : -EIO;
}

static int save_body(struct ear_store *store, int64_t id, FILE *file)
{
    uint8_t piece[EAR_MESSAGE_APPEND_MAX];
    int64_t len, at = 0;
    while ((len = ear_messages_read(store, id, (uint64_t)at, piece, sizeof piece)) > 0) {
        if (write_out(file, piece, (size_t)len) < 0)
            return -EIO;
        at += len;
    }
    return (int)len;
}

static int save_voice(struct ear_store *store, int64_t id, FILE *file)
{
    struct ear_stored stored = {.store = store, .id = id};
    const struct ear_voice_source source = ear_stored_source(&stored);
    const struct ear_voice_sink sink = {.write = write_out, .ctx = file};
    struct ear_codec *codec;
    struct ear_voice voice;
    int err = ear_codec_opus_new(&codec, &ear_codec_opus_usual);
    if (err)
        return err;
    err = ear_voice_open(&voice, &source, codec);
    if (!err) {
        err = ear_voice_export(&voice, &source, OGG_SERIAL, &sink);
        ear_voice_close(&voice);
    }
    ear_codec_opus_free(codec);
    return err;
}

static int save(struct ear_household *h, const struct ear_desk_options *o)
{
    struct ear_message m;
    if (ear_messages_with_id(h->store, o->save, &m) < 0) {
        ear_complain("There is no message %lld.", (long long)o->save);
        return -EINVAL;
    }
    if (m.state == EAR_MESSAGE_COMING) {
        ear_complain("This message is still coming: try again later.");
        return -EAGAIN;
    }
    int fd = open(o->arg, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!file) {
        ear_complain("%s cannot be made: %s.", o->arg, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -EINVAL;
    }
    int err = m.kind == EAR_MESSAGE_VOICE ? save_voice(h->store, m.id, file)
                                          : save_body(h->store, m.id, file);
    if (fclose(file) != 0 && !err)
        err = -EIO;
    if (err)
        unlink(o->arg); /* made here: nothing else can have this name */
    if (!err && m.state == EAR_MESSAGE_UNSEEN)
        err = ear_messages_set_state(h->store, m.id, EAR_MESSAGE_SEEN, EAR_MESSAGE_NO_REASON);
    if (err)
        ear_complain("Message %lld could not be saved (%s).", (long long)o->save, strerror(-err));
    return err;
}

static int read_all(struct ear_household *h, const struct ear_desk_options *o)
{
    const struct ear_person *person = o->peer ? ear_desk_peer(h, o->peer) : NULL;
    int err = o->peer && !person ? -EINVAL : 0;
    for (size_t i = 0; !err && i < ear_people_count(h->people); i++)
        if (!person || person == ear_people_at(h->people, i))
            err = list(h, ear_people_at(h->people, i));
    return err;
}

int ear_inbox_main(int argc, char **argv)
{
    struct ear_desk_options options;
    struct ear_household household;
    int err = ear_desk_options(&options, EAR_DESK_PEER | EAR_DESK_SAVE, argc, argv, USAGE);
    if (!err && (options.save != 0) != (options.arg != NULL)) {
        ear_complain("Usage: %s", USAGE);
        err = -EINVAL;
    }
    if (err)
        return err == -ECANCELED ? EAR_EXIT_NORMAL : EAR_EXIT_USAGE;
    err = ear_household_open(&household, options.profile);
    if (err)
        return ear_exit_after(err);
    err = options.save ? save(&household, &options) : read_all(&household, &options);
    ear_household_close(&household);
    return err ? EAR_EXIT_FAILED : EAR_EXIT_NORMAL;
}
