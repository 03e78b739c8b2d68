/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a profile of 100,000 messages takes to open, list and search: store [MESSAGES] */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "store/inside.h"
#include "store/messages.h"

#define MESSAGES 100000
#define PEOPLE 20
#define SEED 20240611
#define ROUNDS 9
#define PAGE 50

static char error[600];

/* Filling is not what is measured. */
static void pass_over(struct ear_store *store)
{
    if (ear_db_run(store->db, "PRAGMA synchronous=OFF") != 0)
        abort();
}

/* By the wall, and of this thread alone: others may be at work on the same computer. */
struct moment {
    double wall_ms, cpu_ms;
};

struct rounds {
    double wall_ms[ROUNDS], cpu_ms[ROUNDS];
};

static double read_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct moment now(void)
{
    return (struct moment){read_ms(CLOCK_MONOTONIC), read_ms(CLOCK_THREAD_CPUTIME_ID)};
}

static void take(struct rounds *rounds, int i, struct moment since)
{
    struct moment end = now();
    rounds->wall_ms[i] = end.wall_ms - since.wall_ms;
    rounds->cpu_ms[i] = end.cpu_ms - since.cpu_ms;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void say(const char *what, struct rounds *rounds)
{
    qsort(rounds->wall_ms, ROUNDS, sizeof rounds->wall_ms[0], compare);
    qsort(rounds->cpu_ms, ROUNDS, sizeof rounds->cpu_ms[0], compare);
    printf("%s: %.1f ms\n%s, CPU alone: %.1f ms\n", what, rounds->wall_ms[ROUNDS / 2], what,
           rounds->cpu_ms[ROUNDS / 2]);
}

/* Some 100 letters, half of them outside of ASCII now and then. */
static void make_text(struct ear_random *random, char out[static 281])
{
    static const char *const words[] = {"slept ",  "badly ",  "lithium ",  "appetite ",
                                        "no ",     "voices ", "calm ",     "M\xc3\xbctter ",
                                        "900 ",    "mg ",     "tomorrow ", "\xd0\xb4\xd0\xb0 ",
                                        "family ", "school "};
    size_t len = 0, target = 40 + ear_random_u64(random) % 160;
    while (len < target) {
        const char *word = words[ear_random_u64(random) % EAR_COUNT(words)];
        memcpy(out + len, word, strlen(word));
        len += strlen(word);
    }
    out[len] = '\0';
}

static void fill(struct ear_store *store, int count)
{
    struct ear_random random = ear_random_seeded(SEED);
    pass_over(store);
    for (int i = 0; i < count; i++) {
        char text[281];
        int64_t id = 0;
        make_text(&random, text);
        const struct ear_message_draft draft = {
            .person = (uint32_t)(i < count / 2 ? 1 : 1 + ear_random_u64(&random) % PEOPLE),
            .kind = EAR_MESSAGE_TEXT,
            .written_s = 1700000000 + i,
        };
        if (ear_messages_write(store, &draft, text, strlen(text), &id) != 0)
            abort();
    }
}

static struct ear_store *open_at(const char *path)
{
    struct ear_home *home = NULL;
    struct ear_store *store = NULL;
    if (ear_home_open(&home, path, error, sizeof error) != 0 ||
        ear_store_open(&store, home, NULL, error, sizeof error) != 0) {
        fprintf(stderr, "%s\n", error);
        exit(1);
    }
    return store;
}

static void shut(struct ear_store *store)
{
    struct ear_home *home = ear_store_home(store);
    ear_store_close(store);
    ear_home_close(home);
}

static void measure_opening(const char *path)
{
    struct rounds ms;
    struct ear_message page[PAGE];
    for (int i = 0; i < ROUNDS; i++) {
        struct moment before = now();
        struct ear_store *store = open_at(path);
        if (ear_messages_unseen(store, 0) < 0 || ear_messages_list(store, 1, 0, page, PAGE) < 0)
            abort();
        take(&ms, i, before);
        shut(store);
    }
    say("open, count the unseen, list the first page", &ms);
}

static void measure_lists(struct ear_store *store, int count)
{
    struct rounds first, deep, totals;
    struct ear_message page[PAGE];
    struct ear_message_totals sums;
    for (int i = 0; i < ROUNDS; i++) {
        struct moment before = now();
        if (ear_messages_list(store, 1, 0, page, PAGE) != PAGE)
            abort();
        take(&first, i, before);
        before = now();
        if (ear_messages_list(store, 1, count / 4, page, PAGE) != PAGE)
            abort();
        take(&deep, i, before);
        before = now();
        if (ear_messages_totals(store, 1, &sums) != 0)
            abort();
        take(&totals, i, before);
    }
    say("list the newest page of a conversation", &first);
    say("list a page in its middle", &deep);
    say("totals of a person", &totals);
}

static void measure_search(struct ear_store *store, const char *what, const char *words)
{
    struct rounds ms;
    struct ear_message page[PAGE];
    for (int i = 0; i < ROUNDS; i++) {
        struct moment before = now();
        if (ear_messages_search(store, 0, words, 0, page, PAGE) < 0)
            abort();
        take(&ms, i, before);
    }
    say(what, &ms);
}

static void measure_writing(struct ear_store *store)
{
    struct rounds ms;
    for (int i = 0; i < ROUNDS; i++) {
        const struct ear_message_draft draft = {.person = 1, .kind = EAR_MESSAGE_TEXT};
        int64_t id = 0;
        struct moment before = now();
        if (ear_messages_write(store, &draft, "hello", 5, &id) != 0)
            abort();
        take(&ms, i, before);
    }
    say("write one, fsync included", &ms);
}

static void measure_keys(struct ear_store *store)
{
    struct rounds wrap, unlock, check;
    for (int i = 0; i < ROUNDS; i++) {
        struct moment before = now();
        if (ear_store_set_passphrase(store, "four words are best", error, sizeof error) != 0)
            abort();
        take(&wrap, i, before);
        ear_store_lock(store);
        before = now();
        if (ear_store_unlock(store, "four words are best", error, sizeof error) != 0)
            abort();
        take(&unlock, i, before);
        before = now();
        if (ear_store_check(ear_store_home(store), error, sizeof error) != 0)
            abort();
        take(&check, i, before);
    }
    say("set a passphrase (beside)", &wrap);
    say("unlock (beside)", &unlock);
    say("check every page (beside)", &check);
}

static void clear(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : MESSAGES;
    char path[] = "/var/tmp/earshot-bench-XXXXXX";
    if (ear_sodium_start() != 0 || !mkdtemp(path) || count < 1000)
        return 1;
    struct ear_store *store = open_at(path);
    fill(store, count);
    shut(store);
    printf("messages: %d count\n", count);
    measure_opening(path);
    store = open_at(path);
    measure_lists(store, count);
    measure_search(store, "search for what is not there", "quetiapine");
    measure_search(store, "search for what is not there, no ASCII", "\xd0\xbd\xd0\xb5\xd1\x82");
    measure_search(store, "search for what is often there, one page", "LITHIUM 900");
    measure_writing(store);
    measure_keys(store);
    shut(store);
    clear(path);
    return 0;
}
