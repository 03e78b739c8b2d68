/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoder, protection, datagrams and recovery as calls use them (call/speak, rx/play).
 *
 * The recordings are encoded once, each packet under the cap that its protection leaves it; the
 * hour repeats these packets, and is protected, built, parsed and recovered anew. */
#include "sent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "rx/recover.h"
#include "tools/speech.h"
#include "tx/encode.h"

#define BUDGET_MS 10000 /* a wire budget holds over any 10 s */
/* Before so many packets protection is not yet what it will be. */
#define FIRST (EAR_PROTECT_DISTANCE_MAX + 1)

struct sent {
    const struct ear_plan *plan;
    struct ear_codec *codec;
    struct ear_encode *encode;
    struct ear_protect *protect;
    struct ear_recover *recover;
    struct ear_speech speech;
    struct ear_encode_packet *packets; /* from FIRST on each once a turn */
    int turn;
    int *had_at; /* in which step the listener had packet n; NEVER */
    int wire_window;
    struct sent_result result;
};

#define NEVER INT32_MAX

static void must(int failed, const char *what)
{
    if (!failed)
        return;
    fprintf(stderr, "residual: %s\n", what);
    exit(1);
}

static int units(const struct sent *s)
{
    return s->plan->packet_ms / EAR_UNIT_MS;
}

/* The cap of the next packet, as call/speak sets it. */
static void set_cap(struct sent *s, int64_t index)
{
    struct ear_codec_format format = ear_plan_format(s->plan);
    size_t least = ear_codec_least_cap(format.packet_ms, format.wideband);
    size_t body = s->plan->body_bytes, room = body > least + 2 ? body - least - 2 : 0;
    size_t bytes = ear_protect_plan(s->protect, index, false, room);
    if (bytes > 0)
        body -= bytes + 2;
    format.max_bytes = ear_plan_cap(s->plan, body);
    int most_bps = (int)format.max_bytes * 8000 / format.packet_ms;
    if (format.rate_bps > most_bps)
        format.rate_bps = most_bps;
    ear_encode_set_format(s->encode, &format);
}

static void put(struct sent *s, const struct ear_encode_packet *p, int64_t index)
{
    const struct ear_protect_carrier c = {index, p->data, p->len, p->twin, p->twin_len};
    ear_protect_put(s->protect, &c);
}

/* The recordings as packets, once. */
static void encode_all(struct sent *s)
{
    struct ear_codec_format low = ear_plan_low_format(s->plan);
    bool twins = s->plan->pattern.kind == EAR_PROTECT_LOW_COPY;
    int16_t frame[EAR_FRAME];
    s->turn = (int)(s->speech.count / EAR_UNIT) / units(s);
    s->packets = calloc((size_t)(s->turn + FIRST), sizeof *s->packets);
    must(!s->packets, "no memory");
    ear_encode_set_always(s->encode, true);
    ear_encode_set_twin(s->encode, twins ? &low : NULL);
    for (int n = 0; n < s->turn + FIRST;) {
        if (n == 0 || ear_encode_is_nearly_full(s->encode))
            set_cap(s, (int64_t)n * units(s));
        ear_speech_read(&s->speech, frame, EAR_FRAME);
        int made = ear_encode_frame(s->encode, frame, true, -60, &s->packets[n]);
        must(made < 0, "cannot encode");
        if (made > 0) {
            put(s, &s->packets[n], s->packets[n].index);
            s->result.bytes += (double)s->packets[n].len / (s->turn + FIRST);
            n++;
        }
    }
}

static const struct ear_encode_packet *packet_of(const struct sent *s, int n)
{
    return &s->packets[n < FIRST ? n : FIRST + (n - FIRST) % s->turn];
}

/* Datagram n, padded to its size. Returns its length. */
static size_t build(struct sent *s, int n, uint8_t *out)
{
    const struct ear_encode_packet *p = packet_of(s, n);
    int64_t index = (int64_t)n * units(s);
    uint8_t blocks[EAR_AUDIO_BYTES_MAX];
    struct ear_writer w = ear_writer_on(blocks, sizeof blocks);
    if (ear_protect_plan(s->protect, index, false, sizeof blocks / 2) > 0)
        ear_protect_write(s->protect, &w);
    struct ear_audio audio = {
        .index = (uint16_t)(index % EAR_INDEX_MODULO),
        .payload = p->data,
        .payload_len = p->len,
        .blocks = blocks,
        .blocks_len = w.at,
        .size = EAR_AUDIO_HEADER_BYTES + s->plan->body_bytes,
        .is_opus = s->codec->pads,
    };
    int len = ear_audio_build(&audio, out, EAR_AUDIO_BYTES_MAX);
    must(len < 0, "a datagram is too long");
    put(s, p, index);
    return (size_t)len;
}

