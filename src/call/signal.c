/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals to bytes and back. */
#include "call/signal.h"

#include <errno.h>
#include <string.h>

static bool carries_value(uint8_t kind)
{
    return kind == EAR_SIGNAL_MUTE || kind == EAR_SIGNAL_DEAD;
}

int ear_signal_parse(const uint8_t *data, size_t len, struct ear_signal *ret)
{
    if (len == 0 || data[0] == 0)
        return -EBADMSG;
    if (data[0] > EAR_SIGNAL_KEYS)
        return -ENOTSUP;
    if (data[0] == EAR_SIGNAL_KEYS) {
        if (len != 1 + EAR_SIGNAL_KEYS_BYTES)
            return -EBADMSG;
        *ret = (struct ear_signal){.kind = EAR_SIGNAL_KEYS, .keys = data + 1};
        return 0;
    }
    if (len != (carries_value(data[0]) ? 2u : 1u) || (len == 2 && data[1] > 1))
        return -EBADMSG;
    *ret =
        (struct ear_signal){.kind = (enum ear_signal_kind)data[0], .on = len == 2 && data[1] == 1};
    return 0;
}

size_t ear_signal_build(const struct ear_signal *signal, uint8_t out[static EAR_SIGNAL_BYTES_MAX])
{
    out[0] = (uint8_t)signal->kind;
    if (signal->kind == EAR_SIGNAL_KEYS) {
        memcpy(out + 1, signal->keys, EAR_SIGNAL_KEYS_BYTES);
        return 1 + EAR_SIGNAL_KEYS_BYTES;
    }
    if (!carries_value(out[0]))
        return 1;
    out[1] = signal->on ? 1 : 0;
    return 2;
}
