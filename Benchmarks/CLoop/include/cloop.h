#ifndef CLOOP_H
#define CLOOP_H

/* The limit that the client is measured against: the same statement over and over, in C on libpq alone.
 * Writes the time of each round trip in nanoseconds; returns 0, or 1 if the connection or a statement failed. */
int cloop_round_trips(const char *conninfo, const char *sql, int count, long long *nanoseconds);

#endif
