/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG files from libpng. */
#include "port/png.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>

int ear_png_encode(const uint8_t *pixels, int side, uint8_t **ret, size_t *ret_len)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)side,
        .height = (png_uint_32)side,
        .format = PNG_FORMAT_GRAY,
    };
    if (side <= 0)
        return -EINVAL;
    png_alloc_size_t len = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *out = malloc(len);
    if (!out)
        return -ENOMEM;
    int done = png_image_write_to_memory(&image, out, &len, 0, pixels, 0, NULL);
    png_image_free(&image);
    if (!done) {
        free(out);
        return -EINVAL;
    }
    *ret = out;
    *ret_len = len;
    return 0;
}
