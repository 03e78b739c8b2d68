/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A voice message as bars: how loud it is all along, and how far it was played. */
#ifndef EARSHOT_WAVEFORM_H
#define EARSHOT_WAVEFORM_H

#include <adwaita.h>

G_BEGIN_DECLS

/* Bars; as many peaks are asked for. */
#define EARSHOT_WAVEFORM_BARS 48

/* Property: played (double, 0 to 1, read-write). Signal "sought" (double): the user wants to hear
 * it from there, by a click or the arrow keys. */
#define EARSHOT_TYPE_WAVEFORM (earshot_waveform_get_type())
G_DECLARE_FINAL_TYPE(EarshotWaveform, earshot_waveform, EARSHOT, WAVEFORM, GtkWidget)

/* EARSHOT_WAVEFORM_BARS of 0 to 255; NULL: not known yet. */
void earshot_waveform_set_peaks(EarshotWaveform *self, const guint8 *peaks);
void earshot_waveform_set_played(EarshotWaveform *self, double played);

G_END_DECLS

#endif
