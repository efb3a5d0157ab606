// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/sessions.h"

#include "src/base/encoding.h"
#include "store/instant.h"

namespace butaca::store {

namespace {

constexpr std::size_t id_bytes = 8;

#define SESSION_COLUMNS                                                                                      \
    "id, device, " BUTACA_INSTANT("created_at") ", " BUTACA_INSTANT("seen_at") ", " BUTACA_INSTANT(          \
        "expires_at")

Session session_from(const pg::Row &row)
{
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)};
}

} // namespace

constexpr pg::Statement open_sql{"sessions.open", R"(
    insert into sessions (id, token_hash, account_id, device, expires_at)
    select $1, $2, accounts.id, $4, now() + $5::bigint * interval '1 second' from accounts where accounts.id = $3 and not disabled
    returning )" SESSION_COLUMNS};

Result<Session> open_session(pg::Connection &connection, std::string_view account_id,
                             std::string_view token_hash, std::string_view device, std::int64_t life_s)
{
    auto rows = connection.exec(open_sql, {random_hex(id_bytes), token_hash, account_id, device, life_s});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return fail(ErrorCode::not_found, "there is no such account");
    return session_from((*rows)[0]);
}

constexpr pg::Statement authenticate_sql{"sessions.authenticate", R"(
    with held as (
        select sessions.id, account_id, role, seen_at
        from sessions join accounts on accounts.id = account_id
        where token_hash = $1 and expires_at > now() and not disabled
    ), noted as (
        update sessions set seen_at = now(), expires_at = now() + $2::bigint * interval '1 second'
        where id = (select id from held where seen_at < now() - interval '1 minute')
    )
    select account_id, id, role from held)"};

Result<Holder> authenticate(pg::Connection &connection, std::string_view token_hash, std::int64_t life_s)
{
    auto rows = connection.exec(authenticate_sql, {token_hash, life_s});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return fail(ErrorCode::unauthenticated, "this session has ended; log in again");
    const pg::Row row = (*rows)[0];
    return Holder{row.text(0), row.text(1), role_from(row.text(2))};
}

constexpr pg::Statement list_sql{"sessions.list", "select " SESSION_COLUMNS R"(
    from sessions where account_id = $1 and expires_at > now() order by sessions.seen_at desc, id limit 100)"};

Result<std::vector<Session>> list_sessions(pg::Connection &connection, std::string_view account_id)
{
    auto rows = connection.exec(list_sql, {account_id});
    if (!rows)
        return fail(std::move(rows).error());
    std::vector<Session> sessions;
    for (const pg::Row row : *rows)
        sessions.push_back(session_from(row));
    return sessions;
}

constexpr pg::Statement end_sql{"sessions.end", "delete from sessions where account_id = $1 and id = $2"};

Status end_session(pg::Connection &connection, std::string_view account_id, std::string_view id)
{
    auto rows = connection.exec(end_sql, {account_id, id});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->affected() == 0)
        return fail(ErrorCode::not_found, "there is no such session");
    return {};
}

constexpr pg::Statement end_others_sql{"sessions.end_others",
                                       "delete from sessions where account_id = $1 and id <> $2"};

Status end_other_sessions(pg::Connection &connection, std::string_view account_id, std::string_view kept_id)
{
    auto rows = connection.exec(end_others_sql, {account_id, kept_id});
    if (!rows)
        return fail(std::move(rows).error());
    return {};
}

constexpr pg::Statement forget_sql{"sessions.forget", "delete from sessions where expires_at <= now()"};

Result<std::int64_t> forget_expired_sessions(pg::Connection &connection)
{
    auto rows = connection.exec(forget_sql);
    if (!rows)
        return fail(std::move(rows).error());
    return rows->affected();
}

} // namespace butaca::store
