/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the worker's rings and ENet's channel of mail, at its own pace. */
#include "call/mail_way.h"

#include <string.h>

#include "call/knock.h"
#include "call/say.h"

/* Who opened a line closes it when nothing has moved for this long: longer than any round trip and
 * a disk's pause. The other end waits longer, so that it is not both at once. */
#define IDLE_US (10 * (int64_t)EAR_US_PER_S)
#define IDLE_THERE_US (30 * (int64_t)EAR_US_PER_S)
/* A line on which nothing comes back for so long is given up: it is opened anew later, and not kept
 * from a call. Not while something presses: handshakes hardly pass where one frame in twenty does.
 */
#define DEAD_US (30 * (int64_t)EAR_US_PER_S)
#define PRESSING_US (5 * (int64_t)EAR_US_PER_S)
/* The first word goes alone. */
#define YOUNG_US (2 * (int64_t)EAR_US_PER_S)
/* Who has not spoken for so long, while words of the other side came this lately, listens. */
#define SILENT_US (500 * EAR_US_PER_MS)
#define HEARD_US (300 * EAR_US_PER_MS)
/* While nothing has moved for so long, the worker is looked at this often: what speech sends need
 * not be followed then. */
#define MOVES_US (2 * (int64_t)EAR_US_PER_S)
#define STEP_US (50 * EAR_US_PER_MS)
/* Places of the worker's ring that frames leave to what must be told. */
#define TELL_ROOM 32
/* More frames are wanted once so many of their places are free. */
#define WANT_LEAST 6

void ear_mail_way_init(struct ear_mail_way *way, struct ear_switchboard *board,
                       struct ear_mailbox *mail)
{
    *way = (struct ear_mail_way){.board = board, .mail = mail};
}

static struct ear_session *session_of(const struct ear_mail_way *way,
                                      const struct ear_mail_way_line *line)
{
    return &way->board->sessions[line - way->lines];
}

static struct ear_mail_way_line *line_of(struct ear_mail_way *way,
                                         const struct ear_session *session)
{
    return &way->lines[session - way->board->sessions];
}

/* ---- what the worker is told ---- */

static bool tell(struct ear_mail_way *way, enum ear_pipe_kind kind, uint32_t person,
                 uint32_t session)
{
    const struct ear_pipe_item item = {.kind = kind, .person = person, .session = session};
    return ear_ring_put(&way->mail->frames_in, &item, 1) == 1;
}

/* Where its ring was full it is told later. */
static void tell_state(struct ear_mail_way *way, struct ear_mail_way_line *line)
{
    if (line->choked && ear_ring_room(&way->mail->frames_in) < EAR_PIPE_WAITING / 2)
        return;
    line->choked = false;
    if (line->told && (!line->up || line->told != line->number) &&
        tell(way, EAR_PIPE_DOWN, line->told_person, line->told))
        line->told = 0;
    if (!line->told && line->up && tell(way, EAR_PIPE_UP, line->person, line->number)) {
        line->told = line->number;
        line->told_person = line->person;
        line->wanted = 0;
        line->cap = 0;
    }
}

static void want(struct ear_mail_way *way, struct ear_mail_way_line *line)
{
    size_t cap = ear_pace_cap(&line->pace, EAR_PIPE_FRAME_MAX, EAR_PIPE_FRAME_LEAST);
    uint32_t room = EAR_MAIL_WAY_WAITING - line->count;
    uint32_t more = room > line->wanted ? room - line->wanted : 0;
    if (!line->told || line->told != line->number || (more < WANT_LEAST && cap == line->cap))
        return;
    const struct ear_pipe_item item = {.kind = EAR_PIPE_WANT,
                                       .person = line->person,
                                       .session = line->number,
                                       .count = (uint16_t)more,
                                       .cap = (uint16_t)cap};
    if (ear_ring_put(&way->mail->frames_in, &item, 1) != 1)
        return;
    line->wanted += more;
    line->cap = cap;
}

/* ---- lines ---- */

static bool is_whole(const struct ear_mail_way *way, const struct ear_mail_way_line *line)
{
    const struct ear_session *session = session_of(way, line);
    return session->open && session->opened_us == line->opened_us && !session->close_at_us;
}

static void bring_up(struct ear_mail_way *way, struct ear_session *session, int64_t now_us)
{
    struct ear_mail_way_line *line = line_of(way, session);
    if (session->guest == 0 || session->pins || session->close_at_us)
        return;
    if (line->up && is_whole(way, line))
        return;
    const uint32_t told = line->told, told_person = line->told_person;
    *line = (struct ear_mail_way_line){
        .up = true,
        .number = ++way->newest,
        .person = session->guest,
        .told = told,
        .told_person = told_person,
        .opened_us = session->opened_us,
        .moved_us = now_us,
        .pressing_us = INT64_MIN / 2,
    };
    ear_pace_init(&line->pace, 0, now_us);
    tell_state(way, line);
}

