/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions come and go, frames go in and out: the doors of mail.h. */
#include "mail/mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mail/inside.h"

/* All is told again so often at most, whoever asks: it is paid for. What is asked for sooner comes
 * when nothing was answered for a while. */
#define ANEW_US (30 * (int64_t)EAR_US_PER_S)

#define MB ((uint64_t)1000000)

/* A text is what the store takes, 40 pages; 10 minutes of voice at 12 kbit/s are 0.9 MB; a file of
 * 10 MB takes two hours at 12 kbit/s. Nobody fills a small disk of ours by himself. */
const struct ear_mail_limits ear_mail_limits_usual = {
    .text_bytes = 64 * 1024,
    .voice_bytes = 5 * MB,
    .file_bytes = 10 * MB,
    .person_bytes = 500 * MB,
    .person_count = 100000,
    .coming_count = 50,
};

int ear_mail_new(struct ear_mail **ret, const struct ear_mail_config *config)
{
    if (!config->store)
        return -EINVAL;
    struct ear_mail *mail = calloc(1, sizeof *mail);
    if (!mail)
        return -ENOMEM;
    mail->store = config->store;
    mail->keeps_seen_secret = config->keeps_seen_secret;
    static const struct ear_mail_limits none;
    bool given = memcmp(&config->limits, &none, sizeof none) != 0;
    mail->limits = given ? config->limits : ear_mail_limits_usual;
    (void)!ear_messages_settle(config->store); /* or with the next start */
    *ret = mail;
    return 0;
}

struct ear_mail_peer *ear_mail_find_peer(const struct ear_mail *mail, uint32_t person)
{
    struct ear_mail_peer *peer = mail->peers;
    while (peer && peer->person != person)
        peer = peer->next;
    return peer;
}

void ear_mail_down(struct ear_mail *mail, uint32_t person)
{
    struct ear_mail_peer **at = &mail->peers;
    while (*at && (*at)->person != person)
        at = &(*at)->next;
    struct ear_mail_peer *peer = *at;
    if (!peer)
        return;
    *at = peer->next;
    ear_mail_inbox_close(mail, peer);
    ear_mail_outbox_clear(&peer->outbox);
    free(peer);
}

void ear_mail_free(struct ear_mail *mail)
{
    while (mail && mail->peers)
        ear_mail_down(mail, mail->peers->person);
    free(mail);
}

int ear_mail_up(struct ear_mail *mail, uint32_t person, int64_t now_us)
{
    ear_mail_down(mail, person);
    struct ear_mail_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return -ENOMEM;
    peer->person = person;
    peer->anew_us = now_us;
    int r = ear_messages_totals(mail->store, person, &peer->totals);
    if (r == 0)
        r = ear_mail_outbox_load(mail, peer);
    if (r) {
        free(peer);
        return r;
    }
    ear_mail_outbox_load_seen(mail, peer);
    peer->next = mail->peers;
    mail->peers = peer;
    return 0;
}

void ear_mail_ready(struct ear_mail *mail, uint32_t person)
{
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    if (peer)
        peer->answers.ready = true;
}

static int take_noted(struct ear_mail *mail, struct ear_mail_peer *peer,
                      const struct ear_mail_frame *frame)
{
    int first = 0;
    for (size_t i = 0; i < frame->count; i++) {
        struct ear_message was;
        int r = ear_messages_find(mail->store, peer->person, EAR_MESSAGE_IN, frame->marks[i], &was);
        if (r == 0)
            r = ear_messages_set_seen_told(mail->store, was.id);
        if (r && r != -ENOENT && !first)
            first = r;
    }
    /* More than fits one frame of answers may have been seen. Where the disk does not take that it
     * was told, it is not told again and again. */
    if (!first && !ear_mail_answers_wait(&peer->answers))
        ear_mail_outbox_load_seen(mail, peer);
    return first;
}

