// SPDX-License-Identifier: LGPL-2.1-or-later
// What the routes of accounts and sessions work with. Belongs to the main loop.
#pragma once

#include <cstdint>
#include <string>

#include "src/session/attempts.h"
#include "src/session/passwords.h"

namespace butaca::gateway {

struct AccountSettings {
    bool sign_up = true;          // may anybody make an account?
    std::string currency = "EUR"; // of all wallets, ISO 4217
    std::int64_t session_life_s = 30LL * 24 * 3600;
    std::int64_t reset_life_s = 24LL * 3600;
    session::HashCost hash_cost;
    unsigned hash_threads = 2;
    unsigned attempts_per_account = 5; // without a wait
    unsigned attempts_per_client = 30;
};

struct AccountServices {
    explicit AccountServices(const AccountSettings &given)
        : settings(given), passwords(given.hash_cost, given.hash_threads),
          attempts({.free = given.attempts_per_account}),
          client_attempts({.free = given.attempts_per_client}), sign_ups({.free = given.attempts_per_client})
    {
    }

    const AccountSettings settings;
    session::Passwords passwords;
    session::Attempts attempts;        // to log in, by the account's address
    session::Attempts client_attempts; // the same by the client's
    session::Attempts sign_ups;        // by the client's address
};

} // namespace butaca::gateway
