/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QR codes from libqrencode. */
#include "port/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

int ear_qr_make(const char *text, struct ear_qr *ret)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return errno == ENOMEM ? -ENOMEM : -EMSGSIZE;
    ret->side = code->width;
    size_t dots = (size_t)code->width * (size_t)code->width;
    for (size_t i = 0; i < dots; i++)
        ret->dark[i] = code->data[i] & 1; /* the other bits tell what a dot is for */
    explicit_bzero(code->data, dots);
    QRcode_free(code);
    return 0;
}

bool ear_qr_is_dark(const struct ear_qr *qr, int x, int y)
{
    return x >= 0 && y >= 0 && x < qr->side && y < qr->side && qr->dark[y * qr->side + x];
}
