/* limit: what the kernel asks for reading one frame and sending it to every subscriber, and nothing else.
 *
 * Prints its port; takes `limit COUNT SEND_BUFFER` subscribers, then a publisher; sends each of the subscribers by one
 * send() whatever comes from the publisher, until that one leaves. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
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
    static char frame[1 << 16]; ssize_t n;
    while ((n = recv(all[count], frame, sizeof frame, 0)) > 0)
        for (int i = 0; i < count; i++)
            if (send(all[i], frame, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) != n) { fprintf(stderr, "a full socket\n"); return 1; }
    return 0;
}
