// SPDX-License-Identifier: LGPL-2.1-or-later
// gst-rtsp-server's client with our rules: the path is a signed ticket, a connection has one session, jumps
// begin at keyframes and say so, nothing can be recorded. Each client runs on a thread of its own, which may
// wait for the main loop and for the first segment.
#pragma once

#include <memory>

#include <gst/rtsp-server/rtsp-server.h>

#include "src/base/gobject.h"
#include "src/playback/rtsp/backend.h"

namespace butaca::playback::rtsp {

// A client without a connection yet. A session of its ends after `idle_s` without a sign of life.
Owned<GstRTSPClient> make_client(std::shared_ptr<Backend> backend, unsigned idle_s);

} // namespace butaca::playback::rtsp
