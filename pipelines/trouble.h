// SPDX-License-Identifier: LGPL-2.1-or-later
// What a pipeline's error message means to those who wait for the segment. Pure.
#pragma once

#include "src/base/gst.h"
#include "src/base/result.h"

namespace butaca::pipelines {

// `unavailable`: the origin cannot be reached. `conflict`: its bytes changed. `unsupported`: the media cannot
// be taken apart or decoded. `internal`: the rest. The words for people never quote the element's text, which
// may hold addresses; that goes to `detail`.
Error error_from_message(GstMessage *message);

} // namespace butaca::pipelines
