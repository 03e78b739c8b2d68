/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The speech codec as Earshot uses it: Opus (RFC 6716), or numbered frames in simulations. */
#ifndef EAR_CODEC_H
#define EAR_CODEC_H

#include "base/ear.h"

/* How one packet is encoded. */
struct ear_codec_format {
    int packet_ms;    /* 20, 40, 60, 80, 100 or 120 */
    int rate_bps;     /* 6000 to 32000, what VBR aims at */
    size_t max_bytes; /* cap of one packet; VBR stays below it */
    bool wideband;    /* 50-8000 Hz; otherwise narrowband, 50-4000 Hz */
    bool fill;        /* use up the cap, whatever VBR aims at: for datagrams of one size, where it
                       * costs nothing but twice the CPU and gives .005 to .01 of ESTOI */
};

/* Whether Opus can encode so: lengths and rates as above, and room for 6 kbit/s (wideband: 8.4)
 * under the cap, below which the encoder would leave its speech mode. Pure. */
bool ear_codec_format_is_possible(const struct ear_codec_format *format);
/* The least max_bytes for this length and bandwidth; 0 for a length that does not exist. Pure. */
size_t ear_codec_least_cap(int packet_ms, bool wideband);

/* One talker's encoder and one listener's decoder. thread: media. Nothing below allocates. */
struct ear_codec {
    /* pcm holds packet_ms * EAR_SAMPLES_PER_MS samples, ret_packet room for max_bytes. Returns the
     * packet's length (2 to max_bytes), -EINVAL for an impossible format, -EIO. A change of
     * wideband starts the encoder afresh: better between talk spurts. */
    int (*encode)(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                  uint8_t *ret_packet);
    /* The packet that encode made last once more, in fewer bytes: its twin, to be decoded in its
     * place where it was lost. The same pcm, packet_ms and wideband; encode goes on as if nothing
     * had been. Returns as encode does; -EINVAL before the first packet too. NULL: has none. */
    int (*encode_twin)(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                       uint8_t *ret_packet);
    /* Returns samples decoded (at most cap <= EAR_PACKET_SAMPLES_MAX), -EBADMSG. */
    int (*decode)(void *ctx, const uint8_t *packet, size_t len, int16_t *pcm, size_t cap);
    /* Makes up samples for what is missing; samples is a multiple of 40 (2.5 ms) and at most
     * EAR_PACKET_SAMPLES_MAX; the pieces of one gap join without seams. Returns samples, -EIO. */
    int (*conceal)(void *ctx, int16_t *pcm, size_t samples);
    /* Length of a packet in samples at 16 kHz without decoding it: a multiple of EAR_UNIT up to
     * EAR_PACKET_SAMPLES_MAX; -EBADMSG for anything else. Pure. */
    int (*packet_samples)(const uint8_t *packet, size_t len);
    /* Forgets all that was heard: before the first packet of another call. */
    void (*reset)(void *ctx);
    /* Samples by which decoded speech lags behind what was encoded. */
    int lookahead_samples;
    /* Its packets may be padded as RFC 6716 (3.2.5) lays down. */
    bool pads;
    /* The decoder repairs low-rate wideband by itself (libopus >= 1.5 with its networks). */
    bool enhances_wideband;
    void *ctx;
};

struct ear_codec_opus_config {
    int encoder_complexity; /* 0 to 10 */
    int decoder_complexity; /* 0 to 10; ignored by libopus < 1.5 */
};

/* Complexities that keep one call below 2 % of one core (3.5 % with the networks of libopus 1.5).
 */
extern const struct ear_codec_opus_config ear_codec_opus_usual;

/* *ret is owned by the caller; free with ear_codec_opus_free. Returns 0, -ENOMEM, -EINVAL. */
EAR_CHECK int ear_codec_opus_new(struct ear_codec **ret,
                                 const struct ear_codec_opus_config *config);
void ear_codec_opus_free(struct ear_codec *codec);

/* "libopus 1.3.1": a static string. */
const char *ear_codec_opus_version(void);

#endif
