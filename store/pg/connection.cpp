// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pg/connection.h"

#include <array>
#include <utility>
#include <vector>

#include <libpq-fe.h>
#include <poll.h>

#include "src/base/log.h"

namespace butaca::pg {

namespace {

std::string one_line(const char *message)
{
    std::string text = message ? message : "";
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    for (char &c : text)
        if (c == '\n' || c == '\t')
            c = ' ';
    return text;
}

void log_notice([[maybe_unused]] void *data, const char *message)
{
    log::debug("store.notice", {{"message", one_line(message)}});
}

std::string field(const pg_result *result, int which)
{
    const char *text = PQresultErrorField(result, which);
    return text ? text : "";
}

// Parameters in the three parallel arrays that libpq wants. Everything travels as text but bytea, which goes
// raw.
class Packed {
public:
    explicit Packed(std::span<const Param> params)
    {
        texts_.reserve(params.size()); // values_ points into it
        for (const Param &param : params)
            std::visit([this](const auto &value) { add(value); }, param.value());
    }

    bool holds_nul() const { return holds_nul_; }
    int count() const { return static_cast<int>(values_.size()); }
    const char *const *values() const { return values_.data(); }
    const int *lengths() const { return lengths_.data(); }
    const int *formats() const { return formats_.data(); }

private:
    void add(std::monostate) { add(nullptr, 0, 0); }
    void add(std::string_view text)
    {
        holds_nul_ = holds_nul_ || text.find('\0') != text.npos;
        add(texts_.emplace_back(text).c_str(), 0, 0);
    }
    void add(std::int64_t number) { add(std::string_view(std::to_string(number))); }
    void add(bool flag) { add(flag ? "t" : "f", 0, 0); }
    void add(const Param::Bytes &bytes)
    {
        const std::string &copy = texts_.emplace_back(bytes.content);
        add(copy.data(), static_cast<int>(copy.size()), 1);
    }
    void add(const char *value, int length, int format)
    {
        values_.push_back(value);
        lengths_.push_back(length);
        formats_.push_back(format);
    }

    std::vector<std::string> texts_;
    std::vector<const char *> values_;
    std::vector<int> lengths_, formats_;
    bool holds_nul_ = false;
};

} // namespace

void Connection::Finish::operator()(pg_conn *connection) const noexcept { PQfinish(connection); }

Result<Connection> Connection::connect(const std::string &dsn, ConnectOptions options)
{
    const std::string timeout_s = std::to_string(options.connect_timeout.count());
    // Of two values for one key the later wins, so the DSN overrules ours ("dbname" is where it goes). The
    // keepalives notice a host that vanished without a word within half a minute.
    const std::array keys{"connect_timeout",
                          "application_name",
                          "client_encoding",
                          "keepalives_idle",
                          "keepalives_interval",
                          "keepalives_count",
                          "tcp_user_timeout",
                          "dbname",
                          static_cast<const char *>(nullptr)};
    const std::array values{timeout_s.c_str(),
                            "butaca",
                            "UTF8",
                            "10",
                            "5",
                            "3",
                            "20000",
                            dsn.c_str(),
                            static_cast<const char *>(nullptr)};
    Connection connection(PQconnectdbParams(keys.data(), values.data(), 1));
    if (PQstatus(connection.connection_.get()) != CONNECTION_OK) {
        connection.failure_ = {"", one_line(PQerrorMessage(connection.connection_.get())), ""};
        return fail(to_error(connection.failure_).at("connecting"));
    }
    PQsetNoticeProcessor(connection.connection_.get(), log_notice, nullptr);
    const std::string set =
        "SET statement_timeout = " + std::to_string(options.statement_timeout.count()) +
        "; SET idle_in_transaction_session_timeout = 60000; SET bytea_output = 'hex'; SET TimeZone = 'UTC'";
    if (Status ready = connection.run_script(set.c_str()); !ready)
        return fail(std::move(ready).error());
    return connection;
}

Result<Rows> Connection::take(pg_result *full, const char *doing)
{
    Rows rows(full);
    const ExecStatusType status = PQresultStatus(full);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return rows;
    failure_ = {field(full, PG_DIAG_SQLSTATE), field(full, PG_DIAG_MESSAGE_PRIMARY),
                field(full, PG_DIAG_CONSTRAINT_NAME)};
    if (failure_.primary.empty())
        failure_.primary = one_line(PQerrorMessage(connection_.get()));
    // "cached plan must not change result type", "prepared statement does not exist".
    stale_ = stale_ || failure_.sqlstate == "0A000" || failure_.sqlstate == "26000";
    return fail(to_error(failure_).at(doing));
}

Status Connection::prepare(const Statement &statement)
{
    if (prepared_.contains(std::string_view(statement.name)))
        return {};
    auto made = take(PQprepare(connection_.get(), statement.name, statement.sql, 0, nullptr), statement.name);
    if (!made)
        return fail(std::move(made).error());
    prepared_.emplace(statement.name);
    return {};
}

Result<Rows> Connection::exec(const Statement &statement, std::span<const Param> params)
{
    failure_ = {};
    const Packed packed(params);
    if (packed.holds_nul())
        return fail(ErrorCode::invalid_argument, "a text holds a NUL character", statement.name);
    if (Status ready = prepare(statement); !ready)
        return fail(std::move(ready).error());
    return take(PQexecPrepared(connection_.get(), statement.name, packed.count(), packed.values(),
                               packed.lengths(), packed.formats(), 0),
                statement.name);
}

Status Connection::run_script(const char *sql)
{
    failure_ = {};
    auto done = take(PQexec(connection_.get(), sql), "running a script");
    return done ? Status() : fail(std::move(done).error());
}

bool Connection::usable()
{
    if (stale_ || !connection_ || PQstatus(connection_.get()) != CONNECTION_OK)
        return false;
    // An idle server has nothing to say but its farewell; a closed connection is readable as well.
    pollfd input{PQsocket(connection_.get()), POLLIN, 0};
    return poll(&input, 1, 0) == 0;
}

bool Connection::in_transaction() const
{
    const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

Result<Transaction> Transaction::begin(Connection &connection)
{
    if (Status begun = connection.run_script("BEGIN"); !begun)
        return fail(std::move(begun).error());
    return Transaction(connection);
}

Transaction::~Transaction()
{
    if (!connection_ || !connection_->in_transaction())
        return;
    if (Status undone = connection_->run_script("ROLLBACK"); !undone)
        log::warn("store.rollback_failed", {{"error", undone.error().detail}});
}

Status Transaction::commit()
{
    Connection *connection = std::exchange(connection_, nullptr);
    // COMMIT after a failed statement rolls back and calls that a success.
    const bool lost = PQtransactionStatus(connection->connection_.get()) == PQTRANS_INERROR;
    Status done = connection->run_script("COMMIT");
    if (done && lost)
        return fail(ErrorCode::internal, "nothing was stored", "COMMIT after an error that was ignored");
    return done;
}

} // namespace butaca::pg
