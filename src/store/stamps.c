/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stamps that only grow. */
#include "store/stamps.h"

#include <errno.h>

#include "base/bytes.h"

/* Small, because each start of the program leaves so much unused: a thousand starts run 17 hours
 * ahead of the date, which matters only to a profile put back from an older backup. */
#define RESERVE_MS (UINT64_C(60000))

int ear_stamps_end(struct ear_home *home, uint64_t *ret, char *error, size_t error_bytes)
{
    uint8_t *body = NULL;
    size_t len = 0;
    int err = ear_home_load(home, EAR_HOME_CLOCK, &body, &len, error, error_bytes);
    if (err == -ENOENT) {
        *ret = 0;
        return 0;
    }
    if (err)
        return err;
    struct ear_reader r = ear_reader_on(body, len);
    uint64_t end = ear_reader_u64(&r);
    if (r.bad || ear_reader_left(&r) > 0 || end > UINT64_MAX - RESERVE_MS)
        err = ear_home_complain(home, EAR_HOME_CLOCK, error, error_bytes);
    else
        *ret = end;
    ear_home_forget(body, len);
    return err;
}

static int save_end(struct ear_home *home, uint64_t end, char *error, size_t error_bytes)
{
    uint8_t body[8];
    struct ear_writer w = ear_writer_on(body, sizeof body);
    ear_writer_u64(&w, end);
    return ear_home_save(home, EAR_HOME_CLOCK, body, sizeof body, error, error_bytes);
}

int ear_stamps_raise(struct ear_home *home, uint64_t end, char *error, size_t error_bytes)
{
    uint64_t now = 0;
    int err = ear_stamps_end(home, &now, error, error_bytes);
    return err || end <= now ? err : save_end(home, end, error, error_bytes);
}

int ear_stamps_reserve(struct ear_home *home, uint64_t now_ms, struct ear_stamps *ret, char *error,
                       size_t error_bytes)
{
    uint64_t end = 0;
    int err = ear_stamps_end(home, &end, error, error_bytes);
    if (err)
        return err;
    uint64_t first = now_ms > end && now_ms < UINT64_MAX / 2 ? now_ms : end;
    if (first == 0)
        first = 1;
    err = save_end(home, first + RESERVE_MS, error, error_bytes);
    if (!err)
        *ret = (struct ear_stamps){first - 1, first + RESERVE_MS};
    return err;
}

uint64_t ear_stamps_next(struct ear_stamps *stamps, uint64_t now_ms)
{
    uint64_t next = stamps->last + 1;
    if (now_ms > next && now_ms < stamps->end)
        next = now_ms;
    if (next >= stamps->end)
        return 0;
    stamps->last = next;
    return next;
}
