// SPDX-License-Identifier: LGPL-2.1-or-later
// Packs a finished or growing CMAF segment as an MPEG transport stream, for players that cannot jump in HLS
// of MP4 (docs/decisions/transport-streams.md). Nothing is encoded anew, and the result is a pure function of
// the segment.
//
// Our own files know no decode time below 0, so the first pictures of a title share the duration of the first
// (docs/segments.md). Here there is room before time 0, and they are decoded a frame apart like all others:
// players find a segment by how much later its first decode time is than that of the title.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/playback/presentation.h"
#include "src/playback/ts/cmaf_reader.h"
#include "src/playback/ts/packet_writer.h"

namespace butaca::playback::ts {

// Time 0 of a title on the stream's own clock of 90 kHz, and how much earlier than it is decoded everything
// arrives. The same for all renditions. What lies between is for pictures that are decoded before time 0.
inline constexpr std::uint64_t zero_time = 126000;
inline constexpr std::uint64_t lead_time = 63000;

class Packager {
public:
    // `init` is the rendition's init segment, `number` the segment's. Errors as read_init(); `unsupported` as
    // well for what is neither H.264 nor AAC that ADTS can describe.
    static Result<Packager> make(ByteView init, std::int64_t number);

    // Takes the next piece of the segment; gives the packets that are ready. `internal` when it is no segment
    // of ours.
    Result<std::string> feed(ByteView piece);
    // The rest. `internal` when the segment broke off.
    Result<std::string> finish();

private:
    Packager(Track track, std::int64_t number);
    Status take(const Sample &sample);
    Status take_picture(const Sample &sample);
    Status take_sound(const Sample &sample);
    Result<std::string> access_unit(const Sample &sample) const;
    void add_head();
    void add(Unit unit, std::uint64_t decode_time);
    std::uint64_t time_of(std::int64_t ticks) const;

    Track track_;
    SampleReader reader_;
    PacketWriter writer_;
    // The first pictures of a title, without decode times, until it is known by how many places they are
    // decoded early; the ticks at which the first one is shown, and the first of the others.
    bool holds_head_;
    std::vector<Unit> head_;
    std::int64_t start_ = 0;
    std::int64_t second_ = std::numeric_limits<std::int64_t>::max();
};

// What a rendition needs of the line when it is sent so, from what it needs as CMAF and its frames (of
// picture or sound) per second: each is a PES packet, with its headers and half a packet of stuffing; and its
// segments per second: each has its tables and ends with a whole round of the continuity counter.
Bandwidth bandwidth(const Bandwidth &of_cmaf, Codec codec, double frames_per_s, double segments_per_s);

} // namespace butaca::playback::ts
