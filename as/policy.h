// SPDX-License-Identifier: LGPL-2.1-or-later
// What the audio server takes from its folders.
#pragma once

#include "src/origin/listing.h"

namespace butaca::as {

origin::Policy policy();

} // namespace butaca::as
