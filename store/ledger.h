// SPDX-License-Identifier: LGPL-2.1-or-later
// Money: a ledger of double entries that only grows, and the wallets that it fills. Amounts are minor units
// (cents) of an ISO 4217 currency. All functions block; run them on pg::Database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "store/pg/connection.h"

namespace butaca::store {

// What one transaction may move. A wallet then holds some million of these before it overflows.
inline constexpr std::int64_t most_money_minor = 1'000'000'000'000;

struct Credit {
    std::string account_id;
    std::int64_t amount_minor = 0; // from 1 to most_money_minor
    std::string currency;
    std::string made_by; // the administrator's account
    std::string note;
};

// Gives an account money; what its wallet holds then. `not_found`.
Result<std::int64_t> give_credit(pg::Connection &connection, const Credit &credit);

// 0 without a wallet.
Result<std::int64_t> get_balance(pg::Connection &connection, std::string_view account_id,
                                 std::string_view currency);

// What moved a wallet, the last first.
struct WalletEntry {
    std::string id; // the transaction's, for receipts
    std::string kind;
    std::int64_t amount_minor = 0; // below 0: taken
    std::string currency;
    std::string note;
    std::string created_at; // RFC 3339
};
struct WalletPage {
    std::vector<WalletEntry> entries;
    std::string next; // "" after the last page
};
// At most 200 to a page, which begins after the last one of the page before.
Result<WalletPage> list_wallet(pg::Connection &connection, std::string_view account_id, unsigned limit,
                               const std::string &cursor);

} // namespace butaca::store
