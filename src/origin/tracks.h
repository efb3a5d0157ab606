// SPDX-License-Identifier: LGPL-2.1-or-later
// What caps and tags say of a track, in our words. Pure but for the registry of installed decoders.
#pragma once

#include <string>

#include "src/base/gst.h"
#include "src/media/facts.h"

namespace butaca::origin {

enum class TrackKind { video, audio, subtitle, other };

// What kind of track caps stand for; pictures count as video.
TrackKind kind_of(const GstCaps *caps);

// The name of a codec as facts.h lists them ("h264"), or the caps' own name where we have none.
std::string codec_of(const GstCaps *caps);

// The element that brings packets of these caps into the form that decoders and copies take, and the caps it
// has to give; empty where the demuxer's packets will do.
struct ParserChoice {
    std::string element;
    std::string output_caps;
};
ParserChoice parser_for(const GstCaps *caps);

// Samples in each packet where the codec fixes them, else 0.
unsigned codec_frame_samples(const GstCaps *caps);

struct TrackFacts {
    std::string pad;
    Owned<GstCaps> caps;    // after parsing
    Owned<GstTagList> tags; // may be null
    bool selected = false;  // the container marks it as default
};

media::VideoTrack video_track(const TrackFacts &facts);
media::AudioTrack audio_track(const TrackFacts &facts);
media::SubtitleTrack subtitle_track(const TrackFacts &facts, const std::string &container);

// Title, artist and so on of the whole file. With `dates_are_of_the_file` a full date is when the file was
// written (MP4, Matroska), which says nothing of the work.
media::Tags file_tags(const GstTagList *tags, bool dates_are_of_the_file);

} // namespace butaca::origin
