#include "CLibpq.h"

#include "CLazyLibrary.h"

static struct lazy_library libpq = {"libpq.so.5", "libpq 15 or later (Debian: apt-get install libpq5)"};

void CLibpq_begin(void (*before)(void)) { lazy_library_begin(&libpq, before); }

LAZY_FUNCTION(libpq, int, PQbackendPID, (const PGconn *conn), (conn))
LAZY_FUNCTION(libpq, int, PQcancel, (PGcancel *cancel, char *errbuf, int errbufsize), (cancel, errbuf, errbufsize))
LAZY_FUNCTION(libpq, void, PQclear, (PGresult *res), (res))
LAZY_FUNCTION(libpq, char *, PQcmdStatus, (PGresult *res), (res))
LAZY_FUNCTION(libpq, PGconn *, PQconnectdb, (const char *conninfo), (conninfo))
LAZY_FUNCTION(
    libpq, PGconn *, PQconnectdbParams,
    (const char *const *keywords, const char *const *values, int expand_dbname),
    (keywords, values, expand_dbname)
)
LAZY_FUNCTION(libpq, void, PQconninfoFree, (PQconninfoOption *connOptions), (connOptions))
LAZY_FUNCTION(libpq, PQconninfoOption *, PQconninfoParse, (const char *conninfo, char **errmsg), (conninfo, errmsg))
LAZY_FUNCTION(libpq, int, PQconsumeInput, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, int, PQenterPipelineMode, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, char *, PQerrorMessage, (const PGconn *conn), (conn))
LAZY_FUNCTION(libpq, char *, PQescapeIdentifier, (PGconn *conn, const char *str, size_t len), (conn, str, len))
LAZY_FUNCTION(libpq, PGresult *, PQexec, (PGconn *conn, const char *query), (conn, query))
LAZY_FUNCTION(
    libpq, PGresult *, PQexecParams,
    (PGconn *conn, const char *command, int nParams, const Oid *paramTypes, const char *const *paramValues, const
     int *paramLengths, const int *paramFormats, int resultFormat),
    (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat)
)
LAZY_FUNCTION(libpq, int, PQexitPipelineMode, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, void, PQfinish, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, int, PQfmod, (const PGresult *res, int field_num), (res, field_num))
LAZY_FUNCTION(libpq, char *, PQfname, (const PGresult *res, int field_num), (res, field_num))
LAZY_FUNCTION(libpq, void, PQfreeCancel, (PGcancel *cancel), (cancel))
LAZY_FUNCTION(libpq, void, PQfreemem, (void *ptr), (ptr))
LAZY_FUNCTION(libpq, Oid, PQftype, (const PGresult *res, int field_num), (res, field_num))
LAZY_FUNCTION(libpq, PGcancel *, PQgetCancel, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, int, PQgetCopyData, (PGconn *conn, char **buffer, int async), (conn, buffer, async))
LAZY_FUNCTION(libpq, PGresult *, PQgetResult, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, int, PQgetisnull, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num))
LAZY_FUNCTION(libpq, int, PQgetlength, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num))
LAZY_FUNCTION(libpq, char *, PQgetvalue, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num))
LAZY_FUNCTION(libpq, int, PQnfields, (const PGresult *res), (res))
LAZY_FUNCTION(libpq, PGnotify *, PQnotifies, (PGconn *conn), (conn))
LAZY_FUNCTION(libpq, int, PQntuples, (const PGresult *res), (res))
LAZY_FUNCTION(libpq, const char *, PQparameterStatus, (const PGconn *conn, const char *paramName), (conn, paramName))
LAZY_FUNCTION(
    libpq, PGPing, PQpingParams,
    (const char *const *keywords, const char *const *values, int expand_dbname),
    (keywords, values, expand_dbname)
)
LAZY_FUNCTION(libpq, int, PQpipelineSync, (PGconn *conn), (conn))
LAZY_FUNCTION(
    libpq, PGresult *, PQprepare,
    (PGconn *conn, const char *stmtName, const char *query, int nParams, const Oid *paramTypes),
    (conn, stmtName, query, nParams, paramTypes)
)
LAZY_FUNCTION(libpq, int, PQputCopyData, (PGconn *conn, const char *buffer, int nbytes), (conn, buffer, nbytes))
LAZY_FUNCTION(libpq, int, PQputCopyEnd, (PGconn *conn, const char *errormsg), (conn, errormsg))
LAZY_FUNCTION(libpq, char *, PQresultErrorField, (const PGresult *res, int fieldcode), (res, fieldcode))
LAZY_FUNCTION(libpq, char *, PQresultErrorMessage, (const PGresult *res), (res))
LAZY_FUNCTION(libpq, ExecStatusType, PQresultStatus, (const PGresult *res), (res))
LAZY_FUNCTION(libpq, int, PQsendQuery, (PGconn *conn, const char *query), (conn, query))
LAZY_FUNCTION(
    libpq, int, PQsendQueryParams,
    (PGconn *conn, const char *command, int nParams, const Oid *paramTypes, const char *const *paramValues, const
     int *paramLengths, const int *paramFormats, int resultFormat),
    (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat)
)
LAZY_FUNCTION(
    libpq, int, PQsendQueryPrepared,
    (PGconn *conn, const char *stmtName, int nParams, const char *const *paramValues, const int *paramLengths, const int
     *paramFormats, int resultFormat),
    (conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat)
)
LAZY_FUNCTION(libpq, int, PQserverVersion, (const PGconn *conn), (conn))
LAZY_FUNCTION(
    libpq, PQnoticeReceiver, PQsetNoticeReceiver,
    (PGconn *conn, PQnoticeReceiver proc, void *arg),
    (conn, proc, arg)
)
LAZY_FUNCTION(libpq, int, PQsocket, (const PGconn *conn), (conn))
LAZY_FUNCTION(libpq, ConnStatusType, PQstatus, (const PGconn *conn), (conn))
LAZY_FUNCTION(libpq, PGTransactionStatusType, PQtransactionStatus, (const PGconn *conn), (conn))
LAZY_FUNCTION(
    libpq, unsigned char *, PQunescapeBytea,
    (const unsigned char *strtext, size_t *retbuflen),
    (strtext, retbuflen)
)
