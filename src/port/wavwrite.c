/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as a loudspeaker: the media thread fills a ring on time, the worker writes it out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ring.h"
#include "port/wavfile.h"
#include "port/wavformat.h"
#include "port/wavpace.h"

/* The worker may be kept this long by a slow disk before the recording has a silent gap. */
#define BEHIND_SAMPLES (4 * EAR_RATE_HZ)
#define WRITE_SAMPLES 4096
/* Lengths in a wav have 32 bits: 37 hours. */
#define DATA_BYTES_MAX ((int64_t)UINT32_MAX - EAR_WAVFORMAT_HEADER_BYTES)

struct ear_wav_speaker {
    struct ear_speaker speaker;
    struct ear_ring ring; /* media to worker */

    /* media */
    struct ear_wavpace pace;
    int64_t owed; /* samples of silence that stand for what the full ring could not take */

    /* worker */
    int fd;
    int error;
    int64_t data_bytes;   /* written */
    int64_t header_bytes; /* of these the header tells */
};

static int speaker_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    struct ear_wav_speaker *s = ctx;
    int64_t heard_us = ear_wavpace_due_us(&s->pace, now_us, 0);
    if (now_us < heard_us)
        return 0;
    *ret_heard_us = heard_us;
    return 1;
}

static void speaker_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    static const int16_t silence[EAR_FRAME];
    struct ear_wav_speaker *s = ctx;
    s->pace.frames++;
    while (s->owed > 0 && ear_ring_room(&s->ring) >= EAR_FRAME)
        s->owed -= (int64_t)ear_ring_put(&s->ring, silence, EAR_FRAME);
    if (s->owed == 0 && ear_ring_room(&s->ring) >= EAR_FRAME)
        (void)ear_ring_put(&s->ring, frame, EAR_FRAME);
    else
        s->owed += EAR_FRAME;
}

static int64_t speaker_due(void *ctx, int64_t now_us)
{
    const struct ear_wav_speaker *s = ctx;
    return ear_wavpace_ask_us(&s->pace, now_us, 0);
}

/* Writes at a place of the file; returns the bytes written and the error that stopped it. */
static size_t write_at(int fd, int64_t at, const uint8_t *bytes, size_t count, int *ret_error)
{
    size_t done = 0;
    while (done < count) {
        ssize_t n = pwrite(fd, bytes + done, count - done, at + (int64_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *ret_error = n < 0 ? -errno : -ENOSPC;
            break;
        }
        done += (size_t)n;
    }
    return done;
}

static void write_samples(struct ear_wav_speaker *s, const int16_t *samples, size_t count)
{
    uint8_t bytes[WRITE_SAMPLES * 2];
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)samples[i];
        bytes[2 * i + 1] = (uint8_t)((uint16_t)samples[i] >> 8);
    }
    if (s->data_bytes + (int64_t)count * 2 > DATA_BYTES_MAX)
        s->error = -EFBIG;
    else
        s->data_bytes += (int64_t)write_at(s->fd, EAR_WAVFORMAT_HEADER_BYTES + s->data_bytes, bytes,
                                           count * 2, &s->error);
}

/* Makes the header tell of whole samples only. It has its place already: no new room is needed. */
static void write_header(struct ear_wav_speaker *s)
{
    uint8_t header[EAR_WAVFORMAT_HEADER_BYTES];
    int error = 0;
    ear_wavformat_header(header, (uint32_t)(s->data_bytes & ~(int64_t)1));
    (void)write_at(s->fd, 0, header, sizeof header, &error);
    s->header_bytes = s->data_bytes;
    if (s->error == 0)
        s->error = error;
}

int ear_wav_speaker_pump(struct ear_wav_speaker *s)
{
    int16_t samples[WRITE_SAMPLES];
    size_t count;
    while ((count = ear_ring_take(&s->ring, samples, WRITE_SAMPLES)) > 0)
        if (s->error == 0)
            write_samples(s, samples, count);
    if (s->header_bytes != s->data_bytes)
        write_header(s);
    return s->error;
}

/* Only the owner may read a new one: recordings hold what a patient said. */
static int create_file(const char *path, char *error, size_t error_bytes)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0600);
    int rc = fd < 0 ? -errno : 0;
    if (fd >= 0) {
        uint8_t header[EAR_WAVFORMAT_HEADER_BYTES];
        ear_wavformat_header(header, 0);
        (void)write_at(fd, 0, header, sizeof header, &rc);
    }
    if (rc == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    if (rc == -ENOSPC || rc == -EDQUOT)
        snprintf(error, error_bytes, "There is no room on the disk for %s.", path);
    else if (rc == -ENOENT)
        snprintf(error, error_bytes, "The folder of %s does not exist.", path);
    else
        snprintf(error, error_bytes, "%s cannot be written: %s.", path, strerror(-rc));
    return rc == -ENOENT || rc == -ENOSPC ? rc : -EIO;
}

int ear_wav_speaker_open(struct ear_wav_speaker **ret, const char *path, char *error,
                         size_t error_bytes)
{
    int rc = -ENOMEM;
    struct ear_wav_speaker *s = calloc(1, sizeof *s);
    if (!s || ear_ring_init(&s->ring, sizeof(int16_t), BEHIND_SAMPLES)) {
        snprintf(error, error_bytes, "There is not enough memory to write %s.", path);
        goto out;
    }
    rc = create_file(path, error, error_bytes);
    if (rc < 0)
        goto out;
    s->fd = rc;
    s->speaker = (struct ear_speaker){
        .wants = speaker_wants, .write = speaker_write, .due_us = speaker_due, .ctx = s};
    ear_wavpace_init(&s->pace);
    *ret = s;
    return 0;
out:
    if (s)
        ear_ring_fini(&s->ring);
    free(s);
    return rc;
}

int ear_wav_speaker_close(struct ear_wav_speaker *s)
{
    if (!s)
        return 0;
    int rc = ear_wav_speaker_pump(s);
    if (close(s->fd) && rc == 0)
        rc = -errno;
    ear_ring_fini(&s->ring);
    free(s);
    return rc;
}

struct ear_speaker *ear_wav_speaker_speaker(struct ear_wav_speaker *s)
{
    return &s->speaker;
}

int64_t ear_wav_speaker_start_us(const struct ear_wav_speaker *s)
{
    return ear_wavpace_start_us(&s->pace);
}
