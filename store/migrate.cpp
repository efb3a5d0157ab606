// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/migrate.h"

#include <string>

#include "src/base/encoding.h"
#include "src/base/log.h"

namespace butaca::store {

namespace {

// The number is any constant; it only has to be ours. The lock belongs to the session, so a crash frees it.
constexpr pg::Statement lock_sql{"migrate.lock", "select pg_advisory_lock(73288137)"};
constexpr pg::Statement unlock_sql{"migrate.unlock", "select pg_advisory_unlock(73288137)"};
constexpr const char *prepare_sql = R"(
    create table if not exists migrations (
        number     integer primary key,
        name       text not null,
        checksum   text not null,
        applied_at timestamptz not null default now()
    ))";

std::string numbered(int number, std::string_view name)
{
    return "migration " + std::to_string(number) + " (" + std::string(name) + ")";
}

constexpr pg::Statement applied_sql{"migrate.applied",
                                    "select number, name, checksum from migrations order by number"};

// How many of the steps are applied already.
Result<std::size_t> count_applied(pg::Connection &connection, std::span<const Migration> steps)
{
    auto rows = connection.exec(applied_sql);
    if (!rows)
        return fail(std::move(rows).error());
    for (const pg::Row row : *rows) {
        const auto number = row.integer(0);
        if (number < 1 || number > static_cast<std::int64_t>(steps.size()))
            return fail(ErrorCode::unsupported, "the database was made by a newer Butaca than this one (" +
                                                    numbered(static_cast<int>(number), row.text(1)) +
                                                    "); install that version");
        const Migration &step = steps[static_cast<std::size_t>(number - 1)];
        if (row.text(2) != sha256_hex(step.sql))
            return fail(ErrorCode::conflict, numbered(step.number, step.name) +
                                                 " differs from the one that this database was made with");
    }
    return static_cast<std::size_t>(rows->size());
}

constexpr pg::Statement record_sql{"migrate.record",
                                   "insert into migrations (number, name, checksum) values ($1, $2, $3)"};

Status apply(pg::Connection &connection, const Migration &step)
{
    return pg::in_transaction(connection, [&](pg::Connection &inside) -> Status {
        if (Status done = inside.run_script(step.sql); !done)
            return fail(std::move(done).error().at(numbered(step.number, step.name)));
        auto recorded = inside.exec(record_sql, {step.number, step.name, sha256_hex(step.sql)});
        return recorded ? Status() : fail(std::move(recorded).error());
    });
}

Status apply_missing(pg::Connection &connection, std::span<const Migration> steps)
{
    if (Status ready = connection.run_script(prepare_sql); !ready)
        return ready;
    auto applied = count_applied(connection, steps);
    if (!applied)
        return fail(std::move(applied).error());
    for (const Migration &step : steps.subspan(*applied)) {
        if (Status done = apply(connection, step); !done)
            return done;
        log::info("store.migrated", {{"number", step.number}, {"name", step.name}});
    }
    return {};
}

} // namespace

Status migrate(pg::Connection &connection, std::span<const Migration> steps)
{
    // The lock comes first: "create table if not exists" fails when two do it at once. Waiting for it must
    // not run into the statement timeout.
    if (Status ready = connection.run_script("set statement_timeout = 0"); !ready)
        return ready;
    if (auto locked = connection.exec(lock_sql); !locked)
        return fail(std::move(locked).error());
    Status done = apply_missing(connection, steps);
    if (auto unlocked = connection.exec(unlock_sql); !unlocked && done)
        return fail(std::move(unlocked).error());
    return done;
}

} // namespace butaca::store
