/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys for all, and a secret for each pair. */
#include "sim/introduce.h"

#include <assert.h>
#include <string.h>

static void add(struct ear_guests *to, const struct ear_guests *who, uint32_t number,
                enum ear_psk_kind kind, const uint8_t secret[static EAR_KEY_BYTES])
{
    struct ear_guest *guest = &to->list[to->count++];
    *guest = (struct ear_guest){.number = number, .has_key = true};
    memcpy(guest->static_key, who->static_public, EAR_KEY_BYTES);
    ear_psk_set(&guest->psks[kind], secret);
}

void ear_introduce(struct ear_guests *const *guests, size_t count, const struct ear_chance *chance)
{
    assert(count <= EAR_GUESTS_MAX);
    for (size_t i = 0; i < count; i++) {
        memset(guests[i], 0, sizeof *guests[i]);
        ear_chance_fill(chance, guests[i]->static_secret, EAR_KEY_BYTES);
        ear_sodium_public(guests[i]->static_secret, guests[i]->static_public);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            uint8_t secret[EAR_KEY_BYTES];
            ear_chance_fill(chance, secret, sizeof secret);
            add(guests[i], guests[j], (uint32_t)j + 1, EAR_PSK_TAKEN, secret);
            add(guests[j], guests[i], (uint32_t)i + 1, EAR_PSK_GIVEN, secret);
            ear_sodium_wipe(secret, sizeof secret);
        }
    }
}
