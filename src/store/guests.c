/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may come in. */
#include "store/guests.h"

#include <errno.h>
#include <string.h>

void ear_psk_set(struct ear_psk *psk, const uint8_t secret[static EAR_KEY_BYTES])
{
    psk->present = true;
    memcpy(psk->secret, secret, EAR_KEY_BYTES);
    ear_invite_psk_id(secret, psk->id);
}

void ear_psk_clear(struct ear_psk *psk)
{
    ear_sodium_wipe(psk, sizeof *psk);
}

void ear_guests_wipe(struct ear_guests *guests)
{
    ear_sodium_wipe(guests, sizeof *guests);
}

static bool is_psk(const struct ear_psk *psk, const uint8_t psk_id[static EAR_PSK_ID_BYTES])
{
    return psk->present && memcmp(psk->id, psk_id, EAR_PSK_ID_BYTES) == 0;
}

static bool has_key(const struct ear_guest *guest, const uint8_t key[static EAR_KEY_BYTES])
{
    return guest->has_key && memcmp(guest->static_key, key, EAR_KEY_BYTES) == 0;
}

const struct ear_guest *ear_guests_with_key(const struct ear_guests *guests,
                                            const uint8_t key[static EAR_KEY_BYTES])
{
    for (uint32_t i = 0; i < guests->count; i++)
        if (has_key(&guests->list[i], key))
            return &guests->list[i];
    return NULL;
}

const struct ear_guest *ear_guests_numbered(const struct ear_guests *guests, uint32_t number)
{
    for (uint32_t i = 0; i < guests->count; i++)
        if (guests->list[i].number == number)
            return &guests->list[i];
    return NULL;
}

const struct ear_guest *ear_guests_invited(const struct ear_guests *guests,
                                           const uint8_t psk_id[static EAR_PSK_ID_BYTES])
{
    for (uint32_t i = 0; i < guests->count; i++)
        if (is_psk(&guests->list[i].psks[EAR_PSK_OPEN], psk_id))
            return &guests->list[i];
    return NULL;
}

/* The last one takes the place of the one that goes; order means nothing here. */
static void drop(struct ear_guests *guests, struct ear_guest *guest)
{
    struct ear_guest *last = &guests->list[--guests->count];
    if (guest != last)
        *guest = *last;
    ear_sodium_wipe(last, sizeof *last);
}

int ear_guests_apply(struct ear_guests *guests, const struct ear_guests_update *update)
{
    struct ear_guest *guest = (struct ear_guest *)ear_guests_numbered(guests, update->guest.number);
    if (update->gone) {
        if (guest)
            drop(guests, guest);
        return 0;
    }
    if (!guest && guests->count == EAR_GUESTS_MAX)
        return -ENOSPC;
    if (!guest)
        guest = &guests->list[guests->count++];
    bool same = has_key(guest, update->guest.static_key);
    uint64_t heard = same ? guest->newest_stamp : 0;
    uint64_t flare = same ? guest->flare_stamp : update->guest.newest_stamp;
    *guest = update->guest;
    guest->flare_stamp = flare;
    if (heard > guest->newest_stamp) /* heard while the update was on its way */
        guest->newest_stamp = heard;
    return 0;
}

const struct ear_psk *ear_guests_call_with(const struct ear_guest *guest)
{
    if (guest->psks[EAR_PSK_TAKEN].present)
        return &guest->psks[EAR_PSK_TAKEN];
    return guest->psks[EAR_PSK_GIVEN].present ? &guest->psks[EAR_PSK_GIVEN] : NULL;
}

static struct ear_guests_answer refuse(enum ear_guests_verdict verdict,
                                       const struct ear_guest *guest)
{
    return (struct ear_guests_answer){verdict, guest ? guest->number : 0, NULL};
}

static struct ear_guests_answer admit(enum ear_guests_verdict verdict,
                                      const struct ear_guest *guest, const struct ear_psk *psk)
{
    return (struct ear_guests_answer){verdict, guest->number, psk};
}

/* The secret that a pinned caller names. The one that it uses when it names none is what
 * ear_guests_call_with gives it, seen from this side: its taken one is our given one. */
static const struct ear_psk *shared_psk(const struct ear_guest *guest, const uint8_t *psk_id)
{
    static const enum ear_psk_kind kinds[] = {EAR_PSK_GIVEN, EAR_PSK_TAKEN, EAR_PSK_OLD};
    for (size_t i = 0; i < EAR_COUNT(kinds); i++) {
        const struct ear_psk *psk = &guest->psks[kinds[i]];
        if (psk_id ? is_psk(psk, psk_id) : psk->present)
            return psk;
    }
    return NULL;
}

