/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The RIFF/WAVE layout: read from files of others, written for our own. */
#ifndef EAR_WAVFORMAT_H
#define EAR_WAVFORMAT_H

#include "base/ear.h"

#define EAR_WAVFORMAT_HEADER_BYTES 44
#define EAR_WAVFORMAT_CHANNELS_MAX 64
#define EAR_WAVFORMAT_BLOCK_MAX (EAR_WAVFORMAT_CHANNELS_MAX * 4)

/* What a recording holds, checked: rate 4 to 192 kHz, bits 8, 16, 24 or 32, 1 to 64 channels, and
 * data within the file. */
struct ear_wavformat {
    uint32_t rate_hz;
    uint32_t channels;
    uint32_t bits;
    bool is_float; /* 32 bit only */
    int64_t data_at;
    int64_t blocks; /* one sample of each channel each, > 0 */
};

/* Finds the sound in an open file of file_bytes. On failure *ret_wrong tells what the file is or
 * has, to be put behind its name ("is not a wav recording"). Returns 0, -EINVAL, -EIO. */
EAR_CHECK int ear_wavformat_read(struct ear_wavformat *ret, int fd, int64_t file_bytes,
                                 const char **ret_wrong);
/* The same for a file without a header: 16 bit mono 16 kHz. */
EAR_CHECK int ear_wavformat_read_raw(struct ear_wavformat *ret, int64_t file_bytes,
                                     const char **ret_wrong);
size_t ear_wavformat_block_bytes(const struct ear_wavformat *format);
/* Mixes blocks to mono: the mean of the channels; what is not a number counts as silence. */
void ear_wavformat_to_mono(const struct ear_wavformat *format, const uint8_t *in, size_t blocks,
                           int16_t *out);
/* The header of our own recordings (16 bit mono 16 kHz) with this much sound behind it. */
void ear_wavformat_header(uint8_t ret[static EAR_WAVFORMAT_HEADER_BYTES], uint32_t data_bytes);

#endif
