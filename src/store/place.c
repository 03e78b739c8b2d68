/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HOST:PORT as text and as bytes. */
#include "store/place.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With brackets, colon, five digits and the final 0 it fits in a place. */
#define HOST_MAX (EAR_PLACE_BYTES - 9)
#define LABEL_MAX 63 /* RFC 1035 */

struct host {
    enum ear_place_form form;
    uint16_t port;
    uint8_t address[16];
    char name[HOST_MAX + 1];
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Letters, digits and hyphens; the last label is no number, which would be half an IPv4 address. */
static bool is_host_name(const char *name)
{
    size_t label = 0;
    bool number = true;
    if (*name == '\0')
        return false;
    for (const char *c = name; *c; c++) {
        bool ends = c[1] == '\0' || c[1] == '.';
        if (*c == '.') {
            if (label == 0 || c[1] == '\0')
                return false;
            label = 0;
            number = true;
            continue;
        }
        if (++label > LABEL_MAX || !(is_letter(*c) || (*c == '-' && label > 1 && !ends)))
            return false;
        number = number && is_digit(*c);
    }
    return !number;
}

static bool split(const char *text, struct host *ret)
{
    const char *colon = strrchr(text, ':');
    if (!colon || !is_digit(colon[1]))
        return false;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    size_t len = (size_t)(colon - text);
    bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
    if (brackets) {
        text++;
        len -= 2;
    }
    if (*end || port < 1 || port > UINT16_MAX || len > HOST_MAX)
        return false;
    memcpy(ret->name, text, len);
    ret->name[len] = '\0';
    ret->port = (uint16_t)port;
    ret->form = brackets ? EAR_PLACE_IPV6 : EAR_PLACE_NAME;
    if (brackets)
        return inet_pton(AF_INET6, ret->name, ret->address) == 1;
    if (inet_pton(AF_INET, ret->name, ret->address) == 1)
        ret->form = EAR_PLACE_IPV4;
    return ret->form == EAR_PLACE_IPV4 || is_host_name(ret->name);
}

static void spell(const struct host *host, struct ear_place *ret)
{
    char digits[INET6_ADDRSTRLEN];
    const char *name = host->name;
    bool v6 = host->form == EAR_PLACE_IPV6;
    if (host->form != EAR_PLACE_NAME)
        name = inet_ntop(v6 ? AF_INET6 : AF_INET, host->address, digits, sizeof digits);
    memset(ret, 0, sizeof *ret);
    int len = snprintf(ret->text, sizeof ret->text, v6 ? "[%s]:%u" : "%s:%u", name, host->port);
    assert(len > 0 && (size_t)len < sizeof ret->text);
    for (char *c = ret->text; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 'a' - 'A');
}

int ear_place_parse(const char *text, struct ear_place *ret, char *error, size_t error_bytes)
{
    struct host host;
    if (!split(text, &host)) {
        snprintf(error, error_bytes,
                 "\"%s\" is not an address: write HOST:PORT, for example clinic.example:4000 or "
                 "[2001:db8::1]:4000.",
                 text);
        return -EINVAL;
    }
    spell(&host, ret);
    return 0;
}

enum ear_place_form ear_place_build(const struct ear_place *place, struct ear_writer *w)
{
    struct host host;
    bool good = split(place->text, &host);
    assert(good);
    if (!good)
        w->bad = true;
    ear_writer_u16(w, host.port);
    if (host.form == EAR_PLACE_NAME)
        ear_writer_bytes(w, (const uint8_t *)host.name, strlen(host.name));
    else
        ear_writer_bytes(w, host.address, host.form == EAR_PLACE_IPV6 ? 16 : 4);
    return host.form;
}

int ear_place_read(enum ear_place_form form, struct ear_reader *r, struct ear_place *ret)
{
    struct host host = {.form = form, .port = ear_reader_u16(r)};
    size_t len = ear_reader_left(r);
    const uint8_t *bytes = ear_reader_bytes(r, len);
    size_t least = form == EAR_PLACE_NAME ? 1 : form == EAR_PLACE_IPV6 ? 16 : 4;
    size_t most = form == EAR_PLACE_NAME ? HOST_MAX : least;
    if (!bytes || host.port == 0 || len < least || len > most)
        return -EBADMSG;
    memcpy(form == EAR_PLACE_NAME ? (uint8_t *)host.name : host.address, bytes, len);
    struct in_addr number;
    if (form == EAR_PLACE_NAME && (memchr(host.name, '\0', len) || !is_host_name(host.name) ||
                                   inet_pton(AF_INET, host.name, &number) == 1))
        return -EBADMSG;
    spell(&host, ret);
    return 0;
}
