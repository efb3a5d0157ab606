// SPDX-License-Identifier: LGPL-2.1-or-later
// What a worker is told to make: one segment (or one init segment) of one rendition, with all facts that it
// needs. A worker knows no timelines, no catalogue and no wishes. Values only; the wire form is JSON
// (job_to_json, job_from_json).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace butaca::pipelines {

// Where the original's bytes are.
struct Origin {
    // "vs" or "as"; "file" (a path in addresses[0]) only for a worker started with --allow-files.
    std::string scheme;
    std::vector<std::string> addresses; // host:port, the first one first
    std::string digest;
    std::string ticket; // signed by AppS for this asset; expires
    std::string demuxer;
    std::string pad;
    std::string caps;
};

// Subtitles to draw into the pictures.
struct Burn {
    std::string path;         // of the file that holds the cues, on this machine; empty: none
    std::int64_t zero_ns = 0; // where presentation time 0 lies on the cues' axis
};

// One segment of encoded or copied video.
struct VideoJob {
    std::uint32_t timescale = 0;
    std::vector<std::int64_t> ticks; // n+1 presentation ticks of the segment's pictures and its end
    std::vector<std::int64_t>
        decode_ticks;                 // n+1 decode ticks in decoding order; empty: the presentation ticks
    std::vector<std::int64_t> pts_ns; // n times on the source's own axis, by which the decoded frames are
                                      // found; when interlaced, half as many as there are pictures
    // The same of the frames just before and after these, where there are any: with a variable frame rate
    // they may lie so near that only they tell which frame is meant.
    std::optional<std::int64_t> before_ns;
    std::optional<std::int64_t> after_ns;
    std::int64_t seek_ns = 0; // the source time of the keyframe to start decoding from
    std::size_t pictures_per_frame() const { return interlaced && !copy && !keyframe ? 2 : 1; }
    bool copy = false;
    bool keyframe = false; // one picture alone, the first of its frame; encode only
    // For encode:
    std::string codec = "h264";
    unsigned width = 0; // of the output picture, square pixels
    unsigned height = 0;
    bool mirrored = false; // left and right are exchanged, before it is turned
    unsigned rotation = 0;
    std::string level; // "3.1"
    unsigned constant_quality = 23;
    std::uint64_t max_bitrate_bps = 0;
    bool interlaced = false;         // the source; each of its frames makes two pictures
    std::int64_t frame_rate_num = 0; // 0 when variable
    std::int64_t frame_rate_den = 1;
    Burn burn; // encode only
};

// One segment of encoded or copied audio.
struct AudioJob {
    std::uint32_t source_rate = 0;
    std::uint32_t rate = 0; // of the output
    std::uint32_t frame_samples = 0;
    std::int64_t first_frame = 0; // in the rendition's own frames
    // Frames of the rendition before presentation time 0: what a decoder needs before it gives the first
    // sample whole. A file that says how much of it to skip has them; segments of a playlist do not.
    std::int64_t lead_frames = 0;
    std::int64_t frame_count = 0;
    std::int64_t cut_samples = 0; // of the first frame of all, before presentation time 0; copies only
    std::int64_t total_samples =
        0; // of the whole rendition: beyond it there is silence, and the last frame's duration is cut
    std::int64_t zero_ns = 0; // where presentation time 0 lies on the source's axis
    bool copy = false;
    // When every packet of the source holds equally many samples without gaps: how many, and when the first
    // packet of the stream begins. Then samples are placed exactly even where the container rounds times
    // (Matroska). 0: trust each packet's own time.
    std::uint32_t packet_samples = 0;
    std::int64_t packets_from_ns = 0;
    // When packets differ in length but follow each other without gaps: the exact time of one of those that
    // the segment is decoded from, which the container's own time comes near. Then the others are counted
    // from it.
    std::optional<std::int64_t> anchor_ns;
    bool told_at_end = false; // the container tells when a packet ends, not when it begins
    // For copy: the packets [first_packet, first_packet + frame_count) of the source, whose first one begins
    // at seek_ns.
    std::int64_t seek_ns = 0;
    // For encode:
    std::string codec = "aac";
    std::uint64_t bitrate_bps = 128000;
    bool constant_rate = false; // every packet of the same size
    unsigned channels = 2;
    std::int32_t gain_mdb = 0; // thousandths of a decibel
    bool night = false;        // with less between loud and quiet
    // Bare streams (MP3): the source's packets are counted from a byte position instead of trusting the
    // parser's clock. For encode the planner goes back far enough for the decoder to settle (MP3: 12
    // packets).
    std::int64_t byte_offset = -1;
    std::int64_t byte_offset_pts_ns = 0;
};

// One picture of a sheet.
struct Tile {
    std::int64_t pts_ns = 0;   // of the source's frame
    std::int64_t reach_ns = 0; // how far from there a decoded frame may lie and still be that one
    std::int64_t seek_ns = 0;  // the source time of the keyframe to start decoding from, not later
};

// A sheet of small pictures, side by side and row after row, as one JPEG.
struct SheetJob {
    std::vector<Tile> tiles;  // ascending in time
    unsigned tile_width = 0;  // a multiple of 8, square pixels
    unsigned tile_height = 0; // even
    unsigned columns = 1;
    bool mirrored = false; // as in VideoJob
    unsigned rotation = 0;
    bool interlaced = false; // the source; the first field is shown then
    unsigned jpeg_quality = 80;
};

struct Job {
    std::uint64_t id = 0;
    std::string rendition; // identity: a worker warm for it is preferred
    std::uint32_t segment = 0;
    bool init_only = false; // make just the init segment
    Origin origin;
    // Exactly one of the three is meant.
    bool is_video = true;
    bool is_sheet = false; // then is_video says nothing
    VideoJob video;
    AudioJob audio;
    SheetJob sheet;
};

std::string job_to_json(const Job &job);
// `invalid_argument` when a field is missing or out of range.
Result<Job> job_from_json(const json::Value &value);

} // namespace butaca::pipelines
