// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/video/nal.h"

#include <array>
#include <utility>

namespace butaca::video {

namespace {

using Bytes = std::span<const std::uint8_t>;

enum class Kind { picture_or_other, clutter, sei };

Kind kind_of(std::uint8_t header, NalCodec codec)
{
    const int type = codec == NalCodec::h264 ? header & 31 : (header >> 1) & 63;
    if (codec == NalCodec::h264)
        return type == 6 ? Kind::sei : type >= 7 && type <= 9 ? Kind::clutter : Kind::picture_or_other;
    return type == 39 ? Kind::sei : type >= 32 && type <= 35 ? Kind::clutter : Kind::picture_or_other;
}

// True when the SEI holds nothing but one user_data_unregistered message (payloadType 5).
bool only_signs(Bytes nal, NalCodec codec)
{
    std::size_t at = codec == NalCodec::h264 ? 1 : 2;
    if (nal.size() < at + 2 || nal[at++] != 5)
        return false;
    std::size_t size = 0;
    while (at < nal.size() && nal[at] == 255)
        size += nal[at++];
    if (at >= nal.size())
        return false;
    size += nal[at++];
    // What follows the payload is the trailing byte; escape bytes can only make the rest longer, so allow
    // some.
    return at + size < nal.size() && nal.size() - at - size <= 1 + size / 2;
}

std::uint32_t read_u32(Bytes bytes)
{
    return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
           static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

} // namespace

std::optional<std::vector<std::uint8_t>> without_clutter(Bytes access_unit, NalCodec codec)
{
    std::vector<std::uint8_t> kept;
    bool dropped = false;
    for (Bytes rest = access_unit; !rest.empty();) {
        if (rest.size() < 5)
            return std::nullopt;
        const std::size_t size = read_u32(rest);
        if (size == 0 || size > rest.size() - 4)
            return std::nullopt;
        const Bytes nal = rest.subspan(4, size);
        const Kind kind = kind_of(nal[0], codec);
        if (kind == Kind::clutter || (kind == Kind::sei && only_signs(nal, codec)))
            dropped = true;
        else
            kept.insert(kept.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(4 + size));
        rest = rest.subspan(4 + size);
    }
    if (!dropped || kept.empty())
        return std::nullopt;
    return kept;
}

bool set_avc_level(std::span<std::uint8_t> record, std::uint8_t level_idc)
{
    if (record.size() < 7 || record[0] != 1)
        return false;
    std::vector<std::size_t> places = {3};
    std::size_t at = 6;
    for (int i = 0; i < (record[5] & 31); i++) {
        if (record.size() - at < 2)
            return false;
        const std::size_t size = static_cast<std::size_t>(record[at]) << 8 | record[at + 1];
        if (size < 4 || record.size() - at - 2 < size)
            return false;
        places.push_back(at + 2 + 3); // after the NAL header, profile_idc and the constraint flags
        at += 2 + size;
    }
    for (const std::size_t place : places)
        record[place] = level_idc;
    return true;
}

std::optional<std::uint8_t> avc_level_idc(std::string_view level)
{
    static constexpr std::array<std::pair<std::string_view, std::uint8_t>, 25> levels = {
        {{"1", 10},   {"1.0", 10}, {"1b", 9},   {"1.1", 11}, {"1.2", 12}, {"1.3", 13}, {"2", 20},
         {"2.0", 20}, {"2.1", 21}, {"2.2", 22}, {"3", 30},   {"3.0", 30}, {"3.1", 31}, {"3.2", 32},
         {"4", 40},   {"4.0", 40}, {"4.1", 41}, {"4.2", 42}, {"5", 50},   {"5.0", 50}, {"5.1", 51},
         {"5.2", 52}, {"6", 60},   {"6.1", 61}, {"6.2", 62}}};
    for (const auto &[words, idc] : levels)
        if (words == level)
            return idc;
    return std::nullopt;
}

} // namespace butaca::video
