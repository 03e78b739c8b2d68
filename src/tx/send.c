/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet's datagrams onto the network. */
#include "tx/send.h"

#include <string.h>

#include "wire/squeeze.h"

void ear_send_raw(struct ear_send *send, const struct ear_address *to, const uint8_t *data,
                  size_t len)
{
    send->counts.datagrams++;
    send->counts.bytes += (int64_t)len + EAR_DATAGRAM_OVERHEAD;
    if (send->net.send(send->net.ctx, to, data, len) < 0)
        send->counts.errors++;
}

void ear_send_datagram(struct ear_send *send, const struct ear_address *to, enum ear_kind kind,
                       const uint8_t *body, size_t len)
{
    uint8_t data[EAR_DATAGRAM_MAX];
    if (len > sizeof data - EAR_KIND_BYTES) {
        send->counts.errors++;
        return;
    }
    data[0] = (uint8_t)kind;
    if (len > 0)
        memcpy(data + EAR_KIND_BYTES, body, len);
    if (kind == EAR_KIND_SPEECH) {
        send->counts.speech_datagrams++;
        send->counts.speech_bytes += (int64_t)(len + EAR_KIND_BYTES) + EAR_DATAGRAM_OVERHEAD;
    }
    ear_send_raw(send, to, data, len + EAR_KIND_BYTES);
}

void ear_send_enet(struct ear_send *send, const struct ear_address *to, uint8_t *datagram,
                   size_t len)
{
    uint8_t speech[EAR_DATAGRAM_MAX];
    int speech_len;
    while (len > 0 && (speech_len = ear_squeeze(datagram, &len, speech, sizeof speech)) > 0)
        ear_send_datagram(send, to, EAR_KIND_SPEECH, speech, (size_t)speech_len);
    if (len > 0)
        ear_send_datagram(send, to, EAR_KIND_ENET, datagram, len);
}
