// SPDX-License-Identifier: LGPL-2.1-or-later
// Walks the length-prefixed units of a packet (ISO/IEC 14496-15 clause 5.3).
#include "pipelines/parameter_sets.h"

#include <optional>
#include <string>
#include <vector>

namespace butaca::pipelines {

namespace {

struct Format {
    bool hevc = false;
    std::size_t length_bytes = 4;
};

std::optional<Format> format_of(GstCaps *caps)
{
    const GstStructure *fields = caps ? gst_caps_get_structure(caps, 0) : nullptr;
    const GValue *value = fields ? gst_structure_get_value(fields, "codec_data") : nullptr;
    if (!value || !GST_VALUE_HOLDS_BUFFER(value))
        return std::nullopt;
    Format format;
    format.hevc = gst_structure_has_name(fields, "video/x-h265");
    if (!format.hevc && !gst_structure_has_name(fields, "video/x-h264"))
        return std::nullopt;
    // lengthSizeMinusOne: byte 4 of avcC, byte 21 of hvcC.
    const std::size_t at = format.hevc ? 21 : 4;
    MappedBuffer map(gst_value_get_buffer(value));
    if (!map || map.bytes().size() <= at)
        return std::nullopt;
    format.length_bytes = (map.bytes()[at] & 3U) + 1U;
    return format;
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
    if (!format || !map)
        return whole;
    const auto bytes = map.bytes();
    std::vector<std::uint8_t> kept;
    kept.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t length = 0;
        if (bytes.size() - at <= format->length_bytes)
            return whole;
        for (std::size_t i = 0; i < format->length_bytes; ++i)
            length = length << 8 | bytes[at + i];
        const std::size_t begin = at + format->length_bytes;
        if (length == 0 || length > bytes.size() - begin)
            return whole;
        if (!is_parameter_set(bytes[begin], format->hevc))
            kept.insert(kept.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(begin + length));
        at = begin + length;
    }
    if (kept.empty() || kept.size() == bytes.size())
        return whole;
    auto trimmed = adopt(gst_buffer_new_memdup(kept.data(), kept.size()));
    gst_buffer_copy_into(trimmed.get(), packet, GST_BUFFER_COPY_METADATA, 0, static_cast<gsize>(-1));
    return trimmed;
}

} // namespace butaca::pipelines
