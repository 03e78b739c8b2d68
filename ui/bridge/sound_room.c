/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread that opens, looks after and closes the cards, and sounds the tones. */
#include "bridge/sound_room.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base/clock.h"
#include "port/device.h"

/* A tone is written as the card asks for it: frames are 10 ms. */
#define TONE_STEP_US (5 * EAR_US_PER_MS)
/* A card that cannot be opened is tried again. */
#define RETRY_US (2 * (int64_t)EAR_US_PER_S)
/* Between the cards and the disk, which may take so long for one write. */
#define VOICE_FRAMES 512

struct wish {
    enum earshot_sound_use use;
    enum ear_cleaning_echo echo;
    char microphone[EAR_DEVICE_NAME_BYTES], loudspeaker[EAR_DEVICE_NAME_BYTES];
    enum ear_earcon earcon;
    guint earcon_number; /* rises with each play */
    guint voice_number;  /* rises with each voice message recorded or played */
};

struct tone {
    enum ear_earcon kind;
    guint number;
    gboolean sounding;
    gsize at;
    int64_t begin_us;
};

struct earshot_sound_room {
    GThread *thread;
    GMutex lock;
    GCond changed;
    /* under the lock */
    struct wish wish;
    gboolean stop, look, looked, has_check;
    struct ear_soundcheck_status check_status;
    char *trouble;
    char **microphones, **loudspeakers;

    /* the thread's own */
    struct ear_soundswitch *soundswitch;
    struct ear_device *device;
    struct ear_cleaning *cleaning; /* in a talk; NULL: the cards are used as they are */
    struct ear_soundcheck *check;
    struct wish open; /* what the device was opened for */
    struct wish last; /* what was open last */
    gboolean no_echo; /* the check of these cards found none */
    int64_t reopened; /* how often the device was, when last seen */
    struct tone tone;
    int64_t tended_us, retry_us;
    int16_t earcons[EAR_EARCONS][EAR_EARCON_SAMPLES_MAX];
    gsize earcon_samples[EAR_EARCONS];

    struct ear_ring recorded, to_play; /* the other ends are the mail's thread */
};

static int64_t now(void)
{
    return ear_clock_now_us(&ear_clock_monotonic);
}

/* ---- the thread ---- */

static void close_cards(struct earshot_sound_room *room)
{
    (void)ear_ring_take(&room->to_play, NULL, ear_ring_level(&room->to_play));
    ear_soundswitch_set(room->soundswitch, NULL, NULL);
    ear_soundcheck_free(room->check);
    room->check = NULL;
    ear_cleaning_free(room->cleaning);
    room->cleaning = NULL;
    ear_device_close(room->device);
    room->device = NULL;
    room->open.use = EARSHOT_SOUND_FOR_NONE;
}

static void set_trouble(struct earshot_sound_room *room, const char *sentence)
{
    g_mutex_lock(&room->lock);
    g_free(room->trouble);
    room->trouble = g_strdup(sentence);
    g_mutex_unlock(&room->lock);
}

static const char *name_or_usual(const char *name)
{
    return *name ? name : NULL;
}

/* The device's own sentences are for the command line. */
static const char *trouble_sentence(int err)
{
    switch (err) {
    case -ENODEV:
        return _("There is no sound card: plug in a headset.");
    case -EACCES:
        return _("You may not use the sound card here: ask who looks after this computer.");
    case -EBUSY:
        return _("Another program uses the sound card: close it.");
    default:
        return _("The sound card cannot be used: choose another one in the preferences.");
    }
}

static gboolean speaks_only(enum earshot_sound_use use)
{
    return use == EARSHOT_SOUND_FOR_TONE || use == EARSHOT_SOUND_FOR_PLAY;
}

/* Without memory for it the talk goes on with the echo. */
static void begin_talk(struct earshot_sound_room *room, const struct wish *wish)
{
    const struct ear_cleaning_config config = {.mic = ear_device_mic(room->device),
                                               .speaker = ear_device_speaker(room->device),
                                               .cleaner = ear_cleaner_config_usual,
                                               .echo = wish->echo,
                                               .no_echo = room->no_echo};
    if (ear_cleaning_new(&room->cleaning, &config) < 0) {
        ear_soundswitch_set(room->soundswitch, config.mic, config.speaker);
        return;
    }
    ear_soundswitch_set(room->soundswitch, ear_cleaning_mic(room->cleaning),
                        ear_cleaning_speaker(room->cleaning));
}

