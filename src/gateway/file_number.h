// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers in the names of segments.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/encoding.h"

namespace butaca::gateway {

// The number that stands before the suffix ("17" of "17.m4s"), in its one way of writing: nothing for
// "017.m4s" and "+1.m4s", so that each segment has exactly one URL.
inline std::optional<std::int64_t> number_before(std::string_view file, std::string_view suffix)
{
    return file.ends_with(suffix) ? to_count(file.substr(0, file.size() - suffix.size())) : std::nullopt;
}

} // namespace butaca::gateway
