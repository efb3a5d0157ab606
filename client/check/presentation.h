// SPDX-License-Identifier: LGPL-2.1-or-later
// All that is known of what was checked: playlists, and what their segments were reduced to. Pure values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/check/media.h"
#include "client/check/playlist.h"
#include "client/check/sample_entry.h"
#include "client/check/transport_stream.h"
#include "client/check/webvtt.h"

namespace butaca::client::check {

enum class Packing { unknown, mp4, transport_stream, packed_audio, webvtt };
enum class Role { variant, rendition, subtitles, iframes };

struct SegmentFacts {
    bool looked_at = false; // fetched whole and read
    std::uint64_t size_bytes = 0;
    std::vector<Part> parts;
    std::map<std::uint16_t, Counters> counters;
    TextSegment text;

    // The pictures, else the first part; null without any.
    const Part *main() const;
};

// One media playlist with all that it names.
struct Stream {
    std::string url;
    std::string name; // in findings
    Role role = Role::variant;
    MediaPlaylist list;
    std::vector<SegmentFacts> segments; // as many as the playlist has
    std::vector<Format> formats;
    Packing packing = Packing::unknown;

    // Keeps a format that is not known yet.
    void add_format(const Format &format);
    bool all_looked_at() const;
    bool has_pictures() const;
    const SegmentFacts *first() const; // the first segment if it was looked at and has parts; else null
    // The usual distance of samples of the main track; 0 when not known.
    double frame_s() const;
    // When the last picture or sample of a part of the main track is over, if it lasts as long as usual.
    // Where pictures come at uneven times, the least that is usual, here or in the whole, counts.
    double shown_end_s(const Part &part) const;
    // What its media last, or what EXTINF says where not all were looked at.
    double duration_s() const;
};

struct Presentation {
    std::string name; // of the playlist that was asked for
    std::optional<MultivariantPlaylist> multivariant;
    std::vector<Stream> streams; // each playlist once, the first variant first
    // By position in the lists of `multivariant`; nothing where the playlist is not there.
    std::vector<std::optional<std::size_t>> variants;
    std::vector<std::optional<std::size_t>> media;
    std::vector<std::optional<std::size_t>> iframes;

    // Of the first stream with pictures; 0 without any.
    double picture_frame_s() const;
    // What plays together with a variant: of each group that it names, the streams in it.
    std::vector<std::vector<const Stream *>> groups_of(const Variant &variant, const Stream *own) const;
};

double seconds(std::int64_t ticks, std::uint32_t timescale);

// The largest bit rate of any run of segments that lasts between half and one and a half times the target
// duration (RFC 8216, 4.1), and that of the whole. Needs all segments.
double peak_bps(const Stream &stream);
double average_bps(const Stream &stream);

} // namespace butaca::client::check
