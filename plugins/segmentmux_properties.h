// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of `segmentmux`: their values, names and blurbs. The element guards the values with its
// object lock.
#pragma once

#include <string>

#include <gst/gst.h>

#include "src/base/gst.h"

namespace butaca::segmentmux {

inline constexpr guint64 base_decode_time_unset = G_MAXUINT64;
inline constexpr gint opus_pre_skip_of_stream = -1;

// What a stream is muxed with, from its start on. The blurbs say what each means.
struct Settings {
    guint timescale = 0;
    guint64 base_decode_time = base_decode_time_unset;
    guint sequence_number = 1;
    guint chunk_samples = 0;
    guint first_chunk_samples = 0;
    guint composition_shift = 0;
    bool write_edit_list = false;
    bool write_styp = true;
    bool write_sidx = false;
    std::string language = "und";
    bool emit_init = true;
    gint opus_pre_skip = opus_pre_skip_of_stream;
};

// All values. `sample_times` and `decode_times` belong to the next segment, and are taken away when that
// begins.
struct Properties {
    Settings settings;
    Owned<GBytes> sample_times;
    Owned<GBytes> decode_times;
};

// Declares all properties; for class_init.
void install_properties(GObjectClass *object_class);
// Sets or gets the property that install_properties() gave this id. False when there is none.
bool set_property(Properties &properties, guint id, const GValue *value);
bool get_property(const Properties &properties, guint id, GValue *value);

} // namespace butaca::segmentmux
