// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of audiocompress: their values, names and blurbs. The element guards the values with its
// object lock.
#pragma once

#include <cstdint>

#include <gst/gst.h>

#include "plugins/audio/codec_table.h"

namespace butaca::audio {

// All that can be set. The blurbs say what each means.
struct CompressProperties {
    Wish wish;
    std::uint64_t skip_samples = 0, skip_packets = 0, max_packets = 0, first_packet = 0;
};

// Declares all properties; for class_init.
void install_properties(GObjectClass *object);
// Sets or gets the property that install_properties() gave this id. False when there is none. The facts about
// the encoder load its plugin: not to be asked for under a lock.
bool set_property(CompressProperties &asked, guint id, const GValue *value);
bool get_property(const CompressProperties &asked, guint id, GValue *value);

} // namespace butaca::audio
