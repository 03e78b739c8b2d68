/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: datagrams with any counter, sealed truly or with one bit changed, open exactly when
 * a plain list of what was received says so. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "wire/seal.h"

/* One datagram: its class, whether a bit is changed, how far its counter is from the newest. */
#define RECORD_BYTES 4
#define RECORDS_MAX 256
#define BODY_BYTES 20

struct model {
    uint64_t seen[RECORDS_MAX];
    size_t count;
    uint64_t end;
};

static bool is_expected(const struct model *model, uint64_t counter, bool speech)
{
    uint64_t begin = model->end > EAR_REPLAY_WINDOW ? model->end - EAR_REPLAY_WINDOW : 0;
    for (size_t i = 0; i < model->count; i++)
        if (model->seen[i] == counter)
            return false;
    return counter >= begin && (!speech || counter - begin < 1 << EAR_SEALED_COUNTER_BITS);
}

static void try_one(struct ear_seal *from, struct ear_seal *to, struct model *model,
                    const uint8_t record[static RECORD_BYTES])
{
    uint8_t body[BODY_BYTES], datagram[BODY_BYTES + EAR_SEALED_CONTROL_BYTES], plain[BODY_BYTES];
    bool speech = record[0] & 1, changed = record[0] & 2;
    int64_t delta = (int16_t)(record[1] << 8 | record[2]) * ((int64_t)1 << (record[0] >> 2 & 3));
    int64_t counter = (int64_t)model->end + delta;
    if (counter < 0 || counter >= EAR_SEAL_PACKETS_MAX)
        return;
    from->sent = (uint64_t)counter;
    memset(body, record[3], sizeof body);
    int len = ear_seal_seal(from, speech ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL, body, sizeof body,
                            datagram, sizeof datagram);
    FUZZ_REQUIRE(len > 0);
    if (changed)
        datagram[record[3] / 8 % len] ^= (uint8_t)(1 << record[3] % 8);
    struct ear_opened opened;
    uint64_t end = to->received.end;
    int r = ear_seal_open(to, datagram, (size_t)len, plain, sizeof plain, &opened);
    FUZZ_REQUIRE((r >= 0) == (!changed && is_expected(model, (uint64_t)counter, speech)));
    if (r < 0) {
        FUZZ_REQUIRE(to->received.end == end);
        return;
    }
    FUZZ_REQUIRE(r == BODY_BYTES && memcmp(plain, body, sizeof body) == 0);
    FUZZ_REQUIRE((opened.class == EAR_CLASS_SPEECH) == speech);
    FUZZ_REQUIRE(opened.newest == ((uint64_t)counter >= model->end));
    if (opened.newest)
        model->end = (uint64_t)counter + 1;
    model->seen[model->count++] = (uint64_t)counter;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t a[EAR_KEY_BYTES] = {1}, b[EAR_KEY_BYTES] = {2};
    static struct ear_seal fresh_from, fresh_to, fresh_other, from, to, other;
    static struct model model;
    static bool started;
    uint8_t plain[1024];
    struct ear_opened opened;
    if (!started) { /* keys are derived once: each input costs what its datagrams cost */
        FUZZ_REQUIRE(ear_sodium_start() == 0);
        ear_seal_init(&fresh_from, a, b, 0, EAR_SEAL_PACKETS_MAX);
        ear_seal_init(&fresh_to, b, a, 0, EAR_SEAL_PACKETS_MAX);
        ear_seal_init(&fresh_other, b, a, 1, EAR_SEAL_PACKETS_MAX);
        started = true;
    }
    from = fresh_from;
    to = fresh_to;
    other = fresh_other;
    model.count = model.end = 0;
    /* As it is, it opens under no key. */
    FUZZ_REQUIRE(ear_seal_open(&to, data, size, plain, sizeof plain, &opened) < 0);
    FUZZ_REQUIRE(ear_seal_open(&other, data, size, plain, sizeof plain, &opened) < 0);
    for (size_t i = 0; i + RECORD_BYTES <= size && i / RECORD_BYTES < RECORDS_MAX;
         i += RECORD_BYTES)
        try_one(&from, &to, &model, data + i);
    return 0;
}
