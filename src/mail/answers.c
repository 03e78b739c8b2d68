/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of their messages, gathered into as few frames as hold it. */
#include <string.h>

#include "mail/inside.h"

void ear_mail_answer_told(struct ear_mail_answers *answers, const uint8_t *mark,
                          enum ear_mail_fate fate)
{
    if (answers->tolds == EAR_MAIL_ANSWERS)
        return;
    struct ear_mail_told *told = &answers->told[answers->tolds++];
    told->fate = fate;
    memcpy(told->mark, mark, sizeof told->mark);
}

void ear_mail_answer_hold(struct ear_mail_answers *answers, uint64_t serial, uint64_t offset)
{
    size_t i = 0;
    while (i < answers->holds && answers->hold[i].serial != serial)
        i++;
    if (i == EAR_MAIL_ANSWERS)
        return;
    answers->hold[i] = (struct ear_mail_hold){.serial = serial, .offset = (uint32_t)offset};
    if (i == answers->holds)
        answers->holds++;
}

static void add_mark(uint8_t (*marks)[EAR_MAIL_MARK_BYTES], size_t *count, const uint8_t *mark)
{
    if (*count < EAR_MAIL_ANSWERS)
        memcpy(marks[(*count)++], mark, EAR_MAIL_MARK_BYTES);
}

void ear_mail_answer_noted(struct ear_mail_answers *answers, const uint8_t *mark)
{
    add_mark(answers->noted, &answers->noteds, mark);
}

void ear_mail_answer_drop(struct ear_mail_answers *answers, const uint8_t *mark)
{
    add_mark(answers->drop, &answers->drops, mark);
}

bool ear_mail_answers_wait(const struct ear_mail_answers *answers)
{
    return answers->ready || answers->tolds || answers->holds || answers->noteds || answers->drops;
}

/* Moves the first entries of a list into a frame, at most so many. */
static void move(void *list, size_t *count, size_t entry_bytes, size_t most, void *ret,
                 size_t *ret_count)
{
    size_t moved = *count < most ? *count : most;
    memcpy(ret, list, moved * entry_bytes);
    *count -= moved;
    memmove(list, (uint8_t *)list + moved * entry_bytes, *count * entry_bytes);
    *ret_count = moved;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ear_mail_answers_next(struct ear_mail_answers *answers, uint8_t *out, size_t cap)
{
    struct ear_mail_frame frame = {0};
    if (answers->ready) {
        frame.kind = EAR_MAIL_READY;
        answers->ready = false;
    } else if (answers->tolds > 0) {
        frame.kind = EAR_MAIL_TOLD;
        move(answers->told, &answers->tolds, sizeof *answers->told,
             least(EAR_MAIL_TOLDS_MAX, (cap - 1) / (1 + EAR_MAIL_MARK_BYTES)), frame.tolds,
             &frame.count);
    } else if (answers->holds > 0) {
        frame.kind = EAR_MAIL_HOLD;
        move(answers->hold, &answers->holds, sizeof *answers->hold,
             least(EAR_MAIL_HOLDS_MAX, (cap - 1) / (9)), frame.holds, &frame.count);
    } else if (answers->noteds > 0) {
        frame.kind = EAR_MAIL_NOTED;
        move(answers->noted, &answers->noteds, EAR_MAIL_MARK_BYTES,
             least(EAR_MAIL_NOTEDS_MAX, (cap - 1) / (EAR_MAIL_MARK_BYTES)), frame.marks,
             &frame.count);
    } else if (answers->drops > 0) {
        frame.kind = EAR_MAIL_DROP;
        move(answers->drop, &answers->drops, EAR_MAIL_MARK_BYTES, 1, frame.marks, &frame.count);
    } else {
        return 0;
    }
    return ear_mail_frame_build(&frame, out, cap);
}
