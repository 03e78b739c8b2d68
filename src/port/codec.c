/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opus behind codec.h: capped VBR, long packets joined from shorter encodes, no FEC and no DTX. */
#include "port/codec.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#define RATE_BPS_MIN 6000
#define RATE_BPS_MAX 32000
#define PARTS_MAX 5

/* Below 6 kbit/s of cap libopus leaves SILK for CELT, and below 8 (counted in whole packets a
 * second, hence 8.4 for 60 ms) wideband falls to 12 or 8 kHz. Every encode keeps above both. */
#define CAP_BPS_MIN_NARROWBAND 6000
#define CAP_BPS_MIN_WIDEBAND 8400

/* A part of a joined packet may use this share of an even split; what it leaves goes to the
 * parts behind it. Measured: 100 to 150 differ by 0.001 of ESTOI, because VBR hardly ever goes
 * beyond its aim (largest packet 1.06 of it), so that a cap equal to the aim costs nothing. */
#define PART_SHARE_PERCENT 115

/* CPU ms to encode a second of speech (libopus 1.3.1, 60 ms) and ESTOI after decoding:
 *
 *   complexity                0     2     4     6     7     8-10
 *   narrowband 11 kbit/s, ms  1.5   2.4   3.4   4.5   5.6   7.0
 *                     ESTOI   .917  .926  .932  .938  .938  .937
 *   wideband 13 kbit/s, ms    2.4   4.2   6.0   8.5   9.4   12.4
 *                     ESTOI   .894  .917  .935  .941  .940  .943
 *
 * Decoding takes 0.4 and 0.55 ms. So 6 stays below 1 % of a core. libopus 1.5.2 (Debian 13) encodes
 * in 3.7 and 7.4 ms and decodes wideband in 1.3 ms, 2.4 with LACE (6), 5.8 with NoLACE (7).
 *
 * Formats with ESTOI >= .92 below 16 kbit/s on the wire (complexity 6, 41 bytes around each packet,
 * each padded to a cap that equals the aim): narrowband from 10 kbit/s (.924 at 15.5 with 60 ms,
 * .929 at 14.1 with 80, .924 at 12.7 with 120, where 13 kbit/s reach .953 at 15.7); wideband from
 * 12 kbit/s with 120 ms (.932 at 14.7). At one rate narrowband leads, by .05 at 8 kbit/s and .01 at
 * 13 (but ESTOI ends at 4.3 kHz). */
const struct ear_codec_opus_config ear_codec_opus_usual = {.encoder_complexity = 6,
                                                           .decoder_complexity = 7};

/* Filling a cap: VBR leaves 12 to 17 % of a cap that equals its aim unused, and more where speech
 * is soft. Where the datagram is padded anyway, the part is encoded up to FILL_TRIES times at rates
 * that lead towards the cap, and the longest that fits is kept. ESTOI, complexity 6, narrowband,
 * 60 ms packets of exactly so many bytes, by the number of tries (plain: one encode under the cap):
 *
 *   bytes  plain  1 try  2     3     5       encodes (3 tries)
 *   60     .891   .870   .894  .900  .901    2.7
 *   75     .922   .908   .923  .930  .932    2.5
 *   90     .943   .935   .945  .949  .949    2.5
 *   120    .967   .962   .968  .970  .971    2.4
 *
 * CPU of narrowband doubles, to 1 % of a core. Wideband gains .006 at 12 kbit/s and .004 at
 * 18. Parts of a long packet then share it evenly; 110 instead of 100 % differ by .001. To tell
 * libopus of losses makes it less dependent on what came before, and never pays: at 2 % loss .913
 * against .910, at 10 % .857 against .858 (80 ms, 109 bytes). */
