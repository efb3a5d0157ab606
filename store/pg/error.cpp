// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pg/error.h"

namespace butaca::pg {

namespace {

const char *words_for(ErrorCode code)
{
    switch (code) {
    case ErrorCode::conflict:
        return "this conflicts with what is stored already";
    case ErrorCode::unprocessable:
        return "the stored data would no longer hold together";
    case ErrorCode::invalid_argument:
        return "the database cannot hold this value";
    case ErrorCode::timeout:
        return "the database took too long";
    case ErrorCode::unavailable:
        return "the database is not available";
    default:
        return "the database refused a statement";
    }
}

} // namespace

bool Failure::is_worth_repeating() const { return sqlstate == "40001" || sqlstate == "40P01"; }

ErrorCode code_from(std::string_view sqlstate)
{
    if (sqlstate == "57014" || sqlstate == "55P03") // statement_timeout, lock_timeout
        return ErrorCode::timeout;
    if (sqlstate == "23505" || sqlstate == "23503" || sqlstate == "23P01") // unique, foreign key, exclusion
        return ErrorCode::conflict;
    if (sqlstate == "25006") // read-only: we are talking to a standby in mid-failover
        return ErrorCode::unavailable;
    const std::string_view kind = sqlstate.substr(0, 2);
    if (kind == "22")
        return ErrorCode::invalid_argument;
    if (kind == "23")
        return ErrorCode::unprocessable;
    // No answer, broken connection, wrong credentials, no such database, rolled back for others' sake, out of
    // resources, shutting down, I/O error: all pass, or are for the operator, never the asker's fault.
    for (std::string_view passing : {"", "08", "28", "3D", "40", "53", "57", "58"})
        if (kind == passing)
            return ErrorCode::unavailable;
    return ErrorCode::internal;
}

Error to_error(const Failure &failure)
{
    const ErrorCode code = code_from(failure.sqlstate);
    std::string detail = failure.primary;
    if (!failure.sqlstate.empty())
        detail += " (SQLSTATE " + failure.sqlstate + ")";
    if (!failure.constraint.empty())
        detail += " (constraint " + failure.constraint + ")";
    return Error{code, words_for(code), std::move(detail), code == ErrorCode::unavailable ? 1U : 0U};
}

} // namespace butaca::pg
