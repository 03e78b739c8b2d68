/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz target: what parses as a frame of mail is rebuilt byte by byte. */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "wire/mail_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t built[EAR_MAIL_FRAME_MAX];
    struct ear_mail_frame frame;
    int r = ear_mail_frame_parse(data, size, &frame);
    FUZZ_REQUIRE(r == 0 || r == -EBADMSG || r == -ENOTSUP);
    if (r != 0)
        return 0;
    FUZZ_REQUIRE(ear_mail_frame_build(&frame, built, sizeof built) == size);
    FUZZ_REQUIRE(memcmp(built, data, size) == 0);
    if (frame.kind == EAR_MAIL_WHOLE)
        FUZZ_REQUIRE(frame.body_len <= ear_mail_frame_room(&frame.label));
    return 0;
}
