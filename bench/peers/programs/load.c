/* load PROTOCOL SCENARIO PORT PEOPLE [name=value ...]: one crowd of clients of one server, told what to do line by line.
 *
 *   scenarios: idle     people who only stay
 *              team     people who all see each other's presence
 *              chat     pairs who write to each other by turns
 *              fan      subscribers, and a publisher
 *
 *   login COUNT WINDOW SECONDS the first COUNT log in, WINDOW at a time; in a team until all have seen all
 *   paced RATE SECONDS         RATE units of work a second on a fixed clock, however long the one before took
 *   saturated WINDOW SECONDS   always WINDOW units under way
 *   idle SECONDS               only stays
 *   logout                     everybody leaves
 *
 * Each line is answered by one JSON object. While work is under way epoll is polled without sleeping, so that the server
 * is not charged for waking this process; between orders it sleeps, and answers what has to be answered. `busy` is the
 * part of the time in which this process had something to do: close to 1 it would have been measured itself. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLOSED, CONNECTING, UPGRADING, LOGGING_IN, ONLINE };
enum { CYCLES = 16, PATIENCE_SECONDS = 45, TOO_MANY_FAILURES = 20 };

static const protocol *spoken;
static const char *scenario, **options; static int option_count;
static struct sockaddr_in server;
static client *clients; static int people, client_count, online, failed, lost;
static int polled, cycle;                               /* of every order; tags of another one are not counted */
static uint64_t now;                                    /* when what is looked at was read */
static char *seen;                                      /* [receiver * people + sender], in the login of a team */
static uint64_t sent, expected, got, repeated, last_at, busy;
static unsigned work_count;

static uint64_t now_us(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}
static void *must(void *p) { if (!p) { perror("memory"); exit(1); } return p; }
const char *option(const char *name, const char *otherwise) {
    size_t n = strlen(name);
    for (int i = 0; i < option_count; i++)
        if (!strncmp(options[i], name, n) && options[i][n] == '=') return options[i] + n + 1;
    return otherwise;
}
int is_of_people(void) { return strcmp(scenario, "fan") != 0; }
int is_team(void) { return !strcmp(scenario, "team"); }
static int has_publisher(void) { return !is_of_people() && !spoken->all_publish; }
static int deliveries_each(void) {
    if (!strcmp(scenario, "chat")) return 1;
    return has_publisher() ? people : people - 1;       /* who says it is not counted as told */
}

/* ------------------------------------------------------------ latencies: a histogram with steps of 1.6 % */
enum { SUB = 64, STEPS = 30 * SUB };
static uint64_t steps[STEPS], worst;

static void add_latency(uint64_t us) {
    int at = (int)us;
    if (us >= SUB) { int e = 63 - __builtin_clzll(us); at = (e - 5) * SUB + (int)((us >> (e - 6)) & (SUB - 1)); }
    steps[at < STEPS ? at : STEPS - 1]++;
    if (us > worst) worst = us;
}
static double quantile(double q) {
    uint64_t run = 0;
    for (int i = 0; i < STEPS; i++)
        if ((run += steps[i]) && (double)run >= q * (double)got) {
            if (i < SUB) return i;
            int e = i / SUB + 5;
            return (double)(((uint64_t)SUB + (uint64_t)i % SUB) << (e - 6)) + (double)(1ull << (e - 6)) / 2;
        }
    return 0;
}

/* ------------------------------------------------------------ tags: ~T, cycle, sender, number, microseconds, ~ */
static void make_tag(char *to, int from, unsigned number, uint64_t us) {
    snprintf(to, TAG_ROOM, "~T%x%05x%06x%012llx~", (unsigned)cycle, (unsigned)from & 0xfffff, number & 0xffffff,
             (unsigned long long)us & 0xffffffffffffull);
}
static uint64_t hex(const char *p, int n) {
    uint64_t value = 0;
    while (n--) { value = value << 4 | (uint64_t)((*p & 15) + (*p > '9' ? 9 : 0)); p++; }
    return value;
}
uint64_t due_of(const char *tag) { return hex(tag + 14, 12); }
int is_login(void) { return seen != NULL; }
int people_count(void) { return people; }
void delivered(client *c, int from, uint64_t at) {
    if (from == c->id) return;
    if (seen) {
        char *before = &seen[(size_t)c->id * (size_t)people + (size_t)from];
        if (from >= people || *before) { repeated++; return; }
        *before = 1;
    } else add_latency(now > at ? now - at : 0);
    got++; last_at = now;
}
static int scan_tags(client *c, const char *p, size_t n) {
    const char *end = p + n; int found = 0;
    while (p < end && (p = memchr(p, '~', (size_t)(end - p))) && end - p >= TAG_SIZE)
        if (p[1] == 'T' && p[TAG_SIZE - 1] == '~') {
            if ((int)hex(p + 2, 1) == cycle) delivered(c, (int)hex(p + 3, 5), due_of(p));
            p += TAG_SIZE; found++;
        } else p++;
    return found;
}