#define FILL_TRIES 3
#define FILL_ENOUGH 0.97
#define FILL_SHARE_PERCENT 100
#define FILL_RATE_BPS_MIN 5000
#define FILL_RATE_BPS_MAX 40000 /* well below where libopus would leave SILK */
#define FILL_GAIN_MIN 0.7
#define FILL_GAIN_MAX 1.6
/* A twin is encoded from the state in which its packet was, and fills its cap: what comes before it
 * at the listener is what it was made to follow. ESTOI of packets of 11.5 kbit/s, 80 ms, with the
 * twin of 58 bytes decoded in the place of so many (libopus 1.3.1, complexity 6 unless told):
 *
 *   in place of                     0 %   10 %  20 %  50 %
 *   an encoder of its own, plain    .944  .930  .906  .865
 *   the same, filled                      .933  .913  .879
 *   from the packet's state, plain        .931  .904  .859
 *   the same, filled                      .936  .917  .884
 *   the same, complexity 4                .934  .910
 *   nothing: concealed                    .871  .722  .442
 *
 * In wideband of 16 kbit/s, 120 ms, 10 % of narrowband twins leave .934 of .959 and 20 % .900, for
 * the band changes each time; wideband ones of 121 bytes .951 and .934. Complexity 4 takes a
 * quarter of the CPU off: on a busy machine 1.4 % of a core for the packet, 1.1 for its twin. */
#define TWIN_COMPLEXITY_MAX 4

#define OPUS_FRAME_BYTES_MAX 1275 /* RFC 6716, section 3.4 */

/* Frames in one Opus packet have one length (RFC 6716, 3.1): 100 ms are five of 20. */
static const struct layout {
    int packet_ms, parts, part_ms;
} layouts[] = {
    {20, 1, 20}, {40, 1, 40}, {60, 1, 60}, {80, 2, 40}, {100, 5, 20}, {120, 2, 60},
};

struct opus_codec {
    struct ear_codec codec; /* first: free gets its address */
    OpusEncoder *encoder;
    OpusEncoder *before, *best; /* what the encoder was before a part, and after its best try */
    OpusEncoder *start, *after; /* before the last packet, and behind it while its twin is made */
    size_t encoder_bytes;
    int complexity;
    int last_ms;                 /* the length of the last packet; 0: none */
    double fill_gain, twin_gain; /* aim over cap that filled the last part; of twins */
    OpusDecoder *decoder;
    OpusRepacketizer *joiner;
    int rate_bps; /* as the encoder is set; 0: not yet */
    int bandwidth;
    size_t spare; /* samples at the end of made_up that were not asked for yet */
    int16_t made_up[EAR_FRAME];
    uint8_t parts[PARTS_MAX][EAR_PAYLOAD_MAX];
    uint8_t try[OPUS_FRAME_BYTES_MAX];
};

static_assert(offsetof(struct opus_codec, codec) == 0, "free casts back");

static const struct layout *layout_of(int packet_ms)
{
    for (size_t i = 0; i < EAR_COUNT(layouts); i++)
        if (layouts[i].packet_ms == packet_ms)
            return &layouts[i];
    return NULL;
}

/* Bytes of speech that one part must be allowed. */
static size_t part_floor(const struct layout *layout, bool wideband)
{
    int bps = wideband ? CAP_BPS_MIN_WIDEBAND : CAP_BPS_MIN_NARROWBAND;
    return (size_t)((layout->part_ms * bps + 7999) / 8000);
}

/* Bytes around the parts' speech: one TOC, a count where there are more than two, and up to two
 * bytes of length for all but the last (RFC 6716, 3.2). */
static size_t joint_overhead(const struct layout *layout)
{
    return 1 + (layout->parts > 2) + 2 * (size_t)(layout->parts - 1);
}

size_t ear_codec_least_cap(int packet_ms, bool wideband)
{
    const struct layout *layout = layout_of(packet_ms);
    if (!layout)
        return 0;
    return joint_overhead(layout) + (size_t)layout->parts * part_floor(layout, wideband);
}

bool ear_codec_format_is_possible(const struct ear_codec_format *format)
{
    size_t least = ear_codec_least_cap(format->packet_ms, format->wideband);
    return least > 0 && format->max_bytes >= least && format->max_bytes <= EAR_PAYLOAD_MAX &&
           format->rate_bps >= RATE_BPS_MIN && format->rate_bps <= RATE_BPS_MAX;
}

