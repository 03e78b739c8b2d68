/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HOST:PORT as people type it. */
#include <glib.h>

#include "address.h"

static void good(void)
{
    static const char *const texts[] = {"clinic.example.org:4321", "192.168.1.20:1", "[::1]:65535",
                                        "[2001:db8::7]:4321", "laptop:4321"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpstr(earshot_address_problem(texts[i]), ==, NULL);
}

static void bad(void)
{
    static const char *const texts[] = {
        "",      "clinic.example.org", ":4321",     "clinic:",   "clinic:0",  "clinic:65536",
        "a:b:1", "two words:4321",     "[::1]4321", "[]:4321",   "[::1:4321", "clinic:+1",
        "[",     "http://clinic:4321", "::1:4321",  "clinic:4 ", "[a[b]:1"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_test_message("%s", texts[i]);
        g_assert_nonnull(earshot_address_problem(texts[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/good", good);
    g_test_add_func("/address/bad", bad);
    return g_test_run();
}
