// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/ts/box_reader.h"

namespace butaca::playback::ts {

namespace {

constexpr std::size_t header_bytes = 8;

} // namespace

std::span<const std::uint8_t> BoxReader::bytes(std::size_t count)
{
    if (count > rest_.size()) {
        good_ = false;
        rest_ = {};
        return {};
    }
    auto found = rest_.first(count);
    rest_ = rest_.subspan(count);
    return found;
}

std::uint8_t BoxReader::u8()
{
    auto found = bytes(1);
    return found.empty() ? 0 : found[0];
}

std::uint16_t BoxReader::u16()
{
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
}

std::uint32_t BoxReader::u24()
{
    const std::uint32_t high = u8();
    return high << 16 | u16();
}

std::uint32_t BoxReader::u32()
{
    const std::uint32_t high = u16();
    return high << 16 | u16();
}

std::uint64_t BoxReader::u64()
{
    const std::uint64_t high = u32();
    return high << 32 | u32();
}

std::optional<BoxReader> BoxReader::find(std::string_view type) const
{
    auto rest = rest_;
    while (rest.size() >= header_bytes) {
        auto size = box_size(rest);
        if (!size || *size > rest.size())
            return std::nullopt;
        if (box_type(rest) == type)
            return BoxReader(rest.subspan(header_bytes, *size - header_bytes));
        rest = rest.subspan(*size);
    }
    return std::nullopt;
}

std::string_view box_type(std::span<const std::uint8_t> box)
{
    return {reinterpret_cast<const char *>(box.data()) + 4, 4};
}

std::optional<std::uint32_t> box_size(std::span<const std::uint8_t> begin)
{
    if (begin.size() < header_bytes)
        return 0;
    BoxReader reader(begin);
    const std::uint32_t size = reader.u32();
    return size < header_bytes ? std::nullopt : std::optional(size);
}

} // namespace butaca::playback::ts
