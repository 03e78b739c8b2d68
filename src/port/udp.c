/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets and names of hosts. */
#include "port/udp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_BYTES 256

static_assert(sizeof(struct sockaddr_in6) <= sizeof(((struct ear_address *)0)->bytes),
              "an address holds IPv6");

struct ear_udp {
    int fd;
};

/* "host:port" or "[v6]:port" into its parts. */
static bool split_host_port(const char *text, char host[HOST_BYTES], const char **ret_port)
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text)
        return false;
    const char *begin = text, *end = colon;
    if (*begin == '[') {
        if (end[-1] != ']')
            return false;
        begin++;
        end--;
    }
    size_t len = (size_t)(end - begin);
    if (len == 0 || len >= HOST_BYTES)
        return false;
    memcpy(host, begin, len);
    host[len] = '\0';
    *ret_port = colon + 1;
    return true;
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits >= 1 && digits <= 5 && text[digits] == '\0' && strtol(text, NULL, 10) <= 65535;
}

int ear_udp_resolve(const char *host_port, struct ear_address *ret, char *error, size_t error_bytes)
{
    char host[HOST_BYTES];
    const char *port;
    if (!split_host_port(host_port, host, &port) || !is_port(port)) {
        snprintf(error, error_bytes,
                 "\"%s\" is not an address: write HOST:PORT, for example 127.0.0.1:4000.",
                 host_port);
        return -EINVAL;
    }
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_family = AF_UNSPEC};
    struct addrinfo *found;
    /* RFC 6761, 6.3: this name means this computer, even where no table of hosts says so. */
    const char *name = strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    int err = getaddrinfo(name, port, &hints, &found);
    if (err == EAI_AGAIN) {
        snprintf(error, error_bytes,
                 "The name \"%s\" cannot be looked up now: is there a connection? An address in "
                 "numbers needs no looking up.",
                 host);
        return -EHOSTUNREACH;
    }
    if (err) {
        snprintf(error, error_bytes, "There is no computer called \"%s\" (%s). Check the name.",
                 host, gai_strerror(err));
        return -EHOSTUNREACH;
    }
    assert(found->ai_addrlen <= sizeof ret->bytes);
    memset(ret, 0, sizeof *ret);
    memcpy(ret->bytes, found->ai_addr, found->ai_addrlen);
    ret->len = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

/* The bytes as the socket layer's structures; family AF_UNSPEC for foreign ones. */
union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static union any_address to_socket(const struct ear_address *address)
{
    union any_address a = {.any.sa_family = AF_UNSPEC};
    if (address->len >= sizeof(struct sockaddr_in))
        memcpy(&a, address->bytes, address->len < sizeof a ? address->len : sizeof a);
    return a;
}

bool ear_address_is_loopback(const struct ear_address *address)
{
    union any_address a = to_socket(address);
    if (a.any.sa_family == AF_INET)
        return ntohl(a.v4.sin_addr.s_addr) >> 24 == 127;
    if (a.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
    return false;
}

uint16_t ear_address_port(const struct ear_address *address)
{
    union any_address a = to_socket(address);
    if (a.any.sa_family == AF_INET)
        return ntohs(a.v4.sin_port);
    if (a.any.sa_family == AF_INET6)
        return ntohs(a.v6.sin6_port);
    return 0;
}

void ear_address_set_any(struct ear_address *address)
{
    union any_address a = to_socket(address);
    if (a.any.sa_family == AF_INET) {
        a.v4.sin_port = 0;
        a.v4.sin_addr.s_addr = htonl(INADDR_ANY);
    } else if (a.any.sa_family == AF_INET6) {
        a.v6.sin6_port = 0;
        a.v6.sin6_addr = in6addr_any;
        a.v6.sin6_scope_id = 0;
    }
    memcpy(address->bytes, &a, address->len);
}

bool ear_address_is_v6(const struct ear_address *address)
{
    return to_socket(address).any.sa_family == AF_INET6;
}

bool ear_address_is_any(const struct ear_address *address)
{
    union any_address a = to_socket(address);
    if (a.any.sa_family == AF_INET)
        return a.v4.sin_addr.s_addr == htonl(INADDR_ANY);
    return a.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a.v6.sin6_addr);
}

bool ear_address_fit(struct ear_address *address, const struct ear_address *at)
{
    union any_address a = to_socket(address), socket = to_socket(at);
    if (a.any.sa_family == socket.any.sa_family)
        return true;
    if (a.any.sa_family != AF_INET || socket.any.sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 dressed = {.sin6_family = AF_INET6, .sin6_port = a.v4.sin_port};
    dressed.sin6_addr.s6_addr[10] = dressed.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&dressed.sin6_addr.s6_addr[12], &a.v4.sin_addr, sizeof a.v4.sin_addr);
    *address = (struct ear_address){.len = sizeof dressed};
    memcpy(address->bytes, &dressed, sizeof dressed);
    return true;
}