/* ------------------------------------------------------------ sockets and WebSocket */
static void add_bytes(bytes *b, const void *p, size_t n) {
    if (b->size + n > b->room) b->at = must(realloc(b->at, b->room = (b->size + n) * 2));
    memcpy(b->at + b->size, p, n);
    b->size += n;
}
static void drop_bytes(bytes *b, size_t n) {
    memmove(b->at, b->at + n, b->size -= n);
    if (!b->size) { free(b->at); *b = (bytes){0}; }
}
static void watch(client *c, int how, int writable) {
    struct epoll_event e = { .events = EPOLLIN | (writable ? EPOLLOUT : 0), .data.ptr = c };
    if (epoll_ctl(polled, how, c->fd, &e)) { perror("epoll_ctl"); exit(1); }
}
static void leave(client *c) {
    if (c->state == CLOSED) return;
    close(c->fd); free(c->in.at); free(c->out.at);
    c->in = c->out = (bytes){0}; c->state = CLOSED;
}
void fail(client *c, const char *why, const char *p, size_t n) {
    static int told;
    if (c->state == CLOSED) return;
    if (told++ < 5) fprintf(stderr, "client %d: %s: %.*s\n", c->id, why, (int)(n < 300 ? n : 300), p);
    if (c->state == ONLINE) { online--; lost++; } else failed++;
    leave(c);
}
static void flush(client *c) {
    while (c->out.size) {
        ssize_t n = send(c->fd, c->out.at, c->out.size, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) { watch(c, EPOLL_CTL_MOD, 1); return; }
        if (n < 0) { fail(c, strerror(errno), "", 0); return; }
        drop_bytes(&c->out, (size_t)n);
    }
}
static void send_frame(client *c, int opcode, const char *p, size_t n) {
    unsigned char head[8] = { 0x80 | (unsigned char)opcode, 0x80 | (unsigned char)n }; size_t size = 2;
    if (n >= 126) { head[1] = 0x80 | 126; head[2] = (unsigned char)(n >> 8); head[3] = (unsigned char)n; size = 4; }
    memset(head + size, 0, 4);                          /* masked with zeros: valid, and free */
    add_bytes(&c->out, head, size + 4); add_bytes(&c->out, p, n);
    flush(c);
}
void send_text(client *c, const void *p, size_t n) {
    if (c->state < LOGGING_IN) return;
    if (spoken->plain) { add_bytes(&c->out, p, n); flush(c); } else send_frame(c, 1, p, n);
}
void send_format(client *c, const char *format, ...) {
    char text[4096]; va_list all; va_start(all, format);
    int n = vsnprintf(text, sizeof text, format, all);
    va_end(all);
    send_text(c, text, (size_t)n);
}
void is_online(client *c) {
    char tag[TAG_ROOM];
    if (c->state != LOGGING_IN) return;
    c->state = ONLINE; online++;
    if (!is_team()) return;
    make_tag(tag, c->id, 0, now_us());
    sent++; spoken->presence(c, 0, tag);
}
static void start(int id) {
    client *c = &clients[id]; int one = 1;
    *c = (client){ .id = id, .publisher = id == people, .state = CONNECTING };
    if ((c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) < 0) { perror("socket"); exit(1); }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (void *)&server, sizeof server) && errno != EINPROGRESS) { perror("connect"); exit(1); }
    watch(c, EPOLL_CTL_ADD, 1);
}
static void on_connected(client *c) {
    char path[700], text[1500]; int error = 0; socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) { fail(c, strerror(error), "", 0); return; }
    watch(c, EPOLL_CTL_MOD, 0);
    if (spoken->plain) { c->state = LOGGING_IN; spoken->opened(c); return; }
    spoken->target(c, path, sizeof path);
    int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
        path, ntohs(server.sin_port), spoken->subprotocol ? "Sec-WebSocket-Protocol: " : "",
        spoken->subprotocol ? spoken->subprotocol : "", spoken->subprotocol ? "\r\n" : "");
    c->state = UPGRADING;
    add_bytes(&c->out, text, (size_t)n); flush(c);
}
static void on_frame(client *c, int opcode, const char *p, size_t n) {
    if (opcode == 9) send_frame(c, 10, p, n);
    else if (opcode == 8) fail(c, "closed by the server", p, n);
    else if (opcode < 3) {
        int found = spoken->scan && strcmp(scenario, "chat") ? spoken->scan(c, p, n) : scan_tags(c, p, n);
        if (spoken->frame && (c->state == LOGGING_IN || (!found && c->state == ONLINE))) spoken->frame(c, p, n);
    }
}
/* Takes whole frames from p[0..n); returns how many bytes it used. */
static size_t take(client *c, char *p, size_t n) {
    size_t at = 0;
    if (c->state == UPGRADING) {
        char *end = memmem(p, n, "\r\n\r\n", 4);
        if (!end) return 0;
        if (n < 12 || memcmp(p + 9, "101", 3)) { fail(c, "no upgrade", p, n); return n; }
        at = (size_t)(end - p) + 4; c->state = LOGGING_IN;
        if (spoken->opened) spoken->opened(c);
    }
    while (n - at >= 2 && c->state >= LOGGING_IN) {
        unsigned char *h = (unsigned char *)p + at; size_t head = 2; uint64_t size = h[1] & 127;
        if (size == 126) { if (n - at < 4) break; size = (uint64_t)h[2] << 8 | h[3]; head = 4; }
        else if (size == 127) {
            if (n - at < 10) break;
            size = 0; for (int i = 2; i < 10; i++) size = size << 8 | h[i];
            head = 10;
        }
        if (n - at - head < size) break;
        at += head + size;
        on_frame(c, h[0] & 15, p + at - size, size);
    }
    return c->state == CLOSED ? n : at;
}
static void on_readable(client *c) {
    static char read[1 << 18];
    ssize_t n = recv(c->fd, read, sizeof read, 0);
    now = now_us();
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { fail(c, n ? strerror(errno) : "end of stream", "", 0); return; }
    if (!c->in.size) {                                  /* the usual case: whole frames, in place */
        size_t used = take(c, read, (size_t)n);
        if (used < (size_t)n) add_bytes(&c->in, read + used, (size_t)n - used);
        return;
    }
    add_bytes(&c->in, read, (size_t)n);
    size_t used = take(c, c->in.at, c->in.size);
    if (c->state != CLOSED) drop_bytes(&c->in, used);
}
/* Returns whether there is something on standard input. */
static int poll_once(int timeout_ms) {
    static struct epoll_event events[512];
    int n = epoll_wait(polled, events, 512, timeout_ms), input = 0; uint64_t began = n > 0 ? now_us() : 0;
    for (int i = 0; i < n; i++) {
        client *c = events[i].data.ptr;
        if (!c) { input = 1; continue; }
        if (c->state == CONNECTING) { on_connected(c); continue; }
        if (c->state != CLOSED && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(c);
        if (c->state != CLOSED && events[i].events & EPOLLOUT) { watch(c, EPOLL_CTL_MOD, 0); flush(c); }
    }
    if (n > 0) busy += now_us() - began;
    return input;
}

/* ------------------------------------------------------------ work */
static uint64_t begin(void) {
    cycle = cycle % (CYCLES - 1) + 1;
    sent = expected = got = repeated = worst = busy = 0;
    memset(steps, 0, sizeof steps);
    return last_at = now_us();
}
static void work(uint64_t due) {
    char tag[TAG_ROOM]; unsigned nth = work_count++; uint64_t began = now_us();
    if (!strcmp(scenario, "chat")) {
        unsigned pairs = (unsigned)people / 2; int from = (int)(2 * (nth % pairs) + ((nth / pairs) & 1));
        make_tag(tag, from, nth, due); spoken->chat(&clients[from], from ^ 1, tag);
    } else if (is_team()) {
        int from = (int)(nth * 7919u % (unsigned)people);
        make_tag(tag, from, nth, due); spoken->presence(&clients[from], nth + 1, tag);
    } else {
        int from = has_publisher() ? people : (int)(nth * 7919u % (unsigned)people);
        make_tag(tag, from, nth, due); spoken->publish(&clients[from], tag);
    }
    sent++; expected += (uint64_t)deliveries_each(); busy += now_us() - began;
}
static void drain(void) {
    uint64_t limit = now_us() + PATIENCE_SECONDS * 1000000ull;
    while (got < expected && now_us() < limit && !lost) poll_once(0);
}
static void tell(uint64_t began) {
    uint64_t end = last_at > began ? last_at : now_us();
    printf("{\"sent\":%llu,\"expected\":%llu,\"delivered\":%llu,\"repeated\":%llu,\"lost\":%d,\"failed\":%d,"
           "\"seconds\":%.6f,\"p50\":%.0f,\"p99\":%.0f,\"worst\":%llu,\"busy\":%.4f}\n",
           (unsigned long long)sent, (unsigned long long)expected, (unsigned long long)got,
           (unsigned long long)repeated, lost, failed, (double)(end - began) / 1e6, quantile(.5), quantile(.99),
           (unsigned long long)worst, (double)busy / (double)(now_us() - began + 1));
}
static void login(int count, int window, double seconds) {
    uint64_t began = begin(), limit = began + (uint64_t)(seconds * 1e6), missing = 0; int next = 0;
    if (is_team()) seen = must(calloc((size_t)people, (size_t)people));
    while (now_us() < limit && failed < TOO_MANY_FAILURES && (online + failed + lost < count || missing)) {
        missing = is_team() ? (uint64_t)online * (uint64_t)(online - 1) - got : 0;
        while (next < count && next - online - failed - lost < window
               && missing <= 2ull * (unsigned)window * (unsigned)online) start(next++);
        poll_once(0);
        missing = is_team() ? (uint64_t)online * (uint64_t)(online - 1) - got : 0;
    }
    expected = is_team() ? (uint64_t)count * (uint64_t)(count - 1) : 0;
    if (!is_team()) { sent = (uint64_t)online; last_at = now_us(); }
    free(seen); seen = NULL;
    if (has_publisher() && count == people && !failed) {
        start(people);
        while (online < people + 1 && !failed && now_us() < limit) poll_once(0);
    }
    tell(began);
}
static void paced(double rate, double seconds) {
    uint64_t began = begin(), count = (uint64_t)(rate * seconds);
    for (uint64_t i = 0; i < count && !lost;) {
        uint64_t due = began + (uint64_t)((double)i * 1e6 / rate);
        if (now_us() >= due) { work(due); i++; }
        poll_once(0);
    }
    drain();
    tell(began);
}
static void saturated(int window, double seconds) {
    uint64_t began = begin(), end = began + (uint64_t)(seconds * 1e6);
    uint64_t each = (uint64_t)deliveries_each(), room = (uint64_t)window * each;
    while (now_us() < end && !lost) {
        while (expected + each <= got + room) work(now_us());
        poll_once(0);
    }
    drain();
    tell(began);
}
static void logout(void) {
    for (int i = 0; i < client_count; i++) {
        if (clients[i].state == ONLINE && !spoken->plain) send_frame(&clients[i], 8, "\x03\xe8", 2);
        leave(&clients[i]);
    }
    online = failed = lost = 0;
    printf("{}\n");
}
static void obey(const char *line) {
    int count, window; double seconds, rate;
    if (sscanf(line, "login %d %d %lf", &count, &window, &seconds) == 3) login(count, window, seconds);
    else if (sscanf(line, "paced %lf %lf", &rate, &seconds) == 2) paced(rate, seconds);
    else if (sscanf(line, "saturated %d %lf", &window, &seconds) == 2) saturated(window, seconds);
    else if (sscanf(line, "idle %lf", &seconds) == 1) {
        for (uint64_t end = now_us() + (uint64_t)(seconds * 1e6); now_us() < end;) poll_once(50);
        printf("{\"lost\":%d}\n", lost);
    }
    else if (!strcmp(line, "logout")) logout();
    else { fprintf(stderr, "what is: %s\n", line); exit(1); }
    fflush(stdout);
}
int main(int argc, char **argv) {
    if (argc < 5) { fprintf(stderr, "load PROTOCOL SCENARIO PORT PEOPLE [name=value ...]\n"); return 2; }
    for (int i = 0; protocols[i]; i++) if (!strcmp(protocols[i]->name, argv[1])) spoken = protocols[i];
    if (!spoken) { fprintf(stderr, "no protocol %s\n", argv[1]); return 2; }
    scenario = argv[2]; people = atoi(argv[4]);
    options = (const char **)argv + 5; option_count = argc - 5;
    server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3])) };
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    client_count = people + has_publisher();
    clients = must(calloc((size_t)people + 1, sizeof *clients));
    polled = epoll_create1(0);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(polled, EPOLL_CTL_ADD, 0, &e);
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    static char input[4096]; size_t held = 0;
    for (;;) {
        if (!poll_once(-1)) continue;
        ssize_t n = read(0, input + held, sizeof input - held - 1);
        if (n < 0 && errno == EAGAIN) continue;
        if (n <= 0) return 0;
        held += (size_t)n;
        char *end = memchr(input, '\n', held);
        if (end) { *end = 0; obey(input); held = 0; }   /* an order waits for the answer to the one before */
    }
}
