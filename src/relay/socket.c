/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets, as the kernel wants them. */
#include "relay/socket.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "port/udp.h"

/* What waits while the relay is busy: some 5,000 datagrams. The system may grant less. */
#define BUFFER_BYTES (4 << 20)
/* A byte more than the longest shows that one was longer. */
#define DATAGRAM_CAP (EAR_DATAGRAM_MAX + 1)

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct ear_relay_socket {
    int fd;
    sa_family_t family;
    struct mmsghdr in[EAR_RELAY_BATCH], out[EAR_RELAY_BATCH];
    struct iovec in_vectors[EAR_RELAY_BATCH], out_vectors[EAR_RELAY_BATCH];
    union any_address in_names[EAR_RELAY_BATCH], out_names[EAR_RELAY_BATCH];
    uint8_t data[EAR_RELAY_BATCH][DATAGRAM_CAP];
};

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static struct ear_relay_address from_socket(const union any_address *a)
{
    struct ear_relay_address r = {0};
    if (a->any.sa_family == AF_INET6) {
        memcpy(r.ip, &a->v6.sin6_addr, sizeof r.ip);
        r.scope = a->v6.sin6_scope_id;
        r.port = ntohs(a->v6.sin6_port);
    } else {
        memcpy(r.ip, v4_mapped, sizeof v4_mapped);
        memcpy(r.ip + sizeof v4_mapped, &a->v4.sin_addr, 4);
        r.port = ntohs(a->v4.sin_port);
    }
    return r;
}

static socklen_t to_socket(sa_family_t family, const struct ear_relay_address *r,
                           union any_address *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->any.sa_family = family;
    if (family == AF_INET6) {
        memcpy(&ret->v6.sin6_addr, r->ip, sizeof r->ip);
        ret->v6.sin6_scope_id = r->scope;
        ret->v6.sin6_port = htons((uint16_t)r->port);
        return sizeof ret->v6;
    }
    memcpy(&ret->v4.sin_addr, r->ip + sizeof v4_mapped, 4);
    ret->v4.sin_port = htons((uint16_t)r->port);
    return sizeof ret->v4;
}

