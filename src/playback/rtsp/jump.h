// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of the Range of a PLAY.
#pragma once

#include <gst/rtsp-server/rtsp-server.h>

#include "src/playback/rtsp/playout.h"

namespace butaca::playback::rtsp {

// Has the playout choose what will be played, and replaces what was wished by what gst-rtsp-server shall seek
// for it; by nothing where the place is right already. 457 for what the title does not have.
GstRTSPStatusCode jump(Playout &playout, GstRTSPTimeRange **range, GstSeekFlags *flags);

} // namespace butaca::playback::rtsp
