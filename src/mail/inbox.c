/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes from one person in one session: onto the disk first, then acknowledged. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mail/inside.h"

/* Echoes beside the pipe for each copy of an urgent message that comes so: at 95 % loss one in
 * twenty of them is heard. */
#define URGENT_ECHOES 10
/* Beyond what one person may have here at all: nobody fills a disk with them. */
#define URGENT_MORE 1000

static struct ear_message head_of(const struct ear_mail_label *label, uint32_t person,
                                  uint64_t size)
{
    struct ear_message head = {.serial = label->serial,
                               .person = person,
                               .direction = EAR_MESSAGE_IN,
                               .kind = (uint8_t)(label->what - 1),
                               .written_s = ear_min64(label->written_s, EAR_MESSAGE_WRITTEN_MAX),
                               .size = size,
                               .duration_ms = label->duration_ms};
    memcpy(head.mark, label->mark, sizeof head.mark);
    memcpy(head.name, label->name, sizeof label->name);
    return head;
}

/* What to tell about an error of the store. */
static enum ear_mail_fate fate_of(int r)
{
    switch (r) {
    case 0:
    case -EALREADY: /* deleted here since */
        return EAR_MAIL_ARRIVED;
    case -EMSGSIZE:
        return EAR_MAIL_TOO_LARGE;
    case -EDQUOT:
        return EAR_MAIL_NO_ROOM;
    case -ECANCELED: /* deleted before all of it was here */
    case -EINVAL:
    case -EILSEQ:
    case -EEXIST:
        return EAR_MAIL_UNWANTED;
    case -EBADMSG:
        return EAR_MAIL_BROKEN;
    default:
        return EAR_MAIL_LATER;
    }
}

/* Tells it, and gives back what is this side's trouble. */
static int answer(struct ear_mail_peer *peer, const uint8_t *mark, int r)
{
    ear_mail_answer_told(&peer->answers, mark, fate_of(r));
    return fate_of(r) == EAR_MAIL_LATER ? r : 0;
}

static int within_limits(const struct ear_mail *mail, const struct ear_mail_peer *peer,
                         const struct ear_message *head)
{
    const struct ear_mail_limits *limits = &mail->limits;
    uint64_t most = head->kind == EAR_MESSAGE_VOICE  ? limits->voice_bytes
                    : head->kind == EAR_MESSAGE_FILE ? limits->file_bytes
                                                     : limits->text_bytes;
    if (head->size > most)
        return -EMSGSIZE;
    if (head->kind == EAR_MESSAGE_URGENT) /* heard when all else is full */
        return peer->totals.count_in < limits->person_count + URGENT_MORE ? 0 : -EDQUOT;
    if (peer->totals.count_in >= limits->person_count ||
        peer->totals.promised_bytes + head->size > limits->person_bytes)
        return -EDQUOT;
    return 0;
}

/* Answers what is here already. Returns 1 when that was so, 0, or what the store says. */
static int is_here(struct ear_mail *mail, struct ear_mail_peer *peer, const uint8_t *mark,
                   struct ear_message *ret)
{
    int r = ear_messages_find(mail->store, peer->person, EAR_MESSAGE_IN, mark, ret);
    if (r == -ENOENT)
        return 0;
    if (r)
        return r;
    if (ret->state == EAR_MESSAGE_COMING)
        return 0;
    bool seen = ret->state == EAR_MESSAGE_SEEN && !mail->keeps_seen_secret;
    ear_mail_answer_told(&peer->answers, mark, seen ? EAR_MAIL_SEEN : EAR_MAIL_ARRIVED);
    return 1;
}

static void echo_urgent(struct ear_mail_peer *peer, const struct ear_mail_label *label)
{
    if (label->what != EAR_MAIL_URGENT)
        return;
    memcpy(peer->urgent_mark, label->mark, sizeof peer->urgent_mark);
    peer->urgent_echoes = URGENT_ECHOES;
}

static int keep_whole(struct ear_mail *mail, struct ear_mail_peer *peer,
                      const struct ear_mail_frame *frame, int64_t *ret_id)
{
    struct ear_message head = head_of(&frame->label, peer->person, frame->body_len);
    int r = within_limits(mail, peer, &head);
    if (r)
        return r;
    struct ear_bytes body = {frame->body, frame->body_len};
    ear_sodium_hash(head.hash, sizeof head.hash, NULL, 0, &body, 1);
    return ear_messages_receive(mail->store, &head, frame->body, frame->body_len, ret_id);
}

