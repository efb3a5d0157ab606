// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes ISO base media boxes (ISO/IEC 14496-12, 4.2) into a growing run of bytes, big endian. Pure: no
// GStreamer, no clock. A box is open for as long as the Scope that opened it lives; its size is filled in
// when it closes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace butaca::mux {

using Bytes = std::vector<std::uint8_t>;

// Appends numbers and boxes to a byte vector. Bound to one thread; Scopes close in the order that C++
// destroys them.
class BoxWriter {
public:
    // An open box: its size field is written when this object goes. Must not outlive the writer.
    class Scope {
    public:
        Scope(BoxWriter &writer, std::size_t start) : writer_(writer), start_(start) {}
        ~Scope();
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

    private:
        BoxWriter &writer_;
        std::size_t start_;
    };

    // Opens a box of the given type, which must have four characters.
    [[nodiscard]] Scope box(std::string_view type);
    // Opens a FullBox: a box with a version and 24 bits of flags in front.
    [[nodiscard]] Scope full_box(std::string_view type, std::uint8_t version, std::uint32_t flags);

    void u8(std::uint8_t value);
    void u16(std::uint16_t value);
    void u24(std::uint32_t value);
    void u32(std::uint32_t value);
    void u64(std::uint64_t value);
    void four_cc(std::string_view type);
    void bytes(std::span<const std::uint8_t> data);
    void zeros(std::size_t count);

    // Overwrites four bytes written earlier (a data offset that is only known once the box around it is
    // closed).
    void patch_u32(std::size_t position, std::uint32_t value);

    // How many bytes are written so far.
    std::size_t size() const { return data_.size(); }
    // Hands over what was written and leaves the writer empty. All boxes must be closed.
    [[nodiscard]] Bytes take();

private:
    Bytes data_;
};

} // namespace butaca::mux
