// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/health.h"

namespace butaca::store {

namespace {

constexpr pg::Statement ping_statement = {"ping", "SELECT 1"};

} // namespace

Status ping(pg::Connection &connection)
{
    auto answered = connection.exec(ping_statement);
    return answered ? Status() : fail(answered.error());
}

} // namespace butaca::store
