/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call that was, as the history lists it. */
#ifndef EARSHOT_RECORD_H
#define EARSHOT_RECORD_H

#include <glib-object.h>

G_BEGIN_DECLS

/* Properties (read only):
 *   id           uint64     of the history, for notes
 *   person       uint       number of the person; 0 the Echo test
 *   name         string
 *   begin        GDateTime  local time
 *   seconds      uint       of talk
 *   bytes        int64      both ways, headers included
 *   gaps         uint       outages
 *   gap-seconds  uint
 *   outgoing     boolean
 *   missed       boolean    came in and nobody answered
 *   ending       string     one translated sentence
 *   call-back    string
 *   place        string */
#define EARSHOT_TYPE_RECORD (earshot_record_get_type())
G_DECLARE_FINAL_TYPE(EarshotRecord, earshot_record, EARSHOT, RECORD, GObject)

G_END_DECLS

#endif
