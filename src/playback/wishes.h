// SPDX-License-Identifier: LGPL-2.1-or-later
// What a viewer asks for (the body of POST /api/v1/playbacks, less the item). Everything may be left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/media/profile.h"
#include "src/playback/container.h"

namespace butaca::playback {

// Which subtitles, and how.
struct SubtitleWish {
    std::string language;          // "" = whichever the title has
    std::optional<unsigned> index; // exactly this track
    bool burn = false;             // inside the picture; else for the player to show

    friend bool operator==(const SubtitleWish &, const SubtitleWish &) = default;
};

struct Wishes {
    std::string video_codec; // "copy", "h264", "hevc", "vp9", "av1", "" = whatever serves best
    unsigned max_height = 0; // 0 = no limit
    std::optional<media::Quality> quality;
    // "copy", "aac", "opus", "flac", "mp3", "ac3", "eac3", "alac", "" = whatever serves best
    std::string audio_codec;
    std::uint64_t audio_bitrate_bps = 0;
    std::string audio_language;
    bool normalize = false; // as loud as other titles
    bool night = false;     // quiet passages louder, loud ones quieter
    // One file of sound alone instead of segments: "mp3", "opus", "m4a" or "flac". No wish of the body: the
    // URL says it.
    std::string file_format;
    std::optional<SubtitleWish> subtitles; // nothing: none by default, all that are text can be switched on
    std::optional<Container> container;    // nothing: whichever the player that asks is known to take

    friend bool operator==(const Wishes &, const Wishes &) = default;
};

// Reads the words of the contract. `invalid_argument` names the field that is of the wrong type or unknown;
// `unprocessable` the wish that is well formed but nothing we offer.
Result<Wishes> wishes_from_json(const json::Value &body);

// A short text form that fits into a signed URL, and back. `invalid_argument` when it is none of ours.
std::string to_text(const Wishes &wishes);
Result<Wishes> wishes_from_text(std::string_view text);

} // namespace butaca::playback
