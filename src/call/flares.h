/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Urgent messages without a session: each copy says all, whatever else the engine does. */
#ifndef EAR_FLARES_H
#define EAR_FLARES_H

#include "call/meetings.h"
#include "rx/receive.h"
#include "store/guests.h"
#include "tx/send.h"
#include "wire/door.h"
#include "wire/pipe.h"

/* At once: to so many people, from so many. */
#define EAR_FLARES_OUT 4
#define EAR_FLARES_IN 4
/* A new message 1 now and then, whose clock has risen: answers to the one before still count. */
#define EAR_FLARES_TRIES 2

struct ear_flares_try {
    bool on;
    bool cookie_welcome;
    struct ear_noise_state noise;
    size_t sealed_len;
    uint8_t mac1[EAR_MAC_BYTES]; /* of what was sent last */
    uint8_t message[EAR_FLARE_BYTES_MAX];
};

/* One that we send. */
struct ear_flares_out {
    uint32_t person; /* 0: free */
    uint16_t len;
    uint8_t said[EAR_FLARE_SAID_MAX];
    struct ear_flares_try tries[EAR_FLARES_TRIES]; /* the newest first */
    struct ear_cookie cookie;
    int64_t began_us, sent_us;
    uint32_t turn;
};

/* One that came. */
struct ear_flares_in {
    uint32_t person; /* 0: free */
    uint8_t digest[EAR_KEY_BYTES];
    struct ear_flare flare;
    struct ear_noise_state noise;
    struct ear_address from;
    int64_t came_us, handed_us;
    bool answered;
    uint8_t answer[EAR_FLARE_ANSWER_BYTES];
    int answers_left;
    int64_t answered_us;
};

/* All borrowed. */
struct ear_flares_parts {
    struct ear_door *door;
    struct ear_guests *guests;
    struct ear_meetings *meetings;
    struct ear_send *send;
    struct ear_chance chance;
    uint64_t (*stamp)(void *ctx); /* the next of our handshakes' */
    void *ctx;
};

/* thread: media. Nothing allocates. */
struct ear_flares {
    struct ear_flares_parts parts;
    struct ear_load tries; /* answers that were looked at in this second */
    struct ear_flares_out out[EAR_FLARES_OUT];
    struct ear_flares_in in[EAR_FLARES_IN];
};

/* What the mail is to know: a frame, an urgent message or what became of one. */
struct ear_flares_news {
    uint32_t person;
    size_t len;
    uint8_t data[EAR_FLARE_SAID_MAX];
};

void ear_flares_init(struct ear_flares *flares, const struct ear_flares_parts *parts);
/* Wipes. */
void ear_flares_fini(struct ear_flares *flares);

/* Sends one copy, to where the person was heard last (NULL: not known) or the first address, and
 * every second time one to another in turn: the caller sets the pace. Nothing for somebody who may
 * not be called. */
void ear_flares_send(struct ear_flares *flares, const struct ear_pipe_item *item,
                     const struct ear_address *heard, int64_t now_us);
/* A FLARE, FLARE_COOKIE or FLARE_ANSWER. accept: takes what others send. Returns true and the news;
 * a message is told again each second that copies of it come, until told says what became of it. */
bool ear_flares_take(struct ear_flares *flares, const struct ear_received *in, bool accept,
                     int64_t now_us, struct ear_flares_news *ret);
/* A COOKIE. Returns whether it was for one of ours. */
bool ear_flares_take_cookie(struct ear_flares *flares, const struct ear_bytes *datagram,
                            int64_t now_us);
/* What became of one that came: it is answered, and each copy that still comes. */
void ear_flares_told(struct ear_flares *flares, uint32_t person, const uint8_t *frame, size_t len,
                     int64_t now_us);
/* Says answers again, and forgets what is over. */
void ear_flares_step(struct ear_flares *flares, int64_t now_us);
/* Answers are to be said again. */
bool ear_flares_wait(const struct ear_flares *flares);

#endif
