#include "CLazyLibrary.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

// A second call waits for the first and gets the same handle: dlopen has a lock of its own.
static void *load(void *argument) {
    struct lazy_library *library = argument;
    void *handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
    if (!handle && library->alternative) handle = dlopen(library->alternative, RTLD_LAZY | RTLD_LOCAL);
    if (handle) __atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
    return handle;
}

static void *load_behind(void *argument) {
    struct lazy_library *library = argument;
    if (library->before) library->before();
    return load(library);
}

static void *loaded(struct lazy_library *library) {
    void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);
    return handle ? handle : load(library);
}

const char *lazy_library_failure(struct lazy_library *library) { return loaded(library) ? NULL : dlerror(); }

void *lazy_library_function(struct lazy_library *library, void **slot, const char *name) {
    void *handle = loaded(library);
    void *function = handle ? dlsym(handle, name) : NULL;
    if (!function) {
        dprintf(
            STDERR_FILENO,
            "a shared library is not there, or too old: %s\n  state: nothing more was done\n  next:  install %s\n",
            dlerror(), library->package
        );
        _exit(127);
    }
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    return function;
}

void lazy_library_begin(struct lazy_library *library, void (*before)(void)) {
    library->before = before;
    // Signals are for threads that know what to do with them.
    sigset_t all, mask;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    pthread_t thread;
    if (pthread_create(&thread, NULL, load_behind, library) == 0) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
