/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How loud a voice is: a row of blocks that fills. */
#ifndef EARSHOT_LEVEL_METER_H
#define EARSHOT_LEVEL_METER_H

#include <adwaita.h>

G_BEGIN_DECLS

/* Property: level (double, 0 silence to 1 full, read-write). Whose voice it is says the accessible
 * label, to be set where it is used; how loud it is, is said in four words. */
#define EARSHOT_TYPE_LEVEL_METER (earshot_level_meter_get_type())
G_DECLARE_FINAL_TYPE(EarshotLevelMeter, earshot_level_meter, EARSHOT, LEVEL_METER, GtkWidget)

GtkWidget *earshot_level_meter_new(void);
void earshot_level_meter_set_level(EarshotLevelMeter *self, double level);

G_END_DECLS

#endif
