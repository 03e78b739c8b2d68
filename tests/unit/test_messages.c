/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages on disk: written, growing, coming in, in order, found, gone. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "store/messages.h"
#include "store_folder.h"

/* Nobody waits for the disk here; test_store_trouble cuts the power. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

#define ANN 1
#define BOB 2
#define NOW_S INT64_C(1750000000)

static int64_t say(struct ear_store *store, uint32_t person, const char *text)
{
    const struct ear_message_draft draft = {person, EAR_MESSAGE_TEXT, NOW_S, 0, NULL};
    int64_t id = 0;
    assert_int_equal(ear_messages_write(store, &draft, text, strlen(text), &id), 0);
    return id;
}

static struct ear_message look(struct ear_store *store, int64_t id)
{
    struct ear_message m;
    assert_int_equal(ear_messages_with_id(store, id, &m), 0);
    return m;
}

/* What their store would send. */
static struct ear_message head_of(uint64_t serial, uint8_t kind, const void *body, size_t len)
{
    struct ear_message m = {
        .serial = serial, .person = ANN, .kind = kind, .written_s = NOW_S, .size = len};
    const struct ear_bytes piece = {body, len};
    memset(m.mark, (int)serial, sizeof m.mark);
    ear_sodium_hash(m.hash, sizeof m.hash, NULL, 0, &piece, 1);
    if (kind == EAR_MESSAGE_FILE)
        strcpy(m.name, "letter.pdf");
    return m;
}

static int64_t hear(struct ear_store *store, uint64_t serial, const char *text)
{
    const struct ear_message head = head_of(serial, EAR_MESSAGE_TEXT, text, strlen(text));
    int64_t id = 0;
    assert_int_equal(ear_messages_receive(store, &head, text, strlen(text), &id), 0);
    return id;
}

static void what_is_written_waits(void **state)
{
    struct ear_store *store = store_at(*state);
    char large[1000];
    int64_t first = say(store, ANN, "Gr\xc3\xbc\xc3\x9f Gott"), second;
    struct ear_message m = look(store, first);
    assert_int_equal(m.state, EAR_MESSAGE_WAITING);
    assert_int_equal(m.direction, EAR_MESSAGE_OUT);
    assert_string_equal(m.text, "Gr\xc3\xbc\xc3\x9f Gott");
    assert_int_equal(m.size, 11);
    assert_true(m.serial == NOW_S && m.written_s == NOW_S);
    memset(large, 'x', sizeof large);
    large[999] = '\0';
    second = say(store, ANN, large);
    store_shut(store);
    store = store_at(*state);
    m = look(store, second);
    assert_true(m.serial == NOW_S + 1 && m.size == 999);
    assert_string_equal(m.text, "");
    char back[1000] = "";
    assert_int_equal(ear_messages_read(store, second, 0, back, sizeof back), 999);
    assert_string_equal(back, large);
    assert_int_equal(ear_messages_read(store, second, 990, back, sizeof back), 9);
    assert_int_equal(ear_messages_read(store, second, 999, back, sizeof back), 0);
    assert_int_equal(ear_messages_read(store, first, 4, back, 4), 4);
    assert_memory_equal(back, "\xc3\x9f G", 3);
    store_shut(store);
}

static void nonsense_is_not_written(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_message_draft draft = {ANN, EAR_MESSAGE_TEXT, NOW_S, 0, NULL};
    int64_t id = 0;
    assert_int_equal(ear_messages_write(store, &draft, "a\0b", 3, &id), -EILSEQ);
    assert_int_equal(ear_messages_write(store, &draft, "\xff", 1, &id), -EILSEQ);
    assert_int_equal(ear_messages_write(store, &draft, "5\xe2\x80\xae 10", 7, &id), -EILSEQ);
    draft.kind = EAR_MESSAGE_KINDS;
    assert_int_equal(ear_messages_write(store, &draft, "a", 1, &id), -EINVAL);
    draft.kind = EAR_MESSAGE_FILE;
    static const char *const names[] = {NULL, "", ".", "..", "a/b", "a\nb", "\xff"};
    for (size_t i = 0; i < EAR_COUNT(names); i++) {
        draft.name = names[i];
        assert_int_equal(ear_messages_write(store, &draft, "a", 1, &id), -EINVAL);
    }
    assert_int_equal(id, 0);
    assert_int_equal(ear_messages_unseen(store, 0), 0);
    store_shut(store);
}