static int set_rate(struct opus_codec *c, int rate_bps)
{
    if (rate_bps == c->rate_bps)
        return 0;
    if (opus_encoder_ctl(c->encoder, OPUS_SET_BITRATE(rate_bps)) != OPUS_OK)
        return -EIO;
    c->rate_bps = rate_bps;
    return 0;
}

static int set_format(struct opus_codec *c, const struct ear_codec_format *format)
{
    int bandwidth = format->wideband ? OPUS_BANDWIDTH_WIDEBAND : OPUS_BANDWIDTH_NARROWBAND;
    if (bandwidth != c->bandwidth) {
        /* Left to itself SILK waits for a pause and may switch inside a packet, whose parts
         * could then not be joined. */
        if (opus_encoder_ctl(c->encoder, OPUS_RESET_STATE) != OPUS_OK ||
            opus_encoder_ctl(c->encoder, OPUS_SET_BANDWIDTH(bandwidth)) != OPUS_OK)
            return -EIO;
        c->bandwidth = bandwidth;
    }
    return 0;
}

/* The encoder's state is one block, of which a copy is a state as well (opus.h, "Opus Encoder"). */
static void copy_state(struct opus_codec *c, OpusEncoder *to, const OpusEncoder *from)
{
    memcpy(to, from, c->encoder_bytes);
}

/* Where to aim next, between two aims of which one is too low and one too high, or beyond the only
 * one that is known. */
struct aims {
    double low, high; /* aim over cap; 0: not known */
    double low_bytes, high_bytes;
};

static double next_aim(struct aims *aims, double aim, double len, double cap)
{
    if (len <= cap) {
        aims->low = aim;
        aims->low_bytes = len;
    } else {
        aims->high = aim;
        aims->high_bytes = len;
    }
    if (aims->low <= 0 || aims->high <= 0)
        return aim * cap / len * 0.99; /* to just below the cap */
    double goal = cap * (1 + FILL_ENOUGH) / 2;
    double share = (goal - aims->low_bytes) / (aims->high_bytes - aims->low_bytes);
    return aims->low + (aims->high - aims->low) * fmin(0.9, fmax(0.1, share));
}

static opus_int32 try_aim(struct opus_codec *c, double rate, const int16_t *pcm, int samples)
{
    int rate_bps = (int)fmin(FILL_RATE_BPS_MAX, fmax(FILL_RATE_BPS_MIN, rate));
    if (set_rate(c, rate_bps))
        return -1;
    return opus_encode(c->encoder, pcm, samples, c->try, sizeof c->try);
}

/* Encodes one part into nearly cap bytes; returns its length, 0 when no try was short enough and
 * the encoder is as before, or what Opus says. */
static opus_int32 fill(struct opus_codec *c, const int16_t *pcm, int samples, size_t cap,
                       uint8_t *ret)
{
    double even = (double)cap * 8 * EAR_RATE_HZ / samples, aim = c->fill_gain;
    struct aims aims = {0};
    opus_int32 longest = 0;
    copy_state(c, c->before, c->encoder);
    for (int i = 0; i < FILL_TRIES && longest < FILL_ENOUGH * (double)cap; i++) {
        if (i > 0) {
            copy_state(c, c->encoder, c->before);
            c->rate_bps = 0;
        }
        opus_int32 len = try_aim(c, even * aim, pcm, samples);
        if (len < 1)
            return len < 0 ? len : -1;
        if ((size_t)len <= cap && len > longest) {
            longest = len;
            memcpy(ret, c->try, (size_t)len);
            copy_state(c, c->best, c->encoder);
            c->fill_gain = fmin(FILL_GAIN_MAX, fmax(FILL_GAIN_MIN, aim));
        }
        aim = next_aim(&aims, aim, len, (double)cap);
    }
    copy_state(c, c->encoder, longest ? c->best : c->before);
    c->rate_bps = 0;
    return longest;
}

/* Encodes one part into at most cap bytes. Returns its length or what Opus says. */
static opus_int32 encode_part(struct opus_codec *c, const struct ear_codec_format *format,
                              const int16_t *pcm, int samples, size_t cap, uint8_t *ret)
{
    int rate_bps = format->rate_bps;
    if (format->fill) {
        opus_int32 len = fill(c, pcm, samples, cap, ret);
        if (len != 0)
            return len;
        c->fill_gain = 1;
        rate_bps = (int)(cap * 8 * EAR_RATE_HZ / (size_t)samples);
    }
    if (set_rate(c, rate_bps))
        return -1;
    return opus_encode(c->encoder, pcm, samples, ret, (opus_int32)cap);
}