int ear_mail_inbox_whole(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_frame *frame)
{
    const uint8_t *mark = frame->label.mark;
    struct ear_message was;
    int64_t id = 0;
    int r = is_here(mail, peer, mark, &was);
    if (r == 0) {
        r = keep_whole(mail, peer, frame, &id);
        if (r == 0) {
            peer->totals.count_in++;
            peer->totals.promised_bytes += frame->body_len;
            ear_mail_tell(mail, EAR_MAIL_CAME, peer->person, id);
        }
        if (fate_of(r) == EAR_MAIL_ARRIVED)
            echo_urgent(peer, &frame->label);
        return answer(peer, mark, r);
    }
    if (r == 1)
        echo_urgent(peer, &frame->label);
    return r < 0 ? answer(peer, mark, r) : 0;
}

static void release(struct ear_mail_coming *coming)
{
    if (coming->kept)
        ear_sodium_wipe(coming->kept, EAR_MAIL_KEPT_BYTES);
    free(coming->kept);
    *coming = (struct ear_mail_coming){0};
}

/* What is held goes to disk. Returns 0 or what the store says: then it is lost, and to be sent
 * again. */
static int put_down(struct ear_mail *mail, struct ear_mail_coming *coming)
{
    if (coming->held == 0)
        return 0;
    int64_t end =
        ear_messages_append(mail->store, coming->id, coming->on_disk, coming->kept, coming->held);
    if (end < 0)
        return (int)end;
    coming->on_disk = (uint64_t)end;
    coming->held = 0;
    return 0;
}

static int finish(struct ear_mail *mail, struct ear_mail_peer *peer, struct ear_mail_coming *coming)
{
    int r = put_down(mail, coming);
    if (r == 0)
        r = ear_messages_finish_incoming(mail->store, coming->id);
    if (r == -EILSEQ && ear_messages_delete(mail->store, coming->id) != 0)
        r = -EIO;
    ear_mail_tell(mail, r == 0 ? EAR_MAIL_CAME : EAR_MAIL_COMES, peer->person, coming->id);
    r = answer(peer, coming->mark, r);
    release(coming);
    if (!ear_mail_inbox_moves(peer))
        peer->unkept = 0;
    return r;
}

static struct ear_mail_coming *find_serial(struct ear_mail_peer *peer, uint64_t serial)
{
    for (size_t i = 0; i < EAR_MAIL_COMINGS; i++)
        if (peer->comings[i].id && peer->comings[i].serial == serial)
            return &peer->comings[i];
    return NULL;
}

static struct ear_mail_coming *find_free(struct ear_mail_peer *peer)
{
    for (size_t i = 0; i < EAR_MAIL_COMINGS; i++)
        if (!peer->comings[i].id)
            return &peer->comings[i];
    return NULL;
}

static int open_coming(struct ear_mail *mail, struct ear_mail_peer *peer,
                       const struct ear_message *message)
{
    struct ear_mail_coming *coming = find_free(peer);
    uint8_t *kept = coming ? malloc(EAR_MAIL_KEPT_BYTES) : NULL;
    if (!kept)
        return -EBUSY;
    *coming = (struct ear_mail_coming){.id = message->id,
                                       .serial = message->serial,
                                       .size = message->size,
                                       .on_disk = message->have,
                                       .kept = kept};
    memcpy(coming->mark, message->mark, sizeof coming->mark);
    if (coming->on_disk == coming->size)
        return finish(mail, peer, coming);
    ear_mail_answer_hold(&peer->answers, coming->serial, coming->on_disk);
    ear_mail_tell(mail, EAR_MAIL_COMES, peer->person, coming->id);
    return 0;
}

/* Looks whether it may come at all. */
static int admit(struct ear_mail *mail, struct ear_mail_peer *peer, const struct ear_message *head,
                 bool is_new)
{
    int r = is_new ? within_limits(mail, peer, head) : 0;
    if (r || !is_new)
        return r;
    if (peer->totals.count_coming >= mail->limits.coming_count)
        return -EDQUOT;
    peer->totals.count_in++;
    peer->totals.count_coming++;
    peer->totals.promised_bytes += head->size;
    return 0;
}

