// SPDX-License-Identifier: LGPL-2.1-or-later
// What AV1 packets hold beside their frames. Pure.
#pragma once

#include "src/base/gst.h"

namespace butaca::pipelines {

// The temporal unit without what samples of MP4 must not hold (AV1 in ISO BMFF, 2.4): temporal delimiters,
// which av1parse puts in front, padding and tile lists. What is cut otherwise comes back as it is.
Owned<GstBuffer> without_delimiters(GstBuffer *unit);

} // namespace butaca::pipelines
