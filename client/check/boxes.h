// SPDX-License-Identifier: LGPL-2.1-or-later
// Boxes of ISO/IEC 14496-12, read with every length checked: the bytes come from anywhere. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace butaca::client::check {

// Reads big-endian numbers; past the end it gives zeros and ok() is false from then on.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number(unsigned size_bytes); // 1 to 8 bytes
    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::string_view bytes(std::size_t size_bytes); // empty when there are not so many
    void skip(std::size_t size_bytes) { bytes(size_bytes); }
    std::string_view rest() const { return rest_; }
    bool ok() const { return ok_; }

private:
    std::string_view rest_;
    bool ok_ = true;
};

struct Box {
    std::string type;   // four characters
    std::size_t at = 0; // where its header begins, counted from the outermost bytes
    std::string_view payload;
    std::size_t payload_at = 0;
};

struct Boxes {
    std::vector<Box> all;
    // Where the sizes stop making sense: a box that reaches beyond what holds it, or a rest that is none.
    std::optional<std::size_t> bad_at;

    const Box *find(std::string_view type) const; // the first, or null
    std::size_t count(std::string_view type) const;
};

// The boxes side by side in `bytes`, which begin at `at`. At most 4096 of them; more count as bad.
Boxes split_boxes(std::string_view bytes, std::size_t at);
inline Boxes children(const Box &box) { return split_boxes(box.payload, box.payload_at); }

// The first box at a path like "mdia/minf/stbl" below `box`.
std::optional<Box> descend(const Box &box, std::string_view path);

} // namespace butaca::client::check