static void begin_check(struct earshot_sound_room *room)
{
    if (ear_soundcheck_new(&room->check, ear_device_mic(room->device),
                           ear_device_speaker(room->device)) < 0)
        room->check = NULL;
}

static void open_cards(struct earshot_sound_room *room, const struct wish *wish)
{
    char sentence[256];
    const struct ear_device_config config = {
        .mic_name = speaks_only(wish->use) ? "" : name_or_usual(wish->microphone),
        .speaker_name =
            wish->use == EARSHOT_SOUND_FOR_RECORD ? "" : name_or_usual(wish->loudspeaker),
        .or_usual = TRUE,
        .clock = &ear_clock_monotonic,
    };
    room->open = *wish;
    int err = ear_device_open(&room->device, &config, sentence, sizeof sentence);
    if (err) {
        room->device = NULL;
        room->retry_us = now() + RETRY_US;
        set_trouble(room, trouble_sentence(err));
        return;
    }
    set_trouble(room, NULL);
    room->reopened = 0;
    if (wish->use == EARSHOT_SOUND_FOR_TALK)
        begin_talk(room, wish);
    if (wish->use == EARSHOT_SOUND_FOR_CHECK)
        begin_check(room);
}

static gboolean same_names(const struct wish *a, const struct wish *b)
{
    return strcmp(a->microphone, b->microphone) == 0 && strcmp(a->loudspeaker, b->loudspeaker) == 0;
}

static gboolean same_cards(const struct wish *a, const struct wish *b)
{
    return a->use == b->use && a->voice_number == b->voice_number && same_names(a, b);
}

/* In a talk the switch mixes the tone in; else it is fed from here, frame by frame. */
static void sound_tone(struct earshot_sound_room *room, const struct wish *wish)
{
    struct tone *tone = &room->tone;
    tone->at = 0;
    tone->begin_us = now();
    tone->sounding = wish->use != EARSHOT_SOUND_FOR_TALK;
    if (!tone->sounding)
        ear_soundswitch_play(room->soundswitch, room->earcons[tone->kind],
                             room->earcon_samples[tone->kind]);
}

static void begin_tone(struct earshot_sound_room *room, const struct wish *wish)
{
    if (wish->earcon_number == room->tone.number)
        return;
    room->tone = (struct tone){.kind = wish->earcon, .number = wish->earcon_number};
    sound_tone(room, wish);
}

/* The next 10 ms of the tone, or silence. */
static void tone_frame(struct earshot_sound_room *room, int16_t frame[static EAR_FRAME])
{
    struct tone *tone = &room->tone;
    memset(frame, 0, EAR_FRAME * sizeof *frame);
    if (!tone->sounding)
        return;
    gsize left = room->earcon_samples[tone->kind] - tone->at;
    gsize count = MIN(left, EAR_FRAME);
    memcpy(frame, room->earcons[tone->kind] + tone->at, count * sizeof *frame);
    tone->at += count;
    if (tone->at >= room->earcon_samples[tone->kind])
        tone->sounding = FALSE;
}

static void repeat_tone(struct earshot_sound_room *room, const struct wish *wish)
{
    struct tone *tone = &room->tone;
    int64_t period_us = ear_earcon_period_us(tone->kind);
    if (tone->sounding || period_us == 0 || tone->number == 0 || now() < tone->begin_us + period_us)
        return;
    sound_tone(room, wish);
}

static void feed_tone(struct earshot_sound_room *room)
{
    int16_t frame[EAR_FRAME];
    int64_t heard_us;
    struct ear_speaker *speaker = ear_device_speaker(room->device);
    while (speaker->wants(speaker->ctx, now(), &heard_us) == 1) {
        tone_frame(room, frame);
        speaker->write(speaker->ctx, frame);
    }
}

static void record(struct earshot_sound_room *room)
{
    int16_t frame[EAR_FRAME];
    int64_t end_us;
    struct ear_mic *mic = ear_device_mic(room->device);
    while (mic->read(mic->ctx, now(), frame, &end_us) == 1)
        (void)ear_ring_put(&room->recorded, frame, 1);
    memset(frame, 0, sizeof frame);
}

static void play(struct earshot_sound_room *room)
{
    int16_t frame[EAR_FRAME];
    int64_t heard_us;
    struct ear_speaker *speaker = ear_device_speaker(room->device);
    while (speaker->wants(speaker->ctx, now(), &heard_us) == 1) {
        if (ear_ring_take(&room->to_play, frame, 1) == 0)
            memset(frame, 0, sizeof frame);
        speaker->write(speaker->ctx, frame);
    }
}