int ear_mail_inbox_begin(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_frame *frame)
{
    const uint8_t *mark = frame->label.mark;
    struct ear_message head = head_of(&frame->label, peer->person, frame->size), was = {0};
    memcpy(head.hash, frame->hash, sizeof head.hash);
    struct ear_mail_coming *open = find_serial(peer, head.serial);
    if (open) { /* it is begun once more */
        (void)put_down(mail, open);
        release(open);
    }
    int r = is_here(mail, peer, mark, &was);
    if (r)
        return r < 0 ? answer(peer, mark, r) : 0;
    r = admit(mail, peer, &head, was.id == 0);
    if (r == 0)
        r = ear_messages_begin_incoming(mail->store, &head, &was);
    if (r)
        return answer(peer, mark, r);
    r = open_coming(mail, peer, &was);
    return r == -EBUSY ? answer(peer, mark, r) : r;
}

static int put_all_down(struct ear_mail *mail, struct ear_mail_peer *peer)
{
    int first = 0;
    peer->unkept = 0;
    for (size_t i = 0; i < EAR_MAIL_COMINGS; i++) {
        struct ear_mail_coming *coming = &peer->comings[i];
        if (!coming->id || coming->held == 0)
            continue;
        int r = put_down(mail, coming);
        if (r == 0) {
            ear_mail_answer_hold(&peer->answers, coming->serial, coming->on_disk);
            ear_mail_tell(mail, EAR_MAIL_COMES, peer->person, coming->id);
        } else {
            ear_mail_answer_told(&peer->answers, coming->mark, EAR_MAIL_LATER);
            release(coming);
            first = first ? first : r;
        }
    }
    return first;
}

int ear_mail_inbox_piece(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_frame *frame)
{
    struct ear_mail_coming *coming = find_serial(peer, frame->piece.serial);
    if (!coming)
        return 0; /* of one that was refused, deleted, or is begun anew */
    uint64_t end = coming->on_disk + coming->held;
    uint64_t from = frame->piece.offset, to = from + frame->body_len;
    if (from > end || to > coming->size)
        return -EBADMSG;
    if (to <= end)
        return 0; /* once more */
    size_t len = (size_t)(to - end);
    memcpy(coming->kept + coming->held, frame->body + (end - from), len);
    coming->held += len;
    peer->unkept++;
    if (to == coming->size)
        return finish(mail, peer, coming);
    return peer->unkept >= EAR_MAIL_KEPT_PIECES ? put_all_down(mail, peer) : 0;
}

void ear_mail_inbox_remove(struct ear_mail_peer *peer, int64_t id)
{
    for (size_t i = 0; i < EAR_MAIL_COMINGS; i++)
        if (peer->comings[i].id == id) {
            ear_mail_answer_told(&peer->answers, peer->comings[i].mark, EAR_MAIL_UNWANTED);
            release(&peer->comings[i]);
        }
}

int ear_mail_inbox_drop(struct ear_mail *mail, struct ear_mail_peer *peer, const uint8_t *mark)
{
    struct ear_message was;
    int r = ear_messages_find(mail->store, peer->person, EAR_MESSAGE_IN, mark, &was);
    if (r == -ENOENT || (r == 0 && was.state != EAR_MESSAGE_COMING))
        return 0;
    if (r)
        return r;
    struct ear_mail_coming *coming = find_serial(peer, was.serial);
    if (coming && coming->id == was.id)
        release(coming);
    r = ear_messages_delete(mail->store, was.id);
    ear_mail_tell(mail, EAR_MAIL_COMES, peer->person, was.id);
    return r;
}

void ear_mail_inbox_close(struct ear_mail *mail, struct ear_mail_peer *peer)
{
    for (size_t i = 0; i < EAR_MAIL_COMINGS; i++) {
        if (peer->comings[i].id)
            (void)put_down(mail, &peer->comings[i]);
        release(&peer->comings[i]);
    }
}

bool ear_mail_inbox_moves(const struct ear_mail_peer *peer)
{
    for (size_t i = 0; i < EAR_MAIL_COMINGS; i++)
        if (peer->comings[i].id)
            return true;
    return false;
}
