/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the mail to the people. */
#include "bridge/unseen.h"

static void on_unseen_of(EarshotProfile *profile, guint number, guint count)
{
    EarshotPerson *person = earshot_profile_find(profile, number);
    if (person)
        g_object_set(person, "unseen", count, NULL);
}

void earshot_unseen_follow(EarshotProfile *profile, EarshotMail *mail)
{
    g_signal_connect_object(mail, "unseen-of", G_CALLBACK(on_unseen_of), profile,
                            G_CONNECT_SWAPPED);
    earshot_unseen_count(profile, mail);
}

void earshot_unseen_count(EarshotProfile *profile, EarshotMail *mail)
{
    GListModel *people = earshot_profile_get_people(profile);
    for (guint i = 0; i < g_list_model_get_n_items(people); i++) {
        g_autoptr(EarshotPerson) person = g_list_model_get_item(people, i);
        if (!earshot_person_is_echo(person))
            earshot_mail_count(mail, earshot_person_get_number(person));
    }
}