static void step_check(struct earshot_sound_room *room)
{
    if (!room->check)
        return;
    ear_soundcheck_step(room->check, now());
    g_mutex_lock(&room->lock);
    ear_soundcheck_get_status(room->check, &room->check_status);
    room->has_check = TRUE;
    room->no_echo = room->check_status.echo == EAR_SOUNDCHECK_ECHO_NONE;
    g_mutex_unlock(&room->lock);
}

static void list_cards(struct earshot_sound_room *room)
{
    struct ear_device_info *cards = NULL;
    size_t count = 0;
    g_autoptr(GStrvBuilder) microphones = g_strv_builder_new();
    g_autoptr(GStrvBuilder) loudspeakers = g_strv_builder_new();
    if (ear_device_list(&cards, &count) < 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (cards[i].inputs > 0)
            g_strv_builder_add(microphones, cards[i].name);
        if (cards[i].outputs > 0)
            g_strv_builder_add(loudspeakers, cards[i].name);
    }
    free(cards);
    g_mutex_lock(&room->lock);
    g_strfreev(room->microphones);
    g_strfreev(room->loudspeakers);
    room->microphones = g_strv_builder_end(microphones);
    room->loudspeakers = g_strv_builder_end(loudspeakers);
    room->looked = TRUE;
    g_mutex_unlock(&room->lock);
}

/* What is pulled out or plugged in becomes another card. */
static void tend_cards(struct earshot_sound_room *room, const struct wish *wish)
{
    struct ear_device_stats stats;
    if (room->cleaning && wish->echo != room->open.echo)
        ear_cleaning_set_echo(room->cleaning, wish->echo);
    room->open.echo = wish->echo;
    if (now() - room->tended_us < EAR_DEVICE_TEND_US)
        return;
    room->tended_us = now();
    ear_device_tend(room->device);
    ear_device_get_stats(room->device, &stats);
    if (stats.reopened == room->reopened)
        return;
    room->reopened = stats.reopened;
    room->no_echo = FALSE;
    if (room->cleaning)
        ear_cleaning_forget(room->cleaning);
}

/* Does what is due; returns when to do more. */
static int64_t step(struct earshot_sound_room *room, const struct wish *wish)
{
    if (!same_cards(wish, &room->open) || (!room->device && wish->use && now() >= room->retry_us)) {
        close_cards(room);
        room->no_echo = room->no_echo && same_names(wish, &room->last);
        room->open = room->last = *wish;
        if (wish->use)
            open_cards(room, wish);
    }
    begin_tone(room, wish);
    if (!room->device)
        return wish->use ? room->retry_us : INT64_MAX;
    tend_cards(room, wish);
    repeat_tone(room, wish);
    if (wish->use == EARSHOT_SOUND_FOR_TONE)
        feed_tone(room);
    if (wish->use == EARSHOT_SOUND_FOR_CHECK)
        step_check(room);
    if (wish->use == EARSHOT_SOUND_FOR_RECORD)
        record(room);
    if (wish->use == EARSHOT_SOUND_FOR_PLAY)
        play(room);
    return wish->use == EARSHOT_SOUND_FOR_TALK ? now() + EAR_DEVICE_TEND_US : now() + TONE_STEP_US;
}

static gpointer run(gpointer data)
{
    struct earshot_sound_room *room = data;
    g_mutex_lock(&room->lock);
    while (!room->stop) {
        const struct wish wish = room->wish;
        gboolean look = room->look;
        room->look = FALSE;
        g_mutex_unlock(&room->lock);
        if (look)
            list_cards(room);
        int64_t due_us = step(room, &wish);
        g_mutex_lock(&room->lock);
        if (room->stop || room->look || memcmp(&wish, &room->wish, sizeof wish) != 0)
            continue;
        if (due_us == INT64_MAX)
            g_cond_wait(&room->changed, &room->lock);
        else
            g_cond_wait_until(&room->changed, &room->lock, due_us);
    }
    g_mutex_unlock(&room->lock);
    close_cards(room);
    return NULL;
}

/* ---- main ---- */

static void clear(struct earshot_sound_room *room)
{
    ear_soundswitch_free(room->soundswitch);
    ear_ring_fini(&room->recorded);
    ear_ring_fini(&room->to_play);
    g_free(room);
}