static void a_recording_outlives_its_program(void **state)
{
    struct ear_store *store = store_at(*state);
    const struct ear_message_draft draft = {BOB, EAR_MESSAGE_VOICE, NOW_S, 0, NULL};
    struct ear_message found[3];
    uint8_t piece[200], back[1000], whole[1000];
    int64_t id = 0;
    assert_int_equal(ear_messages_begin(store, &draft, &id), 0);
    assert_int_equal(ear_messages_finish(store, id, 0), -ENODATA);
    for (uint64_t i = 0; i < 5; i++) {
        memset(piece, (int)i + 1, sizeof piece);
        memcpy(whole + i * 200, piece, sizeof piece);
        assert_int_equal(ear_messages_append(store, id, i * 200, piece, 200), (i + 1) * 200);
    }
    assert_int_equal(ear_messages_append(store, id, 1001, piece, 1), -ERANGE);
    assert_int_equal(ear_messages_append(store, id, 800, piece, 200), 1000); /* again */
    assert_int_equal(ear_messages_outgoing(store, BOB, 0, found, 3), 0);
    store_shut(store);
    store = store_at(*state);
    assert_int_equal(ear_messages_recordings(store, found, 3), 1);
    assert_true(found[0].id == id && found[0].size == 1000 && found[0].serial == 0);
    assert_int_equal(ear_messages_finish(store, id, 4000), 0);
    assert_int_equal(ear_messages_recordings(store, found, 3), 0);
    assert_int_equal(ear_messages_outgoing(store, BOB, 0, found, 3), 1);
    const struct ear_bytes all = {whole, sizeof whole};
    uint8_t hash[EAR_MESSAGE_HASH_BYTES];
    ear_sodium_hash(hash, sizeof hash, NULL, 0, &all, 1);
    assert_memory_equal(found[0].hash, hash, sizeof hash);
    assert_int_equal(found[0].duration_ms, 4000);
    assert_int_equal(ear_messages_read(store, id, 0, back, sizeof back), 1000);
    assert_memory_equal(back, whole, sizeof whole);
    assert_int_equal(ear_messages_read(store, id, 399, back, 202), 202);
    assert_memory_equal(back, whole + 399, 202);
    assert_int_equal(ear_messages_append(store, id, 1000, piece, 1), -EPERM);
    assert_int_equal(ear_messages_finish(store, id, 1), -EPERM);
    store_shut(store);
}

/* What was copied from a disk cannot be had again; what was said is kept. */
static void a_copy_that_was_cut_is_told(void **state)
{
    struct ear_store *store = store_at(*state);
    const struct ear_message_draft file = {BOB, EAR_MESSAGE_FILE, NOW_S, 0, "scan.pdf"};
    const struct ear_message_draft voice = {BOB, EAR_MESSAGE_VOICE, NOW_S, 0, NULL};
    struct ear_message m, found[3];
    uint8_t piece[200] = {1}, back[200];
    int64_t copy = 0, said = 0, silent = 0;
    assert_int_equal(ear_messages_begin(store, &file, &copy), 0);
    assert_int_equal(ear_messages_append(store, copy, 0, piece, sizeof piece), 200);
    assert_int_equal(ear_messages_begin(store, &voice, &said), 0);
    assert_int_equal(ear_messages_append(store, said, 0, piece, sizeof piece), 200);
    assert_int_equal(ear_messages_begin(store, &voice, &silent), 0);
    store_shut(store);
    store = store_at(*state);
    assert_int_equal(ear_messages_settle(store), 0);
    assert_int_equal(ear_messages_with_id(store, copy, &m), 0);
    assert_true(m.state == EAR_MESSAGE_FAILED && m.reason == EAR_MESSAGE_NOT_COPIED);
    assert_string_equal(m.name, "scan.pdf");
    assert_true(ear_messages_read(store, copy, 0, back, sizeof back) <= 0);
    assert_int_equal(
        ear_messages_set_state(store, copy, EAR_MESSAGE_WAITING, EAR_MESSAGE_NO_REASON), -EPERM);
    assert_int_equal(ear_messages_recordings(store, found, 3), 1);
    assert_int_equal(found[0].id, said);
    assert_int_equal(ear_messages_with_id(store, silent, &m), -ENOENT);
    assert_int_equal(ear_messages_settle(store), 0);
    assert_int_equal(ear_messages_finish(store, said, 100), 0);
    store_shut(store);
}

