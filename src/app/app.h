// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts AppS together: every part is made here, in order, and goes in the reverse order.
#pragma once

#include <memory>

#include "src/app/settings.h"
#include "src/base/result.h"

namespace butaca::app {

// Runs until SIGINT or SIGTERM, then lets answers under way end. An Error means that it could not start.
Status run(Settings settings);

} // namespace butaca::app
