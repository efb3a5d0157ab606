// SPDX-License-Identifier: LGPL-2.1-or-later
// What is said of the media against what they are: codecs, sizes, rates. Pure.
#pragma once

#include "client/check/presentation.h"

namespace butaca::client::check {

// Formats of one stream.
void judge_formats(const Stream &stream, Findings &findings);

// The multivariant playlist against the media.
void judge_promises(const Presentation &presentation, Findings &findings);

// Everything, once all is fetched.
void judge_whole(const Presentation &presentation, Findings &findings);

} // namespace butaca::client::check
