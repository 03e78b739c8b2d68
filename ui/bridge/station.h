/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind the call: socket, engine, threads, sound; one for the open profile. */
#ifndef EARSHOT_STATION_H
#define EARSHOT_STATION_H

#include "bridge/call.h"
#include "bridge/line_check.h"
#include "bridge/mail.h"
#include "bridge/privacy.h"
#include "bridge/sound_check.h"
#include "bridge/voice.h"

G_BEGIN_DECLS

/* Property: trouble (string): one translated sentence while calls cannot come in (port in use,
 * relay silent), "" otherwise. */
#define EARSHOT_TYPE_STATION (earshot_station_get_type())
G_DECLARE_FINAL_TYPE(EarshotStation, earshot_station, EARSHOT, STATION, GObject)

EarshotStation *earshot_station_new(EarshotProfile *profile, GError **error);
EarshotCall *earshot_station_get_call(EarshotStation *station);
EarshotProfile *earshot_station_get_profile(EarshotStation *station);
EarshotMail *earshot_station_get_mail(EarshotStation *station);
EarshotPrivacy *earshot_station_get_privacy(EarshotStation *station);
/* Voice messages: recorded and played, never in a call. */
EarshotVoice *earshot_station_get_voice(EarshotStation *station);
/* Hear yourself; one at a time, never in a call. */
EarshotSoundCheck *earshot_station_get_sound_check(EarshotStation *station);
/* Will a talk work now? Never in a call. */
EarshotLineCheck *earshot_station_get_line_check(EarshotStation *station);
/* Names of cards, looked up on the worker: "cards-changed" is emitted when they are there or other.
 * NULL-terminated, borrowed until then. */
void earshot_station_look_for_cards(EarshotStation *station);
const char *const *earshot_station_get_microphones(EarshotStation *station);
const char *const *earshot_station_get_loudspeakers(EarshotStation *station);
/* A report for those who help: versions, devices, figures; no names, no content. */
char *earshot_station_support_report(EarshotStation *station);
/* Ends calls, threads and sound before the program ends. */
void earshot_station_stop(EarshotStation *station);

G_END_DECLS

#endif
