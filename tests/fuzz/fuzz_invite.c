/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: an invite is refused with a sentence, or means the same when written again. The
 * first byte says what follows: 't' text, 'b' bytes, 's' records that are signed here, because no
 * fuzzer guesses a signature. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "store/invite_text.h"

#define LABEL "Earshot invite 1"
#define LABEL_BYTES 16
#define AROUND_BYTES (2 + 96 + EAR_SIGNATURE_BYTES + 4)

/* RFC 8032, section 7.1, test 1; the public key in the second half. */
static const uint8_t sign_secret[EAR_SIGN_SECRET_BYTES] = {
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};

/* One that was read, with this key of ours under it, is written and read again. */
static void write_again(struct ear_invite *invite)
{
    uint8_t data[EAR_INVITE_MAX];
    char text[EAR_INVITE_TEXT_BYTES], error[300] = "";
    struct ear_invite again;
    size_t len = 0;
    memcpy(invite->sign_key, sign_secret + EAR_KEY_BYTES, EAR_SIGN_PUBLIC_BYTES);
    FUZZ_REQUIRE(ear_invite_build(invite, sign_secret, data, &len) == 0);
    ear_invite_to_text(data, len, text);
    FUZZ_REQUIRE(ear_invite_from_text(text, strlen(text), &again, error, sizeof error) == 0);
    FUZZ_REQUIRE(strcmp(again.name, invite->name) == 0);
    FUZZ_REQUIRE(memcmp(again.psk, invite->psk, EAR_KEY_BYTES) == 0);
    FUZZ_REQUIRE(again.at.count == invite->at.count && again.relays.count == invite->relays.count);
    for (size_t i = 0; i < again.at.count; i++)
        FUZZ_REQUIRE(strcmp(again.at.at[i].text, invite->at.at[i].text) == 0);
    for (size_t i = 0; i < again.relays.count; i++)
        FUZZ_REQUIRE(strcmp(again.relays.at[i].text, invite->relays.at[i].text) == 0);
}

/* Keys and the input as records, in a true envelope. */
static size_t sign(const uint8_t *records, size_t size, uint8_t out[static EAR_INVITE_MAX])
{
    uint8_t text[LABEL_BYTES + EAR_INVITE_MAX], hash[16];
    struct ear_writer w = ear_writer_on(out, EAR_INVITE_MAX);
    size_t len = size + AROUND_BYTES;
    ear_writer_u16(&w, (uint16_t)(1 << 12 | len));
    for (uint8_t i = 0; i < EAR_KEY_BYTES; i++)
        ear_writer_u8(&w, (uint8_t)(i + 9));
    ear_writer_bytes(&w, sign_secret + EAR_KEY_BYTES, EAR_SIGN_PUBLIC_BYTES);
    for (uint8_t i = 0; i < EAR_KEY_BYTES; i++)
        ear_writer_u8(&w, i);
    ear_writer_bytes(&w, records, size);
    memcpy(text, LABEL, LABEL_BYTES);
    memcpy(text + LABEL_BYTES, out, w.at);
    ear_sodium_sign(sign_secret, text, LABEL_BYTES + w.at, out + w.at);
    const struct ear_bytes piece = {out, len - 4};
    ear_sodium_hash(hash, sizeof hash, NULL, 0, &piece, 1);
    memcpy(out + len - 4, hash, 4);
    return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t whole[EAR_INVITE_MAX];
    char error[300] = "";
    struct ear_invite invite = {0};
    if (size == 0 || ear_sodium_start() < 0)
        return 0;
    uint8_t kind = *data++;
    size--;
    int err;
    if (kind == 't')
        err = ear_invite_from_text((const char *)data, size, &invite, error, sizeof error);
    else if (kind == 's' && size <= EAR_INVITE_MAX - AROUND_BYTES)
        err = ear_invite_parse(whole, sign(data, size, whole), &invite, error, sizeof error);
    else
        err = ear_invite_parse(data, size, &invite, error, sizeof error);
    FUZZ_REQUIRE((err == 0) == (error[0] == '\0'));
    FUZZ_REQUIRE(err == 0 || err == -EBADMSG || err == -ENOTSUP || err == -EKEYREJECTED ||
                 (err == -ENOMSG && kind == 't'));
    if (err == 0)
        write_again(&invite);
    return 0;
}
