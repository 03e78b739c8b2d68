/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a committed corpus through a fuzz target, each file as it is and many times changed a bit:
 * replay FOLDER [CHANGED]. */
#include <dirent.h>
#include <string.h>

#include "base/random.h"
#include "fuzz/fuzz.h"

#define INPUT_MAX 65536
#define PATH_BYTES 4096
/* Changed copies of each file: what a build without libFuzzer can afford in a test, where an input
 * takes less than 0.1 ms. */
#define CHANGED 100
#define CHANGES_MAX 4

/* Hands over a copy of just that size, so that sanitizers see a read past the end. */
static void try_input(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    FUZZ_REQUIRE(copy);
    memcpy(copy, data, size);
    FUZZ_REQUIRE(LLVMFuzzerTestOneInput(copy, size) == 0);
    free(copy);
}

static size_t change(struct ear_random *r, uint8_t *data, size_t size)
{
    size_t at = ear_random_below(r, (uint32_t)size);
    switch (ear_random_below(r, 4)) {
    case 0:
        data[at] = (uint8_t)ear_random_u64(r);
        return size;
    case 1:
        data[at] ^= (uint8_t)(1 << ear_random_below(r, 8));
        return size;
    case 2:
        memmove(data + at, data + at + 1, size - at - 1);
        return size - 1;
    default:
        return at;
    }
}

/* The n-th change of a file is always the same: a failure is found again. */
static void try_changed(const uint8_t *data, size_t size, uint64_t n)
{
    uint8_t changed[INPUT_MAX];
    struct ear_random r = ear_random_seeded(n);
    memcpy(changed, data, size);
    for (uint32_t left = 1 + ear_random_below(&r, CHANGES_MAX); left > 0 && size > 0; left--)
        size = change(&r, changed, size);
    try_input(changed, size);
}

static void try_file(const char *path, uint64_t changed)
{
    uint8_t data[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    FUZZ_REQUIRE(f);
    size_t size = fread(data, 1, sizeof data, f);
    fclose(f);
    fprintf(stderr, "%s, %zu bytes\n", path, size); /* names the culprit if it crashes */
    try_input(data, size);
    for (uint64_t n = 0; n < changed; n++)
        try_changed(data, size, n);
}

int main(int argc, char **argv)
{
    int files = 0;
    DIR *folder = argc == 2 || argc == 3 ? opendir(argv[1]) : NULL;
    uint64_t changed = argc == 3 ? strtoull(argv[2], NULL, 10) : CHANGED;
    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER of inputs [CHANGED copies of each]\n", argv[0]);
        return 2;
    }
    for (struct dirent *d; (d = readdir(folder)) != NULL;) {
        char path[PATH_BYTES];
        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], d->d_name);
        try_file(path, changed);
        files++;
    }
    closedir(folder);
    try_input((const uint8_t *)"", 0);
    printf("inputs: %d\n", files);
    return files > 0 ? 0 : 1;
}
