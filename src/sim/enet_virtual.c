/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four functions of ENet's, defined anew over queues in memory. */
#include "sim/enet_virtual.h"

#include <arpa/inet.h>
#include <enet/enet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "port/enet_link.h"

#define QUEUE_DATAGRAMS 64
#define QUEUE_DATAGRAM_BYTES 1500
/* Sockets close without being seen here. A live one is looked at several times a second, so that
 * the queue not used for longest is a closed one's: four engines have 32 sockets. */
#define QUEUES 64

struct queue {
    uint16_t port; /* 0: of nobody */
    uint64_t used; /* the call that used it last */
    uint32_t put, taken;
    struct {
        uint16_t from_port;
        uint16_t len;
        uint8_t data[QUEUE_DATAGRAM_BYTES];
    } datagrams[QUEUE_DATAGRAMS];
};

/* The library's functions have no context: these stand for the simulated machine. */
static struct {
    const struct ear_clock *clock;
    uint32_t offset_ms;
    uint64_t calls; /* to the functions below */
    struct queue queues[QUEUES];
} machine;

void ear_enet_virtual_start(const struct ear_clock *clock, uint32_t offset_ms)
{
    machine.clock = clock;
    machine.offset_ms = offset_ms;
    for (size_t i = 0; i < QUEUES; i++)
        machine.queues[i].port = 0;
}

bool ear_enet_virtual_works(void)
{
    struct ear_enet_link *link;
    uint8_t data[EAR_ENET_MESSAGE_MAX];
    size_t len;
    if (ear_enet_link_new(&link) < 0)
        return false;
    uint64_t before = machine.calls;
    bool works = ear_enet_link_open(link, true) == 0;
    uint64_t opened = machine.calls;
    if (works)
        ear_enet_link_service(link, data, &len);
    /* The service must have asked for the time and sent its CONNECT through us. */
    works = works && opened > before && machine.calls >= opened + 2 &&
            ear_enet_link_outgoing(link, data, sizeof data) > 0;
    ear_enet_link_free(link);
    return works;
}

static uint16_t local_port(ENetSocket socket)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    if (getsockname(socket, (struct sockaddr *)&address, &len) < 0)
        return 0;
    return ntohs(address.sin_port);
}

/* The queue of datagrams for a local port. */
static struct queue *queue_of(uint16_t port)
{
    struct queue *oldest = &machine.queues[0];
    for (size_t i = 0; i < QUEUES; i++) {
        struct queue *q = &machine.queues[i];
        if (q->port == port) {
            q->used = machine.calls;
            return q;
        }
        if (!q->port || (oldest->port && q->used < oldest->used))
            oldest = q;
    }
    oldest->port = port;
    oldest->used = machine.calls;
    oldest->put = oldest->taken = 0;
    return oldest;
}

enet_uint32 enet_time_get(void)
{
    machine.calls++;
    if (!machine.clock)
        return 0;
    return (enet_uint32)(ear_clock_now_us(machine.clock) / EAR_US_PER_MS) + machine.offset_ms;
}

int enet_socket_send(ENetSocket socket, const ENetAddress *address, const ENetBuffer *buffers,
                     size_t count)
{
    machine.calls++;
    struct queue *q = address && address->port ? queue_of(address->port) : NULL;
    if (!q || q->put - q->taken == QUEUE_DATAGRAMS)
        return 0;
    size_t len = 0, slot = q->put % QUEUE_DATAGRAMS;
    for (size_t i = 0; i < count; i++) {
        if (buffers[i].dataLength > QUEUE_DATAGRAM_BYTES - len)
            return -1;
        memcpy(q->datagrams[slot].data + len, buffers[i].data, buffers[i].dataLength);
        len += buffers[i].dataLength;
    }
    q->datagrams[slot].len = (uint16_t)len;
    q->datagrams[slot].from_port = local_port(socket);
    q->put++;
    return (int)len;
}

int enet_socket_receive(ENetSocket socket, ENetAddress *address, ENetBuffer *buffers, size_t count)
{
    machine.calls++;
    uint16_t port = local_port(socket);
    struct queue *q = port ? queue_of(port) : NULL;
    if (!q || q->put == q->taken || count < 1)
        return 0;
    size_t slot = q->taken++ % QUEUE_DATAGRAMS;
    size_t len = q->datagrams[slot].len;
    if (len > buffers[0].dataLength)
        return -1;
    memcpy(buffers[0].data, q->datagrams[slot].data, len);
    if (address) {
        address->host = htonl(INADDR_LOOPBACK);
        address->port = q->datagrams[slot].from_port;
    }
    return (int)len;
}

int enet_socket_wait(ENetSocket socket, enet_uint32 *condition, enet_uint32 timeout)
{
    (void)socket;
    (void)timeout;
    machine.calls++;
    *condition = ENET_SOCKET_WAIT_NONE;
    return 0;
}
