// SPDX-License-Identifier: LGPL-2.1-or-later
// What is known of an original without decoding it: container, tracks, tags. Values only; made by the probe
// of VS and AS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/media/chapters.h"
#include "src/media/subtitles.h"

namespace butaca::media {

struct Rational {
    std::int64_t num = 0;
    std::int64_t den = 1;
    friend bool operator==(const Rational &, const Rational &) = default;
};

enum class Kind { video, audio };

// How to get one elementary stream out of the file, and what it is.
struct TrackSource {
    std::string pad;  // the demuxer's source pad that gives this track ("video_0"); "src" for a bare stream
    std::string caps; // the caps after parsing, with codec_data, as gst_caps_from_string() reads them
};

struct VideoTrack {
    unsigned index = 0; // among the video tracks of the asset, from 0
    TrackSource source;
    std::string codec; // "h264", "hevc", "av1", "vp8", "vp9", "mpeg2", "mpeg4", "mjpeg", "prores", "dv",
                       // "theora", "wmv", ...
    std::string profile;
    std::string level;
    unsigned width = 0; // as stored, before rotation and pixel aspect
    unsigned height = 0;
    Rational pixel_aspect{1, 1};
    bool mirrored = false;     // for display left and right are to be exchanged, before it is turned
    unsigned rotation = 0;     // clockwise degrees to turn for display: 0, 90, 180, 270
    Rational frame_rate{0, 1}; // as declared; 0/1 when variable or unknown
    bool interlaced = false;
    unsigned bit_depth = 8;
    std::string colorimetry;
    bool changes = false; // size, colours or decoder configuration do, somewhere in the middle
    bool unshown = false; // some packets are decoded for later ones to refer to, and never shown
    bool decodable = true;
    std::string reason; // why not, for people
};

// How loud a track is as a whole (ITU-R BS.1770-4).
struct Loudness {
    double integrated_lufs = 0;
    double true_peak_dbtp = 0;
    friend bool operator==(const Loudness &, const Loudness &) = default;
};

struct AudioTrack {
    unsigned index = 0;
    TrackSource source;
    std::string
        codec; // "aac", "mp3", "vorbis", "opus", "flac", "pcm", "ac3", "eac3", "alac", "mp2", "wma", ...
    std::string profile;
    unsigned channels = 0;
    unsigned rate = 0;    // samples per second that a decoder gives
    std::string language; // BCP 47, "" when unknown ("und")
    std::string title;
    bool is_default = false;
    bool decodable = true;
    std::string reason;
    bool changes = false;             // channels, rate or decoder configuration do, somewhere in the middle
    std::optional<Loudness> loudness; // once it is measured
};

// A track of the file, or a file beside it ("film.es.srt").
struct SubtitleTrack {
    unsigned index = 0;
    TrackSource source;   // empty for a file beside the film
    std::string format;   // "srt", "webvtt", "ass", "tx3g", "ttml", "pgs", "vobsub", ...
    std::string language; // BCP 47, "" when unknown
    std::string name;
    bool forced = false;
    bool hearing_impaired = false; // describes sounds as well ("sdh")
    bool is_default = false;
    CueForm form = CueForm::text;
    std::string digest; // SHA-256 of its cues (Subtitles::serialize()), 64 hex digits; "" when there are none
    unsigned cues = 0;
    unsigned skipped = 0;  // malformed cues that were left out
    bool decodable = true; // whether its cues could be read
    std::string reason;    // why not, for people
};

struct Tags {
    std::string title, artist, album, genre;
    unsigned track = 0, disc = 0, year = 0;
    std::string album_artist; // who made the album, where that is told
};

// One original, as VS or AS lists it.
struct Asset {
    std::string digest; // SHA-256 of the bytes, 64 hex digits: the asset's name
    Kind kind = Kind::video;
    std::string slug; // the file name without its suffix
    std::uint64_t size_bytes = 0;
    std::string container; // "mp4", "matroska", "mp3", ...
    std::string demuxer; // the GStreamer element that takes it apart ("qtdemux"); a parser for a bare stream
                         // ("mpegaudioparse")
    std::int64_t duration_ns = 0;
    bool broken = false;
    std::string reason; // why it cannot be played, for people
    Tags tags;
    std::vector<VideoTrack> video;
    std::vector<AudioTrack> audio;
    std::vector<SubtitleTrack> subtitles;
    std::vector<Chapter> chapters;        // of the file itself
    std::vector<Chapter> chapters_beside; // of files beside it
    std::string cover;                    // SHA-256 of its Cover's bytes, 64 hex digits; "" when it has none
};

// Its chapters: what lies beside the file was put there by someone who knew better.
inline const std::vector<Chapter> &chapters_of(const Asset &asset)
{
    return asset.chapters_beside.empty() ? asset.chapters : asset.chapters_beside;
}

void write_json(json::Writer &writer, const Asset &asset);
// `invalid_argument` when a field is missing, of the wrong type or out of its documented range: an origin may
// lie.
Result<Asset> asset_from_json(const json::Value &value);

const char *to_string(Kind kind);

} // namespace butaca::media
