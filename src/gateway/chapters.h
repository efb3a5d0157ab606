// SPDX-License-Identifier: LGPL-2.1-or-later
// GET /s/{token}/chapters.json and chapters.vtt: the named parts of a title, for players.
#pragma once

#include <memory>

#include "src/gateway/services.h"
#include "src/http/message.h"

namespace butaca::gateway {

// 404 where the title has none, 403 for a token that is none.
void send_chapters_json(Services &services, const std::shared_ptr<const http::Request> &request,
                        const http::Responder &responder);

// The same as WebVTT in one language: `?language=`, else the first that there is.
void send_chapters_vtt(Services &services, const std::shared_ptr<const http::Request> &request,
                       const http::Responder &responder);

} // namespace butaca::gateway
