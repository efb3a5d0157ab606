// SPDX-License-Identifier: LGPL-2.1-or-later
// Plans what is done to the sound of a title: which tracks are copied, which are made anew and how.
#pragma once

#include "src/playback/planner.h"
#include "src/playback/reasons.h"

namespace butaca::playback {

// Adds renditions of sound, with their lines of the plan, to a presentation. Everything that is passed must
// outlive it.
class SoundPlanner {
public:
    // `video` is the grid of the pictures that the sound goes with; null for sound alone.
    SoundPlanner(Presentation &into, const Wishes &wishes, const Encoders &encoders,
                 const media::VideoTimeline *video)
        : out_(into), wishes_(wishes), encoders_(encoders), video_(video)
    {
    }

    // All tracks that can be played, the one to begin with marked; for a file only that one. `unprocessable`
    // names the wish that cannot be met.
    Status add_all();

private:
    Status add(const media::AudioTrack &track);
    void add_copy(const media::AudioTrack &track, const media::AudioCopy &copy);
    Status add_encode(const media::AudioTrack &track, const Reason &obstacle);
    Reason why_not_copied(const media::AudioTrack &track) const;
    media::AudioTransform transform_for(const media::AudioTrack &track, const std::string &codec) const;
    std::string words_for(const media::AudioTransform &transform) const;
    std::string wished_codec() const;
    std::string grid(const media::AudioTrack &track, const media::AudioTimeline &timeline,
                     std::uint32_t first_packet) const;
    std::vector<const media::AudioTrack *> usable_tracks() const;
    std::size_t first_choice(const std::vector<const media::AudioTrack *> &tracks) const;

    Presentation &out_;
    const Wishes &wishes_;
    const Encoders &encoders_;
    const media::VideoTimeline *video_;
};

} // namespace butaca::playback
