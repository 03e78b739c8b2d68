/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's one UDP socket: many datagrams in one system call. */
#ifndef EAR_RELAY_SOCKET_H
#define EAR_RELAY_SOCKET_H

#include "relay/address.h"

/* Datagrams in one system call. */
#define EAR_RELAY_BATCH 64
/* INET6_ADDRSTRLEN, scope, brackets and port. */
#define EAR_RELAY_ADDRESS_TEXT_BYTES 80

struct ear_relay_datagram {
    struct ear_relay_address address;
    const uint8_t *data;
    size_t len;
};

struct ear_relay_socket;

/* Listens at "HOST:PORT". Where there is no IPv6, "[::]:PORT"
 * means "0.0.0.0:PORT".
 * On failure error holds one sentence for a person. Returns 0, -errno. */
EAR_CHECK int ear_relay_socket_open(struct ear_relay_socket **ret, const char *host_port,
                                    char *error, size_t error_bytes);
void ear_relay_socket_close(struct ear_relay_socket *socket);
uint16_t ear_relay_socket_port(const struct ear_relay_socket *socket);

/* Waits for datagrams, for a second at the most; their data is good until the next call. Returns
 * how many there are, 0 after a signal or a second of silence, -errno when the socket is broken.
 * ret_long: how many were longer than any of Earshot's and are left out. */
int ear_relay_socket_receive(struct ear_relay_socket *socket,
                             struct ear_relay_datagram ret[static EAR_RELAY_BATCH], int *ret_long);
/* count may be above EAR_RELAY_BATCH. Returns how many the system took; the rest is lost. */
int ear_relay_socket_send(struct ear_relay_socket *socket,
                          const struct ear_relay_datagram *datagrams, int count);

/* "192.0.2.1:4010" or "[2001:db8::1]:4010". */
void ear_relay_address_text(const struct ear_relay_address *address,
                            char ret[static EAR_RELAY_ADDRESS_TEXT_BYTES]);

#endif
