/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and units that every part of Earshot shares. */
#ifndef EAR_EAR_H
#define EAR_EAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Speech inside Earshot is mono, signed 16 bit, 16 kHz: wideband is all that the links carry. */
#define EAR_RATE_HZ 16000
#define EAR_SAMPLES_PER_MS (EAR_RATE_HZ / 1000)

/* Sound moves through the stages in frames of 10 ms. */
#define EAR_FRAME_MS 10
#define EAR_FRAME_US (EAR_FRAME_MS * 1000)
#define EAR_FRAME (EAR_FRAME_MS * EAR_SAMPLES_PER_MS)

/* The journal counts in units of 20 ms since the call began, silence included. */
#define EAR_UNIT_MS 20
#define EAR_UNIT_US (EAR_UNIT_MS * 1000)
#define EAR_UNIT (EAR_UNIT_MS * EAR_SAMPLES_PER_MS)

/* One packet carries 20 to 120 ms of speech (RFC 6716, section 2.1.4). */
#define EAR_PACKET_MS_MAX 120
#define EAR_PACKET_SAMPLES_MAX (EAR_PACKET_MS_MAX * EAR_SAMPLES_PER_MS)

/* The most bytes of speech in one packet: 120 ms at 24 kbit/s are 360, room for copies included. */
#define EAR_PAYLOAD_MAX 480

#define EAR_US_PER_MS 1000
#define EAR_US_PER_S 1000000

/* What runs inside the sound card's callback: no malloc, lock, system call, log or unbounded loop.
 */
#define EAR_RT

/* A result that must be looked at. */
#if defined(__GNUC__)
#define EAR_CHECK __attribute__((warn_unused_result))
#define EAR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define EAR_CHECK
#define EAR_PRINTF(text, first)
#endif

#define EAR_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline int64_t ear_min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t ear_max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* How long so many samples of speech last, and how many whole ones a time holds. */
static inline int64_t ear_samples_us(int64_t samples)
{
    return samples * EAR_US_PER_S / EAR_RATE_HZ;
}

static inline size_t ear_us_samples(int64_t us)
{
    return us > 0 ? (size_t)(us * EAR_RATE_HZ / EAR_US_PER_S) : 0;
}

#endif
