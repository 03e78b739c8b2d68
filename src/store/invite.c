/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites as bytes. */
#include "store/invite.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define VERSION 1
#define HEADER_BYTES 2
#define LENGTH_BITS 12
#define SUM_BYTES 4
#define KEYS_BYTES (2 * EAR_KEY_BYTES + EAR_SIGN_PUBLIC_BYTES)
#define LEAST_BYTES (HEADER_BYTES + KEYS_BYTES + EAR_SIGNATURE_BYTES + SUM_BYTES)
#define LABEL "Earshot invite 1"
#define LABEL_BYTES (sizeof LABEL - 1)
#define PSK_LABEL "Earshot psk id 1"

enum kind {
    KIND_NAME = 1,
    KIND_AT = 2,    /* plus the form of the place */
    KIND_RELAY = 5, /* likewise */
    KIND_END = 8,
    KIND_OPTIONAL = 128,
};

static_assert(LEAST_BYTES + 2 + EAR_NAME_BYTES + 2 * EAR_PLACES_MAX * (2 + EAR_PLACE_BYTES) <=
                  EAR_INVITE_MAX,
              "the longest invite fits");
static_assert(EAR_INVITE_MAX < 1 << LENGTH_BITS, "its length fits");

void ear_invite_wipe(struct ear_invite *invite)
{
    ear_sodium_wipe(invite, sizeof *invite);
}

void ear_invite_psk_id(const uint8_t psk[static EAR_KEY_BYTES],
                       uint8_t ret[static EAR_PSK_ID_BYTES])
{
    const struct ear_bytes label = {PSK_LABEL, sizeof PSK_LABEL - 1};
    ear_sodium_hash(ret, EAR_PSK_ID_BYTES, psk, EAR_KEY_BYTES, &label, 1);
}

static void sum_of(const uint8_t *data, size_t len, uint8_t ret[static SUM_BYTES])
{
    uint8_t whole[16];
    const struct ear_bytes piece = {data, len};
    ear_sodium_hash(whole, sizeof whole, NULL, 0, &piece, 1);
    memcpy(ret, whole, SUM_BYTES);
}

/* What is signed: the label and the invite up to its signature. out holds both. */
static size_t signed_text(const uint8_t *data, size_t len, uint8_t *out)
{
    memcpy(out, LABEL, LABEL_BYTES);
    memcpy(out + LABEL_BYTES, data, len);
    return LABEL_BYTES + len;
}

static void build_places(struct ear_writer *w, enum kind first, const struct ear_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        uint8_t bytes[EAR_PLACE_BYTES];
        struct ear_writer value = ear_writer_on(bytes, sizeof bytes);
        enum ear_place_form form = ear_place_build(&places->at[i], &value);
        ear_writer_u8(w, (uint8_t)(first + form));
        ear_writer_u8(w, (uint8_t)value.at);
        ear_writer_bytes(w, bytes, value.at);
    }
}

int ear_invite_build(const struct ear_invite *invite,
                     const uint8_t sign_secret[static EAR_SIGN_SECRET_BYTES], uint8_t *out,
                     size_t *ret_len)
{
    uint8_t text[LABEL_BYTES + EAR_INVITE_MAX], sum[SUM_BYTES];
    struct ear_writer w = ear_writer_on(out, EAR_INVITE_MAX);
    size_t name_len = strlen(invite->name);
    if (invite->at.count < 1 || invite->at.count > EAR_PLACES_MAX ||
        invite->relays.count > EAR_PLACES_MAX || name_len == 0)
        return -EINVAL;
    ear_writer_u16(&w, 0);
    ear_writer_bytes(&w, invite->static_key, EAR_KEY_BYTES);
    ear_writer_bytes(&w, invite->sign_key, EAR_SIGN_PUBLIC_BYTES);
    ear_writer_bytes(&w, invite->psk, EAR_KEY_BYTES);
    ear_writer_u8(&w, KIND_NAME);
    ear_writer_u8(&w, (uint8_t)name_len);
    ear_writer_bytes(&w, (const uint8_t *)invite->name, name_len);
    build_places(&w, KIND_AT, &invite->at);
    build_places(&w, KIND_RELAY, &invite->relays);
    size_t len = w.at + EAR_SIGNATURE_BYTES + SUM_BYTES;
    assert(!w.bad && len <= EAR_INVITE_MAX);
    out[0] = (uint8_t)(VERSION << 4 | len >> 8);
    out[1] = (uint8_t)len;
    ear_sodium_sign(sign_secret, text, signed_text(out, w.at, text), out + w.at);
    sum_of(out, len - SUM_BYTES, sum);
    memcpy(out + len - SUM_BYTES, sum, SUM_BYTES);
    ear_sodium_wipe(text, sizeof text);
    *ret_len = len;
    return 0;
}

