// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/accounts.h"

#include <algorithm>

#include "src/base/encoding.h"
#include "store/cursor.h"
#include "store/instant.h"

namespace butaca::store {

namespace {

constexpr std::size_t id_bytes = 8;

constexpr int account_columns = 6;
#define ACCOUNT_COLUMNS "id, email, name, role, disabled, " BUTACA_INSTANT("created_at")

Account account_from(const pg::Row &row)
{
    Account account;
    account.id = row.text(0);
    account.email = row.text(1);
    account.name = row.text(2);
    account.role = role_from(row.text(3));
    account.disabled = row.boolean(4);
    account.created_at = row.text(5);
    return account;
}

tl::unexpected<Error> no_account() { return fail(ErrorCode::not_found, "there is no such account"); }

Result<Credentials> credentials_from(Result<pg::Rows> rows)
{
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return no_account();
    return Credentials{(*rows)[0].text(0), (*rows)[0].text(1)};
}

} // namespace

Role role_from(std::string_view text)
{
    return text == to_string(Role::administrator) ? Role::administrator : Role::viewer;
}

const char *to_string(Role role) { return role == Role::administrator ? "administrator" : "viewer"; }

constexpr pg::Statement create_sql{"accounts.create", R"(
    insert into accounts (id, email, name, password_hash, role) values ($1, $2, $3, $4, $5)
    returning )" ACCOUNT_COLUMNS};

Result<Account> create_account(pg::Connection &connection, const NewAccount &account)
{
    auto rows = connection.exec(create_sql, {random_hex(id_bytes), account.email, account.name,
                                             account.password_hash, to_string(account.role)});
    if (rows)
        return account_from((*rows)[0]);
    if (connection.last_failure().constraint == "accounts_by_email")
        return fail(ErrorCode::conflict, "this address has an account already");
    return fail(std::move(rows).error());
}

constexpr pg::Statement has_administrator_sql{
    "accounts.has_administrator", "select exists (select from accounts where role = 'administrator')"};

Result<bool> has_administrator(pg::Connection &connection)
{
    auto rows = connection.exec(has_administrator_sql);
    if (!rows)
        return fail(std::move(rows).error());
    return (*rows)[0].boolean(0);
}

constexpr pg::Statement role_of_sql{"accounts.role_of", R"(
    select role from accounts
    where lower(email collate "und-x-icu") = lower($1::text collate "und-x-icu"))"};

Result<std::optional<Role>> role_of(pg::Connection &connection, std::string_view email)
{
    auto rows = connection.exec(role_of_sql, {email});
    if (!rows)
        return fail(std::move(rows).error());
    return rows->empty() ? std::optional<Role>() : role_from((*rows)[0].text(0));
}

Result<bool> ensure_administrator(pg::Connection &connection, const NewAccount &account)
{
    NewAccount administrator = account;
    administrator.role = Role::administrator;
    auto made = create_account(connection, administrator);
    if (made)
        return true;
    if (made.error().code != ErrorCode::conflict)
        return fail(std::move(made).error());
    auto role = role_of(connection, account.email);
    if (!role)
        return fail(std::move(role).error());
    if (*role != Role::administrator)
        return fail(ErrorCode::conflict, "the address of the administrator belongs to another account");
    return false;
}

constexpr pg::Statement get_sql{"accounts.get", "select " ACCOUNT_COLUMNS " from accounts where id = $1"};

Result<Account> get_account(pg::Connection &connection, std::string_view id)
{
    auto rows = connection.exec(get_sql, {id});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return no_account();
    return account_from((*rows)[0]);
}

// Two who leave at once must not leave nobody.
constexpr pg::Statement lock_administrators_sql{
    "accounts.lock_administrators",
    "select id from accounts where role = 'administrator' order by id for update"};
constexpr pg::Statement is_administered_sql{
    "accounts.is_administered",
    "select exists (select from accounts where role = 'administrator' and not disabled)"};

// Does `work` in a transaction unless it leaves nobody to administer.
template <typename Work> auto keeping_an_administrator(pg::Connection &connection, Work work)
{
    return pg::in_transaction(connection, [&](pg::Connection &inside) -> decltype(work(inside)) {
        if (auto locked = inside.exec(lock_administrators_sql); !locked)
            return fail(std::move(locked).error());
        auto before = inside.exec(is_administered_sql);
        auto done = work(inside);
        auto after = inside.exec(is_administered_sql);
        if (!before || !done || !after)
            return fail(!before ? std::move(before).error()
                        : !done ? std::move(done).error()
                                : std::move(after).error());
        if ((*before)[0].boolean(0) && !(*after)[0].boolean(0))
            return fail(ErrorCode::conflict, "somebody has to be the administrator");
        return done;
    });
}

constexpr pg::Statement change_sql{"accounts.change", R"(
    with ended as (delete from sessions where account_id = $1 and $4::boolean)
    update accounts set name = coalesce($2, name), role = coalesce($3, role), disabled = coalesce($4, disabled),
        changed_at = now()
    where id = $1
    returning )" ACCOUNT_COLUMNS};

Result<Account> change_account(pg::Connection &connection, std::string_view id, const AccountChange &change)
{
    return keeping_an_administrator(connection, [&](pg::Connection &inside) -> Result<Account> {
        std::optional<std::string_view> role;
        if (change.role)
            role = to_string(*change.role);
        auto rows = inside.exec(change_sql, {id, change.name, role, change.disabled});
        if (!rows)
            return fail(std::move(rows).error());
        if (rows->empty())
            return no_account();
        return account_from((*rows)[0]);
    });
}

constexpr pg::Statement delete_sql{"accounts.delete", "delete from accounts where id = $1"};

Status delete_account(pg::Connection &connection, std::string_view id)
{
    return keeping_an_administrator(connection, [&](pg::Connection &inside) -> Status {
        auto rows = inside.exec(delete_sql, {id});
        if (!rows)
            return fail(std::move(rows).error());
        if (rows->affected() == 0)
            return no_account();
        return {};
    });
}

constexpr pg::Statement list_sql{"accounts.list", "select " ACCOUNT_COLUMNS R"(, fold(email)
    from accounts
    where ($1 = '' or strpos(fold(email), fold($1)) > 0 or strpos(fold(name), fold($1)) > 0)
      and ($2::text is null or (fold(email), id) > ($3::text, $2))
    order by fold(email), id
    limit $4)"};

Result<AccountPage> list_accounts(pg::Connection &connection, const AccountQuery &query)
{
    auto after = page_start(query.cursor);
    if (!after)
        return fail(std::move(after).error());
    const int limit = static_cast<int>(std::clamp(query.limit, 1U, 200U));
    auto rows = connection.exec(list_sql, {query.text, after->id, after->sorted_by, limit + 1});
    if (!rows)
        return fail(std::move(rows).error());
    AccountPage page;
    for (int i = 0; i < std::min(rows->size(), limit); ++i)
        page.accounts.push_back(account_from((*rows)[i]));
    if (rows->size() > limit)
        page.next = to_cursor(page.accounts.back().id, (*rows)[limit - 1].text(account_columns));
    return page;
}

constexpr pg::Statement find_credentials_sql{"accounts.find_credentials", R"(
    select id, password_hash from accounts
    where lower(email collate "und-x-icu") = lower($1::text collate "und-x-icu") and not disabled)"};

Result<Credentials> find_credentials(pg::Connection &connection, std::string_view email)
{
    return credentials_from(connection.exec(find_credentials_sql, {email}));
}

constexpr pg::Statement get_credentials_sql{"accounts.get_credentials",
                                            "select id, password_hash from accounts where id = $1"};

Result<Credentials> get_credentials(pg::Connection &connection, std::string_view account_id)
{
    return credentials_from(connection.exec(get_credentials_sql, {account_id}));
}

constexpr pg::Statement set_password_sql{"accounts.set_password", R"(
    with ended as (delete from sessions where account_id = $1 and id <> $3),
         worthless as (delete from password_resets where account_id = $1)
    update accounts set password_hash = $2, changed_at = now() where id = $1)"};

Status set_password(pg::Connection &connection, std::string_view account_id, std::string_view password_hash,
                    std::string_view kept_session)
{
    auto rows = connection.exec(set_password_sql, {account_id, password_hash, kept_session});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->affected() == 0)
        return no_account();
    return {};
}