static void comes_in_piece_by_piece(void **state)
{
    struct ear_store *store = store_at(*state);
    uint8_t body[5000], back[5000];
    struct ear_message m;
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 7);
    struct ear_message head = head_of(1, EAR_MESSAGE_FILE, body, sizeof body);
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), 0);
    int64_t id = m.id;
    assert_int_equal(ear_messages_append(store, id, 0, body, 2000), 2000);
    assert_int_equal(ear_messages_finish_incoming(store, id), -ENODATA);
    store_shut(store);
    store = store_at(*state);
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), 0);
    assert_true(m.id == id && m.have == 2000 && m.state == EAR_MESSAGE_COMING);
    assert_int_equal(ear_messages_append(store, id, 1990, body + 1990, 3010), 5000);
    assert_int_equal(ear_messages_append(store, id, 5000, body, 1), -EMSGSIZE);
    assert_int_equal(ear_messages_finish_incoming(store, id), 0);
    assert_int_equal(ear_messages_finish_incoming(store, id), 0);
    assert_int_equal(look(store, id).state, EAR_MESSAGE_UNSEEN);
    assert_string_equal(look(store, id).name, "letter.pdf");
    assert_int_equal(ear_messages_read(store, id, 0, back, sizeof back), 5000);
    assert_memory_equal(back, body, sizeof body);
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), 0);
    assert_int_equal(m.state, EAR_MESSAGE_UNSEEN);
    head.size = 4999;
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), -EEXIST);
    store_shut(store);
}

static void another_content_than_promised_begins_anew(void **state)
{
    struct ear_store *store = store_at(*state);
    const char *said = "as it was said", *came = "as it WAS said";
    const struct ear_message head = head_of(1, EAR_MESSAGE_TEXT, said, 14);
    struct ear_message m;
    int64_t id = 0;
    assert_int_equal(ear_messages_receive(store, &head, came, 14, &id), -EBADMSG);
    assert_int_equal(ear_messages_receive(store, &head, said, 13, &id), -EINVAL);
    assert_int_equal(ear_messages_find(store, ANN, EAR_MESSAGE_IN, head.mark, &m), -ENOENT);
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), 0);
    assert_int_equal(ear_messages_append(store, m.id, 0, came, 14), 14);
    assert_int_equal(ear_messages_finish_incoming(store, m.id), -EBADMSG);
    assert_int_equal(look(store, m.id).have, 0);
    assert_int_equal(look(store, m.id).state, EAR_MESSAGE_COMING);
    assert_int_equal(ear_messages_append(store, m.id, 0, said, 14), 14);
    assert_int_equal(ear_messages_finish_incoming(store, m.id), 0);
    assert_string_equal(look(store, m.id).text, said);
    const struct ear_message binary = head_of(2, EAR_MESSAGE_TEXT, "\x01\x02", 2);
    assert_int_equal(ear_messages_receive(store, &binary, "\x01\x02", 2, &id), -EILSEQ);
    store_shut(store);
}

/* What was begun in pieces may also come whole: they sent it anew. */
static void comes_whole_after_a_beginning(void **state)
{
    struct ear_store *store = store_at(*state);
    const struct ear_message head = head_of(1, EAR_MESSAGE_TEXT, "good morning", 12);
    struct ear_message m;
    int64_t id = 0;
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), 0);
    assert_int_equal(ear_messages_append(store, m.id, 0, "good", 4), 4);
    assert_int_equal(ear_messages_receive(store, &head, "good morning", 12, &id), 0);
    assert_int_equal(id, m.id);
    assert_string_equal(look(store, id).text, "good morning");
    assert_int_equal(ear_messages_receive(store, &head, "good morning", 12, &id), 0);
    assert_int_equal(ear_messages_unseen(store, ANN), 1);
    store_shut(store);
}

