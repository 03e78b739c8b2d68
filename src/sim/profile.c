/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a link does to datagrams, as read from a small text file. */
#include "sim/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/file.h"
#include "sim/profile_text.h"
#include "sim/words.h"

#define PATH_BYTES 4096
#define NAME_BYTES 64
#define NAMES_BYTES 1024
#define NAMES_MAX 256
#define EAR_TRACE_BYTES_MAX ((size_t)64 << 20)
#define SUFFIX ".link"

struct ear_profile {
    char name[NAME_BYTES];
    struct ear_effects effects[2];
    struct ear_trace *traces[2];
};

/* Folders where links are looked for, best first; NULL where there is none. */
static const char *folder(size_t i)
{
    switch (i) {
    case 0:
        return getenv("EARSHOT_LINKS");
    case 1:
        return EAR_LINKS_SOURCE;
    default:
        return EAR_LINKS_INSTALLED;
    }
}

#define FOLDERS 3

static bool is_file(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

static bool find_link(const char *name, char path[static PATH_BYTES])
{
    if (strpbrk(name, "/.")) {
        int n = snprintf(path, PATH_BYTES, "%s", name);
        return n < PATH_BYTES && is_file(path);
    }
    for (size_t i = 0; i < FOLDERS; i++) {
        int n = folder(i) ? snprintf(path, PATH_BYTES, "%s/%s" SUFFIX, folder(i), name) : -1;
        if (n > 0 && n < PATH_BYTES && is_file(path))
            return true;
    }
    return false;
}

/* Links are known by their file's name without folder and suffix. */
static void set_name(struct ear_profile *profile, const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(profile->name, sizeof profile->name, "%s", slash ? slash + 1 : path);
    char *suffix = strrchr(profile->name, '.');
    if (suffix && strcmp(suffix, SUFFIX) == 0)
        *suffix = '\0';
}

/* Opens a trace beside the profile; source is the profile's path. */
static int load_trace(struct ear_profile *profile, int direction, const char *source,
                      const char *file, char *error, size_t error_bytes)
{
    char path[PATH_BYTES], *text;
    size_t len;
    const char *slash = strrchr(source, '/');
    int folder_len = slash && file[0] != '/' ? (int)(slash + 1 - source) : 0;
    int n = snprintf(path, sizeof path, "%.*s%s", folder_len, source, file);
    int r = n < (int)sizeof path ? ear_file_read(path, EAR_TRACE_BYTES_MAX, &text, &len)
                                 : -ENAMETOOLONG;
    if (r < 0) {
        snprintf(error, error_bytes, "%s names the trace %s, which cannot be read: %s.",
                 profile->name, path, strerror(-r));
        return r == -ENOENT || r == -ENOMEM ? r : -EINVAL;
    }
    r = ear_trace_parse(&profile->traces[direction], file, text, len, error, error_bytes);
    free(text);
    profile->effects[direction].trace = profile->traces[direction];
    return r;
}

/* source is NULL for text in memory. */
static int make(struct ear_profile **ret, const char *source, const char *name,
                struct ear_words text, char *error, size_t error_bytes)
{
    struct ear_profile_text parsed;
    struct ear_profile *profile = NULL;
    int r = ear_profile_text_parse(&parsed, name, text.at, (size_t)(text.end - text.at), error,
                                   error_bytes);
    if (r < 0)
        return r;
    profile = calloc(1, sizeof *profile);
    if (!profile) {
        snprintf(error, error_bytes, "There is no memory for the link %s.", name);
        return -ENOMEM;
    }
    set_name(profile, name);
    for (int d = 0; d < 2 && r == 0; d++) {
        profile->effects[d] = parsed.effects[d];
        if (!parsed.trace[d][0])
            continue;
        if (source) {
            r = load_trace(profile, d, source, parsed.trace[d], error, error_bytes);
        } else {
            snprintf(error, error_bytes, "%s names a trace, which needs a file.", name);
            r = -EINVAL;
        }
    }
    if (r < 0)
        ear_profile_free(profile);
    else
        *ret = profile;
    return r;
}

int ear_profile_load(struct ear_profile **ret, const char *name, char *error, size_t error_bytes)
{
    char path[PATH_BYTES], known[NAMES_BYTES], *text;
    size_t len;
    if (!find_link(name, path)) {
        ear_profile_names(known, sizeof known);
        snprintf(error, error_bytes, "There is no link \"%.64s\"; the known ones are: %s.", name,
                 known);
        return -ENOENT;
    }
    int r = ear_file_read(path, EAR_PROFILE_TEXT_MAX, &text, &len);
    if (r < 0) {
        snprintf(error, error_bytes, "The link %.64s cannot be read: %s.", name, strerror(-r));
        return r == -ENOENT || r == -ENOMEM ? r : -EINVAL;
    }
    const char *slash = strrchr(path, '/');
    r = make(ret, path, slash ? slash + 1 : path, (struct ear_words){text, text + len}, error,
             error_bytes);
    free(text);
    return r;
}

int ear_profile_parse(struct ear_profile **ret, const char *name, const char *text, size_t len,
                      char *error, size_t error_bytes)
{
    return make(ret, NULL, name, (struct ear_words){text, text + len}, error, error_bytes);
}

void ear_profile_free(struct ear_profile *profile)
{
    if (!profile)
        return;
    for (int d = 0; d < 2; d++)
        ear_trace_free(profile->traces[d]);
    free(profile);
}

const char *ear_profile_name(const struct ear_profile *profile)
{
    return profile->name;
}

const struct ear_effects *ear_profile_effects(const struct ear_profile *profile, int end)
{
    return &profile->effects[end];
}

int64_t ear_profile_delay_us(const struct ear_profile *profile)
{
    int64_t least_us = INT64_MAX;
    for (int d = 0; d < 2; d++) {
        const struct ear_effects *e = &profile->effects[d];
        int64_t trace_us = e->trace ? ear_trace_least_us(e->trace) : 0;
        least_us = ear_min64(least_us, e->delay_us + trace_us);
    }
    return least_us;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t list_folder(const char *path, char (*names)[NAME_BYTES], size_t count)
{
    DIR *dir = path ? opendir(path) : NULL;
    for (struct dirent *d; dir && count < NAMES_MAX && (d = readdir(dir)) != NULL;) {
        size_t len = strlen(d->d_name), suffix = strlen(SUFFIX);
        if (len <= suffix || len - suffix >= NAME_BYTES || d->d_name[0] == '.' ||
            strcmp(d->d_name + len - suffix, SUFFIX) != 0)
            continue;
        memcpy(names[count], d->d_name, len - suffix);
        names[count++][len - suffix] = '\0';
    }
    if (dir)
        closedir(dir);
    return count;
}

void ear_profile_names(char *out, size_t out_bytes)
{
    char names[NAMES_MAX][NAME_BYTES];
    size_t count = 0, used = 0;
    for (size_t i = 0; i < FOLDERS; i++)
        count = list_folder(folder(i), names, count);
    qsort(names, count, sizeof names[0], by_name);
    if (out_bytes > 0)
        out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(names[i]);
        if (i > 0 && strcmp(names[i], names[i - 1]) == 0)
            continue;
        if (used + len + 2 > out_bytes)
            return;
        used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", used ? " " : "", names[i]);
    }
}
