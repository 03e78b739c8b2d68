/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes to one person in one session: which message is next, and how far each one is. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mail/inside.h"

/* Known at once; the others are read when half of these are gone. */
#define ITEMS_MAX 4096
#define BATCH 16
/* Frames that no HOLD or TOLD answered, at most: 64 kbit/s at 1.2 s round trip are 30. The other
 * side tells every EAR_MAIL_KEPT_PIECES. */
#define AWAITED_MAX 60
/* WHOLE ones of these: what is lost to somebody whose program takes no mail. */
#define AWAITED_WHOLE_MAX 32
/* In pieces at most, of which so many are large: the smallest flows, and what a person writes
 * meanwhile always finds a place. */
#define OPEN_MAX 8
#define OPEN_LARGE 2
#define OPEN_LARGE_MAX 4
#define LARGE_BYTES 16384
/* The pipe repeats by itself. Only a store that could not answer is asked again; doubled each time,
 * up to 24 minutes. */
#define ASK_AGAIN_US (90 * (int64_t)EAR_US_PER_S)
#define ASK_AGAIN_DOUBLINGS 4
#define BROKEN_TRIES 3
#define SEEN_BATCH 32
/* Of a BEGIN, behind its label. */
#define BEGIN_BYTES (4 + EAR_MAIL_HASH_BYTES)

static_assert(EAR_MESSAGE_TEXT + 1 == EAR_MAIL_TEXT && EAR_MESSAGE_VOICE + 1 == EAR_MAIL_VOICE &&
                  EAR_MESSAGE_FILE + 1 == EAR_MAIL_FILE &&
                  EAR_MESSAGE_URGENT + 1 == EAR_MAIL_URGENT,
              "kinds on disk and on the wire");

static struct ear_mail_label label_of(const struct ear_message *message)
{
    struct ear_mail_label label = {.serial = message->serial,
                                   .what = (enum ear_mail_what)(message->kind + 1),
                                   .written_s = ear_max64(0, message->written_s),
                                   .duration_ms = message->duration_ms};
    memcpy(label.mark, message->mark, sizeof label.mark);
    size_t len = strnlen(message->name, EAR_MAIL_NAME_MAX);
    /* Not in the middle of a character. */
    while (len > 0 && len < strlen(message->name) && ((uint8_t)message->name[len] & 0xc0) == 0x80)
        len--;
    memcpy(label.name, message->name, len);
    if (message->kind == EAR_MESSAGE_FILE && !ear_mail_name_is_valid(label.name, len))
        strcpy(label.name, "file");
    return label;
}

static struct ear_mail_item item_of(const struct ear_message *message)
{
    struct ear_mail_label label = label_of(message);
    struct ear_mail_item item = {.id = message->id,
                                 .serial = message->serial,
                                 .size = message->size,
                                 .kind = (enum ear_message_kind)message->kind,
                                 .label_bytes =
                                     EAR_MAIL_FRAME_MAX - 1 - ear_mail_frame_room(&label),
                                 .is_short = message->size <= ear_mail_frame_room(&label)};
    memcpy(item.mark, message->mark, sizeof item.mark);
    return item;
}

/* The item with this id, looked for from *at on: both lists go up by serial. */
static const struct ear_mail_item *known(const struct ear_mail_outbox *outbox, uint64_t serial,
                                         size_t *at)
{
    while (*at < outbox->count && outbox->items[*at].serial < serial)
        (*at)++;
    return *at < outbox->count && outbox->items[*at].serial == serial ? &outbox->items[*at] : NULL;
}

