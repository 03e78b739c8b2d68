/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: whatever speech the other end sends, the loudspeaker gets a frame each 10 ms and
 * what is told of it can be true. */
#include <errno.h>
#include <string.h>

#include "call/talk.h"
#include "fuzz/fuzz.h"
#include "line/rate.h"

/* An input is a row of datagrams: 1 byte how many frames pass before it, 1 byte length (of each
 * bit 7 stands for ten times as much), so many bytes. */
#define MUCH 0x80
#define FRAMES_MAX 250 /* 2.5 s of an input, and then what the longest packet needs to be heard */
#define OUT_US (20 * EAR_FRAME_US)
#define FRAMES_AFTER (2 * EAR_PACKET_MS_MAX / EAR_FRAME_MS)

struct world {
    struct ear_codec *codec;
    struct ear_talk *talk;
    int64_t begin_us, now_us;
    int64_t heard_us; /* the end of the last frame */
    int wanted, written;
};

static struct world w;

/* No microphone. */
static int mic_read(void *ctx, int64_t now_us, int16_t frame[static EAR_FRAME], int64_t *ret_end_us)
{
    (void)ctx;
    (void)now_us;
    (void)frame;
    (void)ret_end_us;
    return 0;
}

static int speaker_wants(void *ctx, int64_t now_us, int64_t *ret_heard_us)
{
    (void)ctx;
    if (w.heard_us > now_us)
        return 0;
    w.heard_us += EAR_FRAME_US;
    *ret_heard_us = w.heard_us;
    w.wanted++;
    return 1;
}

static void speaker_write(void *ctx, const int16_t frame[static EAR_FRAME])
{
    (void)ctx;
    (void)frame;
    w.written++;
}

static int64_t due_us(void *ctx, int64_t now_us)
{
    (void)ctx;
    return now_us + EAR_FRAME_US;
}

static void start(void)
{
    static struct ear_mic mic = {.read = mic_read, .due_us = due_us};
    static struct ear_speaker speaker = {
        .wants = speaker_wants, .write = speaker_write, .due_us = due_us};
    FUZZ_REQUIRE(ear_codec_opus_new(&w.codec, &ear_codec_opus_usual) == 0);
    const struct ear_talk_config config = {
        .mic = &mic, .speaker = &speaker, .codec = w.codec, .always = true, .budget_bps = 9100};
    FUZZ_REQUIRE(ear_talk_new(&w.talk, &config) == 0);
}

static void begin(void)
{
    w.begin_us = w.now_us = w.heard_us = EAR_US_PER_S;
    w.wanted = w.written = 0;
    ear_talk_start(w.talk, w.now_us);
}

static void pass(size_t frames)
{
    static const struct ear_talk_gate gate = {.speech_worth = true};
    for (; frames > 0; frames--) {
        uint8_t out[EAR_DATAGRAM_MAX];
        struct ear_audio audio;
        size_t len;
        w.now_us += EAR_FRAME_US;
        /* Making silence for the other end would take nine tenths of the time: a bit is enough. */
        while (w.now_us - w.begin_us <= OUT_US &&
               (len = ear_talk_tx_step(w.talk, w.now_us, &gate, out, sizeof out)) > 0) {
            FUZZ_REQUIRE(ear_audio_parse(out, len, &audio) == 0);
            ear_talk_sent(w.talk, true, w.now_us);
        }
        ear_talk_rx_step(w.talk, w.now_us);
    }
    FUZZ_REQUIRE(w.written == w.wanted);
}

static void check(void)
{
    struct ear_talk_status s;
    ear_talk_get_status(w.talk, w.now_us, &s);
    int64_t passed_us = w.now_us - w.begin_us + EAR_FRAME_US;
    FUZZ_REQUIRE(w.written >= (w.now_us - w.begin_us) / EAR_FRAME_US);
    FUZZ_REQUIRE(s.play.packets_lost >= 0 && s.play.packets_discarded >= 0);
    FUZZ_REQUIRE(s.play.concealed_us >= 0 && s.play.concealed_us <= passed_us);
    FUZZ_REQUIRE(s.play.comfort_us >= 0 && s.play.comfort_us <= passed_us);
    FUZZ_REQUIRE(s.play.stalled_us >= 0 && s.play.stalled_us <= passed_us);
    FUZZ_REQUIRE(s.play.loss >= 0 && s.play.loss <= 1);
    FUZZ_REQUIRE(s.loss_there >= 0 && s.loss_there <= 1);
    FUZZ_REQUIRE(s.rtt_ms >= 0 && s.rtt_ms * EAR_US_PER_MS <= (double)passed_us);
    FUZZ_REQUIRE(s.playout_there_ms >= 0);
}

static size_t much(uint8_t byte)
{
    return byte & MUCH ? (size_t)(byte & ~MUCH) * 10 : byte;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t left = FRAMES_MAX;
    if (!w.talk)
        start();
    begin();
    for (size_t at = 0; at + 1 < size;) {
        size_t frames = much(data[at]), len = much(data[at + 1]);
        at += 2;
        frames = frames < left ? frames : left;
        len = len < size - at ? len : size - at;
        left -= frames;
        pass(frames);
        int r = ear_talk_take(w.talk, data + at, len, w.now_us);
        FUZZ_REQUIRE(r == 0 || r == -EBADMSG || r == -EEXIST || r == -ENOBUFS);
        at += len;
    }
    pass(FRAMES_AFTER);
    check();
    return 0;
}