static void a_conversation_stands_in_order(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_message list[10];
    static const char *const expected[] = {"six", "own 2", "five", "four", "three", "two", "own 1"};
    say(store, ANN, "own 1");
    hear(store, 5, "five"); /* the smallest came first, and then what was larger */
    hear(store, 3, "three");
    hear(store, 4, "four");
    say(store, ANN, "own 2");
    hear(store, 6, "six");
    hear(store, 2, "two");
    say(store, BOB, "to another");
    assert_int_equal(ear_messages_list(store, ANN, 0, list, 10), 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(list[i].text, expected[i]);
    int64_t before = 0;
    for (size_t i = 0; i < 6; i += 2) {
        assert_int_equal(ear_messages_list(store, ANN, before, list, 2), 2);
        assert_string_equal(list[0].text, expected[i]);
        assert_string_equal(list[1].text, expected[i + 1]);
        before = list[1].id;
    }
    assert_int_equal(ear_messages_list(store, ANN, 4711, list, 2), -ENOENT);
    store_shut(store);
}

static void states_go_forward_only(void **state)
{
    struct ear_store *store = store_at(*state);
    int64_t out = say(store, ANN, "x"), in = hear(store, 1, "y"), bad = say(store, ANN, "z");
    static const struct {
        enum ear_message_state to;
        int err;
        enum ear_message_state is;
    } way[] = {
        {EAR_MESSAGE_SENT, 0, EAR_MESSAGE_SENT},
        {EAR_MESSAGE_WAITING, 0, EAR_MESSAGE_SENT},
        {EAR_MESSAGE_UNSEEN, -EPERM, EAR_MESSAGE_SENT},
        {EAR_MESSAGE_ARRIVED, 0, EAR_MESSAGE_ARRIVED},
        {EAR_MESSAGE_FAILED, 0, EAR_MESSAGE_ARRIVED},
        {EAR_MESSAGE_SEEN, 0, EAR_MESSAGE_SEEN},
        {EAR_MESSAGE_SENT, 0, EAR_MESSAGE_SEEN},
        {EAR_MESSAGE_RECORDING, -EPERM, EAR_MESSAGE_SEEN},
        {EAR_MESSAGE_STATES, -EPERM, EAR_MESSAGE_SEEN},
    };
    for (size_t i = 0; i < EAR_COUNT(way); i++) {
        assert_int_equal(ear_messages_set_state(store, out, way[i].to, 0), way[i].err);
        assert_int_equal(look(store, out).state, way[i].is);
    }
    assert_int_equal(look(store, out).have, 1);
    assert_int_equal(ear_messages_set_state(store, bad, EAR_MESSAGE_FAILED, EAR_MESSAGE_NO_ROOM),
                     0);
    assert_int_equal(look(store, bad).reason, EAR_MESSAGE_NO_ROOM);
    assert_int_equal(ear_messages_set_state(store, bad, EAR_MESSAGE_WAITING, 0), 0);
    assert_int_equal(look(store, bad).reason, EAR_MESSAGE_NO_REASON);
    assert_int_equal(ear_messages_set_state(store, in, EAR_MESSAGE_ARRIVED, 0), -EPERM);
    assert_int_equal(ear_messages_set_seen_told(store, in), -ENOENT);
    assert_int_equal(ear_messages_set_state(store, in, EAR_MESSAGE_SEEN, 0), 0);
    struct ear_message told[2];
    uint32_t people[3];
    assert_int_equal(ear_messages_seen_untold(store, ANN, told, 2), 1);
    assert_int_equal(ear_messages_people_waiting(store, people, 3), 1);
    assert_int_equal(ear_messages_set_seen_told(store, in), 0);
    assert_int_equal(ear_messages_seen_untold(store, ANN, told, 2), 0);
    assert_true(look(store, in).seen_told);
    assert_int_equal(ear_messages_set_state(store, 99, EAR_MESSAGE_SEEN, 0), -ENOENT);
    store_shut(store);
}

static void what_was_deleted_does_not_come_again(void **state)
{
    struct ear_store *store = store_at(*state);
    const struct ear_message head = head_of(1, EAR_MESSAGE_TEXT, "hello", 5);
    struct ear_message m;
    int64_t id = hear(store, 1, "hello"), own = say(store, ANN, "x");
    assert_int_equal(ear_messages_delete(store, id), 0);
    assert_int_equal(ear_messages_delete(store, id), -ENOENT);
    assert_int_equal(ear_messages_receive(store, &head, "hello", 5, &id), -EALREADY);
    assert_int_equal(ear_messages_begin_incoming(store, &head, &m), -EALREADY);
    assert_int_equal(ear_messages_delete(store, own), 0);
    assert_true(say(store, ANN, "y") > own);
    uint64_t serial = look(store, own + 1).serial;
    assert_true(serial == NOW_S + 1); /* never the deleted one's */
    assert_int_equal(ear_messages_forget_person(store, ANN), 0);
    assert_int_equal(ear_messages_with_id(store, own + 1, &m), -ENOENT);
    assert_int_equal(ear_messages_receive(store, &head, "hello", 5, &id), 0);
    const struct ear_message half = head_of(2, EAR_MESSAGE_TEXT, "half", 4);
    assert_int_equal(ear_messages_begin_incoming(store, &half, &m), 0);
    assert_int_equal(ear_messages_delete(store, m.id), 0);
    assert_int_equal(ear_messages_begin_incoming(store, &half, &m), -ECANCELED);
    assert_int_equal(ear_messages_receive(store, &half, "half", 4, &id), -ECANCELED);
    store_shut(store);
}

static void outgoing_and_totals(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_message list[10];
    struct ear_message_totals totals;
    int64_t ids[4];
    for (int i = 0; i < 4; i++)
        ids[i] = say(store, ANN, "0123456789");
    assert_int_equal(ear_messages_note_have(store, ids[1], 4), 0);
    assert_int_equal(ear_messages_note_have(store, ids[1], 3), 0);
    assert_int_equal(look(store, ids[1]).have, 4);
    assert_int_equal(ear_messages_note_have(store, ids[1], 11), -EPERM);
    assert_int_equal(ear_messages_set_state(store, ids[0], EAR_MESSAGE_ARRIVED, 0), 0);
    assert_int_equal(ear_messages_set_state(store, ids[2], EAR_MESSAGE_SENT, 0), 0);
    assert_int_equal(ear_messages_outgoing(store, ANN, 0, list, 10), 3);
    assert_true(list[0].id == ids[1] && list[1].id == ids[2] && list[2].id == ids[3]);
    assert_int_equal(ear_messages_outgoing(store, ANN, list[0].serial, list, 1), 1);
    assert_true(list[0].id == ids[2]);
    hear(store, 1, "12345");
    const struct ear_message head = head_of(2, EAR_MESSAGE_FILE, "1234567", 7);
    assert_int_equal(ear_messages_begin_incoming(store, &head, &list[0]), 0);
    assert_int_equal(ear_messages_append(store, list[0].id, 0, "123", 3), 3);
    assert_int_equal(ear_messages_totals(store, ANN, &totals), 0);
    const struct ear_message_totals expected = {2, 8, 1, 12, 4, 40, 3, 26};
    assert_memory_equal(&totals, &expected, sizeof totals);
    store_shut(store);
}

/* A dead clock battery, a year too late, a time zone: the order is that of writing. */
static void the_clock_may_jump(void **state)
{
    static const int64_t times[] = {NOW_S, 0, -5, NOW_S + 31536000, 86400, NOW_S, INT64_MAX / 2};
    struct ear_store *store = store_at(*state);
    struct ear_message list[10];
    uint64_t last = 0;
    for (size_t i = 0; i < EAR_COUNT(times); i++) {
        const struct ear_message_draft draft = {ANN, EAR_MESSAGE_TEXT, times[i], 0, NULL};
        int64_t id = 0;
        assert_int_equal(ear_messages_write(store, &draft, "x", 1, &id), 0);
        assert_true(look(store, id).serial > last && look(store, id).written_s == times[i]);
        last = look(store, id).serial;
    }
    assert_int_equal(ear_messages_list(store, ANN, 0, list, 10), EAR_COUNT(times));
    for (size_t i = 0; i < EAR_COUNT(times); i++)
        assert_true(list[i].written_s == times[EAR_COUNT(times) - 1 - i]);
    store_shut(store);
}

static void words_are_found(void **state)
{
    struct ear_store *store = store_at(*state);
    struct ear_message found[10];
    char large[3000];
    say(store, ANN, "The LITHIUM level is fine");
    hear(store, 1, "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82, \xc3\x84rztin"); /* Привет */
    say(store, BOB, "lithium again");
    memset(large, 'x', sizeof large);
    memcpy(large + 2980, "at the end Zyprexa", 19);
    say(store, BOB, large);
    const struct ear_message file = head_of(2, EAR_MESSAGE_FILE, "lithium", 7);
    int64_t id;
    assert_int_equal(ear_messages_receive(store, &file, "lithium", 7, &id), 0);
    assert_int_equal(ear_messages_search(store, 0, "Lithium", 0, found, 10), 2);
    assert_int_equal(found[0].person, BOB);
    assert_int_equal(ear_messages_search(store, 0, "lithium", found[0].id, found, 10), 1);
    assert_int_equal(ear_messages_search(store, ANN, "lithium", 0, found, 10), 1);
    assert_int_equal(ear_messages_search(store, 0, "LETTER", 0, found, 10), 1);
    assert_int_equal(ear_messages_search(store, 0, "zyprexa", 0, found, 10), 1);
    assert_int_equal(
        ear_messages_search(store, 0, "\xd0\xbf\xd0\xa0\xd0\x98\xd0\xb2", 0, found, 10), 1);
    assert_int_equal(ear_messages_search(store, 0, "\xc3\xa4RZT", 0, found, 10), 1);
    assert_int_equal(ear_messages_search(store, 0, "nowhere", 0, found, 10), 0);
    assert_int_equal(ear_messages_search(store, 0, "", 0, found, 10), -EINVAL);
    assert_int_equal(ear_messages_search(store, 0, "\xff", 0, found, 10), -EINVAL);
    store_shut(store);
}

/* Each sealed part belongs to its row alone. */
static void what_was_moved_about_does_not_open(void **state)
{
    static const char *const tricks[] = {
        "UPDATE messages SET body = (SELECT body FROM messages WHERE row = 2) WHERE row = 1",
        "UPDATE messages SET version = version + 1 WHERE row = 1",
        "UPDATE chunks SET message = 1 WHERE message = 3",
        "UPDATE messages SET body = x'00' WHERE row = 1",
        "UPDATE messages SET direction = 2 WHERE row = 1",
        "UPDATE messages SET kind = 4 WHERE row = 1",
        "UPDATE messages SET state = 200 WHERE row = 1",
        "UPDATE messages SET state = -1 WHERE row = 1",
        "UPDATE messages SET reason = 9 WHERE row = 1",
    };
    char large[1000], back[1000];
    memset(large, 'x', sizeof large - 1);
    large[999] = '\0';
    for (size_t i = 0; i < EAR_COUNT(tricks); i++) {
        struct ear_store *store = store_at(*state);
        struct ear_message m;
        assert_int_equal(ear_db_run(store->db, "DELETE FROM messages;"
                                               "DELETE FROM sqlite_sequence"),
                         0);
        say(store, ANN, "one");
        say(store, ANN, "two");
        say(store, ANN, large);
        assert_int_equal(ear_db_run(store->db, tricks[i]), 0);
        int64_t err = i == 2 ? ear_messages_read(store, 1, 0, back, sizeof back)
                             : ear_messages_with_id(store, 1, &m);
        assert_int_equal(err, -EBADMSG);
        store_shut(store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_waits, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_not_written, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_recording_outlives_its_program, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_copy_that_was_cut_is_told, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(comes_in_piece_by_piece, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(another_content_than_promised_begins_anew, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(comes_whole_after_a_beginning, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_conversation_stands_in_order, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(states_go_forward_only, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_was_deleted_does_not_come_again, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(outgoing_and_totals, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(the_clock_may_jump, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(words_are_found, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_was_moved_about_does_not_open, folder_setup,
                                        folder_teardown),
    };
    return ear_sodium_start() || cmocka_run_group_tests(tests, NULL, NULL);
}
