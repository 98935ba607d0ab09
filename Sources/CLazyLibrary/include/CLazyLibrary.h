#ifndef CLAZYLIBRARY_H
#define CLAZYLIBRARY_H

/// A shared library that is loaded when it is first called, or before on a thread of its own.
struct lazy_library {
    /// The file's name, as the dynamic linker looks for it.
    const char *file;
    /// What to install where it is not.
    const char *package;
    /// What dlopen gave; null until then.
    void *handle;
};

/// The address of a function, kept in a slot; ends the process with a message and status 127, as the dynamic linker
/// would, where the library or the function is not there.
void *lazy_library_function(struct lazy_library *library, void **slot, const char *name);

/// Begins to load a library on a thread that takes no signal. Who calls a function meanwhile waits for it.
void lazy_library_begin(struct lazy_library *library);

/// Defines a function of a library under its own name. Its type is checked against the library's header.
#define LAZY_FUNCTION(library, type, name, parameters, arguments)                                                      \
    type name parameters {                                                                                             \
        static void *slot;                                                                                             \
        void *function = __atomic_load_n(&slot, __ATOMIC_ACQUIRE);                                                     \
        if (__builtin_expect(!function, 0)) function = lazy_library_function(&library, &slot, #name);                  \
        return ((__typeof__(&name))function) arguments;                                                                \
    }

#endif
