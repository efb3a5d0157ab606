// SPDX-License-Identifier: LGPL-2.1-or-later
// Packed audio: elementary streams after an ID3 tag (RFC 8216, 3.4).
#include <array>

#include "client/check/transport_stream.h"

namespace butaca::client::check {

namespace {

constexpr std::size_t frames_most = 1000000;

// What is after the ID3 tags in front; `time` gets the 33 bits of the private frame that RFC 8216 asks for.
std::string_view after_tags(std::string_view bytes, std::optional<std::int64_t> &time)
{
    constexpr std::string_view owner("com.apple.streaming.transportStreamTimestamp\0", 45);
    while (bytes.starts_with("ID3") && bytes.size() >= 10) {
        std::size_t size = 0;
        for (std::size_t i = 6; i < 10; i++)
            size = size << 7U | (static_cast<unsigned char>(bytes[i]) & 127U);
        const std::string_view tag = bytes.substr(10, size);
        const std::size_t at = tag.find(owner);
        if (at != tag.npos && tag.size() - at >= owner.size() + 8 && !time) {
            ByteReader reader(tag.substr(at + owner.size()));
            time = static_cast<std::int64_t>(reader.number(8) & 0x1ffffffffU);
        }
        bytes.remove_prefix(std::min(bytes.size(), 10 + size));
    }
    return bytes;
}

bool is_adts(std::string_view bytes)
{
    return bytes.size() >= 7 && static_cast<unsigned char>(bytes[0]) == 0xff &&
           (static_cast<unsigned char>(bytes[1]) & 0xf6U) == 0xf0;
}

} // namespace

PackedSegment read_packed_audio(std::string_view bytes, const Place &place, Findings &findings)
{
    PackedSegment segment;
    std::optional<std::int64_t> time;
    bytes = after_tags(bytes, time);
    if (!time)
        findings.add(Rule::audio_timestamp, place);
    Format format;
    if (is_adts(bytes)) {
        const auto head = static_cast<unsigned char>(bytes[2]);
        constexpr std::array<unsigned, 16> rates{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050,
                                                 16000, 12000, 11025, 8000,  7350,  0,     0,     0};
        const unsigned rate = rates[head >> 2U & 15U];
        format.entry = "mp4a";
        format.codecs = "mp4a.40." + std::to_string((head >> 6U) + 1);
        std::vector<Sample> samples;
        std::int64_t frames = 0;
        while (is_adts(bytes) && rate > 0 && samples.size() < frames_most) {
            const std::size_t size = (static_cast<unsigned char>(bytes[3]) & 3U) << 11U |
                                     static_cast<unsigned char>(bytes[4]) << 3U |
                                     static_cast<unsigned char>(bytes[5]) >> 5U;
            const std::int64_t begin = frames * 1024 * 90000 / rate;
            frames++;
            samples.push_back({time.value_or(0) + begin, frames * 1024 * 90000 / rate - begin, false});
            bytes.remove_prefix(std::min(bytes.size(), std::max<std::size_t>(size, 7)));
        }
        Part part = summed_up(0, 90000, false, time.value_or(0), samples);
        part.decode_end = part.decode_begin;
        part.wraps = true;
        if (time)
            segment.parts.push_back(part);
    } else if (bytes.size() >= 2 && static_cast<unsigned char>(bytes[0]) == 0xff) {
        format.entry = "mp3";
        format.codecs = "mp4a.40.34";
    } else if (bytes.starts_with("\x0b\x77")) {
        format.entry = format.codecs = "ac-3";
    }
    if (!format.entry.empty())
        segment.formats.push_back(format);
    return segment;
}

bool looks_like_packed_audio(std::string_view bytes)
{
    return bytes.starts_with("ID3") || bytes.starts_with("\x0b\x77") ||
           (bytes.size() >= 2 && static_cast<unsigned char>(bytes[0]) == 0xff &&
            (static_cast<unsigned char>(bytes[1]) & 0xe0U) == 0xe0);
}

} // namespace butaca::client::check
