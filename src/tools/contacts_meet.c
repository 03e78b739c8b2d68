/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the relays that invites name to the meetings that an engine goes to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port/udp.h"
#include "tools/contacts.h"
#include "tools/options.h"

/* A name that was not found may be, once there is a connection. */
#define LOOK_AGAIN_US (30 * (int64_t)EAR_US_PER_S)

size_t ear_contacts_addresses(const struct ear_contacts *contacts, uint32_t guest,
                              struct ear_address *ret, size_t cap)
{
    const struct ear_person *person = ear_people_numbered(contacts->household.people, guest);
    char error[256];
    struct ear_places places = {0};
    size_t count = 0;
    if (person)
        ear_person_places(person, &places);
    for (size_t i = 0; i < places.count && count < cap; i++)
        count += ear_udp_resolve(places.at[i].text, &ret[count], error, sizeof error) == 0;
    return count;
}

static struct ear_contacts_relay *find_relay(struct ear_contacts *contacts,
                                             const struct ear_place *place)
{
    for (size_t i = 0; i < contacts->relay_count; i++)
        if (strcmp(contacts->relays[i].place.text, place->text) == 0)
            return &contacts->relays[i];
    return NULL;
}

static void look_up_relay(struct ear_contacts *contacts, const struct ear_place *place)
{
    char error[256];
    if (find_relay(contacts, place) || contacts->relay_count == EAR_COUNT(contacts->relays))
        return;
    struct ear_contacts_relay *relay = &contacts->relays[contacts->relay_count++];
    *relay = (struct ear_contacts_relay){.place = *place};
    if (ear_udp_resolve(place->text, &relay->address, error, sizeof error) < 0)
        ear_complain("The relay at %s: %s", place->text, error);
}

void ear_contacts_look_up(struct ear_contacts *contacts, uint32_t guest)
{
    const struct ear_people *people = contacts->household.people;
    size_t count = ear_people_count(people);
    free(contacts->wanted);
    contacts->wanted_count = 0;
    contacts->wanted =
        calloc(count ? count : 1, EAR_PERSON_MEETINGS_MAX * sizeof *contacts->wanted);
    for (size_t i = 0; contacts->wanted && i < count; i++) {
        const struct ear_person *person = ear_people_at(people, i);
        if (guest == 0 || person->guest.number == guest)
            contacts->wanted_count +=
                ear_person_meetings(person, contacts->household.identity.static_public,
                                    contacts->wanted + contacts->wanted_count);
    }
    for (size_t i = 0; i < contacts->wanted_count; i++)
        look_up_relay(contacts, &contacts->wanted[i].relay);
}

bool ear_contacts_want_v6(const struct ear_contacts *contacts)
{
    for (size_t i = 0; i < contacts->relay_count; i++)
        if (ear_address_is_v6(&contacts->relays[i].address))
            return true;
    return false;
}

/* Whether there is a way to the relay from our socket. */
static bool fit(struct ear_contacts_relay *relay, const struct ear_address *at)
{
    if (relay->address.len == 0)
        return false;
    if (ear_address_fit(&relay->address, at))
        return true;
    ear_complain("The relay at %s is reached by IPv6 alone, and you listen at an address of IPv4: "
                 "give --bind [::]:PORT.",
                 relay->place.text);
    relay->address.len = 0;
    return false;
}

static void add_meetings(struct ear_contacts *contacts, const struct ear_contacts_relay *relay)
{
    for (size_t i = 0; i < contacts->wanted_count; i++) {
        const struct ear_person_meeting *wanted = &contacts->wanted[i];
        if (strcmp(wanted->relay.text, relay->place.text) == 0 &&
            contacts->meeting_count < EAR_COUNT(contacts->meetings))
            contacts->meetings[contacts->meeting_count++] = ear_meeting_at(wanted, &relay->address);
    }
}

void ear_contacts_meet(struct ear_contacts *contacts, const struct ear_address *at)
{
    contacts->meeting_count = 0;
    for (size_t i = 0; i < contacts->relay_count; i++)
        if (fit(&contacts->relays[i], at))
            add_meetings(contacts, &contacts->relays[i]);
}

void ear_contacts_look_again(struct ear_contacts *contacts, const struct ear_address *at,
                             struct ear_engine *engine, int64_t now_us)
{
    char error[256];
    if (contacts->looked_us == 0)
        contacts->looked_us = now_us;
    if (now_us - contacts->looked_us < LOOK_AGAIN_US)
        return;
    contacts->looked_us = now_us;
    for (size_t i = 0; i < contacts->relay_count; i++) {
        struct ear_contacts_relay *relay = &contacts->relays[i];
        size_t before = contacts->meeting_count;
        if (relay->address.len > 0 ||
            ear_udp_resolve(relay->place.text, &relay->address, error, sizeof error) < 0 ||
            !ear_address_fit(&relay->address, at))
            continue;
        add_meetings(contacts, relay);
        for (; before < contacts->meeting_count; before++)
            (void)ear_engine_update_meeting(
                engine, &(struct ear_meeting_update){.meeting = contacts->meetings[before]});
    }
}

const struct ear_contacts_relay *ear_contacts_hear_relay(struct ear_contacts *contacts,
                                                         const struct ear_event *event)
{
    for (size_t i = 0; i < contacts->relay_count; i++) {
        struct ear_contacts_relay *relay = &contacts->relays[i];
        if (!ear_address_equal(&relay->address, &event->relay))
            continue;
        relay->state = event->relay_state;
        return relay;
    }
    return NULL;
}
