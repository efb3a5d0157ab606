// SPDX-License-Identifier: LGPL-2.1-or-later
// Which installed elements handle a stream: the one look into GStreamer's registry, so that the graphs stay
// pure functions.
#pragma once

#include <string>

#include "src/base/result.h"

namespace butaca::pipelines {

// Names of element factories; empty where none is needed.
struct StreamElements {
    std::string parser;
    std::string decoder;
};

// The parser (when one helps) and the highest-ranked installed software decoder for a track's caps.
// `unsupported` when nothing decodes it, `invalid_argument` when the caps do not parse. Thread-safe.
Result<StreamElements> stream_elements(const std::string &caps);

// Only the parser; never fails for want of a decoder.
Result<std::string> parser_for(const std::string &caps);

} // namespace butaca::pipelines
