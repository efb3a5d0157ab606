// SPDX-License-Identifier: LGPL-2.1-or-later
// How loud the tracks of one asset are, as an origin measured it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/media/facts.h"

namespace butaca::media {

struct LoudnessReport {
    // By the demuxer's pad. What has no entry could not be measured, or is silent.
    std::map<std::string, Loudness> tracks;

    // As JSON, and back: `invalid_argument` for anything else, for it comes from outside.
    std::string serialize() const;
    static Result<LoudnessReport> parse(std::string_view text);
};

} // namespace butaca::media
