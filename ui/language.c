/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gettext's LANGUAGE, kept in a file for the next start. */
#include "language.h"

#include <gtk/gtk.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>

/* Written from right to left. */
static const char *const right_to_left[] = {"ar", "fa", "he", "ur"};

static char *file_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "earshot", "language", NULL);
}

static char *read_choice(void)
{
    g_autofree char *path = file_path();
    char *code = NULL;
    if (!g_file_get_contents(path, &code, NULL, NULL))
        return g_strdup("");
    return g_strstrip(code);
}

/* The system's own, from before any choice. */
static const char *system_language(void)
{
    static char *language;
    if (!language)
        language = g_strdup(g_getenv("LANGUAGE") ? g_getenv("LANGUAGE") : "");
    return language;
}

static void apply(const char *code)
{
    const char *before = system_language();
    if (*code)
        g_setenv("LANGUAGE", code, TRUE);
    else if (*before)
        g_setenv("LANGUAGE", before, TRUE);
    else
        g_unsetenv("LANGUAGE");
    setlocale(LC_ALL, "");
    /* In the locale "C" gettext does not look at LANGUAGE at all. */
    if (*code && g_strcmp0(setlocale(LC_MESSAGES, NULL), "C") == 0)
        setlocale(LC_ALL, "C.UTF-8");
    textdomain(GETTEXT_PACKAGE); /* forgets what was looked up before */
}

/* Installed, or beside the program where it was built. */
static const char *locale_folder(void)
{
    static char *folder;
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *beside = program ? g_path_get_dirname(program) : g_strdup(".");
    if (!folder)
        folder = g_build_filename(beside, "resources", "po", NULL);
    return g_file_test(folder, G_FILE_TEST_IS_DIR) ? folder : EAR_LOCALE;
}

void earshot_language_start(void)
{
    g_autofree char *code = read_choice();
    bindtextdomain(GETTEXT_PACKAGE, locale_folder());
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    apply(code);
}

const char *earshot_language_chosen(void)
{
    static char *code;
    g_free(code);
    code = read_choice();
    return code;
}

void earshot_language_choose(const char *code)
{
    g_autofree char *path = file_path();
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;
    g_mkdir_with_parents(folder, 0700);
    if (!g_file_set_contents(path, code, -1, &error))
        g_message("language: not kept (%s)", error->message);
    apply(code);
    gboolean rtl = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(right_to_left); i++)
        rtl = rtl || g_str_equal(code, right_to_left[i]);
    gtk_widget_set_default_direction(rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
}
