// SPDX-License-Identifier: LGPL-2.1-or-later
// From the packets that a demuxer gave, in its order, to the index of a track. Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "src/media/index.h"

namespace butaca::origin {

inline constexpr std::int64_t no_time = std::numeric_limits<std::int64_t>::min();

// One packet as the demuxer (or the parser behind it) gave it. Times are stream times: they start where the
// edit list says.
struct Packet {
    std::int64_t pts_ns = no_time;
    std::int64_t dts_ns = no_time;
    std::int64_t duration_ns = no_time;
    // The part of the time axis that the edit in force presents: [first, last).
    std::int64_t shown_from_ns = no_time;
    std::int64_t shown_until_ns = std::numeric_limits<std::int64_t>::max();
    // Samples at its beginning and its end that are decoded but not heard (Opus pre-skip, Matroska's
    // DiscardPadding).
    std::uint32_t unheard_first = 0;
    std::uint32_t unheard_last = 0;
    std::uint64_t offset = 0; // in the file, for bare streams
    std::uint32_t size_bytes = 0;
    bool keyframe = false;
    bool entry = false;           // a stream that begins here can be decoded from here on
    bool closed_group = false;    // and so can what is shown before it but decoded after it
    bool leads_decodably = false; // or this picture at least, which is one of those
    bool hidden = false;          // decoded, never shown (VP8 alternate reference frames)
    bool lost = false;            // hidden because nobody can decode it
    bool starts_alone = true;     // where it is a keyframe: nothing after it refers to what is before it
};

// What was left out, for the log.
struct Dropped {
    unsigned outside_edit = 0;
    unsigned duplicate_time = 0;
    unsigned without_time = 0;
    unsigned hidden = 0;
    unsigned undecodable = 0;
    unsigned needed = 0; // of all these, what a later picture may refer to
};

// The frames of a video track, from the first one that decoding can start at. Of what is decoded after that
// and shown before it, only what needs nothing from before is kept: nobody can show the rest. Where no packet
// says where decoding can start, all are kept. Frames that start outside the presented range of their edit
// are left out, as are all but the first of those with the same time. Packets without a presentation time get
// their decoding time when no packet of the track has one (AVI).
// `dropped.needed` grows where the rest alone does not decode to what the whole does.
media::VideoPackets video_packets(std::vector<Packet> packets, Dropped &dropped);

// How an audio track's times are to be read.
struct AudioClock {
    unsigned rate = 0;
    // How far the container's times may be off: 0 where they are exact. Runs of equal packets within it are
    // put on their exact times.
    std::int64_t grid_ns = 0;
    // Samples per packet where the codec fixes them, else 0: then the durations tell.
    unsigned codec_frame_samples = 0;
    bool with_offsets = false;
    // Where the demuxer makes packets as it reads: how many samples they hold says nothing of those that
    // another run meets.
    bool cut_anywhere = false;
    // The first packet gives no sound, for each gives what it shares with the one before (Vorbis).
    bool lapped = false;
};
media::AudioPackets audio_packets(std::vector<Packet> packets, const AudioClock &clock, Dropped &dropped);

} // namespace butaca::origin
