/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes raw speech (16 kHz, 16 bit, mono) from stdin to stdout and tells bytes and time on stderr.
 * Usage: codec PACKET_MS RATE_BPS CAP_BYTES WIDE FILL ENCODER_COMPLEXITY DECODER_COMPLEXITY
 * [LOST_PERCENT SEED]: of so many packets, by chance, the decoder gets the twin instead; CONCEAL
 * behind SEED: it gets nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "port/codec.h"

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct sums {
    double encode_s, twin_s, decode_s, spoken_s, bytes, twin_bytes;
    int packets, largest;
};

/* What happens to packets on their way. */
struct way {
    double lost;
    bool conceal;
    struct ear_random random;
};

/* What the decoder makes of a packet, or of what it gets in its place. */
static int hear(struct ear_codec *codec, const struct ear_codec_format *format, const int16_t *pcm,
                const uint8_t *packet, int len, struct way *way, struct sums *sums,
                int16_t heard[EAR_PACKET_SAMPLES_MAX])
{
    const struct ear_codec_format low = {
        .packet_ms = format->packet_ms,
        .rate_bps = format->wideband ? 8400 : 6000,
        .max_bytes = ear_codec_least_cap(format->packet_ms, format->wideband),
        .wideband = format->wideband,
        .fill = true};
    uint8_t twin[EAR_PAYLOAD_MAX];
    bool lost = ear_random_unit(&way->random) < way->lost;
    if (lost && way->conceal)
        return codec->conceal(codec->ctx, heard, (size_t)format->packet_ms * EAR_SAMPLES_PER_MS);
    double start = cpu_s();
    int twin_len = way->lost > 0 ? codec->encode_twin(codec->ctx, &low, pcm, twin) : 0;
    sums->twin_s += cpu_s() - start;
    sums->twin_bytes += twin_len;
    if (twin_len < 0)
        return twin_len;
    return codec->decode(codec->ctx, lost ? twin : packet, (size_t)(lost ? twin_len : len), heard,
                         EAR_PACKET_SAMPLES_MAX);
}

static int code_one(struct ear_codec *codec, const struct ear_codec_format *format,
                    const int16_t *pcm, struct way *way, struct sums *sums)
{
    uint8_t packet[EAR_PAYLOAD_MAX];
    int16_t heard[EAR_PACKET_SAMPLES_MAX];
    double start = cpu_s(), twin_s = sums->twin_s;
    int len = codec->encode(codec->ctx, format, pcm, packet);
    double middle = cpu_s();
    if (len < 0)
        return len;
    int samples = hear(codec, format, pcm, packet, len, way, sums, heard);
    if (samples < 0)
        return samples;
    sums->decode_s += cpu_s() - middle - (sums->twin_s - twin_s);
    sums->encode_s += middle - start;
    sums->spoken_s += format->packet_ms / 1000.0;
    sums->bytes += len;
    sums->packets++;
    if (len > sums->largest)
        sums->largest = len;
    return fwrite(heard, sizeof *heard, (size_t)samples, stdout) == (size_t)samples ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc != 8 && argc != 10 && argc != 11) {
        fprintf(stderr, "usage: codec PACKET_MS RATE_BPS CAP_BYTES WIDE FILL ENCODER_COMPLEXITY "
                        "DECODER_COMPLEXITY [LOST_PERCENT SEED [CONCEAL]] < PCM > PCM\n");
        return 2;
    }
    struct ear_codec_format format = {.packet_ms = atoi(argv[1]),
                                      .rate_bps = atoi(argv[2]),
                                      .max_bytes = (size_t)atoi(argv[3]),
                                      .wideband = atoi(argv[4]) != 0,
                                      .fill = atoi(argv[5]) != 0};
    struct ear_codec_opus_config config = {atoi(argv[6]), atoi(argv[7])};
    struct ear_codec *codec;
    if (ear_codec_opus_new(&codec, &config) || !ear_codec_format_is_possible(&format)) {
        fprintf(stderr, "codec: no such format\n");
        return 2;
    }
    struct way way = {.lost = argc > 8 ? atof(argv[8]) / 100 : 0, .conceal = argc > 10};
    way.random = ear_random_seeded(argc > 9 ? strtoull(argv[9], NULL, 10) : 1);
    struct sums sums = {0};
    int16_t pcm[EAR_PACKET_SAMPLES_MAX];
    size_t step = (size_t)format.packet_ms * EAR_SAMPLES_PER_MS;
    int err = 0;
    while (!err && fread(pcm, sizeof *pcm, step, stdin) == step)
        err = code_one(codec, &format, pcm, &way, &sums);
    fprintf(stderr,
            "{\"version\": \"%s\", \"enhances\": %d, \"lookahead\": %d, \"kbps\": %.3f, "
            "\"packets\": %d, \"largest\": %d, \"encode_ms_per_s\": %.3f, "
            "\"decode_ms_per_s\": %.3f, \"twin_bytes\": %.1f, \"twin_ms_per_s\": %.3f}\n",
            ear_codec_opus_version(), codec->enhances_wideband, codec->lookahead_samples,
            sums.bytes * 8 / 1000 / sums.spoken_s, sums.packets, sums.largest,
            sums.encode_s * 1000 / sums.spoken_s, sums.decode_s * 1000 / sums.spoken_s,
            sums.twin_bytes / (sums.packets + !sums.packets), sums.twin_s * 1000 / sums.spoken_s);
    ear_codec_opus_free(codec);
    return err ? 1 : 0;
}