int ear_mail_outbox_load(struct ear_mail *mail, struct ear_mail_peer *peer)
{
    struct ear_mail_outbox *outbox = &peer->outbox;
    struct ear_message batch[BATCH];
    struct ear_mail_item *items = NULL;
    size_t count = 0, cap = 0, at = 0;
    uint64_t above = 0;
    int n;
    do {
        n = ear_messages_outgoing(mail->store, peer->person, above, batch, BATCH);
        if (n > 0 && count + BATCH > cap) {
            cap = 2 * cap + BATCH;
            struct ear_mail_item *more = realloc(items, cap * sizeof *items);
            if (!more)
                n = -ENOMEM;
            else
                items = more;
        }
        for (int i = 0; i < n; i++) {
            const struct ear_mail_item *was = known(outbox, batch[i].serial, &at);
            items[count++] = was && was->id == batch[i].id ? *was : item_of(&batch[i]);
            above = batch[i].serial;
        }
    } while (n == BATCH && count < ITEMS_MAX);
    if (n < 0) {
        free(items);
        return n;
    }
    free(outbox->items);
    outbox->items = items;
    outbox->count = count;
    outbox->more = n == BATCH;
    return 0;
}

static void requeue(struct ear_mail_item *item)
{
    item->stage = EAR_MAIL_QUEUED;
    item->unheld = 0;
}

void ear_mail_outbox_restart(struct ear_mail_outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++) {
        requeue(&outbox->items[i]);
        outbox->items[i].tries = 0;
    }
}

void ear_mail_outbox_clear(struct ear_mail_outbox *outbox)
{
    free(outbox->items);
    ear_sodium_wipe(outbox->ahead, sizeof outbox->ahead);
    *outbox = (struct ear_mail_outbox){0};
}

void ear_mail_outbox_load_seen(struct ear_mail *mail, struct ear_mail_peer *peer)
{
    struct ear_message seen[SEEN_BATCH];
    int n = ear_messages_seen_untold(mail->store, peer->person, seen, SEEN_BATCH);
    for (int i = 0; i < n; i++)
        if (mail->keeps_seen_secret)
            n = ear_messages_set_seen_told(mail->store, seen[i].id) == 0 ? n : 0;
        else
            ear_mail_answer_told(&peer->answers, seen[i].mark, EAR_MAIL_SEEN);
}

static bool is_awaited(const struct ear_mail_item *item)
{
    return item->stage == EAR_MAIL_AWAITS || item->stage == EAR_MAIL_BEGUN ||
           item->stage == EAR_MAIL_LEFT;
}

/* Somebody who does not answer is asked about one message alone. */
static bool is_asked_again(const struct ear_mail_outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++)
        if (is_awaited(&outbox->items[i]) && outbox->items[i].tries > 0)
            return true;
    return false;
}

/* When this one is tried again. */
static int64_t again_us(const struct ear_mail_item *item, bool asked_again)
{
    bool waits =
        item->stage == EAR_MAIL_PARKED || (is_awaited(item) && (item->tries > 0 || !asked_again));
    if (!waits)
        return INT64_MAX;
    unsigned doublings = item->tries < ASK_AGAIN_DOUBLINGS ? item->tries : ASK_AGAIN_DOUBLINGS;
    return item->left_us + (ASK_AGAIN_US << doublings);
}

int64_t ear_mail_outbox_due_us(const struct ear_mail_outbox *outbox)
{
    int64_t due_us = INT64_MAX;
    bool asked_again = is_asked_again(outbox);
    for (size_t i = 0; i < outbox->count; i++)
        due_us = ear_min64(due_us, again_us(&outbox->items[i], asked_again));
    return due_us;
}

bool ear_mail_outbox_moves(const struct ear_mail_outbox *outbox)
{
    bool silent = is_asked_again(outbox);
    for (size_t i = 0; i < outbox->count; i++) {
        const struct ear_mail_item *item = &outbox->items[i];
        if (item->stage == EAR_MAIL_FLOWS || (item->stage != EAR_MAIL_PARKED && !silent))
            return true;
    }
    return false;
}

static void remove_item(struct ear_mail_outbox *outbox, struct ear_mail_item *item)
{
    size_t behind = (size_t)(outbox->items + outbox->count - item) - 1;
    memmove(item, item + 1, behind * sizeof *item);
    outbox->count--;
}

