// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/app/administrator.h"

#include <glib/gstdio.h>

#include "src/base/encoding.h"
#include "src/base/files.h"
#include "src/base/log.h"
#include "src/session/passwords.h"
#include "store/accounts.h"

namespace butaca::app {

namespace {

constexpr const char *first_address = "admin@butaca.local";
constexpr const char *first_name = "Admin";
constexpr std::size_t first_password_bytes = 10; // 80 bits

Result<bool> make(pg::Connection &connection, const Settings &settings, const std::string &email,
                  const std::string &password)
{
    auto hash = session::hash_password(password, settings.accounts.hash_cost);
    if (!hash)
        return fail(std::move(hash).error());
    return store::ensure_administrator(connection, {email, first_name, *hash, store::Role::administrator});
}

// "3f2a-91bc-…": to be read and typed.
std::string password_by_chance()
{
    constexpr std::size_t group = 4;
    std::string text = random_hex(first_password_bytes);
    for (std::size_t at = group; at < text.size(); at += group + 1)
        text.insert(at, 1, '-');
    return text;
}

} // namespace

Status ensure_administrator(const Settings &settings)
{
    auto connection = pg::Connection::connect(settings.database_dsn);
    if (!connection)
        return fail(std::move(connection).error());
    if (!settings.admin_email.empty()) {
        // At each start but the first: hashing takes longer than all else of it.
        auto role = store::role_of(*connection, settings.admin_email);
        if (!role)
            return fail(std::move(role).error());
        if (*role == store::Role::administrator)
            return {};
        auto made = make(*connection, settings, settings.admin_email, settings.admin_password);
        if (!made)
            return fail(std::move(made).error().at("making the administrator"));
        log::info("administrator.known", {{"made", *made}});
        return {};
    }
    if (settings.first_administrator_file.empty())
        return {};
    auto known = store::has_administrator(*connection);
    if (!known)
        return fail(std::move(known).error());
    if (*known)
        return {};
    const std::string password = password_by_chance();
    // The file first: an account whose password nobody was told would be lost.
    if (auto written = write_file_atomically(settings.first_administrator_file,
                                             std::string(first_address) + "\n" + password + "\n", 0600);
        !written)
        return fail(std::move(written).error().at("writing the administrator's password"));
    auto made = make(*connection, settings, first_address, password);
    if (!made)
        return fail(std::move(made).error().at("making the administrator"));
    // Another program was quicker, and told its own.
    if (!*made)
        g_unlink(settings.first_administrator_file.c_str());
    log::info("administrator.made", {{"made", *made}});
    return {};
}

} // namespace butaca::app
