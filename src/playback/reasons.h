// SPDX-License-Identifier: LGPL-2.1-or-later
// Why the planner does what it does, in words that a viewer understands. Pure.
#pragma once

#include <string>

#include "src/media/facts.h"
#include "src/media/profile.h"
#include "src/media/timeline.h"
#include "src/playback/wishes.h"

namespace butaca::playback {

// Why something is done, in both languages; an empty one means that nothing stands in the way.
struct Reason {
    std::string en;
    std::string es;
    bool none() const { return en.empty(); }
};

// What people call a codec ("HEVC").
std::string name_of(const std::string &codec);
// "854×480".
std::string words(media::Size size);

// What stands in the way of sending this video track as it is.
Reason why_not_copied(const media::VideoTrack &track, const media::VideoTimeline &timeline,
                      const Wishes &wishes);

// Why it is sent as it is, where nothing does: it serves everybody, or somebody asked.
Reason why_copied(bool plays_everywhere);
Reason why_copied(const media::VideoTrack &track);

} // namespace butaca::playback
