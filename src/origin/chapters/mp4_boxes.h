// SPDX-License-Identifier: LGPL-2.1-or-later
// Boxes of MP4 files in memory (ISO/IEC 14496-12, 4.2). Pure; all bytes are hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/origin/subtitles/fields.h"

namespace butaca::origin {

struct Mp4Box {
    std::string_view type; // four letters
    std::string_view body; // without the header
};

// The boxes that lie side by side in `bytes`, in their order, up to the first that is malformed.
std::vector<Mp4Box> mp4_boxes(std::string_view bytes);

// The body of the first box on that path ("mdia", "hdlr"); nothing where there is none.
std::optional<std::string_view> mp4_box(std::string_view bytes, std::initializer_list<std::string_view> path);

inline std::uint64_t number64(Fields &fields)
{
    const std::uint64_t high = fields.number(4);
    return high << 32 | fields.number(4);
}

} // namespace butaca::origin
