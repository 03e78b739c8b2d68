/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as a picture that a telephone camera reads. */
#ifndef EARSHOT_QR_H
#define EARSHOT_QR_H

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Black on white in every theme: cameras want it so. NULL where the text is too long. */
GdkTexture *earshot_qr_new(const char *text);
/* The same as a PNG file's bytes, to be printed; NULL likewise. */
GBytes *earshot_qr_to_png(const char *text);

G_END_DECLS

#endif
