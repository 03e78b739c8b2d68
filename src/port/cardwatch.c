/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux's inotify on the folder of sound cards: no library, no daemon. */
#include "port/cardwatch.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* udev gives a new card's files to their group within this, 20 ms as a rule. */
#define QUIET_US (200 * EAR_US_PER_MS)

static void begin(struct ear_cardwatch *w)
{
    if (w->fd >= 0 && w->watch < 0)
        w->watch = inotify_add_watch(w->fd, w->folder, IN_CREATE | IN_DELETE | IN_ATTRIB);
}

void ear_cardwatch_init(struct ear_cardwatch *w, const char *folder)
{
    *w = (struct ear_cardwatch){
        .folder = folder, .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .watch = -1};
    begin(w);
}

void ear_cardwatch_fini(struct ear_cardwatch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

static bool take_events(struct ear_cardwatch *w)
{
    _Alignas(struct inotify_event) char events[4096];
    bool any = false;
    for (ssize_t len; (len = read(w->fd, events, sizeof events)) > 0; any = true) {
        const struct inotify_event *event;
        for (char *at = events; at < events + len; at += sizeof *event + event->len) {
            event = (const void *)at;
            if (event->mask & IN_IGNORED)
                w->watch = -1; /* the folder went with its last card */
        }
    }
    return any;
}

bool ear_cardwatch_changed(struct ear_cardwatch *w, int64_t now_us)
{
    bool fresh = false;
    if (w->fd < 0)
        return false;
    if (w->watch < 0) {
        begin(w);
        fresh = w->watch >= 0; /* the first card of all */
    }
    fresh = take_events(w) || fresh;
    if (fresh)
        w->news_us = now_us;
    if (w->news_us == 0 || now_us - w->news_us < QUIET_US)
        return false;
    w->news_us = 0;
    return true;
}

bool ear_cardwatch_forbidden(const struct ear_cardwatch *w)
{
    DIR *folder = opendir(w->folder);
    bool forbidden = false;
    if (!folder)
        return false;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strncmp(entry->d_name, "control", strlen("control")) == 0)
            forbidden = forbidden || faccessat(dirfd(folder), entry->d_name, R_OK | W_OK, 0) != 0;
    closedir(folder);
    return forbidden;
}
