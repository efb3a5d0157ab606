// SPDX-License-Identifier: LGPL-2.1-or-later
// What the video server takes from its folders.
#pragma once

#include "src/origin/listing.h"

namespace butaca::vs {

origin::Policy policy();

} // namespace butaca::vs
