// SPDX-License-Identifier: LGPL-2.1-or-later
// Small transport streams and packed audio for tests of what reads them (ISO/IEC 13818-1).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace butaca::test {

class TsWriter {
public:
    // `stream_type` of the only stream, 0x1b for H.264.
    explicit TsWriter(unsigned stream_type = 0x1b) : stream_type_(stream_type) {}

    std::string tables(unsigned programs = 1);
    // One PES packet with one picture, or whatever else; `piece_bytes`: the most that a packet carries of it.
    std::string picture(std::uint64_t pts, const std::string &bytes, bool key, std::size_t piece_bytes = 184);

private:
    std::string packet(std::uint16_t pid, bool start, std::string_view &payload, bool key,
                       std::size_t room = 184);
    unsigned stream_type_;
    std::array<unsigned, 3> counters_{}; // of PAT, PMT, stream
};

// A picture of H.264 as a byte stream: parameter sets before a key frame, then a slice.
std::string byte_stream_picture(bool idr, std::size_t size_bytes);

// Frames of AAC-LC at 48 kHz, each of this size, after the ID3 tag with the time if there is one to be.
std::string packed_aac(std::uint64_t time_90k, unsigned frames, std::size_t frame_bytes,
                       bool with_time = true);

} // namespace butaca::test
