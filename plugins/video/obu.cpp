// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/obu.h"

namespace butaca::video {

namespace {

using Bytes = std::vector<std::uint8_t>;

// obu_type (AV1 specification, 6.2.2).
constexpr unsigned sequence_header = 1;
constexpr unsigned temporal_delimiter = 2;
constexpr unsigned padding = 15;

constexpr std::uint8_t highest_level_without_tier = 7;

// leb128() (4.10.5): at most eight bytes. Moves `at` behind it.
std::optional<std::uint64_t> read_leb128(std::span<const std::uint8_t> bytes, std::size_t &at)
{
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8 && at < bytes.size(); i++) {
        const std::uint8_t byte = bytes[at++];
        value |= std::uint64_t{byte & 0x7fU} << (i * 7);
        if (!(byte & 0x80))
            return value;
    }
    return std::nullopt;
}

void write_leb128(Bytes &out, std::uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

unsigned bit_at(std::span<const std::uint8_t> bytes, std::size_t bit)
{
    return (bytes[bit / 8] >> (7 - bit % 8)) & 1U;
}

class BitWriter {
public:
    void put(unsigned value, unsigned bits)
    {
        for (; bits > 0; bits--, count_++) {
            if (count_ % 8 == 0)
                bytes_.push_back(0);
            bytes_.back() |= static_cast<std::uint8_t>(((value >> (bits - 1)) & 1U) << (7 - count_ % 8));
        }
    }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
    std::size_t count_ = 0;
};

// sequence_header_obu() (5.5.1) up to the level: profile (3 bits), still_picture,
// reduced_still_picture_header, timing_info_present_flag, initial_display_delay_present_flag,
// operating_points_cnt_minus_1 (5), operating_point_idc (12), seq_level_idx (5), then seq_tier (1) for the
// higher levels alone.
constexpr std::size_t level_bit = 24;

std::optional<Bytes> with_level(std::span<const std::uint8_t> header, std::uint8_t level_idx)
{
    if (header.size() < 5)
        return std::nullopt;
    const std::uint32_t head = std::uint32_t{header[0]} << 16 | std::uint32_t{header[1]} << 8 | header[2];
    // Bits 3 to 11: all flags and the number of further operating points.
    constexpr std::uint32_t what_moves_the_level = 0x1ff000;
    if ((head & what_moves_the_level) != 0)
        return std::nullopt;
    std::size_t last = header.size() * 8;
    while (last > 0 && !bit_at(header, last - 1))
        last--;
    const unsigned level = header[3] >> 3;
    const std::size_t rest = level_bit + (level > highest_level_without_tier ? 6 : 5);
    if (last <= rest)
        return std::nullopt;
    BitWriter out;
    out.put(head, level_bit);
    out.put(level_idx, 5);
    if (level_idx > highest_level_without_tier)
        out.put(0, 1);
    for (std::size_t bit = rest; bit < last; bit++) // the last one is the first of the trailing bits (5.3.4)
        out.put(bit_at(header, bit), 1);
    return out.take();
}

} // namespace

std::optional<std::uint8_t> av1_level_idx(std::string_view level)
{
    if (level.size() != 3 || level[1] != '.' || level[0] < '2' || level[0] > '7' || level[2] < '0' ||
        level[2] > '3')
        return std::nullopt;
    return static_cast<std::uint8_t>((level[0] - '2') * 4 + (level[2] - '0'));
}

std::optional<Bytes> tidy_temporal_unit(std::span<const std::uint8_t> unit, std::uint8_t level_idx)
{
    Bytes out;
    out.reserve(unit.size() + 2);
    for (std::size_t at = 0; at < unit.size();) {
        const std::size_t begin = at;
        const std::uint8_t head = unit[at++];
        const unsigned type = (head >> 3) & 0xfU;
        const bool has_extension = head & 0x04;
        const bool has_size = head & 0x02;
        if ((head & 0x80) || !has_size || (has_extension && at++ >= unit.size()))
            return std::nullopt;
        const std::size_t header_bytes = at - begin;
        const auto size = read_leb128(unit, at);
        if (!size || *size > unit.size() - at)
            return std::nullopt;
        const auto payload = unit.subspan(at, static_cast<std::size_t>(*size));
        at += payload.size();
        if (type == temporal_delimiter || type == padding)
            continue;
        const auto levelled = type == sequence_header ? with_level(payload, level_idx) : std::nullopt;
        const std::span<const std::uint8_t> kept =
            levelled ? std::span<const std::uint8_t>(*levelled) : payload;
        out.insert(out.end(), unit.begin() + static_cast<std::ptrdiff_t>(begin),
                   unit.begin() + static_cast<std::ptrdiff_t>(begin + header_bytes));
        write_leb128(out, kept.size());
        out.insert(out.end(), kept.begin(), kept.end());
    }
    return out;
}

Bytes av1_configuration(std::uint8_t level_idx)
{
    constexpr std::uint8_t marker_and_version = 0x81;
    constexpr std::uint8_t subsampled_both_ways = 0x0c;
    return {marker_and_version, level_idx, subsampled_both_ways, 0};
}

} // namespace butaca::video
