/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs raw sound (16 kHz, 16 bit, mono) from stdin through clean and encode; stdout gets one byte
 * for each 10 ms: bit 0 judged speech, bit 1 sent. Usage: silence PACKET_MS */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "port/codec.h"
#include "tx/clean.h"
#include "tx/encode.h"

#define JUDGED 1
#define SENT 2
#define FRAMES_MAX (100 * 60 * 60) /* an hour */

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void mark_sent(uint8_t *marks, const struct ear_encode_packet *packet)
{
    int64_t first = packet->index * EAR_UNIT_MS / EAR_FRAME_MS;
    for (int64_t i = 0; i < (int64_t)packet->units * EAR_UNIT_MS / EAR_FRAME_MS; i++)
        if (first + i < FRAMES_MAX)
            marks[first + i] |= SENT;
}

int main(int argc, char **argv)
{
    struct ear_codec_format format = {.packet_ms = argc == 2 ? atoi(argv[1]) : 0,
                                      .rate_bps = 10000,
                                      .max_bytes = EAR_PAYLOAD_MAX};
    struct ear_codec *codec = NULL;
    struct ear_clean *clean = NULL;
    struct ear_encode *encode = NULL;
    if (!ear_codec_format_is_possible(&format)) {
        fprintf(stderr, "usage: silence PACKET_MS < PCM > MARKS\n");
        return 2;
    }
    uint8_t *marks = calloc(FRAMES_MAX, 1);
    if (!marks || ear_codec_opus_new(&codec, &ear_codec_opus_usual) || ear_clean_new(&clean) ||
        ear_encode_new(&encode, codec))
        return 1;
    ear_encode_set_format(encode, &format);
    int16_t frame[EAR_FRAME];
    struct ear_clean_verdict verdict = {0};
    double clean_s = 0;
    size_t n = 0;
    for (; n < FRAMES_MAX && fread(frame, sizeof *frame, EAR_FRAME, stdin) == EAR_FRAME; n++) {
        double start = cpu_s();
        verdict = ear_clean_frame(clean, frame);
        clean_s += cpu_s() - start;
        marks[n] |= verdict.speech ? JUDGED : 0;
        struct ear_encode_packet packet;
        if (ear_encode_frame(encode, frame, verdict.speech, verdict.noise_db, &packet) == 1)
            mark_sent(marks, &packet);
    }
    fwrite(marks, 1, n, stdout);
    fprintf(stderr, "%.4f %.2f\n", n ? clean_s / ((double)n * EAR_FRAME_MS / 1000) * 1000 : 0,
            (double)verdict.noise_db);
    free(marks);
    ear_encode_free(encode);
    ear_clean_free(clean);
    ear_codec_opus_free(codec);
    return 0;
}
