// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of videotranscode: their values, names and blurbs. The element guards the values with its
// object lock.
#pragma once

#include <memory>
#include <string>

#include <gst/gst.h>

#include "plugins/video/encoder_table.h"

namespace butaca::video {

// All that can be set. The blurbs say what each means.
struct TranscodeProperties {
    Wish wish;
    int width = 0, height = 0, rate_n = 0, rate_d = 1;
    // Shared, for they may be large. Null: nothing is drawn.
    std::shared_ptr<const std::string> subtitle_script;
    std::shared_ptr<GVariant> subtitle_pictures;
};

// Declares all properties; for class_init.
void install_properties(GObjectClass *object);
// Sets or gets the property that install_properties() gave this id. False when there is none. The facts about
// the encoder load its plugin: not to be asked for under a lock.
bool set_property(TranscodeProperties &asked, guint id, const GValue *value);
bool get_property(const TranscodeProperties &asked, guint id, GValue *value);

} // namespace butaca::video
