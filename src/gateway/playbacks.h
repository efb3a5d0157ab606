// SPDX-License-Identifier: LGPL-2.1-or-later
// POST /api/v1/playbacks.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// 201 {id, hls_url, dash_url, rtsp_url, expires_at, plan}: an item and wishes become signed URLs. 400
// malformed, 404 no such item, 415 the original cannot be played, 422 a wish that cannot be met, 503 with
// Retry-After when the machine is full.
void create_playback(Services &services, const std::shared_ptr<const http::Request> &request,
                     const http::Responder &responder);

} // namespace butaca::gateway
