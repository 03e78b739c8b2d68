/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet with the settings that calls over bad links need. */
#include "port/enet_link.h"

#include <assert.h>
#include <enet/enet.h>
#include <enet/time.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "port/pool.h"

/* Channels: control and mail are reliable, speech unsequenced. */
#define CHANNEL_CONTROL 0
#define CHANNEL_SPEECH 1
#define CHANNEL_MAIL 2
#define CHANNELS 3

/* Eight hosts of 16 KiB and 256 KiB of messages each way fit; a call uses 40 KiB. */
#define POOL_BYTES ((size_t)1 << 20)
/* New sessions and what we say leave this to what comes in: without room for acknowledgements and
 * speech a full pool would never empty again. */
#define POOL_RESERVE_BYTES (POOL_BYTES / 4)

/* Stock ENet drops a call after 5 to 38 s of outage; 10 minutes leave the decision to the call. */
#define TIMEOUT_LIMIT (1u << 20)
#define TIMEOUT_MS 600000u
/* As good as never: every authentic datagram is a sign of life and call/liveness asks where none
 * comes; round trips come from speech reports, and ENet learns them from each message of its own.
 * Every 5 s a ping and its acknowledgement were 2.2 to 3.3 bytes of each speech packet. */
#define PING_MS 600000u
/* Acceleration and interval as usual, deceleration 0: ENet never drops speech by itself. Each end
 * sets its own: telling the other end would be a message and an acknowledgement. */
#define THROTTLE_INTERVAL_MS 5000u
#define THROTTLE_ACCELERATION 32u
#define THROTTLE_DECELERATION 0u
/* ENet's own minimum of 576 is too much once sealed on a 576 byte path. */
#define PEER_MTU 480u
#define PACKET_BYTES_MAX (16 * 1024)
#define WAITING_BYTES_MAX (256 * 1024)
/* Back-off of resends: 1.5 round trips with a margin for their spread, at least 200 ms; ENet's own
 * doubles without end (30 % loss: 32 s for one message instead of 6). While a call is set up, not
 * even the half: somebody waits, and a copy is 60 bytes. */
#define BACKOFF_MIN_MS 200u
#define SETUP_MS 20000u
/* ENet takes half of its first round trip for their spread and waits for three of them; an eighth
 * makes it 1.5. At 1 s and 30 % loss 1.5 % of calls did not ring within 15 s by that alone. */
#define FIRST_SPREAD_SHARE 8
#define BACKOFF_DOWN_MS 10000u
/* Mail is overdue after the time that it is given, and then after twice that; where it was not told
 * to send it again for so long then, ENet does by itself. */
#define MAIL_TRIES 2
#define MAIL_HELD_MS 30000u

/* A message of mail under way. ENet tells by freeing its packet that it has been acknowledged. */
struct mail {
    struct ear_enet_link *link;
    bool used, again;
    size_t len;
    enet_uint32 sent_ms;
    uint32_t number; /* in the order of sending */
};

struct ear_enet_link {
    ENetHost *host;
    ENetPeer *peer;
    ENetSocket bridge;
    ENetAddress bridge_address;
    ENetAddress host_address;
    enet_uint32 opened_ms;
    bool spread_is_known; /* ENet has had its first round trip, and we have corrected it */
    bool path_down;
    struct mail mails[EAR_ENET_MAILS];
    size_t mail_count, mail_bytes;
    uint32_t mail_next;                       /* number */
    enet_uint32 mail_patience_ms;             /* 0: as all else */
    struct ear_enet_ack acks[EAR_ENET_MAILS]; /* not told yet, the oldest first */
    size_t ack_count;
};

/* ENet's callbacks carry no context, so its pool and the count of users are global. */
static struct ear_pool *enet_pool;
static unsigned enet_users;

static void *ENET_CALLBACK pool_malloc(size_t size)
{
    return ear_pool_get(enet_pool, size);
}

static void ENET_CALLBACK pool_free(void *block)
{
    ear_pool_put(enet_pool, block);
}

static void ENET_CALLBACK pool_is_empty(void)
{
    ear_log(EAR_LOG_ERROR, "enet: no memory left in its pool");
}