void ear_mail_outbox_remove(struct ear_mail_peer *peer, int64_t id)
{
    struct ear_mail_outbox *outbox = &peer->outbox;
    for (size_t i = 0; i < outbox->count; i++) {
        struct ear_mail_item *item = &outbox->items[i];
        if (item->id != id)
            continue;
        if (item->stage != EAR_MAIL_QUEUED && item->stage != EAR_MAIL_AWAITS)
            ear_mail_answer_drop(&peer->answers, item->mark);
        remove_item(outbox, item);
        return;
    }
}

/* One whose time has come goes back into the queue. */
static void ask_again(struct ear_mail_outbox *outbox, int64_t now_us)
{
    bool asked_again = is_asked_again(outbox);
    for (size_t i = 0; i < outbox->count; i++) {
        struct ear_mail_item *item = &outbox->items[i];
        if (again_us(item, asked_again) > now_us)
            continue;
        asked_again = asked_again || item->stage != EAR_MAIL_PARKED;
        requeue(item);
        item->tries++;
    }
}

/* An answer to a second try tells that none will come to what left before it. */
static void answered(struct ear_mail_outbox *outbox, struct ear_mail_item *item)
{
    if (item->tries == 0 || !is_awaited(item))
        return;
    for (size_t i = 0; i < outbox->count; i++)
        if (is_awaited(&outbox->items[i]) && outbox->items[i].left_us < item->left_us)
            requeue(&outbox->items[i]);
    item->tries = 0;
}

struct tally {
    size_t cap;
    size_t awaited, whole, open, large;
    uint64_t least_left; /* of the large ones that are open */
};

static struct tally count_open(const struct ear_mail_outbox *outbox, size_t cap)
{
    struct tally tally = {.cap = cap, .least_left = UINT64_MAX};
    for (size_t i = 0; i < outbox->count; i++) {
        const struct ear_mail_item *item = &outbox->items[i];
        if (item->stage == EAR_MAIL_AWAITS)
            tally.whole++;
        tally.awaited += item->unheld + (item->stage == EAR_MAIL_AWAITS);
        if (item->stage != EAR_MAIL_BEGUN && item->stage != EAR_MAIL_FLOWS &&
            item->stage != EAR_MAIL_LEFT)
            continue;
        tally.open++;
        if (item->size <= LARGE_BYTES)
            continue;
        tally.large++;
        if (item->size - item->at < tally.least_left)
            tally.least_left = item->size - item->at;
    }
    return tally;
}

static bool fits(const struct ear_mail_item *item, size_t cap)
{
    return item->is_short && 1 + item->label_bytes + item->size <= cap;
}

static bool may_begin(const struct ear_mail_item *item, const struct tally *tally)
{
    if (fits(item, tally->cap))
        return tally->whole < AWAITED_WHOLE_MAX;
    if (tally->open >= OPEN_MAX || item->kind == EAR_MESSAGE_URGENT ||
        1 + item->label_bytes + BEGIN_BYTES > tally->cap)
        return false;
    return item->size <= LARGE_BYTES || tally->large < OPEN_LARGE ||
           (tally->large < OPEN_LARGE_MAX && item->size < tally->least_left);
}

static bool may_go(const struct ear_mail_item *item, const struct tally *tally)
{
    if (tally->awaited >= AWAITED_MAX)
        return false;
    return item->stage == EAR_MAIL_FLOWS ||
           (item->stage == EAR_MAIL_QUEUED && may_begin(item, tally));
}

/* Urgent ones, then short ones, each as they were written; then what begins, for that costs one
 * frame and an answer; then the smallest. */
