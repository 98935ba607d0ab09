#ifndef CLIBPQ_H
#define CLIBPQ_H

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

/// Begins to load libpq, and the twenty libraries that it needs, while the caller goes on; calls a function before, if not
/// null.
void CLibpq_begin(void (*before)(void));

#endif
