/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A voice message while it is spoken: each packet is on the encrypted disk before the next. */
#ifndef EAR_RECORDER_H
#define EAR_RECORDER_H

#include "port/codec.h"
#include "store/messages.h"

/* thread: worker, whose store it is. */
struct ear_recorder;

/* 6 kbit/s are understood, 12 are pleasant. */
#define EAR_RECORDER_BPS_MIN 6000
#define EAR_RECORDER_BPS_MAX 12000

struct ear_recorder_config {
    struct ear_store *store; /* borrowed */
    struct ear_codec *codec; /* borrowed; its encoder belongs to the recorder alone */
    uint32_t person;
    int64_t written_s;
    int rate_bps;
};

/* The message is RECORDING from here on. Returns 0, -ENOMEM, -EINVAL, what the store says. */
EAR_CHECK int ear_recorder_new(struct ear_recorder **ret, const struct ear_recorder_config *config);
/* What was recorded stays as it is on disk: RECORDING, if it was not finished. NULL is allowed. */
void ear_recorder_free(struct ear_recorder *recorder);

/* The next 10 ms. Each 120 ms one packet is on disk before the return: a crash loses what was said
 * since, less than 200 ms with a disk that takes 80. Returns 0, what codec and store say: then what
 * was said before stands, and the recorder takes nothing more. */
EAR_CHECK int ear_recorder_put(struct ear_recorder *recorder,
                               const int16_t frame[static EAR_FRAME]);
/* Speech that was encoded before, for a call that could not be held: the next packet of its
 * journal, and silence between. Not mixed with put. Returns as put, and -EBADMSG for no packet. */
EAR_CHECK int ear_recorder_put_packet(struct ear_recorder *recorder, const uint8_t *packet,
                                      size_t len);
EAR_CHECK int ear_recorder_put_silence(struct ear_recorder *recorder, uint32_t units);

uint32_t ear_recorder_ms(const struct ear_recorder *recorder);
int64_t ear_recorder_id(const struct ear_recorder *recorder);

/* The rest goes to disk, and the message waits to be sent. Returns 0, -ENODATA when nothing was
 * said, what codec and store say. */
EAR_CHECK int ear_recorder_finish(struct ear_recorder *recorder);

#endif