int ear_enet_start(void)
{
    if (enet_users > 0) {
        enet_users++;
        return 0;
    }
    int err = ear_pool_new(&enet_pool, POOL_BYTES);
    if (err)
        return err;
    const ENetCallbacks callbacks = {pool_malloc, pool_free, pool_is_empty};
    if (enet_initialize_with_callbacks(ENET_VERSION, &callbacks) != 0) {
        ear_pool_free(enet_pool);
        enet_pool = NULL;
        return -EIO;
    }
    enet_users = 1;
    return 0;
}

void ear_enet_stop(void)
{
    assert(enet_users > 0);
    if (--enet_users > 0)
        return;
    enet_deinitialize();
    ear_pool_free(enet_pool);
    enet_pool = NULL;
}

size_t ear_enet_memory_used(void)
{
    return enet_pool ? ear_pool_used(enet_pool) : 0;
}

static bool is_short_of_memory(void)
{
    return ear_pool_used(enet_pool) > POOL_BYTES - POOL_RESERVE_BYTES;
}

int ear_enet_link_new(struct ear_enet_link **ret)
{
    struct ear_enet_link *link = calloc(1, sizeof *link);
    if (!link)
        return -ENOMEM;
    link->bridge = ENET_SOCKET_NULL;
    *ret = link;
    return 0;
}

void ear_enet_link_free(struct ear_enet_link *link)
{
    if (!link)
        return;
    ear_enet_link_close(link);
    free(link);
}

/* Both ends are connected to each other, so that nobody else on the machine can reach them. */
static int join_pair(struct ear_enet_link *link)
{
    const ENetAddress any = {.host = ENET_HOST_TO_NET_32(0x7f000001u), .port = 0};
    link->bridge = enet_socket_create(ENET_SOCKET_TYPE_DATAGRAM);
    if (link->bridge == ENET_SOCKET_NULL || enet_socket_bind(link->bridge, &any) < 0 ||
        enet_socket_set_option(link->bridge, ENET_SOCKOPT_NONBLOCK, 1) < 0 ||
        enet_socket_get_address(link->bridge, &link->bridge_address) < 0 ||
        enet_socket_get_address(link->host->socket, &link->host_address) < 0 ||
        enet_socket_connect(link->bridge, &link->host_address) < 0 ||
        enet_socket_connect(link->host->socket, &link->bridge_address) < 0)
        return -EIO;
    return 0;
}

/* What strangers sent before the pair was joined is thrown away. */
static void drain(ENetSocket socket)
{
    uint8_t bytes[64];
    ENetBuffer buffer = {.data = bytes, .dataLength = sizeof bytes};
    ENetAddress from;
    for (int i = 0; i < 64 && enet_socket_receive(socket, &from, &buffer, 1) != 0; i++)
        ;
}

static void tune_peer(ENetPeer *peer)
{
    enet_peer_timeout(peer, TIMEOUT_LIMIT, TIMEOUT_MS, TIMEOUT_MS);
    enet_peer_ping_interval(peer, PING_MS);
}

int ear_enet_link_open(struct ear_enet_link *link, bool caller)
{
    ear_enet_link_close(link);
    const ENetAddress any = {.host = ENET_HOST_TO_NET_32(0x7f000001u), .port = 0};
    if (!is_short_of_memory())
        link->host = enet_host_create(&any, 1, CHANNELS, 0, 0);
    if (!link->host)
        return -ENOMEM;
    link->host->maximumPacketSize = PACKET_BYTES_MAX;
    link->host->maximumWaitingData = WAITING_BYTES_MAX;
    link->opened_ms = enet_time_get();
    link->spread_is_known = link->path_down = false;
    link->ack_count = 0;
    link->mail_patience_ms = 0;
    if (join_pair(link) < 0) {
        ear_enet_link_close(link);
        return -EIO;
    }
    drain(link->host->socket);
    drain(link->bridge);
    link->peer = &link->host->peers[0];
    if (caller && !enet_host_connect(link->host, &link->bridge_address, CHANNELS, 0)) {
        ear_enet_link_close(link);
        return -ENOMEM;
    }
    tune_peer(link->peer);
    return 0;
}

void ear_enet_link_close(struct ear_enet_link *link)
{
    if (link->bridge != ENET_SOCKET_NULL)
        enet_socket_destroy(link->bridge);
    link->bridge = ENET_SOCKET_NULL;
    if (link->host)
        enet_host_destroy(link->host);
    link->host = NULL;
    link->peer = NULL;
}

