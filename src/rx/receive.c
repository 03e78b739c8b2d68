/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams from the network by form. */
#include "rx/receive.h"

static bool form_of(uint8_t first, enum ear_received_form *ret)
{
    if (first & EAR_SEALED)
        *ret = EAR_RECEIVED_SEALED;
    else if (first == EAR_MESSAGE_ANSWER || first == EAR_MESSAGE_COOKIE)
        *ret = EAR_RECEIVED_ANSWER;
    else if (first == EAR_MESSAGE_CALL || first == EAR_MESSAGE_CALL_COOKIE)
        *ret = EAR_RECEIVED_CALL;
    else if (first == EAR_MESSAGE_FLARE || first == EAR_MESSAGE_FLARE_COOKIE ||
             first == EAR_MESSAGE_FLARE_ANSWER)
        *ret = EAR_RECEIVED_FLARE;
    else
        return false;
    return true;
}

bool ear_receive_next(struct ear_receive *receive, struct ear_received *ret)
{
    struct ear_received in;
    int len;
    while ((len = receive->net.receive(receive->net.ctx, &in.from, receive->data,
                                       sizeof receive->data)) > 0) {
        receive->counts.datagrams++;
        receive->counts.bytes += len + EAR_DATAGRAM_OVERHEAD;
        if (!form_of(receive->data[0], &in.form)) {
            receive->counts.refused++;
            continue;
        }
        in.datagram = (struct ear_bytes){receive->data, (size_t)len};
        *ret = in;
        return true;
    }
    return false;
}
