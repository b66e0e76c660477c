/* limit: what the kernel asks for reading one frame and sending it to every subscriber, and nothing else.
 *
 * Prints its port; takes `limit COUNT SEND_BUFFER` subscribers, then a publisher; sends every frame of the publisher, each
 * below 126 bytes, to each of the subscribers by a send() of its own, until the publisher leaves. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int count = atoi(argv[1]), room = atoi(argv[2]), one = 1, *all = calloc((size_t)count + 1, sizeof *all);
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    if (bind(listener, (void *)&at, size) || listen(listener, 4096)) { perror("listen"); return 1; }
    getsockname(listener, (void *)&at, &size);
    printf("%d\n", ntohs(at.sin_port)); fflush(stdout);
    for (int i = 0; i <= count; i++) {
        if ((all[i] = accept(listener, NULL, NULL)) < 0) { perror("accept"); return 1; }
        setsockopt(all[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (room) setsockopt(all[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    }
    static unsigned char held[1 << 16]; size_t size_held = 0; ssize_t n;
    while ((n = recv(all[count], held + size_held, sizeof held - size_held, 0)) > 0) {
        unsigned char *frame = held, *end = held + size_held + n;
        for (ssize_t whole; end - frame >= 2 && end - frame >= (whole = 2 + frame[1]); frame += whole)
            for (int i = 0; i < count; i++)
                if (send(all[i], frame, (size_t)whole, MSG_DONTWAIT | MSG_NOSIGNAL) != whole) {
                    fprintf(stderr, "a socket is full\n");
                    return 1;
                }
        memmove(held, frame, size_held = (size_t)(end - frame));
    }
    return 0;
}
