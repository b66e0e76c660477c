/* The protocols that load speaks. To add one: fill in a `protocol`, and name it in the list at the end. */
#include "load.h"

static void to_path(client *c, char *out, size_t room) {
    snprintf(out, room, "%s", c->publisher ? option("publish", "/publish") : option("path", "/"));
}

/* ------------------------------------------------------------ presence.v1.json: ours
 * tokens=FILE, a login in each line, in the order of the people. Pairs have the conversations 1, 2, 3, ... */
static char **tokens; static int token_count;

static const char *token_of(int id) {
    char line[600]; FILE *f;
    if (!tokens && (f = fopen(option("tokens", ""), "r"))) {
        while (fgets(line, sizeof line, f)) {
            line[strcspn(line, "\n")] = 0;
            tokens = realloc(tokens, sizeof *tokens * (size_t)(token_count + 1));
            tokens[token_count++] = strdup(line);
        }
        fclose(f);
    }
    if (id >= token_count) { fprintf(stderr, "no token for %d\n", id); exit(1); }
    return tokens[id];
}
static void own_opened(client *c) {
    send_format(c, "{\"op\":\"connect\",\"id\":1,\"token\":\"%s\"}", token_of(c->id));
}
static void own_frame(client *c, const char *p, size_t n) {
    if (has(p, n < 40 ? n : 40, "{\"op\":\"heartbeat\"")) send_text(c, "{\"op\":\"alive\"}", 14);
    else if (has(p, n < 40 ? n : 40, "{\"op\":\"failed\"")) fail(c, "refused", p, n);
    else if (has(p, n < 40 ? n : 40, "{\"op\":\"conversations_snapshot\"")) is_online(c);    /* the last part */
}
/* A call of one's own begins or ends: what most changes are, and kept nowhere, as presence is by the others. It carries
 * no text, so that a change is known by its user, who has only one under way, and counted once by its revision. */
static struct { uint64_t due; unsigned number; int busy; } *calls;
static uint64_t *revisions;                             /* [receiver * people + user], the newest seen */

static uint64_t number_after(const char *p, size_t n, const char *word) {
    const char *found = memmem(p, n, word, strlen(word));
    return found ? strtoull(found + strlen(word), NULL, 10) : 0;
}
static int own_scan(client *c, const char *p, size_t n) {
    const char *end = p + n, *next; int found = 0; size_t people = (size_t)people_count();
    if (!revisions) { revisions = calloc(people * people, sizeof *revisions); calls = calloc(people, sizeof *calls); }
    for (p = memmem(p, n, "{\"user\":", 8); p; p = next, found++) {
        next = memmem(p + 8, (size_t)(end - p - 8), "{\"user\":", 8);
        size_t size = (size_t)((next ? next : end) - p), id = strtoull(p + 8, NULL, 10) - 1;
        uint64_t rev = number_after(p, size, "\"rev\":");
        if (id >= people || rev <= revisions[(size_t)c->id * people + id]) continue;
        revisions[(size_t)c->id * people + id] = rev;
        if (is_login()) { if (has(p, size, "\"chat\":true")) delivered(c, (int)id, 0); }
        else if (calls[id].due && has(p, size, "\"calls\":\"busy\"") == calls[id].busy)
            delivered(c, (int)id, calls[id].due);
    }
    return found;
}
static void own_presence(client *c, unsigned nth, const char *tag) {
    if (is_login()) return;                             /* who is there is told by logging in */
    calls[c->id].due = due_of(tag);
    if ((calls[c->id].busy = !calls[c->id].busy)) calls[c->id].number++;
    send_format(c, "{\"op\":\"report_call\",\"id\":%u,\"call\":\"%u\",\"phase\":\"%s\"}", nth + 2,
                calls[c->id].number, calls[c->id].busy ? "active" : "ended");
}
static void own_publish(client *c, const char *tag) { own_presence(c, 0, tag); }
static void own_chat(client *c, int to, const char *tag) {
    (void)to;
    send_format(c, "{\"op\":\"send_message\",\"id\":2,\"conversation\":%d,\"client_id\":\"00000000%.24s\","
                "\"body\":\"Hello there, this is a short message. %s\"}", c->id / 2 + 1, tag + 2, tag);
}
static const protocol own = { "presence", "presence.v1.json", 0, 1, to_path, own_opened, own_frame, own_scan,
                              own_presence, own_chat, own_publish };

/* ------------------------------------------------------------ XMPP over WebSocket, RFC 7395
 * host=DOMAIN; roster=N fails unless the roster has N entries. */
