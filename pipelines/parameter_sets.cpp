// SPDX-License-Identifier: LGPL-2.1-or-later
// Walks the units of a packet (ISO/IEC 14496-15 clause 5.3; ISO/IEC 14496-10 Annex B).
#include "pipelines/parameter_sets.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace butaca::pipelines {

namespace {

using Bytes = std::span<const std::uint8_t>;

struct Format {
    bool hevc = false;
    std::size_t length_bytes = 0; // 0: start codes instead of lengths
};

std::optional<Format> format_of(GstCaps *caps)
{
    const GstStructure *fields = caps ? gst_caps_get_structure(caps, 0) : nullptr;
    if (!fields)
        return std::nullopt;
    Format format;
    format.hevc = gst_structure_has_name(fields, "video/x-h265");
    if (!format.hevc && !gst_structure_has_name(fields, "video/x-h264"))
        return std::nullopt;
    const GValue *value = gst_structure_get_value(fields, "codec_data");
    if (!value || !GST_VALUE_HOLDS_BUFFER(value))
        return format;
    // lengthSizeMinusOne: byte 4 of avcC, byte 21 of hvcC.
    const std::size_t at = format.hevc ? 21 : 4;
    MappedBuffer map(gst_value_get_buffer(value));
    if (!map || map.bytes().size() <= at)
        return std::nullopt;
    format.length_bytes = (map.bytes()[at] & 3U) + 1U;
    return format;
}

// Calls `visit(unit, whole)` for each unit, `whole` with its length or start code; false when the bytes are
// not cut as the format says.
template <typename Visit> bool each_length_prefixed(Bytes bytes, std::size_t length_bytes, const Visit &visit)
{
    while (!bytes.empty()) {
        if (bytes.size() <= length_bytes)
            return false;
        std::size_t length = 0;
        for (std::size_t i = 0; i < length_bytes; ++i)
            length = length << 8 | bytes[i];
        if (length == 0 || length > bytes.size() - length_bytes)
            return false;
        visit(bytes.subspan(length_bytes, length), bytes.first(length_bytes + length));
        bytes = bytes.subspan(length_bytes + length);
    }
    return true;
}

template <typename Visit> void each_after_start_code(Bytes bytes, const Visit &visit)
{
    for (std::size_t at = 0; at + 3 < bytes.size(); ++at)
        if (bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1)
            visit(bytes.subspan(at + 3), bytes.subspan(at));
}

Entry entry_in(Bytes unit, bool hevc)
{
    if (hevc) {
        const unsigned type = unit[0] >> 1 & 0x3fU;
        return type >= 16 && type <= 21 ? Entry::clean : Entry::none;
    }
    const unsigned type = unit[0] & 0x1fU;
    if (type == 5)
        return Entry::clean;
    // SEI whose first message is a recovery point (ISO/IEC 14496-10 D.1.8).
    return type == 6 && unit.size() > 1 && unit[1] == 6 ? Entry::later : Entry::none;
}

bool is_parameter_set(std::uint8_t first, bool hevc)
{
    if (hevc) {
        const unsigned type = first >> 1 & 0x3fU;
        return type >= 32 && type <= 35;
    }
    const unsigned type = first & 0x1fU;
    return type >= 7 && type <= 9;
}

} // namespace

Owned<GstBuffer> without_parameter_sets(GstBuffer *packet, GstCaps *caps)
{
    auto whole = adopt(gst_buffer_copy(packet));
    const auto format = format_of(caps);
    MappedBuffer map(packet);
    if (!format || format->length_bytes == 0 || !map)
        return whole;
    std::vector<std::uint8_t> kept;
    kept.reserve(map.bytes().size());
    const auto keep = [&](Bytes unit, Bytes with_length) {
        if (!is_parameter_set(unit[0], format->hevc))
            kept.insert(kept.end(), with_length.begin(), with_length.end());
    };
    if (!each_length_prefixed(map.bytes(), format->length_bytes, keep))
        return whole;
    if (kept.empty() || kept.size() == map.bytes().size())
        return whole;
    auto trimmed = adopt(gst_buffer_new_memdup(kept.data(), kept.size()));
    gst_buffer_copy_into(trimmed.get(), packet, GST_BUFFER_COPY_METADATA, 0, static_cast<gsize>(-1));
    return trimmed;
}

Entry entry_at(GstBuffer *packet, GstCaps *caps)
{
    const auto format = format_of(caps);
    MappedBuffer map(packet);
    if (!format || !map)
        return Entry::clean;
    Entry best = Entry::none;
    const auto look = [&](Bytes unit, Bytes) { best = std::max(best, entry_in(unit, format->hevc)); };
    if (format->length_bytes > 0)
        each_length_prefixed(map.bytes(), format->length_bytes, look);
    else
        each_after_start_code(map.bytes(), look);
    return best;
}

bool is_disposable(GstBuffer *packet, GstCaps *caps)
{
    const auto format = format_of(caps);
    MappedBuffer map(packet);
    if (!format || format->hevc || format->length_bytes == 0 || !map)
        return false;
    bool has_slice = false;
    bool is_reference = false;
    const bool whole = each_length_prefixed(map.bytes(), format->length_bytes, [&](Bytes unit, Bytes) {
        const unsigned type = unit[0] & 0x1fU;
        has_slice = has_slice || (type >= 1 && type <= 5);
        is_reference = is_reference || (type >= 1 && type <= 5 && (unit[0] & 0x60U) != 0);
    });
    return whole && has_slice && !is_reference;
}

} // namespace butaca::pipelines
