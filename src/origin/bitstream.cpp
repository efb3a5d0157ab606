// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/bitstream.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace butaca::origin {

namespace {

bool is_random_access(std::uint8_t first, bool hevc)
{
    if (hevc) {
        unsigned type = first >> 1 & 0x3fU;
        return type >= 16 && type <= 21;
    }
    return (first & 0x1fU) == 5;
}

// The size of the length before each unit, from avcC (ISO/IEC 14496-15, 5.3.3.1) or hvcC (8.3.3.1).
unsigned length_bytes_of(const GstStructure *structure, bool hevc)
{
    const GValue *value = gst_structure_get_value(structure, "codec_data");
    if (!value || !GST_VALUE_HOLDS_BUFFER(value))
        return 0;
    MappedBuffer data(gst_value_get_buffer(value));
    std::size_t position = hevc ? 21 : 4;
    if (!data || data.bytes().size() <= position)
        return 0;
    return (data.bytes()[position] & 3U) + 1;
}

// A VP9 packet of one frame with show_frame 0 (VP9 bitstream specification, 6.2). A superframe (annex B)
// always ends with a shown frame.
bool is_hidden_vp9(GstBuffer *buffer)
{
    std::uint8_t first = 0;
    std::uint8_t last = 0;
    gsize size = gst_buffer_get_size(buffer);
    if (size < 2 || gst_buffer_extract(buffer, 0, &first, 1) != 1 ||
        gst_buffer_extract(buffer, size - 1, &last, 1) != 1)
        return false;
    bool marked = first >> 6 == 2;
    bool superframe = (last & 0xe0U) == 0xc0U;
    // Bits after the marker: profile low, profile high, reserved (profile 3 only), show_existing_frame,
    // frame_type, show_frame.
    bool profile3 = (first & 0x30U) == 0x30U;
    unsigned existing_bit = profile3 ? 2 : 3;
    bool show_existing = first >> existing_bit & 1U;
    bool show_frame = first >> (existing_bit - 2) & 1U;
    return marked && !superframe && !show_existing && !show_frame;
}

// Whether `wanted` holds for the first byte of any NAL unit.
template <typename Wanted>
bool any_unit(std::span<const std::uint8_t> unit, unsigned length_bytes, Wanted wanted)
{
    if (length_bytes == 0) {
        for (std::size_t i = 0; i + 3 < unit.size(); i++) {
            if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1 && wanted(unit[i + 3]))
                return true;
        }
        return false;
    }
    std::size_t position = 0;
    while (unit.size() - position > length_bytes) {
        std::size_t size = 0;
        for (unsigned i = 0; i < length_bytes; i++)
            size = size << 8 | unit[position + i];
        position += length_bytes;
        if (size > unit.size() - position)
            return false;
        if (size > 0 && wanted(unit[position]))
            return true;
        position += size;
    }
    return false;
}

} // namespace

bool has_random_access(std::span<const std::uint8_t> unit, bool hevc, unsigned length_bytes)
{
    return any_unit(unit, length_bytes, [&](std::uint8_t first) { return is_random_access(first, hevc); });
}

bool leads_decodably(std::span<const std::uint8_t> unit, unsigned length_bytes)
{
    // RADL_N and RADL_R.
    return any_unit(unit, length_bytes, [](std::uint8_t first) {
        unsigned type = first >> 1 & 0x3fU;
        return type == 6 || type == 7;
    });
}

bool has_closed_group(std::span<const std::uint8_t> unit)
{
    constexpr std::array<std::uint8_t, 4> group_start{0, 0, 1, 0xb8};
    auto at = std::search(unit.begin(), unit.end(), group_start.begin(), group_start.end());
    if (unit.end() - at < 8)
        return false;
    // 25 bits of time code, closed_gop, broken_link.
    return (at[7] & 0x60U) == 0x40U;
}

void judge_picture(const GstCaps *caps, GstBuffer *buffer, bool find_keyframes, Packet &packet)
{
    if (!caps || gst_caps_get_size(caps) == 0)
        return;
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    std::string_view name = gst_structure_get_name(structure);
    if (name == "video/x-vp8") {
        // RFC 6386, 9.1: bit 4 of the first byte is show_frame.
        std::uint8_t first = 0;
        if (gst_buffer_extract(buffer, 0, &first, 1) == 1 && !(first & 0x10U))
            packet.hidden = true;
        return;
    }
    if (name == "video/x-vp9") {
        packet.hidden = packet.hidden || is_hidden_vp9(buffer);
        return;
    }
    bool hevc = name == "video/x-h265";
    bool mpeg = name == "video/mpeg";
    if (!mpeg && !hevc && name != "video/x-h264")
        return;
    packet.entry = packet.keyframe;
    if (mpeg && !packet.entry)
        return;
    MappedBuffer data(buffer);
    if (!data)
        return;
    if (mpeg) {
        packet.closed_group = has_closed_group(data.bytes());
        return;
    }
    unsigned length_bytes = length_bytes_of(structure, hevc);
    packet.leads_decodably = hevc && leads_decodably(data.bytes(), length_bytes);
    if (find_keyframes)
        packet.keyframe = has_random_access(data.bytes(), hevc, length_bytes);
}

} // namespace butaca::origin
