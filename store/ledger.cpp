// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/ledger.h"

#include <algorithm>

#include "store/cursor.h"
#include "store/instant.h"

namespace butaca::store {

// The lock keeps the account from being deleted meanwhile.
constexpr pg::Statement give_credit_sql{"ledger.give_credit", R"(
    with known as (
        select id from accounts where id = $1 for key share
    ), opened as (
        insert into ledger_transactions (kind, made_by, note) select 'credit', $4, $5 from known returning id
    )
    insert into ledger_entries (transaction_id, book, account_id, amount_minor, currency)
    select opened.id, book, case when book = 'wallet' then $1 end, sign * $2::bigint, $3
    from opened, (values ('wallet', 1), ('credit', -1)) as sides (book, sign))"};

constexpr pg::Statement balance_sql{
    "ledger.balance", "select balance_minor from wallets where account_id = $1 and currency = $2"};

Result<std::int64_t> give_credit(pg::Connection &connection, const Credit &credit)
{
    return pg::in_transaction(connection, [&](pg::Connection &inside) -> Result<std::int64_t> {
        auto given = inside.exec(give_credit_sql, {credit.account_id, credit.amount_minor, credit.currency,
                                                   credit.made_by, credit.note});
        if (!given)
            return fail(std::move(given).error());
        if (given->affected() == 0)
            return fail(ErrorCode::not_found, "there is no such account");
        return get_balance(inside, credit.account_id, credit.currency);
    });
}

Result<std::int64_t> get_balance(pg::Connection &connection, std::string_view account_id,
                                 std::string_view currency)
{
    auto rows = connection.exec(balance_sql, {account_id, currency});
    if (!rows)
        return fail(std::move(rows).error());
    return rows->empty() ? 0 : (*rows)[0].integer(0);
}

constexpr pg::Statement list_sql{"ledger.list", R"(
    select lpad(to_hex(entries.transaction_id), 16, '0'), kind, amount_minor, currency, note, )" BUTACA_INSTANT(
                                                    "created_at") R"(, entries.transaction_id
    from ledger_entries as entries join ledger_transactions on id = entries.transaction_id
    where account_id = $1 and ($2::bigint is null or entries.transaction_id < $2)
    order by entries.transaction_id desc
    limit $3)"};

Result<WalletPage> list_wallet(pg::Connection &connection, std::string_view account_id, unsigned limit,
                               const std::string &cursor)
{
    auto after = page_start(cursor);
    if (!after)
        return fail(std::move(after).error());
    const int most = static_cast<int>(std::clamp(limit, 1U, 200U));
    auto rows = connection.exec(list_sql, {account_id, after->sorted_by, most + 1});
    if (!rows)
        return fail(std::move(rows).error());
    WalletPage page;
    for (int i = 0; i < std::min(rows->size(), most); ++i) {
        const pg::Row row = (*rows)[i];
        page.entries.push_back(
            {row.text(0), row.text(1), row.integer(2), row.text(3), row.text(4), row.text(5)});
    }
    if (rows->size() > most)
        page.next = to_cursor(page.entries.back().id, std::to_string((*rows)[most - 1].integer(6)));
    return page;
}

} // namespace butaca::store
