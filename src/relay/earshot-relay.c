/* SPDX-License-Identifier: GPL-3.0-or-later */
/* earshot-relay: forwards sealed datagrams between two people behind carrier NAT, unread. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "relay/options.h"
#include "relay/socket.h"

#define OUT_MAX (EAR_RELAY_BATCH * EAR_REFLECT_OUT_MAX)

/* Set by signals; read between two batches. */
static volatile sig_atomic_t must_end, must_print;

static void on_signal(int number)
{
    if (number == SIGUSR1)
        must_print = 1;
    else
        must_end = 1;
}

/* Without SA_RESTART: a signal ends the wait for datagrams. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static void print_counts(struct ear_reflect *reflect)
{
    const struct ear_reflect_counts *c = ear_reflect_counts(reflect);
    fprintf(stderr,
            "relay: in %lld datagrams %lld bytes, out %lld datagrams %lld bytes, bindings %u "
            "(%lld made, %lld moved, %lld forgotten), challenges %lld, dropped:",
            (long long)c->in_datagrams, (long long)c->in_bytes, (long long)c->out_datagrams,
            (long long)c->out_bytes, ear_reflect_bindings(reflect), (long long)c->bindings_made,
            (long long)c->moves, (long long)c->bindings_forgotten, (long long)c->challenges);
    for (int i = 0; i < EAR_DROP_COUNT; i++)
        fprintf(stderr, "%s %s %lld", i ? "," : "", ear_drop_name((enum ear_drop)i),
                (long long)c->dropped[i]);
    fputc('\n', stderr);
}

static void log_bound(void *ctx, const struct ear_relay_address *address)
{
    char text[EAR_RELAY_ADDRESS_TEXT_BYTES];
    (void)ctx;
    ear_relay_address_text(address, text);
    fprintf(stderr, "relay: bound, %s\n", text);
}

/* Everything that waits at the socket, once. Returns 0, -errno. */
static int run_once(struct ear_reflect *reflect, struct ear_relay_socket *socket)
{
    struct ear_relay_datagram in[EAR_RELAY_BATCH], out[OUT_MAX];
    struct ear_reflect_out follow[OUT_MAX];
    struct ear_reflect_counts *counts = ear_reflect_counts(reflect);
    int too_long, count = 0;
    int got = ear_relay_socket_receive(socket, in, &too_long);
    int64_t now_us = ear_clock_now_us(&ear_clock_monotonic);
    for (int i = 0; i < got; i++)
        count += ear_reflect_take(reflect, now_us, &in[i].address, in[i].data, in[i].len,
                                  follow + count);
    for (int i = 0; i < count; i++)
        out[i] = (struct ear_relay_datagram){follow[i].to, follow[i].data, follow[i].len};
    counts->dropped[EAR_DROP_UNSENT] += count - ear_relay_socket_send(socket, out, count);
    counts->dropped[EAR_DROP_LONG] += too_long;
    ear_reflect_expire(reflect, now_us);
    return got < 0 ? got : 0;
}

static int run(struct ear_reflect *reflect, struct ear_relay_socket *socket)
{
    int err = 0;
    while (!must_end && !err) {
        err = run_once(reflect, socket);
        if (must_print) {
            must_print = 0;
            print_counts(reflect);
        }
    }
    print_counts(reflect);
    if (err)
        fprintf(stderr, "earshot-relay: The network socket is broken (%s).\n", strerror(-err));
    return err ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct ear_relay_options options;
    struct ear_relay_socket *socket = NULL;
    struct ear_reflect *reflect = NULL;
    char error[512];
    int err = ear_relay_options_parse(&options, argc, argv);
    if (err)
        return err == -ECANCELED ? 0 : 2;
    if (ear_sodium_start() < 0) {
        fprintf(stderr, "earshot-relay: The system gives no random numbers.\n");
        return 1;
    }
    ear_sodium_random(options.reflect.seed, sizeof options.reflect.seed);
    options.reflect.on_bound = options.log_addresses ? log_bound : NULL;
    catch_signals();
    err = ear_relay_socket_open(&socket, options.bind, error, sizeof error);
    if (err) {
        fprintf(stderr, "earshot-relay: %s\n", error);
        return err == -EINVAL || err == -EHOSTUNREACH ? 2 : 1;
    }
    err = ear_reflect_new(&reflect, &options.reflect);
    ear_sodium_wipe(options.reflect.seed, sizeof options.reflect.seed);
    if (err) {
        fprintf(stderr, "earshot-relay: Not enough memory for %u bindings: give fewer.\n",
                options.reflect.max_bindings);
    } else {
        fprintf(stderr, "relay: listens on port %u, %u bindings at most\n",
                ear_relay_socket_port(socket), options.reflect.max_bindings);
        err = run(reflect, socket);
    }
    ear_reflect_free(reflect);
    ear_relay_socket_close(socket);
    return err ? 1 : 0;
}