bool ear_enet_link_is_open(const struct ear_enet_link *link)
{
    return link->host != NULL;
}

/* Mail waits behind other mail, longer each time: a copy too early is paid for, and stands in the
 * way of the next. */
static enet_uint32 overdue_ms(const struct ear_enet_link *link, const ENetOutgoingCommand *command)
{
    enet_uint32 tries = command->sendAttempts < MAIL_TRIES ? command->sendAttempts : MAIL_TRIES;
    enet_uint32 ms = link->mail_patience_ms * tries;
    return link->path_down && ms < BACKOFF_DOWN_MS ? BACKOFF_DOWN_MS : ms;
}

/* When a command under way is to be sent again. */
static void set_timeout(const struct ear_enet_link *link, ENetOutgoingCommand *command,
                        enet_uint32 cap)
{
    struct mail *mail = command->packet ? command->packet->userData : NULL;
    if (mail && link->mail_patience_ms > 0) {
        mail->again = command->sendAttempts > 1;
        command->roundTripTimeout = overdue_ms(link, command) + MAIL_HELD_MS;
    } else if (command->roundTripTimeout > cap) {
        command->roundTripTimeout = cap;
    }
}

/* Lowers the time-out of every command under way to cap and lets ENet look again by then. */
static void cap_backoff(struct ear_enet_link *link, enet_uint32 cap, enet_uint32 now)
{
    ENetPeer *peer = link->peer;
    ENetList *sent = &peer->sentReliableCommands;
    for (ENetListIterator i = enet_list_begin(sent); i != enet_list_end(sent);
         i = enet_list_next(i)) {
        ENetOutgoingCommand *command = (ENetOutgoingCommand *)i;
        set_timeout(link, command, cap);
        enet_uint32 due = command->sentTime + command->roundTripTimeout;
        if (ENET_TIME_LESS(due, now))
            due = now;
        if (ENET_TIME_LESS(due, peer->nextTimeout))
            peer->nextTimeout = due;
    }
}

static void correct_first_spread(struct ear_enet_link *link)
{
    ENetPeer *peer = link->peer;
    if (link->spread_is_known || peer->lastReceiveTime == 0)
        return;
    link->spread_is_known = true;
    if (peer->roundTripTimeVariance > peer->roundTripTime / FIRST_SPREAD_SHARE)
        peer->roundTripTimeVariance = peer->roundTripTime / FIRST_SPREAD_SHARE;
}

static void tend_backoff(struct ear_enet_link *link)
{
    ENetPeer *peer = link->peer;
    if (peer->state == ENET_PEER_STATE_DISCONNECTED)
        return;
    correct_first_spread(link);
    enet_uint32 now = enet_time_get();
    enet_uint32 cap = peer->roundTripTime + 4 * peer->roundTripTimeVariance;
    if (ENET_TIME_DIFFERENCE(now, link->opened_ms) > SETUP_MS)
        cap += cap / 2;
    if (cap < BACKOFF_MIN_MS)
        cap = BACKOFF_MIN_MS;
    if (link->path_down)
        cap = BACKOFF_DOWN_MS;
    cap_backoff(link, cap, now);
}

static enum ear_enet_event take_message(ENetEvent *event, uint8_t *data, size_t *ret_len)
{
    ENetPacket *packet = event->packet;
    enum ear_enet_event kind = EAR_ENET_NOTHING;
    if (packet->dataLength <= EAR_ENET_MESSAGE_MAX) {
        if (packet->dataLength > 0)
            memcpy(data, packet->data, packet->dataLength);
        *ret_len = packet->dataLength;
        kind = event->channelID == CHANNEL_SPEECH ? EAR_ENET_SPEECH
               : event->channelID == CHANNEL_MAIL ? EAR_ENET_MAIL
                                                  : EAR_ENET_CONTROL;
    }
    enet_packet_destroy(packet);
    return kind;
}

static void greet_peer(struct ear_enet_link *link)
{
    link->peer->mtu = PEER_MTU;
    tune_peer(link->peer);
    link->peer->packetThrottleInterval = THROTTLE_INTERVAL_MS;
    link->peer->packetThrottleAcceleration = THROTTLE_ACCELERATION;
    link->peer->packetThrottleDeceleration = THROTTLE_DECELERATION;
    /* ENet would tell our limits a second later: there are none. */
    link->host->recalculateBandwidthLimits = 0;
}

