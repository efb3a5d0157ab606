// SPDX-License-Identifier: LGPL-2.1-or-later
// Boxes of an init segment taken out and put together (ISO/IEC 14496-12, 4.2). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace butaca::playback::files {

struct Box {
    std::string_view type;
    std::span<const std::uint8_t> body;
};

// The boxes side by side in `bytes`; those after a malformed one are left out.
std::vector<Box> boxes_in(std::span<const std::uint8_t> bytes);
std::optional<Box> find_box(std::span<const std::uint8_t> bytes, std::string_view type);

// A box of this type.
std::string box(std::string_view type, std::string_view body);

// The body of the first sample entry, and a box in it behind the fields of sound.
std::optional<std::span<const std::uint8_t>> sample_entry(std::span<const std::uint8_t> init);
std::optional<std::span<const std::uint8_t>> child_of_sound(std::span<const std::uint8_t> entry,
                                                            std::string_view type);

} // namespace butaca::playback::files
