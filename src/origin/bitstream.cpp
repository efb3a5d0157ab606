// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/bitstream.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "src/origin/av1.h"

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

// Whether a VP9 packet's first frame is a key frame: containers may call intra-only frames so, which leave
// what was before them in the decoder.
bool is_key_vp9(GstBuffer *buffer)
{
    std::uint8_t first = 0;
    if (gst_buffer_extract(buffer, 0, &first, 1) != 1)
        return false;
    const unsigned existing_bit = (first & 0x30U) == 0x30U ? 2 : 3;
    return !(first >> existing_bit & 1U) && !(first >> (existing_bit - 1) & 1U);
}

bool starts_alone_av1(GstBuffer *buffer)
{
    MappedBuffer data(buffer);
    return data && av1_starts_alone(data.bytes());
}

// Whether `wanted` holds for the first byte of any NAL unit.
template <typename Wanted>
bool any_unit(std::span<const std::uint8_t> packet, unsigned length_bytes, Wanted wanted)
{
    bool found = false;
    each_unit(packet, length_bytes,
              [&](std::span<const std::uint8_t> unit) { return found = wanted(unit[0]); });
    return found;
}

} // namespace

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

void each_unit(std::span<const std::uint8_t> packet, unsigned length_bytes,
               const std::function<bool(std::span<const std::uint8_t>)> &visit)
{
    if (length_bytes == 0) {
        static constexpr std::array<std::uint8_t, 3> start{0, 0, 1};
        auto next = [](std::span<const std::uint8_t> bytes) {
            return static_cast<std::size_t>(
                std::search(bytes.begin(), bytes.end(), start.begin(), start.end()) - bytes.begin());
        };
        for (auto rest = packet.subspan(next(packet)); rest.size() > start.size();) {
            rest = rest.subspan(start.size());
            const std::size_t size = next(rest);
            if (size > 0 && visit(rest.first(size)))
                return;
            rest = rest.subspan(size);
        }
        return;
    }
    std::size_t position = 0;
    while (packet.size() - position > length_bytes) {
        std::size_t size = 0;
        for (unsigned i = 0; i < length_bytes; i++)
            size = size << 8 | packet[position + i];
        position += length_bytes;
        if (size > packet.size() - position)
            return;
        if (size > 0 && visit(packet.subspan(position, size)))
            return;
        position += size;
    }
}

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
        packet.starts_alone = is_key_vp9(buffer);
        return;
    }
    if (name == "video/x-av1") {
        if (packet.keyframe)
            packet.starts_alone = starts_alone_av1(buffer);
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
    // Some muxers call pictures keyframes from which a decoder only recovers (ISO/IEC 23008-2, 7.4.2.2).
    if (hevc && packet.keyframe && !find_keyframes)
        packet.starts_alone = has_random_access(data.bytes(), hevc, length_bytes);
    packet.leads_decodably = hevc && leads_decodably(data.bytes(), length_bytes);
    if (find_keyframes)
        packet.keyframe = has_random_access(data.bytes(), hevc, length_bytes);
}

} // namespace butaca::origin
