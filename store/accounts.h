// SPDX-License-Identifier: LGPL-2.1-or-later
// Accounts and how they prove themselves. All functions block; run them on pg::Database. Each is one
// statement or a transaction of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "store/pg/connection.h"

namespace butaca::store {

enum class Role { viewer, administrator };
const char *to_string(Role role);
Role role_from(std::string_view text); // of a row

struct Account {
    std::string id; // 16 hex digits, by chance
    std::string email;
    std::string name;
    Role role = Role::viewer;
    bool disabled = false;
    std::string created_at; // RFC 3339
};

// Stands for the hash of an account that has no password yet: no text hashes to it.
inline constexpr const char *no_password = "$argon2id$none";

struct NewAccount {
    std::string email;
    std::string name;
    std::string password_hash; // "$argon2id$..."
    Role role = Role::viewer;
};

// `conflict` when the address has an account already; capital letters do not count.
Result<Account> create_account(pg::Connection &connection, const NewAccount &account);
Result<bool> has_administrator(pg::Connection &connection);
// Nothing when the address has no account.
Result<std::optional<Role>> role_of(pg::Connection &connection, std::string_view email);
// Makes the administrator unless the address has an account already, whose password stays as it is then.
// Whether it was made. `conflict` when the address belongs to a viewer.
Result<bool> ensure_administrator(pg::Connection &connection, const NewAccount &account);
// `not_found`.
Result<Account> get_account(pg::Connection &connection, std::string_view id);
// The name, the role, and whether it is disabled (which ends its sessions); what is not given stays.
// `not_found`; `conflict` when nobody would be left to administer.
struct AccountChange {
    std::optional<std::string> name;
    std::optional<Role> role;
    std::optional<bool> disabled;
};
Result<Account> change_account(pg::Connection &connection, std::string_view id, const AccountChange &change);

// By address, those whose address or name has `text` in it. A page begins after the last one of the page
// before.
struct AccountQuery {
    std::string text;
    unsigned limit = 50; // at most 200 are given
    std::string cursor;
};
struct AccountPage {
    std::vector<Account> accounts;
    std::string next; // "" after the last page
};
Result<AccountPage> list_accounts(pg::Connection &connection, const AccountQuery &query);

// Its sessions end, its resets are worth nothing. `not_found`; `conflict` for the only administrator.
Status delete_account(pg::Connection &connection, std::string_view id);

// What a log-in is compared with. `not_found` when nobody has the address, or the account was disabled.
struct Credentials {
    std::string account_id;
    std::string password_hash;
};
Result<Credentials> find_credentials(pg::Connection &connection, std::string_view email);
// The same for one who is logged in.
Result<Credentials> get_credentials(pg::Connection &connection, std::string_view account_id);

// A new password: all sessions end but `kept_session` ("" for none), and all resets. `not_found`.
Status set_password(pg::Connection &connection, std::string_view account_id, std::string_view password_hash,
                    std::string_view kept_session);
// The same password hashed at a higher cost; nothing happens when it was changed meanwhile.
Status rehash_password(pg::Connection &connection, const Credentials &old, std::string_view password_hash);

// A token (its SHA-256) that is good for one new password; until when (RFC 3339). `not_found`.
Result<std::string> open_reset(pg::Connection &connection, std::string_view account_id,
                               std::string_view token_hash, std::int64_t life_s);
// Uses it up. `unauthenticated` when it is unknown, used or too old.
Status use_reset(pg::Connection &connection, std::string_view token_hash, std::string_view password_hash);

} // namespace butaca::store
