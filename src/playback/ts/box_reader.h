// SPDX-License-Identifier: LGPL-2.1-or-later
// Boxes and the numbers in them (ISO/IEC 14496-12, 4.2), out of bytes that are not trusted. Reading past the
// end yields zeros and is remembered, so that a reader checks once and not after every field. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace butaca::playback::ts {

class BoxReader {
public:
    explicit BoxReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u24();
    std::uint32_t u32();
    std::uint64_t u64();
    std::span<const std::uint8_t> bytes(std::size_t count);
    void skip(std::size_t count) { bytes(count); }

    std::size_t left() const { return rest_.size(); }
    // False once something was read that was not there.
    bool good() const { return good_; }

    // The body of the first box of this type among those that follow, without moving; nothing when there is
    // none.
    std::optional<BoxReader> find(std::string_view type) const;

private:
    std::span<const std::uint8_t> rest_;
    bool good_ = true;
};

// The type of a box, read from its header of at least 8 bytes.
std::string_view box_type(std::span<const std::uint8_t> box);
// The size of a box that begins here: 0 while less than 8 bytes of its header are there. Sizes of 64 bits and
// "to the end" are no box of ours: nothing.
std::optional<std::uint32_t> box_size(std::span<const std::uint8_t> begin);

} // namespace butaca::playback::ts
