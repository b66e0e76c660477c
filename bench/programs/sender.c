/* sender COUNT SEND_BUFFER: what the kernel asks for sending, and nothing else: the limit that the gateway is held to.
 *
 * Prints its port, takes COUNT connections, then reads from standard input: 4 bytes size (native order), a frame; sends
 * the frame to every connection by one send() each, and answers a line with the number of those that took all of it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int read_all(void *to, size_t n) {
    for (char *p = to; n;) {
        ssize_t got = read(0, p, n);
        if (got <= 0) return 0;
        p += got; n -= (size_t)got;
    }
    return 1;
}
int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int count = atoi(argv[1]), room = atoi(argv[2]), one = 1, *sockets = calloc((size_t)count, sizeof *sockets);
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    if (bind(listener, (void *)&at, size) || listen(listener, 4096)) { perror("listen"); return 1; }
    getsockname(listener, (void *)&at, &size);
    printf("%d\n", ntohs(at.sin_port)); fflush(stdout);
    for (int i = 0; i < count; i++) {
        if ((sockets[i] = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0) { perror("accept"); return 1; }
        setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (room) setsockopt(sockets[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    }
    static char frame[1 << 20]; uint32_t length;
    while (read_all(&length, sizeof length) && length <= sizeof frame && read_all(frame, length)) {
        int sent = 0;
        for (int i = 0; i < count; i++)
            sent += send(sockets[i], frame, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
        printf("%d\n", sent); fflush(stdout);
    }
    return 0;
}