static bool goes_before(const struct ear_mail_item *a, const struct ear_mail_item *b)
{
    bool a_urgent = a->kind == EAR_MESSAGE_URGENT, b_urgent = b->kind == EAR_MESSAGE_URGENT;
    bool a_begins = a->stage == EAR_MAIL_QUEUED, b_begins = b->stage == EAR_MAIL_QUEUED;
    if (a_urgent != b_urgent)
        return a_urgent;
    if (a->is_short != b->is_short)
        return a->is_short;
    if (a_begins != b_begins)
        return a_begins;
    return !a->is_short && a->size - a->at < b->size - b->at;
}

static struct ear_mail_item *choose(struct ear_mail_outbox *outbox, size_t cap)
{
    struct tally tally = count_open(outbox, cap);
    struct ear_mail_item *best = NULL;
    for (size_t i = 0; i < outbox->count; i++) {
        struct ear_mail_item *item = &outbox->items[i];
        if (may_go(item, &tally) && (!best || goes_before(item, best)))
            best = item;
    }
    return best;
}

/* Builds a WHOLE. Returns its length or what the store says. */
static int64_t build_whole(struct ear_mail *mail, int64_t id, uint8_t *out, size_t cap)
{
    struct ear_message message;
    uint8_t body[EAR_MAIL_FRAME_MAX];
    int r = ear_messages_with_id(mail->store, id, &message);
    int64_t len = r ? r : ear_messages_read(mail->store, id, 0, body, sizeof body);
    if (len < 0)
        return len;
    struct ear_mail_frame frame = {
        .kind = EAR_MAIL_WHOLE, .label = label_of(&message), .body = body, .body_len = (size_t)len};
    len = (int64_t)ear_mail_frame_build(&frame, out, cap);
    ear_sodium_wipe(body, sizeof body);
    ear_sodium_wipe(&message, sizeof message);
    return len > 0 ? len : -EBADMSG;
}

static int64_t build_begin(struct ear_mail *mail, const struct ear_mail_item *item, uint8_t *out,
                           size_t cap)
{
    struct ear_message message;
    int r = ear_messages_with_id(mail->store, item->id, &message);
    if (r)
        return r;
    struct ear_mail_frame frame = {
        .kind = EAR_MAIL_BEGIN, .label = label_of(&message), .size = (uint32_t)message.size};
    memcpy(frame.hash, message.hash, sizeof frame.hash);
    return (int64_t)ear_mail_frame_build(&frame, out, cap);
}

/* Makes sure that the next piece has been read. Returns its bytes or what the store says. */
static int64_t read_ahead(struct ear_mail *mail, struct ear_mail_outbox *outbox,
                          const struct ear_mail_item *item, size_t most)
{
    uint64_t end = outbox->ahead_from + outbox->ahead_len;
    uint64_t wanted = item->size - item->at;
    if (wanted > most)
        wanted = most;
    if (outbox->ahead_id == item->id && item->at >= outbox->ahead_from && item->at + wanted <= end)
        return (int64_t)wanted;
    int64_t n =
        ear_messages_read(mail->store, item->id, item->at, outbox->ahead, sizeof outbox->ahead);
    outbox->ahead_id = n > 0 ? item->id : 0;
    outbox->ahead_from = item->at;
    outbox->ahead_len = n > 0 ? (size_t)n : 0;
    if (n == 0)
        return -EBADMSG; /* shorter than it says */
    return n > 0 ? ear_min64(n, (int64_t)wanted) : n;
}

static int64_t build_piece(struct ear_mail *mail, struct ear_mail_outbox *outbox,
                           struct ear_mail_item *item, uint8_t *out, size_t cap)
{
    int64_t len = read_ahead(mail, outbox, item, cap - EAR_MAIL_PIECE_BYTES);
    if (len < 0)
        return len;
    struct ear_mail_frame frame = {.kind = EAR_MAIL_PIECE,
                                   .body = outbox->ahead + (item->at - outbox->ahead_from),
                                   .body_len = (size_t)len};
    frame.piece = (struct ear_mail_hold){.serial = item->serial, .offset = (uint32_t)item->at};
    item->at += (uint64_t)len;
    item->unheld++;
    return (int64_t)ear_mail_frame_build(&frame, out, cap);
}

