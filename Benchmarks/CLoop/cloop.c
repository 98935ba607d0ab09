#include "cloop.h"

#include "CLibpq.h"
#include <time.h>

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int cloop_round_trips(const char *conninfo, const char *sql, int count, long long *nanoseconds) {
    PGconn *connection = PQconnectdb(conninfo);
    int failed = PQstatus(connection) != CONNECTION_OK;
    for (int i = 0; i < count && !failed; i++) {
        long long start = now();
        PGresult *result = PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, 0);
        failed = PQresultStatus(result) != PGRES_TUPLES_OK;
        PQclear(result);
        nanoseconds[i] = now() - start;
    }
    PQfinish(connection);
    return failed;
}