enum ear_enet_event ear_enet_link_service(struct ear_enet_link *link, uint8_t *data,
                                          size_t *ret_len)
{
    if (!link->host)
        return EAR_ENET_NOTHING;
    tend_backoff(link);
    ENetEvent event;
    while (enet_host_service(link->host, &event, 0) > 0) {
        if (event.type == ENET_EVENT_TYPE_CONNECT) {
            greet_peer(link);
            return EAR_ENET_CONNECTED;
        }
        if (event.type == ENET_EVENT_TYPE_DISCONNECT)
            return EAR_ENET_DISCONNECTED;
        if (event.type == ENET_EVENT_TYPE_RECEIVE) {
            enum ear_enet_event kind = take_message(&event, data, ret_len);
            if (kind != EAR_ENET_NOTHING)
                return kind;
        }
    }
    return EAR_ENET_NOTHING;
}

static int send_packet(struct ear_enet_link *link, enet_uint8 channel, ENetPacketFlag flag,
                       const uint8_t *data, size_t len)
{
    if (!link->peer || link->peer->state != ENET_PEER_STATE_CONNECTED)
        return -ENOTCONN;
    if (len > EAR_ENET_MESSAGE_MAX)
        return -EMSGSIZE;
    if (is_short_of_memory())
        return -ENOMEM;
    ENetPacket *packet = enet_packet_create(data, len, flag);
    if (!packet)
        return -ENOMEM;
    if (enet_peer_send(link->peer, channel, packet) < 0) {
        enet_packet_destroy(packet);
        return -ENOMEM;
    }
    enet_host_flush(link->host);
    return 0;
}

int ear_enet_link_send_speech(struct ear_enet_link *link, const uint8_t *data, size_t len)
{
    if (link->host)
        enet_host_flush(link->host);
    return send_packet(link, CHANNEL_SPEECH, ENET_PACKET_FLAG_UNSEQUENCED, data, len);
}

int ear_enet_link_send_control(struct ear_enet_link *link, const uint8_t *data, size_t len)
{
    return send_packet(link, CHANNEL_CONTROL, ENET_PACKET_FLAG_RELIABLE, data, len);
}

static void mail_is_over(ENetPacket *packet)
{
    struct mail *mail = packet->userData;
    struct ear_enet_link *link = mail->link;
    mail->used = false;
    link->mail_count--;
    link->mail_bytes -= mail->len;
    if (packet->flags & ENET_PACKET_FLAG_SENT && link->ack_count < EAR_ENET_MAILS)
        link->acks[link->ack_count++] =
            (struct ear_enet_ack){.len = mail->len,
                                  .again = mail->again,
                                  .sent_ms = mail->sent_ms,
                                  .took_ms = ENET_TIME_DIFFERENCE(enet_time_get(), mail->sent_ms)};
}

/* The other end keeps what came behind a lost one, and has it all at once in the end. */
static struct mail *free_mail(struct ear_enet_link *link)
{
    struct mail *mail = NULL;
    for (size_t i = 0; i < EAR_ENET_MAILS; i++) {
        if (!link->mails[i].used)
            mail = &link->mails[i];
        else if (link->mail_next - link->mails[i].number >= EAR_ENET_MAILS_AHEAD)
            return NULL;
    }
    return mail;
}

int ear_enet_link_send_mail(struct ear_enet_link *link, const uint8_t *data, size_t len)
{
    struct mail *mail = free_mail(link);
    if (!link->peer || link->peer->state != ENET_PEER_STATE_CONNECTED)
        return -ENOTCONN;
    if (link->peer->channelCount <= CHANNEL_MAIL)
        return -ENOTSUP;
    if (len > EAR_ENET_MESSAGE_MAX)
        return -EMSGSIZE;
    if (!mail)
        return -EAGAIN;
    ENetPacket *packet =
        is_short_of_memory() ? NULL : enet_packet_create(data, len, ENET_PACKET_FLAG_RELIABLE);
    if (!packet)
        return -ENOMEM;
    if (enet_peer_send(link->peer, CHANNEL_MAIL, packet) < 0) {
        enet_packet_destroy(packet);
        return -ENOMEM;
    }
    *mail = (struct mail){.link = link,
                          .used = true,
                          .len = len,
                          .sent_ms = enet_time_get(),
                          .number = link->mail_next++};
    link->mail_count++;
    link->mail_bytes += len;
    packet->userData = mail;
    packet->freeCallback = mail_is_over;
    enet_host_flush(link->host);
    return 0;
}

