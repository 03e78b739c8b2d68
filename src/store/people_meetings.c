/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where people are met: what invites and their relays come to. */
#include <errno.h>
#include <string.h>

#include "store/people_table.h"
#include "wire/rendezvous.h"

int ear_people_meet_at(struct ear_people *people, const char *name, const struct ear_places *relays)
{
    struct ear_person *person = ear_people_find(people, name);
    if (!person || !person->guest.psks[EAR_PSK_OPEN].present)
        return -ENOENT;
    person->meets = *relays;
    return 0;
}

static size_t add(const struct ear_person *person, enum ear_psk_kind kind,
                  const uint8_t inviter[static EAR_KEY_BYTES], struct ear_person_meeting *ret)
{
    const struct ear_psk *psk = &person->guest.psks[kind];
    bool theirs = kind == EAR_PSK_TAKEN;
    const struct ear_places *relays = theirs ? &person->relays : &person->meets;
    for (size_t i = 0; psk->present && i < relays->count; i++) {
        ret[i] = (struct ear_person_meeting){.guest = person->guest.number,
                                             .role = theirs ? EAR_RENDEZVOUS_INVITED
                                                            : EAR_RENDEZVOUS_INVITER,
                                             .relay = relays->at[i]};
        memcpy(ret[i].psk_id, psk->id, EAR_PSK_ID_BYTES);
        ear_rendezvous_derive(psk->secret, inviter, ret[i].secret);
    }
    return psk->present ? relays->count : 0;
}

size_t ear_person_meetings(const struct ear_person *person,
                           const uint8_t own_key[static EAR_KEY_BYTES],
                           struct ear_person_meeting ret[static EAR_PERSON_MEETINGS_MAX])
{
    size_t count = 0;
    if (person->guest.blocked)
        return 0;
    count += add(person, EAR_PSK_TAKEN, person->guest.static_key, ret);
    count += add(person, EAR_PSK_GIVEN, own_key, ret + count);
    count += add(person, EAR_PSK_OPEN, own_key, ret + count);
    return count;
}
