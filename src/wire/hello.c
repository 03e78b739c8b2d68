/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds and parses the first datagram of a session. */
#include "wire/hello.h"

#include <errno.h>

#include "wire/packet.h"

int ear_hello_build(const struct ear_hello *hello, uint8_t *out, size_t cap)
{
    struct ear_writer w = ear_writer_on(out, cap);
    ear_writer_u8(&w, EAR_KIND_HELLO);
    ear_writer_u8(&w, hello->version);
    ear_writer_u64(&w, hello->caller_id);
    ear_writer_u32(&w, hello->attempt);
    ear_writer_bytes(&w, hello->connect, hello->connect_len);
    return w.bad ? -ENOBUFS : (int)w.at;
}

int ear_hello_parse(const uint8_t *data, size_t len, struct ear_hello *ret)
{
    struct ear_reader r = ear_reader_on(data, len);
    uint8_t kind = ear_reader_u8(&r);
    uint8_t version = ear_reader_u8(&r);
    if (r.bad || kind != EAR_KIND_HELLO)
        return -EBADMSG;
    if (version != EAR_WIRE_VERSION) {
        ret->version = version;
        return -EPROTO;
    }
    uint64_t caller_id = ear_reader_u64(&r);
    uint32_t attempt = ear_reader_u32(&r);
    size_t connect_len = ear_reader_left(&r);
    if (r.bad || connect_len == 0 || connect_len > EAR_HELLO_CONNECT_MAX)
        return -EBADMSG;
    *ret = (struct ear_hello){
        .version = version,
        .caller_id = caller_id,
        .attempt = attempt,
        .connect = ear_reader_bytes(&r, connect_len),
        .connect_len = connect_len,
    };
    return 0;
}