/* Theirs is there only now, or once more: all that waits is told again. */
static void begin_anew(struct ear_mail *mail, struct ear_mail_peer *peer, int64_t now_us)
{
    if (now_us < peer->anew_us)
        return;
    peer->anew_us = now_us + ANEW_US;
    ear_mail_outbox_restart(&peer->outbox);
    ear_mail_inbox_close(mail, peer);
    memset(&peer->answers, 0, sizeof peer->answers);
    ear_mail_outbox_load_seen(mail, peer);
}

static int take_answers(struct ear_mail *mail, struct ear_mail_peer *peer,
                        const struct ear_mail_frame *frame, int64_t now_us)
{
    int first = 0;
    for (size_t i = 0; i < frame->count; i++) {
        int r = frame->kind == EAR_MAIL_HOLD
                    ? ear_mail_outbox_held(mail, peer, &frame->holds[i])
                    : ear_mail_outbox_told(mail, peer, &frame->tolds[i], now_us);
        first = first ? first : r;
    }
    return first;
}

int ear_mail_take(struct ear_mail *mail, uint32_t person, const uint8_t *data, size_t len,
                  int64_t now_us)
{
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    struct ear_mail_frame frame;
    int r = peer ? ear_mail_frame_parse(data, len, &frame) : -ENOTCONN;
    if (r)
        return r;
    switch (frame.kind) {
    case EAR_MAIL_READY:
        begin_anew(mail, peer, now_us);
        return 0;
    case EAR_MAIL_WHOLE:
        return ear_mail_inbox_whole(mail, peer, &frame);
    case EAR_MAIL_BEGIN:
        return ear_mail_inbox_begin(mail, peer, &frame);
    case EAR_MAIL_PIECE:
        return ear_mail_inbox_piece(mail, peer, &frame);
    case EAR_MAIL_HOLD:
    case EAR_MAIL_TOLD:
        return take_answers(mail, peer, &frame, now_us);
    case EAR_MAIL_NOTED:
        return take_noted(mail, peer, &frame);
    case EAR_MAIL_DROP:
        return ear_mail_inbox_drop(mail, peer, frame.marks[0]);
    }
    return -ENOTSUP;
}

size_t ear_mail_next(struct ear_mail *mail, uint32_t person, uint8_t *out, size_t cap,
                     int64_t now_us)
{
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    if (!peer || cap < EAR_MAIL_FRAME_LEAST)
        return 0;
    if (cap > EAR_MAIL_FRAME_MAX)
        cap = EAR_MAIL_FRAME_MAX;
    size_t len = ear_mail_answers_next(&peer->answers, out, cap);
    return len ? len : ear_mail_outbox_next(mail, peer, out, cap, now_us);
}

static size_t next_echo(struct ear_mail_peer *peer, uint8_t *out, size_t cap)
{
    if (peer->urgent_echoes == 0)
        return 0;
    peer->urgent_echoes--;
    struct ear_mail_frame frame = {.kind = EAR_MAIL_TOLD, .count = 1};
    frame.tolds[0].fate = EAR_MAIL_ARRIVED;
    memcpy(frame.tolds[0].mark, peer->urgent_mark, sizeof peer->urgent_mark);
    return ear_mail_frame_build(&frame, out, cap);
}

size_t ear_mail_urgent(struct ear_mail *mail, uint32_t person, uint8_t *out, size_t cap,
                       int64_t now_us)
{
    (void)now_us;
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    if (!peer || cap < EAR_MAIL_FRAME_LEAST)
        return 0;
    peer->urgent_turn = !peer->urgent_turn;
    size_t len = peer->urgent_turn ? next_echo(peer, out, cap) : 0;
    if (len == 0)
        len = ear_mail_outbox_urgent(mail, peer, out, cap);
    return len ? len : next_echo(peer, out, cap);
}