static bool is_any_v6(const union any_address *a)
{
    return a->any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

static int open_at(const union any_address *a)
{
    const int off = 0, buffer = BUFFER_BYTES;
    const struct timeval wait = {.tv_sec = 1};
    int fd = socket(a->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    socklen_t len = a->any.sa_family == AF_INET6 ? sizeof a->v6 : sizeof a->v4;
    if ((a->any.sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0 ||
        bind(fd, &a->any, len) < 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    /* A smaller buffer serves too. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    return fd;
}

/* One sentence for what bind or socket said. */
static void complain(int err, const char *host_port, char *error, size_t error_bytes)
{
    if (err == -EADDRINUSE)
        snprintf(error, error_bytes,
                 "The port of %s is already in use by another program: choose another.", host_port);
    else if (err == -EACCES)
        snprintf(error, error_bytes,
                 "The port of %s is reserved for the system: choose one above 1023.", host_port);
    else if (err == -EADDRNOTAVAIL)
        snprintf(error, error_bytes,
                 "%s is not an address of this computer: choose one of those that `ip address` "
                 "lists, or [::].",
                 host_port);
    else if (err == -EAFNOSUPPORT)
        snprintf(error, error_bytes, "This computer has no IPv6: %s cannot be used.", host_port);
    else
        snprintf(error, error_bytes, "No socket could be opened at %s (%s).", host_port,
                 strerror(-err));
}

static void prepare(struct ear_relay_socket *s)
{
    for (int i = 0; i < EAR_RELAY_BATCH; i++) {
        s->in_vectors[i] = (struct iovec){s->data[i], DATAGRAM_CAP};
        s->in[i].msg_hdr = (struct msghdr){
            .msg_name = &s->in_names[i], .msg_iov = &s->in_vectors[i], .msg_iovlen = 1};
        s->out[i].msg_hdr = (struct msghdr){
            .msg_name = &s->out_names[i], .msg_iov = &s->out_vectors[i], .msg_iovlen = 1};
    }
}

int ear_relay_socket_open(struct ear_relay_socket **ret, const char *host_port, char *error,
                          size_t error_bytes)
{
    struct ear_address found;
    union any_address a = {0};
    int err = ear_udp_resolve(host_port, &found, error, error_bytes);
    if (err < 0)
        return err;
    assert(found.len <= sizeof a);
    memcpy(&a, found.bytes, found.len);
    int fd = open_at(&a);
    if (fd < 0 && fd != -EADDRINUSE && fd != -EACCES && is_any_v6(&a)) {
        const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = a.v6.sin6_port};
        a.v4 = any;
        fd = open_at(&a);
    }
    if (fd < 0) {
        complain(fd, host_port, error, error_bytes);
        return fd;
    }
    struct ear_relay_socket *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(error, error_bytes, "Not enough memory.");
        close(fd);
        return -ENOMEM;
    }
    s->fd = fd;
    s->family = a.any.sa_family;
    prepare(s);
    *ret = s;
    return 0;
}

void ear_relay_socket_close(struct ear_relay_socket *s)
{
    if (!s)
        return;
    close(s->fd);
    free(s);
}

uint16_t ear_relay_socket_port(const struct ear_relay_socket *s)
{
    union any_address a;
    socklen_t len = sizeof a;
    if (getsockname(s->fd, &a.any, &len) < 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

int ear_relay_socket_receive(struct ear_relay_socket *s,
                             struct ear_relay_datagram ret[static EAR_RELAY_BATCH], int *ret_long)
{
    *ret_long = 0;
    for (int i = 0; i < EAR_RELAY_BATCH; i++)
        s->in[i].msg_hdr.msg_namelen = sizeof s->in_names[i];
    int got = recvmmsg(s->fd, s->in, EAR_RELAY_BATCH, MSG_WAITFORONE, NULL);
    if (got < 0) {
        bool passing = errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ||
                       errno == ENOMEM || errno == ENOBUFS;
        return passing ? 0 : -errno;
    }
    int count = 0;
    for (int i = 0; i < got; i++) {
        if (s->in[i].msg_len > EAR_DATAGRAM_MAX) {
            ++*ret_long;
            continue;
        }
        ret[count++] = (struct ear_relay_datagram){
            .address = from_socket(&s->in_names[i]), .data = s->data[i], .len = s->in[i].msg_len};
    }
    return count;
}

/* What the system refuses is left out, so that one bad address does not hold up the others. */
static int send_batch(struct ear_relay_socket *s, int count)
{
    int taken = 0;
    for (int i = 0; i < count;) {
        int sent = sendmmsg(s->fd, s->out + i, (unsigned)(count - i), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        taken += sent > 0 ? sent : 0;
        i += sent > 0 ? sent : 1;
    }
    return taken;
}

int ear_relay_socket_send(struct ear_relay_socket *s, const struct ear_relay_datagram *datagrams,
                          int count)
{
    int taken = 0;
    for (int first = 0; first < count; first += EAR_RELAY_BATCH) {
        int batch = count - first < EAR_RELAY_BATCH ? count - first : EAR_RELAY_BATCH;
        for (int i = 0; i < batch; i++) {
            const struct ear_relay_datagram *d = &datagrams[first + i];
            s->out_vectors[i] = (struct iovec){(void *)(uintptr_t)d->data, d->len};
            s->out[i].msg_hdr.msg_namelen = to_socket(s->family, &d->address, &s->out_names[i]);
        }
        taken += send_batch(s, batch);
    }
    return taken;
}

void ear_relay_address_text(const struct ear_relay_address *address,
                            char ret[static EAR_RELAY_ADDRESS_TEXT_BYTES])
{
    char ip[INET6_ADDRSTRLEN] = "?";
    bool v4 = memcmp(address->ip, v4_mapped, sizeof v4_mapped) == 0;
    if (v4)
        inet_ntop(AF_INET, address->ip + sizeof v4_mapped, ip, sizeof ip);
    else
        inet_ntop(AF_INET6, address->ip, ip, sizeof ip);
    snprintf(ret, EAR_RELAY_ADDRESS_TEXT_BYTES, v4 ? "%s:%u" : "[%s]:%u", ip, address->port);
}
