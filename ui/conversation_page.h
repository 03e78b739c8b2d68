/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that was written, said and sent between us and one person, and a line to write more. */
#ifndef EARSHOT_CONVERSATION_PAGE_H
#define EARSHOT_CONVERSATION_PAGE_H

#include <adwaita.h>

#include "bridge/station.h"

G_BEGIN_DECLS

#define EARSHOT_TYPE_CONVERSATION_PAGE (earshot_conversation_page_get_type())
G_DECLARE_FINAL_TYPE(EarshotConversationPage, earshot_conversation_page, EARSHOT, CONVERSATION_PAGE,
                     GtkBox)

GtkWidget *earshot_conversation_page_new(EarshotStation *station);
void earshot_conversation_page_set_person(EarshotConversationPage *page, EarshotPerson *person);
/* Begins to record a voice message for that person. */
void earshot_conversation_page_record(EarshotConversationPage *page);

G_END_DECLS

#endif