static int occurrences(const char *p, size_t n, const char *word) {
    int count = 0; const char *end = p + n;
    while ((p = memmem(p, (size_t)(end - p), word, strlen(word)))) { count++; p += strlen(word); }
    return count;
}
static const char *base64(const char *in, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char out[512]; char *o = out;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = 0;
        for (size_t j = 0; j < 3; j++) three = three << 8 | (i + j < n ? (unsigned char)in[i + j] : 0);
        for (size_t j = 0; j < 4; j++) *o++ = i + j > n ? '=' : digits[three >> (18 - 6 * j) & 63];
    }
    *o = 0;
    return out;
}
static void xmpp_opened(client *c) {
    send_format(c, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='%s' version='1.0'/>", option("host", ""));
}
static void xmpp_frame(client *c, const char *p, size_t n) {
    char plain[128]; size_t first = n < 300 ? n : 300; int size;
    if (has(p, first, "<failure") || has(p, first, "stream:error")) { fail(c, "refused", p, n); return; }
    switch (c->step) {
    case 0:
        if (!has(p, n, "features")) return;
        size = snprintf(plain, sizeof plain, "%cu%05d%csecret", 0, c->id, 0);
        send_format(c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>",
                    base64(plain, (size_t)size));
        break;
    case 1:
        if (!has(p, n, "<success")) return;
        xmpp_opened(c);
        break;
    case 2:
        if (!has(p, n, "features")) return;
        send_format(c, "<iq xmlns='jabber:client' type='set' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                    "<resource>r</resource></bind></iq>");
        break;
    case 3:
        if (!has(p, n, "bind-1")) return;
        send_format(c, "<iq xmlns='jabber:client' type='get' id='roster-1'><query xmlns='jabber:iq:roster'/></iq>");
        break;
    case 4:
        if (!has(p, n, "roster-1")) return;
        if (occurrences(p, n, "<item") < atoi(option("roster", "0"))) { fail(c, "too small a roster", p, n); return; }
        is_online(c);
        if (!is_team()) send_format(c, "<presence xmlns='jabber:client'/>");    /* else messages are put by */
        break;
    default: return;
    }
    c->step++;
}
static void xmpp_presence(client *c, unsigned nth, const char *tag) {
    send_format(c, "<presence xmlns='jabber:client'>%s<status>%s</status></presence>",
                nth & 1 ? "<show>away</show>" : "", tag);
}
static void xmpp_chat(client *c, int to, const char *tag) {
    send_format(c, "<message xmlns='jabber:client' to='u%05d@%s' type='chat' id='m%.6s'>"
                "<body>Hello there, this is a short message. %s</body></message>", to, option("host", ""), tag + 8, tag);
}
static const protocol xmpp = { "xmpp", "xmpp", 0, 0, to_path, xmpp_opened, xmpp_frame, NULL, xmpp_presence, xmpp_chat, NULL };

/* ------------------------------------------------------------ what is published to subscribers */
static int publication(char *to, size_t room, const char *tag) {
    return snprintf(to, room, "{\"op\":\"presence\",\"user\":\"u00042\",\"show\":\"away\",\"status\":\"%s\"}", tag);
}

/* raw: whatever the publisher sends is the message */
static void raw_opened(client *c) { is_online(c); }
static void raw_publish(client *c, const char *tag) {
    char text[256];
    send_text(c, text, (size_t)publication(text, sizeof text, tag));
}
static const protocol raw = { "raw", NULL, 0, 0, to_path, raw_opened, NULL, NULL, NULL, NULL, raw_publish };

/* plain: no WebSocket; the publisher's bytes are the frame that every subscriber is sent (limit.c) */
static void plain_publish(client *c, const char *tag) {
    char frame[256]; int n = publication(frame + 2, sizeof frame - 2, tag);     /* under 126 bytes */
    frame[0] = (char)0x81; frame[1] = (char)n;
    send_text(c, frame, (size_t)n + 2);
}
static const protocol plain = { "plain", NULL, 1, 0, to_path, raw_opened, NULL, NULL, NULL, NULL, plain_publish };

/* ------------------------------------------------------------ Socket.IO, protocol 5 on Engine.IO 4
 * A person is online when the server says `ready`, with everybody's presence. */
static void socketio_target(client *c, char *out, size_t room) {
    snprintf(out, room, "/socket.io/?EIO=4&transport=websocket&role=%s&user=u%05d&token=secret",
             c->publisher ? "publisher" : is_of_people() ? "person" : "subscriber", c->id);
}
static void socketio_frame(client *c, const char *p, size_t n) {
    if (n && *p == '0') send_text(c, "40", 2);
    else if (n && *p == '2') send_text(c, "3", 1);
    else if (n > 1 && p[0] == '4' && p[1] == '0') { if (!is_of_people()) is_online(c); }
    else if (n > 1 && p[0] == '4' && p[1] == '4') fail(c, "refused", p, n);
    else if (has(p, n < 20 ? n : 20, "42[\"ready\"")) is_online(c);
}
static void socketio_presence(client *c, unsigned nth, const char *tag) {
    send_format(c, "42[\"presence\",{\"show\":\"%s\",\"status\":\"%s\"}]", nth & 1 ? "away" : "online", tag);
}
static void socketio_chat(client *c, int to, const char *tag) {
    send_format(c, "42[\"chat\",{\"to\":\"u%05d\",\"id\":\"m%.6s\",\"body\":\"Hello there, this is a short message. %s\"}]",
                to, tag + 8, tag);
}
static void socketio_publish(client *c, const char *tag) {
    char text[256];
    publication(text, sizeof text, tag);
    send_format(c, "42[\"publish\",%s]", text);
}
static const protocol socketio = { "socketio", NULL, 0, 0, socketio_target, NULL, socketio_frame, NULL,
                                   socketio_presence, socketio_chat, socketio_publish };

const protocol *protocols[] = { &own, &xmpp, &raw, &plain, &socketio, NULL };