/* All of it has left. */
static void has_left(struct ear_mail *mail, struct ear_mail_peer *peer,
                     const struct ear_mail_item *i)
{
    if (ear_messages_set_state(mail->store, i->id, EAR_MESSAGE_SENT, EAR_MESSAGE_NO_REASON) == 0)
        ear_mail_tell(mail, EAR_MAIL_WENT, peer->person, i->id);
}

static int64_t build(struct ear_mail *mail, struct ear_mail_peer *peer, struct ear_mail_item *item,
                     uint8_t *out, size_t cap)
{
    int64_t len;
    if (item->stage == EAR_MAIL_FLOWS) {
        len = build_piece(mail, &peer->outbox, item, out, cap);
        if (len > 0 && item->at == item->size)
            item->stage = EAR_MAIL_LEFT;
    } else if (fits(item, cap)) {
        len = build_whole(mail, item->id, out, cap);
        item->stage = EAR_MAIL_AWAITS;
    } else {
        len = build_begin(mail, item, out, cap);
        item->stage = EAR_MAIL_BEGUN;
    }
    if (len > 0 && (item->stage == EAR_MAIL_AWAITS || item->stage == EAR_MAIL_LEFT))
        has_left(mail, peer, item);
    return len;
}

size_t ear_mail_outbox_next(struct ear_mail *mail, struct ear_mail_peer *peer, uint8_t *out,
                            size_t cap, int64_t now_us)
{
    struct ear_mail_outbox *outbox = &peer->outbox;
    if (outbox->more && outbox->count < ITEMS_MAX / 2)
        outbox->more = ear_mail_outbox_load(mail, peer) == 0 && outbox->more;
    ask_again(outbox, now_us);
    struct ear_mail_item *item;
    while ((item = choose(outbox, cap))) {
        int64_t len = build(mail, peer, item, out, cap);
        item->left_us = now_us;
        if (len > 0)
            return (size_t)len;
        if (len == -ENOENT) {
            remove_item(outbox, item);
        } else { /* the disk cannot be read now */
            item->stage = EAR_MAIL_PARKED;
            item->tries++;
        }
    }
    return 0;
}

size_t ear_mail_outbox_urgent(struct ear_mail *mail, struct ear_mail_peer *peer, uint8_t *out,
                              size_t cap)
{
    struct ear_mail_outbox *outbox = &peer->outbox;
    for (size_t i = 0; i < outbox->count; i++) {
        struct ear_mail_item *item = &outbox->items[outbox->urgent_at++ % outbox->count];
        if (item->kind != EAR_MESSAGE_URGENT || !fits(item, cap))
            continue;
        return ear_mail_outbox_whole(mail, item->id, out, cap);
    }
    return 0;
}

size_t ear_mail_outbox_whole(struct ear_mail *mail, int64_t id, uint8_t *out, size_t cap)
{
    int64_t len = build_whole(mail, id, out, cap);
    return len > 0 ? (size_t)len : 0;
}

static struct ear_mail_item *find_mark(struct ear_mail_outbox *outbox, const uint8_t *mark)
{
    for (size_t i = 0; i < outbox->count; i++)
        if (memcmp(outbox->items[i].mark, mark, EAR_MAIL_MARK_BYTES) == 0)
            return &outbox->items[i];
    return NULL;
}

