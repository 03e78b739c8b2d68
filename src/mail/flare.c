/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Urgent messages apart from any session: they are in the store, and that is enough. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mail/inside.h"

/* So many are said by turns; the others wait until one of these is acknowledged. */
#define URGENT_MAX 4

size_t ear_mail_flare(struct ear_mail *mail, uint32_t person, uint8_t *out, size_t cap)
{
    struct ear_message waiting[URGENT_MAX];
    int count = ear_messages_urgent(mail->store, person, waiting, URGENT_MAX);
    size_t len = 0;
    if (count > 0)
        len =
            ear_mail_outbox_whole(mail, waiting[mail->flare_turn++ % (unsigned)count].id, out, cap);
    ear_sodium_wipe(waiting, sizeof waiting);
    return len;
}

/* What is to be told of a mark: nothing where it is only to come later, for then its sender would
 * pause. */
static size_t find_told(const struct ear_mail_answers *answers, const uint8_t *mark, uint8_t *out)
{
    struct ear_mail_frame frame = {.kind = EAR_MAIL_TOLD, .count = 1};
    for (size_t i = 0; i < answers->tolds; i++)
        if (memcmp(answers->told[i].mark, mark, EAR_MAIL_MARK_BYTES) == 0 &&
            answers->told[i].fate != EAR_MAIL_LATER) {
            frame.tolds[0] = answers->told[i];
            return ear_mail_frame_build(&frame, out, EAR_MAIL_FRAME_MAX);
        }
    return 0;
}

/* Without a session the other half of one is made up for as long as this takes. */
static int make_peer(struct ear_mail *mail, uint32_t person, struct ear_mail_peer **ret)
{
    struct ear_mail_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return -ENOMEM;
    peer->person = person;
    int r = ear_messages_totals(mail->store, person, &peer->totals);
    if (r == 0)
        r = ear_mail_outbox_load(mail, peer);
    if (r)
        free(peer);
    else
        *ret = peer;
    return r;
}

static int take(struct ear_mail *mail, struct ear_mail_peer *peer,
                const struct ear_mail_frame *frame, int64_t now_us, uint8_t *out, size_t *ret_len)
{
    if (frame->kind == EAR_MAIL_TOLD)
        return ear_mail_outbox_told(mail, peer, &frame->tolds[0], now_us);
    int r = ear_mail_inbox_whole(mail, peer, frame);
    *ret_len = find_told(&peer->answers, frame->label.mark, out);
    return r;
}

int ear_mail_take_flare(struct ear_mail *mail, uint32_t person, const uint8_t *data, size_t len,
                        int64_t now_us, uint8_t out[static EAR_MAIL_FRAME_MAX], size_t *ret_len)
{
    struct ear_mail_frame frame;
    struct ear_mail_peer *peer = ear_mail_find_peer(mail, person), *made = NULL;
    *ret_len = 0;
    int r = ear_mail_frame_parse(data, len, &frame);
    if (r)
        return r;
    if (!ear_mail_frame_is_urgent(data, len) && (frame.kind != EAR_MAIL_TOLD || frame.count != 1))
        return -EBADMSG;
    r = peer ? 0 : make_peer(mail, person, &made);
    if (r)
        return r;
    r = take(mail, peer ? peer : made, &frame, now_us, out, ret_len);
    if (made)
        ear_mail_outbox_clear(&made->outbox);
    free(made);
    return r;
}
