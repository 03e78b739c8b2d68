/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sound card is meant, and sentences for people where it cannot be had. */
#include "port/cardchoice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "port/cards.h"

static bool serves(const struct ear_device_info *card, bool plays)
{
    return (plays ? card->outputs : card->inputs) > 0;
}

/* The usual card, or the first that serves; -1: none. */
static int usual_card(bool plays)
{
    int found = -1;
    for (int i = ear_cards_count() - 1; i >= 0; i--) {
        struct ear_device_info card;
        ear_cards_info(i, &card);
        if (serves(&card, plays)) {
            found = i;
            if (plays ? card.usual_output : card.usual_input)
                return i;
        }
    }
    return found;
}

/* The card of that name, or the only one whose name has it as a part; -1: none, -2: several. */
static int named_card(const char *name, bool plays)
{
    int found = -1;
    for (int i = 0; i < ear_cards_count(); i++) {
        struct ear_device_info card;
        ear_cards_info(i, &card);
        if (!serves(&card, plays))
            continue;
        if (strcasecmp(card.name, name) == 0)
            return i;
        if (strcasestr(card.name, name))
            found = found == -1 ? i : -2;
    }
    return found;
}

static void list_names(bool plays, char *text, size_t bytes)
{
    size_t len = 0;
    text[0] = '\0';
    for (int i = 0; i < ear_cards_count(); i++) {
        struct ear_device_info card;
        ear_cards_info(i, &card);
        if (serves(&card, plays) && len < bytes)
            len += (size_t)snprintf(text + len, bytes - len, "%s%s", len ? ", " : "", card.name);
    }
}

/* Tells why no card fits. */
static void explain(const char *name, bool plays, bool several, char *error, size_t error_bytes)
{
    const char *what = plays ? "loudspeaker" : "microphone";
    const char *option = plays ? "--speaker" : "--mic";
    char names[512];
    list_names(plays, names, sizeof names);
    if (usual_card(false) < 0 && usual_card(true) < 0)
        snprintf(error, error_bytes,
                 "There is no sound card. Plug in a headset, or use --mic FILE.wav and --speaker "
                 "FILE.wav.");
    else if (names[0] == '\0')
        snprintf(error, error_bytes, "There is no %s. Plug in a headset, or use %s FILE.wav.", what,
                 option);
    else if (several)
        snprintf(error, error_bytes,
                 "Several sound cards have \"%s\" in their name; give more of it. There are: %s.",
                 name, names);
    else
        snprintf(error, error_bytes, "There is no %s called \"%s\". There are: %s.", what, name,
                 names);
}

int ear_cardchoice_pick(const char *name, bool plays, bool strict, char *error, size_t error_bytes)
{
    int card = name[0] ? named_card(name, plays) : usual_card(plays);
    if (card < 0 && strict)
        explain(name, plays, card == -2, error, error_bytes);
    else if (card < 0)
        card = usual_card(plays);
    return card < 0 ? -1 : card;
}

bool ear_cardchoice_is(int card, const char *name)
{
    struct ear_device_info info;
    ear_cards_info(card, &info);
    return strcasestr(info.name, name) != NULL;
}

void ear_cardchoice_explain(int card, bool plays, int rc, const char *why, char *error,
                            size_t error_bytes)
{
    struct ear_device_info info;
    ear_cards_info(card, &info);
    if (rc == -EBUSY)
        snprintf(error, error_bytes,
                 "The sound card \"%s\" is in use by another program. Close that program, or "
                 "choose another card with %s device:NAME.",
                 info.name, plays ? "--speaker" : "--mic");
    else
        snprintf(error, error_bytes,
                 "The sound card \"%s\" cannot be opened: %s. Choose another card with %s "
                 "device:NAME.",
                 info.name, why, plays ? "--speaker" : "--mic");
}