static void bring_up_quiet(struct ear_mail_way *way, struct ear_session *session, int64_t now_us)
{
    bring_up(way, session, now_us);
    session->quiet = line_of(way, session)->up;
}

static void take_down(struct ear_mail_way *way, struct ear_mail_way_line *line)
{
    bool failed = line->opening && !line->up;
    line->opening = line->up = false;
    line->count = line->wanted = 0;
    session_of(way, line)->quiet = false;
    if (failed)
        tell(way, EAR_PIPE_DOWN, line->person, 0);
    tell_state(way, line);
}

/* Says that no more comes, so that the other end lets the line go as well. */
static void close_line(struct ear_mail_way *way, struct ear_mail_way_line *line, int64_t now_us)
{
    struct ear_session *session = session_of(way, line);
    bool whole = is_whole(way, line);
    take_down(way, line);
    if (!whole)
        return;
    if (session->connected)
        ear_say(session, EAR_SIGNAL_KNOCK, false);
    ear_switchboard_release(way->board, session, now_us);
}

void ear_mail_way_drop(struct ear_mail_way *way, const struct ear_session *keep, int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_mail_way_line *line = &way->lines[i];
        if (session_of(way, line) == keep)
            session_of(way, line)->quiet = false;
        else if (line->up || line->opening)
            close_line(way, line, now_us);
    }
}

void ear_mail_way_begin(struct ear_mail_way *way, struct ear_session *session, int64_t now_us)
{
    bring_up(way, session, now_us);
}

void ear_mail_way_greet(struct ear_mail_way *way, struct ear_session *session,
                        const struct ear_session *current, bool accept, int64_t now_us)
{
    if (session == current)
        return;
    if (!current && accept) {
        bring_up_quiet(way, session, now_us);
        return;
    }
    ear_say(session, EAR_SIGNAL_BUSY, false);
    ear_switchboard_release(way->board, session, now_us);
}

void ear_mail_way_refuse(struct ear_mail_way *way, struct ear_session *session, int64_t now_us)
{
    struct ear_mail_way_line *line = line_of(way, session);
    if (!line->up && !line->opening)
        return;
    bool whole = is_whole(way, line);
    take_down(way, line);
    if (whole)
        ear_switchboard_release(way->board, session, now_us);
}

/* ---- what comes ---- */

static void take_frame(struct ear_mail_way *way, const struct ear_switchboard_event *event,
                       const struct ear_session *current, int64_t now_us)
{
    struct ear_mail_way_line *line = line_of(way, event->session);
    if (event->len == 0 || event->len > EAR_PIPE_FRAME_MAX ||
        (current && event->session != current))
        return;
    if (event->session == current)
        bring_up(way, event->session, now_us);
    else
        bring_up_quiet(way, event->session, now_us);
    line->moved_us = now_us;
    if (!line->up || line->told != line->number)
        return;
    if (ear_ring_room(&way->mail->frames_in) <= TELL_ROOM) {
        line->number = ++way->newest; /* the worker does not keep up: both begin anew */
        line->count = 0;
        line->choked = true;
        return;
    }
    struct ear_pipe_item item = {.kind = EAR_PIPE_FRAME,
                                 .person = line->person,
                                 .session = line->number,
                                 .len = (uint16_t)event->len};
    memcpy(item.data, event->data, event->len);
    ear_ring_put(&way->mail->frames_in, &item, 1);
}

/* Where the worker does not keep up, its sender says it again. */
static void take_flare(struct ear_mail_way *way, const struct ear_switchboard_event *event)
{
    struct ear_pipe_item item = {
        .kind = EAR_PIPE_FLARE, .person = event->guest, .len = (uint16_t)event->len};
    if (ear_ring_room(&way->mail->frames_in) <= TELL_ROOM)
        return;
    memcpy(item.data, event->data, event->len);
    ear_ring_put(&way->mail->frames_in, &item, 1);
}

void ear_mail_way_take(struct ear_mail_way *way, const struct ear_switchboard_event *event,
                       const struct ear_session *current, int64_t now_us)
{
    if (event->kind == EAR_SWITCHBOARD_FLARE)
        take_flare(way, event);
    if (!event->session)
        return;
    struct ear_mail_way_line *line = line_of(way, event->session);
    if ((line->up || line->opening) && !is_whole(way, line))
        take_down(way, line);
    if (event->kind == EAR_SWITCHBOARD_MAIL) {
        take_frame(way, event, current, now_us);
    } else if (event->kind == EAR_SWITCHBOARD_CONNECTED && line->opening) {
        ear_say(event->session, EAR_SIGNAL_MAIL, false);
        bring_up_quiet(way, event->session, now_us);
    }
}

/* ---- what the worker wants ---- */

