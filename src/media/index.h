// SPDX-License-Identifier: LGPL-2.1-or-later
// The packet index of an asset: every video frame's exact time and every audio packet, made at scan time
// without decoding. Timelines are computed from it alone. Times are presentation times in nanoseconds on the
// asset's own time axis, that is after edit lists (GStreamer: stream time); they may be negative for packets
// that exist only to prime a decoder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace butaca::media {

// All frames that are presented, in the order of presentation, strictly ascending in time.
struct VideoPackets {
    std::vector<std::int64_t> pts_ns;
    std::int64_t end_ns = 0;               // when the last frame ends
    std::vector<std::uint32_t> size_bytes; // compressed size of each of them
    // Frames (positions in pts_ns) at which decoding can start: every frame from there on in presentation
    // order comes out right.
    std::vector<std::uint32_t> keyframes;
    // Those of them that no earlier-presented frame follows in decoding order (closed GOP): where a copied
    // segment may begin.
    std::vector<std::uint32_t> clean_keyframes;
    // By how many places a frame is decoded later than it is shown, at the most (B-frames); 0 when there is
    // no reordering.
    std::uint32_t reorder = 0;
};

struct AudioPackets {
    std::vector<std::int64_t> pts_ns;      // in the order of the stream
    std::vector<std::uint32_t> size_bytes; // compressed
    std::vector<std::uint64_t>
        offset; // byte position in the file, for bare streams that are read from there; else empty
    std::int64_t heard_from_ns = 0; // what lies before it only primes the decoder
    std::int64_t end_ns = 0;        // when the last sample that is to be heard ends
    unsigned frame_samples = 0;     // samples per packet when all are alike, else 0
    bool told_at_end =
        false; // the container tells when a packet ends, not when it begins (Vorbis, by some muxers)
    bool contiguous = false; // each packet begins within one sample of where the one before it ends
};

struct PacketIndex {
    std::vector<VideoPackets> video; // by VideoTrack::index
    std::vector<AudioPackets> audio; // by AudioTrack::index

    // The binary form, version and checksum included: second differences as variable-length integers, about 2
    // bytes a packet.
    std::string serialize() const;
    // Reads it back; `invalid_argument` on anything else. Never reads or allocates beyond what `bytes` can
    // hold.
    static Result<PacketIndex> parse(std::string_view bytes);
};

} // namespace butaca::media
