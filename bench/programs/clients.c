/* clients: thousands of WebSocket clients of a gateway in one thread, told what to do line by line on standard input.
 *
 *   group G PORT ws|plain          where group G connects to; plain connections skip the handshake and only read
 *   token TEXT                     one login for the next connection of a ws group, in order
 *   available 0|1                  what `connect` says from now on
 *   open G COUNT WINDOW            opens COUNT more, WINDOW at a time; ready means that the starting state is in
 *   wait G VERSION MS              until every connection of G is at this version of the stream
 *   track 0|1                      whether to note who was seen with chat on, for:
 *   views G USERS MS               until every connection of G has seen USERS users
 *   ask G COUNT WINDOW             every connection sends COUNT commands, WINDOW under way in each
 *   stall G FIRST COUNT            these stop reading; `resume G FIRST COUNT` undoes it
 *   close G                        closes all of G, and forgets them
 *   counts G | tags | reset        what was counted; latencies of tags; sets both to zero
 *   idle SECONDS | poll SECONDS    keeps the connections alive, asleep between messages or never
 *
 * Each line is answered by one JSON object. While a command is under way epoll is polled without sleeping, so that the
 * gateway is not charged for waking this process. Nothing is decoded that is not needed for counting: a frame's
 * version, tags `~T<16 hex digits, microseconds>~` in status messages, and who is there in `views`. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { GROUPS = 4, MOST_USERS = 4096, READ_AT_ONCE = 1 << 20 };
enum { CLOSED, CONNECTING, UPGRADING, STARTING, READY };
enum { NO_VERSION = -1 };

typedef struct {
    int fd, group, state, asked, answered, stalled;
    int64_t version;
    char *part;                                         /* the beginning of a frame whose rest has not come */
    size_t part_size, part_room;
    unsigned char *seen;                                /* users seen with chat on, a bit each */
    int seen_count;
} client;

typedef struct {
    int port, plain, count, opening, ready, lost, close_code;
    char close_reason[128];
    client **all;
    uint64_t frames, bytes, presence_frames, heartbeats, replies, stepped_back;
    int64_t wanted_version; int behind;                 /* while `wait` is under way */
    int wanted_users, blind; uint64_t pairs;            /* while `views` is */
} group;

static group groups[GROUPS];
static int polled, tracking, available = 1, asks_each, asks_open;
static char **tokens; static size_t token_count, token_room, token_next;
static char buffer[READ_AT_ONCE];
static uint64_t started;

static uint64_t now_us(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}
static void *must(void *p) { if (!p) { perror("memory"); exit(1); } return p; }

/* ------------------------------------------------------------ latencies: a histogram with steps of 1.6 % */
enum { SUB = 64, STEPS = 30 * SUB };
static uint64_t steps[STEPS], tags, worst;

static void add_latency(uint64_t us) {
    int at = (int)us;
    if (us >= SUB) { int e = 63 - __builtin_clzll(us); at = (e - 5) * SUB + (int)((us >> (e - 6)) & (SUB - 1)); }
    steps[at < STEPS ? at : STEPS - 1]++; tags++;
    if (us > worst) worst = us;
}
static double quantile(double q) {
    uint64_t run = 0;
    for (int i = 0; i < STEPS; i++)
        if ((run += steps[i]) >= q * (double)tags && run) {
            if (i < SUB) return i;
            int e = i / SUB + 5;
            return (double)(((uint64_t)SUB + i % SUB) << (e - 6)) + (double)(1ull << (e - 6)) / 2;
        }
    return 0;
}
static void scan_tags(const char *p, size_t n, uint64_t now) {
    const char *end = p + n;
    while (p < end && (p = memchr(p, '~', (size_t)(end - p))) && end - p >= 19) {
        if (p[1] == 'T' && p[18] == '~') {
            uint64_t at = strtoull(p + 2, NULL, 16);
            add_latency(now > at ? now - at : 0);
            p += 19;
        } else p++;
    }
}