struct earshot_sound_room *earshot_sound_room_new(void)
{
    struct earshot_sound_room *room = g_new0(struct earshot_sound_room, 1);
    const size_t frame_bytes = EAR_FRAME * sizeof(int16_t);
    if (ear_soundswitch_new(&room->soundswitch, &ear_clock_monotonic) < 0 ||
        ear_ring_init(&room->recorded, frame_bytes, VOICE_FRAMES) < 0 ||
        ear_ring_init(&room->to_play, frame_bytes, VOICE_FRAMES) < 0) {
        clear(room);
        return NULL;
    }
    for (int kind = 0; kind < EAR_EARCONS; kind++)
        room->earcon_samples[kind] =
            ear_earcon_make((enum ear_earcon)kind, room->earcons[kind], EAR_EARCON_SAMPLES_MAX);
    g_mutex_init(&room->lock);
    g_cond_init(&room->changed);
    room->thread = g_thread_new("sound", run, room);
    return room;
}

void earshot_sound_room_free(struct earshot_sound_room *room)
{
    if (!room)
        return;
    g_mutex_lock(&room->lock);
    room->stop = TRUE;
    g_cond_signal(&room->changed);
    g_mutex_unlock(&room->lock);
    g_thread_join(room->thread);
    g_mutex_clear(&room->lock);
    g_cond_clear(&room->changed);
    g_strfreev(room->microphones);
    g_strfreev(room->loudspeakers);
    g_free(room->trouble);
    clear(room);
}

struct ear_soundswitch *earshot_sound_room_switch(struct earshot_sound_room *room)
{
    return room->soundswitch;
}

struct ear_ring *earshot_sound_room_recorded(struct earshot_sound_room *room)
{
    return &room->recorded;
}

struct ear_ring *earshot_sound_room_to_play(struct earshot_sound_room *room)
{
    return &room->to_play;
}

void earshot_sound_room_set_cards(struct earshot_sound_room *room, const char *microphone,
                                  const char *loudspeaker)
{
    g_mutex_lock(&room->lock);
    memset(room->wish.microphone, 0, sizeof room->wish.microphone);
    memset(room->wish.loudspeaker, 0, sizeof room->wish.loudspeaker);
    g_strlcpy(room->wish.microphone, microphone, sizeof room->wish.microphone);
    g_strlcpy(room->wish.loudspeaker, loudspeaker, sizeof room->wish.loudspeaker);
    g_cond_signal(&room->changed);
    g_mutex_unlock(&room->lock);
}

void earshot_sound_room_set_echo(struct earshot_sound_room *room, enum ear_cleaning_echo echo)
{
    g_mutex_lock(&room->lock);
    room->wish.echo = echo;
    g_cond_signal(&room->changed);
    g_mutex_unlock(&room->lock);
}

void earshot_sound_room_use(struct earshot_sound_room *room, enum earshot_sound_use use)
{
    g_mutex_lock(&room->lock);
    if (room->wish.use != use) {
        room->wish.use = use;
        room->has_check = FALSE;
    }
    if (use == EARSHOT_SOUND_FOR_RECORD || use == EARSHOT_SOUND_FOR_PLAY)
        room->wish.voice_number++;
    g_cond_signal(&room->changed);
    g_mutex_unlock(&room->lock);
}

void earshot_sound_room_play(struct earshot_sound_room *room, enum ear_earcon earcon)
{
    g_mutex_lock(&room->lock);
    room->wish.earcon = earcon;
    room->wish.earcon_number++;
    g_cond_signal(&room->changed);
    g_mutex_unlock(&room->lock);
}

gboolean earshot_sound_room_get_check(struct earshot_sound_room *room,
                                      struct ear_soundcheck_status *ret)
{
    g_mutex_lock(&room->lock);
    gboolean has = room->has_check;
    *ret = room->check_status;
    g_mutex_unlock(&room->lock);
    return has;
}

char *earshot_sound_room_get_trouble(struct earshot_sound_room *room)
{
    g_mutex_lock(&room->lock);
    char *trouble = g_strdup(room->trouble);
    g_mutex_unlock(&room->lock);
    return trouble;
}

void earshot_sound_room_look(struct earshot_sound_room *room)
{
    g_mutex_lock(&room->lock);
    room->look = TRUE;
    g_cond_signal(&room->changed);
    g_mutex_unlock(&room->lock);
}

gboolean earshot_sound_room_take_cards(struct earshot_sound_room *room, char ***ret_microphones,
                                       char ***ret_loudspeakers)
{
    g_mutex_lock(&room->lock);
    gboolean looked = room->looked;
    if (looked) {
        *ret_microphones = g_steal_pointer(&room->microphones);
        *ret_loudspeakers = g_steal_pointer(&room->loudspeakers);
        room->looked = FALSE;
    }
    g_mutex_unlock(&room->lock);
    return looked;
}