/* One that is not waited for: they have seen it, or say a second time that it arrived. */
static int told_later(struct ear_mail *mail, struct ear_mail_peer *peer,
                      const struct ear_mail_told *told)
{
    if (told->fate != EAR_MAIL_ARRIVED && told->fate != EAR_MAIL_SEEN)
        return 0;
    bool seen = told->fate == EAR_MAIL_SEEN;
    struct ear_message message;
    int r = ear_messages_find(mail->store, peer->person, EAR_MESSAGE_OUT, told->mark, &message);
    if (r == 0) {
        r = ear_messages_set_state(mail->store, message.id,
                                   seen ? EAR_MESSAGE_SEEN : EAR_MESSAGE_ARRIVED,
                                   EAR_MESSAGE_NO_REASON);
        ear_mail_tell(mail, EAR_MAIL_WENT, peer->person, message.id);
    }
    ear_sodium_wipe(&message, sizeof message);
    if (seen && (r == 0 || r == -ENOENT || r == -EPERM))
        ear_mail_answer_noted(&peer->answers, told->mark);
    return r == -ENOENT || r == -EPERM ? 0 : r;
}

static int refused(struct ear_mail *mail, struct ear_mail_peer *peer, struct ear_mail_item *item,
                   enum ear_mail_fate fate)
{
    enum ear_message_reason reason = fate == EAR_MAIL_TOO_LARGE  ? EAR_MESSAGE_TOO_LARGE
                                     : fate == EAR_MAIL_NO_ROOM  ? EAR_MESSAGE_NO_ROOM
                                     : fate == EAR_MAIL_UNWANTED ? EAR_MESSAGE_UNWANTED
                                                                 : EAR_MESSAGE_NO_REASON;
    int r = ear_messages_set_state(mail->store, item->id, EAR_MESSAGE_FAILED, reason);
    ear_mail_tell(mail, EAR_MAIL_WENT, peer->person, item->id);
    remove_item(&peer->outbox, item);
    return r;
}

int ear_mail_outbox_told(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_told *told, int64_t now_us)
{
    struct ear_mail_item *item = find_mark(&peer->outbox, told->mark);
    if (!item)
        return told_later(mail, peer, told);
    unsigned tries = item->tries;
    answered(&peer->outbox, item);
    switch (told->fate) {
    case EAR_MAIL_ARRIVED:
    case EAR_MAIL_SEEN:
        remove_item(&peer->outbox, item);
        return told_later(mail, peer, told);
    case EAR_MAIL_TOO_LARGE:
    case EAR_MAIL_NO_ROOM:
    case EAR_MAIL_UNWANTED:
        return refused(mail, peer, item, told->fate);
    case EAR_MAIL_BROKEN:
        if (++item->broken >= BROKEN_TRIES)
            return refused(mail, peer, item, told->fate);
        requeue(item);
        return 0;
    case EAR_MAIL_LATER:
        item->stage = EAR_MAIL_PARKED;
        item->left_us = now_us;
        item->unheld = 0;
        item->tries = tries + 1;
        return 0;
    }
    return 0;
}

int ear_mail_outbox_held(struct ear_mail *mail, struct ear_mail_peer *peer,
                         const struct ear_mail_hold *hold)
{
    struct ear_mail_outbox *outbox = &peer->outbox;
    struct ear_mail_item *item = NULL;
    for (size_t i = 0; i < outbox->count && !item; i++)
        if (outbox->items[i].serial == hold->serial)
            item = &outbox->items[i];
    if (!item || hold->offset > item->size)
        return 0;
    answered(outbox, item);
    if (item->stage == EAR_MAIL_BEGUN) {
        item->at = item->held = hold->offset;
        item->stage = item->at < item->size ? EAR_MAIL_FLOWS : EAR_MAIL_LEFT;
    }
    if (hold->offset > item->held && item->at > item->held) {
        double left = (double)(item->at - ear_min64(item->at, hold->offset));
        item->unheld = (size_t)ceil(left / (double)(item->at - item->held) * (double)item->unheld);
        item->held = hold->offset;
    }
    int r = ear_messages_note_have(mail->store, item->id, hold->offset);
    ear_mail_tell(mail, EAR_MAIL_WENT, peer->person, item->id);
    return r;
}