static const struct ear_guest *sharer(const struct ear_guests *guests, const uint8_t *psk_id)
{
    for (uint32_t i = 0; i < guests->count; i++)
        if (shared_psk(&guests->list[i], psk_id))
            return &guests->list[i];
    return NULL;
}

struct ear_guests_answer ear_guests_decide(const struct ear_guests *guests,
                                           const uint8_t static_key[static EAR_KEY_BYTES],
                                           const uint8_t *psk_id)
{
    const struct ear_guest *caller = ear_guests_with_key(guests, static_key);
    if (caller && caller->blocked)
        return refuse(EAR_GUESTS_BLOCKED, caller);
    const struct ear_psk *shared = caller ? shared_psk(caller, psk_id) : NULL;
    if (shared)
        return admit(EAR_GUESTS_KNOWN, caller, shared);
    const struct ear_guest *invited = psk_id ? ear_guests_invited(guests, psk_id) : NULL;
    if (!invited && (caller || (psk_id && sharer(guests, psk_id))))
        return refuse(EAR_GUESTS_USED_UP, caller);
    if (!invited)
        return refuse(EAR_GUESTS_STRANGER, NULL);
    if (invited->blocked)
        return refuse(EAR_GUESTS_BLOCKED, invited);
    if (invited->has_key && invited != caller && !invited->may_replace)
        return refuse(EAR_GUESTS_KEY_CHANGED, invited);
    return admit(EAR_GUESTS_NEW, invited, &invited->psks[EAR_PSK_OPEN]);
}

/* The open invite has been used. */
static void use_up(struct ear_guest *from, struct ear_guest *to)
{
    to->psks[EAR_PSK_GIVEN] = from->psks[EAR_PSK_OPEN];
    ear_psk_clear(&from->psks[EAR_PSK_OPEN]);
    from->may_replace = false;
}

int ear_guests_pin(struct ear_guests *guests, const uint8_t psk_id[static EAR_PSK_ID_BYTES],
                   const uint8_t static_key[static EAR_KEY_BYTES], uint32_t *ret_number)
{
    struct ear_guests_answer answer = ear_guests_decide(guests, static_key, psk_id);
    if (answer.verdict == EAR_GUESTS_BLOCKED)
        return -EPERM;
    if (answer.verdict == EAR_GUESTS_KEY_CHANGED || answer.verdict == EAR_GUESTS_USED_UP)
        return -EKEYREJECTED;
    if (answer.verdict == EAR_GUESTS_STRANGER)
        return -ENOENT;
    *ret_number = answer.number;
    if (answer.verdict == EAR_GUESTS_KNOWN)
        return 0;
    struct ear_guest *invited = (struct ear_guest *)ear_guests_numbered(guests, answer.number);
    struct ear_guest *known = (struct ear_guest *)ear_guests_with_key(guests, static_key);
    struct ear_guest *to = known ? known : invited;
    use_up(invited, to);
    *ret_number = to->number;
    if (!known) {
        ear_psk_clear(&invited->psks[EAR_PSK_TAKEN]);
        ear_psk_clear(&invited->psks[EAR_PSK_OLD]);
        invited->has_key = true;
        invited->newest_stamp = invited->flare_stamp = 0;
        memcpy(invited->static_key, static_key, EAR_KEY_BYTES);
    } else if (!invited->has_key) {
        drop(guests, invited);
    }
    return 0;
}

void ear_guests_heard(struct ear_guests *guests, uint32_t number, uint64_t stamp)
{
    struct ear_guest *guest = (struct ear_guest *)ear_guests_numbered(guests, number);
    if (guest && stamp > guest->newest_stamp)
        guest->newest_stamp = stamp;
}

void ear_guests_begin_flares(struct ear_guests *guests)
{
    for (uint32_t i = 0; i < guests->count; i++)
        guests->list[i].flare_stamp = guests->list[i].newest_stamp;
}

bool ear_guests_take_flare(struct ear_guests *guests, uint32_t number, uint64_t stamp)
{
    struct ear_guest *guest = (struct ear_guest *)ear_guests_numbered(guests, number);
    if (!guest || stamp <= guest->flare_stamp)
        return false;
    guest->flare_stamp = stamp;
    return true;
}
