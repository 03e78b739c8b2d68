/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as a picture that a telephone camera reads. */
#include "bridge/qr.h"

#include <string.h>

#include "port/qr.h"

/* Large enough that scaling on screen does not blur the edges of dots. */
#define DOT_PIXELS 8
#define PIXEL_BYTES 3

GdkTexture *earshot_qr_new(const char *text)
{
    g_autofree struct ear_qr *qr = g_new0(struct ear_qr, 1);
    if (ear_qr_make(text, qr) != 0)
        return NULL;
    int side = (qr->side + 2 * EAR_QR_QUIET) * DOT_PIXELS;
    gsize len = (gsize)side * (gsize)side * PIXEL_BYTES;
    guint8 *pixels = g_malloc(len);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            bool dark =
                ear_qr_is_dark(qr, x / DOT_PIXELS - EAR_QR_QUIET, y / DOT_PIXELS - EAR_QR_QUIET);
            gsize at = ((gsize)y * (gsize)side + (gsize)x) * PIXEL_BYTES;
            memset(pixels + at, dark ? 0 : 255, PIXEL_BYTES);
        }
    explicit_bzero(qr, sizeof *qr);
    g_autoptr(GBytes) bytes = g_bytes_new_take(pixels, len);
    return gdk_memory_texture_new(side, side, GDK_MEMORY_R8G8B8, bytes, (gsize)side * PIXEL_BYTES);
}

GBytes *earshot_qr_to_png(const char *text)
{
    g_autoptr(GdkTexture) texture = earshot_qr_new(text);
    return texture ? gdk_texture_save_to_png_bytes(texture) : NULL;
}