static int read_place(struct ear_reader *value, enum kind first, uint8_t kind,
                      struct ear_places *ret)
{
    if (ret->count == EAR_PLACES_MAX)
        return -EBADMSG;
    int err = ear_place_read((enum ear_place_form)(kind - first), value, &ret->at[ret->count]);
    if (!err)
        ret->count++;
    return err;
}

static int read_record(uint8_t kind, struct ear_reader *value, struct ear_invite *ret)
{
    char why[128];
    if (kind >= KIND_OPTIONAL)
        return 0;
    if (kind == 0 || kind >= KIND_END)
        return -ENOTSUP;
    if (kind >= KIND_RELAY)
        return read_place(value, KIND_RELAY, kind, &ret->relays);
    if (kind >= KIND_AT)
        return read_place(value, KIND_AT, kind, &ret->at);
    if (ret->name[0] != '\0' ||
        ear_name_parse((const char *)value->data, value->len, ret->name, why, sizeof why) < 0 ||
        strlen(ret->name) != value->len)
        return -EBADMSG;
    return 0;
}

/* A public key of small order gives everybody the same secret. */
static bool is_usable(const uint8_t key[static EAR_KEY_BYTES])
{
    static const uint8_t any_secret[EAR_KEY_BYTES] = {1};
    uint8_t shared[EAR_KEY_BYTES];
    return ear_sodium_dh(any_secret, key, shared);
}

static int read_content(struct ear_reader *r, struct ear_invite *ret)
{
    uint8_t last = 0;
    memcpy(ret->static_key, ear_reader_bytes(r, EAR_KEY_BYTES), EAR_KEY_BYTES);
    memcpy(ret->sign_key, ear_reader_bytes(r, EAR_SIGN_PUBLIC_BYTES), EAR_SIGN_PUBLIC_BYTES);
    memcpy(ret->psk, ear_reader_bytes(r, EAR_KEY_BYTES), EAR_KEY_BYTES);
    while (ear_reader_left(r) > 0) {
        uint8_t kind = ear_reader_u8(r), len = ear_reader_u8(r);
        const uint8_t *bytes = ear_reader_bytes(r, len);
        if (!bytes)
            return -EBADMSG;
        uint8_t step = kind >= KIND_RELAY ? KIND_RELAY : kind >= KIND_AT ? KIND_AT : kind;
        if (kind < KIND_OPTIONAL && step < last)
            return -EBADMSG;
        if (kind < KIND_OPTIONAL)
            last = step;
        struct ear_reader value = ear_reader_on(bytes, len);
        int err = read_record(kind, &value, ret);
        if (err)
            return err;
    }
    return ret->name[0] && ret->at.count > 0 && is_usable(ret->static_key) ? 0 : -EBADMSG;
}

static int parse(const uint8_t *data, size_t len, struct ear_invite *ret)
{
    uint8_t text[LABEL_BYTES + EAR_INVITE_MAX], sum[SUM_BYTES];
    if (len < HEADER_BYTES + SUM_BYTES || len > EAR_INVITE_MAX)
        return -EBADMSG;
    size_t length = (size_t)(data[0] & 15) << 8 | data[1];
    unsigned version = data[0] >> 4;
    sum_of(data, len - SUM_BYTES, sum);
    if (length != len || memcmp(sum, data + len - SUM_BYTES, SUM_BYTES) != 0 || version == 0)
        return -EBADMSG;
    if (version != VERSION)
        return -ENOTSUP;
    if (len < LEAST_BYTES)
        return -EBADMSG;
    const uint8_t *signature = data + len - SUM_BYTES - EAR_SIGNATURE_BYTES;
    size_t text_len = signed_text(data, (size_t)(signature - data), text);
    bool signed_by_it =
        ear_sodium_sign_verify(data + HEADER_BYTES + EAR_KEY_BYTES, text, text_len, signature);
    ear_sodium_wipe(text, sizeof text);
    if (!signed_by_it)
        return -EKEYREJECTED;
    struct ear_reader r =
        ear_reader_on(data + HEADER_BYTES, (size_t)(signature - data) - HEADER_BYTES);
    return read_content(&r, ret);
}

int ear_invite_parse(const uint8_t *data, size_t len, struct ear_invite *ret, char *error,
                     size_t error_bytes)
{
    struct ear_invite invite = {0};
    int err = parse(data, len, &invite);
    if (!err)
        *ret = invite;
    else if (err == -ENOTSUP)
        snprintf(error, error_bytes,
                 "The invite was made by a newer Earshot: update this one, then import it again.");
    else if (err == -EKEYREJECTED)
        snprintf(error, error_bytes,
                 "The invite was changed by somebody: do not use it, and ask for a new one by "
                 "another way.");
    else
        snprintf(error, error_bytes,
                 "The invite was damaged on its way: copy all of it once more, or ask for a new "
                 "one.");
    ear_invite_wipe(&invite);
    return err;
}