/* Encodes the parts of a long packet and joins them. left counts bytes of speech still free. */
static int encode_joint(struct opus_codec *c, const struct layout *layout,
                        const struct ear_codec_format *format, const int16_t *pcm,
                        uint8_t *ret_packet)
{
    size_t left = format->max_bytes - joint_overhead(layout);
    size_t floor = part_floor(layout, format->wideband);
    size_t share = format->fill ? FILL_SHARE_PERCENT : PART_SHARE_PERCENT;
    int samples = layout->part_ms * EAR_SAMPLES_PER_MS;

    opus_repacketizer_init(c->joiner);
    for (int i = 0; i < layout->parts; i++) {
        size_t behind = (size_t)(layout->parts - i - 1);
        size_t cap = left;
        if (behind > 0) {
            size_t fair = left * share / 100 / (behind + 1);
            size_t most = left - behind * floor;
            cap = fair > most ? most : fair < floor ? floor : fair;
        }
        opus_int32 len = encode_part(c, format, pcm + i * samples, samples, cap + 1, c->parts[i]);
        if (len < 1 || opus_repacketizer_cat(c->joiner, c->parts[i], len) != OPUS_OK)
            return -EIO;
        left -= (size_t)len - 1;
    }
    opus_int32 len = opus_repacketizer_out(c->joiner, ret_packet, (opus_int32)format->max_bytes);
    return len < 2 ? -EIO : len;
}

static int encode_packet(struct opus_codec *c, const struct ear_codec_format *format,
                         const int16_t *pcm, uint8_t *ret_packet)
{
    const struct layout *layout = layout_of(format->packet_ms);
    if (layout->parts > 1)
        return encode_joint(c, layout, format, pcm, ret_packet);
    opus_int32 len = encode_part(c, format, pcm, layout->part_ms * EAR_SAMPLES_PER_MS,
                                 format->max_bytes, ret_packet);
    return len < 2 ? -EIO : len;
}

static int codec_encode(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                        uint8_t *ret_packet)
{
    struct opus_codec *c = ctx;
    if (!ear_codec_format_is_possible(format))
        return -EINVAL;
    int err = set_format(c, format);
    if (err)
        return err;
    copy_state(c, c->start, c->encoder);
    c->last_ms = format->packet_ms;
    return encode_packet(c, format, pcm, ret_packet);
}

static int codec_encode_twin(void *ctx, const struct ear_codec_format *format, const int16_t *pcm,
                             uint8_t *ret_packet)
{
    struct opus_codec *c = ctx;
    int bandwidth = format->wideband ? OPUS_BANDWIDTH_WIDEBAND : OPUS_BANDWIDTH_NARROWBAND;
    if (!ear_codec_format_is_possible(format) || format->packet_ms != c->last_ms ||
        bandwidth != c->bandwidth)
        return -EINVAL;
    int complexity = c->complexity < TWIN_COMPLEXITY_MAX ? c->complexity : TWIN_COMPLEXITY_MAX;
    double gain = c->fill_gain;
    copy_state(c, c->after, c->encoder);
    copy_state(c, c->encoder, c->start);
    c->rate_bps = 0;
    c->fill_gain = c->twin_gain;
    int len = -EIO;
    if (opus_encoder_ctl(c->encoder, OPUS_SET_COMPLEXITY(complexity)) == OPUS_OK)
        len = encode_packet(c, format, pcm, ret_packet);
    copy_state(c, c->encoder, c->after);
    c->rate_bps = 0;
    c->twin_gain = c->fill_gain;
    c->fill_gain = gain;
    return len;
}