int ear_udp_place(const struct ear_address *address, char *ret, size_t cap)
{
    union any_address a = to_socket(address);
    bool v6 = a.any.sa_family == AF_INET6;
    bool dressed = v6 && IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr);
    const void *number = dressed ? (void *)&a.v6.sin6_addr.s6_addr[12]
                         : v6    ? (void *)&a.v6.sin6_addr
                                 : (void *)&a.v4.sin_addr;
    char host[INET6_ADDRSTRLEN];
    if ((!v6 && a.any.sa_family != AF_INET) || (v6 && IN6_IS_ADDR_LINKLOCAL(&a.v6.sin6_addr)) ||
        !inet_ntop(v6 && !dressed ? AF_INET6 : AF_INET, number, host, sizeof host))
        return -EAFNOSUPPORT;
    int n = snprintf(ret, cap, v6 && !dressed ? "[%s]:%u" : "%s:%u", host,
                     (unsigned)ear_address_port(address));
    return n > 0 && (size_t)n < cap ? 0 : -ENOBUFS;
}

int ear_udp_own_place(const struct ear_address *at, char *ret, size_t cap)
{
    /* Addresses kept for books (RFC 5737, 3849): connecting only asks the table of routes. */
    union any_address to = to_socket(at), own;
    bool v6 = to.any.sa_family == AF_INET6;
    socklen_t len = sizeof own;
    char host[INET6_ADDRSTRLEN];
    if (inet_pton(to.any.sa_family, v6 ? "2001:db8::1" : "192.0.2.1",
                  v6 ? (void *)&to.v6.sin6_addr : (void *)&to.v4.sin_addr) != 1)
        return -ENETUNREACH;
    int fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool found =
        fd >= 0 && connect(fd, &to.any, at->len) == 0 && getsockname(fd, &own.any, &len) == 0 &&
        inet_ntop(own.any.sa_family, v6 ? (void *)&own.v6.sin6_addr : (void *)&own.v4.sin_addr,
                  host, sizeof host) != NULL;
    if (fd >= 0)
        close(fd);
    if (!found)
        return -ENETUNREACH;
    int written = snprintf(ret, cap, v6 ? "[%s]:%u" : "%s:%u", host, ear_address_port(at));
    return written > 0 && (size_t)written < cap ? 0 : -ENOBUFS;
}

int ear_udp_open(struct ear_udp **ret, const struct ear_address *at, char *error,
                 size_t error_bytes)
{
    union any_address a = to_socket(at);
    int fd = socket(a.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        snprintf(error, error_bytes, "No network socket could be made (%s).", strerror(errno));
        return -EIO;
    }
    /* One socket serves both where IPv6 is there; where the system insists otherwise, IPv6 alone.
     */
    const int off = 0;
    if (a.any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, &a.any, at->len) < 0) {
        int err = errno;
        const char *why = err == EADDRINUSE
                              ? "is already in use by another program: choose another port"
                          : err == EACCES ? "is reserved for the system: choose one above 1023"
                                          : strerror(err);
        snprintf(error, error_bytes, "Port %u %s.", ear_address_port(at), why);
        close(fd);
        return err == EADDRINUSE || err == EACCES ? -err : -EIO;
    }
    struct ear_udp *udp = calloc(1, sizeof *udp);
    if (!udp) {
        snprintf(error, error_bytes, "Not enough memory.");
        close(fd);
        return -ENOMEM;
    }
    udp->fd = fd;
    *ret = udp;
    return 0;
}

void ear_udp_close(struct ear_udp *udp)
{
    if (!udp)
        return;
    close(udp->fd);
    free(udp);
}

static int udp_send(void *ctx, const struct ear_address *to, const uint8_t *data, size_t len)
{
    const struct ear_udp *udp = ctx;
    union any_address a = to_socket(to);
    if (sendto(udp->fd, data, len, MSG_NOSIGNAL, &a.any, to->len) < 0)
        return -errno;
    return 0;
}

static int udp_receive(void *ctx, struct ear_address *ret_from, uint8_t *data, size_t cap)
{
    const struct ear_udp *udp = ctx;
    for (;;) {
        union any_address a;
        socklen_t len = sizeof a;
        ssize_t got = recvfrom(udp->fd, data, cap, MSG_TRUNC, &a.any, &len);
        if (got < 0 && (errno == EINTR || errno == ECONNREFUSED))
            continue;
        if (got < 0)
            return -EAGAIN;
        if ((size_t)got > cap || got == 0 || len > sizeof ret_from->bytes)
            continue;
        memset(ret_from, 0, sizeof *ret_from);
        memcpy(ret_from->bytes, &a, len);
        ret_from->len = len;
        return (int)got;
    }
}

struct ear_datagrams ear_udp_datagrams(struct ear_udp *udp)
{
    return (struct ear_datagrams){.send = udp_send, .receive = udp_receive, .ctx = udp};
}

int ear_udp_fd(const struct ear_udp *udp)
{
    return udp->fd;
}

struct ear_address ear_udp_address(const struct ear_udp *udp)
{
    union any_address a;
    socklen_t len = sizeof a;
    struct ear_address address = {0};
    if (getsockname(udp->fd, &a.any, &len) == 0 && len <= sizeof address.bytes) {
        memcpy(address.bytes, &a, len);
        address.len = len;
    }
    return address;
}
