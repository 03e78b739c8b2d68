/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites: as bytes, as text, damaged and forged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "store/invite_text.h"

#define MUTATIONS 100000
#define SIGNATURE_BYTES EAR_SIGNATURE_BYTES
#define SUM_BYTES 4

/* RFC 8032, section 7.1, test 1: secret, then public key. */
static const uint8_t sign_secret[EAR_SIGN_SECRET_BYTES] = {
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};

/* Never to change: invites of it are on paper. */
static const char golden[] =
    "EARSHOT:2452ZSBXMD3WTRJ32MMDNB2ZQCMGEC7ZYT2AZH6FRBPS16AZB35KPX6QBAC030NH1AVXAJZY"
    "TF4P81ST1VGQ5WYTMRHJBBR239MFE1TH380020G30G2GC1R81450P30D1R7H048J2CA1A5GQ30CHM6RW"
    "3MF1Y08385Q6W0G61YGCP03H141H43X0400GVE0000000000000000000W2103X0CDP6JVK9CCQ6AY31"
    "DNR6RS872C7T2WK5DHGQJBK5F1GPTW3CCMQ6YWK70M30Z8E66DJ081GJ1YGJ008DQ000000000000000"
    "0000HWGHKBK19KX7TPGSRXS0241111KA0ZDZ726V5B3W3QH2J6B9SXZWCJW0678YG9XZJK4DY7H51AYB"
    "HTGTT3VE8C7YCP2PQQYPAE3CE44VRVYT7R";

static void put(struct ear_places *places, const char *text)
{
    char error[200];
    assert_int_equal(ear_place_parse(text, &places->at[places->count++], error, sizeof error), 0);
}

static struct ear_invite shortest(void)
{
    struct ear_invite invite = {.name = "Ann"};
    static const uint8_t secret[EAR_KEY_BYTES] = {7};
    ear_sodium_public(secret, invite.static_key);
    memcpy(invite.sign_key, sign_secret + EAR_KEY_BYTES, EAR_SIGN_PUBLIC_BYTES);
    for (uint8_t i = 0; i < EAR_KEY_BYTES; i++)
        invite.psk[i] = i;
    put(&invite.at, "203.0.113.9:4000");
    return invite;
}

static struct ear_invite longest(void)
{
    struct ear_invite invite = shortest();
    char place[EAR_PLACE_BYTES];
    for (size_t i = 0; i < 40; i++)
        memcpy(invite.name + 4 * i, "\xf0\x9f\x98\x80", 4);
    invite.at.count = 0;
    for (int i = 0; i < EAR_PLACES_MAX; i++) {
        snprintf(place, sizeof place, "%058d.%058d.x:65535", i, i);
        assert_int_equal(strlen(place), 119 + 6);
        put(&invite.at, place);
        put(&invite.relays, place);
    }
    return invite;
}

static struct ear_invite usual(void)
{
    struct ear_invite invite = shortest();
    put(&invite.at, "[2001:db8::7]:4000");
    put(&invite.at, "clinic.example:4000");
    put(&invite.relays, "relay.example.org:4001");
    put(&invite.relays, "198.51.100.4:4001");
    put(&invite.relays, "[2001:db8::8]:4001");
    return invite;
}

static size_t build(const struct ear_invite *invite, uint8_t out[static EAR_INVITE_MAX])
{
    size_t len = 0;
    assert_int_equal(ear_invite_build(invite, sign_secret, out, &len), 0);
    return len;
}

static void to_text(const struct ear_invite *invite, char out[static EAR_INVITE_TEXT_BYTES])
{
    uint8_t data[EAR_INVITE_MAX];
    ear_invite_to_text(data, build(invite, data), out);
}

static bool same(const struct ear_invite *a, const struct ear_invite *b)
{
    bool places = a->at.count == b->at.count && a->relays.count == b->relays.count;
    for (size_t i = 0; i < EAR_PLACES_MAX && places; i++)
        places = strcmp(a->at.at[i].text, b->at.at[i].text) == 0 &&
                 strcmp(a->relays.at[i].text, b->relays.at[i].text) == 0;
    return places && strcmp(a->name, b->name) == 0 && memcmp(a->psk, b->psk, EAR_KEY_BYTES) == 0 &&
           memcmp(a->static_key, b->static_key, EAR_KEY_BYTES) == 0 &&
           memcmp(a->sign_key, b->sign_key, EAR_SIGN_PUBLIC_BYTES) == 0;
}

