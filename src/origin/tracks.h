// SPDX-License-Identifier: LGPL-2.1-or-later
// What caps and tags say of a track, in our words. Pure but for the registry of installed decoders.
#pragma once

#include <string>

#include "src/base/gst.h"
#include "src/media/facts.h"
#include "src/origin/codecs.h"

namespace butaca::origin {

struct TrackFacts {
    std::string pad;
    Owned<GstCaps> caps;     // after parsing
    Owned<GstTagList> tags;  // may be null
    bool selected = false;   // the container marks it as default
    std::string orientation; // where no tag tells it: the same words out of the file
    bool changes = false;    // the caps do, in the middle
};

media::VideoTrack video_track(const TrackFacts &facts);
media::AudioTrack audio_track(const TrackFacts &facts);
media::SubtitleTrack subtitle_track(const TrackFacts &facts, const std::string &container);

// Forced lines and those that describe sounds are often told by the track's name alone.
void mark_by_name(media::SubtitleTrack &track);

// The picture in a file's tags, the front cover first; "" when there is none that can be shown.
std::string cover_of(const GstTagList *tags);

// Title, artist and so on of the whole file. With `dates_are_of_the_file` a full date is when the file was
// written (MP4, Matroska), which says nothing of the work.
media::Tags file_tags(const GstTagList *tags, bool dates_are_of_the_file);

} // namespace butaca::origin