static bool is_with(const struct ear_session *session, uint32_t person)
{
    return session->open && session->guest == person && !session->close_at_us;
}

/* Whether it stands or will. */
static bool open_line(struct ear_mail_way *way, const struct ear_pipe_item *item, bool busy,
                      int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (is_with(&way->board->sessions[i], item->person))
            return way->lines[i].up || way->lines[i].opening;
    if (busy)
        return false;
    struct ear_session *session =
        ear_switchboard_call(way->board, item->person, &item->address, item->others, now_us);
    if (!session)
        return false;
    struct ear_mail_way_line *line = line_of(way, session);
    take_down(way, line);
    line->opening = true;
    line->person = item->person;
    line->opened_us = session->opened_us;
    line->until_us = now_us + EAR_KNOCK_US;
    return true;
}

static void send_at_once(struct ear_mail_way *way, struct ear_mail_way_line *line,
                         const struct ear_pipe_item *item, int64_t now_us)
{
    struct ear_session *session = session_of(way, line);
    line->pressing_us = line->moved_us = now_us;
    ear_send_sealed(&way->board->send, &session->tunnel, &session->address, EAR_KIND_MAIL,
                    item->data, item->len);
}

static void take_from_worker(struct ear_mail_way *way, const struct ear_pipe_item *item,
                             int64_t now_us)
{
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++) {
        struct ear_mail_way_line *line = &way->lines[i];
        if (!line->up || line->number != item->session || !is_whole(way, line) || item->len == 0 ||
            item->len > EAR_PIPE_FRAME_MAX)
            continue;
        if (item->at_once) {
            send_at_once(way, line, item, now_us);
        } else if (line->count < EAR_MAIL_WAY_WAITING) {
            struct ear_mail_way_frame *frame =
                &line->waiting[(line->first + line->count++) % EAR_MAIL_WAY_WAITING];
            frame->len = item->len;
            memcpy(frame->data, item->data, item->len);
            line->wanted -= line->wanted > 0;
        }
    }
}

static void take_items(struct ear_mail_way *way, const struct ear_mail_way_call *call,
                       int64_t now_us)
{
    struct ear_pipe_item item;
    while (ear_ring_take(&way->mail->frames_out, &item, 1) == 1) {
        bool busy = call->current || call->busy;
        if (item.kind == EAR_PIPE_FRAME)
            take_from_worker(way, &item, now_us);
        else if (item.kind == EAR_PIPE_FLARE && item.len <= EAR_PIPE_FRAME_MAX)
            ear_switchboard_flare(way->board, &item, now_us);
        else if (item.kind == EAR_PIPE_OPEN && !open_line(way, &item, busy, now_us))
            tell(way, EAR_PIPE_DOWN, item.person, 0);
    }
}

/* ---- what goes ---- */

/* All that left in whatever session takes its time on our line. */
static void note_sent(struct ear_mail_way *way, int64_t now_us)
{
    int64_t bytes = ear_switchboard_sent(way->board).bytes;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (way->lines[i].up)
            ear_pace_sent(&way->lines[i].pace, bytes - way->sent_bytes, now_us);
    way->sent_bytes = bytes;
}

/* Speech measures the line, waits behind an outage, or has none to spare. */
static bool mail_yields(const struct ear_talk_status *talk, int64_t now_us)
{
    return !talk || !talk->line.known || talk->journal_t0_us > now_us - YOUNG_US ||
           talk->ladder.passing || talk->ladder.probe_bps > 0 ||
           talk->ladder.rung > EAR_RUNG_LONGER;
}

static struct ear_pace_speech speech_of(struct ear_mail_way *way,
                                        const struct ear_mail_way_call *call, int64_t now_us)
{
    const struct ear_talk_status *talk = call->talk;
    struct ear_pace_speech speech = {.on = call->current != NULL};
    speech.yields = mail_yields(talk, now_us);
    if (!talk)
        return speech;
    int64_t spoken = talk->packets_sent + talk->repairs_sent;
    if (spoken != way->spoken)
        way->spoke_us = now_us;
    if (talk->play.packets_received != way->heard)
        way->heard_us = now_us;
    way->spoken = spoken;
    way->heard = talk->play.packets_received;
    speech.silent = now_us - way->spoke_us >= SILENT_US;
    speech.listens = speech.silent && now_us - way->heard_us < HEARD_US;
    speech.budget_bps = talk->ladder.budget_bps;
    speech.full = talk->ladder.budget_bps < call->user_bps;
    speech.packet_us = talk->plan.packet_ms * (int64_t)EAR_US_PER_MS;
    speech.due_us = talk->next_us;
    speech.queueing_ms = talk->line.queueing_ms;
    return speech;
}