static void expect_text(const char *text, const struct ear_invite *invite)
{
    char error[300] = "";
    struct ear_invite read = {0};
    if (ear_invite_from_text(text, strlen(text), &read, error, sizeof error) != 0)
        fail_msg("%s in \"%s\"", error, text);
    assert_string_equal(error, "");
    assert_true(same(&read, invite));
}

static void expect_refusal(const char *text, size_t len, int err, const char *sentence)
{
    char error[300] = "";
    struct ear_invite read = {.name = "unchanged"};
    assert_int_equal(ear_invite_from_text(text, len, &read, error, sizeof error), err);
    assert_non_null(strstr(error, sentence));
    assert_string_equal(read.name, "unchanged");
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    const struct ear_invite invites[] = {shortest(), usual(), longest()};
    char text[EAR_INVITE_TEXT_BYTES];
    uint8_t data[EAR_INVITE_MAX];
    for (size_t i = 0; i < EAR_COUNT(invites); i++) {
        to_text(&invites[i], text);
        expect_text(text, &invites[i]);
        print_message("invite: %zu bytes, %zu characters\n", build(&invites[i], data),
                      strlen(text));
    }
}

static void is_as_it_always_was(void **state)
{
    (void)state;
    char text[EAR_INVITE_TEXT_BYTES];
    const struct ear_invite invite = usual();
    to_text(&invite, text);
    assert_string_equal(text, golden);
    expect_text(golden, &invite);
}

static void survives_what_programs_do_to_text(void **state)
{
    (void)state;
    static const char *const breaks[] = {" ",   "\n",    "\r\n",     "\n> ",
                                         "=\n", "=\r\n", "\xc2\xa0", "-"};
    const struct ear_invite invite = usual();
    char text[EAR_INVITE_TEXT_BYTES], changed[8 * EAR_INVITE_TEXT_BYTES];
    to_text(&invite, text);
    for (size_t b = 0; b < EAR_COUNT(breaks); b++) {
        size_t at = (size_t)snprintf(changed, sizeof changed, "Dear Bob,\nhere is Earshot: ");
        for (size_t i = 0; text[i]; i++) {
            changed[at++] =
                b % 2 && text[i] >= 'A' ? (char)(text[i] + 32 * (text[i] <= 'Z')) : text[i];
            if (i >= 8 && i % (7 + b) == 0)
                at += (size_t)snprintf(changed + at, sizeof changed - at, "%s", breaks[b]);
        }
        snprintf(changed + at, sizeof changed - at, "\n\nBest wishes, Ann");
        expect_text(changed, &invite);
    }
    for (size_t i = 8; text[i]; i++)
        changed[i] = text[i] == '0' ? 'o' : text[i] == '1' ? i % 2 ? 'l' : 'I' : text[i];
    memcpy(changed, "earshot:", 8);
    changed[strlen(text)] = '\0';
    expect_text(changed, &invite);
}

static void tells_foreign_from_damaged(void **state)
{
    (void)state;
    const struct ear_invite invite = usual();
    char text[EAR_INVITE_TEXT_BYTES];
    to_text(&invite, text);
    expect_refusal("", 0, -ENOMSG, "no Earshot invite");
    expect_refusal("otpauth://totp/x", 16, -ENOMSG, "no Earshot invite");
    expect_refusal(text + 1, strlen(text) - 1, -ENOMSG, "no Earshot invite");
    for (size_t len = 8; len < strlen(text); len++)
        expect_refusal(text, len, -EBADMSG, "damaged on its way");
    text[100] = '?';
    expect_refusal(text, strlen(text), -EBADMSG, "damaged on its way");
    text[100] = '\0';
    expect_refusal(text, 300, -EBADMSG, "damaged on its way");
}

