/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QR codes found by libzbar, where there is one. */
#include "port/qr_scan.h"

#include <errno.h>
#include <string.h>

#ifdef EAR_WITH_ZBAR
#include <zbar.h>

#define PIXELS_MAX (100 * 1000 * 1000)
/* A byte of grey a pixel, as zbar calls it. */
#define GREY zbar_fourcc('Y', '8', '0', '0')

bool ear_qr_scan_available(void)
{
    return true;
}

/* Takes the text of a code and wipes the library's copy. Returns 0, -ENOENT for what is not text,
 * -EMSGSIZE. */
static int take_text(const zbar_symbol_t *symbol, char *ret_text, size_t cap)
{
    char *data = (char *)zbar_symbol_get_data(symbol);
    size_t len = zbar_symbol_get_data_length(symbol);
    int err = 0;
    if (len == 0 || memchr(data, '\0', len))
        err = -ENOENT;
    else if (len >= cap)
        err = -EMSGSIZE;
    if (!err) {
        memcpy(ret_text, data, len);
        ret_text[len] = '\0';
    }
    explicit_bzero(data, len);
    return err;
}

/* The first that holds text; one that is too long is told if there is no other. */
static int take_first(const zbar_image_t *image, char *ret_text, size_t cap)
{
    int err = -ENOENT;
    bool taken = false;
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image); symbol;
         symbol = zbar_symbol_next(symbol)) {
        int r = take_text(symbol, ret_text, taken ? 0 : cap);
        if (taken)
            continue;
        taken = r == 0;
        err = r == -ENOENT ? err : r;
    }
    return err;
}

static int scan(zbar_image_scanner_t *scanner, zbar_image_t *image, char *ret_text, size_t cap)
{
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    int found = zbar_scan_image(scanner, image);
    return found < 0 ? -ENOMEM : found == 0 ? -ENOENT : take_first(image, ret_text, cap);
}

int ear_qr_scan(const uint8_t *grey, int width, int height, char *ret_text, size_t cap)
{
    if (cap > 0)
        ret_text[0] = '\0';
    if (width <= 0 || height <= 0 || width > PIXELS_MAX / height)
        return -EINVAL;
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    int err = scanner && image ? 0 : -ENOMEM;
    if (!err) {
        zbar_image_set_format(image, GREY);
        zbar_image_set_size(image, (unsigned)width, (unsigned)height);
        zbar_image_set_data(image, grey, (unsigned long)width * (unsigned long)height, NULL);
        err = scan(scanner, image, ret_text, cap);
    }
    if (image)
        zbar_image_destroy(image);
    if (scanner)
        zbar_image_scanner_destroy(scanner);
    return err;
}
#else
bool ear_qr_scan_available(void)
{
    return false;
}

int ear_qr_scan(const uint8_t *grey, int width, int height, char *ret_text, size_t cap)
{
    if (cap > 0)
        ret_text[0] = '\0';
    return -ENOSYS;
}
#endif