int64_t ear_mail_due_us(const struct ear_mail *mail, uint32_t person)
{
    const struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    return peer ? ear_mail_outbox_due_us(&peer->outbox) : INT64_MAX;
}

void ear_mail_posted(struct ear_mail *mail, uint32_t person)
{
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    if (peer && ear_mail_outbox_load(mail, peer) != 0)
        peer->outbox.more = true; /* with the next frame, or the next session */
}

int ear_mail_seen(struct ear_mail *mail, int64_t id)
{
    struct ear_message message;
    int r = ear_messages_with_id(mail->store, id, &message);
    if (r == 0)
        r = ear_messages_set_state(mail->store, id, EAR_MESSAGE_SEEN, EAR_MESSAGE_NO_REASON);
    if (r == 0 && mail->keeps_seen_secret)
        r = ear_messages_set_seen_told(mail->store, id);
    struct ear_mail_peer *peer = r == 0 ? ear_mail_find_peer(mail, message.person) : NULL;
    if (peer && !mail->keeps_seen_secret && !message.seen_told)
        ear_mail_answer_told(&peer->answers, message.mark, EAR_MAIL_SEEN);
    ear_sodium_wipe(&message, sizeof message);
    return r;
}

int ear_mail_delete(struct ear_mail *mail, int64_t id)
{
    struct ear_message message;
    int r = ear_messages_with_id(mail->store, id, &message);
    if (r)
        return r;
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, message.person);
    if (peer && message.direction == EAR_MESSAGE_OUT)
        ear_mail_outbox_remove(peer, id);
    else if (peer)
        ear_mail_inbox_remove(peer, id);
    ear_sodium_wipe(&message, sizeof message);
    return ear_messages_delete(mail->store, id);
}

int ear_mail_view(struct ear_mail *mail, uint32_t person, struct ear_mail_view *ret)
{
    struct ear_message_totals totals;
    struct ear_message one;
    int r = ear_messages_totals(mail->store, person, &totals);
    int seen = r ? r : ear_messages_seen_untold(mail->store, person, &one, 1);
    if (seen < 0)
        return seen;
    ear_sodium_wipe(&one, sizeof one);
    int urgent = ear_messages_urgent(mail->store, person, &one, 1);
    ear_sodium_wipe(&one, sizeof one);
    if (urgent < 0)
        return urgent;
    const struct ear_mail_peer *peer = ear_mail_find_peer(mail, person);
    *ret = (struct ear_mail_view){.waiting = totals.count_waiting + (uint64_t)seen,
                                  .bytes = totals.bytes_waiting,
                                  .urgent = urgent > 0};
    if (!peer)
        return 0;
    ret->moving = ear_mail_answers_wait(&peer->answers) || ear_mail_outbox_moves(&peer->outbox) ||
                  ear_mail_inbox_moves(peer);
    return 0;
}

void ear_mail_tell(struct ear_mail *mail, enum ear_mail_change change, uint32_t person, int64_t id)
{
    struct ear_mail_event *last = NULL;
    if (mail->event_count > 0)
        last = &mail->events[(mail->event_first + mail->event_count - 1) % EAR_MAIL_EVENTS];
    if (last && last->change == change && last->person == person && last->id == id)
        return;
    if (mail->event_count == EAR_MAIL_EVENTS) { /* all in one */
        mail->event_count = 1;
        mail->events[mail->event_first] = (struct ear_mail_event){.change = EAR_MAIL_REFRESH};
    }
    size_t at = (mail->event_first + mail->event_count++) % EAR_MAIL_EVENTS;
    mail->events[at] = (struct ear_mail_event){change, person, id};
}

bool ear_mail_event(struct ear_mail *mail, struct ear_mail_event *ret)
{
    if (mail->event_count == 0)
        return false;
    *ret = mail->events[mail->event_first];
    mail->event_first = (mail->event_first + 1) % EAR_MAIL_EVENTS;
    mail->event_count--;
    return true;
}