static void sum(uint8_t *data, size_t len)
{
    uint8_t whole[16];
    const struct ear_bytes piece = {data, len - SUM_BYTES};
    ear_sodium_hash(whole, sizeof whole, NULL, 0, &piece, 1);
    memcpy(data + len - SUM_BYTES, whole, SUM_BYTES);
}

static int parse(const uint8_t *data, size_t len, const char *sentence)
{
    char error[300] = "";
    struct ear_invite read;
    int err = ear_invite_parse(data, len, &read, error, sizeof error);
    assert_non_null(strstr(error, sentence));
    return err;
}

/* Signs bytes made by hand: keys, then records. */
static int parse_signed(const uint8_t *records, size_t len, const char *sentence)
{
    const struct ear_invite invite = shortest();
    uint8_t data[EAR_INVITE_MAX], text[16 + EAR_INVITE_MAX];
    struct ear_writer w = ear_writer_on(data, sizeof data);
    size_t whole = 2 + 96 + len + SIGNATURE_BYTES + SUM_BYTES;
    ear_writer_u16(&w, (uint16_t)(1 << 12 | whole));
    ear_writer_bytes(&w, invite.static_key, EAR_KEY_BYTES);
    ear_writer_bytes(&w, invite.sign_key, EAR_SIGN_PUBLIC_BYTES);
    ear_writer_bytes(&w, invite.psk, EAR_KEY_BYTES);
    ear_writer_bytes(&w, records, len);
    memcpy(text, "Earshot invite 1", 16);
    memcpy(text + 16, data, w.at);
    ear_sodium_sign(sign_secret, text, 16 + w.at, data + w.at);
    sum(data, whole);
    return parse(data, whole, sentence);
}

#define PARSE(records, sentence)                                                                   \
    parse_signed((const uint8_t *)records, sizeof records - 1, sentence)
#define AT "\2\6\17\240\313\0\161\11"