static int codec_packet_samples(const uint8_t *packet, size_t len)
{
    /* One byte is a TOC without speech: the wire uses that length for silence. */
    if (len < 2 || len > EAR_PAYLOAD_MAX)
        return -EBADMSG;
    int samples = opus_packet_get_nb_samples(packet, (opus_int32)len, EAR_RATE_HZ);
    if (samples <= 0 || samples > EAR_PACKET_SAMPLES_MAX || samples % EAR_UNIT != 0)
        return -EBADMSG;
    opus_int16 sizes[48]; /* as many frames as a packet can hold */
    if (opus_packet_parse(packet, (opus_int32)len, NULL, NULL, sizes, NULL) <= 0)
        return -EBADMSG;
    return samples;
}

static int codec_decode(void *ctx, const uint8_t *packet, size_t len, int16_t *pcm, size_t cap)
{
    struct opus_codec *c = ctx;
    int samples = codec_packet_samples(packet, len);
    if (samples < 0 || (size_t)samples > cap)
        return -EBADMSG;
    c->spare = 0;
    int got = opus_decode(c->decoder, packet, (opus_int32)len, pcm, samples, 0);
    return got == samples ? got : -EBADMSG;
}

static int make_up(struct opus_codec *c, int16_t *pcm, size_t samples)
{
    return opus_decode(c->decoder, NULL, 0, pcm, (int)samples, 0) == (int)samples ? 0 : -EIO;
}

/* SILK makes up 10 ms at least and throws away what was not asked for: pieces of 2.5 ms would be
 * five times as rough at their seams and fade out four times too soon. */
static int codec_conceal(void *ctx, int16_t *pcm, size_t samples)
{
    struct opus_codec *c = ctx;
    assert(samples > 0 && samples % (EAR_UNIT / 8) == 0 && samples <= EAR_PACKET_SAMPLES_MAX);
    size_t done = 0;
    while (done < samples) {
        size_t wanted = samples - done, whole = wanted - wanted % EAR_FRAME;
        if (c->spare == 0 && whole > 0) {
            if (make_up(c, pcm + done, whole) < 0)
                return -EIO;
            done += whole;
            continue;
        }
        if (c->spare == 0) {
            if (make_up(c, c->made_up, EAR_FRAME) < 0)
                return -EIO;
            c->spare = EAR_FRAME;
        }
        size_t take = c->spare < wanted ? c->spare : wanted;
        memcpy(pcm + done, c->made_up + EAR_FRAME - c->spare, take * sizeof *pcm);
        c->spare -= take;
        done += take;
    }
    return (int)samples;
}

static void codec_reset(void *ctx)
{
    struct opus_codec *c = ctx;
    opus_encoder_ctl(c->encoder, OPUS_RESET_STATE);
    opus_decoder_ctl(c->decoder, OPUS_RESET_STATE);
    c->fill_gain = c->twin_gain = 1;
    c->last_ms = 0;
    c->spare = 0;
}

static int set_up_encoder(OpusEncoder *encoder, int complexity)
{
    bool bad = opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(complexity)) != OPUS_OK ||
               opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) != OPUS_OK ||
               opus_encoder_ctl(encoder, OPUS_SET_VBR(1)) != OPUS_OK ||
               opus_encoder_ctl(encoder, OPUS_SET_VBR_CONSTRAINT(0)) != OPUS_OK ||
               opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(0)) != OPUS_OK ||
               opus_encoder_ctl(encoder, OPUS_SET_DTX(0)) != OPUS_OK;
    return bad ? -EINVAL : 0;
}

/* libopus < 1.5 has one way of decoding and knows no complexity there. */
static int set_up_decoder(OpusDecoder *decoder, int complexity)
{
    int got = opus_decoder_ctl(decoder, OPUS_SET_COMPLEXITY(complexity));
    return got == OPUS_OK || got == OPUS_UNIMPLEMENTED ? 0 : -EINVAL;
}

/* Decodes one packet with a fresh decoder of this complexity. */
static int decode_once(int complexity, const uint8_t *packet, int len, int16_t *ret_pcm)
{
    int failed;
    OpusDecoder *decoder = opus_decoder_create(EAR_RATE_HZ, 1, &failed);
    if (!decoder)
        return -ENOMEM;
    int err = set_up_decoder(decoder, complexity);
    if (!err && opus_decode(decoder, packet, len, ret_pcm, EAR_PACKET_SAMPLES_MAX, 0) < 0)
        err = -EINVAL;
    opus_decoder_destroy(decoder);
    return err;
}

