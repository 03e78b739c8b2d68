/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: a recording is refused with a sentence, or its sound lies within the file. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "port/wavformat.h"

#define BLOCKS_MAX 64
#define INPUT_MAX 4096

static int file = -1;

static void fill(const uint8_t *data, size_t size)
{
    if (file < 0)
        file = memfd_create("wav", MFD_CLOEXEC);
    FUZZ_REQUIRE(file >= 0 && ftruncate(file, 0) == 0);
    FUZZ_REQUIRE(pwrite(file, data, size, 0) == (ssize_t)size);
}

/* The first of its sound, and no more than there is. */
static void listen_to(const struct ear_wavformat *f, const uint8_t *data, size_t size)
{
    int16_t mono[BLOCKS_MAX];
    size_t block = ear_wavformat_block_bytes(f);
    FUZZ_REQUIRE(f->channels >= 1 && f->channels <= EAR_WAVFORMAT_CHANNELS_MAX);
    FUZZ_REQUIRE(block >= 1 && block <= EAR_WAVFORMAT_BLOCK_MAX);
    FUZZ_REQUIRE(f->rate_hz >= 4000 && f->rate_hz <= 192000);
    FUZZ_REQUIRE(f->data_at >= 0 && f->blocks > 0);
    FUZZ_REQUIRE(f->data_at + f->blocks * (int64_t)block <= (int64_t)size);
    size_t blocks = (size_t)ear_min64(f->blocks, BLOCKS_MAX);
    ear_wavformat_to_mono(f, data + f->data_at, blocks, mono);
}

/* Our own header before anything is a recording of just that. */
static void read_own(const uint8_t *data, size_t size)
{
    uint8_t whole[EAR_WAVFORMAT_HEADER_BYTES + INPUT_MAX];
    struct ear_wavformat f;
    const char *wrong;
    ear_wavformat_header(whole, (uint32_t)size);
    memcpy(whole + EAR_WAVFORMAT_HEADER_BYTES, data, size);
    fill(whole, EAR_WAVFORMAT_HEADER_BYTES + size);
    FUZZ_REQUIRE(
        ear_wavformat_read(&f, file, (int64_t)(EAR_WAVFORMAT_HEADER_BYTES + size), &wrong) == 0);
    FUZZ_REQUIRE(f.rate_hz == EAR_RATE_HZ && f.channels == 1 && f.bits == 16 && !f.is_float);
    FUZZ_REQUIRE(f.data_at == EAR_WAVFORMAT_HEADER_BYTES && f.blocks == (int64_t)size / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ear_wavformat f = {0};
    const char *wrong = NULL;
    if (size > INPUT_MAX)
        return 0;
    fill(data, size);
    int r = ear_wavformat_read(&f, file, (int64_t)size, &wrong);
    FUZZ_REQUIRE(r == 0 || (r == -EINVAL && wrong && wrong[0] != '\0'));
    if (r == 0)
        listen_to(&f, data, size);
    r = ear_wavformat_read_raw(&f, (int64_t)size, &wrong);
    FUZZ_REQUIRE((r == 0) == (size >= 2));
    if (r == 0) {
        listen_to(&f, data, size);
        read_own(data, size);
    }
    return 0;
}
