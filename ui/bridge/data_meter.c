/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of store/data_use on a profile's calls, told in sentences. */
#include "bridge/data_meter.h"

#include <glib/gi18n.h>

#include "bridge/format.h"
#include "bridge/profile_private.h"
#include "store/data_use.h"

struct _EarshotDataMeter {
    GObject parent_instance;

    /* owned */
    EarshotProfile *profile;
    char *sentence, *warning;
};

G_DEFINE_FINAL_TYPE(EarshotDataMeter, earshot_data_meter, G_TYPE_OBJECT)

enum { PROP_0, PROP_SENTENCE, PROP_WARNING, PROP_LOW, PROPERTIES };
static GParamSpec *properties[PROPERTIES];

static struct ear_data_plan plan_of(EarshotSettings *settings)
{
    return (struct ear_data_plan){
        .price_per_mb = earshot_settings_get_number(settings, "price-per-mb"),
        .bundle_mb = earshot_settings_get_number(settings, "bundle-mb"),
        .bundle_price = earshot_settings_get_number(settings, "bundle-price"),
        .budget_mb = earshot_settings_get_number(settings, "budget-mb"),
    };
}

double earshot_data_price(EarshotSettings *settings)
{
    const struct ear_data_plan plan = plan_of(settings);
    return ear_data_price_per_mb(&plan);
}

char *earshot_data_reserve(void)
{
    return earshot_format_data(EAR_DATA_RESERVE_BYTES);
}

/* A month of the calendar that hangs on the wall here. */
static struct ear_data_month this_month(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) first =
        g_date_time_new_local(g_date_time_get_year(now), g_date_time_get_month(now), 1, 0, 0, 0);
    g_autoptr(GDateTime) next = g_date_time_add_months(first, 1);
    return (struct ear_data_month){.begin_s = g_date_time_to_unix(first),
                                   .end_s = g_date_time_to_unix(next),
                                   .now_s = g_date_time_to_unix(now)};
}

/* "12 MB of 100 MB", with the price where it is known */
static char *amount(const struct ear_data_use *use, EarshotSettings *settings)
{
    g_autofree char *used = earshot_format_data(use->used_bytes);
    g_autofree char *budget = earshot_format_data(use->budget_bytes);
    g_autofree char *data = use->budget_bytes > 0
                                /* Translators: data, such as "12 MB of 100 MB" */
                                ? g_strdup_printf(_("%s of %s"), used, budget)
                                : g_steal_pointer(&used);
    if (use->price_per_mb <= 0)
        /* Translators: data of all calls of this month */
        return g_strdup_printf(_("This month: %s."), data);
    g_autofree char *money =
        earshot_format_money(use->price_per_mb * (double)use->used_bytes / 1e6,
                             earshot_settings_get_string(settings, "currency"));
    /* Translators: data of all calls of this month, and what they cost */
    return g_strdup_printf(_("This month: %s, about %s."), data, money);
}

static char *sentence_of(const struct ear_data_use *use, EarshotSettings *settings)
{
    if (use->used_bytes <= 0 && use->budget_bytes <= 0)
        return g_strdup("");
    g_autofree char *data = amount(use, settings);
    if (use->lasts_until_s == 0)
        return g_steal_pointer(&data);
    g_autoptr(GDateTime) end = g_date_time_new_from_unix_local(use->lasts_until_s);
    g_autofree char *date = earshot_format_date(end);
    /* Translators: %s is a date; said of the month's data */
    g_autofree char *lasts = g_strdup_printf(_("At this pace it lasts until %s."), date);
    return g_strconcat(data, " ", lasts, NULL);
}

static char *warning_of(const struct ear_data_use *use)
{
    g_autofree char *left = earshot_format_data(use->left_bytes);
    switch (use->level) {
    case EAR_DATA_MOST:
        /* Translators: %s is an amount of data */
        return g_strdup_printf(_("Most of this month's data is used: %s are left."), left);
    case EAR_DATA_RESERVE:
        /* Translators: %s is an amount of data */
        return g_strdup_printf(
            _("%s are left this month: enough for one urgent call with least data."), left);
    case EAR_DATA_OVER:
        return g_strdup(_("This month's data is used up. Calls still work, and may cost more."));
    case EAR_DATA_FREE:
        break;
    }
    return g_strdup("");
}

void earshot_data_meter_refresh(EarshotDataMeter *self)
{
    EarshotSettings *settings = earshot_profile_get_settings(self->profile);
    const struct ear_data_month month = this_month();
    const struct ear_data_plan plan = plan_of(settings);
    const struct ear_data_use use =
        ear_data_use_of(ear_data_used(earshot_profile_calls(self->profile), &month), &month, &plan);
    g_free(self->sentence);
    g_free(self->warning);
    self->sentence = sentence_of(&use, settings);
    self->warning = warning_of(&use);
    for (int id = PROP_SENTENCE; id < PROPERTIES; id++)
        g_object_notify_by_pspec(G_OBJECT(self), properties[id]);
}

static void earshot_data_meter_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *spec)
{
    EarshotDataMeter *self = EARSHOT_DATA_METER(object);
    switch (id) {
    case PROP_SENTENCE:
        g_value_set_string(value, self->sentence);
        break;
    case PROP_WARNING:
        g_value_set_string(value, self->warning);
        break;
    case PROP_LOW:
        g_value_set_boolean(value, *self->warning != '\0');
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void earshot_data_meter_dispose(GObject *object)
{
    g_clear_object(&EARSHOT_DATA_METER(object)->profile);
    G_OBJECT_CLASS(earshot_data_meter_parent_class)->dispose(object);
}

static void earshot_data_meter_finalize(GObject *object)
{
    EarshotDataMeter *self = EARSHOT_DATA_METER(object);
    g_free(self->sentence);
    g_free(self->warning);
    G_OBJECT_CLASS(earshot_data_meter_parent_class)->finalize(object);
}

static void earshot_data_meter_class_init(EarshotDataMeterClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
    object_class->get_property = earshot_data_meter_get_property;
    object_class->dispose = earshot_data_meter_dispose;
    object_class->finalize = earshot_data_meter_finalize;
    properties[PROP_SENTENCE] = g_param_spec_string("sentence", NULL, NULL, "", read);
    properties[PROP_WARNING] = g_param_spec_string("warning", NULL, NULL, "", read);
    properties[PROP_LOW] = g_param_spec_boolean("low", NULL, NULL, FALSE, read);
    g_object_class_install_properties(object_class, PROPERTIES, properties);
}

static void earshot_data_meter_init(EarshotDataMeter *self)
{
    self->sentence = g_strdup("");
    self->warning = g_strdup("");
}

EarshotDataMeter *earshot_data_meter_new(EarshotProfile *profile)
{
    static const char *const watched[] = {"notify::price-per-mb", "notify::currency",
                                          "notify::bundle-mb", "notify::bundle-price",
                                          "notify::budget-mb"};
    EarshotDataMeter *self = g_object_new(EARSHOT_TYPE_DATA_METER, NULL);
    self->profile = g_object_ref(profile);
    g_signal_connect_object(earshot_profile_get_history(profile), "items-changed",
                            G_CALLBACK(earshot_data_meter_refresh), self, G_CONNECT_SWAPPED);
    for (gsize i = 0; i < G_N_ELEMENTS(watched); i++)
        g_signal_connect_object(earshot_profile_get_settings(profile), watched[i],
                                G_CALLBACK(earshot_data_meter_refresh), self, G_CONNECT_SWAPPED);
    earshot_data_meter_refresh(self);
    return self;
}