constexpr pg::Statement rehash_sql{"accounts.rehash", R"(
    update accounts set password_hash = $3 where id = $1 and password_hash = $2)"};

Status rehash_password(pg::Connection &connection, const Credentials &old, std::string_view password_hash)
{
    auto rows = connection.exec(rehash_sql, {old.account_id, old.password_hash, password_hash});
    if (!rows)
        return fail(std::move(rows).error());
    return {};
}

constexpr pg::Statement open_reset_sql{"accounts.open_reset", R"(
    with gone as (delete from password_resets where expires_at <= now())
    insert into password_resets (token_hash, account_id, expires_at)
    select $2, id, now() + $3::bigint * interval '1 second' from accounts where id = $1
    returning )" BUTACA_INSTANT("expires_at")};

Result<std::string> open_reset(pg::Connection &connection, std::string_view account_id,
                               std::string_view token_hash, std::int64_t life_s)
{
    auto rows = connection.exec(open_reset_sql, {account_id, token_hash, life_s});
    if (!rows)
        return fail(std::move(rows).error());
    if (rows->empty())
        return no_account();
    return (*rows)[0].text(0);
}

constexpr pg::Statement take_reset_sql{"accounts.take_reset", R"(
    delete from password_resets where token_hash = $1 and expires_at > now() returning account_id)"};

Status use_reset(pg::Connection &connection, std::string_view token_hash, std::string_view password_hash)
{
    return pg::in_transaction(connection, [&](pg::Connection &inside) -> Status {
        auto rows = inside.exec(take_reset_sql, {token_hash});
        if (!rows)
            return fail(std::move(rows).error());
        if (rows->empty())
            return fail(ErrorCode::unauthenticated, "this token is not valid any more");
        return set_password(inside, (*rows)[0].text(0), password_hash, "");
    });
}

} // namespace butaca::store