/* ------------------------------------------------------------ what a frame says */
static int64_t number_after(const char *p, size_t n, const char *word) {
    const char *found = memmem(p, n, word, strlen(word));
    return found ? strtoll(found + strlen(word), NULL, 10) : NO_VERSION;
}
static int starts(const char *p, size_t n, const char *word) {
    size_t k = strlen(word);
    return n >= k && !memcmp(p, word, k);
}
static void reach(client *c, int64_t version) {
    group *g = &groups[c->group];
    if (version < c->version) g->stepped_back++;
    if (g->behind && c->version < g->wanted_version && version >= g->wanted_version && !c->stalled) g->behind--;
    c->version = version;
}
static void look_at_users(client *c, const char *p, size_t n) {
    group *g = &groups[c->group]; const char *end = p + n, *next;
    if (!c->seen) c->seen = must(calloc(MOST_USERS / 8, 1));
    for (p = memmem(p, n, "{\"user\":", 8); p; p = next) {
        next = memmem(p + 8, (size_t)(end - p - 8), "{\"user\":", 8);
        unsigned user = (unsigned)strtoul(p + 8, NULL, 10);
        if (user >= MOST_USERS || !memmem(p, (size_t)((next ? next : end) - p), "\"chat\":true", 11)) continue;
        unsigned char *byte = &c->seen[user / 8], bit = (unsigned char)(1u << (user % 8));
        if (*byte & bit) continue;
        *byte |= bit; g->pairs++;
        if (++c->seen_count == g->wanted_users) g->blind--;
    }
}
static void send_all(client *c, const void *p, size_t n) {
    /* Commands are few and small: a socket that does not take them is a failed run, not a case to handle. */
    if (send(c->fd, p, n, MSG_NOSIGNAL) != (ssize_t)n) { perror("send"); exit(1); }
}
static void send_frame(client *c, int opcode, const char *p, size_t n) {
    char frame[4200]; size_t head = 2;
    frame[0] = (char)(0x80 | opcode);
    if (n < 126) frame[1] = (char)(0x80 | n);
    else { frame[1] = (char)(0x80 | 126); frame[2] = (char)(n >> 8); frame[3] = (char)n; head = 4; }
    memset(frame + head, 0, 4);                         /* masked with zeros: valid, and free */
    memcpy(frame + head + 4, p, n);
    send_all(c, frame, head + 4 + n);
}
static void ask(client *c) {
    char text[80];
    int n = snprintf(text, sizeof text, "{\"op\":\"set_available\",\"id\":%d,\"available\":%s}", ++c->asked + 1,
                     available ? "true" : "false");
    send_frame(c, 1, text, (size_t)n);
}
static void on_text(client *c, const char *p, size_t n, uint64_t now) {
    group *g = &groups[c->group];
    if (starts(p, n, "{\"op\":\"presence_changed\"")) {
        g->presence_frames++;
        reach(c, number_after(p, n < 120 ? n : 120, "\"version\":"));
        scan_tags(p, n, now);
        if (tracking) look_at_users(c, p, n);
    } else if (starts(p, n, "{\"op\":\"heartbeat\"")) {
        g->heartbeats++;
        reach(c, number_after(p, n, "\"version\":"));
        send_frame(c, 1, "{\"op\":\"alive\"}", 14);
    } else if (starts(p, n, "{\"op\":\"presence_snapshot\"")) {
        reach(c, number_after(p, n < 120 ? n : 120, "\"version\":"));
        if (tracking) look_at_users(c, p, n);
    } else if (starts(p, n, "{\"op\":\"conversations_snapshot\"") && c->state == STARTING) {
        c->state = READY; g->ready++; g->opening--;     /* the last part of the starting state */
    } else if (starts(p, n, "{\"op\":\"done\"")) {
        g->replies++;
        if (c->answered++ < asks_each && c->asked < asks_each) ask(c);
        if (c->answered == asks_each) asks_open--;
    }
}

