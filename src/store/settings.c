/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings as one sealed row. */
#include "store/settings.h"

#include "store/inside.h"

int ear_settings_load(struct ear_store *store, char **ret, size_t *ret_len)
{
    uint8_t *body = NULL;
    int err = ear_rows_get(store, EAR_TABLE_THINGS, EAR_THING_SETTINGS, &body, ret_len);
    if (err)
        return err;
    body[*ret_len] = '\0'; /* ear_rows_get leaves room for it */
    *ret = (char *)body;
    return 0;
}

int ear_settings_save(struct ear_store *store, const char *text, size_t len)
{
    int err = ear_store_begin(store);
    if (err)
        return err;
    return ear_store_end(store,
                         ear_rows_put(store, EAR_TABLE_THINGS, EAR_THING_SETTINGS, text, len));
}
