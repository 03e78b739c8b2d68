/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where one person is met, before the relay's name is looked up. */
#ifndef EAR_PERSON_MEETING_H
#define EAR_PERSON_MEETING_H

#include "store/invite.h"

/* One invite at one relay that it names, whichever of us gave it. Holds a secret. */
struct ear_person_meeting {
    uint32_t guest;
    uint8_t psk_id[EAR_PSK_ID_BYTES];
    uint8_t role; /* enum ear_rendezvous_role */
    uint8_t secret[EAR_KEY_BYTES];
    struct ear_place relay;
};

#endif
