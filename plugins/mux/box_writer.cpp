// SPDX-License-Identifier: LGPL-2.1-or-later
// Box writing: everything goes through u8(), so byte order is decided in one place.
#include "plugins/mux/box_writer.h"

#include <cassert>
#include <utility>

namespace butaca::mux {

BoxWriter::Scope::~Scope() { writer_.patch_u32(start_, static_cast<std::uint32_t>(writer_.size() - start_)); }

BoxWriter::Scope BoxWriter::box(std::string_view type)
{
    const std::size_t start = size();
    u32(0);
    four_cc(type);
    return Scope(*this, start);
}

BoxWriter::Scope BoxWriter::full_box(std::string_view type, std::uint8_t version, std::uint32_t flags)
{
    const std::size_t start = size();
    u32(0);
    four_cc(type);
    u8(version);
    u24(flags);
    return Scope(*this, start);
}

void BoxWriter::u8(std::uint8_t value) { data_.push_back(value); }

void BoxWriter::u16(std::uint16_t value)
{
    u8(static_cast<std::uint8_t>(value >> 8));
    u8(static_cast<std::uint8_t>(value & 0xff));
}

void BoxWriter::u24(std::uint32_t value)
{
    u8(static_cast<std::uint8_t>((value >> 16) & 0xff));
    u16(static_cast<std::uint16_t>(value & 0xffff));
}

void BoxWriter::u32(std::uint32_t value)
{
    u16(static_cast<std::uint16_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value & 0xffff));
}

void BoxWriter::u64(std::uint64_t value)
{
    u32(static_cast<std::uint32_t>(value >> 32));
    u32(static_cast<std::uint32_t>(value & 0xffffffff));
}

void BoxWriter::four_cc(std::string_view type)
{
    assert(type.size() == 4);
    for (const char letter : type)
        u8(static_cast<std::uint8_t>(letter));
}

void BoxWriter::bytes(std::span<const std::uint8_t> data)
{
    data_.insert(data_.end(), data.begin(), data.end());
}

void BoxWriter::zeros(std::size_t count) { data_.insert(data_.end(), count, 0); }

void BoxWriter::patch_u32(std::size_t position, std::uint32_t value)
{
    assert(position + 4 <= data_.size());
    for (std::size_t i = 0; i < 4; i++)
        data_[position + i] = static_cast<std::uint8_t>((value >> (24 - 8 * i)) & 0xff);
}

Bytes BoxWriter::take() { return std::exchange(data_, {}); }

} // namespace butaca::mux
