/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opus packets of any length: padding after RFC 6716, 3.2.5, and its removal. */
#ifndef EAR_PAD_H
#define EAR_PAD_H

#include "base/ear.h"

/* Writes the packet padded to `wanted` bytes, which a decoder takes as the packet itself. Any
 * number of bytes from 1 on can be added to a packet of code 0, 1, 2 or 3. Returns 0; -EBADMSG for
 * what is no Opus packet, -ENOBUFS for wanted < len or wanted > cap. out is not the packet. Pure.
 */
EAR_CHECK int ear_pad_opus(const uint8_t *packet, size_t len, size_t wanted, uint8_t *out,
                           size_t cap);

/* Writes the packet as short as it can be (without padding, code 3 only where another cannot say
 * it): what the encoder made, whatever it was padded to. What needs no change, or is no Opus packet
 * of code 3, is copied. out holds len bytes. Returns the length. Pure. */
size_t ear_pad_strip(const uint8_t *packet, size_t len, uint8_t *out);

#endif
