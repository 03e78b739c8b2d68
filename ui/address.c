/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HOST:PORT as people type it. Pure. */
#include "address.h"

#include <glib/gi18n.h>
#include <string.h>

#define HOST_BYTES_MAX 253 /* RFC 1035, less the two of its wire form */

static gboolean is_host(const char *host, gsize len)
{
    if (len == 0 || len > HOST_BYTES_MAX)
        return FALSE;
    if (host[0] == '[')
        return len > 2 && host[len - 1] == ']' && !memchr(host + 1, '[', len - 1);
    for (gsize i = 0; i < len; i++)
        if (host[i] == ':' || g_ascii_isspace(host[i]) || host[i] == '/')
            return FALSE;
    return TRUE;
}

const char *earshot_address_problem(const char *text)
{
    const char *colon = strrchr(text, ':');
    guint64 port;
    if (!colon || (text[0] == '[' && colon[-1] != ']'))
        return _("Write the port behind a colon, such as clinic.example.org:4321.");
    if (!g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
        return _("The port behind the colon is a number from 1 to 65535.");
    if (!is_host(text, (gsize)(colon - text)))
        return _("Before the colon stands a name such as clinic.example.org, or an address.");
    return NULL;
}
