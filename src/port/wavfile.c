/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as a microphone: the worker reads ahead into a ring, the media thread keeps time. */
#include "port/wavfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ring.h"
#include "port/resampler.h"
#include "port/wavformat.h"
#include "port/wavpace.h"

/* Read ahead: a worker that a slow disk or a database keeps for 2 s leaves no gap in the sound. */
#define AHEAD_SAMPLES (2 * EAR_RATE_HZ)
#define READ_BLOCKS 1024
#define MADE_SAMPLES 1024

struct ear_wav_mic {
    struct ear_mic mic;
    struct ear_ring ring; /* worker to media, samples at 16 kHz */
    int64_t total;        /* samples of the recording at 16 kHz */
    bool loop;

    /* worker */
    int fd;
    struct ear_wavformat format;
    struct ear_resampler *resampler; /* NULL: the recording has our rate */
    int64_t block;                   /* next one to read; >= format.blocks: after the end */
    int64_t made;                    /* samples put into the ring */
    uint8_t bytes[READ_BLOCKS * EAR_WAVFORMAT_BLOCK_MAX];
    int16_t mono[READ_BLOCKS];
    size_t mono_at, mono_count;

    /* media */
    struct ear_wavpace pace;
    int64_t debt; /* samples whose time has passed in silence, to be skipped once they come */
    _Atomic int64_t handed;
    _Atomic int64_t missed;
};

/* Fills mono with the next blocks: silence where the disk fails and behind the end. */
static void read_more(struct ear_wav_mic *m)
{
    if (m->loop && m->block >= m->format.blocks)
        m->block = 0;
    size_t block_bytes = ear_wavformat_block_bytes(&m->format);
    int64_t left = m->format.blocks - m->block;
    size_t count = left > 0 ? (size_t)ear_min64(left, READ_BLOCKS) : READ_BLOCKS;
    size_t got = 0;
    while (left > 0 && got < count * block_bytes) {
        off_t at = m->format.data_at + m->block * (int64_t)block_bytes + (int64_t)got;
        ssize_t n = pread(m->fd, m->bytes + got, count * block_bytes - got, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    size_t blocks = got / block_bytes;
    ear_wavformat_to_mono(&m->format, m->bytes, blocks, m->mono);
    memset(m->mono + blocks, 0, (count - blocks) * sizeof m->mono[0]);
    m->block += (int64_t)count;
    m->mono_at = 0;
    m->mono_count = count;
}

/* Moves samples from mono to the ring, at most room; returns how many were made. */
static size_t move_samples(struct ear_wav_mic *m, size_t room)
{
    size_t used = m->mono_count - m->mono_at;
    if (!m->resampler) {
        used = ear_ring_put(&m->ring, m->mono + m->mono_at, used < room ? used : room);
        m->mono_at += used;
        return used;
    }
    int16_t out[MADE_SAMPLES];
    size_t made = room < MADE_SAMPLES ? room : MADE_SAMPLES;
    ear_resampler_run(m->resampler, m->mono + m->mono_at, &used, out, &made);
    m->mono_at += used;
    return ear_ring_put(&m->ring, out, made);
}

void ear_wav_mic_pump(struct ear_wav_mic *m)
{
    for (;;) {
        int64_t room = (int64_t)ear_ring_room(&m->ring);
        if (!m->loop)
            room = ear_min64(room, m->total - m->made);
        if (room <= 0)
            return;
        if (m->mono_at == m->mono_count)
            read_more(m);
        m->made += (int64_t)move_samples(m, (size_t)room);
    }
}

static int mic_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME], int64_t *ret_end_us)
{
    struct ear_wav_mic *m = ctx;
    int64_t end_us = ear_wavpace_due_us(&m->pace, now_us, 1);
    if (now_us < end_us)
        return 0;
    int64_t at = m->pace.frames * EAR_FRAME;
    int64_t expected = m->loop ? EAR_FRAME : ear_min64(EAR_FRAME, ear_max64(0, m->total - at));
    m->debt -= (int64_t)ear_ring_take(&m->ring, NULL, (size_t)m->debt);
    size_t got = m->debt > 0 ? 0 : ear_ring_take(&m->ring, frame, (size_t)expected);
    memset(frame + got, 0, (EAR_FRAME - got) * sizeof frame[0]);
    if ((int64_t)got < expected) {
        m->debt += expected - (int64_t)got;
        atomic_fetch_add_explicit(&m->missed, 1, memory_order_relaxed);
    }
    m->pace.frames++;
    atomic_store_explicit(&m->handed, at + EAR_FRAME, memory_order_relaxed);
    *ret_end_us = end_us;
    return 1;
}

