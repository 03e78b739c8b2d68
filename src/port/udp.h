/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one UDP socket of a program. */
#ifndef EAR_UDP_H
#define EAR_UDP_H

#include "port/datagrams.h"

struct ear_udp;

/* Looks a "HOST:PORT" up ("[::1]:4000" for IPv6). May wait for DNS: thread: main or worker.
 * On failure error holds one sentence for a person. Returns 0, -EINVAL, -EHOSTUNREACH. */
EAR_CHECK int ear_udp_resolve(const char *host_port, struct ear_address *ret, char *error,
                              size_t error_bytes);
bool ear_address_is_loopback(const struct ear_address *address);
/* 0 for what is not an internet address. */
uint16_t ear_address_port(const struct ear_address *address);
/* Every address of this computer, of the same family, any port. */
void ear_address_set_any(struct ear_address *address);

bool ear_address_is_v6(const struct ear_address *address);
/* Every address of this computer is meant, rather than one of them. */
bool ear_address_is_any(const struct ear_address *address);
/* Makes an address one that a socket bound at `at` can send to, and receives from: IPv4 at a socket
 * of IPv6 gets IPv6's clothes. False where that cannot be. */
bool ear_address_fit(struct ear_address *address, const struct ear_address *at);
/* "HOST:PORT" in numbers. Returns 0, -EAFNOSUPPORT for what is no internet address or only means
 * something on this computer's cable, -ENOBUFS. */
EAR_CHECK int ear_udp_place(const struct ear_address *address, char *ret, size_t cap);
/* The same of the address by which this computer goes out into the world, with the
 * family and port of at; nothing is sent. Returns 0, -ENETUNREACH, -ENOBUFS. */
EAR_CHECK int ear_udp_own_place(const struct ear_address *at, char *ret, size_t cap);

/* Binds to that address (port 0: any). On failure error holds one sentence for a person.
 * Returns 0, -EADDRINUSE, -EACCES, -ENOMEM, -EIO. */
EAR_CHECK int ear_udp_open(struct ear_udp **ret, const struct ear_address *at, char *error,
                           size_t error_bytes);
void ear_udp_close(struct ear_udp *udp);
struct ear_datagrams ear_udp_datagrams(struct ear_udp *udp);
/* For poll(): readable when a datagram waits. */
int ear_udp_fd(const struct ear_udp *udp);
/* Where it is bound, with the port that the system chose. */
struct ear_address ear_udp_address(const struct ear_udp *udp);

#endif
