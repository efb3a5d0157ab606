// SPDX-License-Identifier: LGPL-2.1-or-later
// gst-rtsp-server's media and media factory for a title of ours. The server's own are made for live streams:
// they do not know how long a title is, and call it a broadcast.
#pragma once

#include <functional>
#include <memory>

#include <gst/rtsp-server/rtsp-server.h>

#include "src/base/gobject.h"
#include "src/playback/rtsp/playout.h"

namespace butaca::playback::rtsp {

// Makes a medium for each who asks: every session jumps by itself, and costs little, for nothing is encoded.
// On any thread. `failed` is called, on some thread, once for each medium that cannot go on for good.
Owned<GstRTSPMediaFactory> make_factory(std::shared_ptr<Backend> backend, const Title &title,
                                        std::function<void()> failed);

// What a medium of such a factory plays.
std::shared_ptr<Playout> playout_of(GstRTSPMedia *media);

} // namespace butaca::playback::rtsp