/* Whether the decoder's networks are built in and at work: they change what is heard. Leaves the
 * encoder as it was. */
static int probe_enhancement(struct opus_codec *c, int complexity, bool *ret)
{
    static const struct ear_codec_format probe = {
        .packet_ms = 60, .rate_bps = 9000, .max_bytes = 120, .wideband = true};
    int16_t buzz[60 * EAR_SAMPLES_PER_MS], plain[EAR_PACKET_SAMPLES_MAX] = {0},
                                           repaired[EAR_PACKET_SAMPLES_MAX] = {0};
    for (size_t i = 0; i < EAR_COUNT(buzz); i++) /* a rich 125 Hz voice */
        buzz[i] = (int16_t)(i % 128 < 16 ? 6000 : -857);
    int len = codec_encode(c, &probe, buzz, c->parts[0]);
    if (len < 0)
        return len;
    int err = decode_once(0, c->parts[0], len, plain);
    if (!err)
        err = decode_once(complexity, c->parts[0], len, repaired);
    if (err)
        return err;
    codec_reset(c);
    *ret = memcmp(plain, repaired, sizeof plain) != 0;
    return 0;
}

int ear_codec_opus_new(struct ear_codec **ret, const struct ear_codec_opus_config *config)
{
    if (config->encoder_complexity < 0 || config->encoder_complexity > 10 ||
        config->decoder_complexity < 0 || config->decoder_complexity > 10)
        return -EINVAL;
    struct opus_codec *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    int err = -ENOMEM, failed;
    opus_int32 lookahead = 0;
    c->fill_gain = c->twin_gain = 1;
    c->complexity = config->encoder_complexity;
    c->encoder_bytes = (size_t)opus_encoder_get_size(1);
    c->before = malloc(c->encoder_bytes);
    c->best = malloc(c->encoder_bytes);
    c->start = malloc(c->encoder_bytes);
    c->after = malloc(c->encoder_bytes);
    c->encoder = opus_encoder_create(EAR_RATE_HZ, 1, OPUS_APPLICATION_VOIP, &failed);
    c->decoder = opus_decoder_create(EAR_RATE_HZ, 1, &failed);
    c->joiner = opus_repacketizer_create();
    if (!c->encoder || !c->before || !c->best || !c->start || !c->after || !c->decoder ||
        !c->joiner)
        goto out;
    err = set_up_encoder(c->encoder, config->encoder_complexity);
    if (!err)
        err = set_up_decoder(c->decoder, config->decoder_complexity);
    if (!err)
        err = probe_enhancement(c, config->decoder_complexity, &c->codec.enhances_wideband);
    if (!err && opus_encoder_ctl(c->encoder, OPUS_GET_LOOKAHEAD(&lookahead)) != OPUS_OK)
        err = -EINVAL;
    if (err)
        goto out;
    c->codec.encode = codec_encode;
    c->codec.encode_twin = codec_encode_twin;
    c->codec.decode = codec_decode;
    c->codec.conceal = codec_conceal;
    c->codec.packet_samples = codec_packet_samples;
    c->codec.reset = codec_reset;
    c->codec.lookahead_samples = lookahead;
    c->codec.pads = true;
    c->codec.ctx = c;
    *ret = &c->codec;
    c = NULL;
out:
    if (c)
        ear_codec_opus_free(&c->codec);
    return err;
}

void ear_codec_opus_free(struct ear_codec *codec)
{
    struct opus_codec *c = (struct opus_codec *)codec;
    if (!c)
        return;
    if (c->encoder)
        opus_encoder_destroy(c->encoder);
    free(c->before);
    free(c->best);
    free(c->start);
    free(c->after);
    if (c->decoder)
        opus_decoder_destroy(c->decoder);
    if (c->joiner)
        opus_repacketizer_destroy(c->joiner);
    free(c);
}

const char *ear_codec_opus_version(void)
{
    return opus_get_version_string();
}
