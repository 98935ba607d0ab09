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
    /// Another name that it may have; null for none.
    const char *alternative;
    /// What the thread that loads it calls before; null for nothing.
    void (*before)(void);
};

/// Loads a library; null, or why that cannot be.
const char *lazy_library_failure(struct lazy_library *library);

/// Finds a function and keeps its address in a slot; ends the process with a message and status 127, as the dynamic
/// linker would, where the library or the function is not there.
void *lazy_library_function(struct lazy_library *library, void **slot, const char *name);

/// The address of a function, from the slot or into it.
static inline void *lazy_library_slot(struct lazy_library *library, void **slot, const char *name) {
    void *function = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    return __builtin_expect(!function, 0) ? lazy_library_function(library, slot, name) : function;
}

/// Begins to load a library on a thread that takes no signal, which calls a function before, if not null. Who calls a function
/// of the library meanwhile waits for it.
void lazy_library_begin(struct lazy_library *library, void (*before)(void));

/// Defines a function of a library under its own name. Its type is checked against the library's header.
#define LAZY_FUNCTION(library, type, name, parameters, arguments)                                                      \
    type name parameters {                                                                                             \
        static void *slot;                                                                                             \
        return ((__typeof__(&name))lazy_library_slot(&library, &slot, #name)) arguments;                               \
    }

#endif
