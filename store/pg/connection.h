// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection to PostgreSQL: blocking, on one thread at a time, never on the loop of a busy server.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "src/base/result.h"
#include "store/pg/error.h"
#include "store/pg/rows.h"

struct pg_conn;

namespace butaca::pg {

// A statement with the name that it is prepared under. One constexpr object each, directly above the
// function that uses it. Two statements of one name are a bug.
struct Statement {
    const char *name;
    const char *sql;
};

struct ConnectOptions {
    std::chrono::seconds connect_timeout{5};
    // The server cancels what takes longer (`timeout`); zero: no limit.
    std::chrono::milliseconds statement_timeout{10000};
};

class Connection {
public:
    // `dsn` is a libpq connection string or URI. `unavailable` when the server does not answer in time or
    // refuses us. libpq does not honour a connect timeout under 2 seconds.
    static Result<Connection> connect(const std::string &dsn, ConnectOptions options = {});

    // Prepares the statement on its first use, then runs it with `params`. Errors: see code_from(). Text with
    // a NUL byte is `invalid_argument`, for libpq would silently cut it there.
    Result<Rows> exec(const Statement &statement, std::span<const Param> params);
    Result<Rows> exec(const Statement &statement, std::initializer_list<Param> params = {})
    {
        return exec(statement, std::span(params.begin(), params.size()));
    }
    // Several statements at once, without parameters: migrations and BEGIN, COMMIT, ROLLBACK. Never for text
    // that came from outside.
    Status run_script(const char *sql);

    // Is the server still there? Looks whether it sent something unasked, which costs no round trip; so not
    // for a connection that LISTENs. False also after a statement whose plan went stale, for which a new
    // connection is the cure.
    bool usable();
    bool in_transaction() const;
    // About the last exec() or run_script() that failed.
    const Failure &last_failure() const { return failure_; }

private:
    friend class Transaction;
    struct Finish {
        void operator()(pg_conn *connection) const noexcept;
    };
    explicit Connection(pg_conn *full) : connection_(full) {}
    Result<Rows> take(pg_result *full, const char *doing);
    Status prepare(const Statement &statement);

    std::unique_ptr<pg_conn, Finish> connection_;
    std::set<std::string, std::less<>> prepared_;
    Failure failure_;
    bool stale_ = false;
};

// BEGIN now, ROLLBACK when it goes out of scope without commit().
class Transaction {
public:
    static Result<Transaction> begin(Connection &connection);
    ~Transaction();
    Transaction(Transaction &&other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction &operator=(Transaction &&) = delete;

    // After an error the transaction is over all the same; deferred constraints fail here. `internal` when an
    // earlier statement failed and nobody cared.
    Status commit();

private:
    explicit Transaction(Connection &connection) : connection_(&connection) {}
    Connection *connection_;
};

// Runs `work(connection)`, which returns a Result or Status, in a transaction: commits when it succeeded,
// rolls back when it failed, and runs it again, up to three times in all, after a serialization failure or a
// deadlock. So `work` must have no effect but on the database.
template <typename Work>
auto in_transaction(Connection &connection, Work work) -> std::invoke_result_t<Work, Connection &>
{
    for (int attempt = 1;; ++attempt) {
        auto transaction = Transaction::begin(connection);
        if (!transaction)
            return fail(std::move(transaction).error());
        auto result = work(connection);
        if (result)
            if (Status committed = transaction->commit(); !committed)
                result = fail(std::move(committed).error());
        if (result || attempt == 3 || !connection.last_failure().is_worth_repeating())
            return result;
    }
}

} // namespace butaca::pg
