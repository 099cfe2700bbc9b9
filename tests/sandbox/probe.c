/* What a program may do: one line for each try, with the error number, 0 when it went well.
 *
 *   probe PATH...     sockets, detours to sockets, and writing at each path
 *   probe --landlock  the version of Landlock that this kernel has; 0 when it has none
 *   probe --int80     one call of 32-bit x86; exit code 0 when it was answered at all
 *   probe --memory P  opens the memory of process P and looks there for the line that comes through the standard input:
 *                     `found 1` when it is there
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

static void told(const char *what, const char *where, long answer)
{
    printf("%s%s%s %d\n", what, *where ? " " : "", where, answer < 0 ? errno : 0);
}

static int int80(void)
{
#ifdef __x86_64__
    long answer;
    /* getpid(2) of i386 */
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return answer > 0 ? 0 : 1;
#else
    return 1;
#endif
}

static long wrote(const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    return file < 0 ? -1 : write(file, "x", 1);
}

/* Whether `length` bytes lie between two addresses. What cannot be read, such as a device, is passed over. */
static int holds(int memory, off_t from, off_t to, const char *secret, size_t length)
{
    static char part[1 << 20];

    while (from < to) {
        size_t wanted = to - from < (off_t)sizeof part ? (size_t)(to - from) : sizeof part;
        ssize_t got = pread(memory, part, wanted, from);
        if (got < (ssize_t)length)
            return 0;
        if (memmem(part, got, secret, length))
            return 1;
        /* It may lie across two parts. */
        from += got - (ssize_t)length + 1;
    }
    return 0;
}

static int memory(const char *process)
{
    char secret[80], path[64], line[4096];
    unsigned long from, to;
    int found = 0;

    if (!fgets(secret, sizeof secret, stdin))
        return 1;
    secret[strcspn(secret, "\n")] = 0;
    snprintf(path, sizeof path, "/proc/%s/maps", process);
    FILE *maps = fopen(path, "r");
    told("maps", "", maps ? 0 : -1);
    snprintf(path, sizeof path, "/proc/%s/mem", process);
    int file = open(path, O_RDONLY);
    told("mem", "", file);
    while (maps && file >= 0 && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx r", &from, &to) == 2)
            found |= holds(file, (off_t)from, (off_t)to, secret, strlen(secret));
    printf("found %d\n", found);
    return 0;
}

int main(int count, char **arguments)
{
    int pair[2];
    char parameters[256] = {0};

    if (count == 2 && strcmp(arguments[1], "--int80") == 0)
        return int80();

    if (count == 3 && strcmp(arguments[1], "--memory") == 0)
        return memory(arguments[2]);

    if (count == 2 && strcmp(arguments[1], "--landlock") == 0) {
        long version = syscall(SYS_landlock_create_ruleset, 0, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
        printf("%ld\n", version < 0 ? 0 : version);
        return 0;
    }

    told("socket", "unix", socket(AF_UNIX, SOCK_STREAM, 0));
    told("socketpair", "unix", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    told("socket", "inet", socket(AF_INET, SOCK_STREAM, 0));
    told("socket", "inet6", socket(AF_INET6, SOCK_DGRAM, 0));
    told("socket", "netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    told("socket", "packet", socket(AF_PACKET, SOCK_RAW, 0));
    told("socket", "vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
    /* Only the low 32 bits of the domain count. */
    told("socket", "inet-high", syscall(SYS_socket, 0x100000000L | AF_INET, SOCK_STREAM, 0));
    told("socketpair", "inet", socketpair(AF_INET, SOCK_STREAM, 0, pair));
    told("io_uring_setup", "", syscall(SYS_io_uring_setup, 1, parameters));
    told("pidfd_getfd", "", syscall(SYS_pidfd_getfd, -1, 0, 0));
    told("process_vm_readv", "", syscall(SYS_process_vm_readv, getpid(), 0, 0, 0, 0, 0));
    told("process_vm_writev", "", syscall(SYS_process_vm_writev, getpid(), 0, 0, 0, 0, 0));
    told("ptrace", "", ptrace(PTRACE_PEEKUSER, 0, 0, 0));
#ifdef __x86_64__
    told("x32-socket", "inet", syscall(0x40000000L | 41, AF_INET, SOCK_STREAM, 0));
    told("x32-socket", "unix", syscall(0x40000000L | 41, AF_UNIX, SOCK_STREAM, 0));
#endif
    for (int at = 1; at < count; at++)
        told("write", arguments[at], wrote(arguments[at]));
    return 0;
}