bool ear_enet_link_mail_ack(struct ear_enet_link *link, struct ear_enet_ack *ret)
{
    if (link->ack_count == 0)
        return false;
    *ret = link->acks[0];
    link->ack_count--;
    memmove(link->acks, link->acks + 1, link->ack_count * sizeof link->acks[0]);
    return true;
}

void ear_enet_link_mail_patience(struct ear_enet_link *link, uint32_t ms)
{
    link->mail_patience_ms = ms;
}

static ENetOutgoingCommand *overdue_mail(const struct ear_enet_link *link)
{
    if (!link->peer || link->peer->state != ENET_PEER_STATE_CONNECTED || link->mail_count == 0)
        return NULL;
    ENetList *sent = &link->peer->sentReliableCommands;
    for (ENetListIterator i = enet_list_begin(sent); i != enet_list_end(sent);
         i = enet_list_next(i)) {
        ENetOutgoingCommand *command = (ENetOutgoingCommand *)i;
        if (command->packet && command->packet->userData &&
            ENET_TIME_DIFFERENCE(enet_time_get(), command->sentTime) >= overdue_ms(link, command))
            return command;
    }
    return NULL;
}

size_t ear_enet_link_mail_overdue(const struct ear_enet_link *link)
{
    const ENetOutgoingCommand *command = overdue_mail(link);
    return command ? command->packet->dataLength : 0;
}

void ear_enet_link_mail_again(struct ear_enet_link *link)
{
    ENetOutgoingCommand *command = overdue_mail(link);
    if (!command)
        return;
    command->roundTripTimeout = 0;
    link->peer->nextTimeout = enet_time_get();
    enet_host_service(link->host, NULL, 0);
}

size_t ear_enet_link_mail_count(const struct ear_enet_link *link)
{
    return link->mail_count;
}

size_t ear_enet_link_mail_bytes(const struct ear_enet_link *link)
{
    return link->mail_bytes;
}

bool ear_enet_link_is_settled(const struct ear_enet_link *link)
{
    return !link->peer || (enet_list_empty(&link->peer->sentReliableCommands) &&
                           enet_list_empty(&link->peer->outgoingCommands));
}

uint32_t ear_enet_link_rtt_ms(const struct ear_enet_link *link)
{
    return link->peer ? link->peer->roundTripTime : 0;
}

int ear_enet_link_outgoing(struct ear_enet_link *link, uint8_t *data, size_t cap)
{
    if (link->bridge == ENET_SOCKET_NULL)
        return -EAGAIN;
    ENetAddress from;
    ENetBuffer buffer = {.data = data, .dataLength = cap};
    int len = enet_socket_receive(link->bridge, &from, &buffer, 1);
    return len > 0 ? len : -EAGAIN;
}

int ear_enet_link_incoming(struct ear_enet_link *link, const uint8_t *data, size_t len)
{
    if (link->bridge == ENET_SOCKET_NULL)
        return -ENOTCONN;
    const ENetBuffer buffer = {.data = (void *)(uintptr_t)data, .dataLength = len};
    return enet_socket_send(link->bridge, &link->host_address, &buffer, 1) > 0 ? 0 : -EAGAIN;
}

uint16_t ear_enet_link_peer_and_session(const struct ear_enet_link *link)
{
    return (uint16_t)(link->peer->incomingPeerID | link->peer->incomingSessionID
                                                       << ENET_PROTOCOL_HEADER_SESSION_SHIFT);
}

uint8_t ear_enet_link_speech_channel(void)
{
    return CHANNEL_SPEECH;
}

void ear_enet_link_path_down(struct ear_enet_link *link, bool down)
{
    bool came_back = link->path_down && !down;
    link->path_down = down;
    if (link->host && came_back) {
        cap_backoff(link, 0, enet_time_get());
        enet_host_flush(link->host);
    }
}
