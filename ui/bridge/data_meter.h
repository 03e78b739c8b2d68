/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The month's data: what is used, what is left, how long that lasts; in sentences. */
#ifndef EARSHOT_DATA_METER_H
#define EARSHOT_DATA_METER_H

#include "bridge/profile.h"

G_BEGIN_DECLS

/* Properties (read only, notify):
 *   sentence  string   "This month: 12 MB of 100 MB. At this pace that lasts until 23 Nov."; ""
 * while nothing was used and no budget is set warning   string   one translated sentence when
 * little is left; "" otherwise. Nothing is ever blocked for it low       boolean  there is a
 * warning */
#define EARSHOT_TYPE_DATA_METER (earshot_data_meter_get_type())
G_DECLARE_FINAL_TYPE(EarshotDataMeter, earshot_data_meter, EARSHOT, DATA_METER, GObject)

/* Follows the profile's calls and settings. */
EarshotDataMeter *earshot_data_meter_new(EarshotProfile *profile);
/* Time has gone on: it may be another month. */
void earshot_data_meter_refresh(EarshotDataMeter *meter);

/* Of one MB, as the settings say or their bundle; 0: not known. */
double earshot_data_price(EarshotSettings *settings);
/* What is kept for one urgent call, as "1.5 MB". */
char *earshot_data_reserve(void);

G_END_DECLS

#endif