static int64_t mic_due(void *ctx, int64_t now_us)
{
    const struct ear_wav_mic *m = ctx;
    return ear_wavpace_ask_us(&m->pace, now_us, 1);
}

static int open_file(const char *path, int64_t *ret_bytes, char *error, size_t error_bytes)
{
    /* Without O_NONBLOCK a pipe would keep us until somebody writes. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        int rc = errno == ENOENT || errno == ENOTDIR ? -ENOENT : -EIO;
        if (rc == -ENOENT)
            snprintf(error, error_bytes, "There is no file %s.", path);
        else
            snprintf(error, error_bytes, "%s cannot be read: %s.", path, strerror(errno));
        return rc;
    }
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        snprintf(error, error_bytes, "%s is not a file.", path);
        close(fd);
        return -EINVAL;
    }
    *ret_bytes = st.st_size;
    return fd;
}

static bool is_raw(const char *path)
{
    size_t len = strlen(path);
    return len >= 4 && strcasecmp(path + len - 4, ".raw") == 0;
}

static int set_up(struct ear_wav_mic *m, const char *path, char *error, size_t error_bytes)
{
    int64_t bytes = 0;
    const char *wrong = NULL;
    m->fd = open_file(path, &bytes, error, error_bytes);
    if (m->fd < 0)
        return m->fd;
    int rc = is_raw(path) ? ear_wavformat_read_raw(&m->format, bytes, &wrong)
                          : ear_wavformat_read(&m->format, m->fd, bytes, &wrong);
    if (rc) {
        snprintf(error, error_bytes, "%s %s.", path, wrong);
        return rc;
    }
    int64_t rate = m->format.rate_hz;
    m->total = (m->format.blocks * EAR_RATE_HZ + rate - 1) / rate;
    rc = ear_ring_init(&m->ring, sizeof(int16_t), AHEAD_SAMPLES);
    if (rc == 0 && rate != EAR_RATE_HZ)
        rc = ear_resampler_new(&m->resampler, m->format.rate_hz, EAR_RATE_HZ);
    if (rc) {
        snprintf(error, error_bytes, "There is not enough memory to read %s.", path);
        return rc;
    }
    if (m->resampler)
        ear_resampler_skip_latency(m->resampler);
    return 0;
}

int ear_wav_mic_open(struct ear_wav_mic **ret, const char *path, bool loop, char *error,
                     size_t error_bytes)
{
    struct ear_wav_mic *m = calloc(1, sizeof *m);
    if (!m) {
        snprintf(error, error_bytes, "There is not enough memory to read %s.", path);
        return -ENOMEM;
    }
    m->mic = (struct ear_mic){.read = mic_read, .due_us = mic_due, .ctx = m};
    m->loop = loop;
    ear_wavpace_init(&m->pace);
    int rc = set_up(m, path, error, error_bytes);
    if (rc) {
        ear_wav_mic_close(m);
        return rc;
    }
    ear_wav_mic_pump(m);
    *ret = m;
    return 0;
}

void ear_wav_mic_close(struct ear_wav_mic *m)
{
    if (!m)
        return;
    if (m->fd >= 0)
        close(m->fd);
    ear_resampler_free(m->resampler);
    ear_ring_fini(&m->ring);
    free(m);
}

struct ear_mic *ear_wav_mic_mic(struct ear_wav_mic *m)
{
    return &m->mic;
}

int64_t ear_wav_mic_start_us(const struct ear_wav_mic *m)
{
    return ear_wavpace_start_us(&m->pace);
}

int64_t ear_wav_mic_length_us(const struct ear_wav_mic *m)
{
    return m->format.blocks * EAR_US_PER_S / m->format.rate_hz;
}

bool ear_wav_mic_ended(const struct ear_wav_mic *m)
{
    return atomic_load_explicit(&m->handed, memory_order_relaxed) >= m->total;
}

int64_t ear_wav_mic_missed(const struct ear_wav_mic *m)
{
    return atomic_load_explicit(&m->missed, memory_order_relaxed);
}