/* ------------------------------------------------------------ sockets */
static void watch(client *c, int how, uint32_t events) {
    struct epoll_event e = { .events = events, .data.ptr = c };
    if (epoll_ctl(polled, how, c->fd, &e)) { perror("epoll_ctl"); exit(1); }
}
static void drop(client *c) {
    group *g = &groups[c->group];
    if (c->state == CLOSED) return;
    if (c->state == READY) g->ready--; else g->opening--;
    if (g->behind && c->version < g->wanted_version && !c->stalled) g->behind--;
    g->lost++; close(c->fd); c->state = CLOSED;
}
static void open_one(int number) {
    group *g = &groups[number];
    client *c = must(calloc(1, sizeof *c)); int one = 1;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)g->port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->group = number; c->state = CONNECTING; c->version = NO_VERSION;
    if ((c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) < 0) { perror("socket"); exit(1); }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) { perror("connect"); exit(1); }
    g->all = must(realloc(g->all, sizeof *g->all * (size_t)(g->count + 1)));
    g->all[g->count++] = c; g->opening++;
    watch(c, EPOLL_CTL_ADD, EPOLLOUT);
}
static void on_connected(client *c) {
    group *g = &groups[c->group]; char text[600]; int error = 0; socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) { drop(c); return; }
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
    if (g->plain) { c->state = READY; g->ready++; g->opening--; return; }
    int n = snprintf(text, sizeof text, "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench\r\nOrigin: http://127.0.0.1:%d\r\n"
        "Sec-WebSocket-Protocol: presence.v1.json\r\n\r\n", g->port, g->port);
    c->state = UPGRADING;
    send_all(c, text, (size_t)n);
}
static void say_connect(client *c) {
    char text[700];
    if (token_next >= token_count) { fprintf(stderr, "no token left\n"); exit(1); }
    int n = snprintf(text, sizeof text, "{\"op\":\"connect\",\"id\":1,\"token\":\"%s\",\"available\":%s}",
                     tokens[token_next++], available ? "true" : "false");
    c->state = STARTING;
    send_frame(c, 1, text, (size_t)n);
}
/* Takes whole frames from p[0..n); returns how many bytes it used. */
static size_t take(client *c, char *p, size_t n, uint64_t now) {
    group *g = &groups[c->group]; size_t at = 0;
    if (c->state == UPGRADING) {
        char *end = memmem(p, n, "\r\n\r\n", 4);
        if (!end) return 0;
        if (n < 12 || memcmp(p + 9, "101", 3)) { fprintf(stderr, "no upgrade: %.100s\n", p); drop(c); return n; }
        at = (size_t)(end - p) + 4;
        say_connect(c);
    }
    while (n - at >= 2 && c->state >= STARTING) {
        unsigned char *h = (unsigned char *)p + at; size_t head = 2; uint64_t size = h[1] & 127;
        if (size == 126) { if (n - at < 4) break; size = (uint64_t)h[2] << 8 | h[3]; head = 4; }
        else if (size == 127) {
            if (n - at < 10) break;
            size = 0; for (int i = 2; i < 10; i++) size = size << 8 | h[i];
            head = 10;
        }
        if (n - at < head + size) break;
        char *payload = p + at + head; int opcode = h[0] & 15;
        at += head + size; g->frames++;
        if (opcode == 1) on_text(c, payload, size, now);
        else if (opcode == 9) send_frame(c, 10, payload, size);
        else if (opcode == 8) {
            g->close_code = size >= 2 ? (unsigned char)payload[0] << 8 | (unsigned char)payload[1] : 1005;
            snprintf(g->close_reason, sizeof g->close_reason, "%.*s", size > 2 ? (int)size - 2 : 0, payload + 2);
            drop(c);
        }
    }
    return c->state == CLOSED ? n : at;
}
static void on_readable(client *c, uint64_t now) {
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { drop(c); return; }
    groups[c->group].bytes += (size_t)n;
    if (!c->part_size) {                                /* the usual case: whole frames, in place */
        size_t used = take(c, buffer, (size_t)n, now);
        if (used == (size_t)n) return;
        if (c->part_room < (size_t)n - used) c->part = must(realloc(c->part, c->part_room = (size_t)n - used));
        memcpy(c->part, buffer + used, c->part_size = (size_t)n - used);
        return;
    }
    if (c->part_room < c->part_size + (size_t)n)
        c->part = must(realloc(c->part, c->part_room = (c->part_size + (size_t)n) * 2));
    memcpy(c->part + c->part_size, buffer, (size_t)n);
    c->part_size += (size_t)n;
    size_t used = take(c, c->part, c->part_size, now);
    memmove(c->part, c->part + used, c->part_size -= used);
    if (!c->part_size) { free(c->part); c->part = NULL; c->part_room = 0; }
}
/* Returns whether there is something on standard input. */
static int poll_once(int timeout_ms) {
    static struct epoll_event events[512];
    int n = epoll_wait(polled, events, 512, timeout_ms), input = 0;
    for (int i = 0; i < n; i++) {
        client *c = events[i].data.ptr;
        if (!c) { input = 1; continue; }
        if (c->state == CLOSED) continue;
        if (c->state == CONNECTING) on_connected(c);
        else on_readable(c, now_us());
    }
    return input;
}

