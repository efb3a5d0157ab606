// SPDX-License-Identifier: LGPL-2.1-or-later
// CODECS of what is sent as it is, out of the decoder configuration that the probe wrote into the track's
// caps. An origin may lie, so anything unexpected is "".
#include <array>
#include <cstdio>
#include <optional>

#include "src/base/encoding.h"
#include "src/media/colour.h"
#include "src/media/levels.h"
#include "src/media/profile.h"
#include "src/media/rendition.h"

namespace butaca::media {

namespace {

// The value of `name=(type)value` in serialized caps, up to the next separator; "" without one.
std::string_view field(std::string_view caps, std::string_view name_and_type)
{
    auto at = caps.find(name_and_type);
    if (at == std::string_view::npos)
        return {};
    caps.remove_prefix(at + name_and_type.size());
    return caps.substr(0, caps.find_first_of(", ;"));
}

std::optional<std::string> codec_data(const std::string &caps)
{
    auto digits = field(caps, "codec_data=(buffer)");
    return digits.empty() ? std::nullopt : from_hex(digits);
}

unsigned byte_at(const std::string &bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

template <typename... Values> std::string printed(const char *format, Values... values)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::string avc_string(const VideoTrack &track)
{
    auto data = codec_data(track.source.caps);
    // avcC: version 1, then profile, constraint flags and level as they stand in the SPS (ISO
    // 14496-15, 5.3.3.1).
    if (!data || data->size() < 7 || byte_at(*data, 0) != 1)
        return {};
    return printed("avc1.%02X%02X%02X", byte_at(*data, 1), byte_at(*data, 2), byte_at(*data, 3));
}

std::uint32_t reversed(std::uint32_t bits)
{
    std::uint32_t result = 0;
    for (unsigned i = 0; i < 32; i++)
        result |= ((bits >> i) & 1U) << (31 - i);
    return result;
}

// ISO 14496-15, E.3: profile space and profile, the compatibility flags backwards, tier and level, and the
// constraint bytes without the empty ones at the end.
std::string hevc_string(const VideoTrack &track)
{
    auto data = codec_data(track.source.caps);
    if (!data || data->size() < 23 || byte_at(*data, 0) != 1)
        return {};
    const unsigned head = byte_at(*data, 1);
    std::uint32_t compatibility = 0;
    for (std::size_t i = 2; i < 6; i++)
        compatibility = compatibility << 8 | byte_at(*data, i);
    std::string text = "hvc1.";
    if (const unsigned space = head >> 6; space > 0)
        text += static_cast<char>('A' + static_cast<char>(space) - 1);
    text += printed("%u.%X.%c%u", head & 31U, reversed(compatibility), head & 0x20U ? 'H' : 'L',
                    byte_at(*data, 12));
    std::size_t last = 12;
    while (last > 6 && byte_at(*data, last - 1) == 0)
        last--;
    for (std::size_t i = 6; i < last; i++)
        text += printed(".%X", byte_at(*data, i));
    return text;
}

constexpr ColourNumbers unknown{};

// ".CC.cp.tc.mc.FF" behind both of the short forms means BT.709 where it is left out, which is near enough to
// all that is neither wider nor brighter.
bool worth_telling(const ColourNumbers &colour)
{
    constexpr std::uint8_t bt2020 = 9;
    constexpr std::uint8_t pq = 16;
    constexpr std::uint8_t hlg = 18;
    return colour.primaries == bt2020 || colour.transfer == pq || colour.transfer == hlg;
}

// Codec ISO Media File Format Binding for VP9, "Codecs Parameter String". What vpcC says is made of the same.
std::string vp9_string(const VideoTrack &track)
{
    const std::string_view chroma = field(track.source.caps, "chroma-format=(string)");
    if (track.profile.size() != 1 || track.profile[0] < '0' || track.profile[0] > '3')
        return {};
    const unsigned profile = static_cast<unsigned>(track.profile[0] - '0');
    const std::string level = level_for("vp9", {track.width, track.height}, {0, 1}, 0);
    std::string text = printed("vp09.%02u.%02u.%02u", profile, level_number("vp9", level), track.bit_depth);
    const ColourNumbers colour = colour_numbers(track.colorimetry).value_or(unknown);
    const unsigned chroma_number = chroma == "4:2:2" ? 2 : chroma == "4:4:4" ? 3 : 1;
    if (worth_telling(colour) || chroma_number != 1)
        text += printed(".%02u.%02u.%02u.%02u.%02u", chroma_number, static_cast<unsigned>(colour.primaries),
                        static_cast<unsigned>(colour.transfer), static_cast<unsigned>(colour.matrix),
                        static_cast<unsigned>(colour.full_range));
    return text;
}

// AV1 Codec ISO Media File Format Binding, 5, out of av1C (2.3.3).
std::string av1_string(const VideoTrack &track)
{
    auto data = codec_data(track.source.caps);
    if (!data || data->size() < 4 || byte_at(*data, 0) != 0x81)
        return {};
    const unsigned shape = byte_at(*data, 2);
    const unsigned depth = !(shape & 0x40U) ? 8 : shape & 0x20U ? 12 : 10;
    std::string text = printed("av01.%u.%02u%c.%02u", byte_at(*data, 1) >> 5, byte_at(*data, 1) & 31U,
                               shape & 0x80U ? 'H' : 'M', depth);
    const bool mono = shape & 0x10U;
    const unsigned across = shape >> 3 & 1U;
    const unsigned down = shape >> 2 & 1U;
    const ColourNumbers colour = colour_numbers(track.colorimetry).value_or(unknown);
    if (worth_telling(colour) || mono || !across || !down)
        text += printed(".%u.%u%u%u.%02u.%02u.%02u.%u", mono ? 1U : 0U, across, down,
                        across && down ? shape & 3U : 0U, static_cast<unsigned>(colour.primaries),
                        static_cast<unsigned>(colour.transfer), static_cast<unsigned>(colour.matrix),
                        colour.full_range ? 1U : 0U);
    return text;
}

} // namespace

std::string copied_codec_string(const VideoTrack &track)
{
    if (track.codec == "h264")
        return avc_string(track);
    if (track.codec == "hevc")
        return hevc_string(track);
    if (track.codec == "vp9")
        return vp9_string(track);
    return track.codec == "av1" ? av1_string(track) : "";
}

std::string copied_codec_string(const AudioTrack &track)
{
    const std::string &caps = track.source.caps;
    auto data = codec_data(caps);
    // AudioSpecificConfig: the first five bits are the object type (ISO 14496-3, 1.6.2.1). Only AAC-LC
    // without extensions behaves the same everywhere.
    if (track.codec == "aac")
        return data && data->size() >= 2 && byte_at(*data, 0) >> 3 == 2 ? "mp4a.40.2" : "";
    if (track.codec == "mp3")
        return "mp4a.40.34";
    if (track.codec == "opus") {
        const auto family = field(caps, "channel-mapping-family=(int)");
        return family == "0" || family == "1" ? "Opus" : "";
    }
    if (track.codec == "flac")
        return caps.find("streamheader=(buffer)<") != std::string::npos ? "fLaC" : "";
    // The box with its head, and ALACSpecificConfig.
    if (track.codec == "alac")
        return data && data->size() >= 36 ? "alac" : "";
    if (track.codec == "ac3")
        return "ac-3";
    return track.codec == "eac3" ? "ec-3" : "";
}

} // namespace butaca::media
