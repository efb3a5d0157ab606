// SPDX-License-Identifier: LGPL-2.1-or-later
// What subtitleburn draws, without the element around it. Streaming thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <gst/video/video.h>

#include "plugins/subtitle/ass_script.h"
#include "plugins/subtitle/overlay.h"
#include "plugins/subtitle/picture_cues.h"

namespace butaca::subtitle {

class BurnState {
public:
    // Empty `script` and null `pictures`: nothing of this kind. False, with the reason in `why`, when one is
    // malformed; nothing is shown then.
    bool load(const std::string &script, GVariant *pictures, std::string &why);
    void set_frame(const GstVideoInfo &info);

    // Gets the overlay for this time of the script ready. False: nothing shows then.
    bool prepare(std::int64_t time_ns);
    // Blends what prepare() made ready.
    void blend(GstVideoFrame &frame) const { overlay_.blend(frame); }
    // Once for each script: what its fonts lack, for people who read logs; else empty.
    std::string take_complaint();

private:
    struct Key {
        AssScript::Moment script;
        PictureCues::Moment pictures;
    };

    std::unique_ptr<AssScript> script_;
    std::unique_ptr<PictureCues> pictures_;
    std::optional<GstVideoInfo> info_;
    std::optional<Key> made_; // what overlay_ shows
    Overlay overlay_;
    bool complained_ = false;
};

} // namespace butaca::subtitle
