/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams from the network by kind. */
#include "rx/receive.h"

static bool is_known(uint8_t kind)
{
    return kind == EAR_KIND_HELLO || kind == EAR_KIND_REFUSAL || kind == EAR_KIND_ENET ||
           kind == EAR_KIND_SPEECH || kind == EAR_KIND_PROBE || kind == EAR_KIND_PROBE_ANSWER;
}

bool ear_receive_next(struct ear_receive *receive, struct ear_received *ret)
{
    struct ear_address from;
    int len;
    while ((len = receive->net.receive(receive->net.ctx, &from, receive->data,
                                       sizeof receive->data)) > 0) {
        receive->counts.datagrams++;
        receive->counts.bytes += len + EAR_DATAGRAM_OVERHEAD;
        if (!is_known(receive->data[0])) {
            receive->counts.refused++;
            continue;
        }
        *ret = (struct ear_received){
            .from = from,
            .kind = (enum ear_kind)receive->data[0],
            .whole = receive->data,
            .whole_len = (size_t)len,
            .body = receive->data + EAR_KIND_BYTES,
            .len = (size_t)len - EAR_KIND_BYTES,
        };
        return true;
    }
    return false;
}
