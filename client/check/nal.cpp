// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/nal.h"

namespace butaca::client::check {

namespace {

// Of a unit that begins with this byte: is it a slice of an IDR picture (true), of another one (false), or no
// slice at all (nothing)?
std::optional<bool> is_idr_slice(unsigned char head, bool hevc)
{
    const unsigned type = hevc ? head >> 1U & 63U : head & 31U;
    if (hevc)
        return type < 32 ? std::optional(type == 19 || type == 20) : std::nullopt;
    return type >= 1 && type <= 5 ? std::optional(type == 5) : std::nullopt;
}

// Calls `look` with each unit that follows a start code, until it says that it has seen enough.
template <typename Look> void each_unit(std::string_view bytes, Look look)
{
    constexpr std::string_view start_code("\0\0\1", 3);
    std::size_t at = bytes.find(start_code);
    while (at != bytes.npos && at + 3 < bytes.size()) {
        if (look(bytes.substr(at + 3)))
            return;
        at = bytes.find(start_code, at + 3);
    }
}

} // namespace

std::optional<bool> has_idr(std::string_view sample, const Format &format)
{
    const bool hevc = is_hevc(format.entry);
    if (format.nal_length_bytes == 0 || (!hevc && !is_h264(format.entry)))
        return std::nullopt;
    ByteReader reader(sample);
    while (!reader.rest().empty()) {
        const std::uint64_t size = reader.number(format.nal_length_bytes);
        const std::string_view unit = reader.bytes(size);
        if (!reader.ok() || unit.empty())
            return std::nullopt;
        if (const auto idr = is_idr_slice(static_cast<unsigned char>(unit[0]), hevc))
            return idr;
    }
    return std::nullopt;
}

std::optional<bool> has_idr_in_byte_stream(std::string_view bytes, bool hevc)
{
    std::optional<bool> found;
    each_unit(bytes, [&](std::string_view unit) {
        found = is_idr_slice(static_cast<unsigned char>(unit[0]), hevc);
        return found.has_value();
    });
    return found;
}

std::optional<std::string_view> avc_profile_in_byte_stream(std::string_view bytes)
{
    std::optional<std::string_view> found;
    each_unit(bytes, [&](std::string_view unit) {
        constexpr unsigned sequence_parameter_set = 7;
        if ((static_cast<unsigned char>(unit[0]) & 31U) == sequence_parameter_set && unit.size() >= 4)
            found = unit.substr(1, 3);
        return found.has_value();
    });
    return found;
}

} // namespace butaca::client::check
