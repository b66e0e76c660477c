/* load: what the engine (load.c) offers to a protocol, and asks of it (protocols.c). */
#ifndef LOAD_H
#define LOAD_H
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every unit of work (a presence change, a chat message, a publication) carries one tag: 27 plain characters, safe
 * inside XML and JSON. The engine finds tags by scanning whatever the server sends and decodes nothing, so that a
 * delivery is counted however the server frames or batches it. */
enum { TAG_SIZE = 27, TAG_ROOM = 32 };

typedef struct { char *at; size_t size, room; } bytes;

typedef struct client {
    int fd, id;             /* id: 0..people-1, then the publisher */
    int publisher;
    int state;              /* the engine's */
    int step;               /* the protocol's, in its login dialogue; 0 at first */
    bytes in, out;
} client;

typedef struct {
    const char *name, *subprotocol;                     /* the subprotocol may be NULL */
    int plain;                                          /* no WebSocket: bytes as they are, in and out */
    int all_publish;                                    /* no publisher of its own: subscribers take turns */
    void (*target)(client *c, char *out, size_t room);  /* of the HTTP request */
    void (*opened)(client *c);                          /* the WebSocket is there; may be NULL */
    /* Every frame until is_online(), then those that hold no tag. May be NULL. */
    void (*frame)(client *c, const char *p, size_t n);
    /* Finds what is delivered where the work carries no tag, and tells delivered(); NULL: the engine looks for tags.
     * Returns how much it found. Not asked in the scenario chat. */
    int (*scan)(client *c, const char *p, size_t n);
    /* The work; NULL where the server has no such thing. */
    void (*presence)(client *c, unsigned nth, const char *tag);
    void (*chat)(client *c, int to, const char *tag);
    void (*publish)(client *c, const char *tag);
} protocol;

void send_text(client *c, const void *p, size_t n);
void send_format(client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void is_online(client *c);                              /* let in, and the starting state has come */
void fail(client *c, const char *why, const char *p, size_t n);
void delivered(client *c, int from, uint64_t at);       /* at: when it was due, as in the tag */
uint64_t due_of(const char *tag);
int is_login(void);                                     /* rather than work */
int people_count(void);
const char *option(const char *name, const char *otherwise);    /* of name=value on the command line */
int is_of_people(void);                                 /* the scenario has users, not subscribers */
int is_team(void);                                      /* ... who all see each other */

static inline int has(const char *p, size_t n, const char *word) { return memmem(p, n, word, strlen(word)) != NULL; }

extern const protocol *protocols[];                     /* up to a NULL */
#endif
