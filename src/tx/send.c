/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ENet's datagrams, sealed, onto the network. */
#include "tx/send.h"

#include <errno.h>
#include <string.h>

#include "wire/squeeze.h"

static int send_bytes(struct ear_send *send, const struct ear_address *to, const uint8_t *data,
                      size_t len)
{
    int err = send->net.send(send->net.ctx, to, data, len);
    if (err == 0) {
        send->counts.datagrams++;
        send->counts.bytes += (int64_t)len + EAR_DATAGRAM_OVERHEAD;
    } else if (err != -ENOTCONN) {
        send->counts.errors++;
    }
    return err;
}

bool ear_send_handshake(struct ear_send *send, const struct ear_address *to, const uint8_t *message,
                        size_t len)
{
    return send_bytes(send, to, message, len) != -ENOTCONN;
}

void ear_send_sealed(struct ear_send *send, struct ear_tunnel *tunnel, const struct ear_address *to,
                     enum ear_kind kind, const uint8_t *body, size_t len)
{
    uint8_t plain[EAR_DATAGRAM_MAX], sealed[EAR_DATAGRAM_MAX];
    bool speech = kind == EAR_KIND_SPEECH;
    if (len > sizeof plain - EAR_KIND_BYTES) {
        send->counts.unsealed++;
        return;
    }
    plain[0] = (uint8_t)kind;
    if (len > 0)
        memcpy(plain + EAR_KIND_BYTES, body, len);
    int sealed_len = ear_tunnel_seal(tunnel, speech ? EAR_CLASS_SPEECH : EAR_CLASS_CONTROL, plain,
                                     len + EAR_KIND_BYTES, sealed, sizeof sealed);
    ear_sodium_wipe(plain, len + EAR_KIND_BYTES);
    if (sealed_len < 0) {
        send->counts.unsealed++;
        return;
    }
    if (send_bytes(send, to, sealed, (size_t)sealed_len) < 0 || !speech)
        return;
    send->counts.speech_datagrams++;
    send->counts.speech_bytes += sealed_len + EAR_DATAGRAM_OVERHEAD;
}

void ear_send_enet(struct ear_send *send, struct ear_tunnel *tunnel, const struct ear_address *to,
                   uint8_t *datagram, size_t len)
{
    uint8_t speech[EAR_DATAGRAM_MAX];
    int speech_len;
    while (len > 0 && (speech_len = ear_squeeze(datagram, &len, speech, sizeof speech)) > 0)
        ear_send_sealed(send, tunnel, to, EAR_KIND_SPEECH, speech, (size_t)speech_len);
    if (len > 0)
        ear_send_sealed(send, tunnel, to, EAR_KIND_ENET, datagram, len);
}