static void set_patience(const struct ear_mail_way_line *line, const struct ear_session *session)
{
    int64_t trip_us = ear_enet_link_rtt_ms(session->link) * (int64_t)EAR_US_PER_MS;
    int64_t lost_us =
        ear_pace_lost_us(&line->pace, trip_us, ear_enet_link_mail_count(session->link),
                         ear_enet_link_mail_bytes(session->link));
    ear_enet_link_mail_patience(session->link, (uint32_t)(lost_us / EAR_US_PER_MS));
}

/* What was lost goes first, and the next that waits. Returns its length; 0: there is none, or not
 * yet. */
static size_t send_frame(struct ear_mail_way_line *line, struct ear_enet_link *link, int64_t now_us)
{
    const struct ear_mail_way_frame *frame = &line->waiting[line->first];
    size_t lost = ear_enet_link_mail_overdue(link), len = lost > 0 ? lost : frame->len;
    size_t count = lost > 0 ? 0 : ear_enet_link_mail_count(link);
    size_t bytes = lost > 0 ? 0 : ear_enet_link_mail_bytes(link);
    if ((lost == 0 && line->count == 0) || !ear_pace_may(&line->pace, len, count, bytes, now_us))
        return 0;
    if (lost > 0) {
        ear_enet_link_mail_again(link);
        return len;
    }
    if (ear_enet_link_send_mail(link, frame->data, frame->len) < 0)
        return 0;
    line->first = (line->first + 1) % EAR_MAIL_WAY_WAITING;
    line->count--;
    line->moved_us = now_us;
    return len;
}

static void send_frames(struct ear_mail_way *way, struct ear_mail_way_line *line, int64_t now_us)
{
    struct ear_session *session = session_of(way, line);
    size_t len;
    while ((len = send_frame(line, session->link, now_us)) > 0) {
        ear_switchboard_flush(way->board, session, now_us);
        ear_pace_frame(&line->pace, len, now_us);
        note_sent(way, now_us);
    }
}

static bool is_over(const struct ear_mail_way *way, const struct ear_mail_way_line *line,
                    int64_t now_us)
{
    const struct ear_session *session = session_of(way, line);
    if (line->opening && !line->up)
        return now_us >= line->until_us;
    if (now_us - line->pressing_us < PRESSING_US)
        return false;
    bool waits = line->count > 0 || ear_enet_link_mail_count(session->link) > 0;
    int64_t idle_us = session->caller ? IDLE_US : IDLE_THERE_US;
    if (waits)
        return now_us - session->tunnel.heard_us >= DEAD_US;
    return now_us - line->moved_us >= idle_us;
}

static void tend_line(struct ear_mail_way *way, struct ear_mail_way_line *line,
                      const struct ear_mail_way_call *call, int64_t now_us)
{
    struct ear_session *session = session_of(way, line);
    struct ear_enet_ack ack;
    if ((line->up || line->opening) && !is_whole(way, line))
        take_down(way, line);
    if ((line->up || line->opening) && session != call->current && is_over(way, line, now_us))
        close_line(way, line, now_us);
    tell_state(way, line);
    if (!line->up)
        return;
    while (ear_enet_link_mail_ack(session->link, &ack)) {
        const struct ear_pace_ack came = {
            .bytes = ack.len,
            .took_us = ack.again ? 0 : (ack.took_ms + 1) * (int64_t)EAR_US_PER_MS,
            .sent_ms = ack.sent_ms,
        };
        ear_pace_came(&line->pace, &came, now_us);
        line->moved_us = now_us;
    }
    const struct ear_pace_speech speech = speech_of(way, call, now_us);
    ear_pace_set_speech(&line->pace, &speech, now_us);
    set_patience(line, session);
    send_frames(way, line, now_us);
    want(way, line);
}

static bool is_moving(const struct ear_mail_way *way, const struct ear_mail_way_line *line)
{
    return line->count > 0 || ear_enet_link_mail_count(session_of(way, line)->link) > 0;
}

bool ear_mail_way_is_due(const struct ear_mail_way *way, int64_t now_us)
{
    bool waits = now_us - way->stepped_us >= STEP_US;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        waits = waits || (way->lines[i].up && (is_moving(way, &way->lines[i]) ||
                                               now_us - way->lines[i].moved_us < MOVES_US));
    return waits;
}

void ear_mail_way_step(struct ear_mail_way *way, const struct ear_mail_way_call *call,
                       int64_t now_us)
{
    way->stepped_us = now_us;
    note_sent(way, now_us);
    take_items(way, call, now_us);
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        tend_line(way, &way->lines[i], call, now_us);
}

int64_t ear_mail_way_due_us(const struct ear_mail_way *way, int64_t now_us)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < EAR_SWITCHBOARD_SESSIONS; i++)
        if (way->lines[i].up && is_moving(way, &way->lines[i]))
            due = ear_min64(due, ear_pace_due_us(&way->lines[i].pace, now_us));
    return due;
}
