// SPDX-License-Identifier: LGPL-2.1-or-later
// Does the database answer?
#pragma once

#include "src/base/result.h"
#include "store/pg/connection.h"

namespace butaca::store {

// One round trip. `unavailable` when the server is gone.
Status ping(pg::Connection &connection);

} // namespace butaca::store
