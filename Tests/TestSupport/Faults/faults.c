/* Loaded before the C library into a program under test: lets it meet what a disk can do, or end, at a chosen step.
 *
 * A step is a call that changes files below the folder LASTRO_FAULT_UNDER. LASTRO_FAULT is KIND:NUMBER:WHAT: the kind of call
 * (write, fsync, link, unlink, mkdir, rename, any), which of them (0: each), and what comes of it: kill, stop (SIGSTOP), short (half of
 * it is written), or the number of an error. Each step is a line in the file LASTRO_FAULT_LOG.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;

enum outcome { GO_ON, FAIL, SHORTEN };

static enum outcome step(const char *kind, const char *path) {
    const char *under = getenv("LASTRO_FAULT_UNDER");
    if (!under || !path || strncmp(path, under, strlen(under)) != 0) return GO_ON;
    const char *log = getenv("LASTRO_FAULT_LOG");
    if (log) {
        int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        char line[512];
        int size = snprintf(line, sizeof line, "%s %s\n", kind, path + strlen(under));
        if (size > (int)sizeof line) size = sizeof line;
        syscall(SYS_write, file, line, (size_t)size);
        close(file);
    }
    char wanted[16], what[16];
    int number;
    const char *fault = getenv("LASTRO_FAULT");
    if (!fault || sscanf(fault, "%15[^:]:%d:%15s", wanted, &number, what) != 3) return GO_ON;
    if (strcmp(wanted, "any") != 0 && strcmp(wanted, kind) != 0) return GO_ON;
    pthread_mutex_lock(&lock);
    int now = ++count;
    pthread_mutex_unlock(&lock);
    if (number != 0 && number != now) return GO_ON;
    if (strcmp(what, "kill") == 0) kill(getpid(), SIGKILL);
    if (strcmp(what, "stop") == 0) {
        /* One for the process is taken by its first thread, some milliseconds later if that sleeps: this one would go on. */
        pthread_kill(pthread_self(), SIGSTOP);
        return GO_ON;
    }
    if (strcmp(what, "short") == 0) return SHORTEN;
    errno = atoi(what);
    return FAIL;
}

static const char *name_of(int file, char *buffer, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, buffer, size - 1);
    if (length < 0) return NULL;
    buffer[length] = 0;
    return buffer;
}

/* A path of the program's, which may be relative to the folder that it runs in. */
static const char *whole(const char *path, char *buffer, size_t size) {
    if (path[0] == '/') return path;
    char folder[2048];
    if (!getcwd(folder, sizeof folder)) return NULL;
    snprintf(buffer, size, "%s/%s", folder, path);
    return buffer;
}

ssize_t write(int file, const void *bytes, size_t size) {
    int saved = errno;
    char buffer[4096];
    const char *name = name_of(file, buffer, sizeof buffer);
    errno = saved;
    switch (step("write", name)) {
    case FAIL: return -1;
    case SHORTEN: return syscall(SYS_write, file, bytes, size > 1 ? size / 2 : size);
    default: return syscall(SYS_write, file, bytes, size);
    }
}

int fsync(int file) {
    char buffer[4096];
    if (step("fsync", name_of(file, buffer, sizeof buffer)) == FAIL) return -1;
    return (int)syscall(SYS_fsync, file);
}

int link(const char *from, const char *to) {
    char buffer[4096];
    if (step("link", whole(to, buffer, sizeof buffer)) == FAIL) return -1;
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int rename(const char *from, const char *to) {
    char buffer[4096];
    if (step("rename", whole(to, buffer, sizeof buffer)) == FAIL) return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path) {
    char buffer[4096];
    if (step("unlink", whole(path, buffer, sizeof buffer)) == FAIL) return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode) {
    char buffer[4096];
    if (step("mkdir", whole(path, buffer, sizeof buffer)) == FAIL) return -1;
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