/* ------------------------------------------------------------ commands */
static double since_start(void) { return (double)(now_us() - started) / 1e6; }

static void do_open(int number, int count, int window) {
    group *g = &groups[number]; int ready_at_first = g->ready, lost_at_first = g->lost, left = count;
    uint64_t bytes = g->bytes, frames = g->frames;
    while (left || g->opening) {
        while (left && g->opening < window) { open_one(number); left--; }
        poll_once(0);
    }
    printf("{\"ready\":%d,\"lost\":%d,\"seconds\":%.6f,\"bytes\":%llu,\"frames\":%llu,\"close_code\":%d,"
           "\"close_reason\":\"%s\"}\n",
           g->ready - ready_at_first, g->lost - lost_at_first, since_start(),
           (unsigned long long)(g->bytes - bytes), (unsigned long long)(g->frames - frames), g->close_code,
           g->close_reason);
}
static void do_wait(int number, int64_t version, int ms) {
    group *g = &groups[number];
    g->wanted_version = version; g->behind = 0;
    for (int i = 0; i < g->count; i++)
        g->behind += g->all[i]->state == READY && !g->all[i]->stalled && g->all[i]->version < version;
    while (g->behind && since_start() * 1000 < ms) poll_once(0);
    printf("{\"behind\":%d,\"seconds\":%.6f}\n", g->behind, since_start());
    g->behind = 0;
}
static void do_views(int number, int users, int ms) {
    group *g = &groups[number];
    g->wanted_users = users; g->blind = 0;
    for (int i = 0; i < g->count; i++) g->blind += g->all[i]->state == READY && g->all[i]->seen_count < users;
    while (g->blind && since_start() * 1000 < ms) poll_once(0);
    printf("{\"blind\":%d,\"pairs\":%llu,\"seconds\":%.6f}\n", g->blind, (unsigned long long)g->pairs, since_start());
}
static void do_ask(int number, int count, int window) {
    group *g = &groups[number];
    asks_each = count; asks_open = 0;
    for (int i = 0; i < g->count; i++) {
        client *c = g->all[i];
        c->asked = c->answered = 0;
        if (c->state == READY) asks_open++;
    }
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < window && k < count && g->all[i]->state == READY; k++) ask(g->all[i]);
    while (asks_open > 0 && since_start() < 120) poll_once(0);
    printf("{\"unanswered\":%d,\"seconds\":%.6f}\n", asks_open, since_start());
    asks_each = 0;
}
static void do_stall(int number, int first, int count, int stalled) {
    group *g = &groups[number];
    for (int i = first; i < first + count && i < g->count; i++) {
        if (g->all[i]->state != READY || g->all[i]->stalled == stalled) continue;
        g->all[i]->stalled = stalled;
        watch(g->all[i], EPOLL_CTL_MOD, stalled ? 0 : EPOLLIN);
    }
    printf("{}\n");
}
static void do_close(int number) {
    group *g = &groups[number];
    for (int i = 0; i < g->count; i++) {
        client *c = g->all[i];
        if (c->state == READY && !g->plain) send_frame(c, 8, "\x03\xe8", 2);
        if (c->state != CLOSED) close(c->fd);
        free(c->part); free(c->seen); free(c);
    }
    free(g->all);
    *g = (group){ .port = g->port, .plain = g->plain };
    printf("{}\n");
}
static void show_counts(int number) {
    group *g = &groups[number];
    printf("{\"open\":%d,\"lost\":%d,\"close_code\":%d,\"frames\":%llu,\"presence_frames\":%llu,\"heartbeats\":%llu,"
           "\"replies\":%llu,\"bytes\":%llu,\"stepped_back\":%llu}\n", g->ready, g->lost, g->close_code,
           (unsigned long long)g->frames, (unsigned long long)g->presence_frames, (unsigned long long)g->heartbeats,
           (unsigned long long)g->replies, (unsigned long long)g->bytes, (unsigned long long)g->stepped_back);
}
static void reset(void) {
    memset(steps, 0, sizeof steps); tags = worst = 0;
    for (int i = 0; i < GROUPS; i++) {
        group *g = &groups[i];
        g->frames = g->presence_frames = g->heartbeats = g->replies = g->bytes = g->stepped_back = 0;
    }
    printf("{}\n");
}
static void keep_token(const char *text) {
    if (token_count == token_room) {
        token_room = token_room ? token_room * 2 : 1024;
        tokens = must(realloc(tokens, sizeof *tokens * token_room));
    }
    tokens[token_count++] = must(strdup(text));
}
static void obey(char *line) {
    int g = 0, a = 0, b = 0; long long version = 0; double seconds = 0; char kind[16], text[600];
    started = now_us();
    if (sscanf(line, "token %599s", text) == 1) { keep_token(text); return; }  /* many, and so without an answer */
    if (sscanf(line, "group %d %d %15s", &g, &a, kind) == 3) {
        groups[g].port = a; groups[g].plain = !strcmp(kind, "plain"); printf("{}\n");
    }
    else if (sscanf(line, "available %d", &available) == 1) printf("{}\n");
    else if (sscanf(line, "track %d", &tracking) == 1) printf("{}\n");
    else if (sscanf(line, "open %d %d %d", &g, &a, &b) == 3) do_open(g, a, b);
    else if (sscanf(line, "wait %d %lld %d", &g, &version, &a) == 3) do_wait(g, version, a);
    else if (sscanf(line, "views %d %d %d", &g, &a, &b) == 3) do_views(g, a, b);
    else if (sscanf(line, "ask %d %d %d", &g, &a, &b) == 3) do_ask(g, a, b);
    else if (sscanf(line, "stall %d %d %d", &g, &a, &b) == 3) do_stall(g, a, b, 1);
    else if (sscanf(line, "resume %d %d %d", &g, &a, &b) == 3) do_stall(g, a, b, 0);
    else if (sscanf(line, "close %d", &g) == 1) do_close(g);
    else if (sscanf(line, "counts %d", &g) == 1) show_counts(g);
    else if (sscanf(line, "idle %lf", &seconds) == 1) {
        while (since_start() < seconds) poll_once(100);
        printf("{}\n");
    }
    else if (sscanf(line, "poll %lf", &seconds) == 1) {
        while (since_start() < seconds) poll_once(0);
        printf("{}\n");
    }
    else if (!strcmp(line, "tags"))
        printf("{\"count\":%llu,\"p50\":%.0f,\"p99\":%.0f,\"max\":%llu}\n", (unsigned long long)tags,
               quantile(0.5), quantile(0.99), (unsigned long long)worst);
    else if (!strcmp(line, "reset")) reset();
    else { fprintf(stderr, "what is: %s\n", line); exit(1); }
    fflush(stdout);
}
int main(void) {
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    polled = epoll_create1(0);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(polled, EPOLL_CTL_ADD, 0, &e);
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    static char input[1 << 16]; size_t held = 0;
    for (;;) {
        if (!poll_once(-1)) continue;
        ssize_t n = read(0, input + held, sizeof input - held - 1);
        if (n < 0 && errno == EAGAIN) continue;
        if (n <= 0) return 0;
        held += (size_t)n;
        char *line = input, *end;
        while ((end = memchr(line, '\n', held - (size_t)(line - input)))) { *end = 0; obey(line); line = end + 1; }
        held -= (size_t)(line - input);
        memmove(input, line, held);
    }
}
