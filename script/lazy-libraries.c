// Loads libpq and libcrypto while the program starts: with what they need they are twenty shared objects, and to load
// them is a third of a short run. Nothing but the names of their functions is linked; each call jumps through a slot,
// which at first leads here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *libpq, *libcrypto;
static char failure[512];
static pthread_t loader;
static int isLoading;
static pthread_once_t end = PTHREAD_ONCE_INIT;

static void *load(void *unused) {
    libcrypto = dlopen("libcrypto.so.3", RTLD_LAZY | RTLD_LOCAL);
    if (libcrypto) libpq = dlopen("libpq.so.5", RTLD_LAZY | RTLD_LOCAL);
    if (!libpq) snprintf(failure, sizeof failure, "%s", dlerror());
    return unused;
}

// Before main, on a thread that takes no signal: those are for threads that know what to do with them.
__attribute__((constructor)) static void begin(void) {
    sigset_t all, mask;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    isLoading = pthread_create(&loader, NULL, load, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void wait_for_end(void) {
    if (isLoading) pthread_join(loader, NULL);
    else load(NULL);
}

// The address of a function that is called for the first time.
void *lastro_lazy_function(const char *name) {
    pthread_once(&end, wait_for_end);
    void *function = NULL;
    if (libpq) function = dlsym(strncmp(name, "PQ", 2) == 0 ? libpq : libcrypto, name);
    if (function) return function;
    const char *reason = libpq ? dlerror() : failure;
    dprintf(
        STDERR_FILENO,
        "a shared library is not there, or too old: %s\n  state: nothing was run\n"
        "  next:  install libpq 15 and OpenSSL 3 (Debian: apt-get install libpq5 libssl3)\n",
        reason ? reason : name
    );
    _exit(127);
}
