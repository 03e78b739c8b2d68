/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers frames into packets of the format in force, from onset to end of each talk spurt. */
#ifndef EAR_ENCODE_H
#define EAR_ENCODE_H

#include "port/codec.h"

/* What is to be sent now. */
struct ear_encode_packet {
    int64_t index; /* journal index of its first 20 ms */
    int units;     /* its length, 20 ms each; 0: silence begins at index */
    bool spurt_start;
    bool spurt_end;  /* silence begins where it ends: no packet with units == 0 will say so */
    int8_t noise_db; /* of the room, with units == 0 or spurt_end */
    size_t len;      /* bytes of speech in data, 0 with units == 0 */
    uint8_t data[EAR_PAYLOAD_MAX];
    size_t twin_len; /* the same speech in fewer bytes (codec.h: encode_twin); 0: none */
    uint8_t twin[EAR_PAYLOAD_MAX];
};

struct ear_encode; /* thread: media; after new nothing allocates */

/* codec is borrowed; only its encoder is used. */
EAR_CHECK int ear_encode_new(struct ear_encode **ret, struct ear_codec *codec);
void ear_encode_free(struct ear_encode *encode);
/* Begins another journal at index 0; format and mode stay. */
void ear_encode_reset(struct ear_encode *encode);
/* Takes effect with the next packet; a change of packet_ms with the next talk spurt or packet. */
void ear_encode_set_format(struct ear_encode *encode, const struct ear_codec_format *format);
/* From the next packet on each one has a twin of this format as well, while packets have its length
 * and bandwidth and the codec makes twins; NULL: none. */
void ear_encode_set_twin(struct ear_encode *encode, const struct ear_codec_format *format);
/* Send silence too ("hide speaking pattern"). */
void ear_encode_set_always(struct ear_encode *encode, bool always);

/* Takes the next 10 ms (frame number n of the call spans journal time 10*n to 10*(n+1) ms).
 * Returns 1 and a packet when one is complete, 0 when none is, -EIO. A spurt begins up to 40 ms
 * before the first frame that was judged speech, so that no onset is lost; it ends on a whole
 * packet, which says so where its last frame is silent already; otherwise the next call returns
 * the packet with units == 0. */
int ear_encode_frame(struct ear_encode *encode, const int16_t frame[static EAR_FRAME], bool speech,
                     float noise_db, struct ear_encode_packet *ret);
/* The next frame completes a packet, should it be within a spurt: the time to set its cap. */
bool ear_encode_is_nearly_full(const struct ear_encode *encode);
/* When the next packet may leave at the earliest, in the spurt that goes on or one that begins with
 * the next frame, where frame 0 began at t0_us. */
int64_t ear_encode_due_us(const struct ear_encode *encode, int64_t t0_us);
/* The index that the next frame belongs to. */
int64_t ear_encode_index(const struct ear_encode *encode);

#endif
