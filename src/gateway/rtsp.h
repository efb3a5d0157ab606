// SPDX-License-Identifier: LGPL-2.1-or-later
// Playbacks over RTSP: what their signed URL looks like, and what it stands for.
#pragma once

#include <string>

#include "src/gateway/services.h"
#include "src/http/message.h"
#include "src/playback/rtsp/backend.h"

namespace butaca::gateway {

// Opens tickets of playbacks for the RTSP server. `services` must outlive it.
playback::rtsp::Tickets rtsp_tickets(Services &services);

// "rtsp://host:8554/s/TICKET", with the host that the client itself used, or that of public_url; empty when
// RTSP is off or cannot carry this presentation.
std::string rtsp_url(const Services &services, const http::Request &request, const std::string &ticket,
                     const playback::Presentation &presentation);

} // namespace butaca::gateway
