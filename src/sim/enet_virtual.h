/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet in virtual time: this program's own enet_time_get, enet_socket_send, enet_socket_receive and
 * enet_socket_wait stand before those of the unmodified library, which calls them through its PLT.
 */
#ifndef EAR_ENET_VIRTUAL_H
#define EAR_ENET_VIRTUAL_H

#include "base/clock.h"

/* From now on ENet's time is this clock's, in ms, plus offset_ms (to cross its wrap at 2^32), and
 * its loopback pairs exist in memory only. Linked into simulations and tests, never into programs
 * that people use. */
void ear_enet_virtual_start(const struct ear_clock *clock, uint32_t offset_ms);

/* Whether the library really calls what is defined here: a distribution that links ENet with
 * -Bsymbolic-functions would silently defeat it. ear_enet_start must have succeeded. */
bool ear_enet_virtual_works(void);

#endif
