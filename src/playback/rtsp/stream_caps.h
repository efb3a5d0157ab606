// SPDX-License-Identifier: LGPL-2.1-or-later
// How GStreamer names the streams in our segments. Pure.
#pragma once

#include "src/base/gst.h"
#include "src/playback/ts/cmaf_reader.h"

namespace butaca::playback::rtsp {

// The caps of a track's samples, as its init segment describes it.
Owned<GstCaps> stream_caps(const ts::Track &track);

// The payloader that takes such samples ("rtph264pay").
const char *payloader_for(ts::Codec codec);

} // namespace butaca::playback::rtsp