static void records_have_their_order(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\1\3Ann" AT, ""), 0);
    assert_int_equal(PARSE("\1\3Ann\310\4what" AT "\377\0", ""), 0); /* of times to come */
    assert_int_equal(PARSE("\1\3Ann\10\1x" AT, "newer Earshot"), -ENOTSUP);
    assert_int_equal(PARSE("\1\3Ann\0\1x" AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann", "damaged"), -EBADMSG);
    assert_int_equal(PARSE(AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE(AT "\1\3Ann", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\1\3Bob" AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3A\nn" AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\4 Ann" AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\0" AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann" AT AT AT AT, ""), 0);
    assert_int_equal(PARSE("\1\3Ann" AT AT AT AT AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\5\6\17\240\313\0\161\11", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\5\6\17\240\313\0\161\11" AT, "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\2\5\17\240\313\0\161", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\2\6\0\0\313\0\161\11", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\4\5\17\240a b", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann\2\7\17\240", "damaged"), -EBADMSG);
    assert_int_equal(PARSE("\1\3Ann" AT "\2", "damaged"), -EBADMSG);
}

static void tells_newer_and_forged_ones(void **state)
{
    (void)state;
    const struct ear_invite invite = usual();
    uint8_t good[EAR_INVITE_MAX], bad[EAR_INVITE_MAX];
    size_t len = build(&invite, good);
    memcpy(bad, good, len);
    bad[0] += 0x10;
    sum(bad, len);
    assert_int_equal(parse(bad, len, "newer Earshot"), -ENOTSUP);
    bad[0] -= 0x20;
    sum(bad, len);
    assert_int_equal(parse(bad, len, "damaged"), -EBADMSG);
    /* a checksum can be made by all, a signature cannot */
    for (size_t i = 2; i < len - SUM_BYTES; i++) {
        memcpy(bad, good, len);
        bad[i] ^= 1;
        sum(bad, len);
        assert_int_equal(parse(bad, len, "do not use it"), -EKEYREJECTED);
    }
    for (size_t short_len = 0; short_len < len; short_len++)
        assert_int_equal(parse(good, short_len, "damaged"), -EBADMSG);
    struct ear_invite weak = usual();
    memset(weak.static_key, 0, EAR_KEY_BYTES);
    assert_int_equal(parse(bad, build(&weak, bad), "damaged"), -EBADMSG);
}

static void refuses_to_build_nonsense(void **state)
{
    (void)state;
    uint8_t out[EAR_INVITE_MAX];
    size_t len = 77;
    struct ear_invite invite = shortest();
    invite.at.count = 0;
    assert_int_equal(ear_invite_build(&invite, sign_secret, out, &len), -EINVAL);
    invite = shortest();
    invite.name[0] = '\0';
    assert_int_equal(ear_invite_build(&invite, sign_secret, out, &len), -EINVAL);
    invite = shortest();
    invite.relays.count = 5;
    assert_int_equal(ear_invite_build(&invite, sign_secret, out, &len), -EINVAL);
    assert_int_equal(len, 77);
}

static void a_secrets_id_tells_nothing_else(void **state)
{
    (void)state;
    uint8_t one[EAR_PSK_ID_BYTES], two[EAR_PSK_ID_BYTES];
    struct ear_invite invite = shortest();
    ear_invite_psk_id(invite.psk, one);
    invite.psk[31] ^= 1;
    ear_invite_psk_id(invite.psk, two);
    assert_memory_not_equal(one, two, sizeof one);
}

/* One to four changes of the kinds that happen to text. */
static size_t mutate(struct ear_random *r, char *text, size_t len)
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcoOiIlL \n-:?>\xc2\xa0";
    for (uint32_t left = 1 + ear_random_below(r, 4); left > 0 && len > 0; left--) {
        size_t at = ear_random_below(r, (uint32_t)len);
        size_t other = ear_random_below(r, (uint32_t)len);
        char letter = letters[ear_random_below(r, sizeof letters - 1)], was = text[at];
        switch (ear_random_below(r, 6)) {
        case 0:
            text[at] = letter;
            break;
        case 1:
            text[at] ^= (char)(1 << ear_random_below(r, 8));
            break;
        case 2:
            memmove(text + at, text + at + 1, len - at - 1);
            len--;
            break;
        case 3:
            memmove(text + at + 1, text + at, len - at);
            text[at] = letter;
            len++;
            break;
        case 4:
            text[at] = text[other];
            text[other] = was;
            break;
        default:
            len = ear_random_below(r, 8) ? len : at;
            break;
        }
    }
    return len;
}

static void mutations_are_refused_or_mean_the_same(void **state)
{
    (void)state;
    const struct ear_invite invite = usual();
    char text[EAR_INVITE_TEXT_BYTES], changed[EAR_INVITE_TEXT_BYTES + 8], error[300];
    int read = 0, refused = 0;
    to_text(&invite, text);
    for (uint64_t seed = 0; seed < MUTATIONS; seed++) {
        struct ear_random r = ear_random_seeded(seed);
        struct ear_invite found = {0};
        memcpy(changed, text, strlen(text));
        size_t len = mutate(&r, changed, strlen(text));
        int err = ear_invite_from_text(changed, len, &found, error, sizeof error);
        if (err == 0 && !same(&found, &invite))
            fail_msg("seed %llu reads as another invite", (unsigned long long)seed);
        if (err && err != -EBADMSG && err != -ENOMSG)
            fail_msg("seed %llu: error %d", (unsigned long long)seed, err);
        read += err == 0;
        refused += err != 0;
    }
    print_message("mutations: %d refused, %d read as before\n", refused, read);
    assert_true(refused > MUTATIONS / 2 && read > MUTATIONS / 100);
}

int main(void)
{
    if (ear_sodium_start() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(is_as_it_always_was),
        cmocka_unit_test(survives_what_programs_do_to_text),
        cmocka_unit_test(tells_foreign_from_damaged),
        cmocka_unit_test(records_have_their_order),
        cmocka_unit_test(tells_newer_and_forged_ones),
        cmocka_unit_test(refuses_to_build_nonsense),
        cmocka_unit_test(a_secrets_id_tells_nothing_else),
        cmocka_unit_test(mutations_are_refused_or_mean_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
