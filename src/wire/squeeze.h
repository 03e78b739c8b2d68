/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet's ten constant bytes before each speech packet stay at home. */
#ifndef EAR_SQUEEZE_H
#define EAR_SQUEEZE_H

#include "base/ear.h"

/* An ENet datagram of one unsequenced command is (ENet 1.3 protocol.h)
 *   2 bytes peer and session, 1 byte command 0x49, 1 byte channel, 2 bytes reliable sequence number
 *   (0), 2 bytes unsequenced group, 2 bytes length, payload.
 * All of it can be rebuilt by a receiver that counts the groups itself. */
#define EAR_SQUEEZE_HEADER_BYTES 10

/* What the receiving ENet expects in the header's first two bytes, and the group counted here: +1
 * for each rebuilt datagram, never from the wire, so that no loss or new key can make ENet drop. */
struct ear_unsqueeze {
    uint16_t peer_and_session;
    uint8_t channel;
    uint16_t group;
};

/* Takes the speech out of a datagram that ENet wants to send. ENet may have put it together with
 * other commands (a resend that fell due in the same moment): the speech is moved to speech, what
 * remains is closed up in place and *len set to it, 0 when nothing remains. Returns the length of
 * the first speech payload found, 0 for none, -EBADMSG for what is not ENet's (nothing changed).
 * Pure. */
int ear_squeeze(uint8_t *datagram, size_t *len, uint8_t *speech, size_t cap);

/* Whether a datagram from the network holds an unsequenced command: those may only come squeezed.
 */
bool ear_squeeze_holds_speech(const uint8_t *datagram, size_t len);

/* Builds the datagram for the receiving ENet; returns its length, -ENOBUFS. */
EAR_CHECK int ear_unsqueeze(struct ear_unsqueeze *state, const uint8_t *speech, size_t len,
                            uint8_t *out, size_t cap);

#endif