/* What was given back is what was said, or its twin. */
static void take(struct sent *s, const struct ear_recovered *got, int now)
{
    int n = (int)(got->index / units(s));
    const struct ear_encode_packet *p = packet_of(s, n);
    bool whole = got->len == p->len && memcmp(got->data, p->data, p->len) == 0;
    bool twin = got->len == p->twin_len && memcmp(got->data, p->twin, p->twin_len) == 0;
    must(!whole && !twin, "something else was given back than what was sent");
    if (s->had_at[n] != NEVER)
        return;
    s->had_at[n] = now;
    s->result.twins += !whole;
}

static void receive(struct sent *s, int now, const uint8_t *data, size_t len)
{
    struct ear_audio audio;
    struct ear_recovered got;
    struct ear_block block;
    must(ear_audio_parse(data, len, &audio), "a datagram is nonsense");
    int64_t index = ear_index_expand(audio.index, (int64_t)now * units(s));
    s->had_at[index / units(s)] = now;
    ear_recover_put(s->recover, index, audio.payload, audio.payload_len);
    struct ear_reader r = ear_reader_on(audio.blocks, audio.blocks_len);
    while (ear_block_next(&r, &block) == 1)
        if (ear_recover_block(s->recover, index, &block, &got) == 1)
            take(s, &got, now);
    while (ear_recover_next(s->recover, &got))
        take(s, &got, now);
}

static void send_all(struct sent *s, const struct ear_plan_line *line, int packets, uint64_t seed)
{
    struct line_chain chain = line_chain_of(line->loss, line->burst_ms, seed);
    size_t *wire = calloc((size_t)packets, sizeof *wire), in_window = 0, worst = 0;
    must(!wire, "no memory");
    for (int n = 0; n < packets; n++) {
        uint8_t datagram[EAR_AUDIO_BYTES_MAX];
        size_t len = build(s, n, datagram), body = len - EAR_AUDIO_HEADER_BYTES;
        wire[n] = body + EAR_SPEECH_FIXED_BYTES;
        in_window += wire[n] - (n >= s->wire_window ? wire[n - s->wire_window] : 0);
        worst = in_window > worst ? in_window : worst;
        if (body > s->result.body_bytes)
            s->result.body_bytes = body;
        if (line_loses(&chain, (double)n * s->plan->packet_ms))
            s->result.lost++;
        else
            receive(s, n, datagram, len);
    }
    s->result.wire_kbps = (double)worst * 8 / (s->wire_window * s->plan->packet_ms);
    free(wire);
}

void sent_measure(const struct ear_plan *plan, const struct ear_plan_line *line, int seconds,
                  uint64_t seed, struct sent_result *ret)
{
    struct sent s = {.plan = plan, .wire_window = BUDGET_MS / plan->packet_ms};
    int packets = seconds * 1000 / plan->packet_ms, hold = plan->hold_ms / plan->packet_ms;
    char error[200] = "cannot read";
    must(ear_speech_open(&s.speech, NULL, error, sizeof error), error);
    must(ear_codec_opus_new(&s.codec, &ear_codec_opus_usual) || ear_protect_new(&s.protect) ||
             ear_recover_new(&s.recover) || ear_encode_new(&s.encode, s.codec) ||
             ear_protect_set(s.protect, &plan->pattern),
         "no memory");
    s.had_at = calloc((size_t)packets, sizeof *s.had_at);
    must(!s.had_at, "no memory");
    for (int n = 0; n < packets; n++)
        s.had_at[n] = NEVER;
    encode_all(&s);
    ear_protect_reset(s.protect);
    send_all(&s, line, packets, seed);
    for (int n = 0; n < packets - hold; n++)
        s.result.missed += s.had_at[n] == NEVER || s.had_at[n] > n + hold;
    s.result.missed /= packets - hold;
    s.result.lost /= packets;
    s.result.twins /= packets;
    *ret = s.result;
    free(s.had_at);
    free(s.packets);
    ear_encode_free(s.encode);
    ear_recover_free(s.recover);
    ear_protect_free(s.protect);
    ear_codec_opus_free(s.codec);
    ear_speech_close(&s.speech);
}
