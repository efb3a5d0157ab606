// SPDX-License-Identifier: LGPL-2.1-or-later
// Brings the schema of a database to what this program needs.
#pragma once

#include <span>
#include <string_view>

#include "src/base/result.h"
#include "store/pg/connection.h"

namespace butaca::store {

// One step of the schema, from store/migrations/NNNN_name.sql. Once released it never changes; its checksum
// is kept in the database and compared.
struct Migration {
    int number;
    std::string_view name;
    const char *sql;
};

// All that were built in, numbered from 1 without a gap.
std::span<const Migration> migrations();

// Applies what is missing, each step in a transaction of its own. Safe to call from several programs at once:
// they take turns under an advisory lock, for which this waits without limit. `unsupported` when the database
// was made by a newer program, `conflict` when a step was changed after it was applied here; nothing is
// touched then. Needs a connection of its own, to be closed afterwards.
Status migrate(pg::Connection &connection, std::span<const Migration> steps = migrations());

} // namespace butaca::store
