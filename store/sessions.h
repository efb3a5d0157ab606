// SPDX-License-Identifier: LGPL-2.1-or-later
// Sessions: who holds a token is one of our accounts. Only the token's SHA-256 is stored. All functions
// block; run them on pg::Database. Each is one statement.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "store/accounts.h"
#include "store/pg/connection.h"

namespace butaca::store {

struct Session {
    std::string id;     // 16 hex digits, by chance
    std::string device; // what the client calls itself
    std::string created_at;
    std::string seen_at; // RFC 3339, all three; to the minute
    std::string expires_at;
};

// `not_found` when the account is gone or disabled.
Result<Session> open_session(pg::Connection &connection, std::string_view account_id,
                             std::string_view token_hash, std::string_view device, std::int64_t life_s);

// Whose token it is. It lives on for `life_s` from its last use, which is noted once a minute.
// `unauthenticated` when it is unknown, too old, or its account disabled.
struct Holder {
    std::string account_id;
    std::string session_id;
    Role role = Role::viewer;
};
Result<Holder> authenticate(pg::Connection &connection, std::string_view token_hash, std::int64_t life_s);

// Those that still hold, the last used first, at most 100.
Result<std::vector<Session>> list_sessions(pg::Connection &connection, std::string_view account_id);
// `not_found` when it is no session of this account.
Status end_session(pg::Connection &connection, std::string_view account_id, std::string_view id);
// All of an account but one.
Status end_other_sessions(pg::Connection &connection, std::string_view account_id, std::string_view kept_id);
// Deletes what has expired; how many there were.
Result<std::int64_t> forget_expired_sessions(pg::Connection &connection);

} // namespace butaca::store
