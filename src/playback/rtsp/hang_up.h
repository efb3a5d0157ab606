// SPDX-License-Identifier: LGPL-2.1-or-later
// Ending a client's sessions and its connection from our side, whatever it is doing.
#pragma once

#include <functional>

#include <gst/rtsp-server/rtsp-server.h>

namespace butaca::playback::rtsp {

// Closes the client's connection; what was answered before is sent. On any thread.
void hang_up(GstRTSPClient *client);

// Made on the client's own thread, while it answers a request: a call that ends the client's sessions and
// hangs up, soon, after what is being answered just then. It may be called on any thread and any number of
// times, also when the client is gone.
std::function<void()> hang_up_later(GstRTSPClient *client);

} // namespace butaca::playback::rtsp
