/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws QR codes. */
#include "tools/qr_show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "port/png.h"

/* Pixels for each dot: wide enough for a cheap camera, 69 dots are 414 pixels. */
#define DOT 6
#define BLACK_ON_WHITE "\033[0;30;107m"
#define USUAL "\033[0m"

void ear_qr_print(const struct ear_qr *qr, FILE *file)
{
    /* upper dark: 1, lower dark: 2 */
    static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};
    bool colours = isatty(fileno(file));
    int end = qr->side + EAR_QR_QUIET;
    for (int y = -EAR_QR_QUIET; y < end; y += 2) {
        fputs(colours ? BLACK_ON_WHITE : "", file);
        for (int x = -EAR_QR_QUIET; x < end; x++)
            fputs(blocks[ear_qr_is_dark(qr, x, y) + 2 * ear_qr_is_dark(qr, x, y + 1)], file);
        fputs(colours ? USUAL "\n" : "\n", file);
    }
}

int ear_qr_to_png(const struct ear_qr *qr, uint8_t **ret, size_t *ret_len)
{
    int side = (qr->side + 2 * EAR_QR_QUIET) * DOT;
    uint8_t *pixels = malloc((size_t)side * (size_t)side);
    if (!pixels)
        return -ENOMEM;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            pixels[y * side + x] =
                ear_qr_is_dark(qr, x / DOT - EAR_QR_QUIET, y / DOT - EAR_QR_QUIET) ? 0 : 255;
    int err = ear_png_encode(pixels, side, ret, ret_len);
    explicit_bzero(pixels, (size_t)side * (size_t)side);
    free(pixels);
    return err;
}
